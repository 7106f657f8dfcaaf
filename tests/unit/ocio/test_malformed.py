from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.look import Grade, Look
from finisher.ocio import cubes, looks
from finisher.ocio.forms import Unfit, fit
from finisher.problems import DocumentError

CC = (
    '<ColorCorrection id="{id}"><SOPNode><Slope>{slope}</Slope><Offset>{offset}</Offset>'
    "<Power>{power}</Power></SOPNode><SatNode><Saturation>{saturation}</Saturation></SatNode>"
    "</ColorCorrection>"
)
CCC = "<ColorCorrectionCollection>{}</ColorCorrectionCollection>"
CLF = '<?xml version="1.0"?><ProcessList id="a" {version}>{body}</ProcessList>'
RANGE = (
    '<Range inBitDepth="32f" outBitDepth="32f"><minInValue>0</minInValue>'
    "<minOutValue>0</minOutValue></Range>"
)
MATRIX = '<Matrix inBitDepth="32f" outBitDepth="32f"><Array dim="3 3">{}</Array></Matrix>'
LAUGHS = "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9))


def cc(**figures: str) -> str:
    rest = {"id": "x", "slope": "1 1 1", "offset": "0 0 0", "power": "1 1 1", "saturation": "1"}
    return CC.format(**(rest | figures))


def clf(body: str, version: str = 'compCLFversion="3"') -> str:
    return CLF.format(version=version, body=body)


def table(size: int = 2, gain: float = 1.0, head: str = "") -> str:
    rows = [
        f"{r * gain:.6f} {g * gain:.6f} {b * gain:.6f}"
        for b in np.linspace(0, 1, size)
        for g in np.linspace(0, 1, size)
        for r in np.linspace(0, 1, size)
    ]
    return f"{head}LUT_3D_SIZE {size}\n" + "\n".join(rows) + "\n"


ROWS = table(2).split("\n", 1)[1]
SHAPED = "LUT_1D_SIZE 3\nLUT_3D_SIZE 2\n{}0 0 0\n0.2 0.3 0.4\n1 1 1\n" + ROWS


@dataclass(frozen=True)
class Refused:
    """A file that is refused: the problem's code, its line and a word of it."""

    name: str
    content: str | bytes
    code: str = "look-unreadable"
    line: int | None = None
    word: str = ""


@dataclass(frozen=True)
class Right:
    """A file that is read: what becomes of middle grey and of white, by hand."""

    name: str
    content: str | bytes
    grey: tuple[float, float, float]
    white: tuple[float, float, float] = (1.0, 1.0, 1.0)


