from __future__ import annotations

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.color.bake import apply, path_text, size_for
from finisher.color.science import cielab, delta_e
from finisher.geometry import Box, Fit, Framing, Raster, frame
from finisher.look import CDL, Grade, Look
from finisher.media.conform import SURROUND_LEVEL, Conform, PictureInput, siting
from finisher.media.index import picture_shape
from finisher.media.planes import samples
from finisher.media.reader import PictureReader
from finisher.ocio import cubes
from finisher.problems import RenderError

HALF = (Fraction(1, 2), Fraction(1, 2))
BASE = Fraction(1, 24)
TAKE = Raster(320, 180)
# Kr and Kb of the matrices (Rec. ITU-R BT.709, BT.601; SMPTE 240M).
WEIGHTS = {
    "bt709": (0.2126, 0.0722),
    "smpte170m": (0.299, 0.114),
    "bt470bg": (0.299, 0.114),
    "smpte240m": (0.212, 0.087),
}
Planes = list[NDArray[np.uint8]]


def picture(y: NDArray[np.uint8], u: NDArray[np.uint8], v: NDArray[np.uint8]) -> av.VideoFrame:
    """A 4:2:0 or 4:4:4 picture of these planes, untagged."""
    fmt = "yuv444p" if u.shape == y.shape else "yuv420p"
    found = av.VideoFrame(y.shape[1], y.shape[0], fmt)
    for plane, rows in zip(found.planes, (y, u, v), strict=True):
        padded = np.zeros((plane.height, plane.line_size), np.uint8)
        padded[:, : plane.width] = rows
        plane.update(padded)
    return found


def planes(found: av.VideoFrame) -> Planes:
    return [
        np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]
        for plane in found.planes
    ]


