"""The verdict on a mark: the first rule that fits wins."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.facts import MarkFacts
from finisher.watermark.rules import HIT, MarkVerdict, Z, found, retention, verdict

SOURCE = MarkFacts(0.9, 12.0, found=True, strength=0.5)
NOWHERE = MarkFacts(0.1, 0.5, found=False, strength=0.01)


def export(strength: float, score: float = 0.9) -> MarkFacts:
    return MarkFacts(score, 10.0, found=found(score, 10.0), strength=strength)


@pytest.mark.parametrize(
    ("source", "found_there", "visible", "frames", "expected"),
    [
        (SOURCE, export(0.5), 1.0, 12, MarkVerdict.INTACT),
        (SOURCE, export(0.31), 1.0, 12, MarkVerdict.INTACT),
        (SOURCE, export(0.25), 1.0, 12, MarkVerdict.DEGRADED),
        (SOURCE, export(0.1), 1.0, 12, MarkVerdict.LOST),
        (SOURCE, export(0.5, score=0.3), 1.0, 12, MarkVerdict.LOST),
        (SOURCE, export(0.5), 0.7, 12, MarkVerdict.CROPPED),
        (SOURCE, None, 0.0, 0, MarkVerdict.CROPPED),
        (SOURCE, export(0.5), 1.0, 3, MarkVerdict.NOT_CHECKABLE),
        (SOURCE, None, 1.0, 12, MarkVerdict.NOT_CHECKABLE),
        (NOWHERE, export(0.5), 1.0, 12, MarkVerdict.NOT_FOUND_IN_SOURCE),
        (NOWHERE, None, 0.2, 0, MarkVerdict.NOT_FOUND_IN_SOURCE),
    ],
)
def test_the_table(source, found_there, visible, frames, expected):
    word, detail = verdict(source, found_there, visible, frames)
    assert word is expected
    assert detail


def test_both_score_and_distance_are_needed():
    assert found(HIT + 0.01, Z + 0.1)
    assert not found(HIT + 0.01, Z - 0.1)
    assert not found(HIT - 0.01, Z + 10)


def test_strength_of_an_unmeasured_source_is_unknown():
    source = MarkFacts(0.9, 9.0, found=True)
    assert retention(source, export(0.3)) is None
    assert verdict(source, export(0.3), 1.0, 12)[0] is MarkVerdict.INTACT


@given(st.floats(0, 2), st.floats(0, 2))
def test_a_stronger_mark_never_gets_a_worse_verdict(a, b):
    order = [MarkVerdict.LOST, MarkVerdict.DEGRADED, MarkVerdict.INTACT]
    weak, strong = sorted((a, b))
    words = [verdict(SOURCE, export(value), 1.0, 12)[0] for value in (weak, strong)]
    assert order.index(words[0]) <= order.index(words[1])
