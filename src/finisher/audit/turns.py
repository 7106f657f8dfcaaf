"""How long detectors of hidden marks may look at a film, and the signs of life they give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from finisher.progress import Advanced, Finished, Listener, Started, silent
from finisher.watermark.detector import Sight

STAGE = "hidden marks"
"""The stage that is told of while detectors look."""
A_MARK, FEWEST, MOST = 30.0, 60.0, 300.0
"""Seconds for each mark, and those that a film is given at least and at most."""


@dataclass(slots=True)
class Turns:
    """Time that the marks of one film share: what one leaves is the others'."""

    listen: Listener
    clock: Callable[[], float]
    """Seconds that only ever grow."""
    left: int
    """Marks whose turn is to come."""
    until: float

    def next(self) -> Turn | None:
        """The turn of one more mark; None where no time is left.

        It is never so short that none of many would be looked at to the end.
        """
        now = self.clock()
        left, self.left = max(1, self.left), self.left - 1
        if now >= self.until:
            self.listen(Advanced(STAGE))
            return None
        return Turn(self, min(self.until, now + max(A_MARK, (self.until - now) / left)))


@dataclass(slots=True)
class Turn:
    """The time that one mark is looked for."""

    turns: Turns
    until: float
    late: bool = False
    """Whether pictures were left out, for the time was over."""

    def paced(self, seen: Iterable[Sight]) -> Iterator[Sight]:
        """Pictures, the first in any case, for as long as there is time."""
        for number, sight in enumerate(seen):
            if number and self.turns.clock() >= self.until:
                self.late = True
                return
            self.turns.listen(Advanced(STAGE, 0, f"picture {number + 1}"))
            yield sight

    def end(self) -> None:
        """The mark was looked for."""
        self.turns.listen(Advanced(STAGE))


@contextmanager
def turns(marks: int, listen: Listener, clock: Callable[[], float]) -> Iterator[Turns]:
    """Turns for so many marks that are looked for now; where there are none nothing is told."""
    until = clock() + min(MOST, max(FEWEST, A_MARK * marks))
    if not marks:
        yield Turns(silent, clock, marks, until)
        return
    listen(Started(STAGE, marks))
    yield Turns(listen, clock, marks, until)
    listen(Finished(STAGE))
