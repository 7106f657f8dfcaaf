from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from finisher.event import TransitionKind
from finisher.plan.model import Fill, Mix, Picture, Shot
from finisher.plan.units import LONGEST, SHORTEST, cut

Runs = list[tuple[str, int]]


def programme(runs: Iterable[tuple[str, int]]) -> list[Picture]:
    """Runs of own frames, transitions into the next event, and gaps."""
    pictures: list[Picture] = []
    event = 0
    for kind, length in runs:
        if kind == "shot":
            pictures += [Shot(event, k) for k in range(length)]
            event += 1
        elif kind == "gap":
            pictures += [Fill()] * length
        else:
            pictures += [
                Mix(TransitionKind.DISSOLVE, Shot(event, 500 + k), Shot(event + 1, k), k, length)
                for k in range(length)
            ]
            event += 1
    return pictures


# Transitions up to six seconds at 24 frames; a longer one is cut like a long shot.
runs = st.lists(
    st.one_of(
        st.tuples(st.just("shot"), st.integers(1, 700)),
        st.tuples(st.just("shot"), st.integers(1, 60)),
        st.tuples(st.just("mix"), st.integers(1, 144)),
        st.tuples(st.just("gap"), st.integers(1, 100)),
    ),
    min_size=1,
    max_size=12,
)


@given(runs)
def test_units_tile_the_programme(made: Runs) -> None:
    pictures = programme(made)
    units = cut(pictures)
    assert [picture for unit in units for picture in unit.pictures] == pictures
    at = 0
    for unit in units:
        assert unit.span.start == at
        at = unit.span.end
    assert at == len(pictures)


@given(runs)
def test_units_are_neither_too_short_nor_too_long(made: Runs) -> None:
    units = cut(programme(made))
    sizes = [len(unit.pictures) for unit in units]
    assert max(sizes) <= LONGEST
    assert len(sizes) == 1 or min(sizes) >= SHORTEST


@given(runs)
def test_no_boundary_lies_inside_a_transition(made: Runs) -> None:
    pictures = programme(made)
    for unit in cut(pictures)[1:]:
        before, after = pictures[unit.start - 1], pictures[unit.start]
        if isinstance(before, Mix) and isinstance(after, Mix):
            assert after.step == 0, "a transition was cut"
            assert before.step == before.of - 1


def test_a_short_transition_joins_the_run_before_it_or_after_it() -> None:
    units = cut(programme([("shot", 100), ("mix", 12), ("shot", 100)]))
    assert [len(u.pictures) for u in units] == [100, 112]
    units = cut(programme([("shot", 40), ("mix", 12), ("shot", 100)]))
    assert [len(u.pictures) for u in units] == [52, 100]
    units = cut(programme([("shot", 100), ("mix", 12)]))
    assert [len(u.pictures) for u in units] == [112]


def test_a_run_just_long_enough_is_a_unit_of_its_own() -> None:
    assert [len(u.pictures) for u in cut(programme([("shot", 48), ("shot", 48)]))] == [48, 48]
    assert [len(u.pictures) for u in cut(programme([("shot", 47), ("shot", 48)]))] == [95]


def test_a_long_shot_is_shared_out_evenly() -> None:
    units = cut(programme([("shot", 500)]))
    assert [len(u.pictures) for u in units] == [166, 167, 167]


def test_a_very_short_programme_is_one_unit_and_none_is_none() -> None:
    assert [len(u.pictures) for u in cut(programme([("shot", 3), ("gap", 2)]))] == [5]
    assert cut([]) == ()


def test_moving_a_later_cut_leaves_earlier_units_as_they_were() -> None:
    first = cut(programme([("shot", 100), ("shot", 90), ("shot", 60)]))
    second = cut(programme([("shot", 100), ("shot", 80), ("shot", 60)]))
    assert first[0] == second[0]
    assert first[1].pictures != second[1].pictures
    assert first[2].pictures == second[2].pictures
