"""Adds up what blocks say for each bit of a payload, over pictures."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from finisher.watermark.hidden.blocks import Doubles
from finisher.watermark.hidden.codes import Code, Layer


class Tally:
    """Sums for each bit; memory does not grow with the pictures."""

    def __init__(self, code: Code, bits: int) -> None:
        self.pictures = 0
        self._places = code.places(bits)
        self._sums = np.zeros(bits)
        self._counts = np.zeros(bits)

    def add(self, said: Doubles, weights: Doubles, *, centred: bool) -> None:
        """Count what one picture's blocks say in one layer.

        Centred, what all blocks say alike is left out, weight for weight: encoders push many
        blocks to one side, in picture after picture, and the sum would drown in it.
        """
        bits = self._sums.size
        carried = self._places[np.arange(said.size) % bits]
        sums = np.bincount(carried, said * weights, bits)
        counts = np.bincount(carried, weights, bits)
        if centred and counts.sum() > 0:
            sums = sums - counts * (sums.sum() / counts.sum())
        self._sums += sums
        self._counts += counts

    @property
    def heard(self) -> NDArray[np.bool_]:
        """Bits that anything was said of."""
        return np.asarray(self._counts > 0, np.bool_)

    @property
    def sums(self) -> Doubles:
        """What was said for each bit."""
        return self._sums

    @property
    def means(self) -> Doubles:
        """The mean for each bit; a half where nothing was said."""
        safe = np.where(self.heard, self._counts, 1.0)
        return np.asarray(np.where(self.heard, self._sums / safe, 0.5), np.float64)


def votes(layers: tuple[Layer, ...]) -> Doubles:
    """The package's vote of each block, 0 to 1."""
    return np.asarray(sum(layer.weight * layer.votes for layer in layers), np.float64)
