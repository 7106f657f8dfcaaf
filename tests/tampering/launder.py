"""Good signatures over bad material: look-alikes, laundered takes, records nobody can hold to."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import c2pa
from cryptography import x509
from tests.tampering import cose, forge, tools
from tests.tampering.boxes import credentials, without_store, wrapped
from tests.tampering.forge import Part, Terms, part
from tests.tampering.stage import Stage

SERVER = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.1")


def bare(source: Path, to: Path) -> Path:
    """The media of a signed file without a store."""
    return tools.written(to, without_store(source.read_bytes()))


def lookalike(stage: Stage, folder: Path) -> Path:
    """The export stripped and signed by one who calls himself the house: taken by a camera."""
    by = forge.maker(stage.house.name)
    source = bare(stage.export, folder / "bare.mp4")
    return forge.sign(source, folder / "out.mp4", by, forge.claim("x", forge.CAPTURE), Terms())


def promises_of(path: Path) -> dict[str, Any]:
    """The assertion of promises as it stands in a file."""
    found = forge.store(path)
    active = found["manifests"][found["active_manifest"]]
    label = "org.finisher.promises"
    return next(a for a in active["assertions"] if a["label"] == label)


def lookalike_promising(stage: Stage, folder: Path) -> Path:
    """The same, with the promises the house had made."""
    by = forge.maker(stage.house.name)
    source = bare(stage.export, folder / "bare.mp4")
    manifest = forge.claim("x", forge.CAPTURE, (), _plain(promises_of(stage.export)))
    return forge.sign(source, folder / "out.mp4", by, manifest, Terms())


def _plain(assertion: dict[str, Any]) -> dict[str, Any]:
    return {"label": assertion["label"], "data": assertion["data"]}


def stranger(stage: Stage, folder: Path) -> Path:
    source = bare(stage.export, folder / "bare.mp4")
    by = forge.self_signed(stage.house.name)
    return forge.sign(source, folder / "out.mp4", by, forge.claim("x"), Terms())


def wrong_usage(stage: Stage, folder: Path) -> Path:
    """A web server's certificate, which the SDK would not sign with."""
    return cose.resigned(stage.export, folder / "out.mp4", stage.house, usages=(SERVER,))


def premature(stage: Stage, folder: Path) -> Path:
    """A certificate that becomes valid in a year."""
    start = datetime.now(UTC) + timedelta(days=365)
    span = (start, start + timedelta(days=30))
    return cose.resigned(stage.export, folder / "out.mp4", stage.house, validity=span)


def expired(stage: Stage, folder: Path) -> Path:
    """A certificate that runs out a second after it signed."""
    by = brief("Short Lived", 1)
    made = forge.sign(bare(stage.export, folder / "bare.mp4"), folder / "out.mp4", by,
                      forge.claim("x"), Terms())  # fmt: skip
    end = x509.load_pem_x509_certificate(by.chain.encode()).not_valid_after_utc
    # A certificate is good to the end of its last second.
    time.sleep(max(0.0, (end - datetime.now(UTC)).total_seconds() + 1.1))
    return made


def brief(name: str, seconds: float) -> forge.Maker:
    """A maker whose leaf is valid for seconds from now."""
    now = datetime.now(UTC)
    return forge.maker(
        name, validity=(now - timedelta(minutes=1), now + timedelta(seconds=seconds))
    )


def _spoilt(stage: Stage, folder: Path, how: str) -> Part:
    """Take `a`, spoilt, as an ingredient."""
    take = stage.take("a")
    data = take.read_bytes()
    path = folder / "a.mp4"
    if how == "flipped":
        tools.written(path, tools.flipped(data, data.rindex(b"mdat") + 200))
    elif how == "relabelled":
        tools.written(
            path, tools.replaced(data, b"trainedAlgorithmicMedia", b"digitalCapture/////////")
        )
    elif how == "damaged":
        box = credentials(data)
        tools.written(path, tools.flipped(data, data.index(b"jumb", box.start) + 1))
    elif how == "doubled":
        box = credentials(data)
        tools.written(path, tools.inserted(data, box.end, data[box.start : box.end]))
    elif how == "stripped":
        bare(take, path)
    elif how == "lookalike":
        by = forge.maker(stage.makers["a"].name)
        source = bare(take, folder / "bare.mp4")
        forge.sign(source, path, by, forge.claim("a.mp4", forge.CAPTURE), Terms())
    elif how == "unknown":
        source = bare(take, folder / "bare.mp4")
        forge.sign(source, path, forge.maker("Nobody"), forge.claim("a.mp4"), Terms())
    return part(path, "take-a")


