"""Marked footage made on the spot: drawn logos, takes, and what becomes of them on the way out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.sighting import Plane

Picture = NDArray[np.uint8]
"""(height, width, 3), display-encoded RGB."""
Placed = tuple[float, float, float, float]
"""x, y, width, height in pixels."""


# Logos: drawn four times finer than they appear, red first, then green, blue, opacity.


def _star(size: int) -> NDArray[np.int32]:
    angles = -np.pi / 2 + np.arange(10) * np.pi / 5
    radii = np.where(np.arange(10) % 2, 0.42, 1.0) * size / 2
    points = np.stack([np.cos(angles) * radii, np.sin(angles) * radii], 1) + size / 2
    return np.rint(points).astype(np.int32)


def _lettered(text: str, colour: tuple[int, int, int], weight: int, shape: tuple[int, int]):
    image = np.zeros((*shape, 4), np.uint8)
    face = cv2.FONT_HERSHEY_SIMPLEX
    (wide, high), _ = cv2.getTextSize(text, face, 1.0, weight)
    scale = min((shape[1] - 24) / wide, (shape[0] - 36) / high)
    (wide, high), _ = cv2.getTextSize(text, face, scale, weight)
    at = ((shape[1] - wide) // 2, (shape[0] + high) // 2)
    cv2.putText(image, text, at, face, scale, (*colour, 255), weight, cv2.LINE_AA)
    image[..., :3] = colour
    return image


def _white_star() -> NDArray[np.uint8]:
    image = np.zeros((152, 600, 4), np.uint8)
    image[:, 160:] = _lettered("NIMBUS", (255, 255, 255), 14, (152, 440))
    cv2.fillPoly(image, [_star(136) + 8], (255, 255, 255, 255), cv2.LINE_AA)
    image[..., :3] = 255
    return image


def _badge() -> NDArray[np.uint8]:
    image = np.zeros((256, 256, 4), np.uint8)
    image[..., :3] = 20
    cv2.circle(image, (128, 128), 118, (20, 20, 20, 150), -1, cv2.LINE_AA)
    cv2.circle(image, (128, 128), 112, (250, 250, 250, 255), 9, cv2.LINE_AA)
    cv2.putText(image, "Ai", (50, 168), cv2.FONT_HERSHEY_DUPLEX, 3.9, (250, 250, 250, 255), 14)
    return image


def _diamond() -> NDArray[np.uint8]:
    image = np.zeros((224, 224, 4), np.uint8)
    image[..., :3] = (235, 235, 240)
    points = np.array([[112, 6], [150, 74], [218, 112], [150, 150], [112, 218]], np.int32)
    mirrored = np.array([[224, 0]]) + points[::-1] * np.array([[-1, 1]])
    outline = np.concatenate([points, mirrored[1:-1]]).astype(np.int32)
    cv2.fillPoly(image, [outline], (235, 235, 240, 255), cv2.LINE_AA)
    return image


def _cyan() -> NDArray[np.uint8]:
    image = _lettered("Q7", (0, 220, 255), 30, (200, 300))
    cv2.circle(image, (262, 34), 22, (0, 220, 255, 255), -1, cv2.LINE_AA)
    return image


LOGOS: dict[str, Callable[[], NDArray[np.uint8]]] = {
    "white star": _white_star,
    "dark text": lambda: _lettered("made by machine", (12, 12, 16), 11, (144, 680)),
    "red glyphs": lambda: _lettered("GEN*R", (235, 20, 30), 22, (168, 480)),
    "cyan glyphs": _cyan,
    "badge": _badge,
    "hairline": lambda: _lettered("atelier/42", (255, 250, 240), 7, (168, 640)),
    "diamond": _diamond,
}
"""RGBA pictures by name: filled, lettered, thin, coloured, dark, with a rim."""


@lru_cache
def logo(name: str) -> NDArray[np.uint8]:
    return LOGOS[name]()


def template(name: str) -> bytes:
    """A logo as the PNG file its user would hand in."""
    return bytes(cv2.imencode(".png", cv2.cvtColor(logo(name), cv2.COLOR_RGBA2BGRA))[1])


def corner(name: str, size: tuple[int, int], which: int, part: float = 0.25) -> Placed:
    """A place for a logo: `part` of its drawn size at 720 lines, off the picture's corner."""
    rows, columns = logo(name).shape[:2]
    scale = part * min(size) / 720
    wide, high = columns * scale, rows * scale
    off = 0.045 * min(size)
    x = off if which % 2 else size[0] - off - wide
    y = off if which // 2 % 2 else size[1] - off - high
    return (round(x * 4) / 4 + 0.25, round(y * 4) / 4, wide, high)


