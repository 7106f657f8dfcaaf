"""A file of a size asked for: made, measured, and made again at another crf until it fits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finisher.media.reference import picture_bytes
from finisher.pipeline.master import Master
from finisher.problems import Problem, RenderError
from finisher.render import sizing

Build = Callable[[int], tuple[Master, Path]]
"""Renders, joins and signs at a crf, in tenths; the file that came of it."""

ENOUGH = 0.95
"""The part of the size from which on a file is called a good fit."""
AIM = 0.985
"""The part aimed at: a tenth of a crf is 1.2 %, and what is foretold may be off by half of that."""
ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Attempt:
    """A finished file."""

    tenths: int
    size: int
    pictures: int
    """Bytes of the pictures that a crf decides."""
    master: Master
    path: Path


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for, and what was made on the way."""

    target: int
    sizes: Sequence[sizing.Sizes]
    """What is foretold of each unit that is encoded."""
    encoded: Sequence[int]
    """Numbers of these units among all."""
    build: Build
    made: list[Attempt] = field(default_factory=list)

    def fit(self, first: int) -> Attempt:
        """The largest file no larger than the target, left as it is where it was made.

        Raises:
            RenderError: when none can be made; and as `build`.
        """
        tenths = first
        while self._more(tenths):
            tenths = self._next()
        best = self._best()
        # Every file is made in one place: one that is not the last has to be made again.
        return best if best is self.made[-1] else self._attempt(best.tenths)

    def _more(self, tenths: int) -> bool:
        """Make a file; whether another may fit better."""
        if any(attempt.tenths == tenths for attempt in self.made):
            return False
        size = self._attempt(tenths).size
        if not self.sizes or len(self.made) == ATTEMPTS:
            return False
        if size > self.target:
            return tenths < sizing.HIGHEST
        return size < ENOUGH * self.target and tenths > sizing.LOWEST

    def _attempt(self, tenths: int) -> Attempt:
        master, path = self.build(tenths)
        units = master.picture.units
        pictures = sum(picture_bytes(units[number]) for number in self.encoded)
        self.made.append(Attempt(tenths, path.stat().st_size, pictures, master, path))
        return self.made[-1]

    def _next(self) -> int:
        """The crf to try next: by now it is known what takes room besides the pictures."""
        rest = max(attempt.size - attempt.pictures for attempt in self.made)
        made = {attempt.tenths: attempt.pictures for attempt in self.made}
        return sizing.next_crf(self.sizes, made, AIM * self.target - rest)

    def _best(self) -> Attempt:
        fitting = [attempt for attempt in self.made if attempt.size <= self.target]
        if fitting:
            return max(fitting, key=lambda attempt: attempt.size)
        least = min(self.made, key=lambda attempt: attempt.size)
        rest = least.size - least.pictures
        raise RenderError(
            Problem(
                "size-missed",
                f"no file of at most {self.target:,} bytes could be made: at crf "
                f"{least.tenths / 10:g} it has {least.size:,}, {rest:,} of them for all but the "
                "pictures encoded",
                hint="ask for more, or for a smaller raster or less sound",
            )
        )
