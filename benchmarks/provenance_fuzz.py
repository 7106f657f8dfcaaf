"""Thousands of damaged files through the gate's own reading: no crash, no hang, nothing half done.

Exports, takes of many kinds and published fixtures are damaged by `tests/tampering/mutate.py`.
Each goes through reading and judging in a worker process that is watched, every tenth as an
ingredient of a signature as well, whose destination must be whole or not there; a sample goes
through `finish audit`. At last hostile manifests go through all five formats.
`python benchmarks/provenance_fuzz.py [--files 5000] [--commands 100]`
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.provenance_good import FIXTURES, Workshop, kinds
from benchmarks.provenance_tampering import GOOD, command
from tests.tampering import forge, hostile
from tests.tampering.forge import claim
from tests.tampering.mutate import mutated
from tests.tampering.stage import Stage, build, finish, own_folders

from finisher.audit.credentials import examine
from finisher.c2pa.signing import IngredientFile, Signer, SigningRequest, sign
from finisher.problems import FinisherError

HANG = 5.0
MEMORY = 4 << 30
SMALL = 450_000
"""Bytes above which a seed file is left out: damage goes unnoticed in much media."""


@dataclass
class Tally:
    """What came of the damaged files."""

    verdicts: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0


def worker(line: Connection, raw: Path, folder: Path) -> None:
    """Judge files named over a pipe; every tenth is signed over too."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    by = forge.maker("House")
    signer = Signer(by.algorithm, by.chain, by.sign)
    while (number := line.recv()) is not None:
        path = folder / "damaged.mp4"
        try:
            answer = str(examine(path).audit.verdict)
        except FinisherError as error:
            answer = f"refused: {error.problems[0].code}"
        except Exception as error:  # noqa: BLE001 - what must never happen is told
            answer = f"BUG {error!r}"
        if number % 10 == 0:
            answer += _signed(path, raw, folder / f"made{number}.mp4", signer)
        line.send(answer)


def _signed(path: Path, raw: Path, to: Path, signer: Signer) -> str:
    """Sign over a damaged ingredient; the destination is whole or not there, and nothing beside."""
    record = {"title": "x", "relationship": "componentOf", "label": "x"}
    request = SigningRequest(claim("x", forge.AI, ("x",)), signer, (IngredientFile(path, record),))
    before = set(to.parent.iterdir())
    try:
        sign(raw, to, request)
    except FinisherError:
        whole = not to.exists()
    except Exception as error:  # noqa: BLE001 - what must never happen is told
        return f" BUG {error!r}"
    else:
        whole = examine(to).audit.verdict not in ("unreadable", "absent")
    to.unlink(missing_ok=True)
    return "" if whole and set(to.parent.iterdir()) == before else " BUG half-written"


def seeds(stage: Stage, folder: Path) -> list[bytes]:
    """Good files to damage."""
    shop = Workshop(folder, stage, [])
    paths = [stage.export, *(stage.take(name) for name in "abc")]
    paths += [file.path for file in kinds(shop)]
    if (FIXTURES / "c2pa").is_dir():
        paths += sorted((FIXTURES / "c2pa").iterdir())
    found = [path.read_bytes() for path in paths if path.suffix not in (".md", ".pem", ".json")]
    return [data for data in found if len(data) <= SMALL]


class Watched:
    """A worker that is started again when it dies or hangs."""

    def __init__(self, raw: Path, folder: Path) -> None:
        self.raw, self.folder = raw, folder
        self.start()

    def start(self) -> None:
        self.line, theirs = multiprocessing.Pipe()
        wanted = (theirs, self.raw, self.folder)
        self.process = multiprocessing.get_context("fork").Process(
            target=worker, args=wanted, daemon=True
        )
        self.process.start()
        theirs.close()

    def judge(self, number: int) -> str:
        """The answer on the file that lies ready, or how the worker failed."""
        self.line.send(number)
        try:
            if self.line.poll(HANG):
                return str(self.line.recv())
            told = f"BUG hang over {HANG:g} s"
        except (EOFError, ConnectionError):
            self.process.join()
            told = f"BUG crash, {self.process.exitcode}"
        self.process.kill()
        self.process.join()
        self.start()
        return told

    def stop(self) -> None:
        self.line.send(None)
        self.process.join()


