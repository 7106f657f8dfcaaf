"""What detectors with weights share: torch where it is wanted, files where they must lie."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finisher.problems import MediaError, Problem
from finisher.watermark.detector import Evidence, Picture, Sight
from finisher.watermark.hidden.judging import ALIGNED, BLIND, by_bits, unreadable
from finisher.watermark.options import only

WEIGHTS = "weights"


def missing(module: str) -> str | None:
    """That a package is not installed, in words; None where it is. It is not loaded."""
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
    only(options, known)
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


def polled(
    logits: Callable[[Picture], NDArray[np.float64]],
    seen: Iterable[Sight],
    payload: NDArray[np.bool_],
) -> tuple[Evidence, ...]:
    """Sums of a network's outputs for each bit, as delivered and brought back, held against bits.

    A payload shorter than the outputs is their beginning.
    """
    sums: dict[str, NDArray[np.float64]] = {}
    pictures = 0
    for sight in seen:
        for variant, picture in views(sight):
            found = logits(picture)
            sums[variant] = sums.get(variant, np.zeros(found.size)) + found
        pictures += 1
    if not sums:
        return (unreadable("there are no pictures"),)
    bits = sums[BLIND].size
    if payload.size > bits:
        told = f"the network reads {bits} bits, and {payload.size} are declared"
        return (unreadable(told),)
    tests = 2 * len(sums)
    return tuple(
        by_bits(variant, soft[: payload.size], payload, tests, pictures)
        for variant, soft in sums.items()
    )


def views(sight: Sight) -> Iterator[tuple[str, Picture]]:
    """A picture as delivered, and brought back where that makes another picture of it."""
    yield BLIND, sight.picture
    if sight.aligned is not None and sight.aligned is not sight.picture:
        yield ALIGNED, sight.aligned
