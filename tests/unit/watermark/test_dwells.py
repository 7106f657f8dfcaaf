"""From scores of places to the stretches a mark stands there."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.watermark.dwells import Followed, Look, dwells


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
