from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.look import CDL, Grade, Look

numbers = st.floats(0.1, 3)
triples = st.tuples(numbers, numbers, numbers)
cdls = st.builds(CDL, triples, triples, triples, numbers)


@given(cdls)
def test_full_strength_is_the_correction_and_none_is_nothing(cdl: CDL) -> None:
    whole = cdl.scaled(1.0)
    for name in ("slope", "offset", "power"):
        assert getattr(whole, name) == pytest.approx(getattr(cdl, name))
    assert whole.saturation == pytest.approx(cdl.saturation)
    assert cdl.scaled(0.0).identity


@given(cdls, st.floats(0, 1))
def test_part_strength_lies_between_in_every_figure(cdl: CDL, strength: float) -> None:
    part = cdl.scaled(strength)
    for found, full, rest in (
        *zip(part.slope, cdl.slope, (1.0,) * 3, strict=True),
        *zip(part.offset, cdl.offset, (0.0,) * 3, strict=True),
        *zip(part.power, cdl.power, (1.0,) * 3, strict=True),
        (part.saturation, cdl.saturation, 1.0),
    ):
        assert found == pytest.approx(rest + strength * (full - rest), abs=1e-9)
        assert min(rest, full) - 1e-9 <= found <= max(rest, full) + 1e-9


def test_a_grade_is_identity_only_when_nothing_is_done() -> None:
    assert Grade().identity
    assert Grade(match=CDL().scaled(0.3)).identity
    assert not Grade(cdl=CDL(saturation=0.99)).identity
    assert not Grade(match=CDL(offset=(0.0, 0.001, 0.0))).identity
    assert not Grade(look=Look("plain", "plain.cube", "0" * 64)).identity


def test_grades_name_their_look_by_its_content() -> None:
    one, other = (Grade(look=Look("warm", "warm.cube", digest * 64)) for digest in "ab")
    assert one != other
    assert len({one, other, Grade(look=Look("warm", "warm.cube", "a" * 64))}) == 2
