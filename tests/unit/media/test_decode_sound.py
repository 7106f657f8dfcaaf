"""A file's sound comes out in place, at its level and whole, whatever the file does."""

from __future__ import annotations

import math
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.channels import Layout, pan
from finisher.media.decode_sound import SoundShape, conform
from finisher.media.downmix import gains
from finisher.problems import MediaError

RATE = 48_000
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def write(
    path: Path,
    signal: NDArray[np.float32],
    codec: str = "pcm_f32le",
    rate: int = RATE,
    delays: tuple[tuple[int, int], ...] = (),
    options: dict[str, str] | None = None,
) -> Path:
    """Encode (n, channels) floats; from each sample in `delays` on, times are that much later."""
    planar = codec == "aac"
    with av.open(str(path), "w", options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate)
        stream.codec_context.layout = LAYOUTS[signal.shape[1]]
        stream.codec_context.format = "fltp" if planar else "flt"
        for at in range(0, len(signal), 1024):
            part = signal[at : at + 1024]
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(part.T) if planar else part.reshape(1, -1),
                format="fltp" if planar else "flt",
                layout=LAYOUTS[signal.shape[1]],
            )
            frame.sample_rate, frame.time_base = rate, Fraction(1, rate)
            frame.pts = at + sum(by for start, by in delays if at >= start)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def conformed(
    path: Path, origin: Fraction | None = Fraction(0)
) -> tuple[SoundShape, NDArray[np.float32]]:
    raw = path.with_suffix(".f32")
    shape = conform(path, origin, raw)
    assert shape is not None
    return shape, np.fromfile(raw, np.float32).reshape(-1, len(shape.layout.channels))


def clicks(samples: int, *places: int, channels: int = 2) -> NDArray[np.float32]:
    signal = np.zeros((samples, channels), np.float32)
    signal[list(places)] = 0.5
    return signal


def test_stereo_at_48_khz_passes_bit_for_bit(tmp_path: Path) -> None:
    signal = np.random.default_rng(1).normal(0, 0.5, (100_001, 2)).astype(np.float32)
    shape, result = conformed(write(tmp_path / "a.wav", signal))
    np.testing.assert_array_equal(result, signal)
    assert shape == SoundShape(2, RATE, 100_001, 0, 0)


def test_mono_keeps_its_level_on_both_sides(tmp_path: Path) -> None:
    shape, result = conformed(write(tmp_path / "a.wav", clicks(5000, 2000, channels=1)))
    assert shape.channels == 1
    assert result[2000].tolist() == [0.5, 0.5]


def bursts(channels: int) -> NDArray[np.float32]:
    """Each channel heard alone, one after the other, for a while from a multiple of 1000 on."""
    signal = np.zeros((1000 * channels, channels), np.float32)
    for channel in range(channels):
        signal[channel * 1000 : channel * 1000 + 10, channel] = 1.0
    return signal


def test_surround_stays_surround(tmp_path: Path) -> None:
    shape, result = conformed(write(tmp_path / "a.wav", bursts(6)))
    assert (shape.channels, shape.layout) == (6, Layout.SURROUND)
    np.testing.assert_array_equal(result[::1000], np.eye(6))


def test_surround_folded_is_what_the_standard_gives(tmp_path: Path) -> None:
    # ITU-R BS.775-4, annex 4: 0.7071 of the centre and of the surround on its side, no LFE.
    _, result = conformed(write(tmp_path / "a.wav", bursts(6)))
    half = 0.7071
    expected = [(1, 0), (0, 1), (half, half), (0, 0), (half, 0), (0, half)]
    folded = result[::1000] @ np.array(pan(Layout.SURROUND, Layout.STEREO))
    np.testing.assert_allclose(folded, expected, atol=1e-4)  # the standard gives four digits


HALF = 0.5**0.5
FOLDS = {
    "2.1": [(1, 0), (0, 1), (0, 0)],
    "3.0": [(1, 0), (0, 1), (HALF, HALF)],
    "quad": [(1, 0), (0, 1), (HALF, 0), (0, HALF)],
    "4.0": [(1, 0), (0, 1), (HALF, HALF), (0.5, 0.5)],
    "5.0": [(1, 0), (0, 1), (HALF, HALF), (HALF, 0), (0, HALF)],
    "6.1": [(1, 0), (0, 1), (HALF, HALF), (0, 0), (0.5, 0.5), (HALF, 0), (0, HALF)],
    "hexagonal": [(1, 0), (0, 1), (HALF, HALF), (HALF, 0), (0, HALF), (0.5, 0.5)],
    "7.1": [(1, 0), (0, 1), (HALF, HALF), (0, 0), (HALF, 0), (0, HALF), (HALF, 0), (0, HALF)],
}