def numbered(raster: Raster = TAKE) -> av.VideoFrame:
    """Every pixel of a 4:2:0 picture tells its place; neighbours differ."""
    rows, columns = np.mgrid[: raster.height, : raster.width]
    small = np.mgrid[: raster.height // 2, : raster.width // 2]
    return picture(
        (16 + (columns * 7 + rows * 13) % 220).astype(np.uint8),
        (16 + (small[1] * 5 + small[0] * 3) % 220).astype(np.uint8),
        (16 + (small[1] * 3 + small[0] * 11) % 220).astype(np.uint8),
    )


def plain(levels: tuple[int, int, int], raster: Raster = TAKE) -> av.VideoFrame:
    chroma = np.ones((raster.height // 2, raster.width // 2), np.uint8)
    luma = np.full((raster.height, raster.width), levels[0], np.uint8)
    return picture(luma, chroma * np.uint8(levels[1]), chroma * np.uint8(levels[2]))


def conform(
    framing: Framing, lut: Path | None = None, source: PictureInput | None = None
) -> Conform:
    return Conform(source or PictureInput("yuv420p", BASE), framing, lut, "yuv420p")


def test_what_is_already_right_passes_bit_by_bit() -> None:
    given = numbered()
    found = conform(frame(TAKE, TAKE, Fit.COVER, HALF))(given)
    assert all((a == b).all() for a, b in zip(planes(numbered()), planes(found), strict=True))


@pytest.mark.parametrize("focus", ["0", "1/5", "1/2", "77/100", "1"])
def test_a_crop_without_scaling_is_exact_to_the_pixel(focus: str) -> None:
    framing = frame(TAKE, Raster(102, 180), Fit.COVER, (Fraction(focus), Fraction(1, 2)))
    x, _, width, _ = framing.crop.whole()
    assert width == 102
    found = planes(conform(framing)(numbered()))
    whole = planes(numbered())
    np.testing.assert_array_equal(found[0], whole[0][:, x : x + 102])
    for chroma in (1, 2):
        np.testing.assert_array_equal(found[chroma], whole[chroma][:, x // 2 : (x + 102) // 2])


@pytest.mark.parametrize("times", [2, 3])
def test_a_scaled_crop_puts_an_edge_where_geometry_says(times: int) -> None:
    # One black and one white half: the edge lies in the middle of the crop's 60 columns.
    framing = Framing(
        TAKE, Raster(60 * times, 180 * times), Fit.COVER,
        Box.of(100, 0, 60, 180), Box.of(0, 0, 60 * times, 180 * times),
    )  # fmt: skip
    luma = np.full((180, 320), 16, np.uint8)
    luma[:, 130:] = 235
    grey = np.full((90, 160), 128, np.uint8)
    found = planes(conform(framing)(picture(luma, grey, grey)))[0].astype(float)
    # The mean tells the edge to a fraction of a pixel; ringing of the kernel is symmetric.
    edge = 60 * times * (235 - found.mean()) / (235 - 16)
    assert edge == pytest.approx(30 * times, abs=0.25)


def test_bars_are_black_and_the_picture_stays_whole() -> None:
    framing = frame(TAKE, Raster(320, 400), Fit.PAD, HALF)
    _, y, _, height = framing.place.whole()
    assert (y, height) == (110, 180)
    found = planes(conform(framing)(numbered()))
    whole = planes(numbered())
    np.testing.assert_array_equal(found[0][110:290], whole[0])
    np.testing.assert_array_equal(found[1][55:145], whole[1])
    np.testing.assert_array_equal(found[2][55:145], whole[2])
    for plane, black, (start, end) in zip(
        found, (16, 128, 128), ((110, 290), (55, 145), (55, 145)), strict=True
    ):
        assert set(plane[:start].ravel()) == {black}
        assert set(plane[end:].ravel()) == {black}


def test_a_blurred_surround_is_darker_and_leaves_the_picture_exact() -> None:
    framing = frame(TAKE, Raster(320, 400), Fit.BLUR_PAD, HALF)
    found = planes(conform(framing)(numbered()))
    whole = planes(numbered())
    np.testing.assert_array_equal(found[0][110:290], whole[0])
    np.testing.assert_array_equal(found[1][55:145], whole[1])
    np.testing.assert_array_equal(found[2][55:145], whole[2])
    assert found[0][:100].std() < 0.2 * whole[0].std(), "the surround is not blurred"


@pytest.mark.parametrize("level", [60, 126, 200, 235])
def test_the_surround_keeps_its_share_of_the_light(level: int) -> None:
    framing = frame(TAKE, Raster(320, 400), Fit.BLUR_PAD, HALF)
    found = planes(conform(framing)(plain((level, 90, 160))))
    # Scaled towards black, not towards zero; one code for rounding at each of two scalings.
    assert np.abs(found[0][:100] - (16 + (level - 16) * SURROUND_LEVEL)).max() <= 1.5
    assert set(found[0][110:290].ravel()) == {level}
    assert np.abs(found[1].astype(int) - 90).max() <= 1
    assert np.abs(found[2].astype(int) - 160).max() <= 1


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("raster", [Raster(180, 320), Raster(1080, 1920), Raster(254, 254)])
def test_every_finished_picture_is_of_the_size_asked_and_tagged(fit: Fit, raster: Raster) -> None:
    found = conform(frame(TAKE, raster, fit, HALF))(numbered())
    assert (found.width, found.height, found.format.name) == (
        raster.width, raster.height, "yuv420p",
    )  # fmt: skip
    assert (found.colorspace, found.color_range) == (1, 1)
    assert (found.color_primaries, found.color_trc) == (1, 1)


def yuv(rgb: NDArray[np.float64], matrix: str, span: str) -> NDArray[np.float64]:
    """Y'CbCr codes of 8 bits by the standards' formulas."""
    kr, kb = WEIGHTS[matrix]
    r, g, b = rgb
    y = kr * r + (1 - kr - kb) * g + kb * b
    cb, cr = (b - y) / (2 * (1 - kb)), (r - y) / (2 * (1 - kr))
    if span == "pc":
        return np.array([255 * y, 128 + 255 * cb, 128 + 255 * cr])
    return np.array([16 + 219 * y, 128 + 224 * cb, 128 + 224 * cr])


@pytest.mark.parametrize("span", ["tv", "pc"])
@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("rgb", [(0.8, 0.3, 0.2), (0.2, 0.6, 0.3), (0.3, 0.35, 0.8), (0.9,) * 3])
def test_other_matrices_and_full_range_become_rec_709(
    rgb: tuple[float, float, float], matrix: str, span: str
) -> None:
    colour = np.array(rgb)
    codes = [int(c) for c in np.rint(yuv(colour, matrix, span))]
    source = PictureInput("yuv420p", BASE, matrix, span)
    found = planes(conform(frame(TAKE, TAKE, Fit.COVER, HALF), None, source)(plain(tuple(codes))))  # type: ignore[arg-type]
    wanted = yuv(colour, "bt709", "tv")
    for plane, level in zip(found, wanted, strict=True):
        # Half a code of the source's rounding, carried through the matrix, and half at the end.
        assert np.abs(plane - level).max() <= 1.5


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv422p", "yuv444p", "gbrp"])
def test_other_pixel_formats_arrive_as_the_one_asked_for(pixel_format: str) -> None:
    rgb = np.array([0.6, 0.4, 0.3])
    matrix, span = ("gbr", "pc") if pixel_format == "gbrp" else ("bt709", "tv")
    given = av.VideoFrame(320, 180, pixel_format)
    ten = 4 if "10le" in pixel_format else 1
    # GBR planes hold green, blue and red.
    levels = [255 * rgb[i] for i in (1, 2, 0)] if span == "pc" else list(yuv(rgb, "bt709", "tv"))
    for plane, level in zip(given.planes, levels, strict=True):
        kind = np.dtype("<u2" if ten == 4 else np.uint8)
        rows = np.full((plane.height, plane.line_size // kind.itemsize), round(level * ten), kind)
        plane.update(rows)
    source = PictureInput(pixel_format, BASE, matrix, span)
    found = planes(conform(frame(TAKE, TAKE, Fit.COVER, HALF), None, source)(given))
    for plane, level in zip(found, yuv(rgb, "bt709", "tv"), strict=True):
        assert np.abs(plane - level).max() <= 1.5


def test_rec_2020_can_be_looked_at_though_it_is_not_delivered() -> None:
    source = PictureInput("yuv420p", BASE, "bt2020nc", "tv")
    found = conform(frame(TAKE, Raster(160, 90), Fit.COVER, HALF), None, source)(
        plain((126, 128, 128))
    )
    assert np.abs(planes(found)[0].astype(int) - 126).max() <= 1


def baked(grade: Grade, folder: Path) -> tuple[Path, NDArray[np.float32]]:
    cube = cubes.cube(grade, size_for(grade))
    path = folder / "it's a [cube], 100%;.cube"
    path.write_text(path_text(cube), encoding="ascii")
    return path, cube


def test_a_graded_picture_is_the_cubes_in_the_mean_of_8_by_8_pixels(
    repository: Path, tmp_path: Path
) -> None:
    look = repository / "luts" / "warm-harbour.cube"
    sha256 = hashlib.sha256(look.read_bytes()).hexdigest()
    cdl = CDL((1.1, 1.0, 0.92), (0.01, 0.0, -0.01), (1.0, 1.05, 0.95), 1.1)
    grade = Grade(match=CDL((0.95, 1.0, 1.02)), cdl=cdl, look=Look("warm", str(look), sha256))
    path, cube = baked(grade, tmp_path)
    # Patches of 8 by 8 pixels over the colours that a 4:4:4 take can hold.
    dice = np.random.default_rng(5)
    colours = dice.uniform(0.05, 0.95, (20, 20, 3))
    codes = np.rint(yuv(np.moveaxis(colours, 2, 0), "bt709", "tv")).astype(np.uint8)
    y, u, v = (np.kron(c, np.ones((8, 8), np.uint8)) for c in codes)
    raster = Raster(160, 160)
    graph = Conform(
        PictureInput("yuv444p", BASE), frame(raster, raster, Fit.COVER, HALF), path, "yuv444p"
    )
    found = np.moveaxis(np.array(planes(graph(picture(y, u, v))), float), 0, 2)
    means = found.reshape(20, 8, 20, 8, 3).mean(axis=(1, 3))
    wanted = np.clip(apply(cube, rgb_of(np.moveaxis(codes.astype(float), 0, 2))), 0, 1)
    difference = delta_e(cielab(np.clip(rgb_of(means), 0, 1)), cielab(wanted))
    # Rounded to 8 bits without dither, patches of one colour miss theirs by 0.19 on average; the
    # scaler's own integers, of 14 bits for a matrix, cost 0.034.
    assert difference.mean() < 0.05
    assert difference.max() < 0.3
    change = delta_e(cielab(colours), cielab(wanted))
    assert change.mean() > 2, "the grade does too little to prove anything"


def rgb_of(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """RGB of BT.709 limited-range codes (…, 3)."""
    y = (codes[..., 0] - 16) / 219
    b = y + 2 * (1 - 0.0722) * (codes[..., 1] - 128) / 224
    r = y + 2 * (1 - 0.2126) * (codes[..., 2] - 128) / 224
    g = (y - 0.2126 * r - 0.0722 * b) / (1 - 0.2126 - 0.0722)
    return np.stack([r, g, b], axis=-1)


@pytest.mark.parametrize("fit", [Fit.PAD, Fit.BLUR_PAD])
def test_bars_are_not_graded_and_the_surround_is(fit: Fit, tmp_path: Path) -> None:
    lift = Grade(cdl=CDL(offset=(0.2, 0.2, 0.2)))
    path, _ = baked(lift, tmp_path)
    framing = frame(TAKE, Raster(320, 400), fit, HALF)
    found = planes(conform(framing, path)(plain((16, 128, 128))))[0]
    lifted = 16 + 219 * 0.2
    assert np.abs(found[110:290] - lifted).max() <= 1
    surround = 16 if fit is Fit.PAD else 16 + 219 * 0.2 * SURROUND_LEVEL
    assert np.abs(found[:100] - surround).max() <= 1.5


def test_one_graph_serves_pictures_in_any_order_of_time() -> None:
    graph = conform(frame(TAKE, Raster(160, 90), Fit.BLUR_PAD, HALF))
    for level, pts in ((50, 900), (100, 3), (150, 3), (200, None)):
        given = plain((level, 128, 128))
        given.pts = pts
        assert abs(int(planes(graph(given))[0].mean()) - level) <= 1


def test_a_repeated_picture_is_finished_once() -> None:
    graph = conform(frame(TAKE, Raster(160, 90), Fit.COVER, HALF))
    given = numbered()
    assert graph(given) is graph(given)


def test_a_picture_of_another_size_or_format_is_an_error() -> None:
    graph = conform(frame(TAKE, Raster(160, 90), Fit.COVER, HALF))
    for wrong in (
        plain((16, 128, 128), Raster(322, 180)),
        av.VideoFrame(320, 180, "yuv422p"),
    ):
        with pytest.raises(RenderError) as caught:
            graph(wrong)
        assert caught.value.problems[0].code == "picture-changed"


@pytest.mark.parametrize(
    ("pixel_format", "matrix", "span", "white"),
    [
        ("yuv420p", "bt709", "pc", 255),
        ("yuv420p", "smpte170m", "tv", 235),
        ("yuv420p", "bt470bg", "pc", 255),
        ("yuv420p10le", "bt709", "tv", 940),
        ("yuv420p10le", "bt2020nc", "tv", 940),
        ("yuv420p12le", "bt709", "tv", 3760),
        ("gbrp", "gbr", "pc", 255),
    ],
)
@pytest.mark.parametrize("graded", [False, True])
def test_white_and_grey_stay_where_they_are(
    pixel_format: str, matrix: str, span: str, white: int, graded: bool, tmp_path: Path
) -> None:
    # A grade that does next to nothing still goes the whole way.
    lut = baked(Grade(cdl=CDL(saturation=1.001)), tmp_path)[0] if graded else None
    given = av.VideoFrame(320, 180, pixel_format)
    for i in range(3):
        middle = 1 << (given.format.components[0].bits - 1)
        samples(given, i)[:] = white if i == 0 or matrix == "gbr" else middle
    source = PictureInput(pixel_format, BASE, matrix, span)
    found = planes(conform(frame(TAKE, TAKE, Fit.COVER, HALF), lut, source)(given))
    # 16 bits of RGB leave nothing that dither would show in the mean of a picture.
    for plane, level in zip(found, (235, 128, 128), strict=True):
        assert abs(float(plane.mean()) - level) < 0.03


def ramp(pixel_format: str) -> tuple[av.VideoFrame, NDArray[np.float64]]:
    """The darkest tenth, and its luma in codes of 8 bits."""
    given = av.VideoFrame(512, 128, pixel_format)
    unit = 1 << (given.format.components[0].bits - 8)
    samples(given, 0)[:] = np.rint(np.linspace(16, 16 + 21.9, 512) * unit)
    for i in (1, 2):
        samples(given, i)[:] = 128 * unit
    return given, samples(given, 0) / unit


@pytest.mark.parametrize("pixel_format", ["yuv420p10le", "yuv420p12le"])
@pytest.mark.parametrize("contrast", [1.0, 1.5])
def test_a_dark_gradient_keeps_its_finer_bits_in_the_mean_of_areas(
    pixel_format: str, contrast: float, tmp_path: Path
) -> None:
    lut = None if contrast == 1 else baked(Grade(cdl=CDL((contrast,) * 3)), tmp_path)[0]
    given, luma = ramp(pixel_format)
    raster = Raster(512, 128)
    source = PictureInput(pixel_format, BASE)
    found = conform(frame(raster, raster, Fit.COVER, HALF), lut, source)(given)
    missed = planes(found)[0] - (16 + contrast * (luma - 16))
    means = missed.reshape(16, 8, 64, 8).mean(axis=(1, 3))
    # Rounded instead, these are 0.24 apart; 64 thresholds leave a hundredth or two.
    assert np.sqrt((means**2).mean()) < 0.03


def test_a_ten_bit_take_is_deep_until_it_is_asked_for_in_eight(tmp_path: Path) -> None:
    given, luma = ramp("yuv420p12le")
    raster = Raster(512, 128)
    lut = baked(Grade(cdl=CDL((1.5, 1.5, 1.5))), tmp_path)[0]
    for fit, depth in ((Fit.COVER, 16), (Fit.PAD, 16), (Fit.BLUR_PAD, 10)):
        framing = frame(raster, raster, fit, HALF)
        graph = Conform(PictureInput("yuv420p12le", BASE), framing, lut, "yuv420p16le")
        found = samples(graph(given), 0) / 256
        # BLUR_PAD lays pictures over each other in 10 bits.
        assert np.abs(found - (16 + 1.5 * (luma - 16))).max() <= 2.0 ** (8 - depth) + 0.05


def test_chroma_lies_to_the_left_on_the_way_in_and_out(tmp_path: Path) -> None:
    """Twice as large, a wave of chroma tells which of its places the scaler believed."""
    lut = baked(Grade(cdl=CDL(saturation=0.999)), tmp_path)[0]
    x = np.arange(160)
    wave = 128 + 60 * np.sin(2 * np.pi * x / 20)
    u = np.tile(np.rint(wave), (90, 1)).astype(np.uint8)
    given = picture(np.full((180, 320), 126, np.uint8), u, np.full_like(u, 128))
    wide = Raster(640, 360)
    found = planes(conform(frame(TAKE, wide, Fit.COVER, HALF), lut)(given))[1][40].astype(float)
    # Left-sited, sample i lies at luma 2i: sample i of the doubled picture shows i/2 - 1/8 there.
    place = np.arange(320) / 2 - 0.125
    exact = 128 + 60 * np.sin(2 * np.pi * place / 20)
    centred = 128 + 60 * np.sin(2 * np.pi * (np.arange(320) / 2 - 0.25) / 20)
    inside = slice(20, 300)
    missed, otherwise = (np.abs(found - one)[inside].mean() for one in (exact, centred))
    assert missed < 1
    assert otherwise > 1.2


@pytest.mark.parametrize("name", ["take.mp4", "take.webm", "take.mkv"])
def test_chroma_stays_where_a_take_has_it(name: str, tmp_path: Path) -> None:
    """Decoders that say where chroma lies, and others: in 4:2:2 its columns are the take's own."""
    codec, options = {
        "take.mp4": ("libx264", {"crf": "1"}),
        "take.webm": ("libvpx-vp9", {"crf": "4", "b": "9M"}),
        "take.mkv": ("ffv1", {}),
    }[name]
    columns = np.random.default_rng(5).integers(90, 167, 160).astype(np.uint8)
    u = np.tile(columns, (90, 1))
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, 24, options=options)
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        given = picture(np.full((180, 320), 126, np.uint8), u, np.full_like(u, 128))
        given.pts, given.time_base = 0, Fraction(1, 24)
        container.mux(stream.encode(given))
        container.mux(stream.encode(None))
    shape = picture_shape(tmp_path / name)
    source = PictureInput("yuv420p", shape.index.time_base, siting=siting(shape.codec))
    with PictureReader(tmp_path / name, shape.index) as reader:
        (coded,) = reader.pictures([0])
        found = Conform(source, frame(TAKE, TAKE, Fit.COVER, HALF), None, "yuv422p")(coded)
        missed = samples(found, 1)[80:100].astype(float) - columns
    # What the codecs leave; half a pixel off it would be six.
    assert np.abs(missed).mean() < 1


@pytest.mark.parametrize("fit", Fit)
@pytest.mark.parametrize("depth", ["yuv420p", "yuv444p", "yuv422p10le", "yuv444p10le"])
@pytest.mark.parametrize("matrix", ["bt709", "smpte170m"])
def test_every_fit_is_graded_in_every_format_that_is_delivered(
    fit: Fit, depth: str, matrix: str, tmp_path: Path
) -> None:
    lut = baked(Grade(cdl=CDL((0.5, 0.5, 0.5))), tmp_path)[0]
    framing = frame(TAKE, Raster(180, 320), fit, HALF)
    found = Conform(PictureInput("yuv420p", BASE, matrix), framing, lut, depth)(
        plain((216, 128, 128))
    )
    assert found.format.name == depth
    middle = samples(found, 0)[140:180, 40:140].astype(float)
    unit = 4 if depth.endswith("10le") else 1
    assert abs(middle.mean() / unit - 116) < 0.05
    assert (found.color_range, found.colorspace, found.color_primaries, found.color_trc) == (
        1, 1, 1, 1,
    )  # fmt: skip
