"""Pictures that test vectors of hidden marks are drawn on, by integers alone."""

import numpy as np

WIDTH, HEIGHT = 320, 256


def picture(kind: int) -> np.ndarray:
    """RGB: slopes and discs, of another arrangement for each kind; no two channels alike."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.int64)
    red = 40 + (x * (3 + kind) // 8 + y // 3) % 160
    green = 60 + (y * 5 // 9 + x * kind // 16) % 150
    blue = 50 + ((x + 2 * y) * 3 // 11 + 17 * kind) % 140
    planes = [red, green, blue]
    for n in range(6):
        cx, cy = (53 * n + 71 * kind) % WIDTH, (97 * n + 31 * kind) % HEIGHT
        inside = (x - cx) ** 2 + (y - cy) ** 2 < (18 + 7 * n) ** 2
        for channel in range(3):
            shade = 30 + (61 * n + 47 * channel + 13 * kind) % 190
            planes[channel] = np.where(inside, (planes[channel] + 2 * shade) // 3, planes[channel])
    return np.stack(planes, axis=2).clip(0, 255).astype(np.uint8)


def shaken(marked: np.ndarray, strength: int) -> np.ndarray:
    """The picture with a pattern added that has no period of the codes' blocks."""
    y, x = np.mgrid[0 : marked.shape[0], 0 : marked.shape[1]].astype(np.int64)
    moved = marked.astype(np.int64)
    for channel in range(3):
        swing = ((x * x * 7 + y * y * 3 + x * y + 5 * channel) % 23 - 11) * strength // 11
        slow = ((x // 11 * 37 + y // 13 * 17 + 9 * channel) % 13 - 6) * strength // 6
        moved[..., channel] += swing + slow
    return moved.clip(0, 255).astype(np.uint8)
