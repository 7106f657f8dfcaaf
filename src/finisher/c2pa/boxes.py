"""The boxes of a manifest store, read without the SDK: which manifests lie in it, and their hashes.

The SDK knows manifests by their labels, so that of two of one label it tells of one alone; and it
leaves failures untold that somebody recorded. A manifest's own bytes, and the hash by which the
manifest above it names it, depend on nobody's word (C2PA specification 2.2, 8.4 and 11.1).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import mmap
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BufferedReader

from finisher.c2pa.films import walk
from finisher.c2pa.untyped import Document, list_of, map_of

MARK = b"jumdc2pa"
"""Begins the description of a store's outermost box; in every store, and nowhere else."""
_MARK = MARK + b"\x00\x11\x00\x10\x80\x00\x00\xaa\x00\x38\x9b\x71"
"""The same with the rest of its kind."""
_HOLDER = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The kind of the `uuid` box that holds a store in MP4 and its like."""
_PURPOSES = (b"manifest", b"original", b"update")
_JPEG, _GIF = b"\xff\xd8\xff", b"GIF8"
"""First bytes of formats that cut stores into pieces."""
_MANIFESTS = (b"c2ma", b"c2um", b"c2cm")
_PAD = b"\x63pad"
_COMPRESSED = b"c2cm"
_PARTS = frozenset(
    (
        *(b"c2pa.assertions", b"c2pa.claim", b"c2pa.claim.v2", b"c2pa.signature"),
        *(b"c2pa.credentials", b"c2pa.databoxes"),
    )
)
_PLAIN = (0x03, 0x13)
"""Toggles of a description: it has a label and may be asked for, with or without salt."""
_MOST_STORES, _MOST_BOXES = 16, 100_000
_LONGEST_LABEL = 4096
_HASHES = ("sha256", "sha384", "sha512")

Content = mmap.mmap | bytes


@dataclass(frozen=True, slots=True)
class ManifestBox:
    """A manifest as it lies in a store."""

    label: str
    digests: dict[str, str]
    """Hash of its content by algorithm, in hex."""
    odd: bool = False
    """Whether its envelope is not as specified; no hash covers that of the active one."""


@dataclass(frozen=True, slots=True)
class StoreBox:
    """A store as it lies in a file."""

    manifests: tuple[ManifestBox, ...]
    """In their order."""
    odd: bool = False
    """Whether its own envelope is not as specified; no hash covers it."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An ingredient that names its manifest by hash."""

    owner: str
    label: str
    """Of its assertion."""
    manifest: str
    algorithm: str
    digest: str
    early: bool = False
    """Whether it is of a version before 3, of which the oldest hash in other ways."""


@dataclass(frozen=True, slots=True)
class _Box:
    """A box, by the places of its first byte, its content's, and the one behind its last."""

    start: int
    inside: int
    end: int
    kind: bytes
    label: bytes
    toggles: int


def store_boxes(stream: BufferedReader) -> tuple[StoreBox, ...]:
    """The stores of a file that holds one, in one piece each; none in a GIF, which cuts them up."""
    if stream.seek(0, os.SEEK_END) == 0:
        return ()  # nothing can't be mapped
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content[:4] == _GIF:
            return ()
        if content[:3] == _JPEG:
            joined = _joined(content)
            return (_store(joined, 0, len(joined), exact=True),) if joined else ()
        if content[4:8] == b"ftyp":
            places = tuple(_holders(stream, content))[:_MOST_STORES]
            found = [_held(content, *place) for place in places]
            # Whoever asks has read a store: one that is not where it should be is odd.
            return tuple(found) or (StoreBox((), odd=True),)
        found, at = [], content.find(_MARK)
        while at >= 0 and len(found) < _MOST_STORES:
            store = _store(content, at - 12, len(content), exact=False)
            found += [store] if store.manifests else []
            at = content.find(_MARK, at + 1)
        return tuple(found)


def _joined(content: mmap.mmap) -> bytes:
    """The store of a JPEG: cut over APP11 segments, each of which repeats the box's head.

    After ISO/IEC 19566-5: the segment's length, `JP`, which box, which piece of it, the piece.
    """
    parts, at, box = list[bytes](), 2, b""
    while content[at : at + 1] == b"\xff" and content[at + 1] not in (0xD9, 0xDA):
        size = int.from_bytes(content[at + 2 : at + 4], "big")
        segment = content[at + 4 : at + 2 + size]
        if content[at + 1] == 0xEB and segment[:2] == b"JP":
            store = segment[16 : 16 + len(_MARK) + 4].endswith(_MARK)
            box = segment[2:4] if store and not box else box
            if box and segment[2:4] == box:
                parts.append(segment[8 if not parts else 16 :])
        at += 2 + max(2, size)
    return b"".join(parts)


def _holders(stream: BufferedReader, content: mmap.mmap) -> Iterator[tuple[int, int]]:
    """Where stores begin and end in an MP4: the boxes made for them, at its first level."""
    with suppress(ValueError):  # what lies behind the last box holds none
        for box in walk(stream):
            inside = box.start + box.head
            if box.kind == b"uuid" and content[inside : inside + 16] == _HOLDER:
                # Version and flags, and what it is for.
                purpose = content[inside + 20 : inside + 20 + 16].partition(b"\0")[0]
                if purpose in _PURPOSES:
                    yield inside + 20 + len(purpose) + 1, box.end


