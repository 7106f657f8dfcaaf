"""Fitting a file to a size: never over it, near it, in few files, or a problem with figures."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.pipeline import fitting
from finisher.pipeline.fitting import AIM, ATTEMPTS, ENOUGH, Search
from finisher.pipeline.master import Master
from finisher.problems import Exit, RenderError
from finisher.render.picture import RenderedPicture
from finisher.render.sizing import HIGHEST, LOWEST, Sizes, total

SIZES = (
    Sizes(((180, 4e6), (270, 1.5e6), (360, 6e5))),
    Sizes(((180, 9e6), (270, 2.5e6), (360, 8e5))),
)


@dataclass
class Maker:
    """Makes files as large as a law says, without any pictures in them."""

    path: Path
    pictures: Callable[[int], float]
    rest: int
    made: list[int] = field(default_factory=list)
    _sizes: dict[Path, int] = field(default_factory=dict)

    def __call__(self, tenths: int) -> tuple[Master, Path]:
        self.made.append(tenths)
        unit = Path(f"unit-{tenths}")
        self._sizes[unit] = round(self.pictures(tenths))
        self.path.touch()
        os.truncate(self.path, self._sizes[unit] + self.rest)
        return Master(RenderedPicture((unit,), 0), None), self.path

    def picture_bytes(self, unit: Path) -> int:
        return self._sizes[unit]


@pytest.fixture
def making(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Maker]:
    def made(pictures: Callable[[int], float], rest: int) -> Maker:
        maker = Maker(tmp_path / "film.mp4", pictures, rest)
        monkeypatch.setattr(fitting, "picture_bytes", maker.picture_bytes)
        return maker

    return made


@pytest.mark.parametrize("scale", [0.7, 0.85, 1.0, 1.2, 1.5])
@pytest.mark.parametrize("rest", [20_000, 700_000])
def test_a_wrong_foretelling_is_made_good(
    making: Callable[..., Maker], scale: float, rest: int
) -> None:
    maker = making(lambda t: scale * total(SIZES, t), rest)
    target = 4_000_000
    fit = Search(target, SIZES, [0], maker).fit(230)
    assert ENOUGH * target <= fit.size <= target
    assert maker.path.stat().st_size == fit.size
    # Whatever the first file was, it tells all that a law of one factor leaves open.
    assert len(maker.made) <= 3


def test_what_is_right_at_once_is_made_once(making: Callable[..., Maker]) -> None:
    maker = making(lambda t: total(SIZES, t), 0)
    target = round(total(SIZES, 250) / AIM)
    assert Search(target, SIZES, [0], maker).fit(250).tenths == 250
    assert maker.made == [250]


def test_a_lumpy_encoder_never_ends_over_the_size(making: Callable[..., Maker]) -> None:
    for lump in (0.9, 0.95, 1.05, 1.1):
        maker = making(lambda t, lump=lump: total(SIZES, t) * (lump if t % 2 else 1.0), 50_000)
        fit = Search(3_000_000, SIZES, [0], maker).fit(200)
        assert fit.size <= 3_000_000
        assert maker.path.stat().st_size == fit.size
        assert maker.made[-1] == fit.tenths


def test_more_room_than_any_picture_needs(making: Callable[..., Maker]) -> None:
    maker = making(lambda t: total(SIZES, t), 0)
    fit = Search(10**12, SIZES, [0], maker).fit(LOWEST)
    assert (fit.tenths, maker.made) == (LOWEST, [LOWEST])


def test_too_little_room_is_a_problem_with_its_figures(making: Callable[..., Maker]) -> None:
    maker = making(lambda t: total(SIZES, t), 300_000)
    with pytest.raises(RenderError, match="no file of at most 310,000 bytes") as caught:
        Search(310_000, SIZES, [0], maker).fit(400)
    (problem,) = caught.value.problems
    assert (problem.code, caught.value.exit) == ("size-missed", Exit.RENDER)
    assert "300,000" in problem.message
    assert maker.made[-1] == HIGHEST


def test_nothing_to_encode_is_made_once_and_still_measured(making: Callable[..., Maker]) -> None:
    maker = making(lambda _: 0, 5_000)
    assert Search(6_000, (), (), maker).fit(LOWEST).size == 5_000
    with pytest.raises(RenderError, match="4,000"):
        Search(4_000, (), (), maker).fit(LOWEST)
    assert len(maker.made) == 2


@given(
    target=st.integers(200_000, 20_000_000),
    first=st.integers(LOWEST, HIGHEST),
    scale=st.floats(0.5, 2.0),
    tilt=st.floats(-0.3, 0.3),
    rest=st.integers(0, 150_000),
)
def test_never_over_and_never_long(
    target: int, first: int, scale: float, tilt: float, rest: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        folder = Path(os.environ["FINISHER_CACHE"])
        folder.mkdir(parents=True, exist_ok=True)
        slope = (1 + tilt) / 90
        maker = Maker(
            folder / "film.mp4",
            lambda t: scale * total(SIZES, 270) * 2.5 ** (-(t - 270) * slope),
            rest,
        )
        patch.setattr(fitting, "picture_bytes", maker.picture_bytes)
        try:
            fit = Search(target, SIZES, [0], maker).fit(first)
        except RenderError:
            assert min(maker.pictures(t) for t in maker.made) + rest > target
        else:
            assert fit.size == maker.path.stat().st_size <= target
        # The best of them may have to be made once more.
        assert len(maker.made) <= ATTEMPTS + 1
