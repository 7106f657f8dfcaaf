"""Patches: areas of real pictures, read where the edit says, and alone in deciding the match."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.planning import index, taken, timeline

from finisher.color.fit import Colours
from finisher.facts import ConformedCopy, Evidence, TakeFacts
from finisher.geometry import Box, Raster
from finisher.ingest import patches, sessions
from finisher.look import ColorTags
from finisher.media.index import picture_shape
from finisher.problems import DocumentError, Where
from finisher.store import Store
from finisher.timecode import Rate
from finisher.timeline import Area, Patch, Session, Take, Timeline

SIZE = Raster(192, 108)
GREY, SKIN, BLUE = (120, 120, 120), (190, 140, 120), (60, 80, 150)
WHERE = Where("edl.json", "/sessions/tuesday")
# Rounding Cb by a code moves blue by 1.86 · 255 / 224, about two of its own codes (Rec. BT.709-6).
CLOSE = 2.2 / 255


def write(path: Path, pictures: list[tuple[tuple[int, int, int], ...]]) -> TakeFacts:
    """A take of three upright bars of colour to the picture, at 24 pictures a second."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=24, options={"crf": "4", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = SIZE.width, SIZE.height, "yuv420p"
        context = stream.codec_context
        context.color_range = context.colorspace = 1
        context.color_primaries = context.color_trc = 1
        for number, bars in enumerate(pictures):
            rgb = np.repeat(np.array(bars, np.uint8)[None], SIZE.width // 3, axis=1)
            rgb = np.repeat(rgb, SIZE.height, axis=0)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
            frame = frame.reformat(
                format="yuv420p", dst_colorspace="ITU709", dst_color_range="MPEG"
            )
            frame.pts, frame.time_base = number, Fraction(1, 24)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    shape = picture_shape(path)
    facts = taken(path.stem, shape.index, raster=shape.raster, tags=shape.tags)
    return replace(facts, path=str(path), pixel_format=shape.pixel_format)


def warm(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    return (round(colour[0] * 1.08), colour[1], round(colour[2] * 0.92))


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, TakeFacts]:
    """The reference, and a warmer take that is black but for picture 6."""
    folder = tmp_path_factory.mktemp("takes")
    bars = (GREY, SKIN, BLUE)
    black = ((0, 0, 0),) * 3
    late = [black] * 6 + [tuple(map(warm, bars))] + [black] * 5
    return {"m1": write(folder / "m1.mp4", [bars] * 12), "t1": write(folder / "t1.mp4", late)}


def colours(edited: tuple[Timeline, Session], takes: dict[str, TakeFacts], folder: Path) -> Colours:
    return patches.colours(*edited, takes, Store(folder / "store"))


def area(take: str, bar: int, at: int) -> Area:
    return Area(take, at, Box.of(64 * bar + 16, 20, 32, 60))


def patch(bar: int, at: int = 6) -> Patch:
    return Patch(area("t1", bar, at), area("m1", bar, 0))


def edit(*declared: Patch, rate: str = "24") -> tuple[Timeline, Session]:
    session = Session("tuesday", match="monday", patches=declared, where=WHERE)
    named = (Take("m1", "m1.mp4", session="monday"), Take("t1", "t1.mp4", session="tuesday"))
    line = timeline(takes=named, sessions=(Session("monday"), session), rate=Rate.parse(rate))
    return line, session


def test_areas_are_read_from_the_picture_on_screen(
    takes: dict[str, TakeFacts], tmp_path: Path
) -> None:
    read = colours(edit(patch(0), patch(1), patch(2)), takes, tmp_path)
    wanted = np.array([GREY, SKIN, BLUE]) / 255
    drifted = np.array([warm(GREY), warm(SKIN), warm(BLUE)]) / 255
    assert np.abs(read.theirs - wanted).max() < CLOSE
    assert np.abs(read.ours - drifted).max() < CLOSE
    assert (read.weight == 1).all()


def test_frames_are_counted_at_the_rate_of_the_edit(
    takes: dict[str, TakeFacts], tmp_path: Path
) -> None:
    # At 48 a second frames 12 and 13 are the take's picture 6, frame 14 is the next, black one.
    for at, light in ((11, False), (12, True), (13, True), (14, False)):
        read = colours(edit(patch(0, at), rate="48"), takes, tmp_path)
        assert bool(read.ours.mean() > 0.3) is light


def test_the_conformed_copy_is_read_where_there_is_one(
    takes: dict[str, TakeFacts], tmp_path: Path
) -> None:
    copied = replace(
        takes["t1"], path="gone.mp4", copy=ConformedCopy(takes["m1"].path, "k" * 64, ())
    )
    read = colours(edit(patch(1)), takes | {"t1": copied}, tmp_path)
    assert np.abs(read.ours - read.theirs).max() < 1e-9


def test_a_take_of_a_wider_space_is_read_as_it_is_rendered(
    takes: dict[str, TakeFacts], tmp_path: Path
) -> None:
    wide = ColorTags("tv", "bt709", "smpte432", "bt709")
    told = takes | {"t1": replace(takes["m1"], tags=wide)}
    read = colours(edit(patch(0), patch(1)), told, tmp_path)
    grey, skin = np.abs(read.ours - read.theirs)
    # White is the same in P3, so greys stay; what is coloured there is more so here.
    assert grey.max() < CLOSE
    assert skin.max() > 2 * CLOSE
    assert np.ptp(read.ours[1]) > np.ptp(read.theirs[1]) + 2 * CLOSE


def test_patches_decide_alone(takes: dict[str, TakeFacts], tmp_path: Path) -> None:
    # There are no samples to look at: reading them would fail.
    nowhere = {name: tmp_path / f"{name}.npy" for name in takes}
    line, _ = edit(patch(0), patch(1), patch(2))
    facts = sessions.matches(line, takes, nowhere, Store(tmp_path / "store"))["tuesday"]
    assert facts.evidence is Evidence.PATCHES
    assert (facts.pairs, facts.takes) == (3, (("t1", "m1"),))
    assert facts.distance_before > 3
    assert facts.distance_after < 0.5
    again = sessions.matches(line, takes, nowhere, Store(tmp_path / "store"))["tuesday"]
    assert again == facts
    fewer, _ = edit(patch(0))
    other = sessions.matches(fewer, takes, nowhere, Store(tmp_path / "store"))["tuesday"]
    assert other.pairs == 1
    assert other.cdl != facts.cdl


@pytest.mark.parametrize(
    ("wrong", "codes"),
    [
        (Area("t1", 12, Box.of(0, 0, 8, 8)), ["patch-frame"]),
        (Area("t1", -1, Box.of(0, 0, 8, 8)), ["patch-frame"]),
        (Area("t1", 0, Box.of(185, 0, 8, 8)), ["patch-box"]),
        (Area("t1", 0, Box.of(0, 101, 8, 8)), ["patch-box"]),
        (Area("t1", 0, Box.of(-1, 0, 8, 8)), ["patch-box"]),
        (Area("t1", 0, Box.of(3, 3, 0, 8)), ["patch-box"]),
        (Area("t1", 99, Box.of(0, 0, 800, 8)), ["patch-frame", "patch-box"]),
    ],
)
def test_areas_outside_a_take_are_refused_where_the_session_stands(
    takes: dict[str, TakeFacts], tmp_path: Path, wrong: Area, codes: list[str]
) -> None:
    line, _ = edit(patch(0), Patch(wrong, area("m1", 0, 0)))
    with pytest.raises(DocumentError) as refused:
        sessions.matches(line, takes, {}, Store(tmp_path))
    assert [problem.code for problem in refused.value.problems] == codes
    assert all(problem.where == WHERE for problem in refused.value.problems)
    assert all("patch 2, ours" in problem.message for problem in refused.value.problems)


def test_the_last_frame_and_the_whole_picture_are_inside(
    takes: dict[str, TakeFacts], tmp_path: Path
) -> None:
    whole = Box.of(0, 0, SIZE.width, SIZE.height)
    line, session = edit(Patch(Area("t1", 11, whole), Area("m1", 11, whole)))
    patches.check(line, session, takes)
    read = colours((line, session), takes, tmp_path)
    assert np.abs(read.theirs - np.mean([GREY, SKIN, BLUE], axis=0) / 255).max() < 2 * CLOSE


def test_a_picture_of_odd_size_is_read_to_its_edge() -> None:
    # A sketch is of even size: 191 pixels across become 192.
    odd = replace(taken("t1", index(4)), raster=Raster(191, 107))
    picture = np.zeros((108, 192, 3), np.uint8)
    picture[-8:, -8:] = 255
    corner = Area("t1", 0, Box.of(185, 101, 6, 6))
    assert (patches._mean(picture, corner, odd) > 0.99).all()
