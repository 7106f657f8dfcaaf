"""Boxes of MP4 files and of manifest stores, found and rewritten; a walker of the tests' own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_PARENTS = frozenset((b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"udta", b"dinf"))


@dataclass(frozen=True)
class Box:
    """A box: its kind, where its header begins, where its payload does, and where it ends."""

    kind: bytes
    start: int
    body: int
    end: int


def boxes(data: bytes, start: int = 0, end: int | None = None) -> list[Box]:
    """The boxes that lie next to each other in a stretch of bytes."""
    found, at, end = [], start, len(data) if end is None else end
    while at + 8 <= end:
        size, body = int.from_bytes(data[at : at + 4], "big"), at + 8
        if size == 1:
            size, body = int.from_bytes(data[at + 8 : at + 16], "big"), at + 16
        if size == 0:
            size = end - at
        assert size >= body - at, "no box"
        assert at + size <= end, "no box"
        found.append(Box(data[at + 4 : at + 8], at, body, at + size))
        at += size
    return found


def every(data: bytes, start: int = 0, end: int | None = None) -> Iterator[Box]:
    """All boxes of an MP4 file, those inside others too."""
    for box in boxes(data, start, end):
        yield box
        if box.kind in _PARENTS:
            yield from every(data, box.body, box.end)


def only(data: bytes, kind: bytes) -> Box:
    """The first box of a kind, at any depth."""
    return next(box for box in every(data) if box.kind == kind)


def credentials(data: bytes) -> Box:
    """The box that holds the manifest store."""
    found = (box for box in boxes(data) if box.kind == b"uuid")
    return next(box for box in found if data[box.body : box.body + 16] == C2PA_UUID)


def store_of(data: bytes) -> bytes:
    """The manifest store itself: JUMBF, without the MP4 box around it.

    After the UUID come a version and flags (4 bytes), the purpose and its zero, and the offset
    of an auxiliary box (8 bytes).
    """
    box = credentials(data)
    purpose = data.index(b"\0", box.body + 20)
    return data[purpose + 9 : box.end]


def with_store(data: bytes, store: bytes) -> bytes:
    """The file with another store in the same box, offsets into the media patched."""
    box = credentials(data)
    purpose = data.index(b"\0", box.body + 20)
    made = wrapped(b"uuid", data[box.body : purpose + 9] + store)
    whole = moved(data, box.start, len(made) - (box.end - box.start))
    return whole[: box.start] + made + whole[box.end :]


def without_store(data: bytes) -> bytes:
    """The file as if nobody had signed it, offsets patched."""
    box = credentials(data)
    whole = moved(data, box.start, box.start - box.end)
    return whole[: box.start] + whole[box.end :]


def inserted(data: bytes, at: int, made: bytes) -> bytes:
    """The file with bytes put in between two boxes, offsets patched."""
    whole = moved(data, at, len(made))
    return whole[:at] + made + whole[at:]


def moved(data: bytes, after: int, by: int) -> bytes:
    """The file with chunk offsets as they must be once what lies behind a place has moved."""
    patched = bytearray(data)
    for box in every(data):
        if box.kind in (b"stco", b"co64"):
            width = 4 if box.kind == b"stco" else 8
            count = int.from_bytes(data[box.body + 4 : box.body + 8], "big")
            for number in range(count):
                at = box.body + 8 + number * width
                offset = int.from_bytes(data[at : at + width], "big")
                if offset >= after:
                    patched[at : at + width] = (offset + by).to_bytes(width, "big")
    return bytes(patched)


def wrapped(kind: bytes, payload: bytes) -> bytes:
    """A box."""
    return (len(payload) + 8).to_bytes(4, "big") + kind + payload


def unbound(data: bytes) -> Iterator[range]:
    """Bytes of an MP4 file that its hash leaves out by design, and that say nothing else.

    Free space and the brands, by the specification's mandatory exclusions (`/ftyp`, `/free`,
    `/skip`, `/uuid` of C2PA, `/mfra`); the store is bound by its own signature, and is not here.
    """
    for box in boxes(data):
        if box.kind == b"ftyp":
            yield range(box.body, box.end)
        if box.kind in (b"free", b"skip", b"mfra"):
            yield range(box.body, box.end)


def description(store: bytes, box: Box) -> tuple[str, int]:
    """Label of a JUMBF superbox, and where its content begins."""
    inner = boxes(store, box.body, box.end)[0]
    assert inner.kind == b"jumd"
    label = store[inner.body + 17 : store.index(b"\0", inner.body + 17)]
    return label.decode(), inner.end


def manifests(store: bytes) -> list[tuple[str, bytes]]:
    """The manifests of a store, each with its label, as whole boxes in their order."""
    (outer,) = boxes(store)
    _, at = description(store, outer)
    return [
        (description(store, box)[0], store[box.start : box.end])
        for box in boxes(store, at, outer.end)
    ]


def store_with(store: bytes, parts: list[bytes]) -> bytes:
    """A store of the same description with these manifests."""
    (outer,) = boxes(store)
    _, at = description(store, outer)
    return wrapped(b"jumb", store[outer.body : at] + b"".join(parts))
