"""What signing costs: the store for many takes and re-exports, time and memory for large films.

    python benchmarks/provenance_signing.py [--large 1000]

Takes are small films with a manifest of their own. They are finished by the command, as anybody
would: each is an event of six frames. What a take adds is told without its own store and without
its picture. Large films are one MP4 with all
media in one box, of random bytes that nobody can compress, written once and synced to the disk. A
copy is read from the disk, written and synced: what is in memory of the source is dropped before
every measurement. Each is measured in a process of its own, the better of two.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import numpy as np
from tests.acceptance.studio import PRESET, write_take
from tests.unit.provenance.vendors import ACTIONS, assembly, claim, vendor

from finisher.audit.credentials import examine
from finisher.c2pa.reading import read
from finisher.c2pa.signing import SigningRequest, sign

COUNTS = (1, 10, 100)
DEPTH = 5
SIZES = (100, 1000)


def exports(folder: Path) -> Path:
    """Finish edits of 1, 10 and 100 takes; the film of ten."""
    os.environ["FINISHER_CACHE"], os.environ["FINISHER_DATA"] = (
        str(folder / name) for name in ("cache", "data")
    )
    makers = [vendor(f"Maker {number}") for number in range(4)]
    for name in ("takes", "presets"):
        (folder / name).mkdir()
    (folder / "presets" / "tiny.toml").write_text(PRESET)
    names = [f"scene{number + 1:03}_take01" for number in range(max(COUNTS))]
    for number, name in enumerate(names):
        raw = folder / f"{name}.raw.mp4"
        write_take(raw, 12, number)
        by = makers[number % 4].signer
        sign(
            raw,
            folder / "takes" / f"{name}.mp4",
            SigningRequest(claim(name), by, attributed=ACTIONS),
        )
        raw.unlink()
    anchors = folder / "anchors.pem"
    anchors.write_text("\n".join(maker.root for maker in makers))
    print("takes  frames  store (bytes)  beyond takes' stores and pictures  each more  verdict")
    before: tuple[int, int] | None = None
    for count in COUNTS:
        film = finished(folder, names[:count], anchors)
        own = sum(stored(folder / "takes" / f"{name}.mp4") for name in names[:count])
        beyond = stored(film) - own - pictures(film)
        more = f"{(beyond - before[1]) / (count - before[0]):9.0f}" if before else " " * 9
        row = f"{count:5}  {6 * count:6}  {stored(film):13}  {beyond:33}  {more}"
        print(f"{row}  {told(film, anchors)}")
        before = count, beyond
    return folder / f"edl-{COUNTS[1]}.tiny.mp4"


def finished(folder: Path, names: list[str], anchors: Path) -> Path:
    """The film of an edit of takes, one after the other."""
    edit = {
        "schema": "finisher/edl@1",
        "title": "Takes",
        "rate": "24",
        "canvas": {"width": 640, "height": 360},
        "takes": {name: {"file": f"takes/{name}.mp4"} for name in names},
        "events": [{"id": f"of-{name}", "take": name, "in": 3, "out": 9} for name in names],
        "deliverables": [{"preset": "tiny"}],
    }
    written = folder / f"edl-{len(names)}.json"
    written.write_text(json.dumps(edit))
    words = [str(written), "--progress", "none", "--trust-anchors", str(anchors)]
    ran = subprocess.run(
        [sys.executable, "-m", "finisher", *words], check=False, capture_output=True, text=True
    )
    if ran.returncode:
        raise SystemExit(ran.stderr)
    return written.with_suffix(".tiny.mp4")


def pictures(path: Path) -> int:
    """Bytes of the pictures that lie in a film's store."""
    data = path.read_bytes()
    total, at = 0, data.find(b"bidb")
    while at >= 0:
        if data[at + 4 : at + 7] == b"\xff\xd8\xff":
            total += int.from_bytes(data[at - 4 : at], "big")
        at = data.find(b"bidb", at + 4)
    return total


