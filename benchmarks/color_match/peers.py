"""The known methods, written from their descriptions, and color-matcher's where it is installed.

A method is given pictures of one side and the other, and tells how any colour is carried over.
color-matcher (GPL-3.0) is no part of finisher: where it can't be imported its rows are left out.
It carries over the pictures it was given alone.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from drifts import from_oklab
from numpy.typing import NDArray

from finisher.color.science import oklab

Floats = NDArray[np.float64]
Carry = Callable[[Floats], Floats]
Method = Callable[[Floats, Floats], Carry]

try:
    from color_matcher import ColorMatcher
except ImportError:
    ColorMatcher = None


def nothing(ours: Floats, theirs: Floats) -> Carry:
    """The identity."""
    del ours, theirs
    return lambda rgb: rgb


def reinhard(ours: Floats, theirs: Floats) -> Carry:
    """Mean and spread per axis, after Reinhard and others (2001), in Oklab."""
    mine, yours = oklab(ours), oklab(theirs)
    gain = yours.std(axis=0) / np.maximum(mine.std(axis=0), 1e-6)
    return lambda rgb: from_oklab((oklab(rgb) - mine.mean(axis=0)) * gain + yours.mean(axis=0))


def _mkl(mine: Floats, yours: Floats) -> tuple[Floats, Carry]:
    """The linear Monge-Kantorovich map between two Gaussians, after Pitié and Kokaram (2007)."""

    def root(matrix: Floats, power: float) -> Floats:
        values, vectors = np.linalg.eigh(matrix)
        return (vectors * np.maximum(values, 1e-10) ** power) @ vectors.T

    a, b = np.cov(mine.T), np.cov(yours.T)
    linear = root(a, -0.5) @ root(root(a, 0.5) @ b @ root(a, 0.5), 0.5) @ root(a, -0.5)
    return linear, lambda x: (x - mine.mean(axis=0)) @ linear.T + yours.mean(axis=0)


def mkl_rgb(ours: Floats, theirs: Floats) -> Carry:
    """MKL on encoded RGB."""
    return _mkl(ours, theirs)[1]


def mkl_oklab(ours: Floats, theirs: Floats) -> Carry:
    """MKL in Oklab."""
    carry = _mkl(oklab(ours), oklab(theirs))[1]
    return lambda rgb: from_oklab(carry(oklab(rgb)))


def histogram(ours: Floats, theirs: Floats) -> Carry:
    """Every channel's quantiles onto the other's."""
    steps = np.linspace(0, 1, 257)
    mine, yours = np.quantile(ours, steps, axis=0), np.quantile(theirs, steps, axis=0)

    def carry(rgb: Floats) -> Floats:
        return np.stack([np.interp(rgb[..., c], mine[:, c], yours[:, c]) for c in range(3)], -1)

    return carry


METHODS: dict[str, Method] = {
    "nothing": nothing,
    "Reinhard": reinhard,
    "MKL, RGB": mkl_rgb,
    "MKL, Oklab": mkl_oklab,
    "histogram": histogram,
}
ELSEWHERE = ("reinhard", "mkl", "mvgd", "hm", "hm-mkl-hm", "hm-mvgd-hm")


def elsewhere(method: str, ours: Floats, theirs: Floats) -> Floats:
    """Colours (n, 3) carried over by one of color-matcher's methods, 0 to 1."""

    def image(rgb: Floats) -> Floats:
        return np.ascontiguousarray(rgb.reshape(-1, 1, 3)) * 255

    found = ColorMatcher().transfer(src=image(ours), ref=image(theirs), method=method)
    return np.clip(np.asarray(found, dtype=np.float64).reshape(-1, 3) / 255, 0, 1)