HALF = ((0.25,) * 3, (0.5,) * 3)
READ = [
    Right("crlf.cube", table(2, 0.5).replace("\n", "\r\n"), *HALF),
    Right("cr.cube", table(2, 0.5).replace("\n", "\r"), *HALF),
    Right("bom.cube", b"\xef\xbb\xbf" + table(2, 0.5).encode(), *HALF),
    Right("tabs.cube", table(2, 0.5).replace(" ", "\t"), *HALF),
    Right("latin.cube", b'TITLE "Gr\xfc\xdfe"\n' + table(2, 0.5).encode(), *HALF),
    Right("blank.cube", "\n\n# by hand\n" + table(2, 0.5).replace("\n", "\n\n"), *HALF),
    Right("domain.cube", table(5, head="DOMAIN_MIN -1 -1 -1\nDOMAIN_MAX 3 3 3\n"),
          (0.375,) * 3, (0.5,) * 3),
    Right("uneven.cube", table(5, head="DOMAIN_MIN 0 0 -1\nDOMAIN_MAX 1 2 3\n"),
          (0.5, 0.25, 0.375), (1.0, 0.5, 0.5)),
    Right("huge.cube", table(2, head="DOMAIN_MIN 0 0 0\nDOMAIN_MAX 1e6 1e6 1e6\n"),
          (5e-7,) * 3, (1e-6,) * 3),
    Right("range.cube", table(5, head="LUT_3D_INPUT_RANGE -0.5 1.5\n"), (0.5,) * 3, (0.75,) * 3),
    Right("curve.cube", "LUT_1D_SIZE 3\n0 0 0\n0.4 0.5 0.6\n1 1 1\n", (0.4, 0.5, 0.6)),
    Right("curve-range.cube", "LUT_1D_SIZE 2\nLUT_1D_INPUT_RANGE 0 2\n0 0 0\n1 1 1\n",
          (0.25,) * 3, (0.5,) * 3),
    Right("shaper.cube", SHAPED.format(""), (0.2, 0.3, 0.4)),
    Right("shaper-range.cube", SHAPED.format("LUT_1D_INPUT_RANGE 0 1\nLUT_3D_INPUT_RANGE 0 2\n"),
          (0.1, 0.15, 0.2), (0.5,) * 3),
    Right("over.cube", table(2, 1.5), (0.75,) * 3, (1.5,) * 3),
    Right("exponents.cube", table(2).replace("1.000000", "1e0").replace("0.000000", "-0."),
          (0.5,) * 3),
    Right("plain.cc", cc(slope="1.2 1 0.8", offset="0.1 0 0"), (0.7, 0.5, 0.4), (1.3, 1.0, 0.8)),
    Right("bom.cc", b"\xef\xbb\xbf" + cc(slope="0.5 0.5 0.5").encode(), *HALF),
    Right("power.cc", cc(power="2 1 1"), (0.25, 0.5, 0.5)),
    # Rec.709 luma of (0.6, 0.5, 0.5) is 0.52126; without saturation that is all there is.
    Right("grey.cc", cc(slope="1.2 1 1", saturation="0"), (0.52126,) * 3, (1.04252,) * 3),
    Right("one.ccc", CCC.format(cc(slope="0.5 0.5 0.5")), *HALF),
    Right("one.cdl", "<ColorDecisionList><ColorDecision>" + cc(slope="0.5 0.5 0.5")
          + "</ColorDecision></ColorDecisionList>", *HALF),
    Right("matrix.clf", clf(MATRIX.format("0 1 0 1 0 0 0 0 0.5")), (0.5, 0.5, 0.25), (1, 1, 0.5)),
    Right("matrix.ctf", clf(MATRIX.format("0.5 0 0 0 0.5 0 0 0 0.5"), 'version="1.3"'), *HALF),
]  # fmt: skip

