"""Digital source types (IPTC NewsCodes): their words, and which tell of a generative model."""

from __future__ import annotations

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
    return term(source_type) in _AI


def term(source_type: str | None) -> str:
    """The word at the end of a digital source type's address; empty for none.

    Metadata state it with `http` or `https`, with a slash behind it, or as the bare word.
    """
    return (source_type or "").strip().rstrip("/").rpartition("/")[2]
