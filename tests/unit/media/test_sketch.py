from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests import barcode

from finisher.ffmpeg import pictures
from finisher.ffmpeg.pictures import measure
from finisher.geometry import Raster
from finisher.media.closeups import CloseUps
from finisher.media.index import picture_shape
from finisher.media.sketch import LONG_SIDE, Closer, luma, rgb, sketch, sketch_raster
from finisher.problems import MediaError
from finisher.sighting import Plane

AS_709 = ("bt709", "tv")
NONE = Closer(frozenset(), 64)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sketch") / "take.mp4"
    barcode.write_take(path, 30, options={"g": "9999", "bf": "2"})
    return path


@given(st.integers(8, 4000), st.integers(8, 4000))
def test_a_sketch_keeps_the_shape_and_the_long_side(width: int, height: int) -> None:
    small = sketch_raster(Raster(width, height))
    assert max(small.width, small.height) == LONG_SIDE
    assert small.width % 2 == small.height % 2 == 0
    assert min(small.width, small.height) >= 2
    if width >= height:
        assert abs(small.height - LONG_SIDE * Fraction(height, width)) <= 2
    else:
        assert abs(small.width - LONG_SIDE * Fraction(width, height)) <= 2


def test_every_picture_is_sketched_in_order_of_display(take: Path, tmp_path: Path) -> None:
    shape = picture_shape(take)
    assert sketch(take, shape, AS_709, NONE, tmp_path / "s.npy") == {}
    sketches = np.load(tmp_path / "s.npy")
    assert (sketches.shape, sketches.dtype) == ((30, 90, 160, 4), np.uint8)
    middles = sketches[:, 45, 8::16, 1] > 127
    found = [sum(1 << bit for bit, on in enumerate(row) if on) for row in middles]
    assert found == list(range(30))


def test_a_sketch_is_the_mean_of_what_it_stands_for(take: Path, tmp_path: Path) -> None:
    shape = picture_shape(take)
    closer = Closer(frozenset({21}), 64)
    kept = sketch(take, shape, AS_709, closer, tmp_path / "s.npy")[21]
    sketches = np.load(tmp_path / "s.npy")
    # Two by two pixels each; limited to full range; one code for each of two roundings.
    means = kept.luma.astype(float).reshape(90, 2, 160, 2).mean(axis=(1, 3))
    wanted = np.clip((means - 16) * 255 / 219, 0, 255)
    assert np.abs(sketches[21, :, :, 1] - wanted).max() <= 2
    assert np.abs(sketches[21, :, :, 3] - means).max() <= 1  # the mean's own rounding


def test_kept_pictures_are_whole_and_as_coded(take: Path) -> None:
    shape = picture_shape(take)
    kept = sketch(take, shape, AS_709, Closer(frozenset({5, 17}), 64), None)
    assert sorted(kept) == [5, 17]
    with av.open(str(take)) as container:
        frames = {i: f for i, f in enumerate(container.decode(video=0)) if i in kept}
    for i, found in kept.items():
        np.testing.assert_array_equal(found.luma, frames[i].to_ndarray()[:180, :320])
        assert found.colour.shape == (36, 64, 3)


@pytest.mark.parametrize(
    ("decoded_as", "codes"),
    [
        # Rec.709 red 0.75, green 0.25, blue 0.25, by each standard's own formula.
        (("bt709", "tv"), (94, 115, 184)),
        (("smpte170m", "tv"), (104, 109, 184)),
        (("bt709", "pc"), (91, 113, 192)),
    ],
)
def test_colours_are_read_as_decided_not_as_tagged(
    decoded_as: tuple[str, str], codes: tuple[int, int, int], tmp_path: Path
) -> None:
    path = tmp_path / "take.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        picture = av.VideoFrame(320, 180, "yuv420p")
        for plane, level in zip(picture.planes, codes, strict=True):
            plane.update(np.full((plane.height, plane.line_size), level, np.uint8))
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    shape = picture_shape(path)
    kept = sketch(path, shape, decoded_as, Closer(frozenset({0}), 64), None)[0]
    wanted = np.array([0.75, 0.25, 0.25]) * 255
    # Half a code of Y'CbCr is up to 1.1 of RGB, twice.
    assert np.abs(kept.colour.reshape(-1, 3).mean(axis=0) - wanted).max() < 2.5


def test_a_picture_that_the_decoder_patches_up_is_refused(tmp_path: Path) -> None:
    noise = np.random.default_rng(1)

    def rough(_: int) -> NDArray[np.uint8]:
        return noise.integers(16, 235, (barcode.HEIGHT, barcode.WIDTH), dtype=np.uint8)

    path = tmp_path / "take.mp4"
    barcode.write_take(path, 12, options={"g": "12", "crf": "23"}, draw=rough)
    sketch(path, picture_shape(path), AS_709, NONE, tmp_path / "whole.npy")
    with av.open(str(path)) as container:
        first = next(packet for packet in container.demux(video=0) if packet.is_keyframe)
        assert first.pos is not None
        middle = first.pos + first.size // 2
    data = bytearray(path.read_bytes())
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    with pytest.raises(MediaError) as caught:
        sketch(path, picture_shape(path), AS_709, NONE, tmp_path / "damaged.npy")
    assert caught.value.problems[0].code == "media-damaged"
    assert "0.00 s into it" in caught.value.problems[0].message


def test_a_picture_of_another_size_than_was_announced_is_refused(take: Path) -> None:
    shape = replace(picture_shape(take), raster=Raster(640, 360))
    with pytest.raises(MediaError, match="change from 640x360 yuv420p to 320x180 yuv420p"):
        sketch(take, shape, AS_709, Closer(frozenset({0}), 64), None)


