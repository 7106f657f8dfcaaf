"""Good files of many makers, ages and kinds against the gate: none may be called tampered.

Certificates of every algorithm and usage C2PA allows, with and without intermediates, run out
since with and without a trusted time-stamp; claims of both versions, older actions, every kind of
media the SDK signs, ingredients of all sorts, exports of several presets and exports of exports;
the published fixtures beside them, with the three that are bad on purpose.
`python benchmarks/provenance_good.py`
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.provenance_tampering import GOOD, command, told
from tests.tampering import forge, launder, suppress, tools
from tests.tampering.boxes import wrapped
from tests.tampering.forge import Maker, Part, Terms, claim, part
from tests.tampering.stage import Stage, build, edl, finish, own_folders, signing
from tests.unit.c2pa.authority import Authority, serving

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = Path(os.environ.get("FINISHER_FIXTURES", ROOT.parent / "shared" / "fixtures"))
PLAIN = Terms()
SHORT = 2.0
"""Seconds for which short-lived certificates are good."""


@dataclass(frozen=True)
class File:
    """A file, and the verdicts that are right for it."""

    name: str
    path: Path
    verdicts: tuple[str, ...] = GOOD


@dataclass
class Workshop:
    """Where files are made, and whom the gate is to trust."""

    folder: Path
    stage: Stage
    roots: list[str]
    count: int = 0

    def raw(self, suffix: str) -> Path:
        """Unsigned media of a kind."""
        path = self.folder / f"raw{suffix}"
        if not path.exists():
            _media(path)
        return path

    def signed(
        self,
        by: Maker,
        manifest: dict[str, Any] | None = None,
        terms: Terms = PLAIN,
        of: str = ".mp4",
    ) -> Path:
        """Media of a kind, signed; its maker is trusted from then on."""
        self.count += 1
        self.roots.append(by.root)
        to = self.folder / f"good{self.count}{of}"
        return forge.sign(self.raw(of), to, by, manifest or claim(to.name), terms)


def _media(path: Path) -> None:
    """Small unsigned media, by the suffix."""
    picture = np.random.default_rng(3).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    if path.suffix in (".png", ".jpg", ".webp"):
        cv2.imwrite(str(path), picture)
    elif path.suffix in (".mp4", ".mov"):
        forge.film(path, 5, 24, "prores_ks" if path.suffix == ".mov" else "libx264")
    elif path.suffix == ".avi":
        tools.ffmpeg(_film(path), path, "-c:v", "mjpeg", "-c:a", "pcm_s16le")
    elif path.suffix == ".m4v":
        words = ("-c", "copy", "-movflags", "+frag_keyframe+empty_moov+default_base_moof")
        tools.ffmpeg(_film(path), path, *words, "-f", "mp4")
    else:
        codec = {".m4a": "aac", ".wav": "pcm_s16le", ".mp3": "mp3", ".flac": "flac"}[path.suffix]
        tools.ffmpeg(_film(path), path, "-vn", "-c:a", codec)


def _film(beside: Path) -> Path:
    return forge.film(beside.with_name("source.mp4"), 6)


def profiles(shop: Workshop) -> Iterator[File]:
    """Certificates: algorithms, usages, chains."""
    keys = {
        "ES384": ec.generate_private_key(ec.SECP384R1()),
        "ES512": ec.generate_private_key(ec.SECP521R1()),
        "PS256, 2048 bits": rsa.generate_private_key(65537, 2048),
        "PS256, 3072 bits": rsa.generate_private_key(65537, 3072),
        "Ed25519": ed25519.Ed25519PrivateKey.generate(),
    }
    for name, key in keys.items():
        yield File(name, shop.signed(forge.maker(name, key=key)))
    usages = {
        "e-mail alone": (forge.EMAIL,),
        "claim signing alone": (forge.CLAIM_SIGNING,),
        "document signing alone": (forge.DOCUMENT_SIGNING,),
        "Microsoft's own": (forge.MICROSOFT,),
        "e-mail and document signing": (forge.EMAIL, forge.DOCUMENT_SIGNING),
    }
    for name, asked in usages.items():
        yield File(f"usage: {name}", shop.signed(forge.maker(name, usages=asked)))
    between = forge.maker("Issued", intermediate=True)
    yield File("an intermediate", shop.signed(between))
    yield File(
        "chain with its root", shop.signed(replace(between, chain=between.chain + between.root))
    )
    leaf = between.chain.partition("-----END CERTIFICATE-----\n")
    yield File(
        "chain without its intermediate", shop.signed(replace(between, chain=leaf[0] + leaf[1]))
    )
    yield File("self-signed", shop.signed(forge.self_signed("Alone")))
    stranger = shop.signed(forge.maker("Stranger"))
    shop.roots.pop()
    yield File("a stranger", stranger, ("intact-untrusted",))


def kinds(shop: Workshop) -> Iterator[File]:
    """Media of all kinds, and one without its usual name."""
    by = forge.maker("Many Kinds")
    for suffix in (
        ".mp4",
        ".mov",
        ".m4v",
        ".m4a",
        ".wav",
        ".mp3",
        ".flac",
        ".avi",
        ".png",
        ".jpg",
        ".webp",
    ):
        yield File(f"kind: {suffix}", shop.signed(by, of=suffix))
    odd = shop.folder / "film.bin"
    odd.write_bytes(shop.signed(by).read_bytes())
    yield File("an MP4 named .bin", odd)
    grown = shop.folder / "grown.mp4"
    grown.write_bytes(shop.signed(by).read_bytes() + wrapped(b"free", bytes(900)))
    yield File("free space behind it", grown)


def ages(shop: Workshop) -> Iterator[File]:
    """Claims as they were made before, and what newer ones hold."""
    by = forge.maker("Old Hand")
    for suffix in (".mp4", ".jpg", ".png", ".wav"):
        first = claim("old") | {"claim_version": 1}
        yield File(f"claim of version 1, {suffix}", shop.signed(by, first, of=suffix))
    older = claim("old") | {"claim_version": 1}
    older["assertions"] = [
        {"label": "c2pa.actions", "data": {"actions": [
            {"action": "c2pa.opened"}, {"action": "c2pa.color_adjustments"},
            {"action": "c2pa.resized"}, {"action": "c2pa.published"},
        ]}},
        {"label": "stds.schema-org.CreativeWork", "kind": "Json", "data": {
            "@context": "https://schema.org", "@type": "CreativeWork",
            "author": [{"@type": "Person", "name": "Somebody"}],
        }},
    ]  # fmt: skip
    opened = Part({"title": "p.mp4", "relationship": "parentOf", "label": "p"}, shop.raw(".mp4"))
    older["assertions"][0]["data"]["actions"][0]["parameters"] = {"ingredientIds": ["p"]}
    yield File("older actions", shop.signed(by, older, Terms(parts=(opened,))))
    yield File("assertions only gathered", shop.signed(by, None, Terms(attributed=())))
    mining = {"label": "cawg.training-mining", "data": {"entries": {
        "cawg.ai_inference": {"use": "notAllowed"},
        "cawg.ai_generative_training": {"use": "notAllowed"},
    }}}  # fmt: skip
    yield File("training and mining refused", shop.signed(by, claim("m", forge.AI, (), mining)))
    mark = {"label": "c2pa.soft-binding", "data": {
        "alg": "com.adobe.trustmark.P", "pad": "",
        "blocks": [{"scope": {"timespan": {"start": 0, "end": 900}}, "value": "AAAA"}],
    }}  # fmt: skip
    marked = claim("w", forge.AI, (), mark)
    marked["assertions"][0]["data"]["actions"].append({"action": "c2pa.watermarked"})
    yield File("a watermark declared", shop.signed(by, marked))
    own = {"label": "org.example.notes", "data": {"words": "färg & <form>", "number": 3}}
    yield File("an assertion of one's own", shop.signed(by, claim("o", forge.AI, (), own)))
    yield File("made by a camera", shop.signed(by, claim("c", forge.CAPTURE)))
    tree = Terms(core={"merkle_tree_chunk_size_in_kb": 16})
    yield File("hashed as a tree", shop.signed(by, None, tree))


def chains(shop: Workshop) -> Iterator[File]:
    """Ingredients: none with credentials, some, all, nested, repeated, of other kinds."""
    stage, by = shop.stage, forge.maker("Chain Maker")
    good = [part(stage.take(name), name) for name in "abc"]
    bare = Part({"title": "bare", "relationship": "componentOf", "label": "bare"}, shop.raw(".mp4"))
    matroska = shop.folder / "clip.mkv"
    tools.ffmpeg(shop.raw(".mp4"), matroska, "-c", "copy")
    unsignable = Part(
        {"title": "clip.mkv", "relationship": "componentOf", "label": "mkv"},
        matroska,
        "video/x-matroska",
    )
    record = Part({"title": "said", "relationship": "componentOf", "label": "said"})
    sets = {
        "one take": good[:1],
        "three takes": good,
        "a take without credentials": [bare],
        "takes with and without": [*good, bare],
        "a Matroska file": [good[0], unsignable],
        "an ingredient by name alone": [good[0], record],
        "one take twice": [good[0], part(stage.take("a"), "again")],
        "a sound and a still": [
            part(shop.signed(by, of=suffix), suffix[1:]) for suffix in (".wav", ".jpg")
        ],
    }
    for name, parts in sets.items():
        yield File(f"of {name}", _assembled(shop, by, parts))
    below = shop.stage.export
    for depth in range(1, 5):
        below = _assembled(shop, forge.maker(f"House {depth}"), [part(below, "below"), good[1]])
        if depth in (1, 4):
            yield File(f"an export {depth} exports down", below)
    stranger = shop.signed(forge.maker("Unknown"))
    shop.roots.pop()
    yield File("of a stranger's take", _assembled(shop, by, [part(stranger, "x")]))
    opened = claim("p")
    opened["assertions"][0]["data"]["actions"] = [
        {"action": "c2pa.opened", "parameters": {"ingredientIds": ["p"]}},
        {"action": "c2pa.transcoded"},
    ]
    yield File(
        "opened and passed on",
        shop.signed(by, opened, _parts(shop, [part(stage.export, "p", "parentOf")])),
    )
    added = shop.folder / "added.mp4"
    suppress.updated(stage, stage.export, added)
    yield File("an addition to an export", added, ("intact",))
    first = claim("v1", forge.AI, ("old",)) | {"claim_version": 1}
    old = part(shop.signed(by, claim("o") | {"claim_version": 1}), "old")
    yield File("version 1 of version 1", shop.signed(by, first, _parts(shop, [old])))
    yield File("version 2 of version 1", _assembled(shop, by, [old]))


def _parts(shop: Workshop, parts: list[Part]) -> Terms:
    return Terms(anchors=shop.stage.anchors + "".join(shop.roots), parts=tuple(parts))


def _assembled(shop: Workshop, by: Maker, parts: list[Part]) -> Path:
    manifest = claim("x", forge.AI_COMPOSITE, [item.record["label"] for item in parts])
    return shop.signed(by, manifest, _parts(shop, parts))


def clocks(shop: Workshop) -> Iterator[File]:
    """Time-stamps, and certificates that ran out since."""
    known, unknown = Authority(shop.folder / "known"), Authority(shop.folder / "unknown")
    shop.roots.append(known.root)
    with serving(known.answer) as trusted, serving(unknown.answer) as strange:
        by = forge.maker("Punctual")
        yield File("time-stamped", shop.signed(by, None, Terms(stamp=trusted)))
        yield File("time-stamped by a stranger", shop.signed(by, None, Terms(stamp=strange)))
        made = [
            File(
                "ran out, time-stamped",
                shop.signed(_brief("A"), None, Terms(stamp=trusted)),
                ("intact",),
            ),
            File(
                "ran out, time-stamped by a stranger",
                shop.signed(_brief("B"), None, Terms(stamp=strange)),
                ("intact-untrusted",),
            ),
            File("ran out", shop.signed(_brief("C")), ("intact-untrusted",)),
        ]
        short = shop.signed(_brief("D"))
        early = _assembled(shop, by, [part(short, "early")])
        time.sleep(SHORT + 1.5)
        yield from made
        yield File("of a take that ran out since", early)
        yield File("of a take that had run out", _assembled(shop, by, [part(short, "late")]))
        yield File(
            "of a time-stamped take that had run out",
            _assembled(shop, by, [part(made[0].path, "l")]),
        )


def _brief(name: str) -> Maker:
    now = datetime.now(UTC)
    span = (now - timedelta(minutes=1), now + timedelta(seconds=SHORT))
    return forge.maker(f"Brief {name}", validity=span)


def exports(shop: Workshop) -> Iterator[File]:
    """finisher's own: presets, and an export that is a take of another."""
    stage = shop.stage
    yield File("export", stage.export, ("intact",))
    kinds = {
        "prores-hq": ".mov",
        "dnxhr-hqx": ".mov",
        "feed11": ".mp4",
        "yt169": ".mp4",
        "web-hero": ".mp4",
    }
    for preset, suffix in kinds.items():
        trust = ("--trust-anchors", str(stage.anchor_file))
        ran = finish(stage.folder, "edl.json", "-p", preset, *signing(stage), *trust)
        if ran.code:
            print(f"{preset}: {ran.code} {ran.err[-300:]}", file=sys.stderr)
            continue
        yield File(f"export, {preset}", stage.folder / f"edl.{preset}{suffix}", ("intact",))
    again = edl(title="Again") | {"takes": {"a": {"file": "edl.small.mp4"}}}
    again["events"] = [{"id": "whole", "take": "a", "in": 2, "out": 40}]
    (stage.folder / "again.json").write_text(json.dumps(again))
    ran = finish(
        stage.folder, "again.json", *signing(stage), "--trust-anchors", str(stage.anchor_file)
    )
    if ran.code:
        raise RuntimeError(ran.err)
    yield File("export of an export", stage.folder / "again.small.mp4", ("intact",))
    yield File(
        "store beside the file", launder.sidecar("own")(stage, _folder(shop, "beside")), ("intact",)
    )


