"""Whether a store holds what its claims name, by the manifests' own bytes and nobody's word."""

from __future__ import annotations

from finisher.c2pa.boxes import Reference
from finisher.c2pa.reading import Reading
from finisher.provenance import chain
from finisher.provenance.proofs import evidence, said_now

_VALID = ("ingredient.manifest.validated", "claimSignature.validated")
REPLACED = "ingredient.manifest.mismatch"
DOUBLED = "manifest.doubled"
MALFORMED = "store.malformed"
UNLISTED = "manifest.unreferenced"


def replaced(reading: Reading) -> tuple[str, ...]:
    """Names of manifests that are not those that were signed over from above.

    The active manifest is proven by its signature; every manifest below is named by hash in one
    that is proven itself. A claim above may take assertions out of one below, and must say so:
    its hash then counts for nothing, and the SDK's word has to do. So it has for early claims whose
    ingredients it found valid today: some of them hash in other ways.
    """
    digests = {box.label: box.digests for store in reading.stores for box in store.manifests}
    if not digests:
        return ()
    named: dict[str, list[Reference]] = {}
    for one in reading.references:
        named.setdefault(one.owner, []).append(one)
    told = evidence(reading.store)
    top = chain.active(reading.store)
    wrong, seen, waiting = list[str](), {top}, [top]
    for owner in waiting:  # grows while it is walked
        redacted = chain.redacted_by(reading.store, owner)
        for one in named.get(owner, ()):
            found = digests.get(one.manifest)
            spared = any(f"/c2pa/{one.manifest}/" in f"{uri}/" for uri in redacted)
            if one.early:
                spared = spared or any(said_now(told, one.manifest, code) for code in _VALID)
            if found is not None and found.get(one.algorithm) != one.digest and not spared:
                wrong.append(one.manifest)
            if one.manifest not in seen:
                seen.add(one.manifest)
                waiting.append(one.manifest)
    return tuple(dict.fromkeys(wrong))


def strays(reading: Reading) -> tuple[str, ...]:
    """Names of manifests that lie in a store twice, or that the SDK or the file does not have."""
    known = set(chain.urns(reading.store))
    lying = {box.label for store in reading.stores for box in store.manifests}
    found = sorted(known - lying) if lying else []
    for store in reading.stores:
        labels = [box.label for box in store.manifests]
        # Something that only looks like a store may lie in the media; it holds nothing of ours.
        if known.intersection(labels):
            found += [one for one in labels if labels.count(one) > 1 or one not in known]
    return tuple(dict.fromkeys(found))


def malformed(reading: Reading) -> bool:
    """Whether the envelope of what is read is not as specified.

    No hash covers the envelopes of the store and of the active manifest, and the SDK does not look
    at all of them; those of other manifests are hashed with the manifests.
    """
    active, known = chain.active(reading.store), set(chain.urns(reading.store))
    lying = {box.label for store in reading.stores for box in store.manifests}
    if lying and active not in lying:
        return True
    for store in reading.stores:
        labels = {box.label for box in store.manifests}
        if store.odd and (not labels or labels & known):
            return True
        if any(box.odd for box in store.manifests if box.label == active):
            return True
    return False
