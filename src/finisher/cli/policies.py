"""`finish policies`: what laws and platforms ask, as of when, and where it was read."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from finisher.cli.session import Session, put, say
from finisher.compliance import shelf
from finisher.compliance.model import DISCLAIMER, ByHand, Policy, Rule
from finisher.console.problems import show_problems
from finisher.problems import Exit
from finisher.report.plain import plain


def policies(words: Namespace, session: Session) -> Exit:
    """List policies, or show one."""
    del session
    today = datetime.now(UTC).date()
    if words.name is not None:
        policy = shelf.find(words.name, Path.cwd())
        if words.json:
            put({"schema": "finisher/resolved-policy@1", **_document(policy, today)})
        else:
            say("\n".join(_shown(policy, today)))
        return Exit.OK
    found, problems = shelf.everything(Path.cwd())
    show_problems(problems)
    if words.json:
        documents = [_document(policy, today) for policy in found]
        put({"schema": "finisher/policies@1", "disclaimer": DISCLAIMER, "policies": documents})
    else:
        width = max((len(policy.id) for policy in found), default=0)
        say("\n".join([*(_line(policy, width, today) for policy in found), DISCLAIMER]))
    return Exit.USAGE if problems else Exit.OK


def _line(policy: Policy, width: int, today: date) -> str:
    """A policy in one line."""
    age = "  STALE" if policy.stale(today) else ""
    return f"{policy.id:{width}}  {policy.checked}{age}  {plain(policy.title)}"


def _shown(policy: Policy, today: date) -> Iterator[str]:
    """A policy as a page."""
    yield f"{plain(policy.title)} ({policy.kind}, {plain(policy.authority)})"
    yield DISCLAIMER
    yield f"Held against its sources on {policy.checked}, {_age(policy, today)}."
    yield from ("", plain(policy.summary), "")
    yield from (f"{day}  {plain(told)}" for day, told in policy.dates)
    yield from ("", "Checks")
    yield from (f"  {_rule(policy, rule)}" for rule in policy.rules)
    if policy.uncertain:
        yield from ("", "Not certain")
        yield from (f"  {plain(told)}" for told in policy.uncertain)
    yield from ("", "Sources")
    yield from (f"  {plain(str(source))}" for source in policy.sources)


def _age(policy: Policy, today: date) -> str:
    """Until when a policy is taken to hold."""
    if not policy.stale(today):
        return f"taken to hold until {policy.stale_from}"
    return f"STALE since {policy.stale_from}" if policy.checked <= today else "STALE: yet to come"


def _rule(policy: Policy, rule: Rule) -> str:
    """One thing that is asked."""
    how = f"by hand, {rule.ask.act}" if isinstance(rule.ask, ByHand) else str(rule.severity)
    since = f", from {rule.since} on" if rule.since is not None else ""
    return f"{policy.id}/{rule.id} ({how}{since}): {plain(rule.text)}"


def _document(policy: Policy, today: date) -> dict[str, object]:
    """A policy as data."""
    return {
        "id": policy.id,
        "title": policy.title,
        "kind": str(policy.kind),
        "authority": policy.authority,
        "summary": policy.summary,
        "date": policy.checked.isoformat(),
        "stale_from": policy.stale_from.isoformat(),
        "stale": policy.stale(today),
        "dates": dict(policy.dates),
        "checks": [
            {
                "id": f"{policy.id}/{rule.id}",
                "text": rule.text,
                "severity": str(rule.severity),
                "when": str(rule.when),
                "since": rule.since.isoformat() if rule.since is not None else None,
                "by_hand": str(rule.ask.act) if isinstance(rule.ask, ByHand) else None,
            }
            for rule in policy.rules
        ],
        "fields": [
            {"field": flag.field, "api": flag.api, "setting": flag.setting, "text": flag.text}
            for flag in policy.flags
        ],
        "uncertain": list(policy.uncertain),
        "sources": [str(source) for source in policy.sources],
        "disclaimer": DISCLAIMER,
    }
