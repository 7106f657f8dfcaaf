"""What a look file must be before OpenColorIO is let at it: bearable, plain, and harmless.

OpenColorIO reads a domain that is swapped, `0,5` for 0 and a file that a `.ctf` points to without
a word, and tells of most else without a place. What is refused here never reaches it.
"""

from __future__ import annotations

import codecs
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

LARGEST = 128 << 20
"""Bytes a look may have: 129 points a side with twelve digits a value are 90 MB."""
XML = (".cc", ".ccc", ".cdl", ".clf", ".ctf")
"""Suffixes of looks that are XML."""

# What OpenColorIO itself takes; told here before anything is read, and with the line.
_SIDE, _CURVE = 129, 300_000
_DEEPEST = 64
_NUMBER = re.compile(rb"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
_SIZES = {b"LUT_1D_SIZE": _CURVE, b"LUT_3D_SIZE": _SIDE}
_RANGES = (b"LUT_1D_INPUT_RANGE", b"LUT_3D_INPUT_RANGE")
_DOMAIN = (b"DOMAIN_MIN", b"DOMAIN_MAX")
_KEYWORDS = (*_SIZES, *_RANGES, *_DOMAIN, b"TITLE")


class Unfit(Exception):
    """Why a look's content is refused: code, message, line from 1 where known, and a way out."""

    def __init__(
        self, code: str, message: str, line: int | None = None, hint: str | None = None
    ) -> None:
        """Keep the parts apart for whoever knows the file."""
        super().__init__(message)
        self.code, self.message, self.line, self.hint = code, message, line, hint


def fit(content: bytes, suffix: str) -> bytes:
    """A look's content as it may be read, by its suffix in small letters; a BOM is left out.

    Raises:
        Unfit: `look-not-text`, `look-unreadable`, `look-not-finite`, `look-domain`, `look-xml` or
            `look-refers`.
    """
    text = _plain_text(content)
    if suffix == ".cube":
        _check_cube(text)
    elif suffix in XML:
        _check_markup(text)
    return text


def _plain_text(content: bytes) -> bytes:
    """Text that readers of lines understand."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        message = "the look is text in UTF-16"
        raise Unfit("look-not-text", message, hint="save it as UTF-8")
    if b"\0" in content:
        raise Unfit("look-not-text", "the look is no text: it holds zero bytes")
    text = content.removeprefix(codecs.BOM_UTF8)
    if not text.strip():
        raise Unfit("look-unreadable", "the look is empty")
    # Lines that end in CR alone are one line to readers that look for LF.
    return text if b"\n" in text else text.replace(b"\r", b"\n")


@dataclass(slots=True)
class _Cube:
    """A .cube's head, and its rows with the lines they stand on."""

    sizes: dict[bytes, int] = field(default_factory=dict)
    domain: dict[bytes, tuple[int, list[float]]] = field(default_factory=dict)
    rows: list[bytes] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    @property
    def due(self) -> int:
        """How many rows the head promises."""
        return self.sizes.get(b"LUT_1D_SIZE", 0) + self.sizes.get(b"LUT_3D_SIZE", 0) ** 3


def _check_cube(text: bytes) -> None:
    """Hold a .cube to its own head, its rows to three plain numbers."""
    if text.lstrip().startswith(b"<"):
        message = "the look is a page of HTML or XML, not a .cube"
        raise Unfit("look-unreadable", message, 1, "was it saved from a web page?")
    cube, lines = _Cube(), text.split(b"\n")
    numbered = enumerate(lines, 1)
    # Nearly all of a large file are its rows: they are read one by one only where something is
    # wrong with them, to tell where.
    first = next((n for n, line in numbered if not _of_head(cube, line, n)), len(lines))
    whole = _whole_rows(b"\n".join(lines[first - 1 :]), cube.due)
    if not whole and cube.rows:
        for number, line in numbered:
            _of_head(cube, line, number)
    if not cube.sizes:
        message = "the look has neither LUT_1D_SIZE nor LUT_3D_SIZE"
        raise Unfit("look-unreadable", message)
    _check_domain(cube)
    if not whole:
        _check_rows(cube)


def _of_head(cube: _Cube, raw: bytes, number: int) -> bool:
    """Take in one line; whether it belongs to the head rather than to the rows."""
    line = raw.strip()
    if not line or line.startswith(b"#"):
        return True
    if line[:1].isalpha() and line[:3].lower() not in (b"nan", b"inf"):
        _keyword(cube, line, number)
        return True
    cube.rows.append(line)
    cube.lines.append(number)
    return False


def _whole_rows(text: bytes, due: int) -> bool:
    """Whether a text is as many finite numbers as are due, and nothing else.

    How they stand in lines is left to OpenColorIO, which wants three in each.
    """
    if text.translate(None, b"0123456789+-.eE \t\r\n"):
        return False
    try:
        values = [float(word) for word in text.split()]
    except ValueError:
        return False
    return len(values) == 3 * due and all(map(math.isfinite, values))


def _keyword(cube: _Cube, line: bytes, number: int) -> None:
    """One line of the head."""
    word, *rest = line.split()
    word = word.upper()
    if word in _SIZES:
        size = int(rest[0]) if len(rest) == 1 and rest[0].isdigit() else 0
        if not 2 <= size <= _SIZES[word]:
            message = f"{_shown(line)}: the size must be a whole number from 2 to {_SIZES[word]}"
            raise Unfit("look-unreadable", message, number)
        cube.sizes[word] = size
    elif word in (*_DOMAIN, *_RANGES):
        count = 2 if word in _RANGES else 3
        if len(rest) != count or not all(map(_NUMBER.fullmatch, rest)):
            message = f"{_shown(line)}: {count} plain numbers belong there"
            raise Unfit("look-domain", message, number)
        cube.domain[word] = (number, list(map(float, rest)))
    elif word not in _KEYWORDS:
        message = f"{_shown(line)}: neither three numbers nor a word of a .cube"
        raise Unfit("look-unreadable", message, number)


def _check_domain(cube: _Cube) -> None:
    """A domain must rise: OpenColorIO reads one that falls as if it meant it."""
    low = cube.domain.get(_DOMAIN[0], (0, [0.0] * 3))
    high = cube.domain.get(_DOMAIN[1], (0, [1.0] * 3))
    pairs = [(max(low[0], high[0]), low[1], high[1])]
    for word in _RANGES:
        if word in cube.domain:
            number, (start, end) = cube.domain[word]
            pairs.append((number, [start], [end]))
    for number, starts, ends in pairs:
        if not all(a < b and math.isfinite(b - a) for a, b in zip(starts, ends, strict=True)):
            message = "the domain's end must lie above its start"
            raise Unfit("look-domain", message, number)


def _check_rows(cube: _Cube) -> None:
    """As many rows as promised, each of three finite numbers."""
    _tell_row(cube)
    if len(cube.rows) != cube.due:
        found, due = len(cube.rows), cube.due
        what = "rows are missing" if found < due else "there are too many rows"
        message = f"{what}: {found:,} of {due:,}"
        at = cube.lines[-1] if cube.lines else None
        raise Unfit("look-unreadable", message, at, "is the file whole?")


def _tell_row(cube: _Cube) -> None:
    """Tell of the first row that is not three finite numbers."""
    for row, number in zip(cube.rows, cube.lines, strict=True):
        values = row.split()
        if any(value.lower().lstrip(b"+-").startswith((b"nan", b"inf")) for value in values):
            message = f"{_shown(row)}: the look holds values that are not finite numbers"
            raise Unfit("look-not-finite", message, number)
        if len(values) != 3 or not all(map(_NUMBER.fullmatch, values)):
            hint = "write decimals with a point" if b"," in row else None
            message = f"{_shown(row)}: a row is three numbers"
            raise Unfit("look-unreadable", message, number, hint)
        if not all(map(math.isfinite, map(float, values))):
            message = f"{_shown(row)}: the look holds values too large for a number"
            raise Unfit("look-not-finite", message, number)


def _shown(line: bytes) -> str:
    """A line as it may be repeated: short, and without what is no text."""
    return ascii(line[:40].decode("utf-8", "replace"))


def _check_markup(text: bytes) -> None:
    """Well-formed XML that defines nothing, points nowhere and does not nest without end."""
    parser = expat.ParserCreate()
    depth = 0

    def refuse(code: str, message: str) -> None:
        raise Unfit(code, message, parser.CurrentLineNumber)

    def doctype(*_: object) -> None:
        refuse("look-xml", "the look defines a document type or entities, which no look needs")

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            refuse("look-xml", f"the look nests more than {_DEEPEST} elements")
        if name.rpartition(":")[2] == "Reference":
            refuse("look-refers", "the look refers to another file")
        _check_array(name, attributes.get("dim"), len(text), refuse)

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    try:
        parser.Parse(text, True)  # noqa: FBT003 (it takes no names)
    except expat.ExpatError as error:
        message = f"the look is no well-formed XML: {expat.ErrorString(error.code)}"
        raise Unfit("look-unreadable", message, error.lineno, "is the file whole?") from None


def _check_array(
    name: str, dim: str | None, length: int, refuse: Callable[[str, str], None]
) -> None:
    """A table can't hold more values than the file has bytes for."""
    if name != "Array" or dim is None:
        return
    sizes = list(_whole(dim))
    if sizes and math.prod(sizes) > length:
        refuse(
            "look-unreadable", f"the look promises {math.prod(sizes):,} values, and is too short"
        )


def _whole(text: str) -> Iterator[int]:
    """The whole numbers in a text; what else is in it is left to OpenColorIO to tell."""
    return (int(word) for word in text.split() if word.isdigit() and len(word) < 12)
