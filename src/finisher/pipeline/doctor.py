"""Whether this machine has what finisher needs."""

from __future__ import annotations

import platform
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

from finisher.c2pa import sdk
from finisher.ffmpeg import program
from finisher.media.versions import encoders, libraries
from finisher.ocio import cubes
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import signer
from finisher.presets import shelf
from finisher.problems import FinisherError

_LEAST_FREE = 2_000_000_000
"""Bytes below which a render of some minutes may run out of room."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    detail: str


def examine(settings: Settings) -> list[Check]:
    """Look at everything; a check that fails says what is missing."""
    return [
        Check("python", ok=True, detail=platform.python_version()),
        Check("PyAV", ok=True, detail=", ".join(f"{k} {v}" for k, v in libraries().items())),
        *(Check(f"encoder {name}", ok=found, detail="") for name, found in encoders().items()),
        _try("ffmpeg", program.version),
        _try("OpenColorIO", cubes.version),
        _try("C2PA", sdk.version),
        _try("signer", lambda: signer(settings).words),
        _try("presets", lambda: ", ".join(shelf.names())),
        _cache(settings),
    ]


def _try(name: str, look: Callable[[], str]) -> Check:
    """A check that passes when looking raises nothing."""
    try:
        return Check(name, ok=True, detail=look())
    except FinisherError as error:
        return Check(name, ok=False, detail=str(error))


def _cache(settings: Settings) -> Check:
    """The store's folder can be written and has room."""
    try:
        settings.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.cache):
            free = shutil.disk_usage(settings.cache).free
    except OSError as error:
        return Check("store", ok=False, detail=f"{settings.cache}: {error.strerror}")
    detail = f"{settings.cache}, {free / 1e9:.1f} GB free"
    return Check("store", ok=free >= _LEAST_FREE, detail=detail)
