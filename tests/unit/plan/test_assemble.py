from __future__ import annotations

from dataclasses import replace

import pytest
from tests.planning import facts, index, preset, taken, timeline

from finisher.event import Event
from finisher.facts import FrameIndex
from finisher.geometry import Raster
from finisher.look import ColorTags
from finisher.plan.assemble import plan
from finisher.plan.model import Mix, Plan
from finisher.presets.model import Limits, Preset
from finisher.problems import DocumentError, MediaError, Severity
from finisher.timecode import Rate, Span
from finisher.timeline import Take, Timeline

KNOWN = facts(("t1", taken("t1", index(100))), ("t2", taken("t2", index(400))))


def event(start: int, end: int, take: str = "t1") -> Event:
    return Event(f"{take}-{start}", take, Span(start, end))


def of_take(frames: FrameIndex, rate: Rate | None = None) -> Plan:
    line = replace(timeline(event(0, 9)), takes=(Take("t1", "takes/t1.mp4"),))
    line = replace(line, rate=rate or line.rate)
    return plan(line, preset(), facts(("t1", taken("t1", frames))))


def test_the_units_are_the_programme_and_only_used_takes_go_in() -> None:
    made = plan(timeline(event(10, 90, "t2")), preset(), KNOWN)
    assert made.frames == 80 == sum(len(unit.pictures) for unit in made.units)
    assert [take.id for take in made.takes] == ["t2"]
    assert made.sound is None
    assert made.layers == ()


def test_a_preset_without_raster_and_rate_keeps_the_edits_own() -> None:
    line = timeline(event(0, 48), canvas=Raster(1280, 720))
    kept = plan(line, preset(), KNOWN)
    assert (kept.raster, kept.rate, kept.frames) == (Raster(1280, 720), Rate.parse("24"), 48)
    other = plan(line, preset(raster=Raster(1080, 1920), rate="25"), KNOWN)
    assert (other.raster, other.rate, other.frames) == (Raster(1080, 1920), Rate.parse("25"), 50)


def test_missing_media_stops_the_plan_with_all_problems() -> None:
    line = timeline(event(0, 101), event(0, 401, "t2"))
    with pytest.raises(DocumentError) as caught:
        plan(line, preset(), KNOWN)
    assert [p.code for p in caught.value.problems] == ["range", "range"]


def test_all_takes_that_cannot_be_conformed_are_refused_together() -> None:
    hdr = ColorTags("tv", "bt709", "bt709", "smpte2084")
    known = facts(
        ("t1", taken("t1", index(100), tags=hdr)), ("t2", taken("t2", index(100), rotation=180))
    )
    with pytest.raises(MediaError) as caught:
        plan(timeline(event(0, 9), event(0, 9, "t2")), preset(), known)
    assert len(caught.value.problems) == 2
    # A take that no event shows may be as it likes.
    assert plan(timeline(event(0, 9, "t2")), preset(), facts(
        ("t1", taken("t1", index(100), tags=hdr)), ("t2", taken("t2", index(100)))
    )).frames == 9  # fmt: skip


def test_assumptions_are_repairs_not_warnings() -> None:
    untagged = facts(("t1", taken("t1", index(9), tags=ColorTags(None, None, None, None))))
    made = plan(timeline(event(0, 9)), preset(), untagged)
    assert [p.code for p in made.repairs] == ["colour-conform"] * 2
    assert made.warnings == ()


def rate_note(made: Plan) -> str | None:
    notes = [p.message for p in made.repairs if p.code == "rate-conform"]
    assert len(notes) <= 1
    return notes[0] if notes else None


def test_a_take_at_the_programmes_rate_needs_no_note() -> None:
    for rate in ("24", "25", "24000/1001", "30000/1001"):
        assert rate_note(of_take(index(100, rate), Rate.parse(rate))) is None


def test_a_take_at_another_rate_is_told() -> None:
    note = rate_note(of_take(index(100, "30")))
    assert note is not None
    assert "runs at 30 frames a second: each frame at 24 shows" in note
    assert "24000/1001" in (rate_note(of_take(index(100, "24000/1001"))) or "")


def test_a_take_of_variable_rate_is_told() -> None:
    steps = index(100)
    pts = tuple(t for t in steps.pts if t % 5 not in (1, 3))
    note = rate_note(of_take(replace(steps, pts=pts)))
    assert note is not None
    assert "a variable rate" in note


@pytest.mark.parametrize("rate", ["24", "24000/1001", "30000/1001", "60"])
def test_times_rounded_to_milliseconds_are_the_programmes_rate(rate: str) -> None:
    frames = milliseconds(100, Rate.parse(rate))
    assert rate_note(of_take(frames, Rate.parse(rate))) is None
    assert rate_note(of_take(frames, Rate.parse("50"))) is not None


def milliseconds(count: int, rate: Rate) -> FrameIndex:
    """An index as Matroska and WebM state it."""
    step = replace(index(2), time_base=index(2).time_base / 1000 * 24).time_base
    times = [round(rate.seconds(k) * 1000) for k in range(count + 1)]
    return FrameIndex(step, tuple(times[:-1]), (0,), times[-1])


def limited(limits: Limits, frames: int) -> Plan:
    return plan(timeline(event(0, frames, "t2")), preset("p", limits=limits), KNOWN)


def test_a_length_within_the_limits_is_fine_to_the_frame() -> None:
    limits = Limits(min_seconds=3.0, max_seconds=5.0)
    assert limited(limits, 72).warnings == ()
    assert limited(limits, 120).warnings == ()


@pytest.mark.parametrize(
    ("frames", "words"), [(71, "2.96 s is shorter than 3 s"), (121, "5.04 s is longer than 5 s")]
)
def test_a_length_beyond_the_limits_is_a_warning_or_refused(frames: int, words: str) -> None:
    limits = Limits(min_seconds=3.0, max_seconds=5.0)
    (warning,) = limited(limits, frames).warnings
    assert warning.severity is Severity.WARNING
    assert words in warning.message
    with pytest.raises(DocumentError, match=words):
        limited(replace(limits, refuse=True), frames)


def test_a_looping_preset_closes_the_programme_or_warns() -> None:
    looping: Preset = preset(loop_frames=12)
    made = plan(timeline(event(20, 90)), looping, KNOWN)
    assert made.warnings == ()
    pictures = [p for unit in made.units for p in unit.pictures]
    assert [isinstance(p, Mix) for p in pictures] == [False] * 58 + [True] * 12
    assert made.frames == 70
    (warning,) = plan(timeline(event(5, 90)), looping, KNOWN).warnings
    assert (warning.code, warning.severity) == ("loop-cut", Severity.WARNING)
    assert "7 too few" in warning.message


def test_the_same_edit_gives_the_same_plan() -> None:
    line: Timeline = timeline(event(20, 90), event(30, 90, "t2"))
    assert plan(line, preset(), KNOWN) == plan(line, preset(), KNOWN)
