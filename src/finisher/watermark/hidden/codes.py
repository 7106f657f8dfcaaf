"""The open codes that quantise blocks of a Haar step's coarse half: what carries a bit, and where.

dwtDct and dwtDctSvd are those of imwatermark 0.2.0 (`maxDct.py`, `dwtDctSvd.py`), blind_watermark
that of its version 0.4.4 (`bwm_core.py`). Each puts bit b of a block into a value by moving that
to (q + 1/4 + b/2) times a step. Nothing here embeds, and nothing can: values are read only.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from finisher.watermark.detector import Picture
from finisher.watermark.hidden.blocks import (
    Doubles,
    Halves,
    blocks_of,
    coarse,
    grid_of,
    yuv_bytes,
    yuv_floats,
)

_STEP = 36.0
_FINE_STEP = 20.0
_U = slice(1, 2)
_SQUARINGS, _SETTLED = 5, 1e-12


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One value of each block, and the step it was quantised with."""

    values: Doubles
    """(blocks,), not negative."""
    step: float
    weight: float
    """Of its vote, as the package counts it; a code's weights sum to 1."""

    @property
    def votes(self) -> Doubles:
        """The package's own choice for each block: 1 in the upper half of a step, else 0."""
        return np.asarray(self.values % self.step > self.step / 2, np.float64)

    @property
    def leaning(self) -> Doubles:
        """-1 to 1: towards a zero or a one, nothing on the border between both."""
        return np.asarray(-np.sin(2 * np.pi * self.values / self.step), np.float64)


class Code(Protocol):
    """One way to hide bits in blocks."""

    def halves(self, picture: Picture) -> Halves:
        """The coarse halves exactly as the package reads them."""
        ...

    def layers(self, halves: Halves) -> tuple[Layer, ...]:
        """What carries bits."""
        ...

    def places(self, bits: int) -> NDArray[np.intp]:
        """Which bit of a payload of that length each of the first that many blocks carries."""
        ...

    def bits(self, votes: Doubles) -> NDArray[np.bool_]:
        """The package's decision, of the mean vote for each bit."""
        ...


@dataclass(frozen=True, slots=True)
class ImWatermark:
    """imwatermark's dwtDct and dwtDctSvd: in U alone, bits in order over the blocks."""

    singular: bool
    """Whether a block's largest singular value carries it, or its largest coefficient."""

    def halves(self, picture: Picture) -> Halves:
        """Bytes of U, cut to multiples of four."""
        rows, columns = (side // 4 * 4 for side in picture.shape[:2])
        return coarse(yuv_bytes(picture[:rows, :columns], _U))

    def layers(self, halves: Halves) -> tuple[Layer, ...]:
        """One layer."""
        blocks = blocks_of(halves[0])
        if self.singular:
            # The package takes the cosine transform first, which leaves singular values alone.
            return (Layer(_largest_singular_value(blocks), _STEP, 1.0),)
        values = np.abs(blocks.reshape(-1, 16)[:, 1:]).max(axis=1)
        return (Layer(values, _STEP, 1.0),)

    def places(self, bits: int) -> NDArray[np.intp]:
        """In order."""
        return np.arange(bits)

    def bits(self, votes: Doubles) -> NDArray[np.bool_]:
        """The majority, as the package rounds it."""
        return np.asarray(votes * 255 > 127, np.bool_)


@dataclass(frozen=True, slots=True)
class BlindWatermark:
    """blind_watermark: in Y, U and V, coefficients and bits in an order that passwords give."""

    password_img: int = 1
    password_wm: int = 1

    def halves(self, picture: Picture) -> Halves:
        """Floats, odd sides filled up with zeros."""
        planes = yuv_floats(picture)
        beyond = ((0, 0), (0, planes.shape[1] % 2), (0, planes.shape[2] % 2))
        return coarse(np.pad(planes, beyond))

    def layers(self, halves: Halves) -> tuple[Layer, ...]:
        """The two largest singular values of each plane's shuffled coefficients."""
        rows, columns = grid_of(halves)
        order = _orders(self.password_img, rows * columns)
        layers = []
        for half in halves:
            turned = _COSINES @ blocks_of(half) @ _COSINES.T
            shuffled = np.take_along_axis(turned.reshape(-1, 16), order, axis=1)
            values = _singular_values(shuffled.reshape(-1, 4, 4))
            layers.append(Layer(values[:, 0], _STEP, 0.75 / 3))
            layers.append(Layer(values[:, 1], _FINE_STEP, 0.25 / 3))
        return tuple(layers)

    def places(self, bits: int) -> NDArray[np.intp]:
        """Shuffled by the password of the payload."""
        order = np.arange(bits)
        np.random.RandomState(self.password_wm).shuffle(order)
        return order

    def bits(self, votes: Doubles) -> NDArray[np.bool_]:
        """Two clusters of votes, the boundary halfway between their means."""
        middles = np.array([votes.min(), votes.max()])
        for _ in range(300):
            threshold = middles.mean()
            upper = votes > threshold
            if upper.all() or not upper.any():
                break
            middles = np.array([votes[~upper].mean(), votes[upper].mean()])
            if abs(middles.mean() - threshold) < 1e-6:
                break
        return np.asarray(votes > middles.mean(), np.bool_)


def _singular_values(blocks: Doubles) -> Doubles:
    """(blocks, 4), the largest first."""
    return np.asarray(np.linalg.svd(blocks, compute_uv=False), np.float64)


def _largest_singular_value(blocks: Doubles) -> Doubles:
    """(blocks,): by squaring A·Aᵀ, exactly where that does not settle; ten times faster so."""
    gram = blocks @ blocks.swapaxes(1, 2)
    power = gram
    for _ in range(_SQUARINGS):
        trace = np.einsum("nii->n", power)[:, None, None]
        power = power / np.where(trace > 0, trace, 1.0)
        power = power @ power
    trace = np.einsum("nii->n", power)
    squared = (power * gram).sum(axis=(1, 2)) / np.where(trace > 0, trace, 1.0)
    # Of a matrix of rank one the squared trace is the trace of the square.
    unsettled = (power * power).sum(axis=(1, 2)) < (1 - _SETTLED) * trace**2
    values = np.sqrt(np.maximum(squared, 0.0))
    values[unsettled] = _singular_values(blocks[unsettled])[:, 0]
    return np.asarray(values, np.float64)


@lru_cache(maxsize=4)
def _orders(password: int, blocks: int) -> NDArray[np.intp]:
    """(blocks, 16): the order each block's coefficients are read in."""
    drawn = np.random.RandomState(password).random(size=(blocks, 16))
    return np.asarray(drawn.argsort(axis=1), np.intp)


def _cosine_matrix() -> Doubles:
    """The orthonormal cosine transform of four samples."""
    k, i = np.arange(4)[:, None], np.arange(4)[None, :]
    scale = np.where(k == 0, 0.5, np.sqrt(0.5))
    return np.asarray(scale * np.cos(np.pi * (2 * i + 1) * k / 8), np.float64)


_COSINES = _cosine_matrix()
