from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import planning

from finisher.event import TransitionKind
from finisher.facts import CodingFacts, TakeFacts
from finisher.geometry import Fit, Raster, frame
from finisher.look import CDL, ColorTags, Grade
from finisher.plan.copying import SHORTEST, Copying, Target, copying
from finisher.plan.model import Fill, Mix, Picture, PlannedEvent, Shot, Working
from finisher.presets.model import Container, ContainerFormat, Preset, Video, VideoCodec
from finisher.timecode import Rate, Span

HD, R24 = planning.HD, Rate.parse("24")
HALF = (Fraction(1, 2), Fraction(1, 2))
TAGS = ColorTags("tv", "bt709", "bt709", "bt709")
VIDEO = Video(VideoCodec.H264, "high", "yuv420p", crf=18, gop_seconds="2", b_frames=3)


def order(length: int, b_frames: int = 3) -> list[int]:
    """The order of decoding of one closed group: a key picture, then P before its B-frames."""
    found, shown = [0], 0
    while shown < length - 1:
        anchor = min(shown + b_frames + 1, length - 1)
        found += [anchor, *range(shown + 1, anchor)]
        shown = anchor
    return found


def coding(groups: Sequence[int], b_frames: int = 3, **other: Any) -> CodingFacts:
    """A take of closed groups of these lengths."""
    entries, coded, at = [], [], 0
    for length in groups:
        entries.append(at)
        coded += [at + ordinal for ordinal in order(length, b_frames)]
        at += length
    made = CodingFacts(100, b"one", (0,), TAGS, tuple(coded), tuple(entries), (1000,) * at)
    return replace(made, **other)


def take(groups: Sequence[int] = (48,) * 5, **other: Any) -> TakeFacts:
    coded = other.pop("coding", coding(groups))
    length = len([o for o in coded.order if o >= 0]) if coded is not None else sum(groups)
    made = planning.taken("t1", planning.index(length))
    return replace(made, coding=coded, **other)


def event(pictures: Sequence[Picture], at: int = 0, name: str = "t1", **other: Any) -> PlannedEvent:
    whole = frame(HD, HD, Fit.COVER, HALF)
    made = PlannedEvent(
        "e", name, Span(at, at + len(pictures)), Span(0, 1), whole, Grade(), (), None, 0, ()
    )
    return replace(made, **other)


def preset(**video: Any) -> Preset:
    return Preset("p", "", replace(VIDEO, **video), None, Container(ContainerFormat.MP4))


def shots(start: int, end: int, number: int = 0) -> list[Picture]:
    return [Shot(number, ordinal) for ordinal in range(start, end)]


def chosen(
    pictures: Sequence[Picture], facts: TakeFacts | None = None, made: PlannedEvent | None = None
) -> Copying:
    return copying(
        pictures, [made or event(pictures)], {"t1": facts or take()}, Target(preset(), HD, R24)
    )


def spans(found: Copying) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in found.spans]


def test_a_whole_take_is_one_copy() -> None:
    found = chosen(shots(0, 240))
    assert spans(found) == [(0, 240)]
    assert found.parameter_set == 1
    (told,) = found.told([event(shots(0, 240))])
    assert (told.copied, told.encoded_because) == (240, "")


def test_a_head_in_mid_group_is_encoded_to_the_next_entry() -> None:
    assert spans(chosen(shots(20, 240))) == [(28, 220)]


def test_a_group_cut_short_is_copied_as_far_as_it_stands_alone() -> None:
    # After the entry at 192 come 196, 193, 194, 195: up to 197 all is there, 200 waits for 201.
    assert spans(chosen(shots(0, 201))) == [(0, 201)]
    assert spans(chosen(shots(0, 200))) == [(0, 197)]
    assert spans(chosen(shots(0, 197))) == [(0, 197)]
    assert spans(chosen(shots(0, 196))) == [(0, 193)]


def test_what_is_too_short_is_encoded() -> None:
    found = chosen(shots(0, SHORTEST - 1))
    assert found.spans == ()
    assert "stand alone" in (found.reasons or {})[0]
    assert spans(chosen(shots(0, 13))) == [(0, 13)]


