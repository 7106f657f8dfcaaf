"""VideoSeal, PixelSeal and ChunkySeal by the TorchScript modules their authors publish."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finisher.problems import MediaError, Problem
from finisher.timeline import Carrier
from finisher.watermark.adapters.networks import (
    WEIGHTS,
    batch,
    checked,
    missing,
    polled,
    scripted,
    torch,
)
from finisher.watermark.detector import (
    Capability,
    Declared,
    Evidence,
    Hearing,
    Picture,
    Sight,
)
from finisher.watermark.hidden.judging import by_sights


class VideoSealDetector:
    """Asks `detect` of a module such as `y_256b_img.jit`; `weights` is its path."""

    def __init__(self) -> None:
        self._network: Any = None

    @property
    def capability(self) -> Capability:
        """256 bits in VideoSeal 1; another module may have more or fewer."""
        return Capability(
            "videoseal", "1", Carrier.PICTURE, 256, c2pa="com.aiwatermark.videoseal.1", weights=True
        )

    def available(self) -> str | None:
        """Why it can't be used here."""
        return missing("torch")

    def open(self, options: Mapping[str, str]) -> None:
        """Load the module.

        Raises:
            DocumentError: for options other than `weights`.
            MediaError: when there is no such module.
        """
        self._network = scripted(checked(options, (WEIGHTS,)), "detect")

    def detect(self, seen: Iterable[Sight] | Hearing, declared: Declared) -> tuple[Evidence, ...]:
        """Sum what the network gives for each bit over pictures, as its authors do."""
        return by_sights(partial(polled, self._logits), seen, declared)

    def _logits(self, picture: Picture) -> NDArray[np.float64]:
        """One value a bit, above 0 for a one; the first output is no bit and is not used."""
        with torch().no_grad():
            found = self._network.detect(batch(picture))
        values = np.asarray(found.numpy(), np.float64)
        if values.ndim != 2 or values.shape[1] < 2:
            message = f"the network gave an array of shape {values.shape}, not one row of bits"
            raise MediaError(Problem("detector-weights", message))
        return np.asarray(values[0, 1:], np.float64)

    def close(self) -> None:
        """Let go of the network."""
        self._network = None
