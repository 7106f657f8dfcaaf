"""Chances are what counting says they are."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.watermark.hidden.statistics import (
    chance_of_bits,
    chance_of_soft,
    correlation,
    finest,
    hypergeometric_tail,
)


def counted(soft, payload):
    """How many choices of as many values reach the sum, of all there are."""
    chosen = itertools.combinations(range(payload.size), int(payload.sum()))
    reached = [soft[list(each)].sum() >= soft[payload].sum() - 1e-12 for each in chosen]
    return sum(reached) / len(reached)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([5, 10]), st.floats(0.0, 1.5))
def test_soft_chances_are_those_of_all_orders(seed, ones, signal):
    random = np.random.default_rng(seed)
    payload = np.arange(16) < ones
    soft = random.normal(0, 1, 16) + signal * payload
    exact = counted(soft, payload)
    # The approximation is of continuous sums; of 4368 and 8008 orders the last few are steps.
    if exact > 2e-3:
        assert chance_of_soft(soft, payload) == pytest.approx(exact, rel=0.25, abs=5e-4)


def test_far_tails_are_those_of_the_exact_count():
    """Of equal weights the sum is the count of bits in common, which Fisher's test knows."""
    payload = np.arange(48) < 24
    for errors in (6, 8, 10):
        read = payload.copy()
        read[: errors // 2] = False
        read[-(errors // 2) :] = True
        exact = hypergeometric_tail(24 - errors // 2, 24, 24, 48)
        beyond = hypergeometric_tail(25 - errors // 2, 24, 24, 48)
        # Between the chances of this count and the next: the sum moves in steps, it does not.
        assert beyond / 2 < chance_of_soft(read.astype(float), payload) < exact * 1.5


@pytest.mark.parametrize("loud", [1, 3, 5, 7])
def test_few_values_are_little_evidence(loud):
    """Where most blocks say nothing, chance often puts the few that speak among the ones."""
    payload = np.arange(16) < 8
    soft = np.zeros(16)
    soft[:loud] = np.linspace(1, 2, loud)
    exact = counted(soft, payload)
    assert exact / 3 < chance_of_soft(soft, payload) < exact * 2
    soft[7] = -0.5
    exact = counted(soft, payload)
    assert exact / 3 < chance_of_soft(soft, payload) < exact * 2


def test_one_loud_value_is_no_evidence():
    payload = np.arange(48) % 2 == 0
    soft = np.zeros(48)
    soft[0] = 1000.0
    soft[1:] = np.random.default_rng(4).normal(0, 1, 47)
    assert chance_of_soft(soft, payload) > 0.05


def test_constants_are_no_evidence():
    payload = np.array([True] * 40 + [False] * 8)
    assert chance_of_bits(np.ones(48, bool), payload) == (1.0, 1.0)
    assert chance_of_bits(np.zeros(48, bool), payload) == (1.0, 1.0)
    assert chance_of_soft(np.full(48, 3.0), payload) == 1.0
    assert correlation(np.full(48, 3.0), payload) == 0.0
    assert chance_of_soft(np.arange(48.0), np.ones(48, bool)) == 1.0


def test_bits_read_without_an_error_are_as_certain_as_can_be():
    payload = np.random.default_rng(1).random(48) < 0.5
    agree, disagree = chance_of_bits(payload, payload)
    assert agree == pytest.approx(finest(payload))
    assert disagree == 1.0
    assert chance_of_bits(~payload, payload)[1] == pytest.approx(finest(payload))
    assert chance_of_soft(payload.astype(float), payload) == pytest.approx(finest(payload))


def test_chances_of_nothing_are_even():
    random = np.random.default_rng(3)
    payload = random.random(48) < 0.5
    found = [
        chance_of_soft(random.standard_t(3, 48) + 2.0, random.permutation(payload))
        for _ in range(800)
    ]
    for level in (0.5, 0.05, 0.01):
        share = np.mean(np.array(found) < level)
        # Four standard deviations of a share of 800.
        assert abs(share - level) < 4 * math.sqrt(level * (1 - level) / 800)
