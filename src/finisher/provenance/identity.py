"""Who signs: an identity made for development, or certificate and key of one's own."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import NameOID

from finisher import command
from finisher.c2pa.sdk import EKUS
from finisher.c2pa.signing import Signer
from finisher.command import Limits
from finisher.problems import DocumentError, MachineError, Problem
from finisher.provenance.certificates import issue
from finisher.provenance.commanded import asking, described
from finisher.provenance.keys import algorithm, checked, fits, signing
from finisher.regular import regular

PASSPHRASE = "FINISH_KEY_PASSPHRASE"  # noqa: S105 - the variable's name, not its value
_FILE = "development-identity.pem"
_RENEW_BEFORE = timedelta(days=30)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Certificates and keys are a few kilobytes; anything larger is not what it is taken for.
_LARGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Identity:
    """A signer and what reports say of it; its key stays inside the signer's function."""

    name: str
    """Common name and organisation of the leaf, as a checker will show them."""
    signer: Signer
    development: bool
    not_after: datetime
    root: str | None = None
    """PEM of the development identity's own root: an anchor for whoever chooses to trust it."""

    @property
    def until(self) -> datetime:
        """Until when it serves as it is: one's own runs out, the development one is renewed."""
        return self.not_after - (_RENEW_BEFORE if self.development else timedelta())


def development(folder: Path, now: datetime | None = None) -> Identity:
    """The development identity of this machine, made on first use and when it runs out.

    Key and chain live in one file that only its owner can read and that appears whole or not at
    all, so that processes starting together end up with the same identity.

    Args:
        folder: where it is kept; created if need be.
        now: the instant to judge validity by; default the machine's clock.

    Raises:
        MachineError: when it can't be written or read, is damaged, or others can read it.
    """
    now = now or datetime.now(UTC)
    path = development_file(folder)
    if not os.path.exists(path):  # noqa: PTH110 - False, not an error, where it can't be looked at
        _write(path, now, _link)
    identity = _stored(path)
    if now > identity.until:
        _write(path, now, os.replace)
        identity = _stored(path)
    return identity


def development_file(folder: Path) -> Path:
    """Where the development identity is kept, made or not."""
    return folder / _FILE


def _write(path: Path, now: datetime, settle: Callable[[str, Path], None]) -> None:
    """Make an identity beside its place, then settle it there in one step."""
    made = issue(now)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # mkstemp's file is readable by its owner alone from the first byte on.
        handle, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(made.key + made.leaf + made.intermediate + made.root)
            settle(part, path)
        finally:
            Path(part).unlink(missing_ok=True)
    except OSError as error:
        raise MachineError(
            Problem(
                "identity-unwritable",
                f"can't keep a development identity in {path.parent}: {error.strerror}",
                hint="name a certificate with --sign-cert, or export with --no-sign",
            )
        ) from None


