"""What a finished file's credentials say, and the promises they carry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finisher.c2pa.reading import Outcome, Reading
from finisher.problems import MediaError, Problem, Where
from finisher.promises import LABEL, PromisedTake, Promises
from finisher.provenance import chain
from finisher.provenance.completeness import Source
from finisher.provenance.credentials import reading, source
from finisher.provenance.promised import from_assertion
from finisher.provenance.verdict import CredentialAudit, judge


@dataclass(frozen=True, slots=True)
class Examined:
    """The verdict on provenance, and what the file promises about itself."""

    audit: CredentialAudit
    promises: Promises | None
    flaw: str | None = None
    """Why promises that are there can't be used."""


def examine(
    path: Path,
    anchors: Sequence[Path] = (),
    takes: Mapping[str, Path] | None = None,
    expected: Sequence[PromisedTake] = (),
) -> Examined:
    """Read a file's credentials once, judge them, and take out its promises.

    `takes` are the files that went in, by id, where they lie on disk: they are read afresh.
    `expected` are files known from an edit list to have gone in; what the file's own promises
    list comes on top.

    Raises:
        MediaError: when the file, a take or a trust list can't be opened.
    """
    pem = "\n".join(map(_text, anchors)) or None
    outcome = reading(path, pem)
    promises, flaw = _promises(outcome)
    known = {take.id for take in expected}
    own = promises.takes if promises is not None else ()
    judged = judge(
        outcome,
        (*expected, *(take for take in own if take.id not in known)),
        _sources(takes or {}, pem),
        ", ".join(anchor.name for anchor in anchors) or None,
    )
    return Examined(judged, promises, flaw)


def _promises(outcome: Outcome) -> tuple[Promises | None, str | None]:
    """The promises of the active manifest, or why there are none to use."""
    if not isinstance(outcome, Reading):
        return None, None
    data = chain.assertion(outcome.store, LABEL)
    if data is None:
        return None, None
    try:
        return from_assertion(data), None
    except ValueError as error:
        return None, str(error)


def _sources(takes: Mapping[str, Path], pem: str | None) -> dict[str, Source]:
    """The takes on disk, read now."""
    return {name: source(path, sha256_of(path), pem) for name, path in takes.items()}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex.

    Raises:
        MediaError: when the file can't be opened.
    """
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise _missing(path, error) from None


def _text(path: Path) -> str:
    """A trust list's text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        problem = Problem("bad-trust-list", "not a PEM file", where=Where(str(path)))
        raise MediaError(problem) from error
    except OSError as error:
        raise _missing(path, error) from None


def _missing(path: Path, error: OSError) -> MediaError:
    message = error.strerror or "unreadable"
    return MediaError(Problem("media-missing", message, where=Where(str(path))))
