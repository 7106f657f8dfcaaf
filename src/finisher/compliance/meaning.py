"""What a policy's document comes to, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from finisher.compliance.document import NAME, PolicyDoc, RuleDoc
from finisher.compliance.model import (
    Act,
    Ask,
    ByHand,
    Carries,
    Flag,
    Kind,
    Labelled,
    Mark,
    Passes,
    Policy,
    Rule,
    Source,
    When,
)
from finisher.findings import Weight
from finisher.presets.strict import Complaint, validate

_ASKS = ("passes", "carries", "aigc", "by_hand")
"""Keys of a check that say what it looks at: one of them does."""


def policy_of(name: str, value: object, path: str = "") -> Policy | tuple[Complaint, ...]:
    """The policy a document describes, or everything that is wrong with it."""
    read = validate(PolicyDoc, value)
    if not isinstance(read, PolicyDoc):
        return read
    if wrong := tuple(_misfits(read)):
        return wrong
    return Policy(
        id=name,
        title=read.title,
        kind=Kind(read.kind),
        authority=read.authority,
        summary=read.summary,
        checked=read.checked,
        keeps=timedelta(days=read.keeps_days),
        dates=read.dates,
        uncertain=tuple(read.uncertain),
        sources=tuple(Source(s.title, s.publisher, s.url, s.date) for s in read.sources.values()),
        rules=tuple(_rule(rule_id, rule) for rule_id, rule in read.checks.items()),
        flags=tuple(
            Flag(flag_id, flag.field, flag.api, flag.setting, flag.text)
            for flag_id, flag in read.flags.items()
        ),
        path=path,
    )


def _misfits(read: PolicyDoc) -> Iterator[Complaint]:
    """Values that are each allowed but not together, and ids that are none."""
    for section in ("sources", "checks", "flags"):
        for key in getattr(read, section):
            if not NAME.fullmatch(key):
                hint = "small letters, digits and dashes"
                yield Complaint((section, key), "not-a-name", f"{key!r} is no id", hint)
    if read.flags and read.kind != Kind.PLATFORM:
        yield Complaint(("flags",), "misfit", "only a platform has fields to set")
    for key, rule in read.checks.items():
        yield from _misfit(("checks", key), rule)


def _misfit(path: tuple[str | int, ...], rule: RuleDoc) -> Iterator[Complaint]:
    """What is wrong with one check."""
    asked = [key for key in _ASKS if getattr(rule, key) is not None]
    if len(asked) != 1:
        said = f"it has {' and '.join(asked)}" if asked else "it has none"
        message = f"a check looks at one of {', '.join(_ASKS)}; {said}"
        yield Complaint(path, "misfit", message)
    if rule.by_hand is not None and rule.severity == Weight.REQUIRED:
        message = "what only a person finds out can't be required of a file"
        yield Complaint((*path, "severity"), "misfit", message, 'write "advisory"')
    if rule.least is not None and rule.least > len(set(rule.carries or ())):
        yield Complaint((*path, "least"), "misfit", "more marks than `carries` names")


def _rule(rule_id: str, read: RuleDoc) -> Rule:
    return Rule(rule_id, read.text, _ask(read), Weight(read.severity), When(read.when), read.since)


def _ask(read: RuleDoc) -> Ask:
    """The one thing a check looks at."""
    if read.passes is not None:
        return Passes(tuple(read.passes))
    if read.carries is not None:
        marks = tuple(dict.fromkeys(map(Mark, read.carries)))
        return Carries(marks, read.least or len(marks))
    if read.aigc is not None:
        return Labelled(tuple(read.aigc))
    return ByHand(Act(read.by_hand or Act.SEE))
