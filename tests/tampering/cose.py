"""Claims signed by hand, with certificates that the SDK refuses to sign with.

A claim's signature is a COSE_Sign1 (RFC 9052): protected headers with the certificates, an
unprotected part, no payload, and the signature over both headers and claim.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from tests.tampering import forge
from tests.tampering.boxes import (
    Box,
    boxes,
    description,
    manifests,
    store_of,
    store_with,
    with_store,
)
from tests.tampering.forge import Maker


def text(value: bytes) -> bytes:
    """A CBOR byte string."""
    return head(2, len(value)) + value


def named(key: str) -> bytes:
    """A CBOR text string."""
    return head(3, len(key)) + key.encode()


def head(major: int, count: int) -> bytes:
    """The head of a CBOR item."""
    if count < 24:
        return bytes([major << 5 | count])
    width = 1 if count < 1 << 8 else 2 if count < 1 << 16 else 4
    return bytes([major << 5 | {1: 24, 2: 25, 4: 26}[width]]) + count.to_bytes(width, "big")


def content(store: bytes, manifest: Box, label: str) -> Box:
    """The content box of a manifest's part."""
    _, at = description(store, manifest)
    for box in boxes(store, at, manifest.end):
        found, inner = description(store, box)
        if found == label:
            return boxes(store, inner, box.end)[0]
    raise AssertionError(label)


def resigned(
    source: Path,
    to: Path,
    by: Maker,
    *,
    usages: Sequence[x509.ObjectIdentifier] = (forge.EMAIL, forge.CLAIM_SIGNING),
    validity: tuple[datetime, datetime] | None = None,
) -> Path:
    """A signed file whose active claim is signed again with another leaf of the same key."""
    data = source.read_bytes()
    store = store_of(data)
    parts = [part for _, part in manifests(store)]
    parts[-1] = _again(parts[-1], by, usages, validity)
    to.write_bytes(with_store(data, store_with(store, parts)))
    return to


def _again(
    manifest: bytes,
    by: Maker,
    usages: Sequence[x509.ObjectIdentifier],
    validity: tuple[datetime, datetime] | None,
) -> bytes:
    (whole,) = boxes(manifest)
    claim_box = content(manifest, whole, "c2pa.claim.v2")
    signed = content(manifest, whole, "c2pa.signature")
    claim = manifest[claim_box.body : claim_box.end]
    old = x509.load_pem_x509_certificate(by.chain.encode())
    root_key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    span = validity or (now - timedelta(days=1), now + timedelta(days=30))
    was = made = old.public_bytes(serialization.Encoding.DER)
    # Until the new certificate is as long as the old one, so that all lengths stay as they are: a
    # longer issuer makes up for usages left out, and signatures vary by two bytes of their own.
    for filling in itertools.cycle(range(30)):
        issuer = by.name + "." * filling
        leaf = forge.certificate(by.name, by.key, issuer, root_key, span, usages)
        made = leaf.public_bytes(serialization.Encoding.DER)
        if len(was) == len(made):
            break
    envelope = manifest[signed.body : signed.end]
    assert was in envelope
    envelope = envelope.replace(was, made)
    return manifest[: signed.body] + _signed(envelope, claim, by) + manifest[signed.end :]


def _signed(envelope: bytes, claim: bytes, by: Maker) -> bytes:
    """The envelope with a signature that fits its protected headers and the claim."""
    at = 1 if envelope[0] == 0xD2 else 0
    assert envelope[at] == 0x84
    at += 1
    kind = envelope[at]
    assert kind >> 5 == 2
    width = {24: 1, 25: 2, 26: 4}[kind & 31]
    count = int.from_bytes(envelope[at + 1 : at + 1 + width], "big")
    start = at + 1 + width
    protected = envelope[start : start + count]
    structure = head(4, 4) + head(3, 10) + b"Signature1" + text(protected) + text(b"") + text(claim)
    r, s = decode_dss_signature(by.key.sign(structure, ec.ECDSA(hashes.SHA256())))
    raw = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    assert envelope[-66:-64] == b"\x58\x40"
    return envelope[:-64] + raw
