"""Foretelling sizes: laws of the curve, of what fits it, and of trying again."""

from __future__ import annotations

import math

from hypothesis import assume, given
from hypothesis import strategies as st

from finisher.render.sizing import HIGHEST, LOWEST, Sizes, fitting, next_crf, total

curves = st.tuples(st.floats(2e4, 1e8), st.floats(1.1, 4.0), st.floats(1.1, 4.0)).map(
    lambda c: Sizes(((180, c[0]), (270, c[0] / c[1]), (360, c[0] / c[1] / c[2])))
)
programmes = st.lists(curves, min_size=1, max_size=5)


@given(curve=curves, tenths=st.integers(LOWEST, HIGHEST - 1))
def test_a_curve_goes_through_what_was_measured_and_falls(curve: Sizes, tenths: int) -> None:
    for tried, size in curve.bytes:
        assert math.isclose(curve.at(tried), size, rel_tol=1e-9)
    assert curve.at(tenths) > curve.at(tenths + 1) > 0


@given(sizes=programmes, budget=st.floats(1e3, 1e9), scale=st.floats(0.5, 2.0))
def test_what_fits_is_the_best_that_does(sizes: list[Sizes], budget: float, scale: float) -> None:
    at = fitting(sizes, scale, budget)
    if at < HIGHEST:
        assert scale * total(sizes, at) <= budget
    if at > LOWEST:
        assert scale * total(sizes, at - 1) > budget


@given(sizes=programmes, budget=st.floats(2e4, 1e8), scale=st.floats(0.6, 1.7))
def test_the_second_try_hits_what_differs_by_a_constant(
    sizes: list[Sizes], budget: float, scale: float
) -> None:
    first = next_crf(sizes, {}, budget)
    assume(LOWEST < first < HIGHEST)
    made = round(scale * total(sizes, first))
    second = next_crf(sizes, {first: made}, budget)
    assume(LOWEST < second < HIGHEST and second != first)
    came = scale * total(sizes, second)
    # Sides of the first are kept to, so a first that was right already is left by a tenth.
    if made > budget:
        assert second > first
        assert came <= budget
    else:
        assert second < first
        assert came <= budget * 1.01 * (total(sizes, second) / total(sizes, second + 1))


@given(
    sizes=programmes,
    budget=st.floats(1e3, 1e9),
    made=st.dictionaries(st.integers(LOWEST, HIGHEST), st.integers(1_000, 10**9), max_size=4),
)
def test_a_try_lies_between_what_was_too_large_and_what_fits(
    sizes: list[Sizes], budget: float, made: dict[int, int]
) -> None:
    falling = sorted(made.values(), reverse=True)
    made = dict(zip(sorted(made), falling, strict=True))
    too_large = max((t for t, size in made.items() if size > budget), default=LOWEST - 1)
    fits = min((t for t, size in made.items() if size <= budget), default=HIGHEST + 1)
    assume(fits - too_large > 1)
    assert too_large < next_crf(sizes, made, budget) < fits
