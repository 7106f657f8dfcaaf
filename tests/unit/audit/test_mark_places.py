"""Places of a mark, each judged by what its own take shows of it there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.provenance.plans import plan, promises

from finisher.audit.mark_check import marks_check, unharmed
from finisher.audit.mark_evidence import MarkSample, StretchSample
from finisher.audit.mark_findings import unproven
from finisher.audit.mark_frames import Stretch
from finisher.audit.marks import judge_marks
from finisher.findings import MarkFinding, Status
from finisher.promises import PromisedMark
from finisher.sighting import MarkFacts
from finisher.timecode import Span

RIGHT = (150.0, 100.0, 90.0, 30.0)
LEFT = (10.0, 10.0, 90.0, 30.0)
THERE = MarkFacts(0.95, 9.0, found=True, strength=0.4)
GONE = MarkFacts(0.10, 1.0, found=False, strength=0.0)


def mark(span: Span, **more: Any) -> PromisedMark:
    made = PromisedMark("open", "m", (span,), RIGHT, "a", 0.9, 0.4, verified=True)
    return replace(made, **more)


def judged(*places: tuple[PromisedMark, MarkFacts]) -> MarkFinding:
    """The finding on one mark, each of its places with what was seen there."""
    made = replace(
        promises(plan()), width=256, height=144, rate="24", frames=96,
        marks=tuple(one for one, _ in places), templates={"a": b"png"},
    )  # fmt: skip
    samples = [
        MarkSample((StretchSample(Stretch(number, one.spans, one_in(one)), seen, frames=8),))
        for number, (one, seen) in enumerate(places)
    ]
    (finding,) = judge_marks(made, samples)
    return finding


def one_in(one: PromisedMark) -> tuple[int, ...]:
    (span,) = one.spans
    return tuple(range(span.start, span.end, 3))[:8]


FIRST = mark(Span(0, 40))
WRONG = mark(Span(40, 60), box=LEFT, verified=False, source_score=0.12, source_strength=0.0)


@pytest.mark.parametrize(("seen", "verdict"), [(THERE, "intact"), (GONE, "lost")])
def test_a_place_that_the_take_does_not_show_decides_nothing(seen: MarkFacts, verdict: str) -> None:
    found = judged((FIRST, seen), (WRONG, GONE))
    assert found.verdict == verdict
    assert found.detail.endswith("; unproven at 0:01.7–0:02.5: its take does not show it there")
    assert found.coverage is not None
    assert found.coverage.predicted == 40
    assert found.span == (0, 40)
    (check,) = marks_check([found])
    assert check.status is (Status.FAILED if verdict == "lost" else Status.WARNED)
    assert check.detail.endswith("at all of their places: m on open")
    assert not unharmed([found])
    assert found.detail in unproven([found], compared=True)[0]


def test_what_is_shown_where_every_place_is_proven_is_told_without_reserve() -> None:
    found = judged((FIRST, THERE), (replace(WRONG, verified=True, source_strength=0.4), THERE))
    assert (found.verdict, "unproven" in found.detail) == ("intact", False)
    assert unharmed([found])
    assert unproven([found], compared=True) == ()


def test_of_a_mark_its_take_shows_nowhere_nothing_is_claimed() -> None:
    for seen in (GONE, THERE):
        found = judged((WRONG, seen))
        assert found.verdict == "not-found-in-source"
        assert found.detail == "its take does not show it (score 0.12)"
        assert found.coverage is None
        assert found.retention is None


def test_of_a_mark_that_an_effect_may_have_moved_the_truth_is_told() -> None:
    found = judged((mark(Span(0, 40), moved=True, may_crop="a test"), GONE))
    assert found.verdict == "not-checkable"
    assert found.detail == "an effect may have moved or changed it: look at it"


@pytest.mark.parametrize(
    ("take", "verdict"), [(0.0, "intact"), (1.5, "intact"), (1.7, "degraded"), (8.0, "degraded")]
)
def test_a_mark_that_a_grade_buries_is_degraded_at_best(take: float, verdict: str) -> None:
    found = judged((mark(Span(0, 40), take_strength=take), THERE))
    assert found.verdict == verdict
    left = "5% of the contrast it has in its take is left; found with score 0.95"
    assert found.detail.startswith(left) == (take == 8.0)
    gone = judged((mark(Span(0, 40), take_strength=take), GONE))
    assert gone.verdict == "lost"
