"""What an audit is lent besides the file: what only those know who have its takes or detectors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from finisher.promises import Promises
from finisher.watermark.reference import Reference


class Originals(Protocol):
    """The takes' own pictures, by what the programme shows of them."""

    def pictures(
        self, event: str, frames: Sequence[int], size: tuple[int, int]
    ) -> Mapping[int, NDArray[np.uint8]]:
        """Pictures by programme frame, (height, width, 3) RGB of a width and height.

        What shows anything but one picture of that event's take is left out.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Aids:
    """Nothing of it is needed; what is missing is told among what was not checked."""

    references: tuple[Reference, ...] = ()
    """What marks and their surroundings must look like, foretold from the takes."""
    originals: Originals | None = None
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What detectors are opened with, by hidden mark, as the edit says."""
    weights: Mapping[str, str] = field(default_factory=dict)
    """Paths of detectors' weights, by detector; where given they win."""
    edit: Promises | None = None
    """What the edit promises, foretold afresh from its takes: marks are held to it."""
    upload: bool = False
    """Whether pictures and sound may leave this machine."""
    unasked: str = ""
    """Why no detector is asked at all; empty where they are."""

    def opening(self, mark: str, detector: str) -> dict[str, str]:
        """What a detector is opened with for a mark."""
        given = {"weights": self.weights[detector]} if detector in self.weights else {}
        return {**self.options.get(mark, {}), **given}


ALONE = Aids()
"""Nothing but the file."""
