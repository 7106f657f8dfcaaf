"""Who signs a run, said in words that nobody can misread."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from finisher import __version__
from finisher.pipeline.settings import Settings, Signing
from finisher.plan.model import Plan
from finisher.problems import DocumentError, Problem
from finisher.promises import Promises
from finisher.provenance.identity import Identity, development, from_pem
from finisher.provenance.manifest import manifest
from finisher.provenance.signing import Thumbnails, signed

UNSIGNED = "nobody: signing was turned off, and an audit will call the credentials absent"
_PUBLIC = (
    "a publicly trusted signature needs a certificate for a product on the C2PA conforming "
    "products list, from an authority on the C2PA trust list"
)


@dataclass(frozen=True, slots=True)
class SignedBy:
    """The identity of a run, None when it does not sign."""

    identity: Identity | None

    @property
    def until(self) -> datetime | None:
        """Until when it needs no second look; None where nobody signs."""
        return self.identity.until if self.identity is not None else None

    @property
    def words(self) -> str:
        """One line for reports and summaries."""
        if self.identity is None:
            return UNSIGNED
        if self.identity.development:
            return f"{self.identity.name}, made on this machine for development; {_PUBLIC}"
        return self.identity.name


def signer(settings: Settings) -> SignedBy:
    """The identity the settings ask for; the development identity is made on first use.

    Raises:
        DocumentError: when a certificate is given without a key, or a key without a certificate.
        MachineError: when the identity can't be read, or others can read its key.
    """
    signing: Signing = settings.signing
    if signing.off:
        return SignedBy(None)
    if signing.cert is None and signing.key is None:
        return SignedBy(development(settings.data))
    if signing.cert is None or signing.key is None:
        raise DocumentError(
            Problem("signer-incomplete", "a signature needs both --sign-cert and --sign-key")
        )
    return SignedBy(from_pem(signing.cert, signing.key))


def sign(
    decided: Plan,
    promised: Promises,
    files: tuple[Path, Path],
    identity: Identity,
    settings: Settings,
    pictures: Thumbnails,
) -> int:
    """Sign a joined file into another; how many ingredients went along.

    `files` are the unsigned file and the signed one to be.

    Raises:
        PolicyError, MediaError, RenderError: as `finisher.provenance.signing.signed`.
    """
    request = replace(manifest(decided, promised, __version__), anchors=settings.anchor_text())
    folder = Path(decided.edl_path).parent
    signed(*files, request, identity, folder, pictures)
    return len(request.ingredients)
