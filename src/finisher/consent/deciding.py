"""What a log of consents says of one person and one use; nothing here has an effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from finisher.consent.model import ANYTHING, Act, Decision, Log, Outcome, Proof, Row, Use
from finisher.consent.people import person as composed
from finisher.edl.territories import expanded

_ORDER = tuple(Outcome)


@dataclass(slots=True)
class _Grant:
    """A grant, and what later rows left of it for the use asked about."""

    row: Row
    left: frozenset[str]
    """Territories of the use that it reaches and nobody took back."""
    taken: Row | None = None
    """The last revocation that took something of it back."""


@dataclass(frozen=True, slots=True)
class _Question:
    """A use, and the day it is asked about."""

    use: Use
    on: date


def decide(log: Log, person: str, use: Use, on: date) -> Decision:
    """Whether a person agreed to a use, as of a day.

    A revocation ends what rows above it granted, in its scope and territories, from the moment it
    is in the log, whatever its date; what rows below it grant holds. Grants add up, territory by
    territory, and never mix: each territory needs one grant that reaches the scope, has begun, has
    not run out and lasts as long as the use does.
    """
    rows = [row for row in log.rows if row.person == composed(person)]
    if not rows:
        return Decision(Outcome.MISSING, None, "the log does not name them")
    question, asked = _Question(use, on), expanded(use.territories)
    grants = _left(rows, use, asked)
    judged = [(grant, _outcome(grant, question, asked)) for grant in grants]
    holding = [grant for grant, outcome in judged if outcome is Outcome.GRANTED]
    covered = frozenset[str]().union(*(grant.left for grant in holding))
    if asked <= covered:
        until = _end(holding, asked)
        return Decision(Outcome.GRANTED, holding[-1].row, _agreed(holding[-1].row), until)
    if not grants:
        return Decision(Outcome.REVOKED, rows[-1], "they have revoked, and granted nothing")
    open_ = asked - covered
    failed = [(grant, _outcome(grant, question, open_)) for grant in grants]
    last, outcome = max(failed, key=lambda one: _ORDER.index(one[1]))
    for grant, found in failed:  # of several that fail alike, the last speaks
        last = grant if found is outcome else last
    return Decision(outcome, _speaking(last, outcome), _refused(last, outcome, question, open_))


def _left(rows: Sequence[Row], use: Use, asked: frozenset[str]) -> list[_Grant]:
    """Every grant, with what is left of it below all revocations."""
    grants: list[_Grant] = []
    for row in rows:
        if row.act is Act.GRANT:
            reach = row.everywhere & asked if row.about(use.scope) else frozenset[str]()
            grants.append(_Grant(row, reach))
        elif row.about(use.scope):
            where = row.everywhere
            for grant in grants:
                if grant.left & where:
                    grant.left, grant.taken = grant.left - where, row
    return grants


def _outcome(grant: _Grant, question: _Question, asked: frozenset[str]) -> Outcome:
    """How far one grant goes towards some territories of a use."""
    row, use, on = grant.row, question.use, question.on
    if not row.about(use.scope):
        return Outcome.OUT_OF_SCOPE
    if not row.everywhere & asked:
        return Outcome.OUT_OF_TERRITORY
    if not grant.left & asked:
        return Outcome.REVOKED
    if row.proof is Proof.CHANGED:
        return Outcome.UNPROVEN
    if on < row.begins:
        return Outcome.NOT_YET
    if row.until is not None and (on > row.until or (use.until or on) > row.until):
        return Outcome.EXPIRED
    return Outcome.GRANTED


def _end(grants: Sequence[_Grant], asked: frozenset[str]) -> date | None:
    """The last day on which every territory is still covered by one grant or another."""
    ends = []
    for place in asked:
        reaching = [grant.row.until for grant in grants if place in grant.left]
        known = [until for until in reaching if until is not None]
        if len(known) == len(reaching):
            ends.append(max(known))
    return min(ends, default=None)


def _speaking(grant: _Grant, outcome: Outcome) -> Row:
    """The row that decides: the revocation where there is one."""
    return grant.taken if outcome is Outcome.REVOKED and grant.taken is not None else grant.row


def _agreed(row: Row) -> str:
    """A grant in words."""
    end = f" until {row.until}" if row.until is not None else ""
    return f"agreed on {row.day} to {_scopes(row)} in {', '.join(row.territories)}{end}"


def _refused(grant: _Grant, outcome: Outcome, question: _Question, places: frozenset[str]) -> str:
    """Why some territories of a use are not covered, in words."""
    row, use = grant.row, question.use
    match outcome:
        case Outcome.OUT_OF_SCOPE:
            scope = "any use" if use.scope == ANYTHING else use.scope
            return f"they agreed to {_scopes(row)}, not to {scope}"
        case Outcome.OUT_OF_TERRITORY:
            return f"they agreed for {', '.join(row.territories)}, not for {_places(places)}"
        case Outcome.REVOKED:
            return f"they revoked it on {_speaking(grant, outcome).day}"
        case Outcome.UNPROVEN:
            return f"the document it rests on, {row.evidence}, is not the one that was logged"
        case Outcome.NOT_YET:
            return f"their consent begins on {row.begins}"
        case _ if row.until is not None and question.on > row.until:
            return f"their consent ended on {row.until}"
        case _:
            return f"their consent ends on {row.until}, and the release lasts until {use.until}"


def _scopes(row: Row) -> str:
    return "any use" if ANYTHING in row.scopes else ", ".join(row.scopes)


def _places(places: frozenset[str]) -> str:
    """A few territories by name, many by number."""
    named = sorted(places)
    return ", ".join(named) if len(named) <= 5 else f"{len(named)} other territories"
