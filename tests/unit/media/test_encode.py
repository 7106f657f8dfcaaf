from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.frame import PictureType
from tests import barcode

from finisher.geometry import Raster
from finisher.media.encode import encode
from finisher.media.index import picture_shape
from finisher.presets.model import Video, VideoCodec
from finisher.problems import Exit, FinisherError
from finisher.timecode import Rate

RASTER = Raster(barcode.WIDTH, barcode.HEIGHT)
R24, NTSC = Rate.parse("24"), Rate.parse("30000/1001")
H264 = Video(VideoCodec.H264, "high", "yuv420p", speed="ultrafast", crf=20, b_frames=2)
PRORES = Video(VideoCodec.PRORES, "hq", "yuv422p10le")
DNXHR = Video(VideoCodec.DNXHR, "hqx", "yuv422p10le")


def made(
    path: Path, count: int = 30, video: Video = H264, rate: Rate = R24, first: int = 0
) -> Path:
    frames = (barcode.picture(barcode.draw(first + i)) for i in range(count))
    if video.pixel_format != "yuv420p":
        frames = (frame.reformat(format=video.pixel_format) for frame in frames)
    assert encode(frames, video, RASTER, rate, path) == count
    return path


def nal_types(path: Path) -> list[set[int]]:
    """Types of the NAL units (ITU-T H.264, table 7-1) of each coded picture."""
    found = []
    with av.open(str(path)) as container:
        for packet in container.demux(video=0):
            data, at, types = bytes(packet), 0, set()
            while at + 4 < len(data):
                types.add(data[at + 4] & 31)
                at += 4 + int.from_bytes(data[at : at + 4])
            if types:
                found.append(types)
    return found


def test_every_picture_comes_out_at_its_own_time(tmp_path: Path) -> None:
    index = picture_shape(made(tmp_path / "u.mov", rate=NTSC)).index
    assert [index.at(NTSC.seconds(k)) for k in range(30)] == list(range(30))
    assert index.frames_at(NTSC) == 30
    with av.open(str(tmp_path / "u.mov")) as container:
        assert [barcode.number(f) for f in container.decode(video=0)] == list(range(30))


@pytest.mark.parametrize(("gop", "distance"), [("1/2", 12), ("1/4", 6), ("1", 24)])
def test_a_unit_starts_with_a_key_picture_and_its_groups_are_closed(
    gop: str, distance: int, tmp_path: Path
) -> None:
    video = Video(VideoCodec.H264, "high", "yuv420p", "veryfast", 20, gop, 3)
    path = made(tmp_path / "u.mov", 60, video)
    index = picture_shape(path).index
    assert index.keys[0] == 0
    assert all(b - a <= distance for a, b in zip(index.keys, index.keys[1:], strict=False))
    with av.open(str(path)) as container:
        packets = [p for p in container.demux(video=0) if p.size]
    keys = [p.is_keyframe for p in packets]
    # IDR, NAL type 5: nothing behind it refers to anything before it.
    assert [5 in types for types in nal_types(path)] == keys
    # Closed: no picture coded behind a key picture is shown before it.
    for at, packet in enumerate(packets):
        if packet.is_keyframe:
            assert all(later.pts >= packet.pts for later in packets[at:])
            assert all(earlier.pts < packet.pts for earlier in packets[:at])
    assert [p.pts for p in packets] != sorted(p.pts for p in packets), "no B-frames"


def test_the_stream_is_what_the_preset_says(tmp_path: Path) -> None:
    path = made(tmp_path / "u.mov")
    shape = picture_shape(path)
    assert (shape.codec, shape.pixel_format, shape.raster) == ("h264", "yuv420p", RASTER)
    assert (shape.tags.range, shape.tags.matrix) == ("tv", "bt709")
    assert (shape.tags.primaries, shape.tags.transfer) == ("bt709", "bt709")
    assert shape.sample_aspect == 1
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert context.profile == "High"
        # avcC: profile_idc 100 is High (ITU-T H.264, A.2.4).
        assert context.extradata is not None
        assert context.extradata[1] == 100
        frame = next(container.decode(video=0))
    # The tags stand in the stream itself, too, where a remux can't lose them.
    assert (frame.colorspace, frame.color_range, frame.color_primaries, frame.color_trc) == (
        1, 1, 1, 1,
    )  # fmt: skip


