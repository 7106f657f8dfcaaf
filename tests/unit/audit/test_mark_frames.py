"""Which frames are looked at: nobody can know; all of a mark's time has its share."""

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.audit.mark_frames import (
    chosen_frames,
    kept_in,
    parted,
    references_with,
    spread,
    stretches_of,
)
from finisher.geometry import Raster
from finisher.promises import PromisedMark
from finisher.timecode import Span
from finisher.watermark.reference import Reference

HD = Raster(1920, 1080)
ROOM = (1 << 30) // (1920 * 1080)


def mark(*spans: Span, event: str = "one") -> PromisedMark:
    return PromisedMark(event, "corner", spans, (0.0, 0.0, 90.0, 30.0), "a", 0.9, 0.4)


def reference(count: int) -> Reference:
    luma = np.zeros((count, 4, 4), np.uint8)
    box = (1.0, 1.0, 2.0, 2.0)
    return Reference("one", "corner", tuple(range(count)), (0, 0, 4, 4), box, luma)


def test_nobody_knows_beforehand_which_frames_are_looked_at():
    spans = (Span(10, 298),)
    one, other = spread(spans, 24, "a" * 64), spread(spans, 24, "b" * 64)
    assert one != other
    assert one == spread(spans, 24, "a" * 64)
    for frames in (one, other):
        assert len(frames) == len(set(frames)) == 24
        # One of each 24th part: no stretch goes unseen for longer than two of them.
        assert [(frame - 10) // 12 for frame in frames] == list(range(24))
    assert spread((Span(5, 8),), 24, "a") == (5, 6, 7)
    assert spread((), 24, "a") == ()


def test_a_time_is_cut_into_parts_as_long_as_each_other():
    cut = parted((Span(10, 14), Span(20, 28)), 3)
    assert cut == ((Span(10, 14),), (Span(20, 24),), (Span(24, 28),))
    assert parted((Span(0, 3), Span(5, 8)), 2) == ((Span(0, 3),), (Span(5, 8),))


lengths = st.lists(st.tuples(st.integers(1, 40), st.integers(0, 40)), max_size=12)


@settings(max_examples=60)
@given(lengths, st.integers(1, 6))
def test_every_frame_looked_at_shows_its_mark(pieces: list[tuple[int, int]], events: int):
    spans, at = [], 0
    for gap, length in pieces:
        at += gap
        if length:
            spans.append(Span(at, at + length))
        at += length
    marks = [mark(*spans, event=str(number)) for number in range(events)]
    for stretch in stretches_of(marks, HD, "seed"):
        shown = {frame for span in stretch.spans for frame in range(span.start, span.end)}
        assert set(stretch.frames) <= shown
        assert len(set(stretch.frames)) == len(stretch.frames)
    told = [s for stretch in stretches_of(marks[:1], HD, "seed") for s in stretch.spans]
    # No time is left out, but for what is too short to say anything of.
    assert sum(map(len, spans)) - sum(map(len, told)) < 4


def test_a_mark_in_many_stretches_is_looked_for_in_each():
    told = stretches_of([mark(Span(0, 30), Span(40, 70)), mark(Span(80, 83), Span(85, 86))], HD, "")
    assert [stretch.mark for stretch in told] == [0, 0, 1]
    assert [len(stretch.frames) for stretch in told] == [8, 8, 4]


def test_there_is_room_for_so_many_frames():
    many = [mark(Span(0, 240), event=str(number)) for number in range(1000)]
    told = stretches_of(many, HD, "")
    assert sum(len(stretch.frames) for stretch in told) <= ROOM
    assert {len(stretch.frames) for stretch in told} == {0, 4}
    assert not any(stretch.frames for stretch in stretches_of(many, HD, "", spared=ROOM))
    kept = references_with([reference(8)] * 1000, HD)
    assert sum(map(len, kept.values())) <= ROOM // 2
    assert references_with([reference(3)], HD) == {0: (0, 1, 2)}


def test_frames_are_found_again_by_their_numbers(tmp_path: Path):
    raw = tmp_path / "raw"
    assert kept_in(raw, (0, 5), (2, 3)) is None
    raw.write_bytes(bytes(range(12)))
    chosen = chosen_frames([[5], [9, 5]])
    assert chosen == (0, 5, 9)
    kept = kept_in(raw, chosen, (2, 3))
    assert kept is not None
    assert [plane[0, 0] for plane in kept.of((5, 9))] == [6]
    assert chosen_frames([[], []]) == ()
