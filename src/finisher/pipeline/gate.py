"""The gate: files audited one by one, and held to their edit where it is given."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from finisher import policy
from finisher.audit.aids import Aids
from finisher.audit.apart import AuditJob, audit_apart, promises_apart
from finisher.audit.audit import required
from finisher.audit.credentials import sha256_of
from finisher.audit.edit import agrees, unpromised
from finisher.compliance import shelf
from finisher.compliance.judge import held
from finisher.consent.finding import check as check_consent
from finisher.consent.model import Log
from finisher.event import Event
from finisher.ffmpeg import program
from finisher.findings import CHECKS, FileAudit, Finding, Status, Verdict
from finisher.pipeline import consents, effects, heads
from finisher.pipeline.aiding import aids_alone, aids_of
from finisher.pipeline.edit import Edit, open_edit
from finisher.pipeline.master import work_of
from finisher.pipeline.pledges import promises_of
from finisher.pipeline.settings import Settings
from finisher.plan.assemble import plan
from finisher.problems import (
    DocumentError,
    FinisherError,
    MediaError,
    PolicyError,
    Problem,
    nearest,
)
from finisher.progress import Listener, silent
from finisher.promises import PromisedTake, Promises
from finisher.store import Store

_WORDS = {
    "trusted": "trust-signer",
    "complete": "ingredients-complete",
    "watermark": "watermarks",
}
"""Words for `--require` and the checks they stand for; ids of checks stand for themselves."""


@dataclass(frozen=True, slots=True)
class Gate:
    """How files are to be let through."""

    settings: Settings
    wanted: frozenset[str]
    """Ids of checks that must pass whatever their weight."""
    edl: Path | None
    consent: Path | None
    """The log of consents to hold them to, in place of the edit's."""
    workers: Executor
    listen: Listener

    def audits(self, files: Sequence[Path]) -> list[FileAudit]:
        """An audit of each file; one that can't be opened is unreadable and stops no other.

        Raises:
            DocumentError, MediaError, MachineError: when a trust list, a policy, the log of
                consents, the edit or one of its takes can't be read.
        """
        folder = self.edl.parent if self.edl is not None else Path.cwd()
        policies = shelf.named(self.settings.policies, folder)
        log = None
        if self.consent is not None:
            log = heads.held(partial(consents.read_log, self.consent), self.settings.data)
        anchors = self.settings.anchor_text()
        program.version()  # nothing is called unreadable because the reader is missing
        found = []
        for path in files:
            one = held(self._audited(path, anchors, log), policies, datetime.now(UTC).date())
            found.append(required(one, self.wanted))
        return found

    def _audited(self, path: Path, anchors: str | None, log: Log | None) -> FileAudit:
        carried = _carried(path) if self.edl is not None else None
        edit = self._edit(carried)
        job = AuditJob(path, anchors, aids=aids_alone(self.settings))
        agreed: tuple[Finding, ...] = ()
        if edit is not None:
            whole = consents.named_by(edit.timeline, edit.gathered.facts, log)
            edit = replace(edit, timeline=whole)
            agreed, aids = self._agreement(path, edit, carried)
            job = AuditJob(path, anchors, _paths(edit), _known(edit, carried), aids)
            log = log or edit.consents.log
        try:
            found, carried = audit_apart(job, self.listen)
        except MediaError as error:
            return _unreadable(path, error)
        found = replace(found, checks=(*found.checks, *agreed))
        return _consented(found, carried, log)

    def _edit(self, carried: Promises | None) -> Edit | None:
        """The edit, measured, for the deliverable a file says it is."""
        if self.edl is None:
            return None
        names = [carried.preset] if carried is not None else []
        try:
            return open_edit(self.edl, names, self.settings, self.workers, silent)
        except DocumentError as error:
            if not any(problem.code == "unknown-preset" for problem in error.problems):
                raise
            # A file may name any preset; the edit's own sources still count.
            return open_edit(self.edl, [], self.settings, self.workers, silent)

    def _agreement(
        self, path: Path, edit: Edit, carried: Promises | None
    ) -> tuple[tuple[Finding, ...], Aids]:
        """What the file promises, against what its edit asks for; and what helps its audit."""
        alone = aids_alone(self.settings)
        preset = next((p for p in edit.presets if carried and p.name == carried.preset), None)
        if carried is None or preset is None:
            return (unpromised(),), alone
        store = Store(self.settings.cache)
        try:
            decided = plan(edit.timeline, preset, edit.gathered.facts)
            unallowed = (
                policy.own_code(decided, edit.timeline) if not self.settings.allow_code else ()
            )
            if unallowed:
                raise PolicyError(unallowed)
            work = work_of(edit, decided, store)
            effects.lay(edit, decided, work, store, self.workers, silent)
        except FinisherError as error:
            detail = f"the edit list can't be planned now: {error}"
            failed = Finding("edit-agrees", Status.FAILED, detail, codes=("edit.not-planned",))
            return (failed,), alone
        promised = promises_of(edit, decided, work, store, silent)
        aids = aids_of(edit, (decided, work), promised, self.settings, path)
        return (agrees(carried, promised),), replace(aids, edit=promised)


