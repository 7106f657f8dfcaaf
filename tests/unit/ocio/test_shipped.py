from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from finisher.look import Grade, Look
from finisher.ocio import cubes

NAMES = ["night-tide", "pale-noon", "silver-quay", "warm-harbour"]


@pytest.fixture(scope="module")
def script(repository: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_looks", repository / "luts/make_looks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look their own module up.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_looks_are_what_their_formulas_make(script: ModuleType, repository: Path) -> None:
    assert sorted(look.name for look in script.LOOKS) == NAMES
    assert sorted(path.stem for path in (repository / "luts").glob("*.cube")) == NAMES
    for look in script.LOOKS:
        kept = (repository / "luts" / f"{look.name}.cube").read_text(encoding="ascii")
        # Powers may differ by a last bit between machines, the text by its last digit.
        head, rows = kept.split("DOMAIN_MAX 1.0 1.0 1.0\n")
        assert script.text(look).startswith(head)
        wanted = look.formula(script.lattice())
        assert np.abs(np.array(rows.split(), np.float64).reshape(-1, 3) - wanted).max() < 1.1e-7


def test_the_page_beside_them_tells_their_digests(repository: Path) -> None:
    page = (repository / "luts" / "README.md").read_text(encoding="utf-8")
    for name in NAMES:
        digest = hashlib.sha256((repository / "luts" / f"{name}.cube").read_bytes()).hexdigest()
        assert f"| `{name}` |" in page
        assert f"`{digest}`" in page


@pytest.mark.parametrize("name", NAMES)
def test_each_is_gentle(name: str, repository: Path) -> None:
    path = repository / "luts" / f"{name}.cube"
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    cube = cubes.cube(Grade(look=Look(name, str(path), sha256)), 33)
    assert cube.min() >= 0
    assert cube.max() <= 1
    greys = cube[range(33), range(33), range(33)]
    steps = np.diff(greys, axis=0) * 32
    # Never flat, so that nothing is crushed, and never steep, so that nothing bands.
    assert steps.min() > 0.4
    assert steps.max() < 1.45
    # Greys stay near grey, white stays white.
    assert np.ptp(greys, axis=1).max() < 0.1
    assert np.allclose(greys[-1], 1, atol=1e-6)
