"""Loops found against plain cuts and blind crossfades, on clips that are drawn.

Some have a hidden period, some drift while they repeat, some can't loop at all. What is found is
judged by another measure, on whole pictures: how far the steps around the seam are from the clip's
typical step, and how much detail a blend washes out. `python benchmarks/loop_seams.py`
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import itertools

from benchmarks.motion_blend import Picture, camera, crossing, texture, window

from finisher.facts import LoopFacts
from finisher.loops.footage import footage
from finisher.loops.search import best
from finisher.timecode import Span

COUNT = 120
BLIND = 12
Clip = list[Picture]
Draw = Callable[[float], Picture]


def grain(clip: Clip, codes: float, seed: int) -> Clip:
    """A clip with noise as encoders leave it."""
    dice = np.random.default_rng(seed)
    return [
        np.clip(np.rint(p + codes * dice.standard_normal(p.shape)), 0, 255).astype(np.uint8)
        for p in clip
    ]


def drawn(draw: Draw) -> Clip:
    return [draw(t) for t in range(COUNT)]


def swaying(period: float, reach: float, drift: float, seed: int) -> Clip:
    """A camera that sways and drifts off."""
    turn = 2 * np.pi / period
    path = camera(
        seed,
        lambda t: (
            650 + reach * np.sin(turn * t) + drift * t,
            450 + 0.4 * reach * np.cos(turn * t),
            1,
            0,
        ),
    )
    return drawn(path)


def pendulum(period: float, seed: int) -> Clip:
    """Something that swings before a ground that stands still."""
    ground, skin = texture(seed), texture(seed + 1, (360, 640), 30)[:120, :120]

    def draw(t: float) -> Picture:
        seen = window(ground, 700, 450, 1, 0).astype(np.float32)
        x = 320 + 140 * np.sin(2 * np.pi * t / period)
        shift = np.array([[1, 0, x - 60], [0, 1, 120]], np.float32)
        alpha = cv2.warpAffine(np.ones((120, 120), np.float32), shift, (640, 360))
        body = cv2.warpAffine(skin + 30, shift, (640, 360))
        return np.clip(np.rint(seen * (1 - alpha) + body * alpha), 0, 255).astype(np.uint8)

    return drawn(draw)


def fading(period: float, gain: float, seed: int) -> Clip:
    """A sway under light that changes."""
    clip = swaying(period, 18, 0, seed)
    return [
        np.clip(np.rint(p * (1 + gain * t / COUNT)), 0, 255).astype(np.uint8)
        for t, p in enumerate(clip)
    ]


def waves(seed: int) -> Clip:
    """Layers that move at speeds of their own and never meet again."""
    layers = [texture(seed + k) for k in range(4)]
    paths = [(1.1, 0.3), (-0.7, 0.5), (0.4, -0.9), (-1.3, -0.2)]

    def draw(t: float) -> Picture:
        seen = [
            window(layer, 650 + dx * t, 450 + dy * t, 1, 0).astype(np.float32)
            for layer, (dx, dy) in zip(layers, paths, strict=True)
        ]
        return np.clip(np.rint(np.mean(seen, axis=0)), 0, 255).astype(np.uint8)

    return drawn(draw)


PERIODIC: dict[str, tuple[Clip, int]] = {
    "sway of 37": (swaying(37, 30, 0, 1), 37),
    "sway of 48, grain": (grain(swaying(48, 25, 0, 2), 2, 3), 48),
    "pendulum of 41": (pendulum(41, 4), 41),
    "pendulum of 30, grain": (grain(pendulum(30, 5), 2, 6), 30),
    "slow sway of 55": (swaying(55, 8, 0, 7), 55),
}
DRIFTING: dict[str, Clip] = {
    "sway and slow pan": swaying(43, 25, 0.15, 10),
    "sway and pan": swaying(36, 30, 0.4, 11),
    "sway under fading light": fading(40, 0.15, 12),
    "waves": waves(13),
    "sway, pan and grain": grain(swaying(45, 22, 0.25, 14), 2, 15),
}
ONE_WAY: dict[str, Clip] = {
    "pan": drawn(camera(20, lambda t: (500 + 4 * t, 450, 1, 0))),
    "zoom": drawn(camera(21, lambda t: (700, 450, 1 + 0.012 * t, 0))),
    "something passes": drawn(crossing(22, [(-60, 180, 6, 0, 70)], 1.5)),
}


def sketches(clip: Clip) -> NDArray[np.uint8]:
    """The clip as it is measured from: 160 pixels wide."""
    small = [cv2.resize(p, (160, 90), interpolation=cv2.INTER_AREA) for p in clip]
    return np.stack([np.repeat(p[..., None], 3, axis=2) for p in small]).astype(np.uint8)


def played(clip: Clip, start: int, end: int, frames: int) -> list[NDArray[np.float32]]:
    """Two passes of a loop, as an edit would show them."""
    whole = [p.astype(np.float32) for p in clip]
    shown = [whole[k] for k in range(start, end)] * 2
    length, before = end - start, frames // 2
    for step in range(frames):
        weight = (step + 1) / (frames + 1)
        into = step - before
        shown[length + into] = whole[end + into] * (1 - weight) + whole[start + into] * weight
    return shown


def detail(picture: NDArray[np.float32]) -> float:
    """Fine structure: mean square of the Laplacian."""
    return float((cv2.Laplacian(picture, cv2.CV_32F) ** 2).mean())


def seen(clip: Clip, start: int, end: int, frames: int) -> float:
    """How much a seam shows: the oddest step around it, and the detail lost in it."""
    shown = played(clip, start, end, frames)
    steps = [float(np.abs(b - a).mean()) for a, b in itertools.pairwise(shown)]
    typical = max(
        0.25,
        float(np.median([np.abs(b.astype(float) - a).mean() for a, b in itertools.pairwise(clip)])),
    )
    at, reach = end - start, frames // 2 + 3
    odd = max(abs(step - typical) / typical for step in steps[max(0, at - reach) : at + reach])
    around = [detail(p) for p in shown[max(0, at - reach) : at + reach]]
    lost = 1 - min(around) / float(np.median([detail(p.astype(np.float32)) for p in clip]))
    return odd + 3 * max(0.0, lost)


def told(found: LoopFacts) -> str:
    """A loop in one line."""
    return (
        f"[{found.start}, {found.end}) blend {found.frames:2} "
        f"visibility {found.visibility:.2f} {found.verdict}"
    )


def main() -> None:
    """Print what was found in each clip."""
    span = Span(12, COUNT - 12)
    right = 0
    for name, (clip, period) in PERIODIC.items():
        found = best(footage(sketches(clip)), span, 20)[0]
        hit = (found.end - found.start) % period == 0
        right += hit
        print(
            f"{name:24} [{found.start}, {found.end}) {'period' if hit else 'NOT the period'}"
            f"  blend {found.frames:2}  visibility {found.visibility:.2f} {found.verdict}"
        )
    print(f"the hidden period in {right} of {len(PERIODIC)}\n")
    better = 0
    for name, clip in DRIFTING.items():
        found = best(footage(sketches(clip)), span, 20)[0]
        ours = seen(clip, found.start, found.end, found.frames)
        cut, blind = seen(clip, span.start, span.end, 0), seen(clip, span.start, span.end, BLIND)
        better += ours < min(cut, blind)
        print(
            f"{name:24} found {ours:5.2f}  plain cut {cut:5.2f}  blind crossfade {blind:5.2f}"
            f"  {told(found)}"
        )
    print(f"better than both in {better} of {len(DRIFTING)}\n")
    for name, clip in ONE_WAY.items():
        found = best(footage(sketches(clip)), span, 20)[0]
        print(f"{name:24} {told(found)}")


if __name__ == "__main__":
    main()