def _link(part: str, path: Path) -> None:
    """Settle a file unless another process was first, in which case theirs stays."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return
    except OSError:
        # Some file systems have no links. Replacing is atomic too; the last one stays.
        Path(part).replace(path)


def _stored(path: Path) -> Identity:
    """The development identity in a file."""
    data = _private(path)
    try:
        key = serialization.load_pem_private_key(data, None)
        leaf, intermediate, root = x509.load_pem_x509_certificates(data)
        signer = Signer(algorithm(key), _pem(leaf) + _pem(intermediate), signing(key))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise MachineError(
            Problem(
                "identity-damaged",
                f"the development identity in {path} is damaged",
                hint="delete the file; a new one will be made",
            )
        ) from None
    return Identity(
        _shown(leaf), signer, development=True, not_after=leaf.not_valid_after_utc, root=_pem(root)
    )


Ask = Callable[[str], str | None]
"""Asks somebody for the passphrase of a key, by the name of its file; None where nobody answers."""


def from_pem(
    cert: Path, key: Path, now: datetime | None = None, ask: Ask | None = None
) -> Identity:
    """An identity of one's own: a chain, leaf first, and the leaf's private key, both PEM.

    An encrypted key is opened with the passphrase in `FINISH_KEY_PASSPHRASE`, or the one that
    `ask` gives.

    Raises:
        MachineError: when a file is missing, others can read the key, the passphrase is missing
            or wrong, or the certificate is out of its validity.
        DocumentError: when the files are not what they should be, don't belong together, or the
            certificate is not fit for signing claims.
    """
    chain = _chain(cert)
    private = _private_key(key, ask)
    if private.public_key() != chain[0].public_key():
        raise DocumentError(
            Problem(
                "key-mismatch",
                f"{key.name} is not the key of the first certificate in {cert.name}",
                hint="the signer's own certificate comes first, its issuer's after it",
            )
        )
    leaf = _fit(chain[0], cert.name, now or datetime.now(UTC))
    return _own(leaf, Signer(_algorithm(private, key), _text(chain), signing(private)))


def from_function(cert: Path, sign: Callable[[bytes], bytes], name: str) -> Identity:
    """An identity whose key is elsewhere: `sign` is given bytes and returns their signature.

    Args:
        cert: PEM chain, leaf first.
        sign: signs with the leaf's key; what it raises reaches the caller as it is.
        name: COSE algorithm of the signatures, e.g. `es256`.

    A signature that the leaf's key did not make is a MachineError when it is made.

    Raises:
        MachineError: when the chain is missing or out of its validity.
        DocumentError: when it is no chain, not fit for signing claims, or for another algorithm.
    """
    return _elsewhere(_chain(cert), cert.name, name, sign, Event())


def from_command(words: tuple[str, ...], cert: Path | None, limits: Limits) -> Identity:
    """An identity whose key a program holds that speaks c2patool's subprocess protocol.

    Args:
        words: the program and its first arguments.
        cert: PEM chain, leaf first; without one the program is asked for it.
        limits: what the program may take.

    Raises:
        MachineError: when there is no such program, it fails, or its chain is out of its validity.
        DocumentError: when the chain is none, not fit for signing claims, or for another algorithm.
    """
    command.find(words)
    stop = Event()
    if cert is None:
        told = described(words, limits)
        name = Path(words[0]).name
        chain = _certificates(told.chain.encode("utf-8", "replace"), name)
        return _elsewhere(chain, name, told.algorithm, asking(words, limits, stop), stop)
    chain = _chain(cert)
    try:
        own = algorithm(chain[0].public_key())
    except ValueError as error:
        raise DocumentError(Problem("key-unsuitable", f"{cert.name}: {error}")) from None
    return _elsewhere(chain, cert.name, own, asking(words, limits, stop, (own, cert)), stop)


def _elsewhere(
    chain: list[x509.Certificate],
    shown: str,
    name: str,
    sign: Callable[[bytes], bytes],
    stop: Event,
) -> Identity:
    """An identity over a function of somebody else's, whose every signature is checked.

    Raises:
        MachineError, DocumentError: as `from_function`.
    """
    leaf = _fit(chain[0], shown, datetime.now(UTC))
    public = leaf.public_key()
    if not fits(name, public):
        raise DocumentError(
            Problem("key-unsuitable", f"{shown}: its key does not sign by the algorithm {name!r}")
        )

    def proven(data: bytes) -> bytes:
        signature = checked(public, name, sign(data), data)
        if signature is None:
            raise MachineError(
                Problem(
                    "signature-mismatch",
                    f"what signed does not hold the key of the first certificate in {shown}",
                    hint="the signer's own certificate comes first; RSA signs with PSS padding",
                )
            )
        return signature

    return _own(leaf, Signer(name, _text(chain), proven, stop))


def _own(leaf: x509.Certificate, signer: Signer) -> Identity:
    """An identity that is not finisher's own."""
    return Identity(_shown(leaf), signer, development=False, not_after=leaf.not_valid_after_utc)


def _chain(path: Path) -> list[x509.Certificate]:
    """The certificates of a PEM file, leaf first."""
    return _certificates(_read(path)[0], path.name)


