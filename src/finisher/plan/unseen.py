"""Declared marks that their takes don't show: of these nothing can be said in an export."""

from __future__ import annotations

from collections.abc import Iterator

from finisher.facts import Facts
from finisher.problems import Problem, Severity
from finisher.timeline import Take, Timeline


def unseen(timeline: Timeline, facts: Facts) -> list[Problem]:
    """A warning for each mark that an event's take should carry and was not found in it.

    A mark without a template can't be looked for by itself, and is passed over.
    """
    return [
        problem
        for take in timeline.used
        for problem in (*_visible(timeline, facts, take), *_hidden(timeline, facts, take))
    ]


def _visible(timeline: Timeline, facts: Facts, take: Take) -> Iterator[Problem]:
    """The marks that should be seen."""
    known = dict(facts.takes[take.id].marks)
    for name in take.marks:
        mark, found = timeline.mark(name), known.get(name)
        if mark.template is None or found is None or found.found:
            continue
        yield Problem(
            "mark-not-found",
            f"take {take.id!r} does not show the mark {name!r} where it is declared "
            f"(score {found.score:.2f}): nothing can be proven of it in the export",
            mark.where,
            hint="compare box and template with the take, at its own size",
            severity=Severity.WARNING,
        )


def _hidden(timeline: Timeline, facts: Facts, take: Take) -> Iterator[Problem]:
    """The marks that a detector should read."""
    known = dict(facts.takes[take.id].hidden)
    for name in take.hidden:
        found = known.get(name)
        if found is None or found.found:
            continue
        why = found.reason or "its payload was not read"
        yield Problem(
            "mark-not-found",
            f"take {take.id!r}: the hidden mark {name!r} can't be held against the export: {why}",
            timeline.hidden_mark(name).where,
            severity=Severity.WARNING,
        )
