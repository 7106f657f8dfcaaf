"""What a page shows of colour: scopes of events before and after, and what each match did."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.color.scopes import Levels
from finisher.facts import MatchFacts
from finisher.report.figures import number
from finisher.report.model import EventColour, Report, Scopes, SheetRow
from finisher.report.pictures import PictureView, embedded
from finisher.report.plain import plain
from finisher.report.words import plural

_NAME = 120
_LINE = 400
_PAIRS = 8
"""Pairs of takes that are named."""

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ScopesView:
    """A row of scopes: what of, in words, and the pictures."""

    title: str
    told: str
    picture: PictureView | None
    scopes: tuple[PictureView, ...]


@dataclass(frozen=True, slots=True)
class SheetRowView:
    """A row of a contact sheet: reference, before and, where something was matched, after."""

    pictures: tuple[tuple[str, PictureView], ...]


@dataclass(frozen=True, slots=True)
class MatchView:
    """One session's match."""

    session: str
    reference: str
    before: str
    after: str
    facts: tuple[Row, ...]
    reason: str
    rows: tuple[SheetRowView, ...]


def scopes(report: Report) -> dict[str, tuple[ScopesView, ...]]:
    """Rows of scopes by event; a picture that was shown before is referred to, not repeated."""
    shown: dict[bytes, str] = {}
    views: dict[str, tuple[ScopesView, ...]] = {}
    for event in report.plan.events:
        colour = report.colours.get(event.id)
        if colour is not None:
            name, take = plain(event.id, _NAME), plain(event.take, _NAME)
            first = shown.setdefault(colour.picture, name)
            before = _before(colour, name, take, None if first == name else first)
            after = _scopes(colour.after, name, "as delivered")
            told = f"the middle frame · {_levels(colour.after.levels)}"
            views[event.id] = (before, ScopesView("Delivered", told, None, after))
    return views


def unscoped(report: Report) -> str:
    """What is to be said where only some events have scopes; empty otherwise."""
    have, events = len(report.colours), len(report.plan.events)
    if not have or have == events:
        return ""
    return f"Scopes are shown for {have:,} of {plural(events, 'event')}, to keep the page light."


def matches(report: Report) -> tuple[MatchView, ...]:
    """Each session's match: how far apart, on what evidence, and what it looks like."""
    return tuple(
        MatchView(
            session=plain(name, _NAME),
            reference=plain(match.reference, _NAME),
            before=f"{match.distance_before:.1f}",
            after=f"{match.distance_after:.1f}",
            facts=_facts(match),
            reason=plain(match.reason, _LINE),
            rows=tuple(map(_sheet_row, report.sheets.get(name, ()))),
        )
        for name, match in sorted(report.matches.items())
    )


def _before(colour: EventColour, name: str, take: str, first: str | None) -> ScopesView:
    """The take's own picture and scopes, or where they are shown already."""
    if first is not None:
        return ScopesView("Take", f"the same picture as under {first}", None, ())
    picture = embedded(colour.picture, f"a picture of take {take}")
    told = f"{take} · {_levels(colour.before.levels)}"
    return ScopesView("Take", told, picture, _scopes(colour.before, name, "the take itself"))


def _scopes(told: Scopes, name: str, state: str) -> tuple[PictureView, ...]:
    """The three scopes of one picture."""
    return (
        embedded(told.waveform, f"waveform of {name}, {state}: {_levels(told.levels)}"),
        embedded(told.parade, f"RGB parade of {name}, {state}"),
        embedded(told.vectorscope, f"vectorscope of {name}, {state}"),
    )


def _levels(told: Levels) -> str:
    """Luma in per cent, as few people read a waveform."""
    dark, middle, bright = (
        number(max(0, round(value))) for value in (told.dark, told.middle, told.bright)
    )
    return f"luma {dark} to {bright} %, half of it below {middle} %"


def _facts(match: MatchFacts) -> tuple[Row, ...]:
    """What a match rests on."""
    rows: list[Row] = [
        ("Confidence", f"{100 * match.confidence:.0f} %"),
        ("Evidence", plain(match.evidence, _NAME)),
        ("Compared", plural(match.pairs, "area")),
    ]
    if match.takes:
        pairs = [f"{plain(a, _NAME)} – {plain(b, _NAME)}" for a, b in dict.fromkeys(match.takes)]
        more = f" and {len(pairs) - _PAIRS} more" if len(pairs) > _PAIRS else ""
        rows.append(("Takes", ", ".join(pairs[:_PAIRS]) + more))
    if match.residual is not None:
        rows.append(("Beyond the CDL", "a small smooth table"))
    return tuple(rows)


def _sheet_row(row: SheetRow) -> SheetRowView:
    ours, theirs = plain(row.ours, _NAME), plain(row.theirs, _NAME)
    pictures = [
        (f"{theirs}, reference", embedded(row.reference, f"{theirs}, the reference")),
        (f"{ours}, before", embedded(row.before, f"{ours} before the match")),
    ]
    if row.after is not None:
        pictures.append((f"{ours}, after", embedded(row.after, f"{ours} after the match")))
    return SheetRowView(tuple(pictures))
