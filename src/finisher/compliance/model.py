"""A policy: what a law or a platform asks of a file, with its sources and its date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from finisher.findings import Weight

DISCLAIMER = "Information, not legal advice."
"""Said wherever a policy is shown."""


class Kind(StrEnum):
    """Who asks."""

    LAW = "law"
    PLATFORM = "platform"


class When(StrEnum):
    """Which files a check is for."""

    ALWAYS = "always"
    AI = "ai"
    """Files a generative model had a part in, and those that leave the question open."""
    PEOPLE = "people"
    """Files whose edit names people whose likeness or voice is in them."""


class Mark(StrEnum):
    """A machine-readable mark that says that a generative model had a part."""

    CREDENTIALS = "c2pa"
    """Content Credentials that bind, with a generative digital source type of their own."""
    METADATA = "iptc"
    """A generative digital source type in the file's XMP, by IPTC's vocabulary."""
    LABEL = "aigc"
    """China's AIGC label (GB 45438-2025) in the container."""


class Act(StrEnum):
    """What no file proves, by who finds it out."""

    SEE = "see"
    """Somebody looks and listens: whether a label is visible, whether a scene seems real."""
    UPLOAD = "upload"
    """Somebody sets it where the file is published."""
    DETECTOR = "detector"
    """A detector of another maker's tells, such as of an imperceptible watermark."""


@dataclass(frozen=True, slots=True)
class Passes:
    """Checks of the audit that must pass, by id."""

    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Carries:
    """Marks of which so many must be there."""

    marks: tuple[Mark, ...]
    least: int


@dataclass(frozen=True, slots=True)
class Labelled:
    """An AIGC label that says one of these degrees: 1 is, 2 may be, 3 is suspected to be AI."""

    degrees: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByHand:
    """What only a person finds out or does; never passed here, never held against a file."""

    act: Act


Ask = Passes | Carries | Labelled | ByHand


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that is asked."""

    id: str
    text: str
    ask: Ask
    severity: Weight = Weight.ADVISORY
    when: When = When.AI
    since: date | None = None
    """From when on it is asked; before, it weighs nothing."""


@dataclass(frozen=True, slots=True)
class Flag:
    """A field of a platform's interface that says whether AI had a part."""

    id: str
    field: str
    """Its path in the request, keys joined by dots."""
    api: str
    setting: str
    """What it is called where people set it themselves."""
    text: str
    """When the platform wants it set, in words."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a policy was read."""

    title: str
    publisher: str
    url: str
    date: str
    """Of the text, as it gives it: a year, a month or a day."""

    def __str__(self) -> str:
        """On one line, as reports have it."""
        return f"{self.title}, {self.publisher}, {self.date}: {self.url}"


@dataclass(frozen=True, slots=True)
class Policy:
    """What one law or platform asks, as held against its sources on one day."""

    id: str
    title: str
    kind: Kind
    authority: str
    summary: str
    """What is asked, and of whom."""
    checked: date
    keeps: timedelta
    """How long after that day it is taken to hold."""
    dates: tuple[tuple[str, str], ...]
    """Since when what applies: days, YYYY-MM-DD, and words."""
    uncertain: tuple[str, ...]
    """What could not be made sure of."""
    sources: tuple[Source, ...]
    rules: tuple[Rule, ...]
    flags: tuple[Flag, ...] = ()
    path: str = ""
    """The file it was read from."""

    @property
    def fresh_from(self) -> date:
        """The first day on which it is believed: where it was checked it may be a day later."""
        return self.checked - timedelta(days=1)

    @property
    def stale_from(self) -> date:
        """The first day on which it is no longer taken to hold."""
        return self.checked + self.keeps + timedelta(days=1)

    def stale(self, today: date) -> bool:
        """Whether it was looked at too long ago, or says that it will be on a day to come."""
        return today >= self.stale_from or today < self.fresh_from
