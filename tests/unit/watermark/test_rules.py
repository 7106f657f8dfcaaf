"""The verdict on a mark: the first rule that fits wins."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.findings import Coverage
from finisher.sighting import MarkFacts
from finisher.watermark.rules import (
    DEGRADED_BELOW_AS_FORETOLD,
    HIT,
    LEAST,
    PER_Z,
    MarkVerdict,
    false_positives,
    found,
    judge,
    retention,
    threshold,
)
from finisher.watermark.seen import Agreement, Fidelity, Left, Seen

SOURCE = MarkFacts(0.9, 12.0, found=True, strength=0.5)
NOWHERE = MarkFacts(0.1, 0.5, found=False, strength=0.01)
ALIKE = Agreement(0.95, 0.93, 0.97, 0.97)
LEFT = Left(0.9, 0, 12, 0.95, 0.95, 0.9)
SAME = Fidelity(ALIKE, None, 0.96, LEFT)


def held(kept: float = 0.96, **changes: float | None) -> Fidelity:
    """A place that agrees in luma, but for some changes."""
    left = replace(LEFT, whole=kept)
    return replace(SAME, luma=replace(ALIKE, **changes), kept=kept, left=left)


def taken(kept: float, **changes: float | None) -> Fidelity:
    """One whose encoder took from what is beside it too."""
    return held(kept, **{"around": 0.9, "noise": 0.3, **changes})


def export(strength: float, score: float = 0.9, z: float = 10.0) -> MarkFacts:
    return MarkFacts(score, z, found=found(score, z), strength=strength)


ABSENT = export(0.01, score=0.1, z=0.5)
WHOLE = Seen(source=SOURCE, export=export(0.5), visible=1.0, frames=24)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, MarkVerdict.INTACT),
        ({"export": export(0.31)}, MarkVerdict.INTACT),
        ({"export": export(0.25)}, MarkVerdict.DEGRADED),
        ({"export": export(0.1)}, MarkVerdict.LOST),
        ({"export": ABSENT}, MarkVerdict.LOST),
        ({"export": ABSENT, "turned": "mirrored"}, MarkVerdict.ALTERED),
        ({"visible": 0.7}, MarkVerdict.CROPPED),
        ({"export": None, "visible": 0.0, "frames": 0}, MarkVerdict.CROPPED),
        ({"frames": 3}, MarkVerdict.NOT_CHECKABLE),
        ({"export": None}, MarkVerdict.NOT_CHECKABLE),
        ({"source": NOWHERE}, MarkVerdict.NOT_FOUND_IN_SOURCE),
        ({"source": NOWHERE, "export": None, "visible": 0.2}, MarkVerdict.NOT_FOUND_IN_SOURCE),
        ({"fidelity": SAME}, MarkVerdict.INTACT),
        ({"fidelity": held(box=0.1)}, MarkVerdict.ALTERED),
        ({"fidelity": held(box=0.1, control=0.15)}, MarkVerdict.ALTERED),
        ({"fidelity": held(box=0.1, control=None)}, MarkVerdict.ALTERED),
        ({"fidelity": held(box=0.35, control=0.4, noise=2.0)}, MarkVerdict.INTACT),
        ({"fidelity": held(box=0.35, control=0.4)}, MarkVerdict.ALTERED),
        ({"fidelity": replace(SAME, chroma=replace(ALIKE, box=0.3))}, MarkVerdict.ALTERED),
        ({"fidelity": Fidelity(replace(ALIKE, box=0.5), ALIKE, 0.96)}, MarkVerdict.INTACT),
        ({"fidelity": Fidelity(replace(ALIKE, box=0.4), ALIKE, 0.96)}, MarkVerdict.ALTERED),
        ({"fidelity": replace(SAME, left=replace(LEFT, gone=1))}, MarkVerdict.DEGRADED),
        ({"fidelity": replace(SAME, left=replace(LEFT, gone=2))}, MarkVerdict.ALTERED),
        ({"fidelity": replace(SAME, left=replace(LEFT, least=0.2))}, MarkVerdict.ALTERED),
        ({"fidelity": replace(SAME, left=replace(LEFT, least=0.4))}, MarkVerdict.DEGRADED),
        ({"fidelity": replace(SAME, left=replace(LEFT, later=0.6))}, MarkVerdict.DEGRADED),
        ({"fidelity": replace(SAME, left=replace(LEFT, then=0.1))}, MarkVerdict.DEGRADED),
        # As strong as it was, a pixel or two beside its place.
        ({"fidelity": replace(SAME, left=replace(LEFT, whole=0.7))}, MarkVerdict.ALTERED),
        ({"fidelity": replace(SAME, left=None)}, MarkVerdict.INTACT),
        ({"alone": Left(0.9, 1, 12)}, MarkVerdict.INTACT),
        ({"alone": Left(0.9, 2, 12)}, MarkVerdict.DEGRADED),
        ({"alone": Left(0.1, 0, 12)}, MarkVerdict.DEGRADED),
        ({"alone": Left(0.9, 5, 12), "fidelity": SAME}, MarkVerdict.DEGRADED),
        ({"export": export(0.5, score=0.6), "fidelity": SAME}, MarkVerdict.INTACT),
        # What an encoder may have taken: from what is beside it too, and no more than that tells.
        ({"fidelity": taken(0.5)}, MarkVerdict.INTACT),
        ({"fidelity": held(0.5)}, MarkVerdict.DEGRADED),
        ({"fidelity": taken(0.5, around=0.97)}, MarkVerdict.DEGRADED),
        ({"fidelity": taken(0.5, noise=0.05)}, MarkVerdict.DEGRADED),
        ({"fidelity": taken(0.5, around=None)}, MarkVerdict.DEGRADED),
        ({"fidelity": taken(0.4)}, MarkVerdict.DEGRADED),
        ({"fidelity": taken(0.4, around=0.6)}, MarkVerdict.INTACT),
        ({"export": export(0.25), "fidelity": taken(0.5)}, MarkVerdict.INTACT),
        ({"export": export(0.25), "fidelity": taken(0.5, least=0.6)}, MarkVerdict.DEGRADED),
        ({"export": export(0.19), "fidelity": taken(0.5)}, MarkVerdict.DEGRADED),
        ({"export": export(0.1), "fidelity": SAME}, MarkVerdict.LOST),
        ({"fidelity": held(least=0.9)}, MarkVerdict.INTACT),
        ({"fidelity": held(least=0.6)}, MarkVerdict.DEGRADED),
        ({"export": export(0.5, score=0.6)}, MarkVerdict.DEGRADED),
        ({"fidelity": held(kept=0.2, around=0.1)}, MarkVerdict.DEGRADED),
        ({"export": replace(export(0.5), least=0.1)}, MarkVerdict.ALTERED),
        ({"fidelity": held(kept=0.1)}, MarkVerdict.LOST),
        ({"fidelity": held(kept=None), "export": export(0.2)}, MarkVerdict.DEGRADED),
        ({"fidelity": held(around=None, kept=0.4)}, MarkVerdict.DEGRADED),
        ({"coverage": Coverage(240, 240, 240, 10.0)}, MarkVerdict.INTACT),
        ({"coverage": Coverage(238, 240, 240, 9.9), "places": 2}, MarkVerdict.INTACT),
        ({"coverage": Coverage(237, 240, 240, 9.9), "places": 2}, MarkVerdict.DEGRADED),
        ({"coverage": Coverage(12, 240, 240, 0.5), "places": 2}, MarkVerdict.LOST),
    ],
)
def test_the_table(changes, expected):
    word, detail = judge(replace(WHOLE, **changes))
    assert word is expected
    assert detail


def test_a_mark_too_weak_to_be_found_blind_is_followed_where_it_was_foretold():
    weak = export(0.4, score=LEAST + 0.1, z=2.0)
    assert not weak.found
    assert judge(replace(WHOLE, export=weak))[0] is MarkVerdict.LOST
    assert judge(replace(WHOLE, export=weak, fidelity=SAME))[0] is MarkVerdict.INTACT
    gone = held(kept=0.05)
    assert judge(replace(WHOLE, export=weak, fidelity=gone))[0] is MarkVerdict.LOST
    trace = replace(weak, strength=0.1)
    assert judge(replace(WHOLE, export=trace, fidelity=SAME))[0] is MarkVerdict.LOST
    covered = held(box=0.1)
    assert judge(replace(WHOLE, export=weak, fidelity=covered))[0] is MarkVerdict.LOST


@given(st.floats(-1, 1), st.floats(-10, 40))
def test_what_stands_out_more_may_score_less(score, z):
    assert found(score, z) == (score > threshold(z))
    assert threshold(z) >= threshold(z + 1) >= LEAST
    assert threshold(0) == HIT
    assert threshold(1) == pytest.approx(HIT - PER_Z)


def test_strength_of_an_unmeasured_source_is_unknown():
    source = MarkFacts(0.9, 9.0, found=True)
    assert retention(source, export(0.3)) is None
    word, detail = judge(replace(WHOLE, source=source, export=export(0.3)))
    assert word is MarkVerdict.INTACT
    assert "unknown" in detail


@given(st.floats(0, 2), st.floats(0, 2))
def test_a_stronger_mark_never_gets_a_worse_verdict(a, b):
    order = [MarkVerdict.LOST, MarkVerdict.DEGRADED, MarkVerdict.INTACT]
    weak, strong = sorted((a, b))
    words = [judge(replace(WHOLE, export=export(value)))[0] for value in (weak, strong)]
    assert order.index(words[0]) <= order.index(words[1])


ORDER = [MarkVerdict.INTACT, MarkVerdict.DEGRADED, MarkVerdict.ALTERED, MarkVerdict.LOST]


@settings(max_examples=60)
@given(st.floats(0, 1), st.floats(0.73, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_comparing_a_found_mark_makes_its_verdict_no_better_but_excuses_a_weaker_one(
    strength, score, box, kept, least
):
    seen = replace(WHOLE, export=replace(export(strength, score=score), least=least))
    # Nothing was taken from the areas beside it.
    compared = replace(seen, fidelity=held(kept, box=box, control=0.95, around=1.0, least=least))
    alone, more = judge(seen)[0], judge(compared)[0]
    if ORDER.index(more) < ORDER.index(alone):
        assert (alone, more) == (MarkVerdict.DEGRADED, MarkVerdict.INTACT)
        assert retention(SOURCE, seen.export) >= DEGRADED_BELOW_AS_FORETOLD


def test_a_users_own_figures_go_before_ours():
    assert false_positives("0 of 48 000 on 6 takes") == "0 of 48 000 on 6 takes"
    assert "takes" in false_positives(None)
