"""What the schema knows of rights: whom a film shows, what it is for, what machines may do."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from finisher.edl.days import day
from finisher.edl.territories import COUNTRIES, GROUPS, WORLDWIDE, known
from finisher.presets.strict import Reads, Strict, choice, refuse, shown
from finisher.problems import nearest

EVERYTHING = "*"
"""The scope of a film that may be used for anything."""


def _read_territory(value: object) -> object:
    """A country's code, or a word for many."""
    if isinstance(value, str) and known(value):
        return value
    words = ", ".join(GROUPS)
    hint = f"ISO 3166 codes of two capitals such as DE, or {words}"
    if isinstance(value, str):
        hint = nearest(value.upper(), (*COUNTRIES, *GROUPS)) or hint
    raise refuse("unknown-territory", f"{shown(value)} is no territory", hint)


def _read_day(value: object) -> object:
    """A calendar day."""
    found = day(value) if isinstance(value, str) else None
    if found is None:
        raise refuse("not-a-date", f"{shown(value)} is not a date", 'write "2027-12-31"')
    return found


Territory = Annotated[
    str,
    Reads(
        _read_territory,
        {
            "description": "ISO 3166-1 alpha-2, or a word for many",
            "enum": [*GROUPS, *sorted(COUNTRIES)],
        },
    ),
]
Day = Annotated[
    date,
    Reads(_read_day, {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}),
]


class ReleaseDoc(Strict):
    """What the film is for: consent of everybody in it has to reach so far."""

    scope: str = Field(
        default=EVERYTHING,
        min_length=1,
        max_length=100,
        description="One word for the use, as consents have it; * for any use at all",
    )
    territories: list[Territory] = Field(
        default=[WORLDWIDE], min_length=1, max_length=300, description="Where it is shown"
    )
    until: Day | None = Field(default=None, description="The last day it is shown")


TrainingWord = Annotated[str, choice(("allowed", "notAllowed"))]


class ConstrainedDoc(Strict):
    """Allowed on terms."""

    constrained: str = Field(min_length=1, max_length=1000, description="The terms, in words")


def _kind_of_choice(value: object) -> str:
    """Word, terms, or an object of uses; the tags are no keys, to be told apart in locations."""
    if isinstance(value, ConstrainedDoc) or (isinstance(value, dict) and "constrained" in value):
        return "<terms>"
    return "<uses>" if isinstance(value, dict | TrainingDoc) else "<word>"


def _kind_for_use(value: object) -> str:
    """Word or terms."""
    return "<terms>" if isinstance(value, dict | ConstrainedDoc) else "<word>"


TrainingChoice = Annotated[
    Annotated[TrainingWord, Tag("<word>")] | Annotated[ConstrainedDoc, Tag("<terms>")],
    Discriminator(_kind_for_use),
]


class TrainingDoc(Strict):
    """What machines may do with the export; uses that are left out are left open."""

    ai_training: TrainingChoice | None = None
    ai_inference: TrainingChoice | None = None
    ai_generative_training: TrainingChoice | None = None
    data_mining: TrainingChoice | None = None


TrainingAny = Annotated[
    Annotated[TrainingWord, Tag("<word>")]
    | Annotated[ConstrainedDoc, Tag("<terms>")]
    | Annotated[TrainingDoc, Tag("<uses>")],
    Discriminator(_kind_of_choice),
]