def _invented() -> Part:
    """A record of a manifest that nobody ever saw."""
    urn = "urn:c2pa:00000000-0000-4000-8000-000000000001"
    codes = (
        "claimSignature.validated",
        "claimSignature.insideValidity",
        "assertion.bmffHash.match",
    )
    success = [{"code": c, "url": f"self#jumbf=/c2pa/{urn}/c2pa.signature"} for c in codes]
    results = {"success": success, "informational": [], "failure": []}
    record = {"title": "a.mp4", "relationship": "componentOf", "label": "take-a"}
    return Part(record | {"validation_results": {"activeManifest": results}})


def bad_take(how: str, *, promising: bool = True) -> Callable[[Stage, Path], Path]:
    """An export that the house signs over a spoilt take; the other two are as they were."""

    def make(stage: Stage, folder: Path) -> Path:
        first = _invented() if how == "invented" else _spoilt(stage, folder, how)
        if how in ("damaged", "doubled"):
            # The SDK takes no such file; honest tools record that it could not be read.
            failure = {"code": "manifest.inaccessible", "url": "", "explanation": "damaged"}
            results = {"success": [], "informational": [], "failure": [failure]}
            first = Part(first.record | {"validation_results": {"activeManifest": results}})
        parts = (first, *(part(stage.take(name), f"take-{name}") for name in "bc"))
        promises = (promises_of(stage.export),) if promising else ()
        return assembled(stage, folder, parts, *promises)

    return make


def assembled(stage: Stage, folder: Path, parts: tuple[Part, ...], *more: dict[str, Any]) -> Path:
    """The export's own media, signed by the house over these parts."""
    source = bare(stage.export, folder / "export.bare.mp4")
    named = [item.record["label"] for item in parts]
    manifest = forge.claim("x", forge.AI_COMPOSITE, named, *map(_plain, more))
    terms = Terms(anchors=stage.anchors, parts=parts)
    return forge.sign(source, folder / "out.mp4", stage.house, manifest, terms)


def nested(depth: int) -> Callable[[Stage, Path], Path]:
    """A spoilt take at the bottom of exports of exports."""

    def make(stage: Stage, folder: Path) -> Path:
        below = _spoilt(stage, folder, "flipped")
        for level in range(depth):
            inner = folder / f"level{level}"
            inner.mkdir()
            below = part(assembled(stage, inner, (below,)), "take-a")
        assert below.path is not None
        return shutil.copyfile(below.path, folder / "out.mp4")

    return make


def sidecar(whose: str) -> Callable[[Stage, Path], Path]:
    """The export without a store, and one beside it."""

    def make(stage: Stage, folder: Path) -> Path:
        # A store beside a file binds it as it is: made for the bare file, or for another.
        media = bare(stage.export, folder / "out.mp4")
        signed_over = media if whose == "own" else stage.raw("a")
        (folder / "out.c2pa").write_bytes(loose_store(stage, signed_over))
        return media

    return make


def loose_store(stage: Stage, path: Path) -> bytes:
    """A store that goes beside a file."""
    context = forge.context(None, builder={"created_assertion_labels": list(forge.ATTRIBUTED)})
    algorithm = c2pa.C2paSigningAlg[stage.house.algorithm.upper()]
    with (
        c2pa.Builder(forge.claim("x"), context) as builder,
        c2pa.Signer.from_callback(stage.house.sign, algorithm, stage.house.chain, None) as signer,
        path.open("rb") as stream,
        (path.parent / "unused.mp4").open("w+b") as unused,
    ):
        builder.set_no_embed()
        return bytes(builder.sign(signer, "video/mp4", stream, unused))


_XMP = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dcterms="http://purl.org/dc/terms/"
 dcterms:provenance="https://example.invalid/manifest.c2pa"/></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def remote(stage: Stage, folder: Path) -> Path:
    """A file that names an address of its credentials and carries none."""
    media = bare(stage.export, folder / "bare.mp4").read_bytes()
    box = wrapped(b"uuid", tools.XMP_UUID + _XMP.encode())
    return tools.written(folder / "out.mp4", media + box)


def other_film(stage: Stage, folder: Path) -> Path:
    """Another film of as many frames, which the house signs with this one's promises."""
    source = forge.film(folder / "other.mp4", 9, 48)
    parts = tuple(part(stage.take(name), f"take-{name}") for name in "abc")
    named = [item.record["label"] for item in parts]
    promises = _plain(promises_of(stage.export))
    manifest = forge.claim("x", forge.AI_COMPOSITE, named, promises)
    terms = Terms(anchors=stage.anchors, parts=parts)
    return forge.sign(source, folder / "out.mp4", stage.house, manifest, terms)
