"""From scores of places to the stretches a mark stands there."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.watermark.dwells import dwells
from finisher.watermark.levels import Dwell, Followed, Look, levels_of
from finisher.watermark.mending import filled


def followed(x: int, scores: np.ndarray, looks: list[Look]) -> Followed:
    best = max((look.evidence for look in looks), default=0.0)
    place = Followed(x, 40, 0, best, (float(x), 40.0), looks=looks)
    place.scores.extend(scores.tolist())
    return place


def steps(count: int, start: int, end: int, high: float, seed: int) -> np.ndarray:
    """Scores of a place where a mark stands from one picture to another, with noise."""
    scores = np.random.default_rng(seed).normal(0, 0.08, count)
    scores[start:end] += high
    return scores


def windows(start: int, end: int, score: float, z: float) -> list[Look]:
    return [Look(at, at + 3, score, z) for at in range(start, end - 2, 3)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(6, 30), min_size=2, max_size=5), st.integers(0, 99))
def test_stretches_end_to_end_are_found_to_the_picture(lengths: list[int], seed: int) -> None:
    ends = np.cumsum(lengths).tolist()
    truth = list(pairwise([0, *ends]))
    places = [
        followed(100 * number, steps(ends[-1], a, b, 0.7, seed + number), windows(a, b, 0.75, 7.0))
        for number, (a, b) in enumerate(truth)
    ]
    found = dwells(places, ends[-1])
    assert [one.where for one in found] == places
    for one, (start, end) in zip(found, truth, strict=True):
        assert abs(one.start - start) <= 1
        assert abs(one.end - end) <= 1


def test_what_no_look_bears_out_stays_a_gap() -> None:
    sure = followed(0, steps(40, 0, 20, 0.7, 1), windows(0, 20, 0.75, 7.0))
    other = followed(300, steps(40, 20, 40, 0.7, 2), windows(20, 40, 0.40, 3.0))
    assert [one.where for one in dwells([sure, other], 40)] == [sure]


def test_a_likely_place_counts_beside_a_sure_one_and_not_alone() -> None:
    sure = followed(0, steps(40, 0, 20, 0.7, 1), windows(0, 20, 0.75, 7.0))
    likely = followed(300, steps(40, 20, 40, 0.5, 2), windows(20, 40, 0.55, 5.0))
    assert [one.where for one in dwells([sure, likely], 40)] == [sure, likely]
    assert dwells([likely], 40) == ()


def test_scenery_that_passes_by_little_by_little_is_no_mark() -> None:
    sure = followed(0, steps(60, 0, 20, 0.7, 1), windows(0, 20, 0.75, 7.0))
    ramp = 0.5 * np.exp(-(((np.arange(60) - 40) / 9) ** 2))
    scenery = followed(300, ramp, windows(34, 46, 0.55, 5.0))
    assert [one.where for one in dwells([sure, scenery], 60)] == [sure]


@pytest.mark.parametrize(("score", "there"), [(0.9, True), (0.6, False)])
def test_one_that_stays_must_stand_out_more(score: float, there: bool) -> None:
    looks = [Look(at, at + 6, score, 5.0) for at in range(0, 43, 3)]
    still = followed(0, np.full(48, score), looks)
    assert [(one.start, one.end) for one in dwells([still], 48)] == [(0, 48)] * there


def test_of_two_that_stay_alike_neither_is_taken() -> None:
    looks = [Look(at, at + 6, 0.9, 5.0) for at in range(0, 43, 3)]
    still = [followed(x, np.full(48, 0.9), list(looks)) for x in (0, 200)]
    assert dwells(still, 48) == ()


def test_a_place_that_rises_as_its_neighbour_goes_is_none() -> None:
    """Beside a mark's edges the template fits worse than nowhere; that ends when the mark goes."""
    mark = followed(0, steps(40, 0, 20, 0.8, 1), windows(0, 20, 0.8, 8.0))
    scores = steps(40, 0, 20, -0.4, 2) + 0.1
    beside = followed(60, scores, [Look(20, 20, 0.6, 8.0), Look(20, 20, 0.6, 8.0)])
    assert [one.where for one in dwells([mark, beside], 40)] == [mark]


