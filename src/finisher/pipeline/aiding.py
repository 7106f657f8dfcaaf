"""What an audit of an export is lent: what was foretold, its takes, what detectors need."""

from __future__ import annotations

from finisher.audit.aids import Aids
from finisher.pipeline.edit import Edit
from finisher.pipeline.master import Work
from finisher.pipeline.pledges import references_of
from finisher.pipeline.settings import Settings
from finisher.plan.model import Plan
from finisher.pledge.originals import originals
from finisher.promises import Promises
from finisher.store import Store


def aids_of(edit: Edit, made: tuple[Plan, Work], promised: Promises, settings: Settings) -> Aids:
    """The aids for one deliverable: `made` is its plan, and what its effects were laid on by.

    Raises:
        MediaError: when a take can't be read any more.
    """
    decided, work = made
    store = Store(settings.cache)
    foretold = references_of(edit, decided, work, promised, store) if promised.marks else ()
    return Aids(
        references=foretold,
        originals=originals(decided, edit.gathered.facts) if promised.hidden else None,
        options={mark.id: dict(mark.options) for mark in edit.timeline.hidden},
        weights=dict(settings.weights),
        upload=settings.allow_upload,
    )


def aids_alone(settings: Settings) -> Aids:
    """The aids where no edit is at hand."""
    return Aids(weights=dict(settings.weights), upload=settings.allow_upload)
