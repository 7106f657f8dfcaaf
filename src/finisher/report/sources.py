"""What is told of a file that went in: its state, who speaks for it, and its codes in words."""

from __future__ import annotations

from finisher.findings import Ingredient
from finisher.provenance.codes import breaking
from finisher.report.plain import plain

_NAME = 120
_URN = 44
CODES = {
    "signingCredential.untrusted": "nobody on a given trust list vouches for the signer",
    "signingCredential.expired": "the signer's certificate has run out",
    "signingCredential.revoked": "the signer's certificate was revoked",
    "signingCredential.invalid": "the signer's certificate is none that may sign",
    "timeStamp.untrusted": "nobody on a given trust list vouches for the time",
    "assertion.bmffHash.mismatch": "pictures or sound were changed",
    "assertion.dataHash.mismatch": "the media were changed",
    "assertion.boxesHash.mismatch": "the media were changed",
    "assertion.hashedURI.mismatch": "what it says of itself was changed",
    "assertion.missing": "a part of what it says was taken away",
    "claimSignature.mismatch": "its signature is not of this claim",
    "claim.missing": "its claim is gone",
    "ingredient.manifest.mismatch": "its credentials are not those that went in",
    "ingredient.manifest.missing": "its credentials are named and not there",
    "manifest.inaccessible": "its credentials could not be read",
    "manifest.doubled": "credentials lie in it twice, or unseen",
    "more-than-one-store": "it holds more than one set of credentials",
    "store-damaged": "its credentials are damaged",
}
"""Common validation codes in words; others are shown as they are."""


def words(code: str) -> str:
    """A code in words, and the code itself."""
    shown = plain(code, _NAME)
    return f"{CODES[code]} ({shown})" if code in CODES else shown


def broken(part: Ingredient) -> bool:
    """Whether something says that it was changed."""
    return bool(breaking((*part.recorded, *part.now)))


def state(part: Ingredient) -> str:
    """What became of its credentials, in a few words."""
    if broken(part):
        return "credentials broken"
    return "no credentials of its own" if part.manifest is None else "credentials intact"


def facts(part: Ingredient) -> tuple[str, ...]:
    """Everything else that is known of it, line by line, safe to show."""
    lines = []
    if part.issuer:
        vouched = f"on {plain(part.anchor, _NAME)}" if part.anchor else "on a given trust list"
        proven = vouched if part.trusted else "name unproven"
        lines.append(f"signed by {plain(part.issuer, _NAME)}, {proven}")
    if part.generator:
        lines.append(f"made with {plain(part.generator, _NAME)}")
    if part.source_type:
        lines.append(plain(part.source_type.rpartition("/")[2], _NAME))
    if part.source_rechecked != "not-checked":
        lines.append(f"file on disk: {plain(part.source_rechecked, _NAME)}")
    lines += [f"recorded when it went in: {words(code)}" for code in part.recorded]
    lines += [f"found now: {words(code)}" for code in part.now]
    if part.manifest:
        lines.append(plain(part.manifest, _URN))
    return tuple(lines)
