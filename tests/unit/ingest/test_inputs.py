"""Takes of other spaces from the file to finished pictures: tags, sketches, samples, the path."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.contents import sha256_of
from finisher.facts import TakeFacts
from finisher.geometry import Fit, frame
from finisher.ingest.inputs import input_cube
from finisher.ingest.take import TakeJob, measure, measured
from finisher.look import ColorTags, Space
from finisher.media.conform import Conform, PictureInput, siting
from finisher.media.index import picture_shape
from finisher.media.planes import samples
from finisher.media.reader import PictureReader
from finisher.plan.decode import decoding, read_as
from finisher.store import Store

HALF = (Fraction(1, 2), Fraction(1, 2))
Values = NDArray[np.float64]
# Patches of 64 by 64 pixels that Rec.709 can show, below the knee of the tone mapping.
COLOURS = np.array(
    [[0.5, 0.5, 0.5], [0.7, 0.3, 0.25], [0.25, 0.6, 0.3], [0.2, 0.3, 0.7], [0.08, 0.06, 0.1]]
)
# Light of Rec.709's primaries in Rec.2020's (Rec. ITU-R BT.2087, 3.2) and in P3's (EG 432-1).
REC2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])
P3 = np.array([[0.8225, 0.1775, 0.0], [0.0332, 0.9668, 0.0], [0.0171, 0.0724, 0.9105]])
TAGS = {
    Space.PQ: ColorTags("tv", "bt2020nc", "bt2020", "smpte2084"),
    Space.HLG: ColorTags("tv", "bt2020nc", "bt2020", "arib-std-b67"),
    Space.P3: ColorTags("tv", "bt709", "smpte432", "iec61966-2-1"),
    Space.REC2020: ColorTags("tv", "bt2020nc", "bt2020", "bt2020-10"),
}
POINTS = {
    Space.PQ: (1, 9, 9, 16),
    Space.HLG: (1, 9, 9, 18),
    Space.P3: (1, 1, 12, 13),
    Space.REC2020: (1, 9, 9, 14),
}
"""Range, matrix, primaries and transfer by their code points (ITU-T H.273)."""


def linear(code: Values) -> Values:
    return np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)


def encoded(light: Values) -> Values:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def pq(light: Values) -> Values:
    """SMPTE ST 2084 of light that is 1 at 203 cd/m²."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (203 * light / 10000) ** m1
    return np.asarray(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def hlg(light: Values) -> Values:
    """HLG of such light on a display of 1000 cd/m² (Rec. ITU-R BT.2100-2, table 5)."""
    shown = 0.203 * light
    luminance = (shown @ np.array([0.2627, 0.6780, 0.0593]))[..., None]
    scene = shown * luminance ** (1 / 1.2 - 1)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    upper = a * np.log(np.maximum(12 * scene - b, 1e-9)) + c
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), upper)


ENCODERS: dict[Space, tuple[Values, Callable[[Values], Values]]] = {
    Space.PQ: (REC2020, pq),
    Space.HLG: (REC2020, hlg),
    Space.P3: (P3, encoded),
    Space.REC2020: (REC2020, encoded),
}


def write(path: Path, space: Space, points: tuple[int, int, int, int], height: int = 64) -> None:
    """A lossless 12-bit clip of the patches in a space, tagged with these code points."""
    primaries, encode = ENCODERS[space]
    rgb = encode(linear(COLOURS) @ primaries.T)
    kr, kb = (0.2126, 0.0722) if space is Space.P3 else (0.2627, 0.0593)
    y = rgb @ np.array([kr, 1 - kr - kb, kb])
    cb, cr = (rgb[:, 2] - y) / (2 - 2 * kb), (rgb[:, 0] - y) / (2 - 2 * kr)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 320, height, "yuv420p12le"
        context = stream.codec_context
        context.color_range, context.colorspace = points[:2]
        context.color_primaries, context.color_trc = points[2:]
        for i in range(3):
            picture = av.VideoFrame(320, height, "yuv420p12le")
            for plane, level in enumerate((256 + 3504 * y, 2048 + 3584 * cb, 2048 + 3584 * cr)):
                wide = 64 if plane == 0 else 32
                samples(picture, plane)[:] = np.repeat(np.rint(level), wide).astype(np.uint16)
            picture.pts, picture.time_base = i, Fraction(1, 24)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def job(path: Path, color: ColorTags | None = None) -> TakeJob:
    store = Store(path.parent / "hashes")
    return TakeJob(str(path), sha256_of(path, store), (), None, color=color)


