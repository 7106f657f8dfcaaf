"""Loops of small clips whose best loop is known by how they are drawn."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.facts import LoopFacts, SeamVerdict
from finisher.loops.footage import Footage, footage
from finisher.loops.seam import judge, turn
from finisher.loops.search import BLENDS, best, calmest
from finisher.timecode import Span

COUNT = 90
Clip = NDArray[np.uint8]


def ground(seed: int) -> NDArray[np.float32]:
    dice = np.random.default_rng(seed)
    made = np.zeros((140, 420, 3), np.float32)
    for octave in range(4):
        grid = dice.standard_normal((4 << octave, 12 << octave, 3)).astype(np.float32)
        made += cv2.resize(grid, (420, 140), interpolation=cv2.INTER_CUBIC) / 1.6**octave
    return np.asarray(np.clip(120 + 40 * made / made.std(), 0, 255), np.float32)


def camera(seed: int, *places: float, light: float = 0) -> Clip:
    """A camera at these places across a ground, under light that changes by codes a frame."""
    picture, seen = ground(seed), []
    for number, x in enumerate(places):
        matrix = np.array([[1, 0, x], [0, 1, 20]], np.float32)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        frame = cv2.warpAffine(picture, matrix, (160, 90), flags=flags) + light * number
        seen.append(np.clip(np.rint(frame), 0, 255).astype(np.uint8))
    return np.stack(seen)


def swaying(period: float, seed: int = 1, drift: float = 0, light: float = 0) -> Clip:
    turns = np.arange(COUNT) * 2 * np.pi / period
    return camera(seed, *(120 + 25 * np.sin(turns) + drift * np.arange(COUNT)), light=light)


@pytest.mark.parametrize("period", [17, 24, 31, 40])
def test_a_hidden_period_is_found_to_the_frame(period: int) -> None:
    found = best(footage(swaying(period)), Span(3, 85), 12)[0]
    assert (found.end - found.start) % period == 0
    assert found.verdict is SeamVerdict.HIDDEN
    assert found.frames == 0, "nothing is left to blend"


def test_of_loops_as_good_the_longest_is_taken() -> None:
    found = best(footage(swaying(20)), Span(3, 85), 12)[0]
    assert found.end - found.start == 80


def test_grain_does_not_hide_a_period() -> None:
    dice = np.random.default_rng(2)
    clip = swaying(29) + 4 * dice.standard_normal((COUNT, 90, 160, 3))
    found = best(footage(np.clip(clip, 0, 255).astype(np.uint8)), Span(3, 85), 12)[0]
    assert (found.end - found.start) % 29 == 0
    assert found.verdict is SeamVerdict.HIDDEN


def test_where_it_turns_back_the_place_is_the_same_and_the_motion_is_not() -> None:
    """Frames 5 and 15 of a sway by 40 show the same place, one going and one coming back."""
    clip = footage(swaying(40))
    there, back = judge(clip, 3, 17, 0), judge(clip, 3, 43, 0)
    assert there.appearance < 0.3
    assert there.motion > 1
    assert there.verdict is not SeamVerdict.HIDDEN
    assert back.visibility < 0.1


def test_light_that_changes_is_blended_over() -> None:
    # From one pass to the next it is 6 codes brighter, a few times what a frame changes.
    clip = footage(swaying(20, light=0.3))
    found = best(clip, Span(12, 78), 12)[0]
    assert found.frames > 0
    assert found.visibility < judge(clip, found.start, found.end, 0).visibility / 2


def test_a_clip_that_goes_one_way_is_said_not_to_loop() -> None:
    clip = footage(camera(3, *(20 + 2.5 * np.arange(COUNT))))
    assert best(clip, Span(12, 78), 20)[0].verdict is SeamVerdict.SHOWS


def test_a_blend_borrows_only_what_the_take_has() -> None:
    clip = footage(swaying(20, light=0.3))
    for seam in best(clip, Span(0, COUNT), 12):
        assert seam.start - seam.frames // 2 >= 0
        assert seam.end + seam.frames - seam.frames // 2 <= COUNT
        assert seam.frames in BLENDS


@settings(max_examples=25)
@given(st.integers(0, 60), st.integers(8, 30), st.integers(1, 40))
def test_what_is_found_lies_in_its_range_and_is_as_long_as_asked(
    start: int, length: int, shortest: int
) -> None:
    for seam in best(PAN, Span(start, start + length), shortest):
        assert start <= seam.start < seam.end <= start + length
        assert seam.end - seam.start >= max(8, shortest)


PAN = footage(camera(4, *(20 + 2.0 * np.arange(COUNT))))


def test_a_still_clip_loops_anywhere() -> None:
    found = best(footage(np.repeat(camera(5, 100), 40, axis=0)), Span(0, 40))[0]
    assert found.visibility == 0
    assert (found.start, found.end) == (0, 40)


def test_a_range_too_short_has_no_loop_and_three_frames_are_the_fewest() -> None:
    assert best(PAN, Span(5, 12)) == ()
    with pytest.raises(ValueError, match="three frames"):
        footage(camera(6, 1, 2))


def test_candidates_differ() -> None:
    found = best(footage(swaying(17)), Span(0, 85), 12)
    pairs = [(seam.start, seam.end) for seam in found]
    assert len(set(pairs)) == len(pairs) > 1
    for i, (a, b) in enumerate(pairs):
        assert all(abs(a - c) + abs(b - d) > 4 for c, d in pairs[:i])


def test_a_ping_pong_shows_as_much_as_it_moves_where_it_turns() -> None:
    still_turns, fast_turns = turn(footage(swaying(40)), 10, 31), turn(footage(swaying(40)), 0, 21)
    assert still_turns.visibility < 0.5
    assert fast_turns.visibility > 2


def test_a_ping_pong_turns_best_where_the_motion_does() -> None:
    """A sway by 40 stands still at frames 10, 30, 50 and 70."""
    found = calmest(footage(swaying(40)), Span(3, 85), 12)
    assert found.visibility < 0.5
    assert (found.start, found.end - 1) == (pytest.approx(10, abs=1), pytest.approx(70, abs=1))


def test_a_ping_pong_of_a_steady_pan_shows_wherever_it_turns() -> None:
    found = calmest(PAN, Span(5, 60), 20)
    assert found.visibility == pytest.approx(2, rel=0.2)  # the whole motion, turned round
    assert found.end - found.start >= 20


def test_judging_beyond_the_take_goes_on_as_it_moved() -> None:
    clip: Footage = PAN
    last = judge(clip, 40, COUNT, 0)
    assert isinstance(last, LoopFacts)
    # Frame 90 would be as far from frame 40 as frame 89 is from 39.
    assert last.appearance == pytest.approx(judge(clip, 39, COUNT - 1, 0).appearance, rel=0.1)
