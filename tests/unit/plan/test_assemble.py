from __future__ import annotations

from dataclasses import replace

import pytest
from tests.planning import facts, index, preset, taken, timeline
from tests.sounding import layer_facts

from finisher.event import Event, NativeSound, Sounding
from finisher.facts import FrameIndex
from finisher.geometry import Raster
from finisher.hearing import SoundFacts, ToneFacts
from finisher.look import ColorTags
from finisher.plan.assemble import plan
from finisher.plan.model import Mix, Plan
from finisher.presets.model import Audio, AudioCodec, Limits, Preset
from finisher.problems import DocumentError, MediaError, Severity
from finisher.timecode import Rate, Span
from finisher.timeline import Filling, Layer, Role, Take, Timeline

KNOWN_SECOND = ("t2", taken("t2", index(400)))
KNOWN = facts(("t1", taken("t1", index(100))), KNOWN_SECOND)


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


SOUNDING = replace(preset(), audio=Audio(AudioCodec.AAC))


def heard(samples: int) -> SoundFacts:
    return SoundFacts(samples, 2, 48_000)


def test_what_cannot_be_heard_stops_the_plan_with_what_cannot_be_seen() -> None:
    line = timeline(event(0, 48), replace(event(2, 101), id="early", j_cut=9_000))
    layer = Layer("bed", "b.wav", Role.MUSIC, fit=Filling.PAD, length=1_000)
    line = replace(line, layers=(layer,))
    known = facts(("t1", taken("t1", index(100), sound=heard(200_000))), KNOWN_SECOND)
    known = replace(known, layers={"bed": layer_facts(2_000)})
    with pytest.raises(DocumentError) as caught:
        plan(line, SOUNDING, known)
    codes = [p.code for p in caught.value.problems]
    assert codes == ["range", "split-handles", "layer-too-long"]
    # Without sound nobody asks for any.
    with pytest.raises(DocumentError) as caught:
        plan(line, preset(), known)
    assert [p.code for p in caught.value.problems] == ["range"]


def test_a_take_that_is_only_heard_goes_in_and_so_does_a_stretched_layer() -> None:
    muted = Sounding(NativeSound.MUTE, room_tone="t1")
    layer = Layer("bed", "b.wav", Role.MUSIC, fit=Filling.STRETCH, length=96_000)
    line = replace(timeline(replace(event(0, 48, "t2"), sound=muted)), layers=(layer,))
    known = facts(("t1", taken("t1", index(100), sound=heard(200_000))), KNOWN_SECOND)
    known = replace(
        known, layers={"bed": layer_facts(100_000)}, tones={"t1": ToneFacts(Span(0, 9_000), -60.0)}
    )
    made = plan(line, SOUNDING, known)
    assert [take.id for take in made.takes] == ["t1", "t2"]
    assert [event.take for event in made.events] == ["t2"]
    assert [layer.id for layer in made.layers] == ["bed"]
    part = plan(line, SOUNDING, known, Span(0, 12))
    assert [take.id for take in part.takes] == ["t1", "t2"]
    assert [layer.id for layer in part.layers] == ["bed"]
    assert [take.id for take in plan(line, preset(), known).takes] == ["t2"]


def test_the_plan_tells_in_words_what_is_heard_apart_from_its_picture() -> None:
    line = timeline(replace(event(0, 48), l_cut=4_800), replace(event(20, 68, "t2"), j_cut=9_600))
    layer = Layer("bed", "b.wav", Role.MUSIC, fit=Filling.TRIM, length=48_000)
    line = replace(line, layers=(layer,))
    known = facts(
        ("t1", taken("t1", index(100), sound=heard(200_000))),
        ("t2", taken("t2", index(100), sound=heard(200_000))),
    )
    made = plan(line, SOUNDING, replace(known, layers={"bed": layer_facts(60_000)}))
    assert [(note.code, note.message) for note in made.repairs] == [
        ("sound-split", "event t1-0 is heard 0.100 s after it was seen"),
        ("sound-split", "event t2-20 is heard 0.200 s before it is seen"),
        ("layer-fitted", "layer bed is trimmed from 60000 to 48000 samples"),
    ]