def damaged(stage: Stage, folder: Path, sources: list[bytes], count: int) -> Tally:
    """Judge many damaged files one by one."""
    tally = Tally()
    watched = Watched(stage.raw("a"), folder)
    for number in range(count):
        name, data = mutated(sources[number % len(sources)], number)
        (folder / "damaged.mp4").write_bytes(data)
        began = time.monotonic()
        answer = watched.judge(number)
        tally.slowest = max(tally.slowest, time.monotonic() - began)
        tally.verdicts[answer] += 1
        if "BUG" in answer:
            tally.failed.append(f"{number} ({name}): {answer}")
    watched.stop()
    return tally


def commanded(folder: Path, sources: list[bytes], count: int) -> Tally:
    """A sample through the command, ten files a run."""
    tally = Tally()
    for start in range(0, count, 10):
        paths = []
        for number in range(start, min(start + 10, count)):
            path = folder / f"sample{number}.mp4"
            path.write_bytes(mutated(sources[number % len(sources)], 1_000_000 + number)[1])
            paths.append(path)
        began = time.monotonic()
        code, document = command(folder, *map(str, paths))
        tally.slowest = max(tally.slowest, (time.monotonic() - began) / len(paths))
        if code not in (0, 1, 3) or len(document["files"]) != len(paths):
            tally.failed.append(f"files from {start}: exit {code}")
        tally.verdicts.update(one["verdict"] for one in document["files"])
    return tally


def spoken(stage: Stage, folder: Path) -> list[str]:
    """What of hostile manifests survives in any format."""
    wrong = []
    for long in (0, 50_000):  # of fourteen strings; the SDK takes a mebibyte of them
        path = hostile.signed(stage.raw("a"), folder / f"hostile{long}", long)
        for name in ("text", "json", "junit", "sarif", "html"):
            ran = finish(folder, "audit", str(path), "--format", name)
            if ran.code not in (0, 1) or not ran.out:
                wrong.append(f"{name}: exit {ran.code} {ran.err[-200:]}")
            wrong += [f"{name}: control"] * bool(hostile.CONTROLS.search(ran.out + ran.err))
            if name in ("json", "sarif"):
                json.loads(ran.out)
            if name == "html":
                page = hostile.Elements(ran.out)
                wrong += page.active + sorted({"script", "img", "x"} & page.found)
    return wrong


def main() -> int:
    """Run it all; 1 when anything went wrong."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--files", type=int, default=5000)
    words.add_argument("--commands", type=int, default=100)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        own_folders(folder)
        stage = build(folder / "project")
        for own in ("seeds", "damaged"):
            (folder / own).mkdir()
        sources = seeds(stage, folder / "seeds")
        read = damaged(stage, folder / "damaged", sources, asked.files)
        ran = commanded(folder, sources, asked.commands)
        survived = spoken(stage, folder)
    for title, tally in ((f"{asked.files} files", read), (f"{asked.commands} by command", ran)):
        print(f"{title}: slowest {tally.slowest:.2f} s, {dict(tally.verdicts)}")
        let = sum(count for verdict, count in tally.verdicts.items() if verdict in GOOD)
        print(f"  still whole {let}; crashes, hangs, bugs: {len(tally.failed)}")
        print("".join(f"  {line}\n" for line in tally.failed[:20]), end="")
    print(f"hostile strings that survived: {survived or 'none'}")
    return int(bool(read.failed or ran.failed or survived))


if __name__ == "__main__":
    raise SystemExit(main())
