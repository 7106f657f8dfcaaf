"""What a run is held against: policies asked for, and platforms whose fields are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path

from finisher.compliance import shelf
from finisher.compliance.judge import held
from finisher.compliance.model import Kind, Policy
from finisher.findings import FileAudit
from finisher.pipeline.names import Destination, write_whole
from finisher.pipeline.settings import Settings
from finisher.report.plain import escaped
from finisher.report.publish import publish_document


@dataclass(frozen=True, slots=True)
class Rules:
    """The policies of a run, all judged by the same day."""

    today: date
    asked: tuple[Policy, ...] = ()
    """Those that every deliverable is held against."""
    platforms: tuple[Policy, ...] = ()
    """Those whose fields `<name>.publish.json` tells."""

    @property
    def parts(self) -> list[object]:
        """All that decides what they say, but for the day where it changes nothing."""
        return [_part(policy, self.today) for policy in (*self.asked, *self.platforms)]

    @property
    def until(self) -> datetime | None:
        """The instant from which one of them says something else; None where none will."""
        days = (day for policy in (*self.asked, *self.platforms) for day in _turns(policy))
        later = [day for day in days if day > self.today]
        return datetime.combine(min(later), time(), UTC) if later else None


NO_RULES = Rules(date.min)
"""Of a run that is held against nothing."""


def rules(edl: Path, settings: Settings) -> Rules:
    """The policies a run asks for, and every platform there is, as of today.

    Raises:
        DocumentError: when one that is asked for is not there, or any is wrong.
    """
    folder = edl.resolve().parent
    asked = shelf.named(settings.policies, folder)
    found = (shelf.find(name, folder) for name in shelf.names(folder))
    platforms = tuple(policy for policy in found if policy.kind is Kind.PLATFORM)
    return Rules(datetime.now(UTC).date(), asked, platforms)


def judged(found: FileAudit, by: Rules) -> FileAudit:
    """A deliverable's audit with what the policies asked for say of it."""
    return held(found, by.asked, by.today)


def write_publication(found: FileAudit, preset: str, by: Rules, placed: Destination) -> None:
    """Write what platforms ask of whoever uploads a file; whole or not at all.

    Raises:
        MachineError: when it can't be written.
    """
    document = publish_document(found, preset, by.platforms, by.today)
    write_whole(placed.publish, escaped(json.dumps(document, ensure_ascii=False, indent=2)) + "\n")


def _turns(policy: Policy) -> Iterator[date]:
    """Days on which a policy begins to say something else."""
    yield policy.fresh_from
    yield policy.stale_from
    yield from (rule.since for rule in policy.rules if rule.since is not None)


def _part(policy: Policy, today: date) -> list[object]:
    """What a policy says, wherever its file lies, and how far it is in force."""
    return [repr(replace(policy, path="")), sum(day <= today for day in _turns(policy))]