def _folder(shop: Workshop, name: str) -> Path:
    made = shop.folder / name
    made.mkdir()
    return made


def fixtures(shop: Workshop) -> Iterator[File]:
    """Files that others published; the last three are bad on purpose."""
    here = FIXTURES / "c2pa"
    if not here.is_dir():
        return
    shop.roots.append((here / "test_cert_root_bundle.pem").read_text())
    for name in ("CA.jpg", "legacy_ingredient_hash.jpg", "video1.mp4", "sample1_signed.wav"):
        yield File(name, here / name)
    yield File("CACAE-uri-CA.jpg", here / "CACAE-uri-CA.jpg", ("tampered",))
    yield File("XCA.jpg", here / "XCA.jpg", ("tampered",))
    yield File("nested_moov_1000.mp4", here / "nested_moov_1000.mp4", ("unreadable",))
    yield File("sample3.invalid.wav", here / "sample3.invalid.wav", ("unreadable", "absent"))
    yield File("video1_no_manifest.mp4", here / "video1_no_manifest.mp4", ("absent",))


SOURCES: tuple[Callable[[Workshop], Iterator[File]], ...] = (
    profiles, kinds, ages, chains, clocks, exports, fixtures,
)  # fmt: skip


def made(shop: Workshop) -> list[File]:
    """Every file there is."""
    found: list[File] = []
    for source in SOURCES:
        try:
            found += source(shop)
        except Exception as error:  # noqa: BLE001 - the rest is still worth knowing
            print(f"{source.__name__}: {error!r}", file=sys.stderr)
    return found


