"""Mastering reaches its target on the decoded file, or says by how much it did not."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.channels import Layout
from finisher.media.encode_sound import AAC_PRIMING, decode_packets
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.presets.model import Audio, AudioCodec, Loudness
from finisher.sound.master import PASSES, WARN_CODEC_DB, WARN_GAIN_DB, Mastered, master
from finisher.sound.meter import measure
from finisher.sound.search import MOST_LIMITING_DB

RATE = 48_000
SECONDS = 3
TARGET = Loudness(-14.0, 0.1, -1.0)
TIME = np.arange(SECONDS * RATE) / RATE


def music() -> NDArray[np.float64]:
    swell = 1 + 0.8 * np.sin(2 * np.pi * 0.4 * TIME)
    chord = (110.0, 220.5, 331.0, 441.0, 660.5)
    return 0.03 * swell * sum(np.sin(2 * np.pi * hertz * TIME) for hertz in chord)


def hits(level: float) -> NDArray[np.float64]:
    rng = np.random.default_rng(3)
    wave = 0.002 * rng.normal(size=len(TIME))
    for at in range(3_000, len(TIME) - 4_000, 24_000):
        wave[at : at + 4_000] += level * rng.normal(size=4_000) * np.exp(-np.arange(4_000) / 400)
    return wave


def mastered(
    folder: Path, wave: NDArray[np.float64], codec: AudioCodec, target: Loudness | None = TARGET
) -> Mastered:
    np.stack([wave, 0.9 * wave], 1).astype(np.float32).tofile(folder / "a.f32")
    track = SoundTrack("native", None, 0.0, (Piece("take:a", 0, 0, len(wave), 240, 240),))
    aac = codec is AudioCodec.AAC
    return master(
        SoundPlan(len(wave), (track,), target),
        {"take:a": folder / "a.f32"},
        Audio(codec, None, target),
        AAC_PRIMING if aac else 0,
        folder,
    )


def codes(result: Mastered) -> set[str]:
    return {problem.code for problem in result.problems}


@pytest.mark.parametrize("codec", list(AudioCodec))
@pytest.mark.parametrize(
    "wave",
    [music(), 0.1 * music(), music() + hits(0.15), 30 * music()],
    ids=["music", "quiet", "hits", "beyond-full-scale"],
)
def test_the_decoded_file_is_at_its_target(
    tmp_path: Path, wave: NDArray[np.float64], codec: AudioCodec
) -> None:
    result = mastered(tmp_path, wave, codec)
    skip = AAC_PRIMING if codec is AudioCodec.AAC else 0
    decoded = measure(decode_packets(result.path, skip))
    assert result.reached is True
    assert decoded.integrated == pytest.approx(TARGET.target_lufs, abs=TARGET.tolerance_lu)
    assert decoded.true_peak <= TARGET.true_peak_dbtp
    assert (result.integrated_lufs, result.true_peak_dbtp) == (
        decoded.integrated,
        decoded.true_peak,
    )
    assert result.passes <= PASSES


def test_peaks_that_need_too_much_limiting_are_not_forced(tmp_path: Path) -> None:
    result = mastered(tmp_path, hits(0.5), AudioCodec.AAC)
    assert result.reached is False
    assert result.limiting_db <= MOST_LIMITING_DB + 0.01  # float32 peaks
    assert result.true_peak_dbtp is not None
    assert result.true_peak_dbtp <= TARGET.true_peak_dbtp
    assert codes(result) == {"limiting-heavy", "loudness-not-reached"}
    told = next(p.message for p in result.problems if p.code == "loudness-not-reached")
    needed = re.search(r"would need (?:more than )?([\d.]+) dB of limiting", told)
    assert needed is not None
    assert float(needed[1]) > MOST_LIMITING_DB


def test_near_silence_is_raised_and_says_so(tmp_path: Path) -> None:
    result = mastered(tmp_path, 0.004 * music(), AudioCodec.PCM_S24)
    assert result.reached is True
    assert result.gain_db > WARN_GAIN_DB
    assert codes(result) == {"gain-heavy"}


@pytest.mark.parametrize("codec", list(AudioCodec))
def test_silence_is_delivered_silent_and_unmeasurable(tmp_path: Path, codec: AudioCodec) -> None:
    result = mastered(tmp_path, np.zeros(RATE), codec)
    assert (result.integrated_lufs, result.true_peak_dbtp, result.reached) == (None, None, None)
    skip = AAC_PRIMING if codec is AudioCodec.AAC else 0
    decoded = np.concatenate(list(decode_packets(result.path, skip)))
    assert len(decoded) >= RATE
    assert not decoded.any()
    assert codes(result) == {"sound-unmeasurable"}


def test_without_a_target_the_level_stays_as_mixed(tmp_path: Path) -> None:
    result = mastered(tmp_path, music(), AudioCodec.PCM_S24, None)
    decoded = np.concatenate(list(decode_packets(result.path, 0)))
    # Sound and 24-bit steps differ by at most half a step.
    np.testing.assert_allclose(decoded[240:-240, 0], music()[240:-240], atol=2**-23)
    assert (result.gain_db, result.passes, result.reached) == (0.0, 1, None)
    assert not result.problems


@pytest.mark.parametrize(
    ("codec", "code"), [(AudioCodec.PCM_S24, "sound-clipped"), (AudioCodec.AAC, "sound-over")]
)
def test_clipping_is_never_silent(tmp_path: Path, codec: AudioCodec, code: str) -> None:
    assert code in codes(mastered(tmp_path, 20 * music(), codec, None))


def test_the_momentary_curve_has_a_value_for_every_100_ms(tmp_path: Path) -> None:
    result = mastered(tmp_path, music(), AudioCodec.PCM_S24)
    assert len(result.momentary) == SECONDS * 10 - 3  # the last 400 ms begin at 2.6 s
    assert max(result.momentary) == pytest.approx(-12, abs=2)


def test_only_the_result_is_left_in_the_folder(tmp_path: Path) -> None:
    result = mastered(tmp_path, music() + hits(0.15), AudioCodec.AAC)
    assert {path.name for path in tmp_path.iterdir()} == {"a.f32", result.path.name}


@pytest.mark.parametrize("codec", list(AudioCodec))
def test_the_decoded_sound_lies_where_the_mix_does(tmp_path: Path, codec: AudioCodec) -> None:
    assert mastered(tmp_path, music() + hits(0.05), codec).offset == 0


def test_an_envelope_for_each_part_and_for_the_master(tmp_path: Path) -> None:
    result = mastered(tmp_path, music(), AudioCodec.PCM_S24)
    native, whole = result.envelopes
    assert (native.name, whole.name) == ("native", "master")
    assert len(native.peaks) == len(whole.peaks) == SECONDS * 10
    # Little is limited of this music, so that its parts are as loud as the whole.
    assert np.median(np.abs(np.subtract(native.peaks, whole.peaks))) <= 0.1
    assert max(whole.peaks) <= TARGET.true_peak_dbtp


def test_short_term_loudness_has_a_value_for_every_100_ms(tmp_path: Path) -> None:
    result = mastered(tmp_path, np.tile(music(), 2), AudioCodec.PCM_S24)
    assert len(result.short_term) == SECONDS * 10 + 1
    assert max(result.short_term) == pytest.approx(-14, abs=1)


def test_surround_is_mastered_like_stereo(tmp_path: Path) -> None:
    bed = np.stack([music() * level for level in (1, 0.9, 0.5, 0.3, 0.4, 0.4)], 1)
    bed.astype(np.float32).tofile(tmp_path / "a.f32")
    track = SoundTrack("native", None, 0.0, (Piece("take:a", 0, 0, len(bed), 240, 240),))
    target = Loudness(-23.0, 0.1, -1.0)
    plan = SoundPlan(len(bed), (track,), target, Layout.SURROUND)
    spec = Audio(AudioCodec.AAC, None, target, Layout.SURROUND)
    result = master(plan, {"take:a": tmp_path / "a.f32"}, spec, AAC_PRIMING, tmp_path)
    decoded = measure(decode_packets(result.path, AAC_PRIMING), Layout.SURROUND.weights)
    assert result.reached is True
    assert result.offset == 0
    assert decoded.integrated == result.integrated_lufs == pytest.approx(-23, abs=0.1)


def surround(folder: Path, spec: Audio) -> Mastered:
    """Loud noise in front, where a low rate is noticed first, and a voice in the middle."""
    dice = np.random.default_rng(1)
    bed = 0.1 * dice.normal(size=(len(TIME), 6))
    bed[:, 3] = 0.1 * np.sin(2 * np.pi * 50 * TIME)
    bed.astype(np.float32).tofile(folder / "a.f32")
    track = SoundTrack("native", None, 0.0, (Piece("take:a", 0, 0, len(bed), 240, 240),))
    plan = SoundPlan(len(bed), (track,), None, Layout.SURROUND)
    skip = AAC_PRIMING if spec.codec is AudioCodec.AAC else 0
    return master(plan, {"take:a": folder / "a.f32"}, spec, skip, folder)


@pytest.mark.parametrize(("codec", "rate"), [(AudioCodec.AAC, 192_000), (AudioCodec.OPUS, 128_000)])
def test_a_codec_that_shifts_the_channels_is_told(
    tmp_path: Path, codec: AudioCodec, rate: int
) -> None:
    result = surround(tmp_path, Audio(codec, rate, None, Layout.SURROUND))
    assert result.codec_db is not None
    assert abs(result.codec_db) > WARN_CODEC_DB
    told = next(problem for problem in result.problems if problem.code == "codec-level")
    assert f"by {result.codec_db:+.2f} dB" in told.message
    assert re.search("moves channel (FL|FR|FC|SL|SR) by", told.message)


@pytest.mark.parametrize("codec", list(AudioCodec))
def test_at_the_usual_rate_the_channels_keep_their_level(tmp_path: Path, codec: AudioCodec) -> None:
    result = surround(tmp_path, Audio(codec, None, None, Layout.SURROUND))
    assert "codec-level" not in codes(result)
    assert result.codec_db is not None
    assert abs(result.codec_db) < WARN_CODEC_DB


def test_a_peak_that_the_codec_makes_is_gone_after_with_longer_steps(tmp_path: Path) -> None:
    wave = np.concatenate([20 * hits(0.3)[3_000:9_000], np.zeros(2 * RATE)]) + 0.001
    result = mastered(tmp_path, wave, AudioCodec.AAC)
    assert result.passes <= PASSES
    assert result.true_peak_dbtp is not None
    assert result.true_peak_dbtp <= TARGET.true_peak_dbtp