def _certificates(data: bytes, name: str) -> list[x509.Certificate]:
    """The certificates of PEM text, leaf first."""
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError:
        raise DocumentError(
            Problem("certificate-unreadable", f"{name} holds no PEM certificates")
        ) from None


def _private_key(path: Path, ask: Ask | None) -> PrivateKeyTypes:
    """The private key of a PEM file; no error of the library is passed on, lest it quote it."""
    data = _private(path)
    passphrase: str | None = None
    if b"ENCRYPTED" in data:
        passphrase = os.environ.get(PASSPHRASE) or (ask(path.name) if ask is not None else None)
    try:
        # Bytes of the environment that are no UTF-8 are taken as they are.
        secret = passphrase.encode("utf-8", "surrogateescape") if passphrase else None
        return serialization.load_pem_private_key(data, secret)
    except TypeError:
        raise MachineError(
            Problem(
                "key-locked",
                f"{path.name} is encrypted, and no passphrase was given",
                hint=f"set {PASSPHRASE}, or run it on a terminal to be asked",
            )
        ) from None
    except Exception:  # noqa: BLE001 - whatever a library has to say of a key is not passed on
        if b"ENCRYPTED" in data:
            raise MachineError(
                Problem(
                    "key-locked",
                    f"{path.name} does not open with that passphrase",
                    hint=f"check {PASSPHRASE}",
                )
            ) from None
        raise DocumentError(
            Problem("key-unreadable", f"{path.name} holds no private key in PEM form")
        ) from None


def _algorithm(key: PrivateKeyTypes, path: Path) -> str:
    """The signature algorithm a key is for."""
    try:
        return algorithm(key)
    except ValueError as error:
        raise DocumentError(Problem("key-unsuitable", f"{path.name}: {error}")) from None


def _fit(leaf: x509.Certificate, name: str, now: datetime) -> x509.Certificate:
    """A certificate that validators will accept as a claim signer, at least in form."""
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise MachineError(
            Problem(
                "certificate-expired",
                f"{name} is valid from {leaf.not_valid_before_utc:%Y-%m-%d} "
                f"to {leaf.not_valid_after_utc:%Y-%m-%d}, not now",
            )
        )
    try:
        usages = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        purposes = {usage.dotted_string for usage in usages}
    except (x509.ExtensionNotFound, ValueError):
        purposes = set()
    if not purposes & set(EKUS[:4]):
        raise DocumentError(
            Problem(
                "certificate-unsuitable",
                f"{name} is not for signing: no key usage that C2PA accepts",
                hint="e-mail protection, document signing or C2PA claim signing is needed",
            )
        )
    return leaf


def _private(path: Path) -> bytes:
    """The content of a key file, refused where others than its owner can read it."""
    data, mode = _read(path)
    # Elsewhere access lists decide, and mode bits say nothing.
    if os.name == "posix" and mode & _OTHERS:
        raise MachineError(
            Problem(
                "key-exposed",
                f"others can read the key in {path}",
                hint=f"chmod 600 {path.name}, and replace the key if anybody may have seen it",
            )
        )
    return data


def _read(path: Path) -> tuple[bytes, int]:
    """A small file's content, and the mode bits of the very file that was opened."""
    try:
        with regular(path).open("rb") as stream:
            return stream.read(_LARGEST), os.fstat(stream.fileno()).st_mode
    except OSError as error:
        raise MachineError(
            Problem("identity-unreadable", f"{path}: {error.strerror or 'unreadable'}")
        ) from None


def _pem(certificate: x509.Certificate) -> str:
    """A certificate as PEM text."""
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _text(chain: list[x509.Certificate]) -> str:
    """A chain as PEM text."""
    return "".join(map(_pem, chain))


def _shown(leaf: x509.Certificate) -> str:
    """Common name and organisation of a subject: `name (organisation)`."""
    common = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    organisation = leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    name = str(common[0].value) if common else "unnamed"
    return f"{name} ({organisation[0].value!s})" if organisation else name
