"""What a page says of one file's audit: every line of text decided, safe and final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finisher.findings import ActiveManifest, FileAudit, Finding, Ingredient, Status
from finisher.report import figures, mark_view, sources
from finisher.report.plain import plain
from finisher.report.words import (
    STATUSES,
    VERDICTS,
    counts,
    group_of,
    grouped,
    headline,
    held_against,
    passes,
)

_NAME = 120
_LINE = 400
_DEEPEST = 12
"""Levels of a tree of sources that are drawn; a chain deeper than this is an attack."""

_GAUGES = {
    "loudness": ("integrated loudness", "LUFS"),
    "true-peak": ("true peak", "dBTP"),
    "meters-agree": ("between two meters", "LU"),
    "sound-length": ("length", "samples"),
    "stems-sum": ("stems against the mix", "dBFS"),
}
"""Names and units of the sound's figures."""

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check's row."""

    status: str
    word: str
    id: str
    detail: str
    promised: str
    measured: str
    codes: str
    advisory: bool
    against: bool


@dataclass(frozen=True, slots=True)
class GaugeView:
    """One figure of the sound."""

    label: str
    figure: str
    detail: str
    status: str
    word: str


@dataclass(frozen=True, slots=True)
class SourceView:
    """A file the audited one was made from."""

    title: str
    broken: bool
    state: str
    lines: tuple[str, ...]
    parts: tuple[SourceView, ...] = ()
    """What it was made of in turn."""


@dataclass(frozen=True, slots=True)
class AuditView:
    """Everything one file's audit says."""

    name: str
    passed: bool
    headline: str
    verdict: str
    told: str
    size: str
    sha256: str
    counts: tuple[tuple[str, str, int], ...]
    groups: tuple[tuple[str, tuple[CheckView, ...]], ...]
    marks: tuple[mark_view.Row, ...]
    marks_head: mark_view.Row
    marks_note: str
    evidence: tuple[mark_view.EvidenceView, ...]
    """Pictures of marks, those that fared worst first."""
    active: tuple[Row, ...]
    sources: tuple[SourceView, ...]
    labels: tuple[Row, ...]
    not_checked: tuple[str, ...]


def check(told: Finding) -> CheckView:
    """A check in words; one that compares no figures leaves their columns empty."""
    compares = told.promised is not None or told.measured is not None
    return CheckView(
        status=str(told.status),
        word=STATUSES[told.status],
        id=plain(told.id, _NAME),
        detail=plain(told.detail, _LINE),
        promised=figures.value(told.promised) if compares else "",
        measured=figures.value(told.measured) if compares else "",
        codes=plain(", ".join(told.codes), _LINE),
        advisory=str(told.severity) == "advisory",
        against=held_against(told),
    )


def gauges(told: FileAudit) -> tuple[GaugeView, ...]:
    """The checks that belong beside the loudness curve, with their figures set large."""
    return tuple(_gauge(check) for check in told.checks if group_of(check.id) == "Sound")


def _gauge(told: Finding) -> GaugeView:
    """One figure of the sound; a check that measured no single figure shows only its words."""
    label, unit = _GAUGES.get(told.id, (told.id.replace("-", " "), ""))
    measured = told.measured
    if isinstance(measured, dict):
        # Where two meters were read, ours is shown large and both stand in the table.
        measured = measured.get("own")
    figure = ""
    if isinstance(measured, int | float) and not isinstance(measured, bool):
        figure = (
            f"{measured:,}" if isinstance(measured, int) else figures.number(round(measured, 2))
        )
    return GaugeView(
        label=plain(label, _NAME).capitalize(),
        figure=f"{figure.replace('-', '−')} {unit}".strip() if figure else "",
        detail=plain(told.detail, _LINE),
        status=str(told.status),
        word=STATUSES[told.status],
    )


def _tree(parts: Sequence[Ingredient]) -> tuple[SourceView, ...]:
    """Sources as a tree, from a list in which each stands before its own.

    What lies too deep to be drawn is shown beside its parents.
    """
    branches: list[list[SourceView]] = [[]]
    waiting: list[Ingredient] = []

    def close(level: int) -> None:
        while len(waiting) > level:
            inside = tuple(branches.pop())
            branches[-1].append(_source(waiting.pop(), inside))

    for part in parts:
        level = min(max(part.depth - 1, 0), len(waiting), _DEEPEST - 1)
        close(level)
        waiting.append(part)
        branches.append([])
    close(0)
    return tuple(branches[0])


def _source(part: Ingredient, inside: tuple[SourceView, ...]) -> SourceView:
    """A source with what is known of it."""
    return SourceView(
        title=plain(part.title, _NAME),
        broken=sources.broken(part),
        state=sources.state(part),
        lines=sources.facts(part),
        parts=inside,
    )


def _active(active: ActiveManifest | None) -> tuple[Row, ...]:
    """Who speaks for the file."""
    if active is None:
        return ()
    trusted = "by a trusted time-stamp" if active.time_trusted else "by the signer's own clock"
    rows = (
        ("Signer", active.common_name or active.issuer),
        ("Organisation", active.issuer if active.common_name else None),
        ("Trust list", active.anchor or "on none that was given"),
        ("Signed", f"{active.time}, {trusted}" if active.time else "no time recorded"),
        ("Made with", active.generator),
        ("Kind of source", (active.source_type or "").rpartition("/")[2]),
        ("Actions", ", ".join(active.actions)),
        ("Manifest", active.urn),
    )
    return tuple((name, plain(told, _LINE)) for name, told in rows if told)


def _counted(status: Status, count: int) -> str:
    """What so many outcomes are called."""
    word = STATUSES[status].lower()
    return f"{word}s" if status is Status.WARNED and count > 1 else word


def audit(told: FileAudit) -> AuditView:
    """A file's audit in words."""
    return AuditView(
        name=plain(told.name, _LINE),
        passed=passes(told),
        headline=headline(told),
        verdict=str(told.verdict),
        told=VERDICTS[told.verdict],
        size=figures.size(told.bytes),
        sha256=plain(told.sha256, 64),
        counts=tuple((str(s), _counted(s, n), n) for s, n in counts(told.checks) if n),
        groups=tuple((name, tuple(map(check, found))) for name, found in grouped(told.checks)),
        marks=mark_view.rows(told),
        marks_note=mark_view.note(told),
        marks_head=mark_view.HEAD,
        evidence=mark_view.evidence(told),
        active=_active(told.active),
        sources=_tree(told.ingredients),
        labels=tuple(
            (plain(key, _NAME), figures.value(told.labels[key])) for key in sorted(told.labels)
        ),
        not_checked=tuple(plain(what, _LINE) for what in told.not_checked),
    )
