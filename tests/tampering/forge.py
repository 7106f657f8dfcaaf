"""Makers of signed media: any certificate, any claim, straight through the SDK.

Nothing of finisher's takes part: what is forged here is judged by code that did not make it.
"""

from __future__ import annotations

import io
import json
import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import c2pa
import cv2
import numpy as np
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI, CAPTURE = IPTC + "trainedAlgorithmicMedia", IPTC + "digitalCapture"
AI_COMPOSITE = IPTC + "compositeWithTrainedAlgorithmicMedia"
EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
CLAIM_SIGNING = x509.ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
MICROSOFT = x509.ObjectIdentifier("1.3.6.1.4.1.311.76.59.1.9")
ATTRIBUTED = ("c2pa.actions", "c2pa.ingredient", "org.finisher.promises")
_EKUS = [oid.dotted_string for oid in (EMAIL, CLAIM_SIGNING, DOCUMENT_SIGNING, MICROSOFT)]
_EKUS += ["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9"]
_ALGORITHMS = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
_DIGESTS = {"es256": hashes.SHA256(), "es384": hashes.SHA384(), "es512": hashes.SHA512()}


@dataclass(frozen=True)
class Maker:
    """Somebody who signs: a root to trust, a chain, and the key behind it."""

    name: str
    root: str
    chain: str
    key: Any

    @property
    def algorithm(self) -> str:
        if isinstance(self.key, rsa.RSAPrivateKey):
            return "ps256"
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return "ed25519"
        return _ALGORITHMS[self.key.curve.name]

    def sign(self, data: bytes) -> bytes:
        if isinstance(self.key, rsa.RSAPrivateKey):
            pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
            return self.key.sign(data, pss, hashes.SHA256())
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        return self.key.sign(data, ec.ECDSA(_DIGESTS[self.algorithm]))

    def key_pem(self) -> bytes:
        return self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )


def maker(
    name: str,
    *,
    key: Any = None,
    usages: Sequence[x509.ObjectIdentifier] = (EMAIL, CLAIM_SIGNING),
    validity: tuple[datetime, datetime] | None = None,
    intermediate: bool = False,
) -> Maker:
    """A maker with a root of its own; `validity` is that of the leaf alone."""
    now = datetime.now(UTC)
    long = (now - timedelta(days=30), now + timedelta(days=300))
    root_key = ec.generate_private_key(ec.SECP256R1())
    key = key or ec.generate_private_key(ec.SECP256R1())
    root = certificate(f"{name} Root", root_key, f"{name} Root", root_key, long)
    issuer, issuer_key, between = f"{name} Root", root_key, b""
    if intermediate:
        issuer, issuer_key = f"{name} Issuing", ec.generate_private_key(ec.SECP384R1())
        made = certificate(issuer, issuer_key, f"{name} Root", root_key, long)
        between = made.public_bytes(serialization.Encoding.PEM)
    leaf = certificate(name, key, issuer, issuer_key, validity or long, usages)
    pem = serialization.Encoding.PEM
    chain = (leaf.public_bytes(pem) + between).decode()
    return Maker(name, root.public_bytes(pem).decode(), chain, key)


def self_signed(name: str) -> Maker:
    """A leaf that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    span = (now - timedelta(days=1), now + timedelta(days=9))
    leaf = certificate(name, key, name, key, span, (EMAIL, CLAIM_SIGNING))
    pem = leaf.public_bytes(serialization.Encoding.PEM).decode()
    return Maker(name, pem, pem, key)


def certificate(
    name: str,
    key: Any,
    issuer: str,
    issuer_key: Any,
    validity: tuple[datetime, datetime],
    usages: Sequence[x509.ObjectIdentifier] | None = None,
) -> x509.Certificate:
    """A certificate; without usages it is an authority's."""
    ca = usages is None
    usage = x509.KeyUsage(
        digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, content_commitment=False,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    theirs = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = x509.CertificateBuilder(
        subject_name=_named(name),
        issuer_name=_named(issuer),
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=validity[0],
        not_valid_after=validity[1],
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(own, critical=False).add_extension(theirs, critical=False)
    if usages:
        # Time-stamping authorities are refused unless they say so critically.
        alone = tuple(usages) == (ExtendedKeyUsageOID.TIME_STAMPING,)
        builder = builder.add_extension(x509.ExtendedKeyUsage(list(usages)), critical=alone)
    return builder.sign(issuer_key, hashes.SHA256())


def _named(name: str) -> x509.Name:
    organisation = x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)
    return x509.Name([organisation, x509.NameAttribute(NameOID.COMMON_NAME, f"{name} signer")])


def claim(
    title: str,
    source_type: str | None = AI,
    placed: Sequence[str] = (),
    *more: dict[str, Any],
) -> dict[str, Any]:
    """A small manifest: created, everything placed, and more assertions."""
    created: dict[str, Any] = {"action": "c2pa.created"}
    if source_type is not None:
        created["digitalSourceType"] = source_type
    actions = [created]
    actions += [{"action": "c2pa.placed", "parameters": {"ingredientIds": [p]}} for p in placed]
    return {
        "claim_generator_info": [{"name": "Dream", "version": "3"}],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}, *more],
    }


