"""What a take's Content Credentials say at ingest, judged by codes and never by a summary."""

from __future__ import annotations

from pathlib import Path

from finisher.c2pa.reading import Obstacle, Obstructed, Outcome, read
from finisher.c2pa.sidecars import sidecar
from finisher.facts import CredentialFacts, Integrity
from finisher.provenance import binding, chain, origins, persons, proofs, training, trust
from finisher.provenance.codes import breaking
from finisher.provenance.completeness import Source
from finisher.provenance.sources import generative

# What can't be read because it was tampered with, against what is not there to be read.
_BROKEN = frozenset({Obstacle.SEVERAL, Obstacle.DAMAGED})
# Where a format has no place for a store, or the file names another place, one may lie beside it.
_ELSEWHERE = frozenset({Obstacle.REMOTE, Obstacle.UNSUPPORTED})
_LARGEST = 256 << 20
"""Bytes of a store that is read into memory: that of a thousand takes has some tens of millions."""


def facts(path: Path, anchors: str | None = None) -> CredentialFacts:
    """The credentials of a file, with their integrity down to its own ingredients.

    Args:
        path: the take or sound file.
        anchors: PEM certificates of the signers to trust; their absence is not held against it.

    Raises:
        MediaError: when there is no such file.
    """
    return of(reading(path, anchors))


def source(path: Path, sha256: str, anchors: str | None = None) -> Source:
    """A file that went in, read afresh for an audit.

    Raises:
        MediaError: when there is no such file.
    """
    return Source(sha256, facts(path, anchors))


def reading(path: Path, anchors: str | None = None) -> Outcome:
    """What is judged: the store embedded in a file, else one beside it that is made for it.

    A store beside the file, `<stem>.c2pa`, counts only when it validates against the file; any
    other proves nothing about it, and is an obstacle of its own.

    Raises:
        MediaError: when there is no such file.
    """
    embedded = read(path, anchors)
    beside = sidecar(path)
    elsewhere = isinstance(embedded, Obstructed) and embedded.obstacle in _ELSEWHERE
    if (embedded is not None and not elsewhere) or not beside.is_file():
        return embedded
    if beside.stat().st_size > _LARGEST:
        return Obstructed(Obstacle.FOREIGN, "it is larger than a store can be")
    outcome = read(path, anchors, beside)
    if of(outcome).integrity is Integrity.INTACT:
        return outcome
    return Obstructed(Obstacle.FOREIGN, ", ".join(of(outcome).integrity_codes) or "it is empty")


def of(outcome: Outcome) -> CredentialFacts:
    """Credential facts from what reading a file gave."""
    if outcome is None:
        return CredentialFacts(Integrity.ABSENT)
    if isinstance(outcome, Obstructed):
        broken = outcome.obstacle in _BROKEN
        integrity = Integrity.BROKEN if broken else Integrity.ABSENT
        told = (str(outcome.obstacle),)
        return CredentialFacts(integrity, codes=told, integrity_codes=told if broken else ())
    store = outcome.store
    urn, links = chain.active(store), chain.links(store)
    codes = chain.failures(store) + proofs.unproven(store)
    for link in links:
        codes += link.recorded
    codes += (binding.REPLACED,) if binding.replaced(outcome) else ()
    codes += (binding.DOUBLED,) if binding.strays(outcome) else ()
    codes += (binding.MALFORMED,) if binding.malformed(outcome) else ()
    codes = tuple(dict.fromkeys(codes))
    changed = breaking(codes)
    return CredentialFacts(
        integrity=Integrity.BROKEN if changed else Integrity.INTACT,
        manifest=urn or None,
        issuer=chain.signature(store, urn)[0],
        generator=chain.generator(store, urn),
        trusted=trust.active(store).signer,
        codes=codes,
        source_type=_source_type(store, links),
        ingredients=len(links),
        integrity_codes=changed,
        trust_codes=tuple(code for code in codes if code not in changed),
        fingerprint=chain.fingerprint(store, urn),
        training=training.stated(store),
        persons=persons.persons(store),
    )


def _source_type(store: chain.Document, links: tuple[chain.Link, ...]) -> str | None:
    """The active claim's source type, or that of a generative part inside where it hides one."""
    own = origins.claimed(store)
    if generative(own):
        return own
    inside = (origins.of_part(store, link) for link in links)
    return next((found for found in inside if generative(found)), own)
