"""What an audit of an export is lent: what was foretold, its takes, what detectors need."""

from __future__ import annotations

from pathlib import Path

from finisher.audit.aids import Aids
from finisher.audit.credentials import sha256_of
from finisher.pipeline.edit import Edit
from finisher.pipeline.master import Work
from finisher.pipeline.pledges import references_of
from finisher.pipeline.settings import Settings
from finisher.plan.model import Plan
from finisher.pledge.originals import originals
from finisher.problems import DocumentError, Problem, nearest
from finisher.promises import Promises
from finisher.store import Store
from finisher.watermark import detectors
from finisher.watermark.reference import Reference


def aids_of(
    edit: Edit, made: tuple[Plan, Work], promised: Promises, settings: Settings, path: Path
) -> Aids:
    """The aids for one deliverable: `made` is its plan, and what its effects were laid on by.

    `path` is the finished file: what is compared in it follows from its own hash.

    Raises:
        MediaError: when it, or a take, can't be read any more.
        DocumentError: as `aids_alone`.
    """
    decided, work = made
    store = Store(settings.cache)
    foretold: tuple[Reference, ...] = ()
    if promised.marks:
        foretold = references_of(edit, decided, work, promised, store, sha256_of(path))
    return Aids(
        references=foretold,
        originals=originals(decided, edit.gathered.facts) if promised.hidden else None,
        options={mark.id: dict(mark.options) for mark in edit.timeline.hidden},
        weights=_weights(settings),
        upload=settings.allow_upload,
    )


def aids_alone(settings: Settings) -> Aids:
    """The aids where no edit is at hand.

    Raises:
        DocumentError: `unknown-detector`, when weights are given for one that is not installed.
    """
    return Aids(weights=_weights(settings), upload=settings.allow_upload)


def _weights(settings: Settings) -> dict[str, str]:
    """Paths of weights by detector, each of which is installed."""
    known = detectors.names() if settings.weights else ()
    unknown = [name for name, _ in settings.weights if name not in known]
    if unknown:
        raise DocumentError(
            Problem(
                "unknown-detector",
                f"--weights: no detector of hidden marks named {name!r} is installed",
                hint=nearest(name, known),
            )
            for name in unknown
        )
    return dict(settings.weights)