def main() -> int:
    """Audit them all; 1 where a verdict is wrong."""
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own_folders(folder)
        shop = Workshop(_made(folder / "files"), build(folder / "project"), [])
        files = made(shop)
        anchors = folder / "all.pem"
        anchors.write_text(shop.stage.anchors + "".join(shop.roots))
        print("| file | SDK | verdict | passed | told by | right |\n|---|---|---|---|---|---|")
        for start in range(0, len(files), 12):
            group = files[start : start + 12]
            words = (*(str(file.path) for file in group), "--trust-anchors", str(anchors))
            _, document = command(folder, *words)
            for file, one in zip(group, document["files"], strict=True):
                right = one["verdict"] in file.verdicts
                wrong += not right
                state = forge.state(file.path, anchors.read_text())
                checks = ", ".join(c for c in told(one) if c != "time-stamp") or "–"
                row = (file.name, state, one["verdict"], str(one["passed"]), checks)
                print(f"| {' | '.join(row)} | {'yes' if right else '**no**'} |", flush=True)
    good = sum(set(file.verdicts) <= set(GOOD) for file in files)
    print(f"\n{good} good files, {len(files) - good} others; wrong verdicts: {wrong}")
    return int(wrong > 0)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


if __name__ == "__main__":
    raise SystemExit(main())
