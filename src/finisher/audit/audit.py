"""Audit a finished file: what it promises, set against what it shows, sounds like and proves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from pathlib import Path

from finisher.audit.aids import ALONE, Aids
from finisher.audit.closely import LookedFor
from finisher.audit.copies import check_copies
from finisher.audit.credentials import Examined, examine, sha256_of
from finisher.audit.edit import held_to
from finisher.audit.labels import judged, read_labels
from finisher.audit.mark_check import CHECK, marks_check, unharmed
from finisher.audit.mark_findings import findings_on_marks, pictures_of_marks, unproven
from finisher.audit.measure import Measured, measure
from finisher.audit.picture import check_picture
from finisher.audit.sound import check_sound
from finisher.audit.structure import check_slack, check_structure
from finisher.findings import FileAudit, Finding, MarkFinding, Status, Verdict, Weight
from finisher.problems import MediaError, Problem, Where
from finisher.progress import Listener, silent
from finisher.promises import Promises
from finisher.provenance.chain import SoftBinding

UNSIGNED_CHECK = "manifest-present"
"""The check that a file delivered unsigned on purpose can't pass."""

_PROVEN = frozenset({Verdict.INTACT, Verdict.INTACT_UNTRUSTED, Verdict.INCOMPLETE})
_UNPROMISED = (
    "picture: frame count, content, order and cuts (the file carries no promises)",
    "sound: length, loudness and true peak (the file carries no promises)",
    "container: codec, size, rate and tags (the file carries no promises)",
    "visible watermarks (the file carries no promises)",
)

_UNMEASURED = (
    "fine detail of the sound, and its polarity between excerpts: levels are coarse",
    "chroma and fine detail of the picture: fingerprints are coarse luma",
)


def audit(
    path: Path,
    *,
    anchors: str | None = None,
    takes: Mapping[str, Path] | None = None,
    promises: Promises | None = None,
    aids: Aids = ALONE,
    listen: Listener = silent,
) -> FileAudit:
    """Audit one file; findings tell what is wrong with it, exceptions what keeps us from looking.

    The file is read afresh, by other readers than the one that rendered it. A file that is no
    media gets the verdict `unreadable`; one without promises is judged by its provenance alone.

    Args:
        path: the file.
        anchors: trust lists as one text (`finisher.c2pa.trust`).
        takes: files that went in, by id, where they lie on disk.
        promises: what to measure a file against that carries no promises of its own.
        aids: what only those know who have the takes, or detectors of hidden marks.
        listen: told of progress, in frames.

    Raises:
        MediaError: when the file or a take can't be opened.
        MachineError: when no ffmpeg can be run.
    """
    is_there(path)
    examined = examine(path, anchors, takes, promises.takes if promises is not None else ())
    if examined.promises is None:
        examined = replace(examined, promises=promises)
    return measured_too(path, examined, takes or {}, listen, aids)


def is_there(path: Path) -> None:
    """Make sure that there is a file to audit.

    Raises:
        MediaError: when there is none, or a folder.
    """
    if not path.is_file():
        message = "is a folder; name the files in it" if path.is_dir() else "there is no such file"
        raise MediaError(Problem("media-missing", message, where=Where(str(path))))


def measured_too(
    path: Path,
    examined: Examined,
    takes: Mapping[str, Path],
    listen: Listener,
    aids: Aids = ALONE,
) -> FileAudit:
    """The audit of a file whose credentials were examined.

    Raises:
        MediaError, MachineError: as `audit`.
    """
    proven = _proven(path, examined)
    if examined.promises is not None and aids.edit is not None:
        examined = replace(examined, promises=held_to(examined.promises, aids.edit))
    went_in = {name: take for name, take in takes.items() if name not in examined.others}
    try:
        looked_for = LookedFor(examined.bindings, aids)
        measured = measure(path, examined.promises, listen, proven.sha256, looked_for)
    except MediaError as error:
        found = _unreadable(proven, error, promised=examined.promises is not None)
        unread = tuple(f"soft binding {one.alg} of {one.title!r}" for one in examined.bindings)
        found = replace(found, not_checked=(*found.not_checked, *unread))
        return judged(found, read_labels(path, went_in), None)
    found = _with_media(proven, examined, measured, compared=bool(aids.references))
    return judged(found, read_labels(path, went_in), examined.promises)


