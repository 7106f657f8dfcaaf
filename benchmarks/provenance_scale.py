"""Exports of 1, 10 and 100 takes, and exports of exports: is every take's own claim in the chain?

Each take is a film of its own with credentials of its own; the edit shows six pictures of each.
The export's store is read by the SDK alone for the takes' manifests, and judged by the gate. Then
one export becomes the only take of the next, several times over; and the same with a take at the
bottom whose pictures were changed, which finisher makes only when told to.
`python benchmarks/provenance_scale.py [--depth 5]`
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.provenance_tampering import command
from tests.tampering import forge, tools
from tests.tampering.boxes import only, store_of
from tests.tampering.forge import Terms, claim
from tests.tampering.stage import PRESET, edl, finish, own_folders

SHOWN = 6
"""Pictures of each take."""


class Studio:
    """A folder with a house that signs, a maker of takes, and both their roots."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.house, self.maker = forge.maker("House"), forge.maker("Maker")
        for name in ("takes", "presets"):
            (folder / name).mkdir(parents=True)
        (folder / "presets" / "small.toml").write_text(PRESET)
        (folder / "house.pem").write_text(self.house.chain)
        (folder / "house.key").touch(0o600)
        (folder / "house.key").write_bytes(self.house.key_pem())
        (folder / "roots.pem").write_text(self.house.root + self.maker.root)

    def take(self, number: int) -> Path:
        """A signed take, made when first asked for."""
        path = self.folder / "takes" / f"t{number}.mp4"
        if not path.exists():
            raw = forge.film(path.with_suffix(".raw.mp4"), number, 12)
            forge.sign(raw, path, self.maker, claim(path.name), Terms())
            raw.unlink()
        return path

    def finished(self, name: str, files: list[Path], *words: str) -> tuple[int, Path, float]:
        """Exit code, export and seconds of finishing an edit of these files."""
        document = edl(title=name)
        document["takes"] = {f"t{n}": {"file": str(p.relative_to(self.folder))}
                             for n, p in enumerate(files)}  # fmt: skip
        document["events"] = [
            {"id": f"e{n}", "take": f"t{n}", "in": 0, "out": SHOWN} for n in range(len(files))
        ]
        (self.folder / f"{name}.json").write_text(json.dumps(document))
        signing = ("--sign-cert", "house.pem", "--sign-key", "house.key")
        trust = ("--trust-anchors", "roots.pem", "--progress", "none")
        began = time.monotonic()
        ran = finish(self.folder, f"{name}.json", *signing, *trust, *words)
        if ran.code not in (0, 1):
            print(ran.err[-600:], file=sys.stderr)
        return ran.code, self.folder / f"{name}.small.mp4", time.monotonic() - began


def scaled(studio: Studio, count: int) -> bool:
    """An export of so many takes, told on one line."""
    takes = [studio.take(number) for number in range(count)]
    code, export, seconds = studio.finished(f"of{count}", takes)
    began = time.monotonic()
    exit_code, document = command(studio.folder, str(export), "--trust-anchors", "roots.pem")
    judged = time.monotonic() - began
    here = forge.store(export)["manifests"]
    whole = sum(forge.urn(take) in here for take in takes)
    one = document["files"][0]
    size = len(store_of(export.read_bytes()))
    own = sum(len(store_of(take.read_bytes())) for take in takes)
    row = [str(count), str(whole), f"{one['verdict']}, {exit_code}", f"{size / 1000:.0f} KB"]
    row += [f"{(size - own) / 1000 / count:.1f} KB", f"{seconds:.1f} s", f"{judged:.1f} s"]
    print(f"| {' | '.join(row)} |", flush=True)
    return (code, exit_code, one["verdict"], whole) == (0, 0, "intact", count)


def nested(studio: Studio, first: Path, depth: int, expected: str) -> bool:
    """Exports of exports, each judged."""
    bad = expected == "tampered"
    words = ("--allow-tampered-take",) if bad else ()
    below, verdicts = first, []
    for level in range(1, depth + 1):
        studio.finished(f"{expected}{level}", [below], *words)
        named = studio.folder / f"{expected}{level}.small.mp4"
        made = named if named.exists() else named.with_suffix(".failed.mp4")
        if not made.exists():
            verdicts.append("none made")
            break
        _, document = command(studio.folder, str(made), "--trust-anchors", "roots.pem")
        one = document["files"][0]
        verdicts.append(f"{one['verdict']} ({len(forge.store(made)['manifests'])} manifests)")
        below = made
    print(f"{'changed' if bad else 'good'} take, exports 1 to {depth} down: {'; '.join(verdicts)}")
    return len(verdicts) == depth and all(v.startswith(f"{expected} ") for v in verdicts)


def main() -> int:
    """All of it; 1 where a take is missing or a verdict wrong."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--depth", type=int, default=5)
    words.add_argument("--takes", type=int, nargs="+", default=[1, 10, 100])
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        own_folders(Path(name))
        studio = Studio(Path(name) / "studio")
        print("| takes | in the chain | verdict, exit | store | added a take | render | audit |")
        print("|---|---|---|---|---|---|---|")
        good = [scaled(studio, count) for count in asked.takes]
        good.append(nested(studio, studio.take(0), asked.depth, "intact"))
        data = studio.take(1).read_bytes()
        spoilt = studio.folder / "takes" / "spoilt.mp4"
        tools.written(spoilt, tools.flipped(data, only(data, b"mdat").end - 40))
        good.append(nested(studio, spoilt, asked.depth, "tampered"))
    return int(not all(good))


if __name__ == "__main__":
    raise SystemExit(main())
