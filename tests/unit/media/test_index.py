from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests import barcode

from finisher.geometry import Raster
from finisher.look import ColorTags
from finisher.media.index import open_media, picture_shape
from finisher.media.stated import stated
from finisher.problems import Exit, MediaError
from finisher.timecode import Rate

R24 = Rate.parse("24")
OPEN_GOP = "open-gop=1:keyint=24:min-keyint=24:bframes=3:b-adapt=0:scenecut=0"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("index")
    barcode.write_take(place / "take.mp4", 60, options={"g": "24", "bf": "3"})
    barcode.write_take(place / "fast.mp4", 60, container={"movflags": "+faststart"})
    return place


def refused(path: Path) -> tuple[str, str]:
    with pytest.raises(MediaError) as caught:
        picture_shape(path)
    assert caught.value.exit is Exit.MEDIA
    (problem,) = caught.value.problems
    assert problem.where is not None
    assert problem.where.file == str(path)
    return problem.code, problem.message


def test_pictures_are_listed_in_the_order_of_display(folder: Path) -> None:
    index = picture_shape(folder / "take.mp4").index
    step = index.pts[1] - index.pts[0]
    assert index.pts == tuple(range(0, 60 * step, step))
    assert index.end == 60 * step
    assert index.time_base * step == Fraction(1, 24)
    assert index.keys == (0, 24, 48)
    assert index.uniform
    with av.open(str(folder / "take.mp4")) as container:
        coded = [p.pts for p in container.demux(video=0) if p.size]
    assert coded != sorted(coded), "the take has no B-frames: nothing was proven"


def test_a_take_is_described_as_its_container_does(folder: Path) -> None:
    shape = picture_shape(folder / "take.mp4")
    assert shape.raster == Raster(barcode.WIDTH, barcode.HEIGHT)
    assert (shape.codec, shape.pixel_format, shape.rotation) == ("h264", "yuv420p", 0)
    assert shape.tags == ColorTags("tv", "bt709", "bt709", "bt709")
    assert shape.sample_aspect == 1


def test_untagged_pictures_say_nothing(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "bare.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    assert picture_shape(tmp_path / "bare.mp4").tags == ColorTags(None, None, None, None)


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "ts"])
@pytest.mark.parametrize("rate", ["24", "24000/1001"])
def test_every_container_gives_every_picture_to_its_frame(
    suffix: str, rate: str, tmp_path: Path
) -> None:
    programme = Rate.parse(rate)
    path = tmp_path / f"take.{suffix}"
    barcode.write_take(path, 40, rate=programme.fraction)
    index = picture_shape(path).index
    # Matroska counts milliseconds and MPEG-TS 1/90000 s: neither holds 1001/24000 s.
    assert [index.at(programme.seconds(k)) for k in range(40)] == list(range(40))
    assert index.frames_at(programme) == 40
    assert index.uniform


@pytest.mark.parametrize("cut", [1, 23, 24, 30])
@pytest.mark.parametrize("x264", ["keyint=9999", "keyint=24:bframes=3", OPEN_GOP])
def test_an_edit_list_hides_what_lies_before_the_cut(cut: int, x264: str, tmp_path: Path) -> None:
    barcode.write_take(tmp_path / "whole.mp4", 60, options={"x264-params": x264})
    path = barcode.copied(tmp_path / "whole.mp4", tmp_path / "cut.mp4", cut=cut)
    index = picture_shape(path).index
    assert len(index) == 60 - cut
    assert index.frames_at(R24) == 60 - cut
    assert index.keys[0] == 0, "the key picture before the cut leads to the first one shown"
    assert [index.at(R24.seconds(k)) for k in range(60 - cut)] == list(range(60 - cut))


def test_a_file_that_starts_late_starts_with_its_first_picture(
    folder: Path, tmp_path: Path
) -> None:
    path = barcode.copied(folder / "take.mp4", tmp_path / "late.mkv", cut=-240)
    index = picture_shape(path).index
    assert index.pts[0] == 10_000
    assert index.at(Fraction(0)) == 0
    assert index.frames_at(R24) == 60


def test_fragments_are_read_like_any_other(tmp_path: Path) -> None:
    options = {"movflags": "frag_keyframe+empty_moov"}
    barcode.write_take(tmp_path / "frag.mp4", 60, options={"g": "24"}, container=options)
    index = picture_shape(tmp_path / "frag.mp4").index
    assert (len(index), index.keys, index.frames_at(R24)) == (60, (0, 24, 48), 60)


def test_a_variable_rate_holds_pictures_until_the_next(tmp_path: Path) -> None:
    times = [0, 1, 4, 5, 10, 11]
    barcode.write_take(tmp_path / "vfr.mp4", len(times), times=times)
    index = picture_shape(tmp_path / "vfr.mp4").index
    assert not index.uniform
    assert [index.at(R24.seconds(k)) for k in range(12)] == [0, 1, 1, 1, 2, 3, 3, 3, 3, 3, 4, 5]
    assert index.frames_at(R24) == 12


def test_one_picture_is_one_frame(tmp_path: Path) -> None:
    barcode.write_take(tmp_path / "one.mp4", 1)
    index = picture_shape(tmp_path / "one.mp4").index
    assert (len(index), index.keys, index.frames_at(R24), index.uniform) == (1, (0,), 1, True)