BROKEN = [
    Refused("nan.cube", table(2).replace("1.000000 0.000000 0.000000", "nan 0 0"),
            "look-not-finite", 3),
    Refused("inf.cube", table(2).replace("1.000000 0.000000 0.000000", "0 -inf 0"),
            "look-not-finite", 3),
    Refused("beyond.cube", table(2).replace("1.000000 0.000000 0.000000", "1e999 0 0"),
            "look-not-finite"),
    Refused("swapped.cube", table(2, head="DOMAIN_MIN 1 1 1\nDOMAIN_MAX 0 0 0\n"),
            "look-domain", 2),
    Refused("equal.cube", table(2, head="DOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 0 1\n"), "look-domain", 2),
    Refused("nan-domain.cube", table(2, head="DOMAIN_MAX 1 nan 1\n"), "look-domain", 1),
    Refused("short-domain.cube", table(2, head="DOMAIN_MAX 1 1\n"), "look-domain", 1),
    Refused("falling-range.cube", table(2, head="LUT_3D_INPUT_RANGE 1 0\n"), "look-domain", 1),
    Refused("few.cube", "\n".join(table(3).splitlines()[:-1]), line=27, word="26 of 27"),
    Refused("many.cube", table(3) + "1 1 1\n", line=29, word="28 of 27"),
    Refused("cut.cube", table(3)[:100], line=5),
    Refused("shaper-few.cube", SHAPED.format("").replace("0.2 0.3 0.4\n", ""), word="10 of 11"),
    Refused("size.cube", "LUT_3D_SIZE 815\n0 0 0\n", line=1, word="2 to 129"),
    Refused("curve-size.cube", "LUT_1D_SIZE 200000000\n0 0 0\n", line=1, word="2 to 300000"),
    Refused("negative.cube", "LUT_3D_SIZE -5\n0 0 0\n", line=1),
    Refused("one.cube", "LUT_3D_SIZE 1\n0 0 0\n", line=1),
    Refused("words.cube", "LUT_3D_SIZE two\n", line=1),
    Refused("four.cube", table(2).replace("0.000000 0.000000 0.000000", "0 0 0 0"), line=2),
    Refused("letter.cube", table(2).replace("1.000000 1.000000 1.000000", "1 1 x"), line=9),
    Refused("hex.cube", table(2).replace("1.000000 1.000000 1.000000", "0x1 1 1"), line=9),
    Refused("commas.cube", table(2).replace(".", ","), line=2, word="point"),
    Refused("page.cube", "<!doctype html>\n<title>404</title>\n", line=1, word="HTML"),
    Refused("comments.cube", "# one\n# two\n", word="LUT_3D_SIZE"),
    Refused("video.cube", "LUT_IN_VIDEO_RANGE\n" + table(2), line=1),
    Refused("both-domains.cube", SHAPED.format("DOMAIN_MIN 0 0 0\nDOMAIN_MAX 2 2 2\n")),
    Refused("empty.cube", ""),
    Refused("spaces.clf", " \n\t\n"),
    Refused("utf-16.cube", table(2).encode("utf-16"), "look-not-text", word="UTF-16"),
    Refused("junk.cube", bytes(range(256)) * 64, "look-not-text"),
    Refused("junk.cc", b"\xff\xd8\xff\xe0" * 100),
    Refused("junk.spi1d", b"\xff\xd8\xff\xe0" * 100),
    Refused("length.spi1d",
            "Version 1\nFrom 0 1\nLength 2000000000\nComponents 1\n{\n0\n1\n}\n"),
    Refused("length.spi3d", "SPILUT 1.0\n3 3\n2000 2000 2000\n0 0 0 0 0 0\n"),
    Refused("slope.cc", cc(slope="-1 1 1"), word="slope"),
    Refused("power.cc", cc(power="1 -1 1"), word="power"),
    Refused("saturation.cc", cc(saturation="nan"), word="saturation"),
    Refused("infinite.cc", cc(slope="inf 1 1"), "look-not-finite"),
    Refused("two.cc", cc(slope="1 1"), line=1, word="3 values"),
    Refused("letters.cc", cc(offset="a b c"), line=1),
    Refused("open.cc", cc()[:-5], line=1, word="well-formed"),
    Refused("two.ccc", CCC.format(cc(id="day") + cc(id="night")), "look-ambiguous",
            word="two.ccc#day"),
    Refused("same.ccc", CCC.format(cc() + cc())),
    Refused("none.ccc", CCC.format(""), "look-ambiguous", word="0 corrections"),
    Refused("external.cc", '<!DOCTYPE c [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + cc(id="&a;"),
            "look-xml", 1),
    Refused("elsewhere.ctf", clf('<Reference path="/etc/passwd" basePath="absolute"/>',
                                 'version="1.7"'), "look-refers", 1),
    Refused("unknown.clf", clf('<Sparkle inBitDepth="32f" outBitDepth="32f"/>')),
    Refused("no-version.clf", clf(RANGE, "")),
    Refused("version.ctf", clf(RANGE, 'version="99"'), line=1, word="version"),
    Refused("version.clf", clf(RANGE, 'compCLFversion="99"'), line=1, word="version"),
    Refused("nan.clf", clf(MATRIX.format("nan 0 0 0 1 0 0 0 1")), "look-not-finite"),
    Refused("short.clf", clf(MATRIX.format("1 0 0"))),
    Refused("large.clf", clf('<LUT3D inBitDepth="32f" outBitDepth="32f">'
                             '<Array dim="2000 2000 2000 3">0 0 0</Array></LUT3D>'), line=1),
]  # fmt: skip


