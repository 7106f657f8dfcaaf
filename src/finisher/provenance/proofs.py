"""What results of validation prove of a manifest: success that is said, and who says it."""

from __future__ import annotations

from collections.abc import Mapping

from finisher.provenance import chain
from finisher.provenance.codes import HARD_BINDINGS, MISSING, SIGNATURE, failing

Evidence = Mapping[str, tuple[chain.Said, ...]]
"""What is said of each manifest of a store, by its URN."""


def evidence(store: chain.Document) -> Evidence:
    """All results of a store, sorted by the manifest they speak of."""
    found: dict[str, list[chain.Said]] = {}
    for one in chain.said(store):
        found.setdefault(one.urn, []).append(one)
    return {urn: tuple(said) for urn, said in found.items()}


def said_now(known: Evidence, urn: str | None, code: str) -> tuple[str, ...]:
    """The explanations of a success that reading found now of a manifest."""
    said = known.get(urn or "", ())
    return tuple(
        one.explanation for one in said if one.now and not one.failure and one.code == code
    )


def recorded(known: Evidence, urn: str | None, code: str) -> bool:
    """Whether anybody recorded a success of a manifest.

    The SDK leaves out of today's results what a record already says.
    """
    said = known.get(urn or "", ())
    return any(not one.now and not one.failure and one.code == code for one in said)


def failures_of(known: Evidence, urn: str | None, *, now: bool) -> tuple[str, ...]:
    """Failure codes that speak of a manifest, found now or recorded by anybody."""
    said = (one for one in known.get(urn or "", ()) if one.failure and one.now is now)
    return failing(tuple(dict.fromkeys(one.code for one in said)))


def unproven(store: chain.Document) -> tuple[str, ...]:
    """Success codes without which silence about failures means nothing, each marked missing.

    For the active manifest, and for what it adds to, only what was found now counts; for those
    below, which today's results pass over where nothing has changed, the record does too.
    """
    good = [one for one in chain.said(store) if not one.failure]
    found = {one.code for one in good if one.now and one.urn == chain.active(store)}
    absent = [code for code in SIGNATURE if code not in found]
    bound = {one.code for one in good if one.now and one.urn == chain.subject(store)}
    if not bound.intersection(HARD_BINDINGS):
        absent.append("hard-binding.match")
    proofs = {SIGNATURE[0], f"ingredient.{SIGNATURE[0]}"}
    proven = {one.urn for one in good if one.code in proofs}
    below = {link.manifest for link in chain.links(store) if link.manifest is not None}
    if below - proven:
        absent.append(f"ingredient.{SIGNATURE[0]}")
    return tuple(MISSING + code for code in absent)
