"""Whom a take promises to show where it is a finished film, or was made of one."""

from __future__ import annotations

from finisher.c2pa.untyped import maps_of
from finisher.promises import LABEL
from finisher.provenance import chain
from finisher.provenance.fields import each, mapping, text
from finisher.provenance.promised_rights import read_people

_MOST = 1_000
"""Persons of one film that are kept: as many as an edit list may name in one file."""

FilmPersons = tuple[str, str, tuple[str, ...]]
"""The edit list's SHA-256 and the title, by which a film's digests are salted, and the digests."""


def persons(store: chain.Document) -> tuple[FilmPersons, ...]:
    """The persons of every film in a store that promises any; promises that don't read are none."""
    found = (_promised(entry) for urn in chain.urns(store) for entry in _promises(store, urn))
    return tuple(dict.fromkeys(one for one in found if one is not None))


def _promises(store: chain.Document, urn: str) -> list[object]:
    """The promises in one manifest."""
    entries = maps_of(chain.manifest(store, urn).get("assertions"))
    return [entry.get("data") for entry in entries if entry.get("label") == LABEL]


def _promised(data: object) -> FilmPersons | None:
    """The persons of one film; None where it names none, or what it says does not read."""
    try:
        fields = mapping(data)
        people = each(fields.get("takes"), lambda take: read_people(mapping(take).get("people")))
        salt = text(fields.get("edl_sha256")), text(fields.get("title"))
    except ValueError:
        return None
    digests = sorted({one for take in people for one in take})[:_MOST]
    return (*salt, tuple(digests)) if digests else None