def drawn(name: str, box: Placed, size: tuple[int, int]) -> tuple[NDArray, NDArray]:
    """A logo's colour times opacity, and opacity, on a picture's grid; by areas of fine pixels."""
    fine = 4
    x, y, wide, high = box
    left, top = int(x) - 2, int(y) - 2
    columns, rows = int(wide) + 6, int(high) + 6
    rgba = logo(name).astype(np.float32) / 255
    lit = np.concatenate([rgba[..., :3] * rgba[..., 3:], rgba[..., 3:]], axis=2)
    source = lit.shape
    at = np.array(
        [
            [wide * fine / source[1], 0, (x - left) * fine],
            [0, high * fine / source[0], (y - top) * fine],
        ],
        np.float32,
    )
    at[:, 2] += (at[:, :2] @ [0.5, 0.5]) - 0.5
    large = cv2.warpAffine(lit, at, (columns * fine, rows * fine), flags=cv2.INTER_AREA)
    small = cv2.resize(large, (columns, rows), interpolation=cv2.INTER_AREA)
    whole = np.zeros((size[1] + 2 * rows, size[0] + 2 * columns, 4), np.float32)
    whole[rows + top : 2 * rows + top, columns + left : 2 * columns + left] = small
    whole = whole[rows : rows + size[1], columns : columns + size[0]]
    return whole[..., :3], whole[..., 3:]


def burnt(frames: list[Picture], name: str, box: Placed, opacity: float) -> list[Picture]:
    """Frames with a logo laid over them."""
    rows, columns = frames[0].shape[:2]
    lit, alpha = drawn(name, box, (columns, rows))
    ys, xs = np.nonzero(alpha[..., 0])
    area = np.s_[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1]
    lit, alpha = lit[area] * opacity, alpha[area] * opacity
    out = []
    for frame in frames:
        made = frame.copy()
        made[area] = np.rint(frame[area] * (1 - alpha) + 255 * lit).astype(np.uint8)
        out.append(made)
    return out


# Footage: (name, group, frames); takes of one group show the same thing.


@dataclass(frozen=True)
class Footage:
    name: str
    group: str
    make: Callable[[], list[Picture]]


