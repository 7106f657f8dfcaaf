"""The door to ffmpeg: exact planes, exact figures, safe names, clear failures."""

import math
import os
import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from finisher.ffmpeg import pictures, program, sounds
from finisher.ffmpeg.pictures import Kept
from finisher.problems import MachineError, MediaError


def gray_clip(path: Path, planes: list[np.ndarray], codec: str = "libx264") -> Path:
    """A picture without sound; ProRes where asked for."""
    prores = codec == "prores_ks"
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=24, options={} if prores else {"qp": "0"})
        stream.height, stream.width = planes[0].shape
        stream.pix_fmt = "yuv422p10le" if prores else "yuv420p"
        stream.codec_context.color_range = 1
        for number, plane in enumerate(planes):
            yuv = np.full((plane.shape[0] * 3 // 2, plane.shape[1]), 128, np.uint8)
            yuv[: plane.shape[0]] = plane
            frame = av.VideoFrame.from_ndarray(yuv, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def wav(path: Path, samples: np.ndarray, rate: int = 48_000) -> Path:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(samples.shape[1])
        out.setsampwidth(2)
        out.setframerate(rate)
        out.writeframes((samples * 32767).astype("<i2").tobytes())
    return path


@pytest.fixture(scope="module")
def ramps() -> list[np.ndarray]:
    x = np.arange(64)[None, :].repeat(32, 0)
    return [np.asarray(20 + 2 * x + 3 * n, np.uint8) for n in range(10)]


def test_small_planes_are_area_means_of_the_bytes_in_the_stream(tmp_path, ramps):
    clip = gray_clip(tmp_path / "a.mp4", ramps)
    planes = list(pictures.measure(clip, (8, 4)))
    assert len(planes) == 10
    for plane, ramp in zip(planes, ramps, strict=True):
        means = ramp.reshape(4, 8, 8, 8).mean(axis=(1, 3))
        # One code value: the scaler rounds to whole bytes. Expanding the range would move 20 to 5.
        assert np.abs(plane - means).max() <= 1.0


def test_chosen_frames_come_whole_and_in_order(tmp_path, ramps):
    clip = gray_clip(tmp_path / "a.mp4", ramps)
    raw = tmp_path / "luma.raw"
    assert len(list(pictures.measure(clip, (8, 8), [Kept([7, 2, 2, 500], raw)]))) == 10
    whole = np.fromfile(raw, np.uint8).reshape(-1, 32, 64)
    assert (whole == np.stack([ramps[2], ramps[7]])).all()  # qp 0 is lossless


def test_chosen_frames_come_in_colour_as_a_player_shows_them(tmp_path):
    """BT.709 in limited range, from the same decode as the luma."""
    path, colours = tmp_path / "a.mp4", [(235, 128, 128), (63, 102, 240), (173, 42, 26)]
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = 64, 32, "yuv420p"
        context = stream.codec_context
        context.color_range = context.colorspace = 1
        context.color_primaries = context.color_trc = 1
        for number, (y, u, v) in enumerate(colours):
            planes = [np.full((32, 64), y), np.full((8, 64), u), np.full((8, 64), v)]
            picture = av.VideoFrame.from_ndarray(np.vstack(planes).astype(np.uint8), "yuv420p")
            picture.color_range = picture.colorspace = 1
            picture.pts, picture.time_base = number, Fraction(1, 24)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    luma, rgb = tmp_path / "luma.raw", tmp_path / "rgb.raw"
    kept = [Kept([0], luma), Kept([0, 1, 2], rgb, None)]
    assert len(list(pictures.measure(path, (8, 8), kept))) == 3
    assert set(luma.read_bytes()) == {235}
    seen = np.fromfile(rgb, np.uint8).reshape(3, 32, 64, 3)
    # White, BT.709's red and green by its own equations; a code for rounding.
    for picture, wanted in zip(seen, [(255, 255, 255), (255, 0, 0), (0, 255, 0)], strict=True):
        assert np.abs(picture.astype(int) - wanted).max() <= 2


def test_thousands_of_chosen_frames_do_not_overflow_the_expression(tmp_path, ramps):
    clip = gray_clip(tmp_path / "a.mp4", ramps)
    raw = tmp_path / "luma.raw"
    list(pictures.measure(clip, (8, 8), [Kept([*range(1, 10), *range(100, 4000)], raw)]))
    assert raw.stat().st_size == 9 * 32 * 64


def test_ten_bit_prores_reads_on_the_same_scale(tmp_path):
    flat = [np.full((32, 64), 100, np.uint8)] * 3
    clip = gray_clip(tmp_path / "a.mov", flat, "prores_ks")
    planes = list(pictures.measure(clip, (8, 8)))
    assert len(planes) == 3
    # Ten bits become eight with dither: whole values around the mean.
    assert abs(float(np.mean(planes)) - 100) < 0.5


@pytest.mark.parametrize("name", ["-i.mp4", "a b.mp4", "%03d.mp4", "concat:x.mp4", "a'\"$;.mp4"])
def test_names_are_never_read_as_options_patterns_or_protocols(tmp_path, monkeypatch, ramps, name):
    gray_clip(tmp_path / "plain.mp4", ramps[:2]).rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert len(list(pictures.measure(Path(name), (8, 8)))) == 2


def test_names_that_are_no_text_are_read(tmp_path, ramps):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.mp4"))
    try:
        gray_clip(tmp_path / "plain.mp4", ramps[:2]).rename(path)
    except OSError:
        pytest.skip("this file system has no such names")
    assert len(list(pictures.measure(path, (8, 8), [Kept([1], tmp_path / "luma.raw")]))) == 2
    with pytest.raises(MediaError, match="matches no streams"):
        sounds.ebur128(path)


def test_a_play_list_can_not_reach_out(tmp_path):
    sneaky = tmp_path / "list.m3u8"
    sneaky.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"
    )
    with pytest.raises(MediaError):
        list(pictures.measure(sneaky, (8, 8)))


def test_sound_comes_as_it_is(tmp_path):
    samples = np.linspace(-0.5, 0.5, 2 * 5000).reshape(-1, 2)
    with sounds.decode_sound(wav(tmp_path / "a.wav", samples, 44_100)) as sound:
        blocks = np.concatenate(list(sound.blocks))
    assert (sound.rate, sound.channels) == (44_100, 2)
    assert blocks.dtype == np.float32
    # Sixteen bits: one step is 1/32768.
    assert np.abs(blocks - samples).max() < 2 / 32768


def test_leaving_early_ends_the_process_without_complaint(tmp_path):
    path = wav(tmp_path / "long.wav", np.zeros((2_000_000, 2)))
    with sounds.decode_sound(path) as sound:
        first = next(sound.blocks)
    assert len(first) > 0


def test_an_error_inside_the_reading_passes_through(tmp_path):
    path = wav(tmp_path / "long.wav", np.zeros((2_000_000, 2)))
    with pytest.raises(ZeroDivisionError), sounds.decode_sound(path):
        raise ZeroDivisionError


def test_loudness_of_a_reference_tone(tmp_path):
    # EBU Tech 3341, case 1: 1 kHz stereo sine, peaks at -23 dBFS, reads -23 LUFS.
    t = np.arange(48_000 * 5) / 48_000
    sine = 10 ** (-23 / 20) * np.sin(2 * np.pi * 1000 * t)
    reading = sounds.ebur128(wav(tmp_path / "a.wav", np.stack([sine, sine], 1)))
    assert reading.integrated_lufs == pytest.approx(-23.0, abs=0.1)  # Tech 3341's own tolerance
    assert reading.true_peak_dbtp == pytest.approx(-23.0, abs=0.2)


def test_silence_has_no_loudness(tmp_path):
    reading = sounds.ebur128(wav(tmp_path / "a.wav", np.zeros((48_000, 2))))
    assert reading.integrated_lufs == -math.inf
    assert reading.true_peak_dbtp == -math.inf


def test_what_is_no_media_fails_with_ffmpegs_words(tmp_path):
    path = tmp_path / "note.mp4"
    path.write_text("not a film")
    with pytest.raises(MediaError) as caught:
        list(pictures.measure(path, (8, 8)))
    problem = caught.value.problems[0]
    assert problem.code == "media-unreadable"
    assert "Invalid data" in problem.message
    assert "file:" in (problem.hint or "")


def test_a_file_without_sound_says_so(tmp_path, ramps):
    clip = gray_clip(tmp_path / "a.mp4", ramps[:2])
    with pytest.raises(MediaError, match="matches no streams"):
        sounds.ebur128(clip)
    with pytest.raises(MediaError), sounds.decode_sound(clip) as sound:
        assert list(sound.blocks) == []


def test_a_process_that_takes_too_long_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr(program, "LIMIT_SECONDS", 0.0)
    path = wav(tmp_path / "long.wav", np.zeros((4_000_000, 2)))
    with pytest.raises(MediaError, match="stopped after"):
        sounds.ebur128(path)


def test_damage_is_told(tmp_path, ramps):
    clip = gray_clip(tmp_path / "a.mp4", [np.roll(r, n * 7) for n, r in enumerate(ramps)])
    data = bytearray(clip.read_bytes())
    start = data.index(b"mdat") + 800
    data[start : start + 200] = bytes(200)
    clip.write_bytes(data)
    complaints: list[str] = []
    list(pictures.measure(clip, (8, 8), complaints=complaints))
    assert complaints


def test_another_ffmpeg_can_be_named(monkeypatch):
    program.executable.cache_clear()
    monkeypatch.setenv("FINISHER_FFMPEG", "no-such-program")
    with pytest.raises(MachineError, match="no-such-program"):
        program.executable()
    program.executable.cache_clear()
    monkeypatch.delenv("FINISHER_FFMPEG")
    assert Path(program.executable()).exists()
    assert program.version()[0] in "n0123456789N"
