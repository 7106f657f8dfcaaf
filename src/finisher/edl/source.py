"""Strict JSON whose every value knows its line and column."""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import reduce

from finisher.canonical import Json
from finisher.problems import DocumentError, Problem, Where

MAX_BYTES = 32 << 20
"""An edit list of 10 000 events is about 2 MB; what is larger was not meant to be one."""
MAX_DEPTH = 64
"""Nesting beyond this has no meaning in any document of ours and would exhaust the stack."""
MAX_KEY = 200
"""Characters of a key; names are shorter, and places in messages stay readable."""

_BLANK = re.compile(r"[ \t\n\r]*")
_WORDS: dict[str, Json] = {"true": True, "false": False, "null": None}
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# What people write who know JavaScript or Python better than JSON.
_FOREIGN = {
    "/": "JSON has no comments",
    "#": "JSON has no comments",
    "'": 'JSON text stands in double quotes: "…"',
    "N": "NaN is no JSON number",
    "I": "Infinity is no JSON number",
    "+": "a JSON number has no leading +",
    ".": "a JSON number begins with a digit: 0.5",
    "T": "JSON writes true",
    "F": "JSON writes false",
}


def pointer_to(parent: str, key: str | int) -> str:
    """The JSON pointer of a member of the value at `parent` (RFC 6901)."""
    return f"{parent}/{str(key).replace('~', '~0').replace('/', '~1')}"


@dataclass(slots=True)
class Place:
    """Where a value, and its key if it has one, begins in the text; and those inside it.

    A tree rather than a table of pointers: its size is in proportion to the text's.
    """

    value: int
    key: int | None = None
    members: dict[str, Place] | list[Place] | None = None

    def find(self, pointer: str) -> Place | None:
        """The place of the value a JSON pointer names, seen from here."""
        place = self
        for part in pointer.split("/")[1:]:
            members = place.members
            if isinstance(members, dict):
                found = members.get(part.replace("~1", "/").replace("~0", "~"))
            elif isinstance(members, list) and part.isdecimal() and int(part) < len(members):
                found = members[int(part)]
            else:
                found = None
            if found is None:
                return None
            place = found
        return place


class Lines:
    """Offsets in a text as lines and columns."""

    __slots__ = ("_starts",)

    def __init__(self, text: str) -> None:
        """Find the line breaks of a text."""
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\n|\r", text))]

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, from 1 and in characters."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


@dataclass(frozen=True, slots=True)
class Source:
    """A document's value, and where in its text each part of it stands.

    Keys given twice are in `problems`; the first of them counts.
    """

    file: str
    value: Json
    places: Place
    lines: Lines
    problems: tuple[Problem, ...] = ()

    def where(self, pointer: str) -> Where:
        """The place of the value a pointer names."""
        place = self.places.find(pointer)
        if place is None:
            return Where(self.file, pointer)
        return Where(self.file, pointer, *self.lines.at(place.value))

    def where_key(self, pointer: str) -> Where:
        """The place of a key; that of its value where it is no member of an object."""
        place = self.places.find(pointer)
        if place is None or place.key is None:
            return self.where(pointer)
        return Where(self.file, pointer, *self.lines.at(place.key))


def scan(data: bytes, file: str) -> Source:
    """Read JSON bytes; `file` is the name used in messages.

    Takes time in proportion to the text. Gives the same value as `json.loads` for every document
    it accepts.

    Raises:
        DocumentError: for anything that is not strict JSON in UTF-8: syntax, a byte order mark,
            NaN and Infinity, half a surrogate pair, numbers beyond a double, trailing text, and
            documents larger than `MAX_BYTES` or nested deeper than `MAX_DEPTH`.
    """
    if len(data) > MAX_BYTES:
        raise DocumentError(
            Problem(
                "document-too-large",
                f"the document has {len(data)} bytes; the limit is {MAX_BYTES}",
                Where(file),
            )
        )
    return _Scanner(file, _decode(data, file)).document()


