from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.planning import facts, preset, taken, timeline

from finisher.color.bake import apply
from finisher.event import (
    Align,
    Conform,
    Event,
    Extend,
    Gap,
    Item,
    Loop,
    Prolongation,
    Seam,
    Transition,
    TransitionKind,
)
from finisher.facts import Facts
from finisher.ffmpeg import pictures
from finisher.geometry import Fit, Raster
from finisher.look import CDL, Grade, Look
from finisher.media.blend import tag
from finisher.media.index import picture_shape
from finisher.media.mux import mux
from finisher.media.sketch import Closer, sketch
from finisher.plan.assemble import plan
from finisher.plan.model import Plan
from finisher.pledge.fingerprints import foretell
from finisher.presets.model import Video, VideoCodec
from finisher.progress import silent
from finisher.promises import GRID
from finisher.render import grades, picture
from finisher.render.grades import Baked
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Take, Timeline

COUNT = 40
WIDE, TALL, SQUARE, SMALL = Raster(320, 176), Raster(176, 320), Raster(240, 240), Raster(160, 88)
VIDEO = Video(VideoCodec.H264, "high", "yuv420p", "ultrafast", 8)
TAKES = (Take("t1", "t1"), Take("t2", "t2"), Take("vivid", "vivid"))


def scene(seed: int) -> Iterator[NDArray[np.uint8]]:
    """Coloured clouds that move, with a hard, bright edge in them."""
    dice = np.random.default_rng(seed)
    clouds = cv2.resize(
        dice.integers(30, 225, (12, 30, 3), np.uint8), (640, 176), interpolation=cv2.INTER_CUBIC
    )
    for k in range(COUNT):
        rgb = np.roll(clouds, -(5 + 3 * seed) * k, axis=1)[:, :320].copy()
        rgb[40:80, 4 * k : 4 * k + 60] = (235, 220, 200)
        yield rgb.astype(np.uint8)


@pytest.fixture(scope="module")
def shots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("shots")
    for seed, name in ((1, "t1"), (2, "t2")):
        with av.open(str(folder / f"{name}.mp4"), "w") as container:
            stream = container.add_stream("libx264", rate=24, options={"crf": "10", "bf": "2"})
            stream.width, stream.height, stream.pix_fmt = 320, 176, "yuv420p"
            context = stream.codec_context
            context.color_range = context.colorspace = 1
            context.color_primaries = context.color_trc = 1
            for rgb in scene(seed):
                frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(
                    format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
                )
                tag(frame)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    write_vivid(folder / "vivid.mp4")
    return {take.id: folder / f"{take.id}.mp4" for take in TAKES}


