from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests import barcode

from finisher.channels import Layout
from finisher.ffmpeg import sounds
from finisher.geometry import Raster
from finisher.media.boxes import ContainerFacts, start, walk
from finisher.media.channel_names import channel_names
from finisher.media.encode import encode
from finisher.media.encode_sound import AAC_PRIMING, priming
from finisher.media.encode_sound import encode as encode_sound
from finisher.media.index import picture_shape
from finisher.media.matroska import MatroskaFacts, matroska
from finisher.media.mux import mux
from finisher.presets.model import (
    Audio,
    AudioCodec,
    Container,
    ContainerFormat,
    Video,
    VideoCodec,
)
from finisher.problems import Exit, RenderError
from finisher.timecode import Rate

RASTER = Raster(barcode.WIDTH, barcode.HEIGHT)
H264 = Video(VideoCodec.H264, "high", "yuv420p", "ultrafast", 20, b_frames=3)
PRORES = Video(VideoCodec.PRORES, "hq", "yuv422p10le")
DNXHR = Video(VideoCodec.DNXHR, "sq", "yuv422p")
VP9 = Video(VideoCodec.VP9, "0", "yuv420p", "ultrafast", 30)
WEBM = Container(ContainerFormat.WEBM)
MP4, MOV = Container(ContainerFormat.MP4), Container(ContainerFormat.MOV)
LENGTHS = (1, 2, 30, 13, 3)
TOTAL = sum(LENGTHS)
RATES = ("24", "24000/1001", "25", "30000/1001", "60")


def units(folder: Path, rate: Rate, video: Video = H264) -> list[Path]:
    """Units of odd lengths whose pictures are numbered through."""
    made, first = [], 0
    for i, length in enumerate(LENGTHS):
        frames = (barcode.picture(barcode.draw(first + k)) for k in range(length))
        if video.pixel_format != "yuv420p":
            frames = (frame.reformat(format=video.pixel_format) for frame in frames)
        made.append(folder / f"{i}.mov")
        encode(frames, video, RASTER, rate, made[-1])
        first += length
    return made


