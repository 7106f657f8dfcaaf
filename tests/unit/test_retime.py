from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import ramps

from finisher.retime import Ramp, SpeedKey


@given(ramps(400).filter(bool), st.integers(0, 300))
def test_position_is_the_integral_of_the_speed(ramp: Ramp, frame: int) -> None:
    # The speed is straight between whole frames, where all keys lie: trapezia are exact.
    def speed(at: int) -> Fraction:
        for key, following in zip(ramp.keys, ramp.keys[1:], strict=False):
            if key.at <= at < following.at:
                part = Fraction(at - key.at, following.at - key.at)
                return key.speed + (following.speed - key.speed) * part
        return ramp.keys[-1].speed

    assert ramp.position(frame) == sum((speed(k) + speed(k + 1)) / 2 for k in range(frame))


@given(ramps(400).filter(bool), st.integers(1, 400))
def test_length_is_the_first_frame_by_which_all_has_passed(ramp: Ramp, frames: int) -> None:
    length = ramp.length(frames)
    assert ramp.position(length) >= frames > ramp.position(length - 1)


def test_a_level_ramp_is_a_plain_speed() -> None:
    level = Ramp((SpeedKey(0, Fraction(2, 3)), SpeedKey(5, Fraction(2, 3))))
    assert [level.position(k) for k in range(-2, 12)] == [Fraction(2, 3) * k for k in range(-2, 12)]
    assert level.length(10) == 15


def test_standing_still_for_an_instant_reaches_the_end_all_the_same() -> None:
    ramp = Ramp(tuple(SpeedKey(at, Fraction(v)) for at, v in ((0, 1), (4, 0), (8, 1))))
    assert ramp.position(4) == 2
    assert ramp.position(8) == 4
    assert ramp.length(6) == 10