def _proven(path: Path, examined: Examined) -> FileAudit:
    """The audit as far as provenance alone goes."""
    judged = examined.audit
    return FileAudit(
        name=path.name,
        bytes=path.stat().st_size,
        sha256=sha256_of(path),
        verdict=judged.verdict,
        checks=judged.checks,
        active=judged.active,
        ingredients=judged.ingredients,
        not_checked=judged.not_checked,
    )


def check(
    promises: Promises, measured: Measured, bindings: Sequence[SoftBinding] = ()
) -> tuple[tuple[Finding, ...], tuple[MarkFinding, ...]]:
    """All checks of the media against their promises, and a finding for each mark; pure."""
    marks = findings_on_marks(promises, measured, bindings)
    checks = (
        *check_structure(promises, measured),
        *check_picture(promises, measured.cells),
        *check_copies(promises, measured.copies),
        *check_sound(promises, measured),
        *marks_check(marks),
    )
    return checks, marks


def _with_media(
    found: FileAudit, examined: Examined, measured: Measured, *, compared: bool
) -> FileAudit:
    """The audit with everything that was measured; `compared` says that takes were at hand."""
    kept = found.checks
    if examined.flaw is not None:
        detail = f"the promises in the file can't be used: {examined.flaw}"
        kept = (*kept, Finding("promises", Status.FAILED, detail))
    if examined.promises is None:
        named = findings_on_marks(None, measured, examined.bindings)
        checks = (*check_slack(measured.container), *marks_check(named))
        unknown = (*_UNPROMISED, *unproven(named, compared=compared))
    else:
        checks, named = check(examined.promises, measured, examined.bindings)
        unmade = (f"{c.id}: {c.detail}" for c in checks if c.status is Status.NOT_CHECKED)
        unknown = (*unmade, *unproven(named, compared=compared), *_UNMEASURED)
        seen = pictures_of_marks(examined.promises, measured, named)
        found = replace(found, pictures=seen)
    return replace(
        found,
        checks=(*kept, *checks),
        watermarks=named,
        not_checked=(*found.not_checked, *unknown),
    )


def _unreadable(found: FileAudit, error: MediaError, *, promised: bool) -> FileAudit:
    """The audit of what no decoder opens as a film.

    Damage to signed media stays `tampered`. Credentials that hold prove what they prove of a sound
    or a still as well; only a film that promised to be one has to be one.
    """
    told = "picture and sound: no film that decodes"
    if not promised and found.verdict in _PROVEN:
        finding = Finding("readable", Status.WARNED, str(error), Weight.ADVISORY)
        return replace(
            found,
            checks=(*found.checks, finding),
            not_checked=(*found.not_checked, f"{told} ({error})"),
        )
    tampered = found.verdict is Verdict.TAMPERED
    finding = Finding(
        "readable", Status.FAILED, str(error), codes=tuple(p.code for p in error.problems)
    )
    return replace(
        found,
        verdict=found.verdict if tampered else Verdict.UNREADABLE,
        checks=(*found.checks, finding),
        not_checked=(*found.not_checked, told),
    )


def required(found: FileAudit, wanted: AbstractSet[str]) -> FileAudit:
    """The audit with more checks required, by id: one warned of fails, as does one not made.

    Where marks are required, each has to be intact, and every take's told.
    """
    harmed = CHECK in wanted and not unharmed(found.watermarks)
    checks = tuple(
        replace(
            finding,
            severity=Weight.REQUIRED,
            status=Status.FAILED
            if finding.status is Status.WARNED or (harmed and finding.id == CHECK)
            else finding.status,
        )
        if finding.id in wanted
        else finding
        for finding in found.checks
    )
    made = {finding.id for finding in checks}
    missing = tuple(
        Finding(name, Status.NOT_CHECKED, "required, and nothing to check it on")
        for name in sorted(wanted - made)
    )
    return replace(found, checks=checks + missing)
