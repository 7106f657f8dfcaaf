"""A policy as its schema knows it: the TOML's keys and what each may say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from finisher.compliance.model import Act, Kind, Mark, When
from finisher.findings import CHECKS, Weight
from finisher.presets.strict import Reads, Strict, choice, refuse, shown
from finisher.problems import nearest

SCHEMA = "finisher/policy@1"
DEGREES = ("1", "2", "3")
"""What an AIGC label may say: is, may be, is suspected to be generated."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_TEXT = {"type": "string", "minLength": 1, "maxLength": 1000}


def _read_date(value: object) -> date:
    """A day, as TOML writes it."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise refuse("not-a-date", f"{shown(value)} is no day", "write 2026-11-21, without quotes")


def _read_check(value: object) -> object:
    """The id of a check of the audit."""
    if isinstance(value, str) and value in CHECKS:
        return value
    hint = nearest(value, CHECKS) if isinstance(value, str) else None
    raise refuse("unknown-word", f"{shown(value)} is no check of the audit", hint)


def _read_url(value: object) -> object:
    """An address of the web."""
    if isinstance(value, str) and re.fullmatch(r"https?://[^\s\"<>]{1,500}", value):
        return value
    raise refuse("not-an-address", f"{shown(value)} is no address", 'write "https://…"')


def _read_dates(value: object) -> object:
    """Days and what applies since then."""
    if not isinstance(value, Mapping):
        raise refuse("wrong-type", f"must be an object, not {shown(value)}")
    for day, words in value.items():
        try:
            date.fromisoformat(str(day))
        except ValueError:
            raise refuse("not-a-date", f"{shown(day)} is no day", "write 2026-11-21") from None
        if not isinstance(words, str) or not words:
            raise refuse("wrong-type", f"must be text, not {shown(words)}")
    return tuple(sorted(value.items()))


Day = Annotated[date, Reads(_read_date, {"type": "string", "format": "date"})]
Text = Annotated[str, Field(min_length=1, max_length=1000)]
Check = Annotated[str, Reads(_read_check, {"type": "string", "enum": sorted(CHECKS)})]
Address = Annotated[str, Reads(_read_url, {"type": "string", "format": "uri"})]


class SourceDoc(Strict):
    """Where it was read."""

    title: Text
    publisher: Text
    url: Address
    date: Annotated[str, Field(min_length=4, max_length=40)]


class RuleDoc(Strict):
    """One thing that is asked; exactly one of the last five keys says what is looked at."""

    text: Text
    severity: Annotated[str, choice(tuple(Weight))] = "advisory"
    when: Annotated[str, choice(tuple(When))] = "ai"
    since: Day | None = Field(default=None, description="From when on it is asked")
    passes: list[Check] | None = Field(
        default=None, min_length=1, max_length=20, description="Checks of the audit that must pass"
    )
    carries: list[Annotated[str, choice(tuple(Mark))]] | None = Field(
        default=None, min_length=1, max_length=3, description="Machine-readable marks to be there"
    )
    least: int | None = Field(
        default=None, ge=1, le=3, description="How many of `carries`; all unless said"
    )
    aigc: list[Annotated[str, choice(DEGREES)]] | None = Field(
        default=None, min_length=1, max_length=3, description="Degrees an AIGC label may say"
    )
    by_hand: Annotated[str, choice(tuple(Act))] | None = Field(
        default=None, description="What only a person finds out or does"
    )


class FlagDoc(Strict):
    """A field of a platform's interface that says whether AI had a part."""

    field: Annotated[str, Field(min_length=1, max_length=200)]
    api: Text
    setting: Text
    text: Text


class PolicyDoc(Strict):
    """What a law or a platform asks of a file."""

    title: Text
    kind: Annotated[str, choice(tuple(Kind))]
    authority: Text
    summary: Text
    checked: Day
    keeps_days: int = Field(ge=1, le=3660)
    uncertain: list[Text] = Field(default=[], max_length=20)
    dates: Annotated[
        tuple[tuple[str, str], ...],
        Reads(_read_dates, {"type": "object", "additionalProperties": _TEXT}),
    ] = ()
    sources: dict[str, SourceDoc] = Field(min_length=1, max_length=50)
    checks: dict[str, RuleDoc] = Field(min_length=1, max_length=100)
    flags: dict[str, FlagDoc] = Field(default={}, max_length=20)
