"""Who signs a run, said in words that nobody can misread; and the signing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from finisher import __version__
from finisher.c2pa.addresses import note
from finisher.c2pa.stamping import TimeStamping
from finisher.canonical import digest
from finisher.command import Limits
from finisher.pipeline.names import Destination
from finisher.pipeline.settings import Settings, Signing
from finisher.plan.model import Plan
from finisher.presets.model import ContainerFormat
from finisher.problems import DocumentError, MachineError, Problem, Severity
from finisher.promises import Promises
from finisher.provenance.identity import (
    PASSPHRASE,
    Identity,
    development,
    from_command,
    from_pem,
)
from finisher.provenance.manifest import manifest
from finisher.provenance.signing import Manner, Thumbnails, signed

UNSIGNED = "nobody: signing was turned off, and an audit will call the credentials absent"
UNSTAMPED = "time-stamp-missing"
"""Told of a signature without the time-stamp that was asked for: the next run asks again."""
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
    def key(self) -> str | None:
        """What tells it from others, its algorithm and chain; None where nobody signs."""
        if self.identity is None:
            return None
        return digest([self.identity.signer.algorithm, self.identity.signer.chain])

    @property
    def words(self) -> str:
        """One line for reports and summaries."""
        if self.identity is None:
            return UNSIGNED
        if self.identity.development:
            return f"{self.identity.name}, made on this machine for development; {_PUBLIC}"
        return self.identity.name


@dataclass(frozen=True, slots=True)
class Sealing:
    """With what a joined file is signed."""

    identity: Identity
    settings: Settings
    destination: Destination
    """Where the export will lie; names its credentials where they go beside it."""
    pictures: Thumbnails


@dataclass(frozen=True, slots=True)
class Sealed:
    """What there is to tell of a signature."""

    ingredients: int
    remarks: tuple[Problem, ...]


def signer(settings: Settings) -> SignedBy:
    """The identity the settings ask for; the development identity is made on first use.

    Raises:
        DocumentError: when a certificate is given without a key, or a key without a certificate.
        MachineError: when the identity can't be read, others can read its key, or the program
            that holds the key is missing or does not say who signs.
    """
    signing: Signing = settings.signing
    if signing.off:
        return SignedBy(None)
    if signing.command:
        limits = Limits(withheld=(PASSPHRASE,))
        return SignedBy(from_command(signing.command, signing.cert, limits))
    if signing.cert is None and signing.key is None:
        return SignedBy(development(settings.data))
    if signing.cert is None or signing.key is None:
        hint = "or --signer-cmd with a program that holds the key"
        raise DocumentError(
            Problem("signer-incomplete", "a signature needs --sign-cert and --sign-key", hint=hint)
        )
    return SignedBy(from_pem(signing.cert, signing.key, ask=signing.ask))


def sign(decided: Plan, promised: Promises, files: tuple[Path, Path], sealing: Sealing) -> Sealed:
    """Sign a joined file into another.

    `files` are the unsigned file and the signed one to be; credentials that don't go into it lie
    beside it.

    Raises:
        PolicyError, MediaError, RenderError: as `finisher.provenance.signing.signed`.
        MachineError: the same; when there is no time-stamp, in a strict run.
    """
    settings = sealing.settings
    request = replace(manifest(decided, promised, __version__), anchors=settings.anchor_text())
    folder = Path(decided.edl_path).parent
    address, remarks = _noted(decided, files[0], sealing)
    manner = Manner(sealing.destination.sidecarred, address, _stamping(settings.signing))
    made = signed(files, request, sealing.identity, folder, sealing.pictures, manner)
    if made.unstamped is not None:
        remarks = (*remarks, _unstamped(made.unstamped, strict=settings.strict))
    return Sealed(len(request.ingredients), remarks)


def _stamping(signing: Signing) -> TimeStamping | None:
    """Who is asked for a time-stamp."""
    return TimeStamping(signing.time_stamp) if signing.time_stamp is not None else None


def _noted(decided: Plan, joined: Path, sealing: Sealing) -> tuple[str | None, tuple[Problem, ...]]:
    """Note in a joined file where on the web its credentials will lie; what is to be said of it.

    Raises:
        OSError: when the file can't be written.
    """
    folder = sealing.settings.signing.address
    if folder is None:
        return None, ()
    address = f"{folder.rstrip('/')}/{quote(sealing.destination.sidecar.name)}"
    if decided.preset.container.format is not ContainerFormat.WEBM:
        note(joined, address)
        return address, ()
    message = f"webm has no place for an address: {address} is not noted in the film"
    return None, (Problem("address-unnoted", message, severity=Severity.WARNING),)


def _unstamped(reason: str, *, strict: bool) -> Problem:
    """A word on a missing time-stamp.

    Raises:
        MachineError: when the run is strict.
    """
    message = f"signed without a time-stamp: {reason}"
    if strict:
        hint = "without --strict it is delivered, and told"
        raise MachineError(Problem("time-stamp-missing", f"{message} (strict)", hint=hint))
    hint = "once the certificate runs out, it reads as expired; the next run asks again"
    return Problem("time-stamp-missing", message, hint=hint, severity=Severity.WARNING)