def walked(still: Picture, size: tuple[int, int], count: int, way: str) -> list[Picture]:
    """A camera over a still: `pan`, `zoom`, or `locked` with a little noise."""
    rows, columns = still.shape[:2]
    base = max(size[0] / columns, size[1] / rows)
    rng = np.random.default_rng(columns + count)
    noise = [rng.normal(0, 1.5, (size[1], size[0], 1)).astype(np.float32) for _ in range(3)]
    out = []
    for i in range(count):
        t = i / max(1, count - 1)
        scale = base * {"pan": 1.25, "zoom": 1.05 + 0.3 * t, "locked": 1.02}[way]
        free = np.array([columns * scale - size[0], rows * scale - size[1]])
        part = np.array({"pan": (0.1 + 0.8 * t, 0.8 - 0.6 * t)}.get(way, (0.5, 0.5)))
        x, y = free * part
        at = np.array([[scale, 0, -x], [0, scale, -y]])
        seen = cv2.warpAffine(still, at, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
        if way == "locked":
            seen = np.clip(seen + noise[i % 3], 0, 255).astype(np.uint8)
        out.append(seen)
    return out


def decoded(path: Path | str, start: int, count: int, size: tuple[int, int]) -> list[Picture]:
    """Pictures of a file, scaled to cover a size."""
    source = {"format": "lavfi"} if isinstance(path, str) else {}
    out: list[Picture] = []
    with av.open(str(path), **source) as container:
        for i, frame in enumerate(container.decode(video=0)):
            if i < start:
                continue
            rgb = frame.to_ndarray(format="rgb24")
            rows, columns = rgb.shape[:2]
            scale = max(size[0] / columns, size[1] / rows)
            if scale != 1:
                way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
                whole = (max(size[0], round(columns * scale)), max(size[1], round(rows * scale)))
                rgb = cv2.resize(rgb, whole, interpolation=way)
            x, y = (rgb.shape[1] - size[0]) // 2, (rgb.shape[0] - size[1]) // 2
            out.append(np.ascontiguousarray(rgb[y : y + size[1], x : x + size[0]]))
            if len(out) == count:
                break
    return out


HD, FULL, TALL = (1280, 720), (1920, 1080), (540, 960)


def footage(stills: Path, clips: Path, sample: Path, count: int = 24) -> Iterator[Footage]:
    """Takes that have nothing in common: natural clips, stills under a camera, drawn ones."""
    yield from _still_takes(stills, count)
    yield from _clip_takes(clips, count)
    for number, path in enumerate(sorted(sample.glob("*.mp4"))):
        size = FULL if number == 2 else HD
        yield Footage(path.stem, path.stem, partial(decoded, path, 12, count, size))
    for source in ("mandelbrot", "testsrc2"):
        drawing = f"{source}=size=1280x720:rate=25"
        yield Footage(source, source, partial(decoded, drawing, 10, count, HD))


def _still_takes(stills: Path, count: int) -> Iterator[Footage]:
    ways = ("pan", "zoom", "pan", "locked", "zoom", "pan")
    for number, path in enumerate(sorted(stills.glob("*.png"))):
        size = TALL if number in (3, 8) else FULL if number == 5 else HD

        def still(path: Path = path, size: tuple[int, int] = size, way: str = ways[number % 6]):
            picture = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
            return walked(picture, size, count, way)

        yield Footage(f"{path.stem} {ways[number % 6]}", path.stem, still)


def _clip_takes(clips: Path, count: int) -> Iterator[Footage]:
    for name, starts in (
        ("bigbuckbunny", (0, 50, 100)),
        ("cockatoo", (0, 120, 240)),
        ("bikes", (0, 110, 220)),
    ):
        for start in starts:
            make = partial(decoded, clips / f"{name}.mp4", start, count, HD)
            yield Footage(f"{name} {start}", name, make)


# What becomes of footage: frames and boxes in, frames and boxes out.


@dataclass(frozen=True)
class Coder:
    name: str
    crf: int
    options: tuple[tuple[str, str], ...] = ()


X264 = (("preset", "veryfast"), ("x264-params", "log-level=none"))
X265 = (("preset", "superfast"), ("x265-params", "log-level=none:pools=1:frame-threads=1"))
SVT = (("preset", "11"), ("svtav1-params", "lp=1"))


def h264(crf: int) -> Coder:
    return Coder("libx264", crf, X264)


def hevc(crf: int) -> Coder:
    return Coder("libx265", crf, X265)


def av1(crf: int) -> Coder:
    return Coder("libsvtav1", crf, SVT)


def encode(path: Path, frames: list[Picture], coder: Coder) -> None:
    """Write frames as Rec.709 4:2:0 in limited range."""
    rows, columns = frames[0].shape[:2]
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream(coder.name, 24)
        stream.width, stream.height, stream.pix_fmt = columns, rows, "yuv420p"
        stream.options = {"crf": str(coder.crf), **dict(coder.options)}
        stream.codec_context.thread_count = 1
        for i, rgb in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace="ITU709")
            frame.pts, frame.time_base = i, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def planes(path: Path, which: Plane = Plane.LUMA) -> list[NDArray[np.uint8]]:
    """A plane of each picture of a file, at full size."""
    out = []
    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "NONE"
        for frame in container.decode(video=0):
            # By a cubic, as the audit's reader brings chroma to full size.
            whole = frame
            if which is not Plane.LUMA:
                whole = frame.reformat(format="yuv444p", interpolation="BICUBIC")
            plane = whole.planes[list(Plane).index(which)]
            raw = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
            out.append(raw[: frame.height, : frame.width].copy())
    return out


