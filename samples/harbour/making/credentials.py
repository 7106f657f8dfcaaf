"""Content credentials of two invented vendors, made with throw-away keys."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from c2pa import Builder, C2paSignerInfo, C2paSigningAlg, Context, Reader, Signer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_EKUS = ("1.3.6.1.5.5.7.3.4", "1.3.6.1.4.1.62558.2.1")
_AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
_YEARS = 365 * 20 + 5
_NAMES = {"lumenfall": "Lumenfall", "tidecast": "Tidecast"}
_MODELS = {"lumenfall": ("Lumenfall Video", "3.1"), "tidecast": ("Tidecast Motion", "2.0")}
Key = ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Vendor:
    """A signing chain: the root's PEM to trust, the leaf-first chain and its key in memory."""

    name: str
    root: bytes
    chain: bytes
    key: bytes


def make(vendor: str) -> Vendor:
    """Root, intermediate and leaf, all ES256; the keys never leave this process."""
    title = _NAMES[vendor]
    root_key, mid_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root_name = _subject(title, f"{title} Sample Root")
    mid_name = _subject(title, f"{title} Sample Issuer")
    root = _certificate(root_name, root_key, root_name, root_key, depth=1)
    mid = _certificate(mid_name, mid_key, root_name, root_key, depth=0)
    leaf = _certificate(_subject(title, f"{title} Sample Signer"), leaf_key, mid_name, mid_key)
    pem = serialization.Encoding.PEM
    secret = leaf_key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain = leaf.public_bytes(pem) + mid.public_bytes(pem)
    return Vendor(vendor, root.public_bytes(pem), chain, secret)


def sign(vendor: Vendor, source: Path, target: Path, title: str, scene: str) -> None:
    """Sign ``source`` into ``target`` (another file) as made by the vendor's model."""
    agent, version = _MODELS[vendor.name]
    manifest = {
        "claim_generator_info": [{"name": agent, "version": version}],
        "title": title,
        "assertions": [
            {
                "label": "c2pa.actions.v2",
                "data": {
                    "allActionsIncluded": True,
                    "actions": [
                        {
                            "action": "c2pa.created",
                            "digitalSourceType": _AI,
                            "softwareAgent": {"name": agent, "version": version},
                            "description": scene,
                        }
                    ],
                },
            }
        ],
    }
    info = C2paSignerInfo(
        alg=C2paSigningAlg.ES256, sign_cert=vendor.chain, private_key=vendor.key, ta_url=None
    )
    context = _context(vendor.root.decode())
    with Signer.from_info(info) as signer, Builder(manifest, context) as builder:
        builder.sign_file(str(source), str(target), signer)


def verify(path: Path, anchors: str) -> None:
    """Refuse a take that does not read back as trusted and without any failure."""
    with Reader(str(path), context=_context(anchors)) as reader:
        report = json.loads(reader.json())
    failures = report["validation_results"]["activeManifest"]["failure"]
    if report["validation_state"] != "Trusted" or failures:
        raise RuntimeError(f"{path.name}: {report['validation_state']} {failures}")


def _context(anchors: str) -> Context:
    return Context.from_dict(
        {
            "trust": {"user_anchors": anchors, "trust_config": "\n".join(_EKUS)},
            "verify": {
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
                "verify_after_sign": True,
            },
            "builder": {"created_assertion_labels": ["c2pa.actions"]},
        }
    )


def _subject(organisation: str, common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"{organisation} (invented)"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _certificate(
    subject: x509.Name, key: Key, issuer: x509.Name, issuer_key: Key, depth: int | None = None
) -> x509.Certificate:
    """A CA certificate when ``depth`` is given, otherwise a signing leaf."""
    authority = depth is not None
    start = datetime.now(UTC) - timedelta(days=1)
    usage = x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=_YEARS))
        .add_extension(x509.BasicConstraints(authority, depth), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if not authority:
        purposes = [x509.ObjectIdentifier(oid) for oid in _EKUS]
        builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())
