"""What is mixed is mixed in 16 bits, from takes as deep as they are, and dithered once."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.event import TransitionKind
from finisher.geometry import Fit, Raster, frame
from finisher.media.planes import samples
from finisher.plan.model import Fill, Mix, Picture, Shot
from finisher.render.kitchen import Kitchen, Order, Readers, UnitSource, Whereabouts

SIZE = Raster(64, 48)
LEVELS = {"dark": (401, 500, 520), "light": (622, 530, 491)}
"""Y, Cb and Cr in 10 bits."""


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("flat")
    for name, levels in LEVELS.items():
        with av.open(str(folder / f"{name}.mkv"), "w") as container:
            stream = container.add_stream("ffv1", rate=24)
            stream.width, stream.height, stream.pix_fmt = SIZE.width, SIZE.height, "yuv420p10le"
            for i in range(4):
                picture = av.VideoFrame(SIZE.width, SIZE.height, "yuv420p10le")
                for plane, level in enumerate(levels):
                    samples(picture, plane)[:] = level
                picture.pts, picture.time_base = i, Fraction(1, 24)
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
    return {name: folder / f"{name}.mkv" for name in LEVELS}


def made(
    takes: dict[str, Path], picture: Picture, pixel_format: str = "yuv420p"
) -> list[NDArray[np.float64]]:
    """The planes of one picture, in codes of 8 bits."""
    whole = frame(SIZE, SIZE, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
    sources = tuple(UnitSource(name, "bt709", "tv", whole, None) for name in LEVELS)
    order = Order(sources, (picture,), SIZE, pixel_format)
    with Readers([order]) as readers:
        whereabouts = Whereabouts(takes, {}, takes["dark"].parent / "store")
        (found,) = Kitchen(order, whereabouts, readers).pictures()
    assert found.format.name == pixel_format
    unit = 4 if pixel_format.endswith("10le") else 1
    return [samples(found, i).astype(np.float64) / unit for i in range(3)]


@pytest.mark.parametrize("step", range(4))
@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le"])
def test_a_dissolve_keeps_its_weights_finer_than_a_code(
    takes: dict[str, Path], step: int, pixel_format: str
) -> None:
    mix = Mix(TransitionKind.DISSOLVE, Shot(0, 1), Shot(1, 2), step, 4)
    weight = (step + 1) / 5
    for i, plane in enumerate(made(takes, mix, pixel_format)):
        old, new = (LEVELS[name][i] / 4 for name in ("dark", "light"))
        # 64 thresholds of luma, and cells of 16 of chroma; rounded, up to 0.5 would be left.
        assert abs(plane.mean() - (old + (new - old) * weight)) < 0.02
        assert np.abs(plane - (old + (new - old) * weight)).max() < 1.001


def test_a_take_by_itself_is_dithered_from_its_own_bits(takes: dict[str, Path]) -> None:
    luma, *_ = made(takes, Shot(0, 0))
    assert luma.mean() == 401 / 4
    assert set(np.unique(luma)) == {100, 101}


def test_a_mix_in_a_mix_is_dithered_once(takes: dict[str, Path]) -> None:
    inner = Mix(TransitionKind.DISSOLVE, Shot(0, 0), Fill(), 0, 2)
    outer = Mix(TransitionKind.DISSOLVE, inner, Shot(1, 1), 1, 4)
    luma, *_ = made(takes, outer)
    exact = (401 / 4 * 2 / 3 + 16 / 3) * 3 / 5 + 622 / 4 * 2 / 5
    # Dithered twice, single pixels would be up to two codes off.
    assert np.abs(luma - exact).max() < 1
    assert abs(luma.mean() - exact) < 0.02


def test_a_plain_black_picture_needs_no_dither(takes: dict[str, Path]) -> None:
    assert [set(np.unique(plane)) for plane in made(takes, Fill())] == [{16}, {128}, {128}]
