"""What machines may do with a work: training and mining choices, stated, read and compared.

Choices are triples (use, choice, terms). Names after the CAWG training and data mining assertion
1.1; Content Credentials up to 1.4 had the same under a prefix of their own.
"""

from __future__ import annotations

from typing import Any

from finisher.c2pa.untyped import map_of, maps_of, text_of
from finisher.plan.training import CHOICES, Choice, stricter, widened
from finisher.provenance import chain

LABEL = "cawg.training-mining"
USES = ("ai_training", "ai_inference", "ai_generative_training", "data_mining")

_PREFIXES = ("cawg", "c2pa")
_LABELS = tuple(f"{prefix}.training-mining" for prefix in _PREFIXES)
_LONGEST = 1000
"""Characters of terms that are kept; an edit list may state as many."""


def assertion(choices: tuple[Choice, ...]) -> dict[str, Any]:
    """The data of a `cawg.training-mining` assertion."""
    entries: dict[str, dict[str, str]] = {}
    for use, choice, terms in choices:
        entries[f"cawg.{use}"] = {"use": choice} | ({"constraint_info": terms} if terms else {})
    return {"entries": entries}


def stated(store: chain.Document) -> tuple[Choice, ...]:
    """What the manifests of a chain say, the strictest of each use; others say nothing of it.

    What an ingredient's maker ruled out, nobody who used it can allow.
    """
    return _strictest(store, {chain.active(store), *_below(store)})


def opened(store: chain.Document) -> tuple[Choice, ...]:
    """What ingredients at any depth rule out and the active manifest leaves open."""
    return widened(_strictest(store, _below(store)), _strictest(store, {chain.active(store)}))


def _below(store: chain.Document) -> set[str]:
    """The manifests of a chain's ingredients."""
    return {link.manifest for link in chain.links(store) if link.manifest is not None}


def _strictest(store: chain.Document, urns: set[str]) -> tuple[Choice, ...]:
    """The strictest choice of each use in some manifests."""
    found: dict[str, Choice] = {}
    for urn in sorted(urns):
        for choice in _of(chain.manifest(store, urn)):
            known = found.get(choice[0])
            if known is None or stricter(choice, known):
                found[choice[0]] = choice
    return tuple(found[use] for use in USES if use in found)


def _of(manifest: chain.Document) -> list[Choice]:
    """The choices of one manifest; what is not of the known kind says nothing."""
    found: list[Choice] = []
    for entry in maps_of(manifest.get("assertions")):
        if entry.get("label") not in _LABELS:
            continue
        for name, value in map_of(map_of(entry.get("data")).get("entries")).items():
            prefix, _, use = str(name).partition(".")
            choice = map_of(value).get("use")
            if prefix in _PREFIXES and use in USES and choice in CHOICES:
                found.append((use, choice, text_of(value.get("constraint_info"))[:_LONGEST]))
    return found
