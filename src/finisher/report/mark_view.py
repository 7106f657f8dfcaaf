"""What is said of watermarks: figures in words, rows of a table, pictures side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from finisher.findings import Coverage, FileAudit, MarkFinding, MarkPicture
from finisher.report.figures import number
from finisher.report.pictures import PictureView, embedded
from finisher.report.plain import plain
from finisher.report.words import plural

HEAD = ("Event", "Mark", "Verdict", "Frames", "Figures", "Coverage", "Detail")
CHECK = "watermarks"
"""The check that all marks are drawn together into."""
_NAME = 120
_LINE = 400
_MOST = 12
"""Pairs of pictures that a page has room for."""
_LARGEST = 1 << 19
"""Bytes that no picture of one has more of."""
_JPEG = b"\xff\xd8\xff"

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EvidenceView:
    """A mark as its take foretells it, and as the file shows it."""

    title: str
    pictures: tuple[PictureView, ...]
    """One where no take was at hand."""
    words: tuple[str, ...]
    """What is under each of them."""


def rows(audit: FileAudit) -> tuple[Row, ...]:
    """The table of watermarks; what is the same of all of them stands in `note`."""
    alike = bool(note(audit))
    return tuple(row(one, alike=alike) for one in audit.watermarks)


def note(audit: FileAudit) -> str:
    """How often what is no mark passes for one, where that is the same of all; else empty."""
    words = {one.false_positives for one in audit.watermarks if _rated(one)}
    (only,) = words if len(words) == 1 else ("",)
    return f"False positives: {plain(only or '', _LINE)}" if only else ""


def _rated(one: MarkFinding) -> bool:
    return one.kind == "visible" and one.score is not None


def row(told: MarkFinding, *, alike: bool = False) -> Row:
    """A row of the table of watermarks; what is `alike` in all rows is left out."""
    return (
        plain(told.event, _NAME) or "–",
        plain(told.mark, _NAME) or "–",
        plain(told.verdict, _NAME),
        "–" if told.span is None else f"[{told.span[0]}, {told.span[1]})",
        figures(told, alike=alike) or "–",
        coverage(told.coverage) or "–",
        plain(told.detail, _LINE),
    )


def figures(told: MarkFinding, *, alike: bool = False) -> str:
    """Every figure a verdict rests on, with what it means."""
    return plain("; ".join(_figures(told, alike=alike)), _LINE)


def _figures(told: MarkFinding, *, alike: bool) -> Iterator[str]:
    yield from _seen(told) if told.kind == "visible" else _read(told)
    if told.frames:
        yield f"{told.frames:,} looked at"
    if told.false_positives and _rated(told) and not alike:
        yield told.false_positives


def _seen(told: MarkFinding) -> Iterator[str]:
    """Figures of a visible mark."""
    if told.score is not None:
        least = "" if told.threshold is None else f" (found above {number(told.threshold)})"
        yield f"score {number(told.score)}{least}"
    if told.z is not None:
        yield f"z {number(round(told.z, 1))}"
    if told.retention is not None:
        yield f"{number(round(100 * told.retention))} % of its strength"
    if told.fidelity is not None:
        beside = "" if told.control is None else f" ({number(round(told.control, 2))} beside it)"
        yield f"surroundings {number(round(told.fidelity, 2))}{beside}"


def _read(told: MarkFinding) -> Iterator[str]:
    """Figures of a hidden mark."""
    if told.matched is not None:
        yield f"{told.matched[0]} of {told.matched[1]} bits"
    if told.p is not None:
        yield f"p = {told.p:.1g}"
    if told.variant:
        yield told.variant
    if told.detector:
        yield told.detector


def coverage(told: Coverage | None) -> str:
    """For how long a mark was found."""
    if told is None:
        return ""
    of = plural(told.predicted, "frame")
    more = f", its event has {told.total:,}" if told.total != told.predicted else ""
    return f"{number(told.seconds)} s: {told.confirmed:,} of {of}{more}"


def lines(audit: FileAudit) -> Iterator[str]:
    """A line for each watermark, for texts."""
    alike = note(audit)
    for told in audit.watermarks:
        name = f"mark {plain(told.mark, 80)}" if told.mark else "marks"
        where = f" on {plain(told.event, 80)}" if told.event else ""
        yield f"{name}{where}: {plain(f'{told.verdict}, {told.detail}', _LINE)}"
        more = "; ".join(filter(None, (figures(told, alike=bool(alike)), coverage(told.coverage))))
        if more:
            yield f"  {more}"
    if alike:
        yield alike


def evidence(audit: FileAudit) -> tuple[EvidenceView, ...]:
    """Pictures of marks, those that fared worst first."""
    verdicts = {(one.event, one.mark): one.verdict for one in audit.watermarks}
    return tuple(
        _evidence(one, verdicts.get((one.event, one.mark), ""))
        for one in audit.pictures[:_MOST]
        if all(map(_whole, filter(None, (one.shown, one.foretold))))
    )


def _whole(jpeg: bytes) -> bool:
    """Whether it is what it should be: it comes from where files were opened."""
    return jpeg.startswith(_JPEG) and len(jpeg) <= _LARGEST


def _evidence(told: MarkPicture, verdict: str) -> EvidenceView:
    """A pair of pictures with its words."""
    name = f"{plain(told.mark, _NAME)} on {plain(told.event, _NAME)}"
    parts = [("in the take, framed and graded alike", told.foretold), ("in the file", told.shown)]
    shown = [(words, jpeg) for words, jpeg in parts if jpeg is not None]
    return EvidenceView(
        title=f"{name}: {plain(verdict, _NAME)}, frame {told.frame:,}",
        pictures=tuple(embedded(jpeg, f"{name} {words}") for words, jpeg in shown),
        words=tuple(words for words, _ in shown),
    )
