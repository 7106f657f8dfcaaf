"""An edit list under way to a timeline: what could be read of it, and what is wrong so far."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path

from finisher.canonical import Json
from finisher.edl.document import EdlDoc
from finisher.edl.marks_document import INVISIBLE, SOUND, VISIBLE
from finisher.edl.paths import PathRefused, inside
from finisher.edl.source import Source, pointer_to
from finisher.edl.times import NoSuchTime
from finisher.presets.strict import Complaint, validate
from finisher.problems import Problem, Where
from finisher.timecode import Rate

Trail = tuple[str | int, ...]
"""Keys and indexes that lead to a value."""


@dataclass(frozen=True, slots=True)
class Names:
    """Everything the document names, well-formed or not, so that one mistake is told once."""

    takes: frozenset[str]
    sessions: frozenset[str]
    marks: frozenset[str]
    events: frozenset[str]
    peopled: frozenset[str]
    """Sessions that a take names."""


@dataclass(frozen=True, slots=True)
class Draft:
    """The well-formed part of an edit list, and a list of problems to add to.

    `events` and `layers` are the entries' places in the document, where others were left out.
    `damaged` are pointers to values that were wrong in form, already reported, and are missing
    or stood in for here.
    """

    source: Source
    document: EdlDoc
    events: tuple[int, ...]
    layers: tuple[int, ...]
    names: Names
    folder: Path
    roots: tuple[Path, ...]
    problems: list[Problem] = field(default_factory=list)
    damaged: frozenset[str] = frozenset()

    @property
    def rate(self) -> Rate:
        """Frames a second of the edit."""
        return self.document.rate

    def where(self, pointer: str) -> Where:
        """The place of a value."""
        return self.source.where(pointer)

    def wrong(self, code: str, pointer: str, message: str, hint: str | None = None) -> None:
        """Report a problem with the value at a pointer, unless what was written there is gone."""
        section, entry, key, *_ = [*pointer.split("/")[1:], "", "", ""]
        whole = self.whole(f"/{section}/{entry}")
        gone = f"/{section}/{entry}/{key}" in self.damaged if key else not whole
        if not gone and (whole or self.source.places.find(pointer) is not None):
            self.problems.append(Problem(code, message, self.where(pointer), hint))

    def duplicate(self, entry: str, what: str, name: str, first: str) -> None:
        """Report an entry that is called as the one at `first` is."""
        given = f"{entry}/id"
        pointer = given if self.source.places.find(given) is not None else entry
        hint = f"the one on line {self.where(first).line}"
        self.wrong("duplicate-id", pointer, f'another {what} is called "{name}"', hint)

    def whole(self, entry: str) -> bool:
        """Whether an entry is as written, nothing in it missing or stood in for."""
        return entry not in self.damaged

    def time(
        self, read: Callable[[int | str, Rate], int], time: int | str, pointer: str
    ) -> int | None:
        """What a written time means, None after reporting that it means nothing."""
        try:
            return read(time, self.rate)
        except NoSuchTime as error:
            self.wrong(error.code, pointer, error.message, error.hint)
            return None

    def path(self, text: str, pointer: str) -> str:
        """A written path made absolute; as written after reporting that it may not be used."""
        try:
            return str(inside(text, self.folder, self.roots))
        except PathRefused as error:
            self.wrong(error.code, pointer, error.message, error.hint)
            return text


def draft(source: Source, folder: Path, roots: tuple[Path, ...]) -> Draft | tuple[Problem, ...]:
    """Read a document by its schema; entries that don't fit are reported and left out.

    Gives the problems alone where what does not fit touches everything: no rate, no takes.
    """
    read = validate(EdlDoc, source.value)
    if isinstance(read, EdlDoc):
        places = (tuple(range(len(read.events))), tuple(range(len(read.audio))))
        return Draft(source, read, *places, _names(source.value), folder, roots)
    problems = [_placed(complaint, source) for complaint in read]
    rest, damaged = _mended(source.value, read)
    again = validate(EdlDoc, rest)
    if not isinstance(again, EdlDoc):
        return tuple(problems)
    events, layers = (_kept(source.value, key) for key in ("events", "audio"))
    names = _names(source.value)
    return Draft(source, again, events, layers, names, folder, roots, problems, damaged)


def _placed(complaint: Complaint, source: Source) -> Problem:
    """A complaint about the document's form as a problem with its place in the text."""
    pointer = reduce(pointer_to, complaint.path, "")
    where = source.where_key(pointer) if complaint.at_key else source.where(pointer)
    return Problem(complaint.code, complaint.message, where, complaint.hint)


