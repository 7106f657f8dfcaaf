from __future__ import annotations

import numpy as np
import pytest

from finisher.sound.outline import Outline

RATE = 48_000


@pytest.mark.parametrize("size", [1_000, 4_800, 7_001, 50_000])
def test_the_peak_of_each_tenth_of_a_second(size: int) -> None:
    signal = np.random.default_rng(1).normal(0, 0.1, (RATE // 2 + 100, 2)).astype(np.float32)
    outline = Outline()
    list(outline.passing(signal[at : at + size] for at in range(0, len(signal), size)))
    found = outline.envelope("music", len(signal), gain_db=6.0)
    expected = [
        20 * np.log10(np.abs(signal[at : at + 4_800]).max()) + 6
        for at in range(0, len(signal), 4_800)
    ]
    assert found.name == "music"
    assert found.peaks == pytest.approx(expected, abs=0.051)  # rounded to a tenth


def test_silence_is_at_the_floor_and_a_programme_as_long_as_it_is() -> None:
    outline = Outline()
    outline.add(np.full((10, 2), 0.5), 9_600)
    assert outline.envelope("a", 24_000).peaks == (-120.0, -120.0, -6.0, -120.0, -120.0)
    assert outline.envelope("a", 4_800).peaks == (-120.0,)
