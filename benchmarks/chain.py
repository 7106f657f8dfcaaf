"""The picture path against exact arithmetic: `python benchmarks/chain.py STILLS [PART…]`.

STILLS is a folder of kodim*.png. ΔE is ΔE2000, the display sRGB's. Parts, all of them by default:

identity, graded  8-bit 4:2:0 through `media.conform` at its size, before any encoder, against
                  float64 (chroma brought up linearly, left-sited; the grade by OpenColorIO's own
                  processor): mean over blocks of 8 by 8 pixels, with CPU time of a picture.
chart             flat patches graded and encoded by x264 at crf 18 in 4:2:0, against OpenColorIO.
gradient          a ramp of 10-bit luma over the darkest tenth through a contrast of 1.5 to 8 bits:
                  RMS of block means, in codes.
pq, hlg           stills placed at 203 cd/m², 10-bit HEVC at a bit rate beyond doubt, through the
                  path to 8 bits: mean over what lies below the knee and below the reference white.
highlights        what greys and colours above the reference white become.
"""

from __future__ import annotations

import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PyOpenColorIO import GroupTransform

from finisher.color.bake import path_text, size_for
from finisher.color.science import cielab, delta_e, linear
from finisher.geometry import Fit, Raster, frame
from finisher.look import CDL, Grade, Space
from finisher.media.blend import tag
from finisher.media.conform import Conform, PictureInput, siting
from finisher.media.encode import encode
from finisher.media.index import picture_shape
from finisher.media.planes import samples
from finisher.media.reader import PictureReader
from finisher.ocio import cubes
from finisher.ocio.cdl import transform
from finisher.ocio.spaces import KNEE, to_rec709
from finisher.ocio.through import through
from finisher.presets.model import Video, VideoCodec
from finisher.timecode import Rate

Floats = NDArray[np.float64]
HALF = (Fraction(1, 2), Fraction(1, 2))
RASTER = Raster(1920, 1080)
GRADE = Grade(
    cdl=CDL((1.06, 0.98, 1.03), (0.01, -0.004, 0.006), (0.96, 1.05, 1.02), 1.08),
)
KR, KB = 0.2126, 0.0722
WIDE_KR, WIDE_KB = 0.2627, 0.0593
# Linear light of Rec.709 to Rec.2020 (Rec. ITU-R BT.2087, 3.2).
TO_2020 = np.array(
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]], np.float64
)


def ycc(rgb: Floats, kr: float = KR, kb: float = KB) -> Floats:
    """Y' and colour differences, -0.5 to 0.5, on the first axis."""
    y = rgb @ np.array([kr, 1 - kr - kb, kb])
    return np.stack([y, (rgb[..., 2] - y) / (2 - 2 * kb), (rgb[..., 0] - y) / (2 - 2 * kr)])


def rgb_of(y: Floats, cb: Floats, cr: Floats) -> Floats:
    """R'G'B' of Rec.709 planes of one size."""
    r, b = y + (2 - 2 * KR) * cr, y + (2 - 2 * KB) * cb
    return np.stack([r, (y - KR * r - KB * b) / (1 - KR - KB), b], axis=-1)


def halved(plane: Floats) -> Floats:
    """Chroma for 4:2:0, left-sited: 1, 2, 1 across and the mean of two lines."""
    wide = np.pad(plane, ((0, 0), (1, 1)), mode="edge")
    across = ((wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]) / 4)[:, ::2]
    return (across[::2] + across[1::2]) / 2


def doubled(plane: Floats) -> Floats:
    """Chroma of left-sited 4:2:0 at every pixel, linearly."""
    tall = np.pad(plane, ((1, 1), (0, 0)), mode="edge")
    lines = np.empty((2 * plane.shape[0], plane.shape[1]))
    lines[::2] = 0.25 * tall[:-2] + 0.75 * tall[1:-1]
    lines[1::2] = 0.75 * tall[1:-1] + 0.25 * tall[2:]
    wide = np.pad(lines, ((0, 0), (0, 1)), mode="edge")
    whole = np.empty((lines.shape[0], 2 * lines.shape[1]))
    whole[:, ::2], whole[:, 1::2] = lines, (wide[:, :-1] + wide[:, 1:]) / 2
    return whole