@pytest.mark.parametrize("layout", FOLDS)
def test_any_layout_becomes_surround_and_folds_by_hand_computed_gains(layout: str) -> None:
    names = tuple(channel.name for channel in av.AudioLayout(layout).channels)
    folded = gains(names, Layout.SURROUND) @ np.array(pan(Layout.SURROUND, Layout.STEREO))
    np.testing.assert_allclose(folded, FOLDS[layout], atol=1e-6)  # float32 of 0.7071…


def test_the_low_frequencies_of_a_small_layout_are_kept_apart() -> None:
    assert gains(("FL", "FR", "LFE"), Layout.SURROUND)[2].tolist() == [0, 0, 0, 1, 0, 0]


def test_both_pairs_of_surrounds_go_into_one() -> None:
    names = ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR")
    found = gains(names, Layout.SURROUND)
    assert found[4].tolist() == found[6].tolist() == [0, 0, 0, 0, 1, 0]
    assert found[5].tolist() == found[7].tolist() == [0, 0, 0, 0, 0, 1]


def test_channels_without_names_are_taken_in_wave_order() -> None:
    for count, names in ((4, ("FL", "FR", "BL", "BR")), (3, ("FL", "FR", "FC"))):
        unnamed = gains(("?",) * count, Layout.SURROUND)
        np.testing.assert_array_equal(unnamed, gains(names, Layout.SURROUND))
    seventh = pytest.approx(14**-0.5)  # fourteen gains whose squares sum to one
    for row in gains(("?",) * 7, Layout.SURROUND).tolist():
        assert row == [seventh, seventh, 0, 0, 0, 0]
    assert gains(("?",) * 2, Layout.STEREO).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("rate", "samples"), [(44_100, 44_100), (44_100, 100_003), (22_050, 5_000), (96_000, 70_001)]
)
def test_resampling_keeps_place_level_and_exact_length(
    tmp_path: Path, rate: int, samples: int
) -> None:
    time = np.arange(samples) / rate
    signal = (0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)[:, np.newaxis]
    shape, result = conformed(write(tmp_path / "a.wav", signal, rate=rate))
    assert (
        shape.samples == len(result) == math.floor(Fraction(samples * RATE, rate) + Fraction(1, 2))
    )
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(len(result)) / RATE)
    middle = slice(500, -500)  # the ends ring, as the sine begins and stops abruptly there
    # soxr at HQ is good for 20 bits; -90 dBFS leaves room for float32 and the sine's own phase.
    assert np.abs(result[middle, 0] - expected[middle]).max() < 10 ** (-90 / 20)


@pytest.mark.parametrize("suffix", ["mkv", "nut"])
def test_holes_in_the_timestamps_become_silence(tmp_path: Path, suffix: str) -> None:
    signal = clicks(20_480, 1000, 15_000)
    file = write(tmp_path / f"a.{suffix}", signal, delays=((10_240, 4_800),))
    _, result = conformed(file)
    loud = np.flatnonzero(result[:, 0])
    assert loud[0] == 1000
    # Matroska rounds times to a millisecond, 48 samples.
    assert abs(loud[1] - 19_800) <= (48 if suffix == "mkv" else 0)


def test_rounded_timestamps_are_no_holes(tmp_path: Path) -> None:
    signal = np.random.default_rng(2).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    _, result = conformed(write(tmp_path / "a.mkv", signal))
    np.testing.assert_array_equal(result, signal)


def test_sound_that_begins_late_is_placed_late(tmp_path: Path) -> None:
    file = write(tmp_path / "a.mkv", clicks(20_480, 1000), delays=((0, 24_000),))
    _, result = conformed(file)
    assert np.flatnonzero(result[:, 0]).tolist() == [25_000]


def test_a_sound_file_starts_where_its_sound_does(tmp_path: Path) -> None:
    file = write(tmp_path / "a.mkv", clicks(20_480, 1000), delays=((0, 24_000),))
    _, result = conformed(file, None)
    assert np.flatnonzero(result[:, 0]).tolist() == [1000]


