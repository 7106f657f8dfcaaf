"""Encoded sound lies in place in players that know edit lists and in those that don't."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.media.encode_sound import AAC_PRIMING, decode_packets, encode
from finisher.presets.model import Audio, AudioCodec

RATE = 48_000
AAC = Audio(AudioCodec.AAC, 256_000)
PCM = Audio(AudioCodec.PCM_S24)


def blocks(signal: NDArray[np.float32], size: int = 5000) -> list[NDArray[np.float32]]:
    return [signal[at : at + size] for at in range(0, len(signal), size)]


def heard(path: Path, skip: int) -> NDArray[np.float32]:
    return np.concatenate(list(decode_packets(path, skip)))


@pytest.fixture
def programme() -> NDArray[np.float32]:
    """Two seconds of soft noise with clicks."""
    signal = np.random.default_rng(1).normal(0, 0.001, (2 * RATE, 2)).astype(np.float32)
    signal[[5_000, 70_000]] = 0.8
    return signal


@pytest.mark.parametrize("skip", [0, AAC_PRIMING])
def test_aac_keeps_every_click_in_place(
    tmp_path: Path, programme: NDArray[np.float32], skip: int
) -> None:
    assert encode(blocks(programme), AAC, tmp_path / "a.nut", skip) == len(programme)
    result = heard(tmp_path / "a.nut", skip)
    assert len(programme) <= len(result) < len(programme) + 2048
    assert np.argmax(np.abs(result[:40_000, 0])) == 5_000
    assert np.argmax(np.abs(result[40_000:90_000, 0])) == 30_000


def test_without_an_edit_list_the_skipped_stretch_is_priming(
    tmp_path: Path, programme: NDArray[np.float32]
) -> None:
    programme[:AAC_PRIMING] = 0.5
    encode(blocks(programme), AAC, tmp_path / "a.nut", AAC_PRIMING)
    # What was skipped must not leak into the file; the transform's own lead-in is soft noise.
    assert np.abs(heard(tmp_path / "a.nut", AAC_PRIMING)[:512]).max() < 0.05


def test_packet_times_count_from_zero_with_the_priming(
    tmp_path: Path, programme: NDArray[np.float32]
) -> None:
    encode(blocks(programme), AAC, tmp_path / "a.nut", AAC_PRIMING)
    with av.open(str(tmp_path / "a.nut")) as container:
        stream = container.streams.audio[0]
        times = [packet.pts * packet.time_base for packet in container.demux() if packet.size]
        assert stream.codec_context.extradata
    assert [time * RATE for time in times] == list(range(0, 1024 * len(times), 1024))


def test_one_continuous_encode_has_no_seams(tmp_path: Path) -> None:
    time = np.arange(3 * RATE) / RATE
    sine = (0.25 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    middle = slice(4800, -4800)  # the sine's own beginning and end are no seams but steps
    encode(blocks(np.stack([sine, sine], 1), 2002), AAC, tmp_path / "a.nut", AAC_PRIMING)
    result = heard(tmp_path / "a.nut", AAC_PRIMING)[: 3 * RATE, 0][middle]
    # A click of even one sample would stand far above this, which the codec itself stays below.
    assert np.abs(result - sine[middle]).max() < 10 ** (-60 / 20)


def test_pcm_is_exact_to_24_bit(tmp_path: Path, programme: NDArray[np.float32]) -> None:
    encode(blocks(programme), PCM, tmp_path / "a.nut")
    result = heard(tmp_path / "a.nut", 0)
    assert result.shape == programme.shape
    assert np.abs(result - programme).max() <= 2**-24


def test_pcm_beyond_full_scale_is_clipped_not_wrapped(tmp_path: Path) -> None:
    signal = np.array([[1.5, -1.5]] * 2000, np.float32)
    encode([signal], PCM, tmp_path / "a.nut")
    result = heard(tmp_path / "a.nut", 0)
    assert result.max() == pytest.approx(1.0, abs=1e-6)
    assert result.min() == -1.0


@pytest.mark.parametrize("samples", [0, 1, 1000, 1024, 1025])
def test_a_programme_shorter_than_the_skip_still_has_a_track(tmp_path: Path, samples: int) -> None:
    signal = np.zeros((samples, 2), np.float32)
    assert encode([signal], AAC, tmp_path / "a.nut", AAC_PRIMING) == samples
    assert len(heard(tmp_path / "a.nut", AAC_PRIMING)) >= max(samples, 1024)


def test_the_same_sound_encodes_to_the_same_bytes(
    tmp_path: Path, programme: NDArray[np.float32]
) -> None:
    encode(blocks(programme), AAC, tmp_path / "a.nut", AAC_PRIMING)
    encode(blocks(programme, 777), AAC, tmp_path / "b.nut", AAC_PRIMING)
    with av.open(str(tmp_path / "a.nut")) as one, av.open(str(tmp_path / "b.nut")) as other:
        packets = [[bytes(packet) for packet in file.demux()] for file in (one, other)]
    assert packets[0] == packets[1]
