"""How much a loop's seam shows, against how the clip itself changes from frame to frame."""

from __future__ import annotations

import numpy as np

from finisher.facts import LoopFacts
from finisher.loops.footage import Footage

_GHOST = 3.3
"""Steps of the clip's own change that a full double image counts as: at three tenths of the
picture's contrast it is as easily seen as a jump by one frame."""


def judge(clip: Footage, start: int, end: int, frames: int) -> LoopFacts:
    """A seam from the last of [start, end) to its first, blended over `frames`, 0 for a cut.

    Position and velocity must both meet: frame `end` is the same instant as frame `start`, and
    moves alike. What is left of a jump is spread over the blend, which shows both pictures at
    once instead. All in the clip's own change from frame to frame: at 0 nothing is left, at 1 the
    seam is off by a step.
    """
    appearance = _rms(clip.at(end) - clip.at(start)) / clip.change
    motion = _rms(clip.velocity(end) - clip.velocity(start)) / clip.change
    jump = float(np.hypot(appearance, motion)) / (frames + 1)
    ghost = _GHOST * _doubling(clip, start, end, frames) if frames else 0.0
    return LoopFacts(
        start=start,
        end=end,
        frames=frames,
        visibility=round(jump + ghost, 3),
        appearance=round(appearance, 3),
        motion=round(motion, 3),
    )


def turn(clip: Footage, start: int, end: int) -> LoopFacts:
    """The turns of a ping-pong over [start, end): nothing jumps, but all motion reverses."""
    speed = max(_rms(clip.velocity(end - 1)), _rms(clip.velocity(start))) / clip.change
    return LoopFacts(
        start=start,
        end=end,
        frames=0,
        visibility=round(2 * speed, 3),
        appearance=0.0,
        motion=round(2 * speed, 3),
    )


def _doubling(clip: Footage, start: int, end: int, frames: int) -> float:
    """How much of a double image a blend shows, in parts of the picture's contrast.

    A difference in brightness alone makes none.
    """
    before = frames // 2
    seen = []
    for step in range(frames):
        weight = (step + 1) / (frames + 1)
        apart = clip.at(end - before + step) - clip.at(start - before + step)
        seen.append(4 * weight * (1 - weight) * float(apart[: clip.pixels].std()))
    return float(np.mean(seen)) / clip.contrast


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values * values)))