def plane_of(picture: Picture, which: Plane = Plane.LUMA) -> NDArray[np.uint8]:
    """A plane in limited range, as an encoder gets it, chroma at half its size in between."""
    if which is Plane.LUMA:
        weights = np.array([[0.2126, 0.7152, 0.0722]], np.float32) * 219 / 255
        return np.asarray(np.rint(cv2.transform(picture, weights) + 16), np.uint8)
    row = [[-0.1146, -0.3854, 0.5], [0.5, -0.4542, -0.0458]][which is Plane.CR]
    rows, columns = picture.shape[:2]
    # In floats: colour differences may be negative.
    colours = picture.astype(np.float32)
    whole = cv2.transform(colours, np.array([row], np.float32) * 224 / 255) + 128
    half = cv2.resize(whole, ((columns + 1) // 2, (rows + 1) // 2), interpolation=cv2.INTER_AREA)
    full = cv2.resize(half, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.rint(full), 0, 255).astype(np.uint8)


Boxes = list[Placed]
Changed = tuple[list[Picture], Boxes]


def _moved(boxes: Boxes, fx: float, fy: float, x: float = 0, y: float = 0) -> Boxes:
    return [(b[0] * fx + x, b[1] * fy + y, b[2] * fx, b[3] * fy) for b in boxes]


def scaled(frames: list[Picture], boxes: Boxes, height: int) -> Changed:
    """Frames whose shorter side is `height`."""
    rows, columns = frames[0].shape[:2]
    factor = height / min(rows, columns)
    size = (round(columns * factor / 2) * 2, round(rows * factor / 2) * 2)
    out = [cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in frames]
    return out, _moved(boxes, size[0] / columns, size[1] / rows)


def side_crop(frames: list[Picture], boxes: Boxes) -> Changed:
    """A 9:16 crop at the first mark's side, enlarged to 1080x1920."""
    rows, columns = frames[0].shape[:2]
    wide = round(rows * 9 / 16)
    if wide >= columns:
        return scaled(frames, boxes, 720)
    x = columns - wide if boxes[0][0] + boxes[0][2] / 2 > columns / 2 else 0
    out = [
        cv2.resize(f[:, x : x + wide], (1080, 1920), interpolation=cv2.INTER_CUBIC) for f in frames
    ]
    return out, _moved(boxes, 1080 / wide, 1920 / rows, -x * 1080 / wide)


def padded(frames: list[Picture], boxes: Boxes, size: tuple[int, int], *, blur: bool) -> Changed:
    """The whole picture across a tall one, on black or on its own blur."""
    rows, columns = frames[0].shape[:2]
    factor = min(size[0] / columns, size[1] / rows)
    inner = (round(columns * factor), round(rows * factor))
    x, y = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    out = []
    for frame in frames:
        whole = np.zeros((size[1], size[0], 3), np.uint8)
        if blur:
            small = cv2.GaussianBlur(cv2.resize(frame, (size[0] // 8, size[1] // 8)), (0, 0), 4)
            whole = cv2.resize(small, size)
        way = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
        whole[y : y + inner[1], x : x + inner[0]] = cv2.resize(frame, inner, interpolation=way)
        out.append(whole)
    return out, _moved(boxes, inner[0] / columns, inner[1] / rows, x, y)


def graded(frames: list[Picture], curve: Callable[[NDArray], NDArray]) -> list[Picture]:
    """Frames through a function of display-encoded values, 0 to 1, channel by channel."""
    levels = np.linspace(0, 1, 256)[:, None].repeat(3, 1)
    table = np.rint(255 * np.clip(curve(levels), 0, 1)).astype(np.uint8)[None]
    return [cv2.LUT(f, table) for f in frames]


def flat(v: NDArray) -> NDArray:
    return 0.5 + 0.6 * (v ** (1 / 1.2) - 0.5)


def teal_orange(v: NDArray) -> NDArray:
    s = 0.5 - 0.5 * np.cos(np.pi * v)
    strong = 0.4 * v + 0.6 * s
    return strong * [1.06, 0.98, 0.92] + [0.0, 0.01, 0.04]


def curved(v: NDArray) -> NDArray:
    return 1 / (1 + np.exp(-7 * (v - 0.45)))


def grained(frames: list[Picture], sigma: float = 12.0) -> list[Picture]:
    """Noise in luma of its own in each frame; a standard deviation in codes."""
    rng = np.random.default_rng(5)
    shape = frames[0].shape[:2]
    return [
        np.clip(f + rng.normal(0, sigma, (*shape, 1)).astype(np.float32), 0, 255).astype(np.uint8)
        for f in frames
    ]


BENIGN: dict[str, tuple[Callable[[list[Picture], Boxes], Changed], Coder]] = {
    "crf 18": (lambda f, b: (f, b), h264(18)),
    "crf 23": (lambda f, b: (f, b), h264(23)),
    "crf 28": (lambda f, b: (f, b), h264(28)),
    "crf 35": (lambda f, b: (f, b), h264(35)),
    "HEVC crf 28": (lambda f, b: (f, b), hevc(28)),
    "AV1 crf 38": (lambda f, b: (f, b), av1(38)),
    "540p crf 23": (lambda f, b: scaled(f, b, 540), h264(23)),
    "360p crf 23": (lambda f, b: scaled(f, b, 360), h264(23)),
    "side crop 9:16": (side_crop, h264(23)),
    "blur-pad 1080x1920": (lambda f, b: padded(f, b, (1080, 1920), blur=True), h264(23)),
    "letterbox 540x960": (lambda f, b: padded(f, b, (540, 960), blur=False), h264(23)),
    "flat grade": (lambda f, b: (graded(f, flat), b), h264(23)),
    "teal-orange": (lambda f, b: (graded(f, teal_orange), b), h264(23)),
    "strong curve": (lambda f, b: (graded(f, curved), b), h264(23)),
    "grain": (lambda f, b: (grained(f), b), h264(23)),
    "speed 2x": (lambda f, b: (f[::2], b), h264(23)),
}
"""What editing does to a mark without meaning to: changes and the coder after them."""


def _area(box: Placed, room: float = 2) -> tuple[slice, slice]:
    x, y, wide, high = box
    return np.s_[
        max(0, int(y - room)) : int(np.ceil(y + high + room)),
        max(0, int(x - room)) : int(np.ceil(x + wide + room)),
    ]


def delogo(frames: list[Picture], box: Placed) -> list[Picture]:
    """The box interpolated from its rim."""
    area = _area(box)
    out = []
    for frame in frames:
        made = frame.copy()
        inner = made[area].astype(np.float32)
        rows, columns = inner.shape[:2]
        v = np.linspace(0, 1, rows, dtype=np.float32)[:, None, None]
        u = np.linspace(0, 1, columns, dtype=np.float32)[None, :, None]
        across = inner[:, :1] * (1 - u) + inner[:, -1:] * u
        down = inner[:1] * (1 - v) + inner[-1:] * v
        made[area] = ((across + down) / 2).astype(np.uint8)
        out.append(made)
    return out


def blurred(frames: list[Picture], box: Placed, sigma: float) -> list[Picture]:
    area = _area(box)
    out = []
    for frame in frames:
        made = frame.copy()
        made[area] = (
            cv2.GaussianBlur(frame, (0, 0), sigma)[area] if sigma < 1 else _soft(frame, area, sigma)
        )
        out.append(made)
    return out


def _soft(frame: Picture, area: tuple[slice, slice], sigma: float) -> Picture:
    room = int(3 * sigma) + 1
    top, left = max(0, area[0].start - room), max(0, area[1].start - room)
    near = frame[top : area[0].stop + room, left : area[1].stop + room]
    made = cv2.GaussianBlur(near, (0, 0), sigma)
    inner = made[area[0].start - top :, area[1].start - left :]
    return inner[: frame[area].shape[0], : frame[area].shape[1]]


def covered(frames: list[Picture], box: Placed) -> list[Picture]:
    area = _area(box)
    out = [f.copy() for f in frames]
    for frame in out:
        frame[area] = (60, 70, 80)
    return out


def inpainted(frames: list[Picture], box: Placed) -> list[Picture]:
    """The box painted over from what is around it, by the march of Telea."""
    area = _area(box, 14)
    hole = np.zeros(frames[0].shape[:2], np.uint8)
    hole[_area(box)] = 255
    out = []
    for frame in frames:
        made = frame.copy()
        near = np.ascontiguousarray(frame[area])
        made[area] = cv2.inpaint(near, np.ascontiguousarray(hole[area]), 3, cv2.INPAINT_TELEA)
        out.append(made)
    return out


def captioned(frames: list[Picture], box: Placed) -> list[Picture]:
    """A caption on a bar of three quarters' opacity over the mark."""
    area = _area(box, 6)
    out = []
    for frame in frames:
        made = frame.copy()
        bar = (made[area] * 0.25 + 0.75 * 16).astype(np.uint8)
        size = bar.shape[0] / 60
        at = (6, int(bar.shape[0] * 0.7))
        cv2.putText(bar, "and so it goes", at, 0, size, (240, 240, 240), 2, cv2.LINE_AA)
        made[area] = bar
        out.append(made)
    return out


def half_covered(frames: list[Picture], box: Placed) -> list[Picture]:
    x, y, wide, high = box
    return covered(frames, (x + wide / 2, y, wide / 2, high))


def now_and_then(frames: list[Picture], box: Placed) -> list[Picture]:
    """The mark taken out of every third frame."""
    return [one if i % 3 else delogo([one], box)[0] for i, one in enumerate(frames)]


def letters_out(frames: list[Picture], box: Placed) -> list[Picture]:
    """Three tenths of the mark painted over from what is around them."""
    x, y, wide, high = box
    if wide >= high:
        return inpainted(frames, (x + 0.3 * wide, y, 0.3 * wide, high))
    return inpainted(frames, (x, y + 0.3 * high, wide, 0.3 * high))


def mosaic(frames: list[Picture], box: Placed) -> list[Picture]:
    """Squares of a third of the mark's height, each of its mean."""
    area = _area(box)
    side = max(3, round(min(box[2:]) / 3))
    out = []
    for frame in frames:
        made = frame.copy()
        rows, columns = made[area].shape[:2]
        few = (-(-columns // side), -(-rows // side))
        small = cv2.resize(made[area], few, interpolation=cv2.INTER_AREA)
        made[area] = cv2.resize(small, (columns, rows), interpolation=cv2.INTER_NEAREST)
        out.append(made)
    return out


def exchanged(frames: list[Picture], box: Placed) -> list[Picture]:
    """The mark's halves in each other's places: the same strokes, another word."""
    area = _area(box, 0)
    out = []
    for frame in frames:
        made = frame.copy()
        half = made[area].shape[1] // 2
        made[area] = np.roll(made[area], half, axis=1)
        out.append(made)
    return out


def lettered_over(frames: list[Picture], box: Placed) -> list[Picture]:
    """White letters over the mark, without a bar."""
    x, y, _, high = box
    at = (int(x) - 4, int(y + 0.8 * high))
    out = [f.copy() for f in frames]
    for frame in out:
        weight = max(2, round(high / 12))
        cv2.putText(frame, "SUBTITLES", at, 0, high / 36, (240,) * 3, weight, cv2.LINE_AA)
    return out


DESTROYED: dict[str, Callable[[list[Picture], Placed], list[Picture]]] = {
    "delogo": delogo,
    "blur 4": lambda f, b: blurred(f, b, 4),
    "blur 6": lambda f, b: blurred(f, b, 6),
    "blur 8": lambda f, b: blurred(f, b, 8),
    "blur 12": lambda f, b: blurred(f, b, 12),
    "cover": covered,
    "inpaint": inpainted,
    "caption": captioned,
    "mirror": lambda f, _: [np.ascontiguousarray(p[:, ::-1]) for p in f],
    "half covered": half_covered,
    "now and then": now_and_then,
    "letters out": letters_out,
    "mosaic": mosaic,
    "exchanged": exchanged,
    "lettered over": lettered_over,
}
"""What takes a mark away or makes another of it, at the size it has in the take."""
