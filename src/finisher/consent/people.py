"""Persons by name, and by digests that tell nobody who does not know the name already."""

from __future__ import annotations

import unicodedata

from finisher.canonical import digest
from finisher.promises import Promises

_KIND = "org.finisher.person"


def person(name: str) -> str:
    """A name as it is compared: composed (Unicode NFC), no blanks around it; capitals count."""
    return unicodedata.normalize("NFC", name).strip()


def recognisable(name: str, edl_sha256: str, title: str) -> str:
    """SHA-256 by which a person is recognised in one film, and in no other.

    The film's edit list and title are the salt, and stand in the same file: whoever tries names
    one by one finds the person too. It keeps names from being read, not from being guessed.
    """
    return digest([_KIND, edl_sha256, title, person(name)])


def promised(promises: Promises) -> tuple[str, ...]:
    """Digests of everybody a film promises, once each."""
    return tuple(dict.fromkeys(one for take in promises.takes for one in take.people))
