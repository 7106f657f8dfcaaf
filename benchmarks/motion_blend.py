"""Transitions along motion against plain dissolves, where the true pictures between are known.

Twelve moving scenes are drawn by formula. The outgoing take shows each at time t, the incoming at
t + gap; a transition of twelve frames should show t + weight · gap. Ghosting is the mean absolute
error of luma against that, in codes, over the transition. `python benchmarks/motion_blend.py`
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.media.motion import between, meet, motion

WIDTH, HEIGHT = 640, 360
STEPS = 12
Picture = NDArray[np.uint8]
Scene = Callable[[float], Picture]


def texture(seed: int, size: tuple[int, int] = (900, 1400), cells: int = 40) -> NDArray[np.float32]:
    """A picture with coarse shapes and fine detail, as natural ones have."""
    dice = np.random.default_rng(seed)
    made = np.zeros(size, np.float32)
    for octave in range(5):
        grid = dice.standard_normal((cells * size[0] // size[1] << octave, cells << octave))
        layer = cv2.resize(grid.astype(np.float32), size[::-1], interpolation=cv2.INTER_CUBIC)
        made += layer / 1.6**octave
    made = (made - made.mean()) / made.std()
    return np.clip(120 + 38 * made, 16, 235).astype(np.float32)


def window(picture: NDArray[np.float32], x: float, y: float, scale: float, turn: float) -> Picture:
    """What a camera over a picture sees, its middle at (x, y)."""
    c, s = np.cos(turn) / scale, np.sin(turn) / scale
    matrix = np.array(
        [
            [c, -s, x - c * WIDTH / 2 + s * HEIGHT / 2],
            [s, c, y - s * WIDTH / 2 - c * HEIGHT / 2],
        ],
        np.float32,
    )
    seen = cv2.warpAffine(
        picture, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    )
    return np.clip(np.rint(seen), 0, 255).astype(np.uint8)


def camera(seed: int, path: Callable[[float], tuple[float, float, float, float]]) -> Scene:
    """A scene seen by a camera on a path: (across, down, zoom, turn) at each time."""
    picture = texture(seed)
    return lambda t: window(picture, *path(t))


def crossing(
    seed: int, objects: list[tuple[float, float, float, float, float]], pan: float
) -> Scene:
    """Textured discs (x, y, dx, dy, radius) that move over a ground which pans."""
    ground = texture(seed)
    skins = [texture(seed + 1 + i, (360, 640), 30)[:200, :200] for i in range(len(objects))]

    def draw(t: float) -> Picture:
        seen = window(ground, 700 + pan * t, 450, 1.0, 0.0).astype(np.float32)
        for (x, y, dx, dy, radius), skin in zip(objects, skins, strict=True):
            side = int(2 * radius)
            fit = cv2.resize(skin, (side, side))
            shift = np.array([[1, 0, x + dx * t - radius], [0, 1, y + dy * t - radius]], np.float32)
            disc = np.zeros((side, side), np.float32)
            cv2.circle(disc, (side // 2, side // 2), side // 2 - 2, 1.0, -1, cv2.LINE_AA)
            alpha = cv2.warpAffine(disc, shift, (WIDTH, HEIGHT))
            body = cv2.warpAffine(fit + 25, shift, (WIDTH, HEIGHT))
            seen = seen * (1 - alpha) + body * alpha
        return np.clip(np.rint(seen), 0, 255).astype(np.uint8)

    return draw


SCENES: dict[str, tuple[Scene, float]] = {
    "pan slow": (camera(1, lambda t: (600 + 2 * t, 450, 1, 0)), 8),
    "pan fast": (camera(2, lambda t: (500 + 6 * t, 450, 1, 0)), 8),
    "pan diagonal": (camera(3, lambda t: (550 + 3 * t, 400 + 2 * t, 1, 0)), 8),
    "tilt": (camera(4, lambda t: (700, 350 + 4 * t, 1, 0)), 8),
    "zoom in": (camera(5, lambda t: (700, 450, 1 + 0.01 * t, 0)), 10),
    "zoom out": (camera(6, lambda t: (700, 450, 1.6 - 0.012 * t, 0)), 10),
    "zoom off centre": (camera(7, lambda t: (650 + 2 * t, 430 + t, 1 + 0.012 * t, 0)), 8),
    "zoom and roll": (camera(8, lambda t: (700, 450, 1 + 0.008 * t, 0.006 * t)), 8),
    "one crossing": (crossing(20, [(150, 180, 5, 0, 60)], 0), 8),
    "two crossing": (crossing(30, [(120, 150, 4, 0.5, 55), (520, 210, -4, -0.5, 55)], 0), 8),
    "crossing and pan": (crossing(40, [(200, 180, 3, 0, 70)], 3), 8),
    "three over a pan": (
        crossing(50, [(100, 100, 4, 1, 45), (540, 260, -3, -1, 50), (320, 180, 0, 2, 35)], -2),
        8,
    ),
}
"""Each scene, and by how many frames the incoming take is ahead."""


def ghosting(scene: Scene, gap: float) -> tuple[float, float, float]:
    """Mean luma error of a dissolve and of a blend along motion, and the lowest agreement."""
    plain, moved, agreement = [], [], 1.0
    for step in range(STEPS):
        part = (step + 1) / (STEPS + 1)
        old, new = scene(step), scene(step + gap)
        truth = scene(step + part * gap).astype(np.float32)
        found = motion(old, new)
        agreement = min(agreement, found.agreement)
        plain.append(np.abs(old * (1 - part) + new * part - truth).mean())
        moved.append(np.abs(between(old, new, meet(found, part), part) - truth).mean())
    return float(np.mean(plain)), float(np.mean(moved)), agreement


def main() -> None:
    """Print one line a scene."""
    better = 0
    for name, (scene, gap) in SCENES.items():
        plain, moved, agreement = ghosting(scene, gap)
        better += moved < plain
        print(f"{name:18} dissolve {plain:6.2f}  motion {moved:6.2f}  agreement {agreement:.2f}")
    print(f"less ghosting in {better} of {len(SCENES)}")
    for name, first, second in (("unrelated shots", 60, 70), ("unrelated shots 2", 80, 90)):
        other = [camera(seed, lambda t: (600 + 3 * t, 450, 1, 0)) for seed in (first, second)]
        print(f"{name:18} agreement {motion(other[0](0), other[1](0)).agreement:.2f}")


if __name__ == "__main__":
    main()
