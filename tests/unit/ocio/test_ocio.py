from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from finisher.look import CDL, Grade, Look
from finisher.ocio import cdl, cubes, looks
from finisher.problems import DocumentError

MATCH = CDL((1.1, 0.95, 1.0), (0.01, 0.0, -0.02), (1.05, 0.9, 1.0), 0.9)
TRIM = CDL((0.9, 1.0, 1.1), (0.0, 0.03, 0.0), (1.0, 1.2, 0.95), 1.2)
CORRECTION = (
    '<ColorCorrection id="{id}"><SOPNode><Slope>{slope} 1 1</Slope><Offset>0 0 0</Offset>'
    "<Power>1 1 1</Power></SOPNode><SatNode><Saturation>1</Saturation></SatNode></ColorCorrection>"
)


def table(size: int, gain: float = 1.0, head: str = "") -> str:
    rows = [
        f"{r * gain:.6f} {g * gain:.6f} {b * gain:.6f}"
        for b in np.linspace(0, 1, size)
        for g in np.linspace(0, 1, size)
        for r in np.linspace(0, 1, size)
    ]
    return f"{head}LUT_3D_SIZE {size}\n" + "\n".join(rows) + "\n"


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def look(path: Path) -> Look:
    return Look(path.stem, str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def by_formula(cdl: CDL, rgb: np.ndarray) -> np.ndarray:
    lit = rgb * cdl.slope + cdl.offset
    bent = np.where(lit > 0, np.abs(lit) ** cdl.power, lit)
    luma = (bent @ (0.2126, 0.7152, 0.0722))[..., None]
    return luma + cdl.saturation * (bent - luma)


def grid(size: int) -> np.ndarray:
    b, g, r = np.meshgrid(*[np.linspace(0, 1, size)] * 3, indexing="ij")
    return np.stack([r, g, b], axis=-1)


def refused(path: Path) -> str:
    with pytest.raises(DocumentError) as caught:
        looks.check_look(path)
    (problem,) = caught.value.problems
    assert problem.where is not None
    assert problem.where.file == str(path)
    assert "finisher-look-" not in str(problem), "the copy's name is nobody's business"
    return problem.code


def test_an_identity_cube_is_the_lattice_blue_green_red() -> None:
    cube = cubes.cube(Grade(), 5)
    assert cube.shape == (5, 5, 5, 3)
    assert cube.dtype == np.float32
    assert np.array_equal(cube, grid(5).astype(np.float32))
    assert cube[4, 2, 0].tolist() == [0.0, 0.5, 1.0]


def test_match_comes_before_the_cdl_and_nothing_is_clamped_between() -> None:
    wanted = by_formula(TRIM, by_formula(MATCH, grid(7)))
    assert wanted.max() > 1
    assert wanted.min() < 0
    # Single precision, through two powers.
    assert np.abs(cubes.cube(Grade(MATCH, TRIM), 7) - wanted).max() < 2e-6


def test_a_look_comes_last(tmp_path: Path) -> None:
    half = look(write(tmp_path / "half.cube", table(2, 0.5)))
    wanted = 0.5 * np.clip(by_formula(MATCH, grid(5)), 0, 1)
    assert np.abs(cubes.cube(Grade(MATCH, look=half), 5) - wanted).max() < 2e-6


def test_domains_shapers_and_curves_are_read_for_what_they_are(tmp_path: Path) -> None:
    wide = table(5, head="DOMAIN_MIN -0.5 -0.5 -0.5\nDOMAIN_MAX 1.5 1.5 1.5\n")
    at = cubes.cube(Grade(look=look(write(tmp_path / "wide.cube", wide))), 3)
    assert np.abs(at - (grid(3) + 0.5) / 2).max() < 1e-6
    curve = "LUT_1D_SIZE 3\n0 0 0\n0.4 0.5 0.6\n1 1 1\n"
    at = cubes.cube(Grade(look=look(write(tmp_path / "curve.cube", curve))), 3)
    assert np.allclose(at[1, 1, 1], (0.4, 0.5, 0.6), atol=1e-6)
    head, rows = "LUT_1D_SIZE 2\nLUT_3D_SIZE 2\n0 0 0\n0.5 0.5 0.5\n", table(2).split("\n", 1)[1]
    at = cubes.cube(Grade(look=look(write(tmp_path / "shaped.cube", head + rows))), 3)
    assert np.abs(at - grid(3) / 2).max() < 1e-6


def test_a_changed_file_is_noticed_and_never_served_from_memory(tmp_path: Path) -> None:
    path = write(tmp_path / "look.cube", table(2, 0.5))
    first = look(path)
    assert cubes.cube(Grade(look=first), 2).max() == 0.5
    path.write_text(table(2, 0.25))
    with pytest.raises(DocumentError, match="changed since"):
        cubes.cube(Grade(look=first), 2)
    assert cubes.cube(Grade(look=look(path)), 2).max() == 0.25


@pytest.mark.parametrize("name", ["a b's $HOME, 50%.cube", "größe.CUBE", "a:b.cube"])
def test_any_file_name_will_do(tmp_path: Path, name: str) -> None:
    looks.check_look(write(tmp_path / name, table(2)))


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("short.cube", "\n".join(table(3).splitlines()[:-4]), "look-unreadable"),
        ("half-a-line.cube", table(3)[:100], "look-unreadable"),
        ("empty.cube", "", "look-unreadable"),
        ("prose.cube", "hello world\n", "look-unreadable"),
        ("nan.cube", table(3).replace("0.500000 0.500000 0.500000", "nan 0.5 0.5"), "NF"),
        ("inf.cube", table(3).replace("0.500000 0.500000 0.500000", "0.5 inf 0.5"), "NF"),
        ("picture.png", "PNG", "look-unsupported"),
        ("nothing", "", "look-unsupported"),
        ("broken.clf", "<ProcessList>", "look-unreadable"),
    ],
)
def test_broken_looks_are_refused(tmp_path: Path, name: str, text: str, code: str) -> None:
    wanted = "look-not-finite" if code == "NF" else code
    assert refused(write(tmp_path / name, text)) == wanted


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere.cube") == "look-missing"
    assert refused(tmp_path) == "look-missing"


