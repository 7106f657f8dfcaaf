"""Where the presets, looks and policies that come with finisher lie, installed or in a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def package() -> Path:
    """Where finisher's own modules lie."""
    return _PACKAGE


def folder(kind: str) -> Path:
    """The folder of shipped `presets`, `luts` or `policies`.

    In a wheel they travel inside the package; in a checkout they lie at its top.
    """
    inside = _PACKAGE / "_data" / kind
    return inside if inside.is_dir() else _PACKAGE.parents[1] / kind
