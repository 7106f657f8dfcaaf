"""Failures hidden by manifests that claim to have known of them.

The SDK leaves out of today's results whatever any ingredient record in the store already tells by
code and address, in whichever list, so a forged record silences a real failure. The store must be
able to grow without moving the media, whose places are hashed: the victim has free space behind it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import c2pa
from tests.tampering import forge
from tests.tampering.boxes import (
    boxes,
    credentials,
    inserted,
    manifests,
    store_of,
    store_with,
    wrapped,
)
from tests.tampering.forge import Part, Terms, part
from tests.tampering.launder import bare
from tests.tampering.stage import Stage
from tests.tampering.tools import written

_ROOM = 60_000
_MARKING, _REWRITTEN = b"/trainedAlgorithmicMedia", b"/digitalCapture/////////"
_CLAIMED = (
    ("claimSignature.validated", "/c2pa.signature"),
    ("claimSignature.insideValidity", "/c2pa.signature"),
    ("ingredient.manifest.validated", ""),
    ("assertion.bmffHash.match", "/c2pa.assertions/c2pa.hash.bmff.v3"),
)


def parts_of(data: bytes) -> list[bytes]:
    """The manifests of a file's store, as whole boxes."""
    return [part for _, part in manifests(store_of(data))]


def rewritten(data: bytes, parts: list[bytes]) -> bytes:
    """The file with other manifests in its store, the media where they were."""
    store = store_of(data)
    top = boxes(data)
    at = next(number for number, box in enumerate(top) if box.kind == b"uuid")
    holder, free = top[at], top[at + 1]
    assert free.kind == b"free"
    opening = data[holder.start + 8 : holder.end - len(store)]
    made = wrapped(b"uuid", opening + store_with(store, parts))
    left = free.end - holder.start - len(made)
    assert left >= 8
    return data[: holder.start] + made + wrapped(b"free", bytes(left - 8)) + data[free.end :]


def victim(stage: Stage, folder: Path, parts: tuple[Part, ...]) -> bytes:
    """An honest export by the house."""
    data = bare(stage.export, folder / "bare.mp4").read_bytes()
    free = wrapped(b"free", bytes(_ROOM))
    roomy = written(folder / "roomy.mp4", inserted(data, boxes(data)[0].end, free))
    named = [item.record["label"] for item in parts]
    manifest = forge.claim("x", forge.AI_COMPOSITE, named)
    terms = Terms(anchors=stage.anchors, parts=parts)
    made = forge.sign(roomy, folder / "victim.mp4", stage.house, manifest, terms)
    return made.read_bytes()


def takes(stage: Stage) -> tuple[Part, ...]:
    return tuple(part(stage.take(name), f"take-{name}") for name in "abc")


def failures(path: Path, anchors: str) -> list[dict[str, Any]]:
    """What the SDK finds wrong, at any depth."""
    results = forge.store(path, anchors)["validation_results"]
    found = list(results["activeManifest"]["failure"])
    for delta in results.get("ingredientDeltas", ()):
        found += delta["validationDeltas"]["failure"]
    return found


def lie(stage: Stage, folder: Path, known: list[dict[str, Any]], label: str | None = None) -> bytes:
    """A manifest by nobody whose only ingredient's record tells failures as if they were notes."""
    success = [{"code": c, "url": f"self#jumbf=/c2pa/{label}{end}"} for c, end in _CLAIMED]
    results = {"success": success if label else [], "informational": known, "failure": []}
    record = {"title": "it", "relationship": "componentOf", "label": "it"}
    record |= {"validation_results": {"activeManifest": results}}
    manifest = forge.claim("lie", forge.CAPTURE, ("it",)) | ({"label": label} if label else {})
    film = bare(stage.take("b"), folder / "film.mp4")
    to = folder / "lie.mp4"
    to.unlink(missing_ok=True)
    terms = Terms(parts=(Part(record),), verify=False)
    return forge.sign(film, to, forge.maker("Liar"), manifest, terms).read_bytes()