@dataclass(frozen=True)
class Part:
    """An ingredient: its record, and the file it is read from; None for a record alone."""

    record: dict[str, Any]
    path: Path | None = None
    kind: str | None = None


def part(path: Path, label: str, relationship: str = "componentOf") -> Part:
    """A file that went in, as honest tools record it."""
    return Part({"title": path.name, "relationship": relationship, "label": label}, path)


@dataclass(frozen=True)
class Terms:
    """How to sign."""

    anchors: str | None = None
    verify: bool = True
    attributed: tuple[str, ...] = ATTRIBUTED
    stamp: str | None = None
    kind: str | None = None
    parts: tuple[Part, ...] = ()
    core: dict[str, Any] = field(default_factory=dict)
    """More settings of the SDK's `core`."""


def context(anchors: str | None, **more: Any) -> c2pa.Context:
    """The SDK's settings: no network, every usage, the given anchors."""
    trust = {"trust_config": "\n".join(_EKUS)} | ({"user_anchors": anchors} if anchors else {})
    verify = {"remote_manifest_fetch": False, "ocsp_fetch": False} | more.pop("verify", {})
    return c2pa.Context.from_dict({"trust": trust, "verify": verify, **more})


def sign(source: Path, to: Path, by: Maker, manifest: dict[str, Any], terms: Terms) -> Path:
    """Sign a file through the SDK alone."""
    settings = context(
        terms.anchors,
        verify={"verify_after_sign": terms.verify},
        builder={"created_assertion_labels": list(terms.attributed)},
        core=terms.core,
    )
    algorithm = c2pa.C2paSigningAlg[by.algorithm.upper()]
    kind = terms.kind or kind_of(source)
    with (
        c2pa.Builder(manifest, settings) as builder,
        c2pa.Signer.from_callback(by.sign, algorithm, by.chain, terms.stamp) as signer,
        source.open("rb") as reading,
        to.open("x+b") as writing,
    ):
        for item in terms.parts:
            _add(builder, item)
        builder.sign(signer, kind, reading, writing)
    return to


def _add(builder: c2pa.Builder, item: Part) -> None:
    if item.path is None:
        builder.add_ingredient(item.record, "application/octet-stream", io.BytesIO())
        return
    with item.path.open("rb") as stream:
        builder.add_ingredient(item.record, item.kind or kind_of(item.path), stream)


def kind_of(path: Path) -> str:
    special = {".webp": "image/webp", ".flac": "audio/flac", ".m4a": "audio/mp4"}
    return special.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "video/mp4"


def store(path: Path, anchors: str | None = None) -> dict[str, Any]:
    """The SDK's own document about a file.

    Raises:
        c2pa.C2paError: when it reads none.
    """
    with (
        path.open("rb") as stream,
        c2pa.Reader(kind_of(path), stream, context=context(anchors)) as r,
    ):
        return json.loads(r.json())


def state(path: Path, anchors: str | None = None) -> str:
    """What the SDK alone says of a file: its validation state, or the kind of its error."""
    try:
        return store(path, anchors)["validation_state"]
    except c2pa.C2paError as error:
        return str(error).partition(":")[0]
    except ValueError:
        return "no JSON"


def urn(path: Path) -> str:
    return store(path)["active_manifest"]


def film(path: Path, seed: int, frames: int = 24, codec: str = "libx264") -> Path:
    """An unsigned film of something soft that moves, 320 by 180, with a steady tone."""
    dice = np.random.default_rng(seed)
    coarse = dice.integers(40, 200, (12, 22)).astype(np.float32)
    wide = cv2.resize(coarse, (320 + 4 * frames, 200), interpolation=cv2.INTER_CUBIC)
    with av.open(str(path), "w") as container:
        options = {"crf": "20", "preset": "ultrafast"} if codec == "libx264" else {}
        stream = container.add_stream(codec, rate=Fraction(24), options=options)
        stream.width, stream.height = 320, 180
        stream.pix_fmt = "yuv420p" if codec == "libx264" else "yuv422p10le"
        known = stream.codec_context
        known.color_range = known.colorspace = known.color_primaries = known.color_trc = 1
        sound = container.add_stream("aac", rate=48_000, layout="stereo")
        for number in range(frames):
            luma = wide[number % 20 : number % 20 + 180, 4 * number : 4 * number + 320]
            luma = np.clip(luma, 16, 235).astype(np.uint8)
            flat = np.full((90, 320), 128, np.uint8)
            picture = av.VideoFrame.from_ndarray(np.vstack([luma, flat]), format="yuv420p")
            picture.color_range = picture.colorspace = 1
            picture.pts, picture.time_base = number, Fraction(1, 24)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        time = np.arange(2000 * frames) / 48_000
        wave = (0.2 * np.sin(2 * np.pi * (300 + 40 * seed) * time)).astype(np.float32)
        block = av.AudioFrame.from_ndarray(np.stack([wave, wave]), "fltp", "stereo")
        block.sample_rate, block.pts = 48_000, 0
        container.mux(sound.encode(block))
        container.mux(sound.encode(None))
    return path
