"""Throw-away vendors and the tiny signed films they make."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from finisher.c2pa.signing import IngredientFile, Signer, SigningRequest, sign
from finisher.provenance.keys import algorithm, signing

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAPTURE = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"
AI_COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
CLAIM_SIGNING = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
_HERE = Path(__file__).resolve()
FIXTURES = Path(os.environ.get("FINISHER_FIXTURES", _HERE.parents[4] / "shared" / "fixtures"))
needs_fixtures = pytest.mark.skipif(
    not (FIXTURES / "c2pa").is_dir(), reason="the folder of third-party fixtures is not here"
)


@dataclass(frozen=True)
class Vendor:
    """Somebody who signs: a root to trust and a signer."""

    root: str
    signer: Signer
    chain: bytes
    key: Any


def vendor(
    name: str = "Dream Machine",
    usages: tuple[Any, ...] = (ExtendedKeyUsageOID.EMAIL_PROTECTION, CLAIM_SIGNING),
    seconds: float = 3 * 86400,
    start: datetime | None = None,
    key: Any = None,
) -> Vendor:
    """A vendor's root and leaf, valid for three days."""
    # A day's head start: only the end of validity is of interest.
    start = start or datetime.now(UTC) - timedelta(days=1)
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = key or ec.generate_private_key(ec.SECP256R1())
    end = start + timedelta(seconds=seconds)
    root = _certificate(f"{name} root", root_key, f"{name} root", root_key, (start, end))
    leaf = _certificate(name, key, f"{name} root", root_key, (start, end), usages)
    chain = leaf.public_bytes(serialization.Encoding.PEM)
    return Vendor(
        root.public_bytes(serialization.Encoding.PEM).decode(),
        Signer(algorithm(key), chain.decode(), signing(key)),
        chain,
        key,
    )


def _certificate(name, key, issuer, issuer_key, validity, usages=None):
    ca = usages is None
    usage = x509.KeyUsage(
        digital_signature=not ca, key_cert_sign=ca, crl_sign=ca,
        content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )
    if usages:
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _name(name):
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, name),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name} signer"),
        ]
    )


def film(path: Path, seed: int = 1) -> Path:
    """An unsigned MP4 of four noisy pictures, 64 by 64."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(4):
            picture = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def claim(title: str, source_type: str = AI, placed: tuple[str, ...] = ()) -> dict[str, Any]:
    """A small manifest."""
    actions = [{"action": "c2pa.created", "digitalSourceType": source_type}]
    actions += [{"action": "c2pa.placed", "parameters": {"ingredientIds": [p]}} for p in placed]
    return {
        "claim_generator_info": [{"name": "Dream", "version": "3"}],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    }


def take(path: Path, by: Vendor, seed: int = 1, source_type: str = AI) -> Path:
    """A film signed by a vendor."""
    raw = film(path.with_name(f"{path.stem}.raw.mp4"), seed)
    sign(raw, path, SigningRequest(claim(path.name, source_type), by.signer, attributed=ACTIONS))
    return path


ACTIONS = ("c2pa.actions", "c2pa.ingredient")


def assembly(path: Path, by: Vendor, parts: list[Path], source_type: str = AI_COMPOSITE) -> Path:
    """A film with others as its ingredients."""
    raw = film(path.with_name(f"{path.stem}.raw.mp4"), 99)
    names = tuple(f"part-{number}" for number in range(len(parts)))
    files = tuple(
        IngredientFile(part, {"title": part.name, "relationship": "componentOf", "label": name})
        for name, part in zip(names, parts, strict=True)
    )
    manifest = claim(path.name, source_type, names)
    sign(raw, path, SigningRequest(manifest, by.signer, files, attributed=ACTIONS))
    return path


def flipped(path: Path, to: Path) -> Path:
    """The same file with one byte of its media changed."""
    data = bytearray(path.read_bytes())
    data[data.rindex(b"mdat") + 200] ^= 1
    to.write_bytes(data)
    return to


def store_box(data: bytes) -> tuple[int, int]:
    """Where the box that holds the manifest store lies."""
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"uuid":
            return at, at + size
        at += size
    raise AssertionError("no manifest store")


def relabelled(path: Path, to: Path) -> Path:
    """The same file with its manifest saying that a camera took it, in as many bytes."""
    data = path.read_bytes()
    old, new = b"trainedAlgorithmicMedia", b"digitalCapture/////////"
    assert len(old) == len(new)
    assert old in data
    to.write_bytes(data.replace(old, new))
    return to


def stripped(path: Path, to: Path) -> Path:
    """The same media copied by a tool that knows nothing of credentials."""
    with av.open(str(path)) as reading, av.open(str(to), "w") as writing:
        source = reading.streams.video[0]
        stream = writing.add_stream_from_template(source)
        for packet in reading.demux(source):
            if packet.dts is not None:
                packet.stream = stream
                writing.mux(packet)
    return to
