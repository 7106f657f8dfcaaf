"""Promises about persons, labels and the kind of file, as data that nobody need vouch for."""

from __future__ import annotations

import re
from typing import Any

from finisher.edl.days import day
from finisher.edl.territories import known
from finisher.promises import PromisedRelease, PromisedTake, Promises
from finisher.provenance.fields import each, flag, mapping, text

_DIGEST = re.compile(r"[0-9a-f]{64}")
# Beyond these no promise is honest: as many as an edit list may name, and longer words than it may.
_MOST_PEOPLE, _MOST_TERRITORIES, _MOST_LABELS = 1_000, 300, 1_000
_LONGEST_SCOPE = 100


def rights_data(promises: Promises) -> dict[str, Any]:
    """Keys of the assertion on whom a file shows and what it is, where anything is said."""
    release = promises.release
    data: dict[str, Any] = {}
    if release is not None:
        data["release"] = {
            "scope": release.scope,
            "territories": list(release.territories),
            "until": release.until,
            "log": release.log,
            "linked": release.linked,
        }
    if promises.aigc:
        data["aigc"] = list(promises.aigc)
    if promises.source_type is not None:
        data["source_type"] = promises.source_type
    return data


def people_data(take: PromisedTake) -> dict[str, Any]:
    """The key of a take's entry on whom it shows; none where nobody is named."""
    return {"people": list(take.people)} if take.people else {}


def read_people(value: object) -> tuple[str, ...]:
    """Digests of persons, each once; what earlier versions did not promise is not there."""
    people = () if value is None else each(value, _digest)
    if len(people) > _MOST_PEOPLE or len(set(people)) < len(people):
        raise ValueError("promises: too many persons in one file, or one of them twice")
    return people


def read_release(value: object, takes: tuple[PromisedTake, ...]) -> PromisedRelease | None:
    """What a file is for; there is one exactly where persons are named."""
    if (value is None) is any(take.people for take in takes):
        raise ValueError("promises: persons and the release go together")
    if value is None:
        return None
    fields = mapping(value)
    scope, until = text(fields.get("scope"), _LONGEST_SCOPE), fields.get("until")
    territories = each(fields.get("territories"), text)
    if not scope or not territories or len(territories) > _MOST_TERRITORIES:
        raise ValueError("promises: a release is for something, somewhere")
    if not all(map(known, territories)):
        raise ValueError("promises: a release for a territory that there is not")
    if until is not None and day(text(until)) is None:
        raise ValueError("promises: a release until a day that there is not")
    log = text(fields.get("log"))
    linked = flag(fields.get("linked"))
    return PromisedRelease(scope, territories, until, _digest(log) if log else "", linked)


def read_labels(value: object) -> tuple[str, ...]:
    """AIGC labels, each once."""
    labels = () if value is None else each(value, text)
    if len(labels) > _MOST_LABELS:
        raise ValueError(f"promises: more than {_MOST_LABELS} labels are not credible")
    return labels


def read_source_type(value: object) -> str | None:
    """What a file says it is."""
    return None if value is None else text(value)


def _digest(value: object) -> str:
    """A SHA-256 in hex."""
    found = text(value)
    if not _DIGEST.fullmatch(found):
        raise ValueError("promises: a SHA-256 is expected")
    return found
