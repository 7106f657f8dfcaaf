"""A shift of one sample and a change of level are seen, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.channels import Layout
from finisher.sound.offset import Excerpt, Moved, loudest_second, moved, offset
from finisher.timecode import Span

RATE = 48_000
TIME = np.arange(RATE) / RATE


def noise(level: float = 0.1) -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(0, level, (RATE, 2)).astype(np.float32)


def tone(hertz: float) -> NDArray[np.float32]:
    return np.repeat(0.2 * np.sin(2 * np.pi * hertz * TIME)[:, None], 2, 1).astype(np.float32)


def shifted(signal: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    return np.roll(signal, by, axis=0)


@pytest.mark.parametrize("by", [-1_024, -1, 0, 1, 312, 1_024])
@pytest.mark.parametrize("signal", [noise(), tone(440) + noise(0.001)], ids=["noise", "tone"])
def test_a_shift_is_found_to_the_sample(signal: NDArray[np.float32], by: int) -> None:
    coded = shifted(signal, by) + np.random.default_rng(2).normal(0, 1e-4, signal.shape)
    assert offset(signal, coded.astype(np.float32)) == by


def test_a_bass_whose_phase_was_turned_is_where_it_was() -> None:
    # What a high-pass at 3 Hz does to 50 Hz: 3 degrees, 9 samples.
    turned = 0.2 * np.sin(2 * np.pi * 50 * TIME + np.radians(2.4))
    heard = np.repeat(turned[:, None], 2, 1).astype(np.float32)
    assert offset(tone(50), heard) == 0


def test_silence_has_no_offset() -> None:
    silent = np.zeros((RATE, 2), np.float32)
    assert offset(silent, noise()) is None
    assert offset(noise(), silent) is None
    assert offset(noise()[:0], noise()) is None


def test_an_excerpt_is_kept_across_blocks() -> None:
    signal = noise()
    excerpt = Excerpt(Span(700, 2_900))
    passed = list(excerpt.passing(signal[at : at + 999] for at in range(0, RATE, 999)))
    np.testing.assert_array_equal(np.concatenate(passed), signal)
    np.testing.assert_array_equal(excerpt.samples(), signal[700:2_900])


def test_the_loudest_second_is_found() -> None:
    powers = np.full(10 * 2_000, 0.01, np.float32)
    powers[13_000:14_500] = 1.0
    found = loudest_second(powers, 10 * RATE)
    assert found.start <= 13_000 * 24
    assert found.end >= 14_500 * 24
    assert len(found) == RATE
    assert loudest_second(powers[:500], 12_000) == Span(0, 12_000)


SIX = Layout.SURROUND.channels


def bed(lfe: float = 50) -> NDArray[np.float32]:
    """Noise in six channels, the LFE a tone."""
    made = np.random.default_rng(3).normal(0, 0.1, (RATE, 6))
    made[:, 3] = 0.2 * np.sin(2 * np.pi * lfe * TIME)
    return made.astype(np.float32)


@pytest.mark.parametrize("channel", range(6))
@pytest.mark.parametrize("decibels", [-3.0, 0.96])
def test_the_channel_that_was_moved_most_is_named(channel: int, decibels: float) -> None:
    fed = bed()
    heard = fed * np.float32(10**0.01)  # all by 0.2 dB
    heard[:, channel] = fed[:, channel] * np.float32(10 ** (decibels / 20))
    found = moved(fed, heard, SIX)
    assert found is not None
    assert found.channel == SIX[channel]
    assert found.decibels == pytest.approx(decibels, abs=1e-4)  # float32


def test_what_codecs_leave_out_is_no_change_of_level() -> None:
    fed = bed()
    spectrum = np.fft.rfft(fed, axis=0)
    spectrum[15_000:] = spectrum[:30] = 0  # of one second: hertz
    heard = np.fft.irfft(spectrum, RATE, axis=0).astype(np.float32)
    found = moved(fed, heard, SIX)
    assert found is not None
    assert abs(found.decibels) < 0.01  # leakage at the band's ends
    high = bed(lfe=400)
    heard = high.copy()
    heard[:, 3] = 0
    found = moved(high, heard, SIX)
    assert found is not None
    assert found.decibels == 0


def test_quiet_channels_have_no_say() -> None:
    fed = bed()
    fed[:, 4] *= np.float32(0.01)  # -60 dBFS
    heard = fed.copy()
    heard[:, 4] *= 2
    found = moved(fed, heard, SIX)
    assert found is not None
    assert found.decibels == 0
    assert moved(fed * np.float32(0.001), fed, SIX) is None
    assert moved(fed[:0], fed, SIX) is None


def test_too_little_sound_tells_nothing_of_levels() -> None:
    fed = bed()
    assert moved(fed[: RATE // 4], fed, SIX) == Moved("FL", 0.0)
    assert moved(fed[: RATE // 4 - 1], fed, SIX) is None


def test_a_channel_that_is_gone_is_told_in_a_finite_figure() -> None:
    fed = tone(440)
    heard = fed.copy()
    heard[:, 1] = 0
    assert moved(fed, heard, ("FL", "FR")) == Moved("FR", -120.0)
