"""The meter against EBU Tech 3341 and 3342, whose signals are given by formula."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.ebu_tones import CASES, Case, tones

from finisher.channels import Layout
from finisher.ffmpeg.sounds import ebur128
from finisher.presets.model import StemFormat
from finisher.sound.kweighting import _FILTERS, RUN, KWeighting
from finisher.sound.meter import HOP, measure, observe
from finisher.sound.wav import encoded, header

RATE = 48_000
BLOCK = 70_001  # no divisor of anything the meter does inside


def blocks(signal: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [signal[at : at + BLOCK] for at in range(0, len(signal), BLOCK)]


# Of the segments of 10 and 13, which differ in when they begin, the first and some odd ones.
_SOME = [case for case in CASES if not case.name.startswith(("10-", "13-"))] + [
    case for case in CASES if case.name in {"10-1", "10-8", "13-1", "13-8", "13-20"}
]


@pytest.mark.parametrize("case", _SOME, ids=lambda case: case.name)
def test_the_documents_signals_read_as_they_say(case: Case) -> None:
    reading = measure(blocks(case.make()), case.weights)
    assert case.met(reading), f"off by {case.off(reading):+.3f}"


def test_five_point_one_reads_as_with_another_meter(tmp_path: Path) -> None:
    rng = np.random.default_rng(9)
    signal = (rng.normal(0, 0.05, (6 * RATE, 6)) * (1, 0.5, 2, 8, 1, 1)).astype(np.float64)
    data, _ = encoded(signal, StemFormat.FLOAT)
    path = tmp_path / "surround.wav"
    path.write_bytes(header(len(signal), Layout.SURROUND, StemFormat.FLOAT) + data)
    theirs = ebur128(path)
    ours = measure(blocks(signal.astype(np.float32)), Layout.SURROUND.weights)
    # The other meter's figures have three decimals, its weight of surrounds has two.
    assert ours.integrated == pytest.approx(theirs.integrated_lufs, abs=0.02)
    # It reads peaks at four times the rate, which may miss some of noise.
    assert theirs.true_peak_dbtp - 0.02 <= ours.true_peak <= theirs.true_peak_dbtp + 0.3
    assert ours.true_peak > 0  # of the low-frequency channel, which counts for peaks alone


def test_the_weighting_is_that_of_the_filters_sample_by_sample() -> None:
    signal = np.random.default_rng(2).normal(0, 0.3, (2, 60 * HOP))
    line, weighting = signal[0].tolist(), KWeighting(2)
    for (b0, b1, b2), (_, a1, a2) in _FILTERS:
        first = second = 0.0
        for at, value in enumerate(line):
            out = b0 * value + first
            first, second = b1 * value - a1 * out + second, b2 * value - a2 * out
            line[at] = out
    expected = np.square(line).reshape(-1, RUN).mean(axis=1)
    parts = [weighting.powers(signal[:, at : at + 20 * HOP]) for at in range(0, 60 * HOP, 20 * HOP)]
    np.testing.assert_allclose(np.concatenate(parts, axis=1)[0], expected, rtol=1e-9)


def test_a_peak_between_samples_shows_at_the_very_ends() -> None:
    signal = np.zeros((RATE, 2), np.float32)
    signal[:2] = signal[-2:] = 0.5  # two equal samples: the wave between them is higher
    assert measure([signal[: RATE // 2]]).true_peak > -4.5
    assert measure([signal[RATE // 2 :]]).true_peak > -4.5


def test_block_size_changes_nothing() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, (3 * RATE, 2)).astype(np.float32)
    whole, parts = measure([noise]), measure(blocks(noise))
    assert whole.integrated == parts.integrated
    assert whole.true_peak == parts.true_peak
    np.testing.assert_array_equal(whole.momentary, parts.momentary)


def test_runs_hold_what_hops_are_made_of() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    reading, runs = observe(blocks(noise))
    assert len(runs) == RATE // RUN
    assert reading.integrated == measure([noise]).integrated
    first = -0.691 + 10 * np.log10(runs[: 40 * HOP // RUN].astype(np.float64).mean())
    assert reading.momentary[0] == pytest.approx(first, abs=1e-4)


def test_silence_has_no_loudness_and_no_peak() -> None:
    reading = measure([np.zeros((RATE, 2), np.float32)])
    assert reading.integrated is None
    assert reading.range is None
    assert reading.true_peak == -math.inf


def test_less_than_a_gating_block_has_no_loudness() -> None:
    assert measure([tones((-20, 0.39))]).integrated is None


def test_nothing_at_all_reads_as_silence() -> None:
    assert measure([]).integrated is None


def test_values_beyond_full_scale_are_counted() -> None:
    signal = np.zeros((RATE, 2), np.float32)
    signal[100] = (1.5, -1.0)
    signal[200] = (-1.01, 0.2)
    assert measure(blocks(signal)).over == 2