def write_vivid(path: Path) -> None:
    """Moving bars of colours that no RGB has: chroma at its bounds, luma on its way."""
    rows, columns = np.mgrid[0:176, 0:320]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 320, 176, "yuv420p"
        for k in range(COUNT):
            luma = 30 + (rows + columns + 7 * k) % 180
            blue, red = (16 + 224 * (part // 40 % 2) for part in (columns + 5 * k, rows))
            frame = av.VideoFrame(320, 176, "yuv420p")
            for plane, values in zip(
                frame.planes, (luma, blue[::2, ::2], red[::2, ::2]), strict=True
            ):
                padded = np.zeros((plane.height, plane.line_size), np.uint8)
                padded[:, : plane.width] = values
                plane.update(padded.tobytes())
            tag(frame)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


@dataclass(frozen=True)
class Bench:
    shots: dict[str, Path]
    known: Facts
    sketches: dict[str, NDArray[np.uint8]]
    store: Store
    workers: Executor


@pytest.fixture(scope="module")
def bench(shots: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("bench")
    sketches, measured = {}, []
    for name, path in shots.items():
        shape = picture_shape(path)
        sketch(path, shape, ("bt709", "tv"), Closer(frozenset(), 64), folder / f"{name}.npy")
        sketches[name] = np.load(folder / f"{name}.npy")
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        known = replace(taken(name, shape.index, raster=WIDE), path=str(path), sha256=sha256)
        measured.append((name, known))
    with ThreadPoolExecutor(2) as workers:
        yield Bench(shots, facts(*measured), sketches, Store(folder / "store"), workers)


def decided(bench: Bench, items: tuple[Item, ...], raster: Raster, **more: Any) -> Plan:
    line: Timeline = replace(timeline(*items, takes=TAKES), canvas=raster)
    known = replace(bench.known, looks=more.pop("looks", {}))
    made = plan(line, replace(preset(**more), video=VIDEO), known)
    return replace(made, takes=tuple(replace(t, path=str(bench.shots[t.id])) for t in made.takes))


def rendered(bench: Bench, made: Plan, baked: dict[Grade, Baked], folder: Path) -> Path:
    work = picture.jobs(made, bench.known.takes, baked, {})
    places = picture.whereabouts(made, bench.known.takes, baked, {}, bench.store)
    done = picture.render(work, places, bench.workers, silent)
    mux(done.units, None, made.rate, made.preset.container, folder / "out.mp4", {})
    return folder / "out.mp4"


def cells(path: Path, raster: Raster) -> NDArray[np.float64]:
    """Mean luma of each cell of each frame, by another reader, from whole pixels."""
    rows, columns = raster.height // GRID[0], raster.width // GRID[1]
    assert (rows * GRID[0], columns * GRID[1]) == (raster.height, raster.width)
    found = [
        np.asarray(plane, np.float64).reshape(GRID[0], rows, GRID[1], columns).mean(axis=(1, 3))
        for plane in pictures.measure(path, (raster.width, raster.height))
    ]
    return np.array(found)


def ungraded(_: Grade, __: NDArray[np.float64]) -> None:
    """The grading of an edit without grades."""


def differences(
    bench: Bench, folder: Path, made: Plan
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """By how much each cell of the rendered file differs from what was foretold; and the cells."""
    baked = grades.bake((event.grade for event in made.events), bench.store)

    def graded(grade: Grade, rgb: NDArray[np.float64]) -> NDArray[np.float64] | None:
        if grade.identity:
            return None
        return np.clip(apply(baked[grade].cube, rgb).astype(np.float64), 0, 1)

    promised = np.frombuffer(foretell(made, bench.sketches, graded), np.uint8)
    assert len(promised) == made.frames * GRID[0] * GRID[1]
    measured = cells(rendered(bench, made, baked, folder), made.raster)
    return np.abs(promised.reshape(-1, *GRID) - measured), measured


def event(name: str, take: str, start: int, end: int, **more: Any) -> Event:
    return replace(Event(name, take, Span(start, end)), **more)


def into(kind: TransitionKind, frames: int) -> Transition:
    return Transition(kind, frames, Align.CENTER)


CUT = (event("a", "t1", 5, 15), event("b", "t2", 10, 20))
EDITS: dict[str, tuple[Item, ...]] = {
    "cuts and a gap": (CUT[0], Gap(3), CUT[1]),
    "retimes": (
        event("a", "t1", 5, 15, speed=Fraction(1, 2)),
        event("b", "t2", 5, 25, speed=Fraction(-2)),
    ),
    "loops": (
        event("a", "t1", 8, 16, loop=Loop(3, None, Seam.BLEND, 4)),
        event("b", "t2", 8, 14, loop=Loop(2, None, Seam.PINGPONG)),
        event("c", "t1", 8, 12, extend=Extend(4, Prolongation.PINGPONG)),
    ),
    **{str(kind): (CUT[0], replace(CUT[1], transition=into(kind, 7))) for kind in TransitionKind},
    "blend": (
        event("a", "t1", 5, 15),
        event("b", "t1", 14, 24, transition=into(TransitionKind.BLEND, 7)),
    ),
    "dip to red": (
        CUT[0],
        replace(CUT[1], transition=Transition(TransitionKind.DIP, 7, Align.CENTER, (200, 30, 20))),
    ),
    "along the motion": (
        event("a", "t1", 8, 14, speed=Fraction(1, 3), conform=Conform.MOTION),
        event("b", "t2", 8, 16, extend=Extend(5, Prolongation.INTERPOLATE)),
    ),
}

MOVED = ("blend", "along the motion")
"""Along a motion single cells may differ more: sketches tell where an edge went to a pixel, which
is two of these pictures' and more of larger ones'."""


@pytest.mark.parametrize("name", EDITS)
def test_every_edit_is_foretold_to_about_a_code(name: str, bench: Bench, tmp_path: Path) -> None:
    found, measured = differences(bench, tmp_path, decided(bench, EDITS[name], WIDE))
    # Rounding of the promise is half a code; crf 8 and 8-bit sketches make up the rest.
    assert found.mean(axis=(1, 2)).max() < 1.0
    if name not in MOVED:
        assert found.max() < 2.0
    assert found.mean() < 0.5
    assert measured.std() > 10, "the pictures are too flat to prove anything"


FRAMINGS = {
    "upright": (TALL, Fit.COVER, Fraction(1, 2)),
    "to the left": (TALL, Fit.COVER, Fraction(1, 5)),
    "to the right": (SQUARE, Fit.COVER, Fraction(1)),
    "smaller": (SMALL, Fit.COVER, Fraction(1, 2)),
    "bars": (TALL, Fit.PAD, Fraction(1, 2)),
    "bars at the sides": (Raster(480, 176), Fit.PAD, Fraction(1, 2)),
    "blurred": (TALL, Fit.BLUR_PAD, Fraction(1, 2)),
    "blurred square": (SQUARE, Fit.BLUR_PAD, Fraction(1, 2)),
    "blurred sides": (Raster(480, 176), Fit.BLUR_PAD, Fraction(1, 2)),
}


@pytest.mark.parametrize("name", FRAMINGS)
def test_every_framing_is_foretold_to_about_a_code(name: str, bench: Bench, tmp_path: Path) -> None:
    raster, fit, across = FRAMINGS[name]
    framed = event("a", "t1", 5, 15, fit=fit, focus=(across, Fraction(1, 2)))
    found, _ = differences(bench, tmp_path, decided(bench, (framed,), raster))
    assert found.max() < 2.0
    assert found.mean() < 0.5


@pytest.mark.parametrize("fit", Fit)
def test_a_graded_picture_is_foretold_through_the_same_cube(
    fit: Fit, repository: Path, bench: Bench, tmp_path: Path
) -> None:
    path = repository / "luts" / "night-tide.cube"
    look = Look("night", str(path), hashlib.sha256(path.read_bytes()).hexdigest())
    cdl = CDL(slope=(1.1, 1.0, 0.9), offset=(0.02, 0.0, -0.02), saturation=0.8)
    graded = event("a", "t1", 5, 15, look="night", cdl=cdl, fit=fit)
    made = decided(bench, (graded,), TALL, looks={"night": look})
    found, measured = differences(bench, tmp_path, made)
    # The sketch is graded after averaging; the picture before: a curve's mean is not its
    # mean's curve.
    assert found.max() < 3.0
    assert found.mean() < 0.8
    plain = event("a", "t1", 5, 15, fit=fit)
    same = np.frombuffer(
        foretell(decided(bench, (plain,), TALL), bench.sketches, ungraded), np.uint8
    )
    assert np.abs(same.reshape(-1, *GRID) - measured).max() > 8, "the grade does not show"


def test_another_rate_and_a_closed_loop_are_foretold(bench: Bench, tmp_path: Path) -> None:
    items = (event("a", "t1", 8, 24), event("b", "t2", 8, 24))
    made = decided(bench, items, WIDE, rate="30", loop_frames=6)
    assert made.frames == 40
    found, _ = differences(bench, tmp_path, made)
    assert found.max() < 2.0


@pytest.mark.parametrize("raster", [WIDE, SMALL, TALL])
def test_colours_beyond_the_gamut_are_foretold_as_they_are_coded(
    raster: Raster, bench: Bench, tmp_path: Path
) -> None:
    made = decided(bench, (event("a", "vivid", 5, 25),), raster)
    found, measured = differences(bench, tmp_path, made)
    # As in other edits: half a code of rounding, and the encoder's.
    assert found.max() < 2.0
    assert found.mean() < 0.5
    assert measured.std() > 10, "the pictures are too flat to prove anything"
    seen = bench.sketches["vivid"]
    through = 16 + 219 / 255 * (seen[..., :3] @ np.array([0.2126, 0.7152, 0.0722]))
    assert np.abs(through - seen[..., 3]).mean() > 5, "RGB would have held these pictures"


def test_one_frame_too_early_or_late_would_be_seen(bench: Bench, tmp_path: Path) -> None:
    made = decided(bench, CUT, WIDE)
    slipped = decided(bench, (CUT[0], replace(CUT[1], source=Span(11, 21))), WIDE)
    promised = np.frombuffer(foretell(made, bench.sketches, ungraded), np.uint8)
    baked: dict[Grade, Baked] = {}
    measured = cells(rendered(bench, slipped, baked, tmp_path), WIDE)
    worst = np.abs(promised.reshape(-1, *GRID) - measured).max(axis=(1, 2))
    assert worst[:10].max() < 2.0
    assert worst[10:].min() > 4.0


def test_black_is_sixteen(bench: Bench) -> None:
    promised = foretell(decided(bench, (CUT[0], Gap(2)), WIDE), bench.sketches, ungraded)
    assert promised[10 * 64 :] == bytes([16]) * 128