def put(folder: Path, case: Refused | Right) -> Path:
    path = folder / case.name
    path.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode())
    return path


@pytest.mark.parametrize("case", READ, ids=lambda case: case.name)
def test_legal_looks_are_read_for_what_they_are(case: Right, tmp_path: Path) -> None:
    path = put(tmp_path, case)
    looks.check_look(path)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    cube = cubes.cube(Grade(look=Look(path.stem, str(path), sha256)), 3)
    # Single precision, and six decimals in the files.
    assert np.allclose(cube[1, 1, 1], case.grey, atol=2e-6)
    assert np.allclose(cube[2, 2, 2], case.white, atol=2e-6)


@pytest.mark.parametrize("case", BROKEN, ids=lambda case: case.name)
def test_others_are_one_clear_problem_with_its_place(case: Refused, tmp_path: Path) -> None:
    path = put(tmp_path, case)
    with pytest.raises(DocumentError) as caught:
        looks.check_look(path)
    (problem,) = caught.value.problems
    assert problem.where is not None
    assert (problem.code, problem.where.file) == (case.code, str(path))
    if case.line is not None:
        assert problem.where.line == case.line
    assert case.word in str(problem)
    assert "finisher-look-" not in str(problem)
    assert len(str(problem)) < 400 + len(str(path))


def test_there_are_more_than_thirty_of_them() -> None:
    names = [case.name for case in (*READ, *BROKEN)]
    assert len(set(zip(names, map(type, (*READ, *BROKEN)), strict=True))) == len(names) > 60


GREEDY = {
    # What would be gigabytes, were the head believed or the entities unfolded.
    "head.cube": "LUT_3D_SIZE 815\n" + "0 0 0\n" * 1000,
    "laughs.cc": f'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">{LAUGHS}]>' + cc(id="&j;"),
    "quadratic.clf": f'<!DOCTYPE l [<!ENTITY a "{"a" * 100_000}">]>' + clf("&a;" * 100_000),
    "deep.cc": "<ColorCorrection>" + "<Description>" * 400_000,
    "wide.ccc": CCC.format("".join(cc(id=f"c{i}") for i in range(5000))),
}
LIMITED = """
import resource, sys, time
from pathlib import Path
from finisher.ocio import looks
from finisher.problems import DocumentError
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for name in sys.argv[1:]:
    began = time.process_time()
    try:
        looks.check_look(Path(name))
    except DocumentError as error:
        (problem,) = error.problems
        print(problem.code, round(time.process_time() - began, 2))
print("grown", (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


def test_no_file_takes_gigabytes_or_minutes(tmp_path: Path) -> None:
    for name, text in GREEDY.items():
        (tmp_path / name).write_text(text)
    # 3 GB by its length, of which nothing is on the disk.
    with (tmp_path / "huge.cube").open("wb") as file:
        file.truncate(3 << 30)
    names = [str(tmp_path / name) for name in (*GREEDY, "huge.cube")]
    done = subprocess.run(
        [sys.executable, "-c", LIMITED, *names],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    *told, grown = done.stdout.splitlines()
    codes = [line.split()[0] for line in told]
    assert codes == ["look-unreadable", *["look-xml"] * 3, "look-ambiguous", "look-too-large"]
    # Each takes a fraction of a second; a machine under load may take longer.
    assert all(float(line.split()[1]) < 5 for line in told)
    # MB: the largest of these files has 5, and OpenColorIO's own reading of it several times that.
    assert int(grown.split()[1]) < 200


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([".cube", ".cc", ".clf", ".spi1d", ".csp"]))
def test_anything_at_all_is_fit_or_refused(content: bytes, suffix: str) -> None:
    for text in (content, b"LUT_1D_SIZE 2\n" + content, b"<ProcessList>" + content):
        with contextlib.suppress(Unfit):
            assert text.endswith(fit(text, suffix)) or b"\r" in text