def _decode(data: bytes, file: str) -> str:
    """The text of a document in UTF-8 without a byte order mark."""
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise DocumentError(
            Problem(
                "byte-order-mark",
                "the document begins with a byte order mark",
                Where(file, "", 1, 1),
                "save it as UTF-8 without one",
            )
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        line, column = Lines(before).at(len(before))
        raise DocumentError(
            Problem(
                "not-utf-8",
                f"byte 0x{data[error.start]:02x} is not UTF-8",
                Where(file, "", line, column),
            )
        ) from None


@dataclass(slots=True)
class _Scanner:
    """One pass over a text; scalars are left to the standard library's decoder."""

    file: str
    text: str
    at: int = 0
    path: list[str | int] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    lines: Lines = field(init=False)
    scalars: json.JSONDecoder = field(default_factory=json.JSONDecoder)

    def __post_init__(self) -> None:
        self.lines = Lines(self.text)

    def document(self) -> Source:
        """The whole document: one value and nothing after it."""
        self._blank()
        place = Place(self.at)
        value = self._value(place)
        self._blank()
        if self.at < len(self.text):
            raise self._wrong(self.at, "there is text after the end of the document")
        return Source(self.file, value, place, self.lines, tuple(self.problems))

    def _wrong(self, offset: int, message: str, hint: str | None = None) -> DocumentError:
        """The error to give up with at an offset: what follows can't be understood."""
        where = Where(self.file, "", *self.lines.at(offset))
        return DocumentError(Problem("syntax", message, where, hint))

    def _blank(self) -> str:
        """Skip white space; the character after it, empty at the end of the text."""
        match = _BLANK.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def _value(self, place: Place) -> Json:
        """The value that begins here."""
        first = self.text[self.at : self.at + 1]
        if first in ("{", "["):
            if len(self.path) == MAX_DEPTH:
                raise self._wrong(self.at, f"values are nested more than {MAX_DEPTH} deep")
            return self._object(place) if first == "{" else self._array(place)
        if first == '"':
            return self._string()
        if first.isascii() and (first.isdigit() or first == "-"):
            return self._number()
        return self._word(first)

    def _word(self, first: str) -> Json:
        """One of the three words of JSON."""
        for word, meaning in _WORDS.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return meaning
        if not first:
            raise self._wrong(self.at, "the document ends where a value was expected")
        raise self._wrong(self.at, f"expected a value, found {first!r}", _FOREIGN.get(first))

    def _object(self, place: Place) -> Json:
        """An object; its brace is here."""
        members: dict[str, Json] = {}
        places: dict[str, Place] = {}
        place.members = places
        self.at += 1
        if self._blank() == "}":
            self.at += 1
            return members
        while True:
            start = self.at
            if self.text[start : start + 1] != '"':
                raise self._no_key(start)
            key = self._key()
            member = Place(self.at, start)
            self.path.append(key)
            value = self._value(member)
            self.path.pop()
            if key in members:
                self._repeated(start, key, places[key])
            else:
                places[key], members[key] = member, value
            if self._closes("}", "object"):
                return members

    def _key(self) -> str:
        """A key and its colon; the value follows."""
        start = self.at
        key = self._string()
        if len(key) > MAX_KEY:
            raise self._wrong(start, f"a key of {len(key)} characters; the limit is {MAX_KEY}")
        if self._blank() != ":":
            raise self._wrong(self.at, f"expected a colon after the key {key!r}")
        self.at += 1
        self._blank()
        return key

    def _array(self, place: Place) -> Json:
        """An array; its bracket is here."""
        items: list[Json] = []
        places: list[Place] = []
        place.members = places
        self.at += 1
        if self._blank() == "]":
            self.at += 1
            return items
        while True:
            places.append(Place(self.at))
            self.path.append(len(items))
            items.append(self._value(places[-1]))
            self.path.pop()
            if self._closes("]", "array"):
                return items

    def _closes(self, bracket: str, kind: str) -> bool:
        """Whether an object or array ends here; if not, step to its next member."""
        found = self._blank()
        if found == bracket:
            self.at += 1
            return True
        if found != ",":
            wrong = f"found {found!r}" if found else "the document ends"
            message = f"expected a comma or {bracket} in this {kind}, {wrong}"
            raise self._wrong(self.at, message, _FOREIGN.get(found))
        comma = self.at
        self.at += 1
        if self._blank() == bracket:
            raise self._wrong(comma, f"JSON has no comma before the closing {bracket}")
        return False

    def _no_key(self, start: int) -> DocumentError:
        """Say what stands where a key should."""
        found = self.text[start : start + 1]
        if not found:
            return self._wrong(start, "the document ends inside an object")
        hint = _FOREIGN.get(found) if found in "/#'" else 'keys stand in double quotes: "in"'
        return self._wrong(start, f"expected a key, found {found!r}", hint)

    def _repeated(self, start: int, key: str, first: Place) -> None:
        """Report a key given twice; past a hundred of them, nobody reads on."""
        if len(self.problems) == 100:
            return
        pointer = reduce(pointer_to, [*self.path, key], "")
        where = Where(self.file, pointer, *self.lines.at(start))
        line = self.lines.at(first.value if first.key is None else first.key)[0]
        message = f"the key {key!r} is given twice"
        self.problems.append(Problem("duplicate-key", message, where, f"first on line {line}"))

    def _string(self) -> str:
        """A string; its opening quote is here."""
        start = self.at
        try:
            text, self.at = self.scalars.raw_decode(self.text, start)
        except json.JSONDecodeError as error:
            if error.msg.startswith("Unterminated"):
                raise self._wrong(start, "this text has no closing quote") from None
            if error.msg.startswith("Invalid control"):
                raise self._wrong(
                    error.pos, "a line break or control character inside text", "write \\n"
                ) from None
            # The library points at the slash or behind it, from version to version.
            slash = self.text.rfind("\\", start, error.pos + 1)
            message = "a backslash that begins no JSON escape"
            raise self._wrong(slash, message, "write \\\\") from None
        if _SURROGATE.search(text):
            raise self._wrong(start, "this text holds half a surrogate pair")
        return str(text)

    def _number(self) -> Json:
        """A number; its sign or first digit is here."""
        start = self.at
        try:
            number, self.at = self.scalars.raw_decode(self.text, start)
        except json.JSONDecodeError:
            raise self._wrong(start, "a minus sign without a number") from None
        except ValueError:  # Python refuses to convert integers of thousands of digits
            raise self._wrong(start, "this number has too many digits") from None
        if isinstance(number, float) and not math.isfinite(number):
            raise self._wrong(start, "this number is too large, or not a number")
        after = self.text[self.at : self.at + 1]
        if after and after not in " \t\n\r,]}":
            raise self._wrong(start, "this is not a JSON number", "no leading zeros, no bare point")
        whole: Json = number
        return whole
