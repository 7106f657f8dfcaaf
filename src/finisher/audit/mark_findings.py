"""Every finding on marks, seen and hidden, promised and named by manifests, and what it proves."""

from __future__ import annotations

from collections.abc import Sequence

from finisher.audit.copies import carried
from finisher.audit.hidden_evidence import HiddenSample
from finisher.audit.hidden_marks import judge_binding, judge_hidden
from finisher.audit.mark_check import name_of, partly
from finisher.audit.mark_pictures import pictures
from finisher.audit.marks import UNKNOWN, judge_marks, pairs_of, undeclared, within
from finisher.audit.measure import Measured
from finisher.findings import MarkFinding, MarkPicture
from finisher.promises import Promises
from finisher.provenance.chain import SoftBinding
from finisher.watermark.rules import MarkVerdict

_UNKNOWN = UNKNOWN | {MarkVerdict.NOT_DECLARED}
_ALONE = "surroundings of visible watermarks: not compared, the takes are not at hand"


def findings_on_marks(
    promises: Promises | None, measured: Measured, bindings: Sequence[SoftBinding] = ()
) -> tuple[MarkFinding, ...]:
    """What became of each mark that is promised, or that a manifest in the file's chain names."""
    looked = measured.bindings or tuple(HiddenSample() for _ in bindings)
    named = tuple(map(judge_binding, bindings, looked))
    if promises is None:
        return named
    whole = carried(promises, measured.copies)
    read = measured.hidden or tuple(HiddenSample() for _ in promises.hidden)
    hidden = tuple(
        judge_hidden(mark, sample, copied=within(mark.spans, whole))
        for mark, sample in zip(promises.hidden, read, strict=True)
    )
    seen = judge_marks(promises, measured.marks, whole)
    return (*seen, *hidden, *named, *undeclared(promises))


def pictures_of_marks(
    promises: Promises, measured: Measured, findings: Sequence[MarkFinding]
) -> tuple[MarkPicture, ...]:
    """Pictures of visible marks, those that fared worst first."""
    pairs = pairs_of(promises, measured.marks)
    return pictures(findings[: len(pairs)], pairs)


def unproven(findings: Sequence[MarkFinding], *, compared: bool) -> tuple[str, ...]:
    """In words, what nobody knows of the marks; `compared` says that takes were at hand."""
    told = [
        f"watermark {name_of(one)}: {one.detail}" if one.mark else f"watermarks: {one.detail}"
        for one in findings
        if one.verdict in _UNKNOWN or partly(one)
    ]
    seen = any(one.kind == "visible" and one.frames for one in findings)
    return (*told, _ALONE) if seen and not compared else tuple(told)
