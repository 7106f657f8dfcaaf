"""Text from files made safe to show: no control, direction or malformed character survives."""

from __future__ import annotations

import re
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


_BEYOND = re.compile(r"[^\x20-\x7e\n]")


def escaped(document: str) -> str:
    """JSON with escapes for all that could steer a terminal; it means the same."""
    if document.isascii() and "\x7f" not in document:
        return document
    return _BEYOND.sub(_escape, document)


def _escape(found: re.Match[str]) -> str:
    """A character that can be shown as it is, or its escape."""
    character, point = found[0], ord(found[0])
    if plain(character) == character:
        return character
    units: tuple[int, ...] = (point,)
    if point > 0xFFFF:  # JSON spells these as two halves
        units = (0xD7C0 + (point >> 10), 0xDC00 + (point & 0x3FF))
    return "".join(f"\\u{unit:04x}" for unit in units)


def name_of(path: str) -> str:
    """A path as a report shows it: relative ones whole, of absolute ones only the file's name.

    A report is sent to people who have no business knowing how a machine's folders are called.
    """
    if PurePosixPath(path).is_absolute():
        return PurePosixPath(path).name
    if PureWindowsPath(path).is_absolute():
        return PureWindowsPath(path).name
    return path
