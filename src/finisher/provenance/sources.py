"""Digital source types that claims state, and what one of a plan's render is."""

from __future__ import annotations

from finisher.plan.model import Plan, PlannedLayer, PlannedTake
from finisher.plan.source_types import disclosing, generative, term

__all__ = [
    "AI_COMPOSITE",
    "COMPOSITE",
    "HUMAN_EDITS",
    "by_model",
    "disclosing",
    "generative",
    "of_plan",
    "term",
]

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI_COMPOSITE = _IPTC + "compositeWithTrainedAlgorithmicMedia"
COMPOSITE = _IPTC + "composite"
HUMAN_EDITS = _IPTC + "humanEdits"


def of_plan(plan: Plan) -> str:
    """The digital source type of a plan's render.

    Where nothing says that a model made a file, nothing is claimed on anybody's behalf.
    """
    made = any(map(by_model, plan.takes)) or any(map(by_model, plan.layers))
    return AI_COMPOSITE if made else COMPOSITE


def by_model(file: PlannedTake | PlannedLayer) -> bool:
    """Whether anything says that a generative model made a file.

    Its manifest says so by its source type, its metadata by theirs, a label for the Chinese
    market whatever its degree of certainty, and an edit by declaring it.
    """
    stated = (file.credentials.source_type, file.stated_source)
    return file.generated or file.aigc is not None or any(map(generative, stated))