def picture(
    rgb: Floats, pixel_format: str, weights: tuple[float, float] = (KR, KB)
) -> av.VideoFrame:
    """R'G'B' as a limited-range 4:2:0 picture of 8 or more bits, rounded."""
    made = av.VideoFrame(rgb.shape[1], rgb.shape[0], pixel_format)
    unit = 1 << (made.format.components[0].bits - 8)
    y, cb, cr = ycc(rgb, *weights)
    levels = ((219 * y + 16), (224 * halved(cb) + 128), (224 * halved(cr) + 128))
    for i, plane in enumerate(levels):
        out = samples(made, i)
        out[:] = np.clip(np.floor(plane * unit + 0.5), 0, 256 * unit - 1)
    if unit == 1:
        tag(made)
    return made


def seen(found: av.VideoFrame) -> Floats:
    """A finished 8-bit 4:2:0 picture as R'G'B'."""
    y, cb, cr = (samples(found, i).astype(np.float64) for i in range(3))
    return rgb_of((y - 16) / 219, doubled((cb - 128) / 224), doubled((cr - 128) / 224))


def blocks(rgb: Floats) -> Floats:
    """Means over 8 by 8 pixels."""
    down, across = rgb.shape[0] // 8, rgb.shape[1] // 8
    whole = rgb[: 8 * down, : 8 * across]
    return whole.reshape(down, 8, across, 8, -1).mean(axis=(1, 3))


def apart(found: Floats, wanted: Floats) -> Floats:
    """ΔE2000 of display-encoded colours."""
    return delta_e(cielab(np.clip(found, 0, 1)), cielab(np.clip(wanted, 0, 1)))


def conform(source: av.VideoFrame, lut: Path | None, read: PictureInput | None = None) -> Conform:
    """The path for pictures like one, at its size."""
    raster = Raster(source.width, source.height)
    read = read or PictureInput(source.format.name, Fraction(1, 24))
    return Conform(read, frame(raster, raster, Fit.COVER, HALF), lut, "yuv420p")


def cube_file(grade: Grade, folder: Path, name: str) -> Path:
    """A grade's cube as the path reads it."""
    path = folder / f"{name}.cube"
    path.write_text(path_text(cubes.cube(grade, size_for(grade))), encoding="ascii")
    return path


def exact(grade: Grade, rgb: Floats) -> Floats:
    """A grade evaluated colour by colour, never by a lattice."""
    flat = np.clip(rgb, 0, 1).astype(np.float32)
    brought = to_rec709(grade.input, flat)
    return through(GroupTransform([transform(grade.cdl)]), brought).astype(np.float64)


def stills(folder: Path, count: int = 12) -> list[Floats]:
    """Photographs as display-encoded R'G'B', lying."""
    found = []
    for path in sorted(folder.glob("kodim*.png"))[:count]:
        rgb = cv2.imread(str(path))[..., ::-1].astype(np.float64) / 255
        found.append(rgb if rgb.shape[0] < rgb.shape[1] else np.rot90(rgb))
    return found


