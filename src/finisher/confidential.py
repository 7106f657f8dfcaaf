"""Texts of others without what looks like a key, before anybody is shown them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import hexdigits

LEFT_OUT = "[left out]"
"""Stands for whatever was taken out."""
_PRIVATE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_SECRET = re.compile(r"[A-Za-z0-9+/=_-]{24,}")
_PAIRS = re.compile(r"\b[0-9A-Fa-f]{2}(?:(?:[:-][ \t]?|[ \t])[0-9A-Fa-f]{2}){11,}\b")
"""Twelve bytes and more in hexadecimal: half as many are a network card's address."""
_PIECE = re.compile(r"[A-Za-z0-9+/=_-]{4,}")
_MIXED = re.compile(r"[a-z][A-Z]|[A-Za-z+/][0-9]|[0-9][A-Za-z+/]|=$|\+")


def without_keys(text: str) -> str:
    """A text without private keys in PEM, and without what looks like part of a key.

    That is long words of base64 or hexadecimal, bytes in hexadecimal with something between them,
    and base64 that was split into pieces.
    """
    whole = _PAIRS.sub(LEFT_OUT, _PRIVATE.sub(LEFT_OUT, text))
    return _without_pieces(_SECRET.sub(_blanked, whole))


def _without_pieces(text: str) -> str:
    """A text without runs of words that, put together, look like part of a key."""
    parts = re.split(r"([ \t]+)", text)  # words, and the gaps between them
    words = parts[::2]
    first = 0
    while first < len(words):
        after = _pieces_end(words, first)
        joined = "".join(words[first:after])
        if after - first > 1 and _SECRET.sub(_blanked, joined) == LEFT_OUT:
            parts[2 * first] = LEFT_OUT
            parts[2 * first + 1 : 2 * after - 1] = [""] * (2 * (after - first) - 2)
        first = after
    return "".join(parts)


def _pieces_end(words: Sequence[str], first: int) -> int:
    """The end of a run of words that may be pieces of one: as long as each other, or no prose."""
    after = first + 1
    while after < len(words) and _PIECE.fullmatch(words[after - 1]):
        word, last = words[after], words[after - 1]
        alike = len(word) == len(last) and any(map(_no_prose, words[first : after + 1]))
        if not _PIECE.fullmatch(word) or not (alike or _no_prose(word)):
            break
        after += 1
    return after


def _no_prose(word: str) -> bool:
    """Whether a word is written as no language's is: with digits, or capitals inside."""
    return _MIXED.search(word) is not None


def _blanked(found: re.Match[str]) -> str:
    """A long word that looks like part of a key in base64 or hexadecimal, left out."""
    word = found[0]
    if word.count("/") * 12 > len(word):
        return word  # a path has more of them: in base64 it is every 64th
    mixed = any(map(str.isupper, word)) and any(map(str.islower, word))
    hexadecimal = all(character in hexdigits for character in word)
    return LEFT_OUT if any(map(str.isdigit, word)) and (mixed or hexadecimal) else word
