"""What a correction is judged by: distance to the truth, steadiness, and how hard it bends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.color.science import cielab, delta_e

Floats = NDArray[np.float64]
WORSE = 0.1
"""ΔE by which a shot must be worse to count: a tenth of what an eye tells apart."""


@dataclass(frozen=True)
class Verdict:
    """How a session of takes came out."""

    mean: float
    p95: float
    """The 95th percentile over a take's pixels, averaged over takes."""
    shots: Floats
    """Mean by take."""
    jitter: float


def judged(result: list[list[Floats]], truth: list[list[Floats]]) -> Verdict:
    """Frames of every take against what they were before the drift."""
    shots, tails, jitters = [], [], []
    for frames, was in zip(result, truth, strict=True):
        got = [cielab(np.clip(frame, 0, 1)) for frame in frames]
        want = [cielab(frame) for frame in was]
        apart = np.stack([delta_e(a, b) for a, b in zip(got, want, strict=True)])
        shots.append(apart.mean())
        tails.append(np.quantile(apart, 0.95))
        if len(frames) > 1:
            error = np.array([(a - b).mean(axis=(0, 1)) for a, b in zip(got, want, strict=True)])
            jitters.append(np.sqrt((np.diff(error, axis=0) ** 2).sum(axis=1).mean()))
    jitter = float(np.mean(jitters)) if jitters else 0.0
    return Verdict(float(np.mean(shots)), float(np.mean(tails)), np.array(shots), jitter)


def gain(carry: Callable[[Floats], Floats]) -> tuple[float, float]:
    """Local gain on the 33-point lattice as rendered: 99.9th percentile, and the most.

    Gain is how far neighbouring points end up apart, by how far apart they were.
    """
    steps = np.linspace(0, 1, 33)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    out = np.clip(carry(lattice.reshape(-1, 3)), 0, 1).reshape(lattice.shape)
    gains = np.concatenate(
        [np.linalg.norm(np.diff(out, axis=axis), axis=-1).ravel() * 32 for axis in range(3)]
    )
    return float(np.quantile(gains, 0.999)), float(gains.max())
