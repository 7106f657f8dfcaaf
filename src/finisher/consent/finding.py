"""Whether everybody a finished file names agreed to what it is for, as of the day it is audited."""

from __future__ import annotations

from datetime import date

from finisher.consent.deciding import decide
from finisher.consent.model import Decision, Log, Use
from finisher.consent.people import promised, recognisable
from finisher.edl.days import day
from finisher.findings import Finding, Status, Weight
from finisher.promises import PromisedRelease, Promises


def check(promises: Promises, log: Log | None, on: date) -> tuple[Finding, ...]:
    """The finding on a file's persons; none where it names none.

    Args:
        promises: what the file promises.
        log: the log of consents, None where none is given.
        on: the day of the audit, by UTC.
    """
    people, release = promised(promises), promises.release
    if not people or release is None:
        return ()
    if log is None:
        detail = f"{_persons(len(people))} named: only the log of consents says whether they agree"
        return (Finding("consent", Status.NOT_CHECKED, detail, Weight.ADVISORY),)
    if log.flaws:
        detail = f"the log of consents was altered: {log.flaws[0]}"
        return (Finding("consent", Status.FAILED, detail, codes=("consent.log-altered",)),)
    links = {row.link for row in log.rows}
    if (release.log and release.log not in links) or (release.linked and not log.chained):
        detail = "the log of consents lacks rows or links it had when the file was made"
        return (Finding("consent", Status.FAILED, detail, codes=("consent.log-altered",)),)
    return (_decided(promises, release, log, on),)


def _decided(promises: Promises, release: PromisedRelease, log: Log, on: date) -> Finding:
    """The finding by a log that is whole."""
    until = None if release.until is None else day(release.until)
    use = Use(release.scope, release.territories, until)
    names = {recognisable(n, promises.edl_sha256, promises.title): n for n in log.persons}
    people = promised(promises)
    decided: list[tuple[str, Decision]] = [
        (names[one], decide(log, names[one], use, on)) for one in people if one in names
    ]
    refused = [f"{name}: {decision.words}" for name, decision in decided if not decision.granted]
    codes = [f"consent.{d.outcome}" for _, d in decided if not d.granted]
    strangers = len(people) - len(decided)
    if strangers:
        refused.append(f"{_persons(strangers)} in the file and not in the log")
        codes.append("consent.missing")
    if refused:
        codes = list(dict.fromkeys(codes))
        return Finding("consent", Status.FAILED, "; ".join(refused), codes=tuple(codes))
    # No names where all is well: reports travel with the film.
    ends = [decision.until for _, decision in decided if decision.until is not None]
    detail = f"{_persons(len(people))} named, and in the log as having agreed"
    return Finding("consent", Status.PASSED, detail + (f" until {min(ends)}" if ends else ""))


def _persons(count: int) -> str:
    return "one person is" if count == 1 else f"{count} persons are"
