"""Takes whose every picture carries its own number, and reading the numbers back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from finisher.ffmpeg import pictures
from finisher.media.blend import tag

BITS = 10
WIDTH, HEIGHT = 320, 180
_BLACK, _WHITE = 16, 235


def draw(number: int) -> NDArray[np.uint8]:
    """Luma of a picture: its number in binary, one bar a bit, the lowest leftmost."""
    luma = np.full((HEIGHT, WIDTH), _BLACK, np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            luma[:, bit * WIDTH // BITS : (bit + 1) * WIDTH // BITS] = _WHITE
    return luma


def picture(luma: NDArray[np.uint8]) -> av.VideoFrame:
    """A yuv420p picture of this luma without colour, tagged BT.709."""
    height, width = luma.shape
    chroma = np.full((height // 2, width), 128, np.uint8)
    frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
    tag(frame)
    return frame


def write_take(
    path: Path,
    count: int,
    rate: Fraction = Fraction(24),
    options: dict[str, str] | None = None,
    times: Sequence[int] | None = None,
    container: dict[str, str] | None = None,
    *,
    codec: str = "libx264",
    draw: Callable[[int], NDArray[np.uint8]] = draw,
) -> None:
    """A numbered take, H.264 unless told; `times` gives each picture's time in ticks of 1/rate."""
    with av.open(str(path), "w", options=container or {}) as out:
        given = {"preset": "ultrafast", "crf": "12"} if codec in ("libx264", "libx265") else {}
        stream = out.add_stream(codec, rate=rate, options=given | (options or {}))
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = stream.codec_context
        context.time_base = 1 / rate
        context.color_range = context.colorspace = 1
        context.color_primaries = context.color_trc = 1
        for i in range(count):
            frame = picture(draw(i))
            frame.pts = times[i] if times is not None else i
            frame.time_base = 1 / rate
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def levels(path: Path) -> NDArray[np.float64]:
    """How far each bar of each displayed picture is from black to white: (pictures, bits).

    Read by the ffmpeg process, in presentation order: another reader than the one under test.
    """
    rows = []
    for plane in pictures.measure(path, (WIDTH, HEIGHT)):
        luma = np.asarray(plane, np.float64)
        middles = [
            luma[40:140, (2 * bit + 1) * WIDTH // (2 * BITS) - 6 :][:, :12].mean()
            for bit in range(BITS)
        ]
        rows.append((np.array(middles) - _BLACK) / (_WHITE - _BLACK))
    return np.array(rows)


def bars(number: int) -> NDArray[np.float64]:
    """The levels of an unmixed picture."""
    return np.array([number >> bit & 1 for bit in range(BITS)], np.float64)


def number(frame: av.VideoFrame) -> int:
    """The number a decoded picture carries."""
    plane = frame.planes[0]
    luma = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
    middles = [
        luma[40:140, (2 * bit + 1) * WIDTH // (2 * BITS) - 6 :][:, :12].mean()
        for bit in range(BITS)
    ]
    return sum(1 << bit for bit, level in enumerate(middles) if level > (_BLACK + _WHITE) / 2)


def copied(source: Path, to: Path, *, cut: int = 0, options: dict[str, str] | None = None) -> Path:
    """The same packets in another file, `cut` pictures of 1/24 s hidden before its beginning.

    Cut as `ffmpeg -ss … -c copy` cuts: from the key picture before, hidden by an edit list.
    """
    with (
        av.open(str(source)) as reading,
        av.open(str(to), "w", options={"avoid_negative_ts": "disabled"} | (options or {})) as out,
    ):
        stream = reading.streams.video[0]
        target = out.add_stream_from_template(stream)
        for packet in reading.demux(stream):
            if packet.dts is None:
                continue
            shift = round(Fraction(cut, 24) / packet.time_base)
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = target
            out.mux(packet)
    return to