def usurped(stage: Stage, folder: Path) -> Path:
    """A take's manifest replaced by another of the same name, which knows what will be wrong."""
    data = victim(stage, folder, takes(stage))
    label = manifests(store_of(data))[0][0]
    out, known = folder / "out.mp4", []
    for _ in range(2):  # once to learn what is found wrong, once to have it known
        own = parts_of(data)
        false = parts_of(lie(stage, folder, known, label))[-1]
        written(out, rewritten(data, [false, *own[1:]]))
        known += failures(out, stage.anchors)
    return out


def silenced(stage: Stage, folder: Path) -> Path:
    """A take's marking rewritten, which another take told beforehand as if it were nothing."""
    label = forge.urn(stage.take("a"))
    rehearsal = folder / "rehearsal"
    rehearsal.mkdir()
    data = victim(stage, rehearsal, takes(stage)[:1])
    spoilt = [p.replace(_MARKING, _REWRITTEN) for p in parts_of(data)]
    tried = written(rehearsal / "tried.mp4", rewritten(data, spoilt))
    known = [f for f in failures(tried, stage.anchors) if label in f["url"]]
    lie(stage, folder, known)
    data = victim(stage, folder, (takes(stage)[0], part(folder / "lie.mp4", "take-b")))
    own = [
        p.replace(_MARKING, _REWRITTEN) if label.encode() in p[:120] else p for p in parts_of(data)
    ]
    return written(folder / "out.mp4", rewritten(data, own))


def updated(stage: Stage, source: Path, to: Path) -> bytes:
    """The house's own addition to what it signed: a claim that leaves the media to the one below.

    In an MP4 it lies in a box of its own behind everything.
    """
    attributed = {"created_assertion_labels": list(forge.ATTRIBUTED)}
    algorithm = c2pa.C2paSigningAlg[stage.house.algorithm.upper()]
    manifest = {"claim_generator_info": [{"name": "house"}], "assertions": []}
    with (
        c2pa.Builder(manifest, forge.context(stage.anchors, builder=attributed)) as builder,
        c2pa.Signer.from_callback(stage.house.sign, algorithm, stage.house.chain, None) as signer,
        source.open("rb") as reading,
        to.open("x+b") as writing,
    ):
        builder.set_intent(c2pa.C2paBuilderIntent.UPDATE)
        builder.sign(signer, "video/mp4", reading, writing)
    return to.read_bytes()


def exchanged(stage: Stage, folder: Path) -> Path:
    """Another film and another claim under the house's addition to its own."""
    victim(stage, folder, ())
    data = updated(stage, folder / "victim.mp4", folder / "updated.mp4")
    first, *_, last = (box for box in boxes(data) if box.kind == b"uuid")
    opening = data[first.body : first.body + 29]  # of the same length, with another purpose
    label = manifests(store_of(data))[0][0]
    out, known = folder / "out.mp4", []
    for _ in range(2):
        false = lie(stage, folder, known, label)
        holder = credentials(false)
        whole = false[: holder.body] + opening + false[holder.body + 29 :]
        written(out, whole + data[last.start : last.end])
        known += failures(out, stage.anchors)
    return out


def shadowed(stage: Stage, folder: Path) -> Path:
    """A second manifest under a take's name; readers differ in which of the two they show."""
    data = victim(stage, folder, takes(stage))
    own = parts_of(data)
    return written(
        folder / "out.mp4", rewritten(data, [own[0].replace(_MARKING, _REWRITTEN), *own])
    )


def stray(stage: Stage, folder: Path) -> Path:
    """A manifest that nothing refers to."""
    data = victim(stage, folder, takes(stage))
    return written(
        folder / "out.mp4", rewritten(data, [*parts_of(lie(stage, folder, [])), *parts_of(data)])
    )


def overlaid(stage: Stage, folder: Path) -> Path:
    """The house itself signs anew without the takes, and their manifests stay in the store."""
    old = parts_of(stage.export.read_bytes())[:-1]
    data = victim(stage, folder, ())
    return written(folder / "out.mp4", rewritten(data, [*old, *parts_of(data)]))
