"""A stream of sound cut into steps that see some of what lies around them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Window:
    """A step of the stream with its context: `before` + step + `after` samples by channels."""

    samples: NDArray[np.float32]
    valid: int
    """Samples of the step that belong to the stream; the rest, at its end, are zeros."""


def windows(
    blocks: Iterable[NDArray[np.float32]], step: int, before: int, after: int
) -> Iterator[Window]:
    """Cut blocks of any length into steps of one length, zeros standing in beyond both ends.

    Args:
        blocks: (n, channels) arrays; all of the same number of channels.
        step: samples a window advances by.
        before: samples of context that precede each step.
        after: samples of context that follow it.
    """
    size = before + step + after
    held: list[NDArray[np.float32]] = []
    held_samples = before
    for block in blocks:
        if not held:
            held = [np.zeros((before, block.shape[1]), np.float32)]
        held.append(block)
        held_samples += len(block)
        if held_samples < size:
            continue
        line = np.concatenate(held)
        at = 0
        while held_samples - at >= size:
            yield Window(line[at : at + size], step)
            at += step
        held, held_samples = [line[at:]], held_samples - at
    if not held:
        return
    line = np.concatenate(held)
    for at in range(0, held_samples - before, step):
        part = line[at : at + size]
        padded = np.zeros((size, line.shape[1]), np.float32)
        padded[: len(part)] = part
        yield Window(padded, min(step, held_samples - before - at))
