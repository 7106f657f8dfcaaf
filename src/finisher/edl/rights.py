"""Rights as the document declares them: the log of consents, the release, what machines may do."""

from __future__ import annotations

from finisher.edl.draft import Draft
from finisher.edl.rights_document import ConstrainedDoc, ReleaseDoc, TrainingDoc
from finisher.timeline import Release, TrainingUse

USES = ("ai_training", "ai_inference", "ai_generative_training", "data_mining")
"""What machines may do with an export, in the order it is told."""


def consent_log(draft: Draft) -> str | None:
    """The path of the log of consents, None where the document names none."""
    named = draft.document.consent
    return None if named is None else draft.path(named, "/consent")


def release(draft: Draft) -> Release:
    """What the film is for; without a word about it, anything, anywhere."""
    document = draft.document.release
    pointer = "/release" if document is not None else ""
    document = document or ReleaseDoc()
    return Release(
        scope=document.scope,
        territories=tuple(dict.fromkeys(document.territories)),
        until=document.until,
        where=draft.where(pointer),
    )


def training(draft: Draft) -> tuple[TrainingUse, ...]:
    """What machines may do with the export: uses that something is said of."""
    said = draft.document.training
    if said is None:
        return ()
    stated = {use: getattr(said, use) if isinstance(said, TrainingDoc) else said for use in USES}
    return tuple(_use(use, choice) for use, choice in stated.items() if choice is not None)


def _use(use: str, choice: str | ConstrainedDoc) -> TrainingUse:
    if isinstance(choice, ConstrainedDoc):
        return use, "constrained", choice.constrained
    return use, choice, ""
