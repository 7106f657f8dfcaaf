from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.planning import facts, index, preset, taken, timeline
from tests.unit.report import made

from finisher.event import Event
from finisher.facts import Evidence, MatchFacts
from finisher.geometry import Fit, Raster
from finisher.ingest.gather import Gathered
from finisher.look import CDL, Space
from finisher.pipeline import showing
from finisher.plan.assemble import plan
from finisher.report.html import report_html
from finisher.report.model import Report
from finisher.timecode import Span
from finisher.timeline import Session, Take

TALL = Raster(90, 160)
NONE = CDL()
DARK, LIGHT, RED = (32, 32, 32), (224, 224, 224), (200, 30, 30)


def film(path: Path, frames: int, raster: Raster, middle: int) -> Path:
    """Grey bars above and below a picture of that grey, as a padded take has them."""
    picture = np.zeros((raster.height, raster.width, 3), np.uint8)
    picture[raster.height * 3 // 10 : raster.height * 7 // 10] = middle
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", 24)
        stream.width, stream.height, stream.pix_fmt = raster.width, raster.height, "yuv420p"
        stream.options = {"crf": "10"}
        for _ in range(frames):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def sample(path: Path, left: tuple[int, int, int], right: tuple[int, int, int]) -> Path:
    """Five pictures, each brighter in its lower half by its number."""
    frames = np.empty((5, 144, 256, 3), np.uint8)
    frames[:, :, :128], frames[:, :, 128:] = left, right
    frames[:, 72:] += np.arange(0, 10, 2, dtype=np.uint8)[:, None, None, None]
    np.save(path, frames)
    return path


def gathered(folder: Path, *events: Event, cdl: CDL = NONE, strength: float = 1.0) -> Gathered:
    takes = tuple(
        Take(name, f"takes/{name}.mp4", session)
        for name, session in (("t1", "monday"), ("t2", "tuesday"), ("t3", "tuesday"))
    )
    sessions = (Session("monday"), Session("tuesday", match="monday", strength=strength))
    match = MatchFacts("tuesday", "monday", cdl, 0.9, 5.0, 1.0, 99, Evidence.PLACES,
                       takes=(("t3", "t1"),))  # fmt: skip
    line = timeline(*events, takes=takes, sessions=sessions)
    known = facts(*((take.id, taken(take.id, index(120))) for take in takes),
                  matches={"tuesday": match})  # fmt: skip
    samples = {
        "t1": sample(folder / "t1.npy", DARK, LIGHT),
        "t2": sample(folder / "t2.npy", RED, RED),
        "t3": sample(folder / "t3.npy", LIGHT, LIGHT),
    }
    return Gathered(line, known, {}, {}, samples, {}, 0)


def report(folder: Path, found: Gathered, raster: Raster = TALL, grey: int = 128) -> Report:
    decided = plan(found.timeline, preset(raster=raster), found.facts)
    path = film(folder / "film.mp4", decided.frames, raster, grey)
    bare = made.report(plan=decided, matches=found.facts.matches, pictures={})
    return showing.shown(bare, path, found)


def event(name: str, take: str = "t1", first: int = 0, **more: object) -> Event:
    return replace(Event(name, take, Span(first, first + 24)), **more)  # type: ignore[arg-type]


def pixels(jpeg: bytes) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)[:, :, ::-1]


def test_scopes_are_of_what_the_event_shows_of_its_take(tmp_path: Path) -> None:
    zero, half = Fraction(0), Fraction(1, 2)
    found = gathered(
        tmp_path,
        event("left", fit=Fit.COVER, focus=(zero, half)),
        event("right", fit=Fit.COVER, focus=(Fraction(1), half)),
        event("padded", fit=Fit.PAD),
    )
    told = report(tmp_path, found)
    left, right, padded = (told.colours[name] for name in ("left", "right", "padded"))
    # Luma in per cent; the lower half of the first sample is as bright as the upper.
    assert np.isclose(left.before.levels.middle, 100 * 32 / 255, atol=0.5)
    assert np.isclose(right.before.levels.middle, 100 * 224 / 255, atol=0.5)
    assert pixels(left.picture).shape[:2] in {(144, 81), (144, 82)}
    assert np.isclose(padded.before.levels.bright - padded.before.levels.dark, 75.3, atol=1)
    # The bars are no part of what is measured: 8 bits, subsampled and coded, make a code or two.
    assert np.isclose(padded.after.levels.dark, 100 * 128 / 255, atol=1.5)
    assert left.after.levels.dark < 1
    assert [len(files) for files in told.pictures.values()] == [3, 3, 3]


def test_the_sample_nearest_to_the_event_is_taken_and_drawn_once(tmp_path: Path) -> None:
    found = gathered(tmp_path, event("a"), event("b"), event("late", first=96))
    told = report(tmp_path, found, Raster(256, 144), 100)
    one, same, late = (told.colours[name] for name in ("a", "b", "late"))
    assert one.before is same.before
    # The lower half of the last sample is eight codes brighter.
    assert np.isclose(late.before.levels.bright - one.before.levels.bright, 100 * 8 / 255, atol=0.1)
    page = report_html(told)
    assert "the same picture as under a" in page
    assert page.count("a picture of take t1") == 2


def test_only_so_many_events_have_scopes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showing, "SCOPED", 2)
    found = gathered(tmp_path, event("a"), event("b"), event("c"))
    told = report(tmp_path, found)
    assert set(told.colours) == {"a", "b"}
    assert set(told.pictures) == {"a", "b", "c"}
    assert "Scopes are shown for 2 of 3 events" in report_html(told)


def test_a_match_is_seen_on_its_takes_beside_the_reference(tmp_path: Path) -> None:
    half = CDL(slope=(0.5, 0.5, 0.5))
    (first, second) = report(tmp_path, gathered(tmp_path, event("a"), cdl=half)).sheets["tuesday"]
    # What the match rests on first, then the session's other takes.
    assert (first.ours, first.theirs) == ("t3", "t1")
    assert (second.ours, second.theirs) == ("t2", "t1")
    assert first.after is not None
    assert np.isclose(pixels(first.before)[:60].mean(), 224, atol=2)
    assert np.isclose(pixels(first.after)[:60].mean(), 112, atol=2)
    found = gathered(tmp_path, event("a"), cdl=half, strength=0.5)
    (weak, _) = report(tmp_path, found).sheets["tuesday"]
    assert weak.after is not None
    assert np.isclose(pixels(weak.after)[:60].mean(), 168, atol=2)


def test_without_a_match_there_is_no_after(tmp_path: Path) -> None:
    told = report(tmp_path, gathered(tmp_path, event("a")))
    assert [row.after for row in told.sheets["tuesday"]] == [None, None]
    page = report_html(told)
    assert "t3, before" in page
    assert "t3, after" not in page


def test_the_input_of_the_first_event_is_told(tmp_path: Path) -> None:
    told = report(tmp_path, gathered(tmp_path, event("a")))
    grade = replace(told.plan.events[0].grade, input=Space.PQ)
    events = (replace(told.plan.events[0], grade=grade),)
    page = report_html(replace(told, plan=replace(told.plan, events=events)))
    assert "from rec2100-pq to Rec.709" in page
