"""Flicker put into natural clips, and taken out again: by ffmpeg's deflicker, and as finisher does.

    python benchmarks/flicker.py CLIPS [--seed N]

Each picture of a clip is multiplied by a factor of its own, its logarithm drawn from a normal
distribution of 1, 3 and 6 per cent. Jitter is the standard deviation, in codes of 8 bits, of what
mean luma does from picture to picture beyond what it does in the clip itself; damage is the most
that mean luma of the untouched clip, or of the clip with a lasting jump or a fade in it, is moved.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import av.filter
import cv2
import numpy as np
from benchmarks.clock import table
from numpy.typing import NDArray

from finisher.color.steadiness import steadiness

Floats = NDArray[np.float64]
_MOST, _WIDTH = 96, 160


def pictures(path: Path) -> Floats:
    """The first pictures of a clip, small, (n, height, width, 3) in codes of 8 bits."""
    found = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            rgb = frame.to_ndarray(format="rgb24")
            height = round(rgb.shape[0] * _WIDTH / rgb.shape[1] / 2) * 2
            found.append(cv2.resize(rgb, (_WIDTH, height), interpolation=cv2.INTER_AREA))
            if len(found) == _MOST:
                break
    return np.array(found, np.float64)


def times(clip: Floats, factors: Floats) -> NDArray[np.uint8]:
    """Each picture times its factor, in whole codes."""
    return np.clip(np.rint(clip * factors[:, None, None, None]), 0, 255).astype(np.uint8)


def ours(clip: NDArray[np.uint8]) -> Floats:
    """Without the flicker that is found in it."""
    found = steadiness(clip)
    gains = np.array(found.gains) if found is not None and found.gains else np.ones(len(clip))
    return np.clip(clip * gains[:, None, None, None], 0, 255)


def deflicker(clip: NDArray[np.uint8]) -> Floats:
    """Through the filter, five pictures at a time, by arithmetic mean."""
    graph = av.filter.Graph()
    height, width = clip.shape[1:3]
    source = graph.add_buffer(width=width, height=height, format="yuv444p", time_base="1/24")  # type: ignore[arg-type]
    laid = graph.add("deflicker", size="5", mode="am")
    sink = graph.add("buffersink")
    source.link_to(laid)
    laid.link_to(sink)
    graph.configure()
    found = []

    def pull() -> None:
        while True:
            try:
                found.append(graph.vpull().to_ndarray(format="rgb24"))
            except (BlockingIOError, EOFError):
                return

    for i, rgb in enumerate(clip):
        frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv444p")
        frame.pts = i
        graph.vpush(frame)
        pull()
    graph.vpush(None)
    pull()
    return np.array(found, np.float64)


def jitter(seen: Floats, clip: Floats) -> float:
    """What mean luma does from picture to picture beyond the clip's own."""
    return float(np.std(np.diff(level(seen) - level(clip))))


def level(clip: Floats) -> Floats:
    """Mean luma of each picture."""
    return np.asarray((clip.mean(axis=(1, 2)) @ [0.2126, 0.7152, 0.0722]), np.float64)


def damage(clip: Floats, factors: Floats, way: object) -> float:
    """The most that a clip without flicker is moved."""
    there = times(clip, factors)
    return float(np.abs(level(way(there)) - level(there)).max())  # type: ignore[operator]


def main() -> None:
    """Print a row per clip and amount."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("clips", type=Path)
    parser.add_argument("--seed", type=int, default=5)
    choice = parser.parse_args()
    rng = np.random.default_rng(choice.seed)
    rows, harm = [], []
    for path in sorted(choice.clips.glob("*.mp4")):
        clip = pictures(path)
        for amount in (0.01, 0.03, 0.06):
            shaken = times(clip, np.exp(rng.normal(0, amount, len(clip))))
            found = steadiness(shaken)
            told = f"{found.flicker:.1%}" if found is not None else "-"
            three = [jitter(one, clip) for one in (shaken, deflicker(shaken), ours(shaken))]
            rows.append((path.stem, f"{amount:.0%}", told, *(f"{one:.2f}" for one in three)))
        for name, factors in (
            ("untouched", np.ones(len(clip))),
            ("a jump to 0.8", np.where(np.arange(len(clip)) < len(clip) // 2, 1.0, 0.8)),
            ("a fade to a half", np.linspace(1, 0.5, len(clip))),
        ):
            both = [damage(clip, factors, way) for way in (deflicker, ours)]
            harm.append((path.stem, name, *(f"{one:.1f}" for one in both)))
    print(
        table(("clip", "flicker", "measured", "jitter", "deflicker", "finisher"), rows), end="\n\n"
    )
    print(
        table(("clip without flicker", "", "damage by deflicker", "by finisher"), harm), end="\n\n"
    )


if __name__ == "__main__":
    main()
