"""Issue the certificates of a development identity: root, intermediate and signing leaf."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAME = "finisher development identity"
ORGANISATION = "not publicly trusted"
_YEAR = timedelta(days=365)
# Clocks of machines that check the file may run behind the one that made it.
_HEADSTART = timedelta(hours=1)
# Claim signing alone is unknown to older validators; with e-mail protection all accept the leaf.
_LEAF_USAGES = (
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1"),
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A new identity as PEM: the leaf's key, leaf, intermediate and root, in this order."""

    key: bytes
    leaf: bytes
    intermediate: bytes
    root: bytes


@dataclass(frozen=True, slots=True)
class _Kind:
    """What a certificate is for: its part in the name, its years, and whether it issues others."""

    role: str
    years: int
    authority: bool
    path_length: int | None = None


_ROOT = _Kind(" root", 10, authority=True)
_INTERMEDIATE = _Kind(" intermediate", 10, authority=True, path_length=0)
_LEAF = _Kind("", 5, authority=False)


@dataclass(frozen=True, slots=True)
class _Party:
    """A certificate and the key it speaks for."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def pem(self) -> bytes:
        """The certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)


def issue(now: datetime) -> Issued:
    """Make a development identity: ES256, a leaf valid for five years from an hour ago."""
    root = _certify(_ROOT, now, None)
    intermediate = _certify(_INTERMEDIATE, now, root)
    leaf = _certify(_LEAF, now, intermediate)
    key = leaf.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Issued(key, leaf.pem(), intermediate.pem(), root.pem())


def _certify(kind: _Kind, now: datetime, issuer: _Party | None) -> _Party:
    """A certificate with a key of its own, signed by its issuer or, without one, by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    signing_key = issuer.key if issuer else key
    subject = _name(kind.role)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _HEADSTART)
        .not_valid_after(now + kind.years * _YEAR)
    )
    for extension, critical in _extensions(kind, key.public_key(), signing_key.public_key()):
        builder = builder.add_extension(extension, critical=critical)
    return _Party(builder.sign(signing_key, hashes.SHA256()), key)


def _extensions(
    kind: _Kind, own: ec.EllipticCurvePublicKey, issuers: ec.EllipticCurvePublicKey
) -> list[tuple[x509.ExtensionType, bool]]:
    """What the C2PA certificate profile asks for; True marks the critical ones."""
    usage = x509.KeyUsage(
        digital_signature=not kind.authority,
        key_cert_sign=kind.authority,
        crl_sign=kind.authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    extensions: list[tuple[x509.ExtensionType, bool]] = [
        (x509.BasicConstraints(ca=kind.authority, path_length=kind.path_length), True),
        (usage, True),
        (x509.SubjectKeyIdentifier.from_public_key(own), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(issuers), False),
    ]
    if not kind.authority:
        extensions.append((x509.ExtendedKeyUsage(list(_LEAF_USAGES)), False))
    return extensions


def _name(role: str) -> x509.Name:
    """A subject that can't be mistaken for anybody's real name."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION),
            x509.NameAttribute(NameOID.COMMON_NAME, NAME + role),
        ]
    )
