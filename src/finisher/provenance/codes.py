"""Tell what a validation code speaks of: success, note, trust in the signer, or integrity."""

from __future__ import annotations

import re
from enum import StrEnum

MISSING = "missing:"
"""Put before a success code that should be there and is not."""

# The last part of success and informational codes of the C2PA specification 1.x to 2.4. An
# assertion of version 1 lists them among failures without saying which is which.
_GOOD = frozenset({"match", "validated", "trusted", "insideValidity", "notRevoked", "accessible"})
_NOTES = frozenset(
    {
        "additionalExclusionsPresent",
        "deprecated",
        "inaccessible",
        "skipped",
        "unknownProvenance",
    }
)
_TRUST = frozenset({"signingCredential.untrusted", "signingCredential.expired"})
# Identity assertions are an extra vouching for a manifest; only these say that bytes changed.
_CAWG_INTEGRITY = frozenset(
    {
        "cawg.identity.assertion.mismatch",
        "cawg.identity.hard_binding_missing",
        "cawg.ica.signature_mismatch",
        "cawg.ica.signer_payload.mismatch",
    }
)
MEDIA_BINDINGS = ("assertion.bmffHash", "assertion.dataHash", "assertion.boxesHash")
"""Beginnings of codes that speak of a binding to the bytes of one file (C2PA 2.2, 18.5 to 18.7)."""
HARD_BINDINGS = tuple(
    f"{binding}.match"
    for binding in (*MEDIA_BINDINGS, "assertion.collectionHash", "assertion.multiAssetHash")
)
"""Success codes of which one says that the media are those that were signed."""
SIGNATURE = ("claimSignature.validated", "claimSignature.insideValidity")
"""Success codes that say that the claim is as it was signed."""


_FAILING = re.compile(
    r"mismatch|missing|malformed|invalid|revoked|multiple|undeclared|redacted|unsupported"
    r"|inaccessible|outside|wrong|error|failure",
    re.IGNORECASE,
)


class Class(StrEnum):
    """What a code speaks of."""

    GOOD = "good"
    NOTE = "note"
    TRUST = "trust"
    INTEGRITY = "integrity"


def classify(code: str) -> Class:
    """The class of a code, wherever it was found; unknown ones weigh as integrity failures.

    A code of the trust class says that nobody given vouches for the signer, or for the time:
    most takes of today are like that, and none of it means that anything was changed.
    """
    last = code.rpartition(".")[2]
    if code.startswith(MISSING):
        return Class.INTEGRITY
    if last in _GOOD:
        return Class.GOOD
    if code in _TRUST or code.startswith("timeStamp."):
        return Class.TRUST
    if code.startswith("cawg.") and code not in _CAWG_INTEGRITY:
        return Class.TRUST
    # `manifest.inaccessible` is a failure; `signingCredential.ocsp.inaccessible` a note.
    if last in _NOTES and not code.startswith("manifest."):
        return Class.NOTE
    return Class.INTEGRITY


def breaking(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that say that something was changed."""
    return tuple(code for code in codes if classify(code) is Class.INTEGRITY)


def failing(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The codes that are neither success nor note."""
    return tuple(c for c in codes if classify(c) in {Class.TRUST, Class.INTEGRITY})


def disguised(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Of codes that are called successes or notes, those that can only be failures.

    What ends in none of the words that failures end in may be a success of a later specification.
    """
    return tuple(code for code in breaking(codes) if _FAILING.search(code.rpartition(".")[2]))
