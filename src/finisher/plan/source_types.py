"""Digital source types (IPTC NewsCodes): their words, and which tell of a generative model."""

from __future__ import annotations

import re
import unicodedata

TERMS = frozenset(
    {
        "algorithmicMedia", "algorithmicallyEnhanced", "composite", "compositeCapture",
        "compositeSynthetic", "compositeWithTrainedAlgorithmicMedia", "computationalCapture",
        "dataDrivenMedia", "digitalArt", "digitalCapture", "digitalCreation", "empty",
        "humanEdits", "minorHumanEdits", "negativeFilm", "positiveFilm", "print", "screenCapture",
        "softwareImage", "trainedAlgorithmicData", "trainedAlgorithmicMedia", "virtualRecording",
    }
)  # fmt: skip
"""The words of the IPTC's vocabulary and the two that the C2PA specification adds."""
OPEN = "source-type.open"
"""The code on `ai-disclosure` where what is stated leaves a model's part open."""
_C2PA = frozenset({"empty", "trainedAlgorithmicData"})
_AI = frozenset(
    {
        "trainedAlgorithmicMedia",
        "compositeWithTrainedAlgorithmicMedia",
        "compositeSynthetic",
        "trainedAlgorithmicData",
    }
)
_SAYING = tuple(word.casefold() for word in _AI)
ADDRESS = re.compile(
    r"https?://(cv\.iptc\.org/newscodes|c2pa\.org)/digitalsourcetype/([A-Za-z]+)/?"
)
"""The address of a word: whose it is, and the word."""
_KEYS = ("digitalsourcetype", "digitalsourcefiletype")


def generative(source_type: str | None) -> bool:
    """Whether a digital source type says that a generative model made all or part of it.

    Capitals, separators and what stands around the word don't matter: it is said against the
    speaker's own interest, and believed however badly it is written.
    """
    escaped = re.sub(r"%([0-9A-Fa-f]{2})", lambda two: chr(int(two[1], 16)), source_type or "")
    letters = re.sub(r"[^a-z]", "", unicodedata.normalize("NFKC", escaped).casefold())
    return any(word in letters for word in _SAYING)


def disclosing(source_type: str | None) -> bool:
    """Whether a digital source type says so in a word that readers know: it serves as marking."""
    return term(source_type) in _AI


def known(source_type: str | None) -> bool:
    """Whether a digital source type is the address of a known word, where that word is at home.

    What is none of them says nothing: neither a camera nor a model.
    """
    found = ADDRESS.fullmatch((source_type or "").strip())
    if found is None:
        return False
    return found[2] in (_C2PA if found[1] == "c2pa.org" else TERMS - _C2PA)


def term(source_type: str | None) -> str:
    """The word at the end of a digital source type's address; empty for none.

    Metadata state it with `http` or `https`, with a slash behind it, or as the bare word.
    """
    return (source_type or "").strip().rstrip("/").rpartition("/")[2]


def stated_in(data: object) -> tuple[str, ...]:
    """Every digital source type that stands anywhere in JSON, under whatever prefix; each once."""
    found: dict[str, None] = {}
    waiting = [(data, False)]
    while waiting:
        value, speaks = waiting.pop()
        if isinstance(value, dict):
            waiting += [(one, speaks or _states(name)) for name, one in value.items()][::-1]
        elif isinstance(value, list):
            waiting += [(one, speaks) for one in value][::-1]
        elif speaks and isinstance(value, str) and value.strip():
            found[value] = None
    return tuple(found)


def _states(name: object) -> bool:
    """Whether a key names a digital source type, as in `Iptc4xmpExt:DigitalSourceType`."""
    letters = re.sub(r"[^a-z]", "", str(name).casefold())
    return letters.endswith(_KEYS)