def mosaic(folder: Path) -> Floats:
    """1080p: 24 flat patches, ramps of grey and three hues, parts of four photographs."""
    whole = np.zeros((RASTER.height, RASTER.width, 3))
    patches = np.random.default_rng(7).uniform(0.08, 0.92, (24, 3))
    patches[:6] = np.linspace(0.05, 0.95, 6)[:, None]
    whole[:240] = np.kron(patches.reshape(2, 12, 3), np.ones((120, 160, 1)))
    hues = ((1, 1, 1), (1, 0.4, 0.3), (0.3, 1, 0.4), (0.3, 0.4, 1))
    for i, hue in enumerate(hues):
        whole[240 + 40 * i : 280 + 40 * i] = np.linspace(0, 1, RASTER.width)[:, None] * hue
    for i, still in enumerate(stills(folder)[j] for j in (1, 2, 4, 6)):
        part = np.concatenate([still, still[::-1]])[: RASTER.height - 400, :480]
        whole[400:, 480 * i : 480 * (i + 1)] = part
    return whole


def chain(folder: Path, temporary: Path, grade: Grade, name: str) -> None:
    """Identity or graded, by block means, and what a picture costs."""
    source = picture(mosaic(folder), "yuv420p")
    given = seen(source)
    path = conform(source, cube_file(grade, temporary, name))
    again = picture(mosaic(folder), "yuv420p")
    found = seen(path(source))
    began = time.process_time()
    for i in range(10):
        path(again if i % 2 == 0 else source)
    cost = (time.process_time() - began) * 100
    wanted = np.clip(exact(grade, given), 0, 1)
    far = apart(blocks(found), blocks(wanted))
    print(
        f"{name}: {far.mean():.3f} ΔE over blocks (99th percentile {np.quantile(far, 0.99):.2f}), "
        f"bar 0.06; {cost:.0f} ms of CPU a picture of 1080p"
    )


def chart(temporary: Path) -> None:
    """Flat patches of 48 by 48 pixels through the path, x264 and a decoder."""
    levels = np.array(np.meshgrid(*[np.linspace(0.06, 0.94, 7)] * 3, indexing="ij"))
    colours = levels.reshape(3, -1).T
    colours = np.concatenate([colours, np.linspace(0, 1, 32 * 11 - 343)[:, None] * np.ones(3)])
    whole = np.kron(colours.reshape(11, 32, 3), np.ones((48, 48, 1)))
    source = picture(whole, "yuv420p")
    finished = conform(source, cube_file(GRADE, temporary, "chart"))(source)
    video = Video(VideoCodec.H264, "high", "yuv420p", crf=18)
    raster = Raster(source.width, source.height)
    encode([finished] * 3, video, raster, Rate.parse("24"), temporary / "chart.mov")
    with av.open(str(temporary / "chart.mov")) as container:
        decoded = list(container.decode(video=0))[1]
    inside = np.s_[:, 12:36, :, 12:36]

    def middles(rgb: Floats) -> Floats:
        return rgb.reshape(11, 48, 32, 48, 3)[inside].mean(axis=(1, 3)).reshape(-1, 3)

    far = apart(middles(seen(decoded)), exact(GRADE, middles(seen(source))))
    print(f"chart: mean {far.mean():.2f} (bar 0.5), worst {far.max():.2f} (bar 2.0) ΔE")


def gradient(temporary: Path) -> None:
    """The darkest tenth through a contrast of 1.5, dithered."""
    source = av.VideoFrame(1024, 256, "yuv420p10le")
    luma = np.tile(np.floor(np.linspace(64, 64 + 87.6, 1024) + 0.5), (256, 1))
    samples(source, 0)[:] = luma
    for i in (1, 2):
        samples(source, i)[:] = 512
    steep = Grade(cdl=CDL((1.5, 1.5, 1.5)))
    found = conform(source, cube_file(steep, temporary, "steep"))(source)
    wanted = 16 + 219 * 1.5 * (luma / 4 - 16) / 219
    missed = blocks(samples(found, 0)[..., None].astype(np.float64) - wanted[..., None])
    print(f"gradient: {np.sqrt((missed**2).mean()):.3f} codes RMS of block means, bar 0.05")


