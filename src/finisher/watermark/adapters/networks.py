"""What detectors with weights share: torch where it is wanted, files where they must lie."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finisher.problems import DocumentError, MediaError, Problem, nearest
from finisher.watermark.detector import Declared, Evidence, Picture, Sight
from finisher.watermark.hidden.judging import ALIGNED, BLIND, by_bits, payload_of, unreadable

WEIGHTS = "weights"


def missing(*modules: str) -> str | None:
    """Which package is not installed, in words; None where all are. None is loaded."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            return f"the package {module} is not installed"
    return None


def torch() -> Any:
    """The package, loaded now."""
    return importlib.import_module("torch")


def checked(options: Mapping[str, str], known: tuple[str, ...]) -> Path:
    """The path of weights among options.

    Raises:
        DocumentError: for an option that is not known.
        MediaError: when no path is given, or nothing lies there.
    """
    for option in options:
        if option not in known:
            message = f"the detector has no option {option!r}"
            raise DocumentError(
                Problem("bad-detector-option", message, hint=nearest(option, known))
            )
    if WEIGHTS not in options:
        hint = "name the file in the mark's options; nothing is ever downloaded"
        raise MediaError(Problem("detector-weights", "no path of weights is given", hint=hint))
    path = Path(options[WEIGHTS])
    if not path.exists():
        raise MediaError(Problem("detector-weights", f"there are no weights at {path}"))
    return path


def scripted(path: Path, method: str) -> Any:
    """A TorchScript module that has a method, ready to be asked.

    Raises:
        MediaError: when the file is anything else.
    """
    try:
        module = torch().jit.load(str(path), map_location="cpu").eval()
    # Torch raises what its C++ raised: RuntimeError, ValueError or OSError.
    except Exception as error:
        message = f"{path} is no TorchScript module"
        raise MediaError(Problem("detector-weights", message)) from error
    if not hasattr(module, method):
        message = f"{path} holds another network: it has no {method!r}"
        raise MediaError(Problem("detector-weights", message))
    return module


def batch(picture: Picture) -> Any:
    """(1, 3, height, width), 0 to 1."""
    floats = np.ascontiguousarray(np.moveaxis(picture, 2, 0)[None], np.float32) / np.float32(255)
    return torch().from_numpy(floats)


class Ballot:
    """Sums of a network's outputs for each bit, as delivered and brought back."""

    def __init__(self) -> None:
        self.pictures = 0
        self._sums: dict[str, NDArray[np.float64]] = {}

    def add(self, variant: str, logits: NDArray[np.float64]) -> None:
        """Count what one picture gave."""
        self._sums[variant] = self._sums.get(variant, np.zeros(logits.size)) + logits

    def evidence(self, declared: Declared) -> tuple[Evidence, ...]:
        """One result for each variant; a payload shorter than the outputs is their beginning."""
        payload = payload_of(declared)
        if not self._sums:
            return (unreadable("there are no pictures"),)
        bits = self._sums[BLIND].size
        if payload.size > bits:
            told = f"the network reads {bits} bits, and {payload.size} are declared"
            return (unreadable(told),)
        tests = 2 * len(self._sums)
        return tuple(
            by_bits(variant, soft[: payload.size], payload, tests, self.pictures)
            for variant, soft in self._sums.items()
        )


def views(sight: Sight) -> Iterator[tuple[str, Picture]]:
    """A picture as delivered, and brought back where that makes another picture of it."""
    yield BLIND, sight.picture
    if sight.aligned is not None and sight.aligned is not sight.picture:
        yield ALIGNED, sight.aligned