@pytest.mark.parametrize("origin", [Fraction(1, 100), Fraction(1, 10), Fraction(1001, 24000)])
def test_what_lies_before_the_picture_is_left_out(tmp_path: Path, origin: Fraction) -> None:
    file = write(tmp_path / "a.wav", clicks(20_480, 10_000))
    shape, result = conformed(file, origin)
    assert np.flatnonzero(result[:, 0]).tolist() == [10_000 - round(origin * RATE)]
    assert shape.samples == 20_480 - round(origin * RATE)


def test_sound_wholly_before_the_picture_is_empty(tmp_path: Path) -> None:
    shape, result = conformed(write(tmp_path / "a.wav", clicks(5000, 100)), Fraction(1))
    assert shape.samples == len(result) == 0


def test_encoder_padding_is_not_part_of_the_sound(tmp_path: Path) -> None:
    signal = clicks(RATE, 20_000)
    shape, result = conformed(write(tmp_path / "a.mp4", signal, "aac"))
    assert np.argmax(np.abs(result[:, 0])) == 20_000
    assert shape.samples == len(result) == RATE  # nor is what fills the last codec frame


def test_values_that_are_no_numbers_become_silence_and_are_counted(tmp_path: Path) -> None:
    signal = clicks(5000, 100)
    signal[200, 0], signal[300] = np.nan, (np.inf, -np.inf)
    signal[400] = 5.0
    shape, result = conformed(write(tmp_path / "a.wav", signal))
    assert shape.non_finite == 3
    assert np.isfinite(result).all()
    assert result[400].tolist() == [5.0, 5.0]


def test_no_sound_stream_gives_none(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=24, width=16, height=16, pix_fmt="yuv420p")
        container.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        container.mux(stream.encode(None))
    assert conform(tmp_path / "a.mkv", Fraction(0), tmp_path / "a.f32") is None
    assert not (tmp_path / "a.f32").exists()


def test_an_error_page_saved_as_sound_is_named_as_such(tmp_path: Path) -> None:
    file = tmp_path / "a.mp3"
    file.write_text("<!DOCTYPE html><html><body>expired link</body></html>")
    with pytest.raises(MediaError) as caught:
        conform(file, None, tmp_path / "a.f32")
    assert "<!DOCTYPE html>" in str(caught.value)
    assert "a.mp3" in str(caught.value)


def test_a_truncated_wave_file_says_so(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    with wave.open(str(file), "wb") as out:
        out.setparams((2, 2, RATE, 0, "NONE", ""))
        out.writeframes(b"\1\0" * 2 * 3 * RATE)
    file.write_bytes(file.read_bytes()[: 44 + 4 * RATE])
    shape, result = conformed(file)
    assert len(result) == RATE
    assert (shape.missing, shape.decode_errors) == (2 * RATE, 0)


def test_a_file_that_declares_more_than_it_holds_says_how_much(tmp_path: Path) -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (3 * RATE, 2)).astype(np.float32)
    file = write(tmp_path / "a.mp4", noise, "aac", options={"movflags": "faststart"})
    data = file.read_bytes()
    file.write_bytes(data[: len(data) // 2])
    shape, result = conformed(file)
    assert RATE < len(result) < 2 * RATE
    assert shape.missing == pytest.approx(3 * RATE - len(result), abs=1024)


def test_broken_packets_are_counted_and_the_rest_kept(tmp_path: Path) -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (2 * RATE, 2)).astype(np.float32)
    file = write(tmp_path / "a.mp4", noise, "aac")
    data = bytearray(file.read_bytes())
    middle = data.index(b"mdat") + 8_000
    data[middle : middle + 60] = b"\xff" * 60
    file.write_bytes(data)
    shape, result = conformed(file)
    assert shape.decode_errors > 0
    assert len(result) > 1.8 * RATE


def test_a_stream_of_which_nothing_decodes_is_an_error(tmp_path: Path) -> None:
    noise = np.random.default_rng(4).normal(0, 0.1, (RATE, 2)).astype(np.float32)
    file = write(tmp_path / "a.mp4", noise, "aac")
    data = bytearray(file.read_bytes())
    start = data.index(b"mdat") + 4
    size = int.from_bytes(data[start - 8 : start - 4]) - 8
    data[start : start + size] = b"\xff" * size
    file.write_bytes(data)
    with pytest.raises(MediaError, match="none of its sound decodes"):
        conform(file, Fraction(0), tmp_path / "a.f32")
    assert not (tmp_path / "a.f32").exists()
