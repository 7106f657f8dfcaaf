"""Acts of consent as pure data, and what can come of asking them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from finisher.edl.territories import WORLDWIDE, expanded
from finisher.problems import Problem, Where

ANYTHING = "*"
"""The scope of whatever a film may be used for."""


class Act(StrEnum):
    """What a person did."""

    GRANT = "grant"
    REVOKE = "revoke"


class Proof(StrEnum):
    """What became of the document a row names by its SHA-256."""

    NONE = "none"
    """None is named."""
    HELD = "held"
    """It is there, and the very one."""
    ABSENT = "absent"
    """It is kept elsewhere, or lost."""
    CHANGED = "changed"
    """What is there is another."""


@dataclass(frozen=True, slots=True)
class Row:
    """One act. Days are whole ones, by UTC; a revocation has no days of its own."""

    where: Where
    person: str
    """In Unicode's composed form, by which persons are told apart."""
    act: Act
    day: date
    """When it was done."""
    scopes: tuple[str, ...]
    territories: tuple[str, ...]
    """As written: codes, and words for many."""
    begins: date
    """The first day that it holds; of a grant that names none, the day of the act."""
    until: date | None = None
    """The last day that it holds; None for no end."""
    evidence: str | None = None
    """A document's path relative to the log."""
    evidence_sha256: str | None = None
    note: str = ""
    link: str = ""
    """SHA-256 of this row and, through the one before, of all above it."""
    proof: Proof = Proof.NONE

    @property
    def everywhere(self) -> frozenset[str]:
        """Every single territory it is about."""
        return expanded(self.territories)

    def about(self, scope: str) -> bool:
        """Whether a grant reaches a use of that scope, or a revocation touches it."""
        if ANYTHING in self.scopes or scope in self.scopes:
            return True
        # Who takes back a part takes back the whole that it is a part of.
        return scope == ANYTHING and self.act is Act.REVOKE


@dataclass(frozen=True, slots=True)
class Log:
    """All acts, in the order they were written down."""

    path: str
    rows: tuple[Row, ...]
    chained: bool
    """Whether each row carries the link of the one before."""
    flaws: tuple[Problem, ...] = ()
    """Rows that were altered, or followed others than they do now: no decision rests on such."""

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody in it, once each, in order."""
        return tuple(dict.fromkeys(row.person for row in self.rows))


@dataclass(frozen=True, slots=True)
class Use:
    """What somebody is shown or heard for."""

    scope: str = ANYTHING
    territories: tuple[str, ...] = (WORLDWIDE,)
    until: date | None = None
    """The last day; None for no end."""


class Outcome(StrEnum):
    """What the log says to a use, ordered from furthest off to settled."""

    MISSING = "missing"
    OUT_OF_SCOPE = "out-of-scope"
    OUT_OF_TERRITORY = "out-of-territory"
    REVOKED = "revoked"
    UNPROVEN = "unproven"
    NOT_YET = "not-yet"
    EXPIRED = "expired"
    GRANTED = "granted"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the log says of one person and one use."""

    outcome: Outcome
    row: Row | None
    """The act that decides; None where there is none."""
    words: str
    until: date | None = None
    """The last day on which a grant still holds; None for no end, or without one."""

    @property
    def granted(self) -> bool:
        """Whether they agreed."""
        return self.outcome is Outcome.GRANTED