def test_transitions_gaps_and_retimes_are_encoded() -> None:
    mixed = [Mix(TransitionKind.DISSOLVE, Shot(0, k), Shot(0, k + 50), k, 12) for k in range(12)]
    pictures = [*shots(0, 48), *mixed, Fill(), *shots(96, 144)]
    assert spans(chosen(pictures)) == [(0, 48), (61, 109)]
    assert chosen([Shot(0, 2 * k) for k in range(100)]).spans == ()
    assert chosen([Shot(0, 200 - k) for k in range(200)]).spans == ()
    assert chosen([Shot(0, k // 2) for k in range(400)]).spans == ()


def test_every_pass_of_a_loop_is_a_copy_of_its_own() -> None:
    assert spans(chosen([*shots(48, 96), *shots(48, 96)])) == [(0, 48), (48, 96)]


def test_hidden_pictures_keep_their_group_from_being_copied() -> None:
    # Ten pictures are hidden, among them the first entry.
    hidden = tuple(o - 10 if o >= 10 else -1 for o in coding((48,) * 3).order)
    facts = take(coding=coding((48,) * 3, order=hidden, entries=(38, 86)))
    assert spans(chosen(shots(0, 134), facts)) == [(38, 134)]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"codec": "hevc"}, "coded as hevc"),
        ({"coding": None}, "head of its track"),
        ({"pixel_format": "yuv422p"}, "no yuv420p"),
        ({"raster": Raster(1280, 720)}, "1280x720"),
        ({"coding": coding((48,) * 5, profile=110)}, "profile high"),
        ({"coding": coding((48,) * 5, tags=ColorTags("tv", None, None, None))}, "Rec.709"),
        ({"tags": ColorTags("pc", "bt709", "bt709", "bt709")}, "the edit says that it is not"),
        ({"coding": coding((120, 120))}, "120 frames apart"),
        ({"coding": coding((48,) * 5, b_frames=5)}, "5 B-frames"),
        ({"index": planning.index(240, "25")}, "does not run at 24"),
    ],
)
def test_takes_that_are_otherwise_are_encoded_and_it_is_said(
    change: dict[str, Any], why: str
) -> None:
    found = chosen(shots(0, 240), take(**change))
    assert found.spans == ()
    assert why in (found.reasons or {})[0]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"grade": Grade(cdl=CDL(slope=(1.1, 1.0, 1.0)))}, "graded"),
        ({"working": Working(0, (), R24, ())}, "effects"),
        ({"framing": frame(HD, Raster(608, 1080), Fit.COVER, HALF)}, "framed"),
    ],
)
def test_events_that_are_touched_are_encoded(change: dict[str, Any], why: str) -> None:
    found = chosen(shots(0, 240), made=event(shots(0, 240), **change))
    assert found.spans == ()
    assert why in (found.reasons or {})[0]


def test_a_rate_limit_of_the_preset_is_held_in_every_second() -> None:
    sizes = (1000,) * 120 + (5000,) * 24 + (1000,) * 96
    facts = take(coding=coding((48,) * 5, sizes=sizes))
    for limit, copied in ((960_000, 240), (959_999, 0)):
        found = copying(
            shots(0, 240),
            [event(shots(0, 240))],
            {"t1": facts},
            Target(preset(max_rate=limit), HD, R24),
        )
        assert sum(map(len, found.spans)) == copied


def test_nothing_is_copied_into_a_draft_or_a_file_of_a_size_asked_for() -> None:
    sized = preset(crf=None, file_bytes=1_000_000)
    for to, why in ((sized, "a size"), (replace(preset(), draft=True), "draft")):
        found = copying(shots(0, 240), [event(shots(0, 240))], {"t1": take()}, Target(to, HD, R24))
        assert found.spans == ()
        assert why in (found.reasons or {})[0]


def test_what_is_not_h264_is_never_copied() -> None:
    to = preset(codec=VideoCodec.PRORES, profile="hq", pixel_format="yuv422p10le")
    found = copying(shots(0, 240), [event(shots(0, 240))], {"t1": take()}, Target(to, HD, R24))
    assert found.spans == ()
    assert "never copied" in (found.reasons or {})[0]


def test_the_sets_of_parameters_with_most_to_copy_win() -> None:
    other = replace(take(), coding=coding((48,) * 5, parameters=b"two", numbers=(0, 3)))
    pictures = [*shots(0, 96), *shots(0, 144, 1), *shots(96, 144, 2)]
    events = [
        event(pictures[:96]),
        event(pictures[96:240], 96, "t2"),
        event(pictures[240:], 240),
    ]
    takes = {"t1": take(), "t2": other}
    found = copying(pictures, events, takes, Target(preset(), HD, R24))
    assert sum(map(len, found.spans)) == 144
    assert spans(found) in ([(0, 96), (240, 288)], [(96, 240)])
    assert "not those of the other takes" in " ".join((found.reasons or {}).values())
    assert found.parameter_set not in (0, 3)


@given(
    st.lists(st.integers(1, 60), min_size=1, max_size=6),
    st.integers(0, 4),
    st.data(),
)
def test_what_is_copied_is_closed_under_decoding(
    groups: list[int], b_frames: int, data: st.DataObject
) -> None:
    """Whatever range is shown: decoding what is copied, and nothing else, shows just that."""
    coded = coding(groups, b_frames)
    total = sum(groups)
    start = data.draw(st.integers(0, total - 1))
    end = data.draw(st.integers(start + 1, total))
    video = preset(gop_seconds="60", b_frames=16)
    found = copying(
        shots(start, end),
        [event(shots(start, end))],
        {"t1": take(coding=coded)},
        Target(video, HD, R24),
    )
    at = 0
    for span in found.spans:
        assert at <= span.start < span.end <= end - start
        assert len(span) >= SHORTEST
        at = span.end
        ordinals = set(range(start + span.start, start + span.end))
        place = coded.order.index(min(ordinals))
        assert min(ordinals) in coded.entries
        assert set(coded.order[place : place + len(ordinals)]) == ordinals
