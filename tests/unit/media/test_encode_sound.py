"""Encoded sound lies in place in players that know edit lists and in those that don't."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.channels import Layout
from finisher.media.encode_sound import AAC_PRIMING, OPUS_PRE_SKIP, decode_packets, encode
from finisher.presets.model import Audio, AudioCodec

RATE = 48_000
AAC = Audio(AudioCodec.AAC, 256_000)
PCM = Audio(AudioCodec.PCM_S24)
OPUS = Audio(AudioCodec.OPUS)


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


def test_opus_is_in_place_and_as_long_as_the_programme(
    tmp_path: Path, programme: NDArray[np.float32]
) -> None:
    assert encode(blocks(programme), OPUS, tmp_path / "a.nut") == len(programme)
    result = heard(tmp_path / "a.nut", 0)
    assert len(result) == len(programme)
    assert np.argmax(np.abs(result[:40_000, 0])) == 5_000
    assert np.argmax(np.abs(result[40_000:90_000, 0])) == 30_000


def test_opus_packets_begin_by_the_pre_skip_early(
    tmp_path: Path, programme: NDArray[np.float32]
) -> None:
    encode(blocks(programme), OPUS, tmp_path / "a.nut")
    with av.open(str(tmp_path / "a.nut")) as container:
        stream = container.streams.audio[0]
        times = [packet.pts * packet.time_base for packet in container.demux() if packet.size]
        head = bytes(stream.codec_context.extradata or b"")
    assert [time * RATE for time in times[:3]] == [-OPUS_PRE_SKIP, 960 - 312, 1_920 - 312]
    assert int.from_bytes(head[10:12], "little") == OPUS_PRE_SKIP


@pytest.mark.parametrize(
    ("spec", "skip"),
    [(AAC, AAC_PRIMING), (AAC, 0), (OPUS, 0), (PCM, 0)],
    ids=["aac-no-edit-list", "aac", "opus", "pcm"],
)
def test_every_channel_of_surround_is_its_own_and_in_place(
    tmp_path: Path, spec: Audio, skip: int
) -> None:
    signal = np.zeros((RATE, 6), np.float32)
    time = np.arange(RATE) / RATE
    for channel in range(6):
        # Soft and low, so that the low-frequency channel holds it too, with a beginning to find.
        swell = np.exp(-(((time - 0.1 * channel - 0.2) * 60) ** 2))
        signal[:, channel] = 0.5 * swell * np.sin(2 * np.pi * 60 * time)
    surround = replace(spec, layout=Layout.SURROUND, bit_rate=None)
    encode(blocks(signal), surround, tmp_path / "a.nut", skip)
    result = heard(tmp_path / "a.nut", skip)
    assert result.shape[1] == 6
    # Lossy coding leaves less than a hundredth as noise. Opus takes away what is below 3 Hz, which
    # turns 60 Hz by 3 degrees: a twentieth of the tone's 0.5.
    atol = {PCM: 2**-23, AAC: 0.01, OPUS: 0.035}[spec]
    np.testing.assert_allclose(result[2_048:RATE], signal[2_048:], atol=atol)


@pytest.mark.parametrize("codec", [AudioCodec.AAC, AudioCodec.OPUS])
def test_a_bit_rate_is_kept_and_there_is_one_where_none_is_given(
    tmp_path: Path, codec: AudioCodec
) -> None:
    noise = np.random.default_rng(2).normal(0, 0.1, (2 * RATE, 2)).astype(np.float32)
    sizes = []
    for number, rate in enumerate((64_000, None, 256_000)):
        path = tmp_path / f"{number}.nut"
        encode(blocks(noise), Audio(codec, rate), path)
        sizes.append(8 * path.stat().st_size / 2)
    assert sizes[0] == pytest.approx(64_000, rel=0.25)
    assert sizes[0] < sizes[1] < sizes[2]


def test_an_ogg_stream_has_no_number_by_chance(
    tmp_path: Path, programme: NDArray[np.float32]
) -> None:
    for name in ("a.nut", "b.nut"):
        encode(blocks(programme), OPUS, tmp_path / name)
    assert (tmp_path / "a.nut").read_bytes() == (tmp_path / "b.nut").read_bytes()