def test_nothing_seen_is_nothing_found() -> None:
    assert dwells([], 0) == ()
    assert dwells([], 10) == ()
    assert dwells([followed(0, np.zeros(0), [])], 10) == ()


def spans(found: tuple) -> list[tuple[int, int]]:
    return [(one.start, one.end) for one in found]


def test_one_that_stays_over_changing_ground_is_one_stretch() -> None:
    """Its scores sink by half while it stands there: those are not the scores of its absence."""
    scores = np.full(80, 0.85)
    scores[20:50] = 0.6
    looks = [Look(at, at + 6, 0.85, 5.0) for at in range(0, 75, 3)]
    assert spans(dwells([followed(0, scores, looks)], 80)) == [(0, 80)]


def test_scores_that_sink_before_it_goes_are_not_those_of_its_absence() -> None:
    scores = np.full(60, 0.62)
    scores[10:26] = 0.28
    scores[54:] = 0.03
    looks = [Look(at, at + 6, 0.65, 8.0) for at in range(0, 49, 3)]
    looks += [Look(54, 54, -0.55, 8.0), Look(48, 60, 0.40, 5.6)]
    assert spans(dwells([followed(0, scores, looks)], 60)) == [(0, 54)]


def test_it_is_not_away_for_fewer_pictures_than_it_stays_anywhere() -> None:
    scores = steps(60, 0, 40, 0.7, 1)
    scores[18:23] = 0.0
    other = followed(300, steps(60, 40, 60, 0.7, 2), windows(40, 60, 0.75, 7.0))
    place = followed(0, scores, windows(0, 40, 0.75, 7.0))
    assert spans(dwells([place, other], 60)) == [(0, 40), (40, 60)]


@pytest.mark.parametrize(
    ("x", "start", "taken"), [(600, 20, True), (600, 28, False), (20, 20, False)]
)
def test_a_gap_is_filled_by_what_begins_and_ends_with_it(x: int, start: int, taken: bool) -> None:
    """And not by what begins later, or lies half over its neighbour."""
    before, after = (
        Dwell(a, b, followed(at, steps(70, a, b, 0.7, at), []), sure=True)
        for a, b, at in ((0, 20, 0), (50, 70, 300))
    )
    looks = [Look(start, start, 0.43, 7.0), Look(50, 50, -0.45, 7.0), Look(30, 36, 0.4, 6.0)]
    levels = levels_of(followed(x, steps(70, start, 50, 0.4, 3), looks))
    assert levels is not None
    found = filled([before, after], [levels], 70, (40, 20))
    assert spans(found) == [(0, 20)] + [(20, 50)] * taken + [(50, 70)]


def test_a_mark_does_not_hop_by_less_than_its_size() -> None:
    """A stroke further on its outline matches itself: that is the same place still."""
    place = followed(0, np.full(60, 0.0), windows(0, 60, 0.75, 7.0))
    place.scores[:] = type(place.scores)("f", np.r_[np.full(40, 0.7), np.zeros(20)].tolist())
    place.scores[12:20] = type(place.scores)("f", [0.35] * 8)
    beside = followed(12, steps(60, 12, 20, 0.75, 3), windows(12, 20, 0.75, 7.0))
    other = followed(300, steps(60, 40, 60, 0.7, 2), windows(40, 60, 0.75, 7.0))
    place.looks = windows(0, 12, 0.8, 7.0) + windows(20, 40, 0.8, 7.0)
    place.best = 1.3
    found = dwells([place, beside, other], 60, (40, 20))
    assert [one.where for one in found] == [place, other]
    assert spans(found) == [(0, 40), (40, 60)]


@pytest.mark.parametrize(("z", "there"), [(18.0, True), (8.0, False)])
def test_scenery_that_stands_still_may_be_the_negative_of_a_mark(z: float, there: bool) -> None:
    """Its scores hardly rise above none; what changed, where nothing else did, tells it."""
    scores = np.r_[np.full(20, 0.08), np.full(40, -0.5)]
    gone = [Look(at, at, -0.55, z) for at in (18, 21, 21, 24)]
    hidden = followed(600, scores, gone)
    after = followed(0, steps(60, 20, 60, 0.7, 1), windows(20, 60, 0.75, 7.0))
    found = spans(dwells([hidden, after], 60))
    assert found == [(0, 20)] * there + [(20, 60)]
