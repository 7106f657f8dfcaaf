from tests.unit.report import made

from finisher.event import TransitionKind
from finisher.plan.model import Fill, Mix, Shot, Unit
from finisher.report.passages import Passage, gaps, into, passages
from finisher.timecode import Span


def test_transitions_are_read_from_the_pictures_across_units() -> None:
    plan = made.plan()
    # The dissolve spans [54, 66): units begin every 48 frames, so none of these splits one;
    # units of 5 frames split both.
    shown = made.pictures()
    split = made.replace(
        plan, units=tuple(Unit(n, shown[n : n + 5]) for n in range(0, len(shown), 5))
    )
    expected = (
        Passage(TransitionKind.DISSOLVE, Span(54, 66), 0, 1),
        Passage(TransitionKind.DIP, Span(120, 128), None, 2),
    )
    assert passages(plan) == passages(split) == expected


def test_a_cut_has_no_passage_and_a_loops_own_seam_is_none() -> None:
    plan = made.plan()
    found = passages(plan)
    assert into(plan, found, 0) is None
    assert into(plan, found, 1) == found[0]
    assert into(plan, found, 2) == found[1]
    assert into(plan, found, 3) is None


def test_two_transitions_that_meet_are_told_apart() -> None:
    pictures = (
        Mix(TransitionKind.DISSOLVE, Fill(), Shot(0, 0), 0, 1),
        Mix(TransitionKind.DISSOLVE, Shot(0, 1), Shot(1, 0), 0, 1),
    )
    plan = made.replace(made.plan(), units=(Unit(0, pictures),))
    assert [p.span for p in passages(plan)] == [Span(0, 1), Span(1, 2)]


def test_gaps_are_what_no_event_covers() -> None:
    plan = made.plan()
    assert gaps(plan) == (Span(108, 120),)
    assert gaps(made.replace(plan, frames=400)) == (Span(108, 120), Span(312, 400))
    assert gaps(made.replace(plan, events=())) == (Span(0, 312),)
