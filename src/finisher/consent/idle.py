"""Revocations that take nothing back: most likely a name, a use or a place is written otherwise."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches

from finisher.consent.model import ANYTHING, Act, Log, Row
from finisher.problems import Problem, Severity, nearest

_MOST_WORDS = 5


@dataclass(frozen=True, slots=True)
class _Granted:
    """All that a person granted so far: territories by scope, as written and one by one."""

    words: dict[str, dict[str, None]] = field(default_factory=dict)
    places: dict[str, set[str]] = field(default_factory=dict)

    def add(self, row: Row) -> None:
        """Take a grant down."""
        for scope in row.scopes:
            self.words.setdefault(scope, {}).update(dict.fromkeys(row.territories))
            self.places.setdefault(scope, set()).update(row.everywhere)

    def about(self, row: Row) -> list[str]:
        """The scopes of which a revocation takes something back, if its territories do."""
        if ANYTHING in row.scopes:
            return list(self.words)
        return [scope for scope in self.words if scope in (ANYTHING, *row.scopes)]


def last(log: Log) -> tuple[Problem, ...]:
    """A word on the last act of a log where it takes nothing back."""
    row = log.rows[-1]
    return tuple(_told(one, granted) for one, granted in _idle(log) if one is row)


def concerning(log: Log, persons: Collection[str]) -> tuple[Problem, ...]:
    """The same of every act of some persons, or of a name like theirs that granted nothing."""
    known: dict[str, bool] = {}
    problems = []
    for row, granted in _idle(log):
        if row.person not in known:
            alike = row.person not in granted and get_close_matches(row.person, persons, 1)
            known[row.person] = row.person in persons or bool(alike)
        if known[row.person]:
            problems.append(_told(row, granted))
    return tuple(problems)


def alike(word: str, words: Iterable[str]) -> str | None:
    """A hint naming the known word that differs by capitals alone, else the closest, or None."""
    known = tuple(words)
    for one in known:
        if one != word and one.casefold() == word.casefold():
            return f"did you mean {one!r}? Capitals count"
    return nearest(word, known)


def _idle(log: Log) -> Iterator[tuple[Row, dict[str, _Granted]]]:
    """Revocations that touch no grant above them, each with what everybody had granted by then."""
    granted: dict[str, _Granted] = {}
    for row in log.rows:
        if row.act is Act.GRANT:
            granted.setdefault(row.person, _Granted()).add(row)
            continue
        theirs = granted.get(row.person, _Granted())
        if all(theirs.places[scope].isdisjoint(row.everywhere) for scope in theirs.about(row)):
            yield row, granted


def _told(row: Row, granted: dict[str, _Granted]) -> Problem:
    """What a revocation does not agree with, and the word that was meant."""
    theirs = granted.get(row.person)
    if theirs is None:
        why, hint = "granted nothing in this log", alike(row.person, granted)
    elif not theirs.about(row):
        why = f"granted {_listed(theirs.words)}, not {_listed(row.scopes)}"
        hint = _first(alike(scope, theirs.words) for scope in row.scopes)
    else:
        had = dict.fromkeys(word for scope in theirs.about(row) for word in theirs.words[scope])
        why = f"granted it for {_listed(had)}, not for {_listed(row.territories)}"
        hint = _first(alike(code, had) for code in row.territories)
    told = f"{row.person!r} {why}: the revocation takes nothing back"
    return Problem("consent-idle", told, row.where, hint, Severity.WARNING)


def _first(hints: Iterable[str | None]) -> str | None:
    return next((hint for hint in hints if hint is not None), None)


def _listed(words: Collection[str]) -> str:
    """A few words as they are, of many the first."""
    shown = ", ".join(map(repr, list(words)[:_MOST_WORDS]))
    more = len(words) - _MOST_WORDS
    return f"{shown} and {more} more" if more > 0 else shown
