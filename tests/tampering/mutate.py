"""Random damage to signed files: bytes, boxes, JUMBF and CBOR, sizes, nesting."""

from __future__ import annotations

import random
from collections.abc import Callable

Mutation = Callable[[bytearray, random.Random], None]
_NUMBERS = (0, 1, 7, 8, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
_KINDS = (b"jumb", b"jumd", b"cbor", b"json", b"bfdb", b"bidb", b"uuid", b"moov", b"free", b"mdat")
# Arrays, maps and strings of indefinite or absurd length, tags, floats that are none.
_CBOR = (0x1B, 0x3B, 0x5B, 0x5F, 0x7B, 0x7F, 0x9B, 0x9F, 0xBB, 0xBF, 0xDB, 0xF9, 0xFB, 0xFF)


def mutated(data: bytes, seed: int) -> tuple[str, bytes]:
    """A damaged copy by a seed, with what was done to it."""
    dice = random.Random(seed)
    name = dice.choice(tuple(MUTATIONS))
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 4))):
        if len(changed) > 64:
            MUTATIONS[name](changed, dice)
    return name, bytes(changed)


def _somewhere(data: bytearray, dice: random.Random) -> int:
    """A place in a file, more often than not in its store."""
    mark = data.find(b"jumdc2pa")
    if mark >= 0 and dice.random() < 0.7:
        return min(len(data) - 1, max(0, mark - 40) + int(dice.random() ** 2 * 60_000))
    return dice.randrange(len(data))


def _places(data: bytearray, mark: bytes) -> list[int]:
    found, at = [], data.find(mark)
    while at >= 0 and len(found) < 400:
        found.append(at)
        at = data.find(mark, at + 1)
    return found


def _noise(data: bytearray, dice: random.Random) -> None:
    at = _somewhere(data, dice)
    count = dice.choice((1, 1, 4, 64))
    data[at : at + count] = dice.randbytes(min(count, len(data) - at))


def _sizes(data: bytearray, dice: random.Random) -> None:
    """A box's size set to nothing, one, too much, or somewhat off."""
    places = [at for kind in _KINDS for at in _places(data, kind) if at >= 4]
    if places:
        at = dice.choice(places) - 4
        size = int.from_bytes(data[at : at + 4], "big")
        made = dice.choice((*_NUMBERS, size + 1, max(0, size - 1), size * 2))
        data[at : at + 4] = (made & 0xFFFFFFFF).to_bytes(4, "big")


def _kinds(data: bytearray, dice: random.Random) -> None:
    """One kind of box called another."""
    places = [at for kind in _KINDS for at in _places(data, kind)]
    if places:
        at = dice.choice(places)
        data[at : at + 4] = dice.choice(_KINDS)


def _cbor(data: bytearray, dice: random.Random) -> None:
    """The head of some CBOR item replaced."""
    places = _places(data, b"cbor")
    if places:
        at = dice.choice(places) + 4 + dice.choice((0, 0, 1, dice.randrange(200)))
        if at < len(data):
            data[at] = dice.choice(_CBOR)


def _numbers(data: bytearray, dice: random.Random) -> None:
    at = _somewhere(data, dice)
    width = dice.choice((1, 2, 4, 8))
    if at + width <= len(data):
        data[at : at + width] = (dice.choice(_NUMBERS) & (256**width - 1)).to_bytes(width, "big")


def _cut(data: bytearray, dice: random.Random) -> None:
    at = _somewhere(data, dice)
    del data[at : at + dice.choice((1, 8, 500, len(data)))]


def _doubled(data: bytearray, dice: random.Random) -> None:
    """A stretch put in again, boxes and all."""
    at = _somewhere(data, dice)
    data[at:at] = data[at : at + dice.choice((8, 200, 20_000))]


def _nested(data: bytearray, dice: random.Random) -> None:
    """Boxes in boxes in boxes, far deeper than any file needs."""
    places = [at - 4 for at in _places(data, b"jumb") if at >= 4]
    if not places:
        return
    at = dice.choice(places)
    size = int.from_bytes(data[at : at + 4], "big")
    described = bytes(data[at + 8 : at + 8 + 40])
    depth = dice.choice((10, 300, 3000))
    shells = b""
    for level in range(depth):
        whole = size + (depth - level) * (8 + len(described))
        shells += (whole & 0xFFFFFFFF).to_bytes(4, "big") + b"jumb" + described
    data[at:at] = shells


def _strings(data: bytearray, dice: random.Random) -> None:
    """Bytes that are no UTF-8, ends of strings and escapes where text stands."""
    at = _somewhere(data, dice)
    made = dice.choice((b"\xff\xfe", b"\xed\xa0\x80", b"\x00", b"\x1b[2J", b"\xe2\x80\xae"))
    data[at : at + len(made)] = made


MUTATIONS: dict[str, Mutation] = {
    "noise": _noise,
    "sizes": _sizes,
    "kinds": _kinds,
    "cbor": _cbor,
    "numbers": _numbers,
    "cut": _cut,
    "doubled": _doubled,
    "nested": _nested,
    "strings": _strings,
}