def _held(content: Content, start: int, end: int) -> StoreBox:
    """The store in a box made for it, behind the place of a further box: 0, or where one lies."""
    further = int.from_bytes(content[start : start + 8], "big")
    store = _store(content, start + 8, end, exact=True)
    lost = further != 0 and content[further + 4 : further + 8] != b"uuid"
    return replace(store, odd=store.odd or lost)


def _store(content: Content, start: int, limit: int, *, exact: bool) -> StoreBox:
    """A store; `exact` is whether it has to end at the limit."""
    outer = _superbox(content, start, limit)
    if outer is None:
        return StoreBox((), odd=True)
    boxes, whole = _boxes(content, outer)
    odd = (
        not whole
        or (exact and outer.end != limit)
        or outer.label != b"c2pa"
        or any(box.toggles not in _PLAIN for box in (outer, *boxes))
    )
    manifests = tuple(_manifest(content, box) for box in boxes if box.kind in _MANIFESTS)
    return StoreBox(manifests, odd)


def _manifest(content: Content, box: _Box) -> ManifestBox:
    """A manifest with its hashes."""
    whole = content[box.start + 8 : box.end]
    digests = {name: hashlib.new(name, whole).hexdigest() for name in _HASHES}
    parts, filled = _boxes(content, box)
    strange = any(
        part.label not in _PARTS
        or part.toggles not in _PLAIN
        or (part.label == b"c2pa.signature" and _scribbled(content[part.inside : part.end]))
        for part in parts
    )
    odd = box.kind != _COMPRESSED and (not filled or strange)
    return ManifestBox(box.label.decode("utf-8", "replace"), digests, odd)


def _scribbled(signature: bytes) -> bool:
    """Whether room that was left in a signature holds something: it lies outside the signature.

    It is a byte string called `pad` in the header that is not protected, of zeros (C2PA
    specification 2.2, 13.2.4); it is the last thing before the signature itself.
    """
    at = signature.rfind(_PAD) + len(_PAD)
    if at < len(_PAD) or at >= len(signature):
        return False
    width = {0x58: 1, 0x59: 2, 0x5A: 4}.get(signature[at], 0)
    size = int.from_bytes(signature[at + 1 : at + 1 + width], "big")
    begin = at + 1 + width
    return width > 0 and any(signature[begin : begin + size])


def _boxes(content: Content, outer: _Box) -> tuple[list[_Box], bool]:
    """The described boxes in a box, and whether they fill it exactly."""
    found, at = list[_Box](), outer.inside
    while at < outer.end and len(found) < _MOST_BOXES:
        box = _superbox(content, at, outer.end)
        if box is None:
            return found, False
        found.append(box)
        at = box.end
    return found, at == outer.end


def _superbox(content: Content, at: int, limit: int) -> _Box | None:
    """The described box that begins there, None where there is none within a limit."""
    end = _end(content, at, limit)
    inside = _end(content, at + 8, end)
    if not inside or content[at + 4 : at + 8] != b"jumb" or content[at + 12 : at + 16] != b"jumd":
        return None
    kind, toggles = content[at + 16 : at + 20], content[at + 32]
    label = content[at + 33 : min(inside, at + 33 + _LONGEST_LABEL)].partition(b"\0")[0]
    return _Box(at, inside, end, kind, label, toggles) if inside > at + 33 else None


def _end(content: Content, at: int, limit: int) -> int:
    """Where the box that begins there ends, 0 where there is none within a limit."""
    if at < 0 or at + 8 > limit:
        return 0
    size = int.from_bytes(content[at : at + 4], "big")
    return at + size if 8 <= size <= limit - at else 0


def references(document: Document) -> tuple[Reference, ...]:
    """The ingredients of a store that name manifests by hash, from the SDK's `crjson` document."""
    found = list[Reference]()
    for manifest in list_of(document.get("manifests")):
        for label, data in map_of(map_of(manifest).get("assertions")).items():
            if label.startswith("c2pa.ingredient"):
                reference = _reference(str(map_of(manifest).get("label")), label, map_of(data))
                found += [reference] if reference is not None else []
    return tuple(found)


def _reference(owner: str, label: str, data: Document) -> Reference | None:
    """What one ingredient names, in the words of its version."""
    early = "activeManifest" not in data
    named = map_of(data.get("c2pa_manifest" if early else "activeManifest"))
    manifest = str(named.get("url", "")).partition("/c2pa/")[2].partition("/")[0]
    algorithm = str(named.get("alg") or "sha256")
    text = str(named.get("hash", "")).removeprefix("b64'").removesuffix("'")
    if not manifest or algorithm not in _HASHES:
        return None
    try:
        digest = base64.b64decode(text, validate=True).hex()
    except (binascii.Error, ValueError):
        digest = ""
    return Reference(owner, label, manifest, algorithm, digest, early)
