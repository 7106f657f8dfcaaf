from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests import barcode

from finisher.contents import sha256_of
from finisher.facts import ConformedCopy
from finisher.ffmpeg import program
from finisher.geometry import Raster
from finisher.ingest.conformed import conform
from finisher.ingest.take import TakeJob, measure, measured
from finisher.media.index import PictureShape, picture_shape
from finisher.media.reader import PictureReader
from finisher.media.sketch import luma
from finisher.plan.decode import decoding
from finisher.problems import MediaError
from finisher.store import Store

QUARTERS = ("tl", "tr", "bl", "br")


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pictures brightest at the top left, less so at the top right, black below."""
    path = tmp_path_factory.mktemp("conformed") / "take.mp4"
    barcode.write_take(path, 30, options={"g": "12", "bf": "2"}, draw=corners)
    return path


def corners(number: int) -> NDArray[np.uint8]:
    picture = np.full((barcode.HEIGHT, barcode.WIDTH), 16, np.uint8)
    picture[:90, :160] = 220 - 2 * number
    picture[:90, 160:] = 110
    return picture


def run(*arguments: str) -> None:
    subprocess.run([program.executable(), "-v", "error", "-y", *arguments], check=True)


def conformed(path: Path, folder: Path) -> tuple[PictureShape, ConformedCopy | None]:
    return conform(path, picture_shape(path), path.name, Store(folder / "store"))


def quarters(copy: ConformedCopy, shape: PictureShape, ordinal: int) -> dict[str, int]:
    """The level in the middle of each quarter of a picture."""
    with PictureReader(Path(copy.path), shape.index) as reader:
        (picture,) = reader.pictures([ordinal])
        plane = luma(picture)
    height, width = plane.shape
    places = [(height // 4, width // 4), (height // 4, 3 * width // 4)]
    places += [(3 * height // 4, width // 4), (3 * height // 4, 3 * width // 4)]
    return {name: int(plane[at]) for name, at in zip(QUARTERS, places, strict=True)}


@pytest.mark.parametrize(
    ("options", "bright", "middling"),
    [
        (("-display_rotation", "90"), "bl", "tl"),
        (("-display_rotation", "270"), "tr", "br"),
        (("-display_rotation", "180"), "br", "bl"),
        (("-display_hflip",), "tr", "tl"),
        (("-display_vflip",), "bl", "br"),
        (("-display_rotation", "90", "-display_hflip"), "br", "tr"),
    ],
)
def test_turned_and_mirrored_takes_stand_upright(
    options: tuple[str, ...], bright: str, middling: str, take: Path, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.mp4"
    run(*options, "-i", str(take), "-c", "copy", str(turned))
    shape, copy = conformed(turned, tmp_path)
    assert copy is not None
    quarter = any(angle in options for angle in ("90", "270"))
    assert shape.raster == (Raster(180, 320) if quarter else Raster(320, 180))
    assert len(shape.index) == 30
    for ordinal in (0, 17, 29):
        seen = quarters(copy, shape, ordinal)
        # crf 12 moves flat areas by a code value or two.
        assert abs(seen[bright] - (220 - 2 * ordinal)) <= 2
        assert abs(seen[middling] - 110) <= 2
        assert sorted(seen.values())[:2] == [16, 16]


def test_pixels_are_squared_and_no_detail_is_lost(take: Path, tmp_path: Path) -> None:
    wide, tall = tmp_path / "wide.mp4", tmp_path / "tall.mp4"
    for path, aspect in ((wide, "4/3"), (tall, "3/4")):
        run("-i", str(take), "-c", "copy", "-bsf:v", f"h264_metadata=sample_aspect_ratio={aspect}",
            "-aspect", str(Fraction(16, 9) * Fraction(aspect)), str(path))  # fmt: skip
    shape, copy = conformed(wide, tmp_path)
    assert (shape.raster, shape.sample_aspect) == (Raster(426, 180), 1)
    assert copy is not None
    assert copy.repairs == ("pixels of 4/3 made square: 320x180 becomes 426x180",)
    assert conformed(tall, tmp_path)[0].raster == Raster(320, 240)


def test_odd_sizes_lose_their_last_row_and_column(tmp_path: Path) -> None:
    odd = tmp_path / "odd.mp4"
    run("-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=1",
        "-vf", "scale=321:181,setsar=1,format=yuv444p", str(odd))  # fmt: skip
    shape, copy = conformed(odd, tmp_path)
    assert shape.raster == Raster(320, 180)
    assert copy is not None
    assert copy.repairs == ("cut to an even size: 321x181 becomes 320x180",)
    assert shape.pixel_format == "yuv444p"


def test_interlaced_takes_give_one_picture_a_frame(tmp_path: Path) -> None:
    woven = tmp_path / "woven.mp4"
    run("-f", "lavfi", "-i", "testsrc2=s=320x180:r=48:d=1", "-vf", "tinterlace=interleave_top",
        "-flags", "+ildct+ilme", "-pix_fmt", "yuv420p", str(woven))  # fmt: skip
    shape, copy = conformed(woven, tmp_path)
    assert copy is not None
    assert "deinterlaced" in copy.repairs[0]
    assert (len(shape.index), shape.interlaced) == (24, False)


def test_a_plain_take_is_used_as_it_is(take: Path, tmp_path: Path) -> None:
    original = picture_shape(take)
    assert conform(take, original, "key", Store(tmp_path)) == (original, None)


def test_a_measured_take_names_its_repairs_and_finds_its_copy_again(
    take: Path, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.mp4"
    run("-display_rotation", "90", "-i", str(take), "-c", "copy", str(turned))
    store = Store(tmp_path / "store")
    job = TakeJob(str(turned), sha256_of(turned, Store(tmp_path / "hashes")), (), None)
    facts = measure(job, store.root)
    assert facts.copy is not None
    assert facts.index == picture_shape(turned).index
    assert facts.raster == Raster(180, 320)
    assert facts.picture != facts.path
    assert measured(job, store) == facts
    _, notes = decoding("t", facts)
    assert "picture-conform" in [note.code for note in notes]
    Path(facts.copy.path).unlink()
    assert measured(job, store) is None


def test_full_range_that_only_the_format_tells_of_is_kept(take: Path, tmp_path: Path) -> None:
    full = tmp_path / "full.mkv"
    run("-i", str(take), "-vf", "scale=out_range=pc,setsar=4/3", "-c:v", "mjpeg", "-q:v", "2",
        "-pix_fmt", "yuvj420p", str(full))  # fmt: skip
    original = picture_shape(full)
    assert original.pixel_format == "yuvj420p"
    shape, copy = conformed(full, tmp_path)
    assert (shape.pixel_format, shape.tags.range) == ("yuv420p", "pc")
    assert copy is not None
    # 220 of limited range is 238 of full; the encoder moves flat areas by a code value or two.
    assert abs(quarters(copy, shape, 0)["tl"] - 238) <= 3


def test_a_take_whose_size_changes_on_the_way_is_refused(take: Path, tmp_path: Path) -> None:
    parts = [tmp_path / "large.ts", tmp_path / "small.ts"]
    run("-i", str(take), "-c", "copy", str(parts[0]))
    run("-i", str(take), "-vf", "scale=160:90", "-output_ts_offset", "3", str(parts[1]))
    joined = tmp_path / "joined.ts"
    joined.write_bytes(b"".join(part.read_bytes() for part in parts))
    with pytest.raises(MediaError) as caught:
        measure(
            TakeJob(str(joined), sha256_of(joined, Store(tmp_path / "hashes")), (), None),
            tmp_path / "store",
        )
    (problem,) = caught.value.problems
    # The decoder may refuse the change before its first picture comes.
    assert problem.code in ("picture-changed", "picture-lost")


@pytest.mark.parametrize("span", ["tv", "pc"])
def test_squaring_keeps_the_range_that_the_tags_tell_of(
    span: str, take: Path, tmp_path: Path
) -> None:
    wide = tmp_path / "wide.mp4"
    run("-i", str(take), "-vf", f"scale=240:180:out_range={span},setsar=4/3,format=yuv420p",
        "-c:v", "libx264", "-crf", "6", "-color_range", span, str(wide))  # fmt: skip
    shape, copy = conformed(wide, tmp_path)
    assert (shape.raster, shape.tags.range) == (Raster(320, 180), span)
    assert copy is not None
    # 220 of limited range is 238 of full; two encoders move flat areas by a code value or two.
    assert abs(quarters(copy, shape, 0)["tl"] - {"tv": 220, "pc": 238}[span]) <= 3


@pytest.mark.parametrize(
    ("codec", "pixel_format", "kept"),
    [
        ("qtrle", "argb", "bgr0"),
        ("png", "rgba64be", "gbrp16le"),
        ("ffv1", "yuva420p", "yuv420p"),
        ("ffv1", "yuva444p10le", "yuv444p10le"),
        ("ffv1", "gbrap12le", "gbrp12le"),
    ],
)
def test_what_is_transparent_lies_on_black(
    codec: str, pixel_format: str, kept: str, tmp_path: Path
) -> None:
    film = tmp_path / "film.mov"
    run("-f", "lavfi", "-i", "color=0xC86432:s=320x180:r=24:d=0.25", "-vf",
        "format=rgba,colorchannelmixer=aa=0.5,scale=out_color_matrix=bt709:out_range=tv",
        "-c:v", codec, "-pix_fmt", pixel_format, "-colorspace", "bt709", "-color_range", "tv",
        str(film))  # fmt: skip
    shape, copy = conformed(film, tmp_path)
    assert copy is not None
    assert copy.repairs == ("laid on black where it is transparent",)
    assert shape.pixel_format == kept
    with PictureReader(Path(copy.path), shape.index) as reader:
        (picture,) = reader.pictures([3])
    picture.colorspace, picture.color_range = 1, 0 if kept[0] in "bg" else 1
    found = picture.to_ndarray(format="rgb24")[90, 160].astype(int)
    # Half of 200, 100 and 50; conversions to Y'CbCr of 8 bits and back round by up to 2.
    assert np.abs(found - (100, 50, 25)).max() <= 3