def test_a_turned_picture_says_by_how_much(folder: Path, tmp_path: Path) -> None:
    data = (folder / "take.mp4").read_bytes()
    # The matrix of the track header (ISO/IEC 14496-12, 8.3.2): identity, and a quarter turn.
    one, unit = (1 << 16).to_bytes(4), (1 << 30).to_bytes(4)
    zero, less = bytes(4), (-(1 << 16)).to_bytes(4, signed=True)
    straight = one + zero * 3 + one + zero * 3 + unit
    turned = zero + one + zero + less + zero * 4 + unit
    at = data.index(straight, data.index(b"tkhd"))
    path = tmp_path / "turned.mp4"
    path.write_bytes(data[:at] + turned + data[at + len(straight) :])
    assert picture_shape(path).rotation in (90, 270)


def test_pixels_that_are_not_square_are_told(tmp_path: Path) -> None:
    barcode.write_take(tmp_path / "wide.mp4", 2, options={"x264-params": "sar=4/3"})
    assert picture_shape(tmp_path / "wide.mp4").sample_aspect == Fraction(4, 3)


def test_chinas_label_is_found(folder: Path, tmp_path: Path) -> None:
    label = '{"Label":"1","ContentProducer":"x"}'
    with (
        av.open(str(folder / "take.mp4")) as reading,
        av.open(str(tmp_path / "l.mp4"), "w", options={"movflags": "use_metadata_tags"}) as out,
    ):
        out.metadata["AIGC"] = label
        target = out.add_stream_from_template(reading.streams.video[0])
        for packet in reading.demux(video=0):
            if packet.dts is not None:
                packet.stream = target
                out.mux(packet)
    assert stated(tmp_path / "l.mp4").aigc == label


def test_two_pictures_in_one_file_are_ambiguous(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "two.mkv"), "w") as container:
        streams = []
        for _ in range(2):
            stream = container.add_stream("libx264", rate=24)
            stream.width = stream.height = 64
            stream.pix_fmt = "yuv420p"
            streams.append(stream)
        for stream in streams:
            container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
            container.mux(stream.encode(None))
    code, message = refused(tmp_path / "two.mkv")
    assert code == "picture-ambiguous"
    assert "2 picture streams" in message


def test_cover_art_is_no_second_picture(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "cover.mp4"
    with (
        av.open(str(folder / "take.mp4")) as reading,
        av.open(str(path), "w") as out,
    ):
        target = out.add_stream_from_template(reading.streams.video[0])
        art = out.add_stream("mjpeg", rate=24)
        art.width = art.height = 64
        art.pix_fmt = "yuvj420p"
        art.codec_context.color_range = 2
        art.disposition = av.stream.Disposition.attached_pic
        out.mux(art.encode(av.VideoFrame(64, 64, "yuvj420p")))
        out.mux(art.encode(None))
        for packet in reading.demux(video=0):
            if packet.dts is not None:
                packet.stream = target
                out.mux(packet)
    with av.open(str(path)) as container:
        assert len(container.streams.video) == 2
    shape = picture_shape(path)
    assert (shape.codec, len(shape.index)) == ("h264", 60)


def test_a_file_without_pictures_is_refused(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound.wav"), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="stereo")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 2000), np.int16), layout="stereo")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
    assert refused(tmp_path / "sound.wav")[0] == "picture-missing"


def test_what_is_not_there_is_missing(tmp_path: Path) -> None:
    assert refused(tmp_path / "none.mp4")[0] == "media-missing"
    assert refused(tmp_path)[0] == "media-missing"


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    assert refused(tmp_path / "empty.mp4")[0] == "media-empty"


@pytest.mark.parametrize("content", [b"this is a text, not a film", bytes(5000), b"\xff" * 300])
def test_garbage_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "garbage.mp4").write_bytes(content)
    code, message = refused(tmp_path / "garbage.mp4")
    assert code == "media-unreadable"
    assert str(tmp_path) not in message


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("name", ["take.mp4", "fast.mp4"])
def test_a_file_that_breaks_off_is_never_a_shorter_take(
    name: str, part: float, folder: Path, tmp_path: Path
) -> None:
    data = (folder / name).read_bytes()
    path = tmp_path / name
    path.write_bytes(data[: int(len(data) * part)])
    assert refused(path)[0] in ("media-unreadable", "media-damaged")


def test_a_codec_nobody_knows_is_refused(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "odd.mp4"
    path.write_bytes((folder / "take.mp4").read_bytes().replace(b"avc1", b"xyzw"))
    assert refused(path)[0] in ("picture-undecodable", "media-unreadable")


@pytest.mark.parametrize("name", ["it's 100% [café] #1.mp4", "a:b.mp4", "-i.mp4", "%03d.mp4"])
def test_names_are_paths_and_nothing_more(name: str, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes((folder / "take.mp4").read_bytes())
    assert len(picture_shape(path).index) == 60


def test_a_protocol_is_no_file() -> None:
    with pytest.raises(MediaError) as caught:
        open_media(Path("concat:take.mp4"))
    assert caught.value.problems[0].code == "media-missing"


def test_interlaced_pictures_are_recognised(tmp_path: Path) -> None:
    path = tmp_path / "fields.mp4"
    barcode.write_take(path, 12, options={"x264-params": "tff=1", "flags": "+ildct"})
    assert picture_shape(path).interlaced
    barcode.write_take(tmp_path / "frames.mp4", 12)
    assert not picture_shape(tmp_path / "frames.mp4").interlaced
