"""Frames against fingerprints: what went wrong is named, what is right passes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.audit.picture import check_picture, events_of
from finisher.findings import Status, Weight
from finisher.promises import PromisedCut, Promises
from finisher.timecode import Span

FRAMES, CUT = 60, 30


def drifting(frames: int, seed: int, base: float) -> np.ndarray:
    """Cells that wander by about two code values a frame."""
    rng = np.random.default_rng(seed)
    t = np.arange(frames)[:, None, None]
    speed = rng.uniform(0.05, 0.25, (1, 8, 8))
    return base + 25 * np.sin(speed * t + rng.uniform(0, 6, (1, 8, 8)))


def promised_by(cells: np.ndarray, cuts: tuple[tuple[int, str], ...]) -> Promises:
    return Promises(
        title="t", preset="p", edl_sha256="", width=64, height=64, rate="24",
        frames=len(cells), codec="h264", pixel_format="yuv420p", edit_list=False,
        cuts=tuple(PromisedCut(*cut) for cut in cuts),
        fingerprints=np.rint(cells).astype(np.uint8).tobytes(),
        sound=None, marks=(), templates={}, takes=(), looks=(),
    )  # fmt: skip


CELLS = np.concatenate([drifting(CUT, 1, 80.0), drifting(FRAMES - CUT, 2, 130.0)])
PROMISES = promised_by(CELLS, ((0, "one"), (CUT, "two")))


def outcome(promises: Promises, cells: np.ndarray) -> dict[str, Status]:
    findings = check_picture(promises, cells.astype(np.float32))
    return {finding.id: finding.status for finding in findings}


def noisy(cells: np.ndarray, seed: int = 3) -> np.ndarray:
    """As an encoder and a grade at full size leave it: a steady error and a little noise."""
    rng = np.random.default_rng(seed)
    steady = rng.normal(0, 0.5, (1, 8, 8))
    return cells + steady + rng.normal(0, 0.3, cells.shape)


def test_the_promised_picture_passes_everything():
    assert set(outcome(PROMISES, noisy(CELLS)).values()) == {Status.PASSED}


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000),
    shift=st.sampled_from([-3, -2, -1, 1, 2, 3]),
    second=st.booleans(),
)
def test_a_shifted_event_never_passes(seed, shift, second):
    # The source of each event goes on beyond its cut points, as handles do.
    source = drifting(FRAMES, 2 if second else 1, 130.0 if second else 80.0)
    own = np.arange(FRAMES - CUT if second else CUT)
    moved = CELLS.copy()
    start = CUT if second else 0
    moved[start : start + len(own)] = source[np.clip(own + shift, 0, None)]
    assert outcome(PROMISES, noisy(moved, seed))["picture-order"] is Status.FAILED


@pytest.mark.parametrize("shift", [-3, -2, -1, 1, 2, 3])
def test_even_movement_does_not_hide_a_shift_as_a_steady_error(shift):
    # All cells rise evenly by 0.8 a frame, as in a slow fade: a shift looks like an offset.
    rising = np.broadcast_to(40 + 0.8 * np.arange(-3, 63)[:, None, None], (66, 8, 8))
    promises = promised_by(rising[3:63], ((0, "fade"),))
    assert outcome(promises, rising[3:63])["picture-order"] is Status.PASSED
    shifted = rising[3 + shift : 63 + shift]
    assert outcome(promises, shifted)["picture-order"] is Status.FAILED


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1000))
def test_noise_alone_never_fails(seed):
    assert Status.FAILED not in outcome(PROMISES, noisy(CELLS, seed)).values()


@pytest.mark.parametrize("frame", [1, 12, 28, 31, 45, 58])
def test_one_frame_shown_twice_is_found(frame):
    wrong = noisy(CELLS)
    wrong[frame] = wrong[frame - 1]
    findings = {f.id: f for f in check_picture(PROMISES, wrong.astype(np.float32))}
    order = findings["picture-order"]
    assert order.status is Status.FAILED
    assert any(start == frame for _, start, _, _ in order.measured["slips"])


def test_a_duplicate_in_the_middle_that_shifts_the_rest_is_found():
    slipped = CELLS.copy()
    slipped[11:CUT] = CELLS[10 : CUT - 1]
    assert outcome(PROMISES, noisy(slipped))["picture-order"] is Status.FAILED


@pytest.mark.parametrize("by", [-2, -1, 1, 2])
def test_a_moved_cut_is_found(by):
    one, two = drifting(FRAMES, 1, 80.0), drifting(FRAMES, 2, 130.0)
    moved = np.concatenate([one[: CUT + by], two[max(0, by) :][: FRAMES - CUT - by]])[:FRAMES]
    findings = {f.id: f for f in check_picture(PROMISES, noisy(moved).astype(np.float32))}
    assert findings["cuts-in-place"].status is Status.FAILED
    assert findings["cuts-in-place"].measured["moved"] == [["two", CUT, CUT + by]]


def test_missing_and_surplus_frames_are_counted():
    assert outcome(PROMISES, noisy(CELLS)[:-1])["frame-count"] is Status.FAILED
    more = np.concatenate([CELLS, CELLS[-1:]])
    assert outcome(PROMISES, noisy(more))["frame-count"] is Status.FAILED


def test_another_picture_is_not_as_foretold():
    wrong = CELLS.copy()
    wrong[CUT:] += 6
    findings = {f.id: f for f in check_picture(PROMISES, wrong.astype(np.float32))}
    assert findings["picture-content"].status is Status.FAILED
    assert "two" in findings["picture-content"].detail
    assert "one" not in findings["picture-content"].detail.rsplit(":", 1)[1]


def test_a_single_foreign_frame_fails():
    wrong = CELLS.copy()
    wrong[20] += 20
    assert outcome(PROMISES, wrong)["picture-content"] is Status.FAILED


def test_a_still_picture_is_not_told_rather_than_passed():
    still = np.full((40, 8, 8), 90.0)
    result = outcome(promised_by(still, ((0, "hold"),)), still)
    assert result["picture-order"] is Status.NOT_CHECKED
    assert result["cuts-in-place"] is Status.NOT_CHECKED
    assert result["picture-content"] is Status.PASSED


def test_events_too_still_to_tell_are_named():
    cells = np.concatenate([CELLS[:CUT], np.full((FRAMES - CUT, 8, 8), 150.0)])
    promises = promised_by(cells, ((0, "one"), (CUT, "hold")))
    findings = {f.id: f for f in check_picture(promises, cells.astype(np.float32))}
    assert findings["picture-order"].status is Status.PASSED
    assert findings["picture-order"].measured["events_not_told"] == ["hold"]


def test_a_loop_of_two_frames_is_not_mistaken_for_a_slip():
    pair = np.stack([np.full((8, 8), 80.0), np.full((8, 8), 95.0)])
    flicker = np.tile(pair, (20, 1, 1))
    result = outcome(promised_by(flicker, ((0, "loop"),)), flicker)
    assert result["picture-order"] is Status.PASSED


def test_fingerprints_a_short_file_has_room_for_must_be_there():
    findings = check_picture(replace(PROMISES, fingerprints=b""), noisy(CELLS).astype(np.float32))
    result = {f.id: (f.status, f.severity) for f in findings}
    assert result.pop("frame-count")[0] is Status.PASSED
    assert set(result.values()) == {(Status.FAILED, Weight.REQUIRED)}


def test_fingerprints_a_long_restless_file_has_no_room_for_are_not_asked_for():
    # Noise takes 86 characters a frame, so that this is a third over the budget.
    noise = np.random.default_rng(5).integers(0, 256, (10_000, 8, 8))
    bare = replace(PROMISES, fingerprints=b"", frames=len(noise))
    findings = {f.id: f for f in check_picture(bare, noise.astype(np.float32))}
    assert findings["picture-order"].status is Status.NOT_CHECKED
    assert findings["picture-order"].severity is Weight.ADVISORY


def test_no_frames_at_all_fail():
    result = outcome(PROMISES, np.zeros((0, 8, 8)))
    assert result["frame-count"] is Status.FAILED
    assert result["picture-content"] is Status.FAILED


def test_cut_lists_from_strangers_are_survived():
    cuts = ((50, "late"), (10, "early"), (10, "twice"), (9999, "beyond"))
    odd = replace(PROMISES, cuts=tuple(PromisedCut(*cut) for cut in cuts))
    assert events_of(odd, FRAMES) == (("the opening", Span(0, 50)), ("twice", Span(10, 60)))
    assert outcome(odd, noisy(CELLS))["frame-count"] is Status.PASSED


def test_frames_before_the_first_cut_and_without_any_are_judged_as_well():
    wrong = CELLS[::-1]
    for cuts in ((), ((FRAMES - 1, "last"),)):
        promises = promised_by(CELLS, cuts)
        assert outcome(promises, noisy(CELLS))["picture-order"] is Status.PASSED
        assert outcome(promises, wrong)["picture-order"] is Status.FAILED
    assert events_of(promised_by(CELLS, ()), FRAMES) == (("the opening", Span(0, FRAMES)),)


# Movement too small for single displacements to tell ------------------------------------------


def shimmer(frames: int = 72) -> np.ndarray:
    """Water: cells vary by 1.4 code values from frame to frame, about a picture that stays."""
    rng = np.random.default_rng(11)
    return rng.uniform(60, 180, (1, 8, 8)) + rng.normal(0, 1.0, (frames, 8, 8))


SEA = promised_by(shimmer(), ((0, "sea"),))


@pytest.mark.parametrize("strength", [1.0, 0.6])
def test_a_shimmer_that_encoding_has_weakened_passes(strength):
    mean = shimmer().mean(axis=0)
    weaker = mean + strength * (shimmer() - mean)
    assert outcome(SEA, noisy(weaker))["picture-order"] is Status.PASSED


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda sea: np.broadcast_to(sea.mean(axis=0), sea.shape),
        lambda sea: np.broadcast_to(sea[30], sea.shape),
        lambda sea: np.random.default_rng(1).permutation(sea),
        lambda sea: sea[::-1],
        lambda sea: sea[np.arange(len(sea)) % 12],
    ],
    ids=["averaged", "frozen", "shuffled", "reversed", "looped"],
)
def test_a_shimmer_frozen_or_in_another_order_is_found(spoilt):
    findings = {f.id: f for f in check_picture(SEA, noisy(spoilt(shimmer())).astype(np.float32))}
    assert findings["picture-order"].status is Status.FAILED
    assert findings["picture-order"].measured["stuck"]


def test_a_short_freeze_inside_a_gentle_event_is_found():
    wrong = shimmer()
    wrong[30:42] = wrong[30]
    findings = {f.id: f for f in check_picture(SEA, wrong.astype(np.float32))}
    stuck = findings["picture-order"].measured["stuck"]
    assert stuck
    assert all(start >= 29 and end <= 44 for _, start, end, gain in stuck if gain < 0.05)


@pytest.mark.parametrize("frame", [1, 20, 71])
def test_a_single_repeat_of_a_gentle_movement_is_found(frame):
    wrong = shimmer()
    wrong[frame] = wrong[frame - 1]
    findings = {f.id: f for f in check_picture(SEA, wrong.astype(np.float32))}
    assert ["sea", frame, frame + 1, 0.0] in findings["picture-order"].measured["stuck"]


def test_movement_too_slow_for_single_frames_is_judged_across_many():
    # At most 0.12 a frame: most of a second tells, one frame's does not.
    slow = 90 + 0.12 * np.arange(96)[:, None, None] * np.linspace(-1, 1, 64).reshape(1, 8, 8)
    promises = promised_by(slow, ((0, "zoom"),))
    findings = {f.id: f for f in check_picture(promises, slow.astype(np.float32))}
    assert findings["picture-order"].status is Status.PASSED
    assert findings["picture-order"].severity is Weight.REQUIRED
    assert findings["picture-order"].measured["frames_told"] == 0
    frozen = np.broadcast_to(slow.mean(axis=0), slow.shape)
    assert outcome(promises, frozen)["picture-order"] is Status.FAILED


def test_only_frames_whose_own_place_is_told_are_counted():
    half = shimmer()
    half[:36] = half[0]
    promises = promised_by(half, ((0, "hold, then sea"),))
    findings = {f.id: f for f in check_picture(promises, half.astype(np.float32))}
    measured = findings["picture-order"].measured
    assert 30 <= measured["frames_told"] <= 36
    # The hold's last frames share a stretch with the first that move.
    assert measured["frames_told"] <= measured["frames_told_together"] < 60
