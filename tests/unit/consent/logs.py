"""Logs of consents as tests write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from finisher.consent.model import Log
from finisher.consent.reading import parse
from finisher.consent.writing import line

TODAY = date(2026, 11, 21)
NAME = "consent.csv"


def grant(person: str = "ana", scope: str = "*", territory: str = "worldwide", **rest: str):
    cells = {"person": person, "act": "grant", "date": "2026-01-02"}
    return cells | {"scope": scope, "territory": territory} | rest


def revoke(person: str = "ana", scope: str = "", territory: str = "", **rest: str):
    cells = {"person": person, "act": "revoke", "date": "2026-02-03"}
    return cells | {"scope": scope, "territory": territory} | rest


def written(acts: Iterable[Mapping[str, str]]) -> bytes:
    """A log of acts, each appended as the command does it."""
    data = b""
    for act in acts:
        data += line(data, NAME, act)
    return data


def log(*acts: Mapping[str, str]) -> Log:
    return parse(written(acts) or b"person,act,date\n", NAME)
