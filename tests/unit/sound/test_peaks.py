"""What is not interpolated would not have mattered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.sound.kweighting import RUN
from finisher.sound.peaks import REACH, true_peaks


def signal(kind: str, seed: int) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    count = 60 * RUN + 2 * REACH
    if kind == "noise":
        wave = rng.normal(0, 0.3, (2, count))
    elif kind == "signs":  # the most there can be between samples of one size
        wave = np.sign(rng.normal(size=(2, count)))
    elif kind == "tone":
        wave = np.sin(rng.uniform(0.1, np.pi, (2, 1)) * np.arange(count) + rng.uniform(0, 6))
    else:
        wave = rng.normal(0, 0.01, (2, count))
        wave[:, rng.integers(0, count, 5)] = 1.0
    return wave.astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(["noise", "signs", "tone", "clicks"]),
    seed=st.integers(0, 10_000),
    share=st.floats(0.2, 1.1),
)
def test_peaks_that_matter_are_found_whatever_is_left_out(
    kind: str, seed: int, share: float
) -> None:
    lines = signal(kind, seed)
    whole = true_peaks(lines)
    matters = share * float(whole.max())
    found = true_peaks(lines, matters)
    counts = whole > matters
    np.testing.assert_allclose(found[counts], whole[counts], rtol=1e-6)
    assert (found <= whole * (1 + 1e-6)).all()


def test_the_highest_point_of_a_signal_of_signs_is_between_its_samples() -> None:
    # Samples of 1 whose signs are those of the half-sample filter: the most it can make of them.
    place = np.arange(3 * RUN)
    middle = RUN + 12
    line = np.where(np.sinc(place - middle - 0.5) >= 0, 1.0, -1.0).astype(np.float32)
    assert true_peaks(line[np.newaxis])[0] == pytest.approx(2.7, abs=0.05)


def test_only_runs_between_the_context_are_read() -> None:
    lines = np.zeros((1, 10 * RUN), np.float32)
    lines[0, : RUN - 8] = 1.0
    assert len(true_peaks(lines)) == 8
    assert true_peaks(lines).max() < 0.1
