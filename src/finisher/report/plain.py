"""Text from files made safe to show: no control, direction or malformed character survives."""

from __future__ import annotations

import unicodedata
from pathlib import PurePosixPath, PureWindowsPath

REPLACED = "\N{REPLACEMENT CHARACTER}"
"""Stands where a character was that could steer a terminal or disguise a name."""

# Joiners shape words in several scripts and hold emoji together; they can't reorder anything.
_JOINERS = "\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"


def _shown(character: str) -> str:
    """One character as it may be shown."""
    if character in "\n\r\t\v\f\x85\u2028\u2029":
        return " "
    if character in _JOINERS:
        return character
    if unicodedata.category(character) in {"Cc", "Cf", "Cs"}:
        return REPLACED
    point = ord(character)
    # Noncharacters are in no XML document and mean nothing anywhere.
    if point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF:
        return REPLACED
    return character


def plain(text: str, limit: int | None = None) -> str:
    """Text on one line without control characters, escape sequences, or direction overrides.

    Line breaks and tabs become spaces; what is taken out leaves `REPLACED` behind, so that nobody
    mistakes a doctored name for a clean one. Every character gives exactly one, until `limit` cuts
    the text short with an ellipsis.
    """
    if limit is not None and len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def name_of(path: str) -> str:
    """A path as a report shows it: relative ones whole, of absolute ones only the file's name.

    A report is sent to people who have no business knowing how a machine's folders are called.
    """
    if PurePosixPath(path).is_absolute():
        return PurePosixPath(path).name
    if PureWindowsPath(path).is_absolute():
        return PureWindowsPath(path).name
    return path