def test_luma_of_ten_bits_comes_in_eight() -> None:
    picture = av.VideoFrame(64, 36, "yuv420p10le")
    for plane in picture.planes:
        plane.update(np.full((plane.height, plane.line_size // 2), 500, "<u2"))
    found = luma(picture)
    assert (found.shape, found.dtype) == ((36, 64), np.uint8)
    assert abs(int(found.mean()) - 125) <= 1


def test_a_pictures_rgb_has_three_channels() -> None:
    black = barcode.picture(np.full((36, 64), 16, np.uint8))
    assert rgb(black).shape == (36, 64, 3)
    assert int(rgb(black).max()) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device that is always full")
def test_a_full_disk_is_an_error_and_no_signal(take: Path) -> None:
    with pytest.raises(OSError, match="No space left"):
        sketch(take, picture_shape(take), AS_709, NONE, Path("/dev/full"))


@pytest.mark.parametrize("level", [40, 121, 200])
def test_a_change_of_matrix_tints_nothing(tmp_path: Path, level: int) -> None:
    """A grey take in Rec.601 is as grey, and as bright, in Rec.709."""
    barcode.write_take(
        tmp_path / "grey.mp4", 3, draw=lambda _: np.full((180, 320), level, np.uint8)
    )
    shape = picture_shape(tmp_path / "grey.mp4")
    sketch(
        tmp_path / "grey.mp4", shape, ("smpte170m", "tv"), Closer(frozenset(), 64), tmp_path / "s"
    )
    found = np.load(tmp_path / "s")[..., :3]
    assert np.ptp(found.astype(int), axis=3).max() <= 1
    # 8-bit RGB has a code for each 0.86 of luma.
    assert abs(found.mean() - 255 * (level - 16) / 219) < 1


@pytest.mark.parametrize("decoded_as", [AS_709, ("smpte170m", "tv")])
def test_chroma_is_kept_at_full_size_where_it_is_asked_for(
    decoded_as: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "take.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", 24, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = 64, 36, "yuv420p"
        picture = av.VideoFrame(64, 36, "yuv420p")
        for plane, codes in zip(picture.planes, ((120, 120), (128, 96), (128, 160)), strict=True):
            values = np.full((plane.height, plane.line_size), codes[0], np.uint8)
            values[:, plane.width // 2 :] = codes[1]
            plane.update(values)
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    closer = Closer(frozenset({0}), 64, planes=frozenset(Plane))
    found = sketch(path, picture_shape(path), decoded_as, closer, None)[0].planes
    assert {plane: codes.shape for plane, codes in found.items()} == dict.fromkeys(Plane, (36, 64))
    # Where the halves meet, half-size chroma is smooth over four pixels.
    left, right = np.s_[:, :28], np.s_[:, 36:]
    for plane, codes in found.items():
        way = {Plane.LUMA: 0, Plane.CB: -1, Plane.CR: 1}[plane]
        step = float(codes[right].mean()) - float(codes[left].mean())
        # From BT.601 to BT.709 luma moves by 0.6 codes, and chroma grows by a tenth at most.
        assert step == pytest.approx(32 * way, abs=1 if decoded_as == AS_709 else 8)


@pytest.mark.parametrize(
    ("codec", "suffix", "options"),
    [("libx264", ".mp4", {"crf": "1"}), ("libvpx-vp9", ".webm", {"crf": "4", "b": "9M"})],
)
def test_chroma_at_half_size_is_read_as_of_a_finished_file(
    codec: str, suffix: str, options: dict[str, str], tmp_path: Path
) -> None:
    path, size = tmp_path / f"take{suffix}", (96, 48)
    columns = np.random.default_rng(3).integers(90, 167, 48)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, 24, options=options)
        (stream.width, stream.height), stream.pix_fmt = size, "yuv420p"
        picture = av.VideoFrame(*size, "yuv420p")
        for plane in picture.planes:
            values = np.full((plane.height, plane.line_size), 128)
            values[:, :48] = columns if plane.width == 48 else 128
            plane.update(values.astype(np.uint8))
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    raw, part = tmp_path / "cb", tmp_path / "part.npy"
    assert len(list(measure(path, (16, 8), [pictures.Kept((0,), raw, Plane.CB)]))) == 1
    cut = CloseUps(Raster(64, 20), ((0, (16, 6)),))
    closer = Closer(frozenset({0}), 64, ((cut, part),), planes=frozenset({Plane.CB}))
    whole = sketch(path, picture_shape(path), AS_709, closer, None)[0].planes[Plane.CB]
    near = codes_of(np.load(part)[0, :, 4:-4, :3])
    found = {
        "finished": np.fromfile(raw, np.uint8).reshape(48, 96)[10:20, 20:76],
        "whole": whole[10:20, 20:76],
        "near": near[4:14],
    }
    # A sample of chroma lies on every even pixel, and a cubic leads from one to the next.
    here, after, before, beyond = (columns[10 + i : 38 + i] for i in (0, 1, -1, 2))
    between = (here + after) / 2 + 0.075 * (here + after - before - beyond)
    for seen in found.values():
        # Codecs and 8 bits of RGB leave less than a code.
        assert np.abs(seen[:, ::2] - here).mean() < 1
        assert np.abs(seen[:, 1::2] - between).mean() < 1


def codes_of(rgb_codes: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Cb in limited range of RGB in 8 bits, by Rec. ITU-R BT.709."""
    red, green, blue = (rgb_codes[..., i] / 255 for i in range(3))
    return 128 + 224 * (blue - 0.2126 * red - 0.7152 * green - 0.0722 * blue) / 1.8556