def finished(path: Path, facts: TakeFacts, store: Store) -> Values:
    """The patches as the picture path delivers them, R, G and B."""
    shape = picture_shape(path)
    read, _ = decoding("t", facts)
    lut = input_cube(read.space, store)
    raster = shape.raster
    source = PictureInput(
        shape.pixel_format, shape.index.time_base, read.matrix, read.range, siting(shape.codec)
    )
    path_ = Conform(source, frame(raster, raster, Fit.COVER, HALF), lut, "yuv420p")
    with PictureReader(path, shape.index) as reader:
        picture = path_(next(iter(reader.pictures([1]))))
    # The middle 32 columns and rows of each patch.
    luma = samples(picture, 0)[16:48].reshape(32, 5, 64)[:, :, 16:48].mean(axis=(0, 2))
    cb, cr = (
        samples(picture, i)[8:24].reshape(16, 5, 32)[:, :, 8:24].mean(axis=(0, 2)) for i in (1, 2)
    )
    y, u, v = (luma - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    r, b = y + 1.5748 * v, y + 1.8556 * u
    return np.stack([r, (y - 0.2126 * r - 0.0722 * b) / 0.7152, b], axis=-1)


def middles(pictures: NDArray[np.uint8]) -> Values:
    """The middle of each patch in small pictures, in codes of 8 bits."""
    columns = [(2 * i + 1) * pictures.shape[2] // 10 for i in range(5)]
    seen = pictures[:, pictures.shape[1] // 2, columns, :3]
    return np.asarray(seen.mean(axis=0), np.float64)


@pytest.mark.parametrize("space", TAGS)
def test_a_take_of_another_space_comes_out_as_what_was_put_in(space: Space, tmp_path: Path) -> None:
    path, store = tmp_path / "take.mkv", Store(tmp_path / "store")
    write(path, space, POINTS[space])
    facts = measure(job(path), store.root)
    assert facts.tags == TAGS[space]
    # 65 points a side leave a code at worst, and 12 bits of HDR next to nothing.
    missed = np.abs(finished(path, facts, store) - COLOURS)
    assert missed.max() < 1.5 / 255
    assert missed.mean() < 0.5 / 255
    for kind in ("sketches", "samples"):
        pictures = np.load(store.path(kind, job(path).content_key, ".npy"))
        # A code for the cube and one for 8 bits.
        assert np.abs(middles(pictures) - 255 * COLOURS).max() <= 2, kind


def test_what_is_declared_counts_in_place_of_the_tags_member_by_member(tmp_path: Path) -> None:
    path, store = tmp_path / "take.mkv", Store(tmp_path / "store")
    write(path, Space.PQ, (1, 9, 9, 1))
    plain, told = job(path), job(path, ColorTags(transfer="smpte2084"))
    assert plain.content_key != told.content_key
    assert plain.key != told.key
    facts = measure(told, store.root)
    assert facts.tags == TAGS[Space.PQ]
    assert measured(told, store) == facts
    assert measured(plain, store) is None
    assert np.abs(finished(path, facts, store) - COLOURS).max() < 1.5 / 255
    otherwise = measure(plain, store.root)
    assert read_as(otherwise.tags, otherwise.pixel_format, otherwise.raster).space is Space.REC2020


def test_a_copy_keeps_what_the_colour_of_its_take_means(tmp_path: Path) -> None:
    path, store = tmp_path / "take.mkv", Store(tmp_path / "store")
    write(path, Space.PQ, POINTS[Space.PQ], height=65)
    facts = measure(job(path), store.root)
    assert facts.copy is not None
    assert facts.raster.height == 64
    assert facts.tags == TAGS[Space.PQ]
    assert np.abs(finished(Path(facts.copy.path), facts, store) - COLOURS).max() < 1.5 / 255
    sketches = np.load(store.path("sketches", job(path).content_key, ".npy"))
    assert np.abs(middles(sketches) - 255 * COLOURS).max() <= 2