def pq_code(nits: Floats) -> Floats:
    """SMPTE ST 2084, encoded from light in cd/m²."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = np.clip(nits / 10000, 0, 1) ** m1
    return np.asarray(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def hlg_code(nits: Floats) -> Floats:
    """Rec. ITU-R BT.2100 HLG for a display of 1000 cd/m², encoded from light in cd/m²."""
    light = np.clip(nits / 1000, 0, None)
    luminance = np.maximum(light @ np.array([0.2627, 0.6780, 0.0593]), 1e-12)[..., None]
    scene = light * luminance ** (1 / 1.2 - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    upper = a * np.log(np.maximum(12 * scene - b, 1e-12)) + c
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), upper)


def hdr(folder: Path, temporary: Path, space: Space) -> None:
    """Photographs placed at 203 cd/m² and brought back."""
    code = pq_code if space is Space.PQ else hlg_code
    lut = cube_file(Grade(input=space), temporary, str(space))
    under, within, before = [], [], []
    for i, still in enumerate(stills(folder)):
        rgb = still[: still.shape[0] // 8 * 8, : still.shape[1] // 8 * 8]
        coded = code(203 * linear(rgb) @ TO_2020.T)
        path = temporary / f"{space}{i}.mov"
        write_hevc(path, picture(coded, "yuv420p10le", (WIDE_KR, WIDE_KB)), space)
        shape = picture_shape(path)
        with PictureReader(path, shape.index) as reader:
            decoded = next(iter(reader.pictures([0])))
            read = PictureInput(
                shape.pixel_format, shape.index.time_base, "bt2020nc", "tv", siting(shape.codec)
            )
            found = seen(conform(decoded, lut, read)(decoded))
        far = apart(blocks(found), blocks(rgb))
        light = blocks(linear(rgb).max(axis=-1, keepdims=True))[..., 0]
        under.append(far[light < KNEE].mean())
        within.append(far.mean())
        before.append(apart(blocks(coded), blocks(rgb)).mean())
    print(
        f"{space}: {np.mean(under):.2f} ΔE below the knee, {np.mean(within):.2f} below the "
        f"reference white, bar 0.7; tags ignored {np.mean(before):.1f}"
    )


def write_hevc(path: Path, one: av.VideoFrame, space: Space) -> None:
    """A clip of a picture shown twice, tagged as what it is."""
    with av.open(str(path), "w") as container:
        options = {"crf": "4", "x265-params": "log-level=none:bframes=0"}
        stream = container.add_stream("libx265", rate=24, options=options)
        stream.width, stream.height, stream.pix_fmt = one.width, one.height, one.format.name
        context = stream.codec_context
        context.color_range, context.colorspace, context.color_primaries = 1, 9, 9
        context.color_trc = 16 if space is Space.PQ else 18
        for i in range(2):
            one.pts, one.time_base = i, Fraction(1, 24)
            container.mux(stream.encode(one))
        container.mux(stream.encode(None))


def highlights() -> None:
    """What light above the reference white becomes, in 8-bit codes."""
    for nits in (100, 162.4, 203, 300, 400, 600, 1000, 4000):
        grey = pq_code(np.full((1, 3), nits)).astype(np.float32)
        code = to_rec709(Space.PQ, grey)[0, 0]
        print(f"PQ grey of {nits:g} cd/m²: {255 * code:.0f} of 255")


def main() -> None:
    folder, asked = Path(sys.argv[1]), sys.argv[2:]
    with tempfile.TemporaryDirectory() as name:
        temporary = Path(name)
        parts = {
            "identity": lambda: chain(folder, temporary, Grade(), "identity"),
            "graded": lambda: chain(folder, temporary, GRADE, "graded"),
            "chart": lambda: chart(temporary),
            "gradient": lambda: gradient(temporary),
            "pq": lambda: hdr(folder, temporary, Space.PQ),
            "hlg": lambda: hdr(folder, temporary, Space.HLG),
            "highlights": highlights,
        }
        for part in asked or parts:
            parts[part]()


if __name__ == "__main__":
    main()