def test_a_collection_must_hold_one_correction(tmp_path: Path) -> None:
    one, two = (CORRECTION.format(id=name, slope=s) for name, s in (("x", 1.1), ("y", 1.2)))
    wrap = "<ColorCorrectionCollection>{}</ColorCorrectionCollection>"
    single = write(tmp_path / "one.ccc", wrap.format(one))
    assert np.isclose(cubes.cube(Grade(look=look(single)), 2)[0, 0, 1, 0], 1.1)
    assert refused(write(tmp_path / "two.ccc", wrap.format(one + two))) == "look-ambiguous"


@pytest.mark.parametrize("suffix", [".cc", ".ccc", ".cdl"])
def test_a_written_cdl_reads_back_as_itself(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"tuesday{suffix}"
    path.write_text(cdl.cdl_text(MATCH, suffix, "tuesday"), encoding="utf-8")
    assert 'id="tuesday"' in path.read_text()
    assert np.array_equal(cubes.cube(Grade(look=look(path)), 5), cubes.cube(Grade(MATCH), 5))


def test_the_environment_does_not_decide_how_colours_are_computed() -> None:
    program = (
        "from finisher.ocio import cubes\nfrom finisher.look import CDL, Grade\n"
        "grade = Grade(cdl=CDL(power=(1.3, 0.8, 1.1), saturation=1.1))\n"
        "print(hash(cubes.cube(grade, 9).tobytes()))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": "0", **more},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for more in ({}, {"OCIO_OPTIMIZATION_FLAGS": "4294967295"}, {"OCIO": "/nowhere.ocio"})
    }
    assert len(told) == 1
