"""Digital source types: which of them say that a generative model had a part."""

from __future__ import annotations

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI_COMPOSITE = _IPTC + "compositeWithTrainedAlgorithmicMedia"
COMPOSITE = _IPTC + "composite"
HUMAN_EDITS = _IPTC + "humanEdits"
_AI = frozenset(
    {
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
        "trainedAlgorithmicData",
    }
)


def generative(source_type: str | None) -> bool:
    """Whether a digital source type says that a generative model made all or part of it."""
    return source_type is not None and source_type.rpartition("/")[2] in _AI
