"""What ordinary tools do to a signed file, and what somebody does who edits its bytes."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import imageio_ffmpeg
from tests.tampering import cose
from tests.tampering.boxes import (
    C2PA_UUID,
    boxes,
    credentials,
    inserted,
    manifests,
    moved,
    only,
    store_of,
    store_with,
    with_store,
    without_store,
    wrapped,
)
from tests.tampering.stage import Stage

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")


def ffmpeg(source: Path, to: Path, *words: str) -> Path:
    """The embedded ffmpeg over one file."""
    program = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(source)]
    subprocess.run([*program, *words, str(to)], stdin=subprocess.DEVNULL, check=True)
    return to


def written(to: Path, data: bytes) -> Path:
    to.write_bytes(data)
    return to


def flipped(data: bytes, at: int) -> bytes:
    """One bit of one byte changed."""
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def in_media(stage: Stage) -> bytes:
    data = stage.export.read_bytes()
    box = only(data, b"mdat")
    return flipped(data, (box.body + box.end) // 2)


def in_index(stage: Stage) -> bytes:
    """A byte of the sample sizes."""
    data = stage.export.read_bytes()
    return flipped(data, only(data, b"stsz").body + 30)


def in_store(stage: Stage, mark: bytes, ahead: int) -> bytes:
    """A byte some way behind the last place where a mark stands in the store."""
    data = stage.export.read_bytes()
    box = credentials(data)
    return flipped(data, data.rindex(mark, box.start, box.end) + ahead)


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """Every occurrence exchanged for as many other bytes."""
    assert len(old) == len(new)
    assert old in data
    return data.replace(old, new)


def header_flags(stage: Stage) -> bytes:
    """The first track switched off."""
    data = bytearray(stage.export.read_bytes())
    data[only(bytes(data), b"tkhd").body + 3] &= 0xFE
    return bytes(data)


def timescale(stage: Stage) -> bytes:
    """The picture's clock twice as fast."""
    data = bytearray(stage.export.read_bytes())
    at = only(bytes(data), b"mdhd").body + 12
    scale = int.from_bytes(data[at : at + 4], "big")
    data[at : at + 4] = (scale * 2).to_bytes(4, "big")
    return bytes(data)


def edit_list(stage: Stage) -> bytes:
    """The index grown by an edit list that begins half a second in."""
    data = stage.export.read_bytes()
    entry = bytes(4) + (1).to_bytes(4, "big") + (1000).to_bytes(4, "big")
    entry += (6144).to_bytes(4, "big") + (1 << 16).to_bytes(4, "big")
    made = wrapped(b"edts", wrapped(b"elst", entry))
    return grown(data, only(data, b"tkhd").end, made, (b"moov", b"trak"))


def titled(stage: Stage) -> bytes:
    """What a tagger does: a title at the index's end, everything behind it moved and patched."""
    data = stage.export.read_bytes()
    made = wrapped(b"udta", wrapped(b"\xa9nam", b"\0\x05\0\0Mine!"))
    return grown(data, only(data, b"moov").end, made, (b"moov",))


def grown(data: bytes, at: int, made: bytes, parents: tuple[bytes, ...]) -> bytes:
    """The file with a box put into the first of each of its parents, offsets patched."""
    patched = bytearray(moved(data, at, len(made)))
    for kind in parents:
        box = only(data, kind)
        patched[box.start : box.start + 4] = (box.end - box.start + len(made)).to_bytes(4, "big")
    return bytes(patched[:at]) + made + bytes(patched[at:])


def index_last(stage: Stage) -> bytes:
    """The index behind the media, as it is before `faststart`, offsets patched."""
    data = stage.export.read_bytes()
    box = only(data, b"moov")
    index = data[box.start : box.end]
    free = wrapped(b"free", bytes(box.end - box.start - 8))
    return data[: box.start] + free + data[box.end :] + index


def moved_index(stage: Stage) -> bytes:
    """What qt-faststart does to a file that has its index last."""
    data = stage.export.read_bytes()
    box = only(data, b"moov")
    first = boxes(data)[0]
    index = data[box.start : box.end]
    return data[: first.end] + index + data[first.end : box.start] + data[box.end :]


def doubled(stage: Stage, *, last: bool) -> bytes:
    """A second copy of the store's box."""
    data = stage.export.read_bytes()
    box = credentials(data)
    copy = data[box.start : box.end]
    return inserted(data, len(data) if last else box.end, copy)


def renamed(stage: Stage) -> bytes:
    """The store's box made free space."""
    data = stage.export.read_bytes()
    box = credentials(data)
    return data[: box.start + 4] + b"free" + data[box.start + 8 :]


def transplanted(store_from: Path, onto: Path) -> bytes:
    """One file's store on another's media."""
    source = store_from.read_bytes()
    box = credentials(source)
    data = onto.read_bytes()
    if any(b.kind == b"uuid" for b in boxes(data)):
        data = without_store(data)
    return inserted(data, boxes(data)[0].end, source[box.start : box.end])


def hidden_store(stage: Stage) -> bytes:
    """A large box of the same kind whose purpose is another: it is left out of the hash."""
    data = stage.export.read_bytes()
    # A CBOR map of five: what the SDK expects of a hash tree's leaves, and what it passes over.
    leaf = b"\xa5" + b"".join(cose.named(k) + b"\x00" for k in ("uniqueId", "localId", "location"))
    leaf += cose.named("hashes") + b"\x80" + cose.named("x") + cose.text(b"smuggled" * 2000)
    payload = C2PA_UUID + bytes(4) + b"merkle\0" + leaf
    return data + wrapped(b"uuid", payload)


def restored(stage: Stage, change: str) -> bytes:
    """The export with its store's manifests rearranged."""
    data = stage.export.read_bytes()
    store = store_of(data)
    parts = [part for _, part in manifests(store)]
    foreign = [part for _, part in manifests(store_of(stage.take("a").read_bytes()))]
    arranged = {
        "first ingredient removed": parts[1:],
        "first ingredient twice": [parts[0], *parts],
        "active twice": [*parts, parts[-1]],
        "active first": [parts[-1], *parts[:-1]],
        "ingredients swapped": [parts[1], parts[0], *parts[2:]],
        "own claim removed": parts[:-1],
        "stray manifest last": [*parts, *foreign],
        "nothing left": [],
    }[change]
    return with_store(data, store_with(store, arranged))


def noise(count: int) -> bytes:
    return random.Random(count).randbytes(count)
