"""AudioSeal by its package and a checkpoint, or by a TorchScript module of the same interface."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from finisher.problems import MediaError, Problem
from finisher.timeline import Carrier
from finisher.watermark.adapters.networks import WEIGHTS, checked, missing, scripted, torch
from finisher.watermark.detector import (
    Capability,
    Declared,
    Evidence,
    Hearing,
    Reading,
    Sight,
)
from finisher.watermark.hidden.judging import BLIND, payload_of, unreadable
from finisher.watermark.hidden.statistics import chance_of_bits

_RATE = 16000
_BITS = 16
_SCRIPTS = (".pt", ".jit", ".ts")
_MARKED = 0.5
"""Part of the samples that must be called marked, as the package has it."""
_ALIKE = 1e-3
"""Chance below which 16 bits count as those declared; more than this they can't show."""
_SHORTEST = _RATE
"""Samples: a second."""


class AudioSealDetector:
    """Reads 16 bits of sound at 16 kHz; `weights` is a checkpoint or a TorchScript module.

    Sixteen bits agree by chance once in some ten thousand, so that what it finds can never be
    as certain as a picture's payload; it is told with the probability it has.
    """

    def __init__(self) -> None:
        self._network: Any = None

    @property
    def capability(self) -> Capability:
        """Sixteen bits."""
        return Capability(
            "audioseal", "1", Carrier.SOUND, _BITS, c2pa="com.aiwatermark.audioseal.1", weights=True
        )

    def available(self) -> str | None:
        """Why it can't be used here; the package itself is needed for checkpoints only."""
        return missing("torch")

    def open(self, options: Mapping[str, str]) -> None:
        """Load the detector.

        Raises:
            DocumentError: for options other than `weights`.
            MediaError: when there is no detector at that path.
        """
        path = checked(options, (WEIGHTS,))
        if not path.is_file():
            raise MediaError(Problem("detector-weights", f"{path} is no file"))
        if path.suffix in _SCRIPTS:
            self._network = scripted(path, "detect_watermark")
            return
        reason = missing("audioseal")
        if reason is not None:
            raise MediaError(Problem("detector-weights", f"{reason}, which {path} is for"))
        try:
            package = importlib.import_module("audioseal").AudioSeal
            # A path that exists is read as it is; the package downloads names only.
            self._network = package.load_detector(str(path.resolve()), nbits=_BITS).eval()
        # The package and torch raise whatever they meet in a file that does not fit.
        except Exception as error:
            message = f"{path} holds no detector that the package can load: {error}"
            raise MediaError(Problem("detector-weights", message)) from error

    def detect(self, seen: Iterable[Sight] | Hearing, declared: Declared) -> tuple[Evidence, ...]:
        """Whether half the sound is marked, and with the bits that were declared."""
        if not isinstance(seen, Hearing):
            return (unreadable("it lies in sound, and pictures were handed over"),)
        payload = payload_of(declared)
        if payload.size != _BITS:
            return (unreadable(f"it carries {_BITS} bits, and {payload.size} are declared"),)
        wave = _mono(seen)
        if wave.size < _SHORTEST:
            return (unreadable("the sound is shorter than a second"),)
        with torch().no_grad():
            part, message = self._network.detect_watermark(
                torch().from_numpy(wave[None, None]), _RATE
            )
        read = np.asarray(message.numpy(), np.float64).ravel() > 0.5
        if read.size != _BITS:
            raise MediaError(Problem("detector-weights", "the network gave another count of bits"))
        agree, disagree = (min(1.0, 2 * chance) for chance in chance_of_bits(read, payload))
        marked = float(part) >= _MARKED
        reading = Reading.FOUND if marked and agree < _ALIKE else Reading.ABSENT
        if marked and disagree < _ALIKE:
            reading = Reading.INVERTED
        p = disagree if reading is Reading.INVERTED else agree
        return (Evidence(reading, BLIND, matched=int((read == payload).sum()), bits=_BITS, p=p),)

    def close(self) -> None:
        """Let go of the network."""
        self._network = None


def _mono(seen: Hearing) -> NDArray[np.float32]:
    """One channel at the rate the network was made for."""
    mixed = np.ascontiguousarray(seen.samples.mean(axis=1), np.float32)
    if seen.rate == _RATE:
        return mixed
    return np.asarray(soxr.resample(mixed, seen.rate, _RATE), np.float32)