_STAND_INS: dict[str, dict[str, Json]] = {
    "takes": {"file": "-"},
    "sessions": {},
    "events": {"take": "-"},
    "audio": {"file": "-", "role": "music"},
    "watermarks": {"kind": "visible", "box": [0, 0, 1, 1]},
    "deliverables": {"preset": "stand-in"},
}
"""Values for required keys, so that the rest of a damaged entry can be judged."""
_HIDDEN: dict[str, Json] = {"detector": "stand-in"}
"""The same for marks of other kinds than visible."""
_INDIVISIBLE = ("ocio", "release", "training")
"""What is left out as a whole when any part of it is wrong."""
_NEEDED = ("schema", "rate", "takes", "events")
"""Keys without which nothing else can be judged."""


def _mended(value: Json, complaints: Sequence[Complaint]) -> tuple[Json, frozenset[str]]:
    """A document without the values complained about, and the pointers of entries and keys hit."""
    if not isinstance(value, dict):
        return value, frozenset()
    hit = {complaint.path[:n] for complaint in complaints for n in (2, 3)}
    misnamed = {c.path for c in complaints if c.at_key and len(c.path) == 2}
    paths = [complaint.path for complaint in complaints if complaint.path]
    wholes = {first for first, *rest in paths if not rest or first in _INDIVISIBLE}
    unusable = wholes - set(_NEEDED)
    rest = {
        key: _section(key, section, hit, misnamed)
        for key, section in value.items()
        if key not in unusable
    }
    # A raster decides nothing that is checked here: any will do to judge the rest.
    rest["canvas"] = {"width": 1920, "height": 1080}
    return rest, frozenset(reduce(pointer_to, path, "") for path in hit if len(path) > 1)


def _section(
    key: str, section: Json, hit: AbstractSet[Trail], misnamed: AbstractSet[Trail]
) -> Json:
    """A section without the keys that were hit, and without entries that are no objects."""
    if key not in _STAND_INS:
        return section

    def mended(entry: dict[str, Json], path: Trail) -> Json:
        if path not in hit:
            return entry
        kept = {name: part for name, part in entry.items() if (*path, name) not in hit}
        return {**_stand_in(key, kept), **kept}

    if isinstance(section, dict):
        return {
            name: mended(entry, (key, name))
            for name, entry in section.items()
            if isinstance(entry, dict) and (key, name) not in misnamed
        }
    if isinstance(section, list):
        entries = enumerate(section)
        return [mended(entry, (key, i)) for i, entry in entries if isinstance(entry, dict)]
    return section


def _stand_in(key: str, kept: dict[str, Json]) -> dict[str, Json]:
    """What stands for the required keys of an entry; where a mark has a track it has no box."""
    if key != "watermarks":
        return _STAND_INS[key]
    if kept.get("kind") in (INVISIBLE, SOUND):
        return _HIDDEN
    return {"kind": VISIBLE} if "track" in kept else _STAND_INS[key]


def _kept(value: Json, key: str) -> tuple[int, ...]:
    """Which entries of a list are objects, and so were kept."""
    section = value.get(key) if isinstance(value, dict) else None
    entries = section if isinstance(section, list) else []
    return tuple(place for place, entry in enumerate(entries) if isinstance(entry, dict))


def _names(value: Json) -> Names:
    """The names a document declares, taken from its raw form."""
    document = value if isinstance(value, dict) else {}
    takes = _members(document.get("takes"))
    events = document.get("events")
    entries = events if isinstance(events, list) else []
    return Names(
        takes=frozenset(takes),
        sessions=frozenset(_members(document.get("sessions"))),
        marks=frozenset(_members(document.get("watermarks"))),
        events=frozenset(event_id(entry, index) for index, entry in enumerate(entries)),
        peopled=frozenset(
            session
            for take in takes.values()
            if isinstance(take, dict) and isinstance(session := take.get("session"), str)
        ),
    )


def event_id(entry: Json, index: int) -> str:
    """What an event is called: its id, or its place among the events."""
    given = entry.get("id") if isinstance(entry, dict) else None
    return given if isinstance(given, str) else f"event-{index + 1}"


def _members(value: Json | None) -> dict[str, Json]:
    """A section's entries, none where it is no object."""
    return value if isinstance(value, dict) else {}
