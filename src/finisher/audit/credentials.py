"""What a finished file's credentials say, and the promises they carry."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finisher.c2pa.reading import Outcome, Reading
from finisher.canonical import Json, to_json
from finisher.problems import MediaError, Problem, Where
from finisher.promises import LABEL, PromisedTake, Promises
from finisher.provenance import chain
from finisher.provenance.completeness import Source, others, went_in
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
    carried: Json = None
    """The promises as they stand in the file."""
    bindings: tuple[chain.SoftBinding, ...] = ()
    """Watermarks that manifests in its chain say their media carry."""
    others: frozenset[str] = frozenset()
    """Ids of files on disk that are others than went in: what they say is not said of the film."""


def examine(
    path: Path,
    anchors: str | None = None,
    takes: Mapping[str, Path] | None = None,
    expected: Sequence[PromisedTake] = (),
) -> Examined:
    """Read a file's credentials once, judge them, and take out its promises.

    `anchors` are trust lists as one text (`finisher.c2pa.trust`). `takes` are the files that went
    in, by id, where they lie on disk: they are read afresh. `expected` are files known from an edit
    list to have gone in; what the file's own promises say of them wins.

    Raises:
        MediaError: when the file or a take can't be opened.
    """
    outcome = reading(path, anchors)
    carried = _carried(outcome)
    promises, flaw = _promises(carried)
    own = promises.takes if promises is not None else ()
    known, sources = went_in(own, expected), _sources(takes or {}, anchors)
    judged = judge(outcome, known, sources)
    bindings = chain.soft_bindings(outcome.store) if isinstance(outcome, Reading) else ()
    return Examined(judged, promises, flaw, carried, bindings, others(known, sources))


def promises_in(path: Path) -> Json:
    """The promises of a file as they stand in it, None for none.

    Raises:
        MediaError: when the file can't be opened.
    """
    return _carried(reading(path))


def _carried(outcome: Outcome) -> Json:
    """The promises' assertion, where there is one."""
    if not isinstance(outcome, Reading):
        return None
    return to_json(chain.assertion(chain.about_media(outcome.store), LABEL))


def _promises(carried: Json) -> tuple[Promises | None, str | None]:
    """The promises a file carries, or why there are none to use."""
    if carried is None:
        return None, None
    try:
        return from_assertion(carried), None
    except ValueError as error:
        return None, str(error)


def _sources(takes: Mapping[str, Path], anchors: str | None) -> dict[str, Source]:
    """The takes on disk, read now."""
    return {name: source(path, sha256_of(path), anchors) for name, path in takes.items()}


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


def _missing(path: Path, error: OSError) -> MediaError:
    message = error.strerror or "unreadable"
    return MediaError(Problem("media-missing", message, where=Where(str(path))))
