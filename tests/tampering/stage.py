"""A project of three makers' signed takes, finished by the command, and everybody's roots."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.acceptance.nursery import finish
from tests.tampering import forge
from tests.tampering.forge import Maker, Terms

FRAMES = 24
PRESET = """
inherits = "social916"
description = "As small as can be"
raster = [320, 180]
[video]
speed = "ultrafast"
crf = 20
[limits]
min_seconds = 0
"""


@dataclass(frozen=True)
class Stage:
    """The project and everybody in it."""

    folder: Path
    makers: dict[str, Maker]
    """Of takes `a`, `b` and `c`."""
    house: Maker

    @property
    def export(self) -> Path:
        return self.folder / "edl.small.mp4"

    @property
    def edl(self) -> Path:
        return self.folder / "edl.json"

    @property
    def anchors(self) -> str:
        return "".join(maker.root for maker in (self.house, *self.makers.values()))

    @property
    def anchor_file(self) -> Path:
        return self.folder / "everybody.pem"

    def take(self, name: str) -> Path:
        return self.folder / "takes" / f"{name}.mp4"

    def raw(self, name: str) -> Path:
        return self.folder / "raw" / f"{name}.mp4"


def edl(**more: Any) -> dict[str, Any]:
    """The edit list: every take used once."""
    return {
        "schema": "finisher/edl@1",
        "title": "Evidence",
        "rate": "24",
        "canvas": {"width": 320, "height": 180},
        "takes": {name: {"file": f"takes/{name}.mp4"} for name in "abc"},
        "events": [
            {"id": f"e{name}", "take": name, "in": 2, "out": 2 + FRAMES * 2 // 3} for name in "abc"
        ],
        "deliverables": [{"preset": "small"}],
    } | more


def signing(stage: Stage) -> tuple[str, ...]:
    """Words that have the house sign."""
    return (
        "--sign-cert",
        str(stage.folder / "house.pem"),
        "--sign-key",
        str(stage.folder / "house.key"),
    )


def own_folders(folder: Path) -> None:
    """Let what is run from here on keep its cache and its data in a folder, not in the user's."""
    for variable, own in (("FINISHER_CACHE", "cache"), ("FINISHER_DATA", "data")):
        os.environ[variable] = str(folder / own)


def build(folder: Path) -> Stage:
    """Lay out the project and finish it once."""
    makers = {
        "a": forge.maker("Dream Machine"),
        "b": forge.maker("Otter Pictures", intermediate=True),
        "c": forge.maker("Cloud Film", usages=(forge.CLAIM_SIGNING,)),
    }
    stage = Stage(folder, makers, forge.maker("Finishing House"))
    for name in ("takes", "raw", "presets"):
        (folder / name).mkdir(parents=True)
    for seed, (name, by) in enumerate(makers.items(), 1):
        raw = forge.film(stage.raw(name), seed)
        forge.sign(raw, stage.take(name), by, forge.claim(f"{name}.mp4"), Terms())
    stage.anchor_file.write_text(stage.anchors)
    (folder / "house.pem").write_text(stage.house.chain)
    (folder / "house.root.pem").write_text(stage.house.root)
    key = folder / "house.key"
    key.touch(0o600)
    key.write_bytes(stage.house.key_pem())
    (folder / "presets" / "small.toml").write_text(PRESET)
    stage.edl.write_text(json.dumps(edl(), indent=1))
    made = finish(folder, "edl.json", *signing(stage), "--trust-anchors", str(stage.anchor_file))
    assert made.code == 0, made.err
    return stage


def audit(stage: Stage, files: list[Path], *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and document of the gate on files, everybody being trusted."""
    named = [os.path.relpath(path, stage.folder) for path in files]
    ran = finish(
        stage.folder, "audit", *named, "--json", "--trust-anchors", str(stage.anchor_file), *words
    )
    return ran.code, ran.document
