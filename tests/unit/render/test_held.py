from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from finisher.render.kitchen import held


def served(ordinals: Sequence[int], most: int) -> tuple[list[int], int, int]:
    """What a schedule shows, how many it reads anew, and how many it holds at once at most."""
    kept: set[int] = set()
    shown, fresh, highest = [], 0, 0
    for serving in held(ordinals, most):
        assert serving.fresh or serving.ordinal in kept
        shown.append(serving.ordinal)
        fresh += serving.fresh
        if serving.hold:
            kept.add(serving.ordinal)
        else:
            kept.discard(serving.ordinal)
        highest = max(highest, len(kept))
    assert not kept
    return shown, fresh, highest


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(1, 8))
def test_every_picture_is_served_in_its_turn_and_no_more_held_than_may_be(
    ordinals: list[int], most: int
) -> None:
    shown, fresh, highest = served(ordinals, most)
    assert shown == ordinals
    assert highest <= most
    assert fresh >= len(set(ordinals))


def test_a_loop_is_read_once() -> None:
    assert served([*range(24)] * 3, 24)[1] == 24
    pingpong = [*range(24), *range(22, 0, -1)]
    assert served(pingpong * 2, 24)[1] == 24


def test_a_single_pass_holds_nothing() -> None:
    assert served(list(range(100)), 24) == (list(range(100)), 100, 0)


def test_a_loop_too_long_to_hold_is_held_in_part() -> None:
    _, fresh, highest = served([*range(40)] * 3, 24)
    assert highest == 24
    assert fresh == 40 + 2 * 16