def test_all_units_share_one_set_of_parameters(tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    noisy = (barcode.picture(dice.integers(16, 235, (180, 320), np.uint8)) for _ in range(20))
    headers = []
    for path in (made(tmp_path / "a.mov", 1), made(tmp_path / "b.mov", 40, first=100)):
        with av.open(str(path)) as container:
            headers.append(container.streams.video[0].codec_context.extradata)
    encode(noisy, H264, RASTER, R24, tmp_path / "c.mov")
    with av.open(str(tmp_path / "c.mov")) as container:
        headers.append(container.streams.video[0].codec_context.extradata)
    assert headers[0] == headers[1] == headers[2] is not None


def test_the_same_pictures_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = made(tmp_path / "1.mov"), made(tmp_path / "2.mov")
    packets = []
    for path in (one, two):
        with av.open(str(path)) as container:
            packets.append([bytes(p) for p in container.demux(video=0)])
    assert packets[0] == packets[1]


def test_a_rate_limit_holds(tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    frames = [barcode.picture(dice.integers(16, 235, (180, 320), np.uint8)) for _ in range(48)]
    sizes = {}
    for limit in (None, 400_000):
        video = Video(
            VideoCodec.H264, "high", "yuv420p", "ultrafast", 20, max_rate=limit, buffer=limit
        )
        encode(frames, video, RASTER, R24, tmp_path / "u.mov")
        with av.open(str(tmp_path / "u.mov")) as container:
            sizes[limit] = sum(p.size for p in container.demux(video=0)) * 8
    # Two seconds at the limit and one full buffer.
    assert sizes[400_000] <= 3 * 400_000 < sizes[None]


def test_a_decoders_picture_types_do_not_force_the_encoder(tmp_path: Path) -> None:
    frames = [barcode.picture(barcode.draw(i)) for i in range(20)]
    for frame in frames:
        frame.pict_type = PictureType.I
    encode(frames, H264, RASTER, R24, tmp_path / "u.mov")
    assert picture_shape(tmp_path / "u.mov").index.keys == (0, 12)


def test_prores_keeps_ten_bits_and_every_picture_whole(tmp_path: Path) -> None:
    path = made(tmp_path / "u.mov", 6, PRORES)
    shape = picture_shape(path)
    assert (shape.codec, shape.pixel_format) == ("prores", "yuv422p10le")
    assert shape.index.keys == tuple(range(6))
    assert (shape.tags.matrix, shape.tags.primaries) == ("bt709", "bt709")
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.codec_tag == "apch"


@pytest.mark.parametrize(
    ("profile", "pixel_format"),
    [("lb", "yuv422p"), ("sq", "yuv422p"), ("hq", "yuv422p"), ("hqx", "yuv422p10le")],
)
def test_dnxhr_is_of_its_profile_and_every_picture_whole(
    profile: str, pixel_format: str, tmp_path: Path
) -> None:
    video = replace(DNXHR, profile=profile, pixel_format=pixel_format)
    path = made(tmp_path / "u.mov", 4, video)
    shape = picture_shape(path)
    assert (shape.codec, shape.pixel_format) == ("dnxhd", pixel_format)
    assert shape.index.keys == tuple(range(4))
    assert (shape.tags.matrix, shape.tags.primaries, shape.tags.range) == ("bt709", "bt709", "tv")
    with av.open(str(path)) as container:
        context = container.streams.video[0].codec_context
        assert (context.codec_tag, context.profile) == ("AVdh", f"DNXHR {profile.upper()}")
        shown = [frame.reformat(format="yuv420p") for frame in container.decode(video=0)]
    assert [barcode.number(frame) for frame in shown] == list(range(4))


def test_vp9_packets_are_pictures_in_closed_groups(tmp_path: Path) -> None:
    video = Video(VideoCodec.VP9, "0", "yuv420p", "ultrafast", 30)
    path = made(tmp_path / "u.mp4", 30, video, NTSC)
    shape = picture_shape(path)
    assert (shape.codec, shape.pixel_format) == ("vp9", "yuv420p")
    assert (shape.tags.matrix, shape.tags.primaries, shape.tags.range) == ("bt709", "bt709", "tv")
    # At most half a second apart: 14 pictures at 29.97 a second.
    assert set(range(0, 30, 14)) <= set(shape.index.keys)
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        assert len(packets) == 30
        assert all(packet.pts == packet.dts for packet in packets)
        container.seek(0)
        assert [barcode.number(f) for f in container.decode(video=0)] == list(range(30))


def test_one_picture_and_none(tmp_path: Path) -> None:
    made(tmp_path / "one.mov", 1)
    assert len(picture_shape(tmp_path / "one.mov").index) == 1
    assert encode([], H264, RASTER, R24, tmp_path / "none.mov") == 0


def test_an_encoder_that_refuses_is_a_render_error(tmp_path: Path) -> None:
    odd = Raster(321, 181)
    frame = av.VideoFrame(321, 181, "yuv420p")
    with pytest.raises(FinisherError) as caught:
        encode([frame], H264, odd, R24, tmp_path / "odd.mov")
    assert caught.value.exit is Exit.RENDER
    assert caught.value.problems[0].code == "encode-failed"


def test_the_times_of_source_pictures_do_not_count(tmp_path: Path) -> None:
    frames = [barcode.picture(barcode.draw(i)) for i in range(10)]
    for i, frame in enumerate(frames):
        frame.pts, frame.time_base = 9000 - i, Fraction(1, 90000)
    encode(frames, H264, RASTER, R24, tmp_path / "u.mov")
    with av.open(str(tmp_path / "u.mov")) as container:
        assert [barcode.number(f) for f in container.decode(video=0)] == list(range(10))
