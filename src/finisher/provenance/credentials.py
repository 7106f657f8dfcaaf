"""What a take's Content Credentials say at ingest, judged by codes and never by a summary."""

from __future__ import annotations

from pathlib import Path

from finisher.c2pa.reading import Obstacle, Obstructed, Outcome, Reading, read
from finisher.facts import CredentialFacts, Integrity
from finisher.provenance import chain
from finisher.provenance.codes import breaking
from finisher.provenance.completeness import Source
from finisher.provenance.sources import generative

# What can't be read because it was tampered with, against what is not there to be read.
_BROKEN = frozenset({Obstacle.SEVERAL, Obstacle.DAMAGED})


def facts(path: Path, anchors: str | None = None) -> CredentialFacts:
    """The credentials of a file, with their integrity down to its own ingredients.

    Args:
        path: the take or sound file.
        anchors: PEM certificates of the signers to trust; their absence is not held against it.

    Raises:
        MediaError: when there is no such file.
    """
    return of(read(path, anchors))


def source(path: Path, sha256: str, anchors: str | None = None) -> Source:
    """A file that went in, read afresh for an audit.

    Raises:
        MediaError: when there is no such file.
    """
    outcome = read(path, anchors)
    found = of(outcome)
    if not isinstance(outcome, Reading):
        return Source(sha256, found)
    return Source(sha256, found, chain.fingerprint(outcome.store, found.manifest))


def reading(path: Path, anchors: str | None = None) -> Outcome:
    """What an audit judges: the store embedded in a file, else one beside it that is made for it.

    A store beside the file, `<stem>.c2pa`, counts only when it validates against the file; any
    other says nothing about it.

    Raises:
        MediaError: when there is no such file.
    """
    embedded = read(path, anchors)
    beside = path.with_suffix(".c2pa")
    if embedded is not None or not beside.is_file():
        return embedded
    outcome = read(path, anchors, beside)
    return outcome if of(outcome).integrity is Integrity.INTACT else None


def of(outcome: Outcome) -> CredentialFacts:
    """Credential facts from what reading a file gave."""
    if outcome is None:
        return CredentialFacts(Integrity.ABSENT)
    if isinstance(outcome, Obstructed):
        broken = outcome.obstacle in _BROKEN
        integrity = Integrity.BROKEN if broken else Integrity.ABSENT
        return CredentialFacts(integrity, codes=(str(outcome.obstacle),))
    store = outcome.store
    urn, links = chain.active(store), chain.links(store)
    codes = chain.failures(store) + chain.unproven(store)
    for link in links:
        codes += link.recorded
    codes = tuple(dict.fromkeys(codes))
    return CredentialFacts(
        integrity=Integrity.BROKEN if breaking(codes) else Integrity.INTACT,
        manifest=urn or None,
        issuer=chain.signature(store, urn)[0],
        generator=chain.generator(store, urn),
        trusted="signingCredential.trusted" in chain.active_successes(store),
        codes=codes,
        source_type=_source_type(store, links),
        ingredients=len(links),
    )


def _source_type(store: chain.Document, links: tuple[chain.Link, ...]) -> str | None:
    """The active claim's source type, or that of a generative part inside where it hides one."""
    own = chain.source_type(store, chain.active(store))
    if generative(own):
        return own
    inside = (chain.source_type(store, link.manifest) for link in links)
    return next((found for found in inside if generative(found)), own)