def chains(folder: Path) -> None:
    """Export, and sign exports again and again as parts of others: is the verdict still right?"""
    film = exports(folder)
    house = vendor("House")
    anchors = folder / "all.pem"
    anchors.write_text((folder / "anchors.pem").read_text() + house.root)
    print(f"re-exports of the export of {COUNTS[1]} takes, each an ingredient of the next")
    print("depth  store (bytes)  more than before  verdict")
    for depth in range(1, DEPTH + 1):
        before = stored(film)
        film = assembly(folder / f"again-{depth}.mp4", house, [film])
        print(f"{depth:5}  {stored(film):13}  {stored(film) - before:16}  {told(film, anchors)}")
    takes = sorted((folder / "takes").iterdir())[:4]
    data = bytearray(takes[0].read_bytes())
    data[data.rindex(b"mdat") + 200] ^= 1
    takes[0] = folder / "broken.mp4"
    takes[0].write_bytes(data)
    film = assembly(folder / "tainted.mp4", house, takes)
    for depth in range(1, DEPTH + 1):
        print(f"a take with one byte changed, {depth} deep: {told(film, anchors)}")
        film = assembly(folder / f"tainted-{depth}.mp4", house, [film])


def stored(path: Path) -> int:
    """Bytes of the box that holds a film's store."""
    data = path.read_bytes()
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"uuid":
            return size
        at += size
    return 0


def told(path: Path, anchors: Path) -> str:
    """The verdict on a film and how many manifests it holds, beside the SDK's own word."""
    found = read(path, anchors.read_text())
    verdict = examine(path, anchors.read_text()).audit.verdict
    return f"{verdict} of {len(found.store['manifests'])} manifests (SDK: {found.state})"


def write_large(path: Path, megabytes: int) -> None:
    """An MP4 of so many packets of a million random bytes."""
    dice = np.random.default_rng(1)
    with av.open(str(path), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("mjpeg", rate=24)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuvj420p"
        picture = np.zeros((64, 64, 3), np.uint8)
        stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24"))
        for number in range(megabytes):
            packet = av.Packet(dice.bytes(1_000_000))
            packet.stream, packet.time_base = stream, Fraction(1, 24)
            packet.pts = packet.dts = number
            packet.duration = 1
            container.mux(packet)


def cold(path: Path) -> None:
    """Drop what is in memory of a file, so that the next reader waits for the disk."""
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(stream.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def one(way: str, source: Path, out: Path) -> None:
    """Copy or sign, and print seconds, processor seconds, and megabytes that were resident."""
    by = vendor("House")
    request = SigningRequest(claim("large"), by.signer, attributed=ACTIONS)
    cold(source)
    began, busy = time.perf_counter(), time.process_time()
    if way == "copy":
        with source.open("rb") as reading, out.open("wb") as writing:
            while block := reading.read(1 << 20):
                writing.write(block)
    else:
        sign(source, out, request)
    with out.open("rb") as written:
        os.fsync(written.fileno())
    took, used = time.perf_counter() - began, time.process_time() - busy
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    state = "" if way == "copy" else read(out, by.root).state
    out.unlink()
    print(json.dumps([took, used, resident, state]))


def large(folder: Path, sizes: tuple[int, ...]) -> None:
    """Signing against copying."""
    print("MB     way   seconds  processor  resident MB  times the copy")
    for megabytes in sizes:
        source = folder / "large.mp4"
        write_large(source, megabytes)
        copied = 0.0
        for way in ("copy", "sign"):
            words = [sys.executable, __file__, "--one", way, str(source), str(folder / "out.mp4")]
            runs = [
                json.loads(subprocess.run(words, check=True, capture_output=True).stdout)
                for _ in range(2)
            ]
            took, used, resident, state = min(runs)
            copied = copied or took
            print(
                f"{megabytes:5}  {way}  {took:7.2f}  {used:9.2f}  {resident:11.0f}  "
                f"{took / copied:5.1f}  {state}"
            )
        source.unlink()


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--large", type=int, default=max(SIZES), help="largest film, in megabytes")
    words.add_argument("--only", choices=("chains", "large"))
    words.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.one:
        way, source, out = given.one
        one(way, Path(source), Path(out))
        return
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        if given.only != "large":
            chains(Path(folder))
        if given.only != "chains":
            large(Path(folder), tuple(size for size in SIZES if size <= given.large))


if __name__ == "__main__":
    main()