def requirements(text: str) -> frozenset[str]:
    """The checks a `--require` list asks for.

    Raises:
        DocumentError: for a word that stands for no check.
    """
    words = [word.strip() for word in text.split(",") if word.strip()]
    known = {*_WORDS, *CHECKS}
    problems = [
        Problem(
            "require-unknown",
            f"--require: there is no check {word!r}",
            hint=nearest(word, known) or f"words: {', '.join(_WORDS)}",
        )
        for word in words
        if word not in known
    ]
    if problems:
        raise DocumentError(problems)
    return frozenset(_WORDS.get(word, word) for word in words)


def _known(edit: Edit, carried: Promises | None) -> tuple[PromisedTake, ...]:
    """What the edit says went in: its used takes, and its layers where sound is delivered."""
    events = [item.take for item in edit.timeline.items if isinstance(item, Event)]
    muted = any(p.audio is None and carried and p.name == carried.preset for p in edit.presets)
    facts = edit.gathered.facts
    takes = [
        PromisedTake(
            take.id,
            Path(take.path).name,
            facts.takes[take.id].sha256,
            facts.takes[take.id].credentials.manifest,
            events.count(take.id),
        )
        for take in edit.timeline.takes
        if take.id in events
    ]
    layers = [
        PromisedTake(
            layer.id,
            Path(layer.path).name,
            facts.layers[layer.id].sha256,
            facts.layers[layer.id].credentials.manifest,
            1,
        )
        for layer in (() if muted else edit.timeline.layers)
    ]
    return tuple(takes + layers)


def _paths(edit: Edit) -> dict[str, Path]:
    """Where the edit's sources lie."""
    sources = {take.id: Path(take.path) for take in edit.timeline.takes}
    return sources | {layer.id: Path(layer.path) for layer in edit.timeline.layers}


def _carried(path: Path) -> Promises | None:
    """What a file promises; one that can't be read is told of by its audit."""
    try:
        return promises_apart(path)
    except MediaError:
        return None


def _consented(found: FileAudit, carried: Promises | None, log: Log | None) -> FileAudit:
    """The audit with what persons who are named in the file agree to today."""
    if carried is None:
        return found
    told = check_consent(carried, log, consents.today())
    unmade = tuple(f"{c.id}: {c.detail}" for c in told if c.status is Status.NOT_CHECKED)
    return replace(found, checks=(*found.checks, *told), not_checked=(*found.not_checked, *unmade))


def _unreadable(path: Path, error: MediaError) -> FileAudit:
    """The audit of a file that can't be opened, or that no reader came to the end of."""
    codes = tuple(problem.code for problem in error.problems)
    finding = Finding("readable", Status.FAILED, str(error), codes=codes)
    size, sha256 = 0, ""
    if path.is_file():
        with contextlib.suppress(MediaError, OSError):
            size, sha256 = path.stat().st_size, sha256_of(path)
    return FileAudit(
        path.name or str(path),
        size,
        sha256,
        Verdict.UNREADABLE,
        (finding,),
        not_checked=("everything",),
    )
