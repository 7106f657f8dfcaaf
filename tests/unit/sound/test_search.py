"""What is foreseen of a limited mix is what is heard of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.presets.model import Audio, AudioCodec
from finisher.sound.deck import Deck, load
from finisher.sound.meter import measure
from finisher.sound.search import FORESEEN_DB, MOST_LIMITING_DB, Setting, limiting_for, search

RATE = 48_000


def rough(seed: int) -> NDArray[np.float32]:
    """Noise whose level moves over 40 dB, with clicks."""
    rng = np.random.default_rng(seed)
    level = np.repeat(10 ** rng.uniform(-2.5, -0.5, 40), RATE // 10)
    wave = rng.normal(size=(4 * RATE, 2)) * level[:, np.newaxis] * 0.3
    wave[rng.integers(0, 4 * RATE, 20)] *= 8
    return wave.astype(np.float32)


def deck_of(signal: NDArray[np.float32], folder: Path) -> Deck:
    return load(iter([signal]), Audio(AudioCodec.AAC), 0, folder / "mix.f32", len(signal))


@pytest.mark.parametrize("seed", range(3))
def test_the_loudness_that_is_foreseen_is_heard(seed: int, tmp_path: Path) -> None:
    deck = deck_of(rough(seed), tmp_path)
    level = (deck.mixed.reading.integrated or 0) + 4
    setting = search(deck.mixed, level, Setting(4.0, deck.mixed.reading.true_peak - 2))
    curve = deck.mixed.curve(setting)
    assert curve is not None
    assert curve.max() > 4
    heard = measure(deck.processed(setting, curve))
    # The weighting filters hear a moving gain a little differently from a steady one.
    assert heard.integrated == pytest.approx(level, abs=0.05)
    assert heard.true_peak <= setting.ceiling_db + 0.05


def test_no_peak_is_limited_more_than_the_bound(tmp_path: Path) -> None:
    deck = deck_of(rough(7), tmp_path)
    setting = search(deck.mixed, 0.0, Setting(30.0, -1.0))
    curve = deck.mixed.curve(setting)
    assert curve is not None
    assert curve.max() == pytest.approx(MOST_LIMITING_DB, abs=0.01)


def test_without_limiting_the_gain_is_the_difference(tmp_path: Path) -> None:
    deck = deck_of(rough(8), tmp_path)
    level = (deck.mixed.reading.integrated or 0) - 10
    setting = search(deck.mixed, level, Setting(-10.0, 0.0))
    assert setting.gain_db == -10.0
    assert deck.mixed.curve(setting) is None


def test_what_a_gain_lifts_over_the_gate_is_foreseen(tmp_path: Path) -> None:
    soft = np.random.default_rng(9).normal(size=(6 * RATE, 2)) * 2e-4
    soft[: 3 * RATE] *= 0.6  # this half lies below -70 LUFS, the other above
    deck = deck_of(soft.astype(np.float32), tmp_path)
    setting = search(deck.mixed, -30.0, Setting(40.0, -1.0))
    heard = measure(deck.processed(setting, None))
    assert heard.integrated == pytest.approx(-30.0, abs=0.01)
    assert setting.gain_db != pytest.approx(-30 - (deck.mixed.reading.integrated or 0), abs=0.5)


def test_the_limiting_that_would_be_needed_is_told(tmp_path: Path) -> None:
    deck = deck_of(rough(7), tmp_path)
    level = (deck.mixed.reading.integrated or 0) + 6
    peak = deck.mixed.reading.true_peak
    needed = limiting_for(deck.mixed, level, peak - 8)
    setting = search(deck.mixed, level, Setting(6.0, peak - 8), FORESEEN_DB)
    curve = deck.mixed.curve(setting)
    assert curve is not None
    assert needed == pytest.approx(curve.max(), abs=0.05)
    assert needed > 14
    assert limiting_for(deck.mixed, level, 99.0) == 0.0
    assert limiting_for(deck.mixed, 30.0, peak - 20) == FORESEEN_DB
