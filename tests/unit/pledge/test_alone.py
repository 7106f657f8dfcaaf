"""When an event, or a mark at one of its places, is alone on screen."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from finisher.event import TransitionKind
from finisher.plan.model import Fill, Mix, Picture, Shot, Worked
from finisher.pledge.alone import alone, within
from finisher.timecode import Span

OWN, OTHER = Shot(0, 3), Shot(1, 3)
DISSOLVED = Mix(TransitionKind.DISSOLVE, OWN, Worked(0, 1), 0, 4)
BLENDED = Mix(TransitionKind.BLEND, OWN, OWN, 0, 4)
MIXED = Mix(TransitionKind.DISSOLVE, OWN, OTHER, 0, 4)


def test_a_dissolve_within_an_event_counts_and_nothing_else_that_is_mixed() -> None:
    pictures: list[Picture] = [OTHER, MIXED, OWN, DISSOLVED, BLENDED, Worked(0, 2), Fill(), OWN]
    assert alone(pictures, 0, Span(1, 8)) == (Span(2, 4), Span(5, 6), Span(7, 8))
    assert alone(pictures, 0, Span(3, 6)) == (Span(3, 4), Span(5, 6))
    assert alone(pictures, 1, Span(0, 2)) == (Span(0, 1),)


def spans(most: int) -> st.SearchStrategy[tuple[Span, ...]]:
    """Stretches that do not touch, in order."""
    ends = st.lists(st.integers(0, 60), unique=True, max_size=2 * most)
    return ends.map(sorted).map(
        lambda at: tuple(Span(a, b) for a, b in zip(at[::2], at[1::2], strict=False))
    )


@given(spans(6), spans(6))
def test_a_mark_has_the_frames_that_show_both_its_event_and_its_place(
    runs: tuple[Span, ...], shown: tuple[Span, ...]
) -> None:
    found = within(runs, shown)
    frames = {frame for run in runs for frame in range(run.start, run.end)}
    if shown:
        frames &= {frame for span in shown for frame in range(span.start, span.end)}
    assert [frame for one in found for frame in range(one.start, one.end)] == sorted(frames)