@pytest.fixture(scope="module")
def at_24(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return units(tmp_path_factory.mktemp("units"), Rate.parse("24"))


def joined(
    folder: Path,
    parts: Sequence[Path],
    rate: Rate,
    container: Container = MP4,
    sound: Path | None = None,
) -> tuple[Path, ContainerFacts]:
    path = folder / f"out.{container.format}"
    assert mux(parts, sound, rate, container, path, {"title": "Härbour 'n' \"tide\""}) == TOTAL
    return path, walk(path)


@pytest.mark.parametrize("text", RATES)
def test_pictures_follow_each_other_at_exactly_equal_times(text: str, tmp_path: Path) -> None:
    rate = Rate.parse(text)
    path, facts = joined(tmp_path, units(tmp_path, rate), rate)
    track = facts.track("vide")
    assert track is not None
    assert Fraction(track.step, track.timescale) == 1 / rate.fraction
    assert (track.samples, track.uniform, track.steady) == (TOTAL, True, True)
    assert Fraction(track.duration, track.timescale) == rate.seconds(TOTAL)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [p for p in container.demux(stream) if p.size]
        assert stream.average_rate == rate.fraction
    step = packets[1].dts - packets[0].dts
    assert {b.dts - a.dts for a, b in pairwise(packets)} == {step}
    assert sorted(p.pts for p in packets) == [k * step for k in range(TOTAL)]
    assert [p.pts for p in packets] != sorted(p.pts for p in packets), "no B-frames"


def test_every_frame_is_the_one_of_its_unit(at_24: list[Path], tmp_path: Path) -> None:
    path, _ = joined(tmp_path, at_24, Rate.parse("24"))
    with av.open(str(path)) as container:
        assert [barcode.number(f) for f in container.decode(video=0)] == list(range(TOTAL))
    # Another reader, in order of display.
    order = [sum(1 << i for i, level in enumerate(row) if level > 0.5)
             for row in barcode.levels(path)]  # fmt: skip
    assert order == list(range(TOTAL))


def test_without_edit_lists_the_file_starts_at_nothing_but_its_first_frame(
    at_24: list[Path], tmp_path: Path
) -> None:
    path, facts = joined(tmp_path, at_24, Rate.parse("24"))
    track = facts.track("vide")
    assert track is not None
    assert b"elst" not in path.read_bytes()
    assert track.edits == ()
    assert (track.first, start(track, facts.timescale)) == (0, 0)
    assert facts.moov_first
    assert not facts.fragmented
    index = picture_shape(path).index
    assert index.pts[0] == 0
    # Each unit begins with a key picture.
    begins = [sum(LENGTHS[:i]) for i in range(len(LENGTHS))]
    assert set(begins) <= set(index.keys)


def test_with_edit_lists_the_file_plays_alike(at_24: list[Path], tmp_path: Path) -> None:
    container = Container(ContainerFormat.MP4, edit_list=True)
    path, facts = joined(tmp_path, at_24, Rate.parse("24"), container)
    track = facts.track("vide")
    assert track is not None
    assert track.edits != ()
    assert start(track, facts.timescale) == 0
    assert barcode.levels(path).shape == (TOTAL, barcode.BITS)


def test_tags_profile_and_title_are_carried(at_24: list[Path], tmp_path: Path) -> None:
    path, facts = joined(tmp_path, at_24, Rate.parse("24"))
    track = facts.track("vide")
    assert track is not None
    assert track.codec == "avc1"
    assert track.profile is not None
    assert track.profile[0] == 100
    assert track.color is not None
    assert (track.color.primaries, track.color.transfer, track.color.matrix) == (1, 1, 1)
    assert track.color.full_range is False
    with av.open(str(path)) as container:
        assert container.metadata["title"] == "Härbour 'n' \"tide\""


def tone(samples: int) -> NDArray[np.float64]:
    wave: NDArray[np.float64] = 0.3 * np.sin(2 * np.pi * 1000 * np.arange(samples) / 48_000)
    return wave


def sound(folder: Path, rate: Rate, codec: AudioCodec, *, skip: int) -> tuple[Path, int]:
    """The programme's length of a tone, and how many samples that is."""
    samples = rate.samples(TOTAL)
    block = np.repeat(tone(samples).astype(np.float32)[:, None], 2, axis=1)
    path = folder / "sound.nut"
    encode_sound([block[:10_000], block[10_000:]], Audio(codec, 128_000), path, skip)
    return path, samples


def heard(path: Path) -> tuple[int, NDArray[np.float64]]:
    """Samples in a file's sound track, and what a player without edit lists puts out."""
    with av.open(str(path)) as container:
        blocks = [f.to_ndarray() for f in container.decode(audio=0)]
    mono = np.concatenate([b.reshape(-1, 2)[:, 0] if b.shape[0] == 1 else b[0] for b in blocks])
    return len(mono), mono.astype(np.float64) / (1 << 31 if mono.dtype.kind == "i" else 1)


def test_sound_lies_beside_the_picture_to_the_sample(at_24: list[Path], tmp_path: Path) -> None:
    rate = Rate.parse("24")
    track_file, samples = sound(tmp_path, rate, AudioCodec.AAC, skip=AAC_PRIMING)
    path, facts = joined(tmp_path, at_24, rate, MP4, track_file)
    track = facts.track("soun")
    assert track is not None
    assert (track.sound_rate, track.channels, track.edits) == (48_000, 2, ())
    assert start(track, facts.timescale) == 0
    assert b"elst" not in path.read_bytes()
    count, mono = heard(path)
    # Whole AAC packets: less than one packet and the priming beyond the programme.
    assert samples <= count < samples + 3 * 1024
    wanted = tone(samples)
    middle = slice(4096, samples - 4096)
    # A sample's shift of a 1 kHz tone would differ by up to 0.04.
    assert np.abs(mono[:samples][middle] - wanted[middle]).max() < 0.02


def test_with_an_edit_list_the_priming_lies_before_zero(at_24: list[Path], tmp_path: Path) -> None:
    rate = Rate.parse("24")
    track_file, samples = sound(tmp_path, rate, AudioCodec.AAC, skip=0)
    container = Container(ContainerFormat.MP4, edit_list=True)
    path, facts = joined(tmp_path, at_24, rate, container, track_file)
    track = facts.track("soun")
    assert track is not None
    assert [edit.media_time for edit in track.edits] == [AAC_PRIMING]
    _, mono = heard(path)
    wanted = tone(samples)
    middle = slice(4096, samples - 4096)
    assert np.abs(mono[:samples][middle] - wanted[middle]).max() < 0.02


def test_sound_and_picture_are_interleaved(at_24: list[Path], tmp_path: Path) -> None:
    rate = Rate.parse("24")
    track_file, _ = sound(tmp_path, rate, AudioCodec.AAC, skip=AAC_PRIMING)
    path, _ = joined(tmp_path, at_24, rate, MP4, track_file)
    with av.open(str(path)) as container:
        packets = [(p.pos, float(p.dts * p.time_base), p.stream.type)
                   for p in container.demux() if p.size]  # fmt: skip
    latest = {"video": 0.0, "audio": 0.0}
    for _, time, kind in sorted(packets):
        latest[kind] = time
        # A progressive player never holds more than a second of one without the other.
        assert abs(latest["video"] - latest["audio"]) < 1.1


@pytest.mark.parametrize(("video", "entry"), [(PRORES, "apch"), (DNXHR, "AVdh")])
def test_a_mov_of_whole_pictures_and_pcm_is_exact(video: Video, entry: str, tmp_path: Path) -> None:
    rate = Rate.parse("30000/1001")
    track_file, samples = sound(tmp_path, rate, AudioCodec.PCM_S24, skip=0)
    path, facts = joined(tmp_path, units(tmp_path, rate, video), rate, MOV, track_file)
    picture, audio = facts.track("vide"), facts.track("soun")
    assert picture is not None
    assert audio is not None
    assert (picture.codec, picture.samples, picture.uniform) == (entry, TOTAL, True)
    assert Fraction(picture.duration, picture.timescale) == rate.seconds(TOTAL)
    assert start(picture, facts.timescale) == start(audio, facts.timescale) == 0
    assert {track.kind for track in facts.tracks} == {"vide", "soun"}, "a timecode track crept in"
    with av.open(str(path)) as container:
        shown = [frame.reformat(format="yuv420p") for frame in container.decode(video=0)]
    assert [barcode.number(frame) for frame in shown] == list(range(TOTAL))
    assert channel_names(path) == Layout.STEREO.channels
    with av.open(str(path)) as container:
        assert container.streams.audio[0].codec_context.layout.name == "stereo"
    count, mono = heard(path)
    assert count == samples
    wanted = tone(samples)
    # 24 bits, and float32 of the tone that was given.
    assert np.abs(mono - wanted).max() < 1e-6


@pytest.mark.parametrize(("codec", "container"), [(AudioCodec.PCM_S24, MOV), (AudioCodec.AAC, MP4)])
def test_surround_says_what_its_channels_are(
    codec: AudioCodec, container: Container, at_24: list[Path], tmp_path: Path
) -> None:
    rate, path = Rate.parse("24"), tmp_path / "s.nut"
    samples = rate.samples(TOTAL)
    # Each channel has a frequency of its own: 375 Hz and its multiples.
    t = np.arange(samples)[:, np.newaxis] * (np.arange(6) + 1) / 128
    blocks = [(0.1 * np.sin(2 * np.pi * t)).astype(np.float32)]
    spec = Audio(codec, layout=Layout.SURROUND)
    encode_sound(blocks, spec, path, priming(codec))
    done, _ = joined(tmp_path, at_24, rate, container, path)
    assert channel_names(done) == Layout.SURROUND.channels
    with sounds.decode_sound(done) as sound:
        heard = np.concatenate(list(sound.blocks))[4_800:43_200]
    assert sound.channels == 6
    spectrum = np.abs(np.fft.rfft(heard, axis=0))
    # 38400 samples: 300 bins to 375 Hz. AAC's LFE keeps what lies below 120 Hz only.
    loudest = spectrum.argmax(axis=0) / 300
    others = [0, 1, 2, 4, 5] if codec is AudioCodec.AAC else range(6)
    assert [loudest[n] for n in others] == [n + 1 for n in others]


@pytest.mark.parametrize("text", ["24", "30000/1001", "60"])
def test_a_webm_is_exact_to_its_own_clock(text: str, tmp_path: Path) -> None:
    rate, path = Rate.parse(text), tmp_path / "out.webm"
    track, samples = sound(tmp_path, rate, AudioCodec.OPUS, skip=0)
    parts = units(tmp_path, rate, VP9)
    assert mux(parts, track, rate, WEBM, path, {"title": "Tide"}) == TOTAL
    found = matroska(path)
    assert found == MatroskaFacts("webm", ("vide", "soun"), "opus", Fraction(0))
    with av.open(str(path)) as container:
        assert container.metadata["title"] == "Tide"
        shown = [(f.pts, barcode.number(f)) for f in container.decode(video=0)]
    assert [number for _, number in shown] == list(range(TOTAL))
    # To the nearest millisecond, and halves either way.
    assert all(abs(pts - 1000 * rate.seconds(k)) <= Fraction(1, 2) for k, (pts, _) in
               enumerate(shown))  # fmt: skip
    assert heard(path)[0] == samples
    again = tmp_path / "again.webm"
    mux(parts, track, rate, WEBM, again, {"title": "Tide"})
    assert again.read_bytes() == path.read_bytes()


@pytest.mark.parametrize(
    "data", [b"", b"RIFF0000WAVE", b"\x1a\x45\xdf\xa3", b"\x1a\x45\xdf\xa3\x9f\x42", bytes(300)]
)
def test_what_is_no_matroska_is_told_apart(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.webm"
    path.write_bytes(data)
    assert matroska(path) is None


def test_units_of_different_parameters_are_refused(at_24: list[Path], tmp_path: Path) -> None:
    other = tmp_path / "other.mov"
    video = Video(VideoCodec.H264, "high", "yuv420p", "veryfast", 20, b_frames=3)
    frames = [barcode.picture(barcode.draw(i)) for i in range(3)]
    encode(frames, video, RASTER, Rate.parse("24"), other)
    with pytest.raises(RenderError) as caught:
        mux([at_24[0], other], None, Rate.parse("24"), MP4, tmp_path / "o.mp4", {})
    assert caught.value.exit is Exit.RENDER
    assert caught.value.problems[0].code == "units-differ"


def test_what_cannot_be_written_is_a_render_error(at_24: list[Path], tmp_path: Path) -> None:
    with pytest.raises(RenderError) as caught:
        mux(at_24, None, Rate.parse("24"), MP4, tmp_path / "no" / "o.mp4", {})
    assert caught.value.problems[0].code == "mux-failed"


def test_joining_twice_gives_the_same_bytes(at_24: list[Path], tmp_path: Path) -> None:
    rate = Rate.parse("24")
    one = joined(tmp_path, at_24, rate)[0].read_bytes()
    assert joined(tmp_path, at_24, rate)[0].read_bytes() == one
