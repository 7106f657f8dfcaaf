"""Every tampering, random flips and box surgery against the gate, beside what the SDK alone says.

A project of three signed takes is finished by the command; its export is tampered with in every
way of `tests/tampering/operations.py`, then by random single-bit flips in every byte that the
format binds, then by deleting, doubling, swapping and resizing its boxes at random. Each file goes
through `finish audit` as users run it. What the format leaves unbound is computed from the boxes
alone. `python benchmarks/provenance_tampering.py [--flips 200] [--surgeries 200]`
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.tampering import forge, tools
from tests.tampering.boxes import credentials, every, unbound
from tests.tampering.operations import OPERATIONS
from tests.tampering.stage import Stage, build, own_folders

GOOD = ("intact", "intact-untrusted")


def command(folder: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code and document of one run of the gate, in a process of its own."""
    program = [sys.executable, "-W", "ignore", "-m", "finisher", "audit", *words, "--json"]
    done = subprocess.run(
        program, cwd=folder, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )
    try:
        return done.returncode, json.loads(done.stdout)
    except ValueError:
        print(done.stderr[-2000:], file=sys.stderr)
        return done.returncode, {"files": []}


def told(one: dict[str, Any]) -> list[str]:
    """Ids of the checks that did not pass."""
    return [c["id"] for c in one.get("checks", ()) if c["status"] in ("failed", "warned")]


def operations(stage: Stage, folder: Path) -> tuple[int, int]:
    """Run all operations; how many came out otherwise than they must, good and bad."""
    misses = alarms = 0
    print("| operation | SDK | verdict | exit | told by | as expected |\n|---|---|---|---|---|---|")
    for number, operation in enumerate(OPERATIONS):
        own = folder / f"operation{number}"
        own.mkdir()
        path = operation.make(stage, own)
        trust = ("--trust-anchors", str(stage.anchor_file))
        code, document = command(stage.folder, str(path), *trust, *operation.words)
        one = document["files"][0] if document["files"] else {"verdict": "none"}
        checks = told(one)
        good = (one["verdict"], code) == (operation.verdict, operation.exit)
        good = good and set(operation.checks) <= set(checks)
        if not good and operation.exit:
            misses += 1
        elif not good:
            alarms += 1
        shown = ", ".join(c for c in checks if c != "time-stamp") or "–"
        state = forge.state(path, stage.anchors)
        words = " ".join(operation.words)
        name = f"{operation.name} ({words})" if words else operation.name
        row = (name, state, one["verdict"], str(code), shown, "yes" if good else "**no**")
        print(f"| {' | '.join(row)} |", flush=True)
    return misses, alarms


def flips(stage: Stage, count: int) -> Iterator[tuple[str, bytes]]:
    """Single bits changed where the format binds them, each byte as likely as any other."""
    data = stage.export.read_bytes()
    free = {at for span in unbound(data) for at in span}
    bound = [at for at in range(len(data)) if at not in free]
    print(f"\n{len(data)} bytes, {len(free)} of them unbound by design", file=sys.stderr)
    dice = random.Random(7)
    where = credentials(data)
    for _ in range(count):
        # Half of them in the store: by size alone the media would get nearly all.
        spot = range(where.start, where.end) if dice.random() < 0.5 else None
        at = dice.choice(bound)
        while spot is not None and at not in spot:
            at = dice.choice(bound)
        changed = bytearray(data)
        changed[at] ^= 1 << dice.randrange(8)
        yield f"bit in {place(data, at)} at {at}", bytes(changed)


def place(data: bytes, at: int) -> str:
    """The innermost box a byte lies in."""
    return [box.kind for box in every(data) if box.start <= at < box.end][-1].decode("latin-1")


def surgeries(stage: Stage, count: int) -> Iterator[tuple[str, bytes]]:
    """Boxes deleted, doubled, swapped, moved and resized at random; sizes above are left wrong."""
    data = stage.export.read_bytes()
    dice = random.Random(8)
    whole = [box for box in every(data) if box.kind not in (b"free", b"skip")]
    made = 0
    while made < count:
        one, other = dice.choice(whole), dice.choice(whole)
        kind = dice.choice(("delete", "double", "swap", "move", "grow", "shrink", "huge", "zero"))
        name = one.kind.decode("latin-1")
        changed = operate(data, kind, (one.start, one.end), (other.start, other.end))
        if changed is None or changed == data:
            continue
        made += 1
        yield f"{kind} {name} at {one.start}", changed


def operate(data: bytes, kind: str, one: tuple[int, int], other: tuple[int, int]) -> bytes | None:
    """One cut; None where it can't be done."""
    (a, b), (c, d) = sorted((one, other))
    start, end = one
    size = end - start
    match kind:
        case "delete":
            return data[:start] + data[end:]
        case "double":
            return data[:end] + data[start:end] + data[end:]
        case "swap":
            return None if c < b else data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]
        case "move":
            return None if c < b else data[:a] + data[b:d] + data[a:b] + data[d:]
        case "grow":
            stated = size + 8
        case "shrink":
            stated = max(8, size - 8)
        case "huge":
            stated = 0xFFFFFFF0
        case _:
            stated = 0
    return data[:start] + stated.to_bytes(4, "big") + data[start + 4 :]


def batches(stage: Stage, folder: Path, made: Iterator[tuple[str, bytes]]) -> Counter[str]:
    """Audit files twenty to a run; their verdicts, and how many were let through."""
    found: Counter[str] = Counter()
    while group := list(islice(made, 20)):
        paths = [
            tools.written(folder / f"{number}.mp4", data) for number, (_, data) in enumerate(group)
        ]
        trust = ("--trust-anchors", str(stage.anchor_file))
        _, document = command(stage.folder, *map(str, paths), *trust)
        for (name, _), path, one in zip(group, paths, document["files"], strict=True):
            found[one["verdict"]] += 1
            if one["passed"] or one["verdict"] in GOOD:
                found["missed"] += 1
                print(f"MISSED: {name}: {one['verdict']}, SDK {forge.state(path, stage.anchors)}")
    return found


def main() -> int:
    """Run all three; 1 when anything came out otherwise than it must."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--flips", type=int, default=200)
    words.add_argument("--surgeries", type=int, default=200)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own_folders(folder)
        stage = build(folder / "project")
        misses, alarms = operations(stage, folder)
        flipped = batches(stage, folder, flips(stage, asked.flips))
        cut = batches(stage, folder, surgeries(stage, asked.surgeries))
    print(f"\noperations: {len(OPERATIONS)}, misses {misses}, false alarms {alarms}")
    print(f"bits flipped: {asked.flips}, {dict(flipped)}")
    print(f"boxes cut: {asked.surgeries}, {dict(cut)}")
    return int(bool(misses or alarms or flipped["missed"] or cut["missed"]))


if __name__ == "__main__":
    raise SystemExit(main())
