"""Walk a manifest store: its active claim and every ingredient at any depth.

A store is data from elsewhere. Nothing in it is believed to have the right type, manifests that
name each other in circles end, and strings are passed on exactly as they are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from finisher.provenance.codes import HARD_BINDINGS, MISSING, SIGNATURE, failing

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Link:
    """An ingredient of some manifest in the store."""

    title: str
    depth: int
    owner: str
    """URN of the manifest that lists it."""
    label: str
    """Its assertion's label there."""
    manifest: str | None
    """URN of its own manifest, None when it came without one that is in the store."""
    claimed: bool
    """Whether results of validation are recorded for it; without a manifest they mean nothing."""
    recorded: tuple[str, ...]
    """Failure codes its owner's signer recorded."""
    now: tuple[str, ...]
    """Failure codes found reading now."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a claim and the labels of the ingredients it names."""

    name: str
    source_type: str | None
    ingredients: tuple[str, ...]


def active(store: Document) -> str:
    """URN of the active manifest, empty when the store names none."""
    return _text(store.get("active_manifest"))


def manifest(store: Document, urn: str | None) -> Document:
    """A manifest of the store, empty when it is not there."""
    return _map(_map(store.get("manifests")).get(urn or ""))


def urns(store: Document) -> tuple[str, ...]:
    """The URNs of all manifests in the store."""
    return tuple(map(str, _map(store.get("manifests"))))


def links(store: Document) -> tuple[Link, ...]:
    """Every ingredient reachable from the active manifest, nearest first.

    A manifest that several ingredients share is opened once.
    """
    found: list[Link] = []
    now = _deltas(_map(store.get("validation_results")))
    waiting, seen = [(active(store), 1)], {active(store)}
    for urn, depth in waiting:  # grows while it is walked
        for ingredient in _maps(manifest(store, urn).get("ingredients")):
            link = _link(store, ingredient, (urn, depth), now)
            found.append(link)
            if link.manifest is not None and link.manifest not in seen:
                seen.add(link.manifest)
                waiting.append((link.manifest, depth + 1))
    return tuple(found)


def _link(
    store: Document, ingredient: Document, place: tuple[str, int], now: dict[str, tuple[str, ...]]
) -> Link:
    """One ingredient entry."""
    owner, depth = place
    label = _text(ingredient.get("label"))
    urn = _text(ingredient.get("active_manifest"))
    results = _map(ingredient.get("validation_results"))
    status = _codes(ingredient.get("validation_status"))
    recorded = _codes(_map(results.get("activeManifest")).get("failure")) + status
    for codes in _deltas(results).values():
        recorded += codes
    return Link(
        title=_text(ingredient.get("title")),
        depth=depth,
        owner=owner,
        label=label,
        manifest=urn if urn and manifest(store, urn) else None,
        claimed=bool(results or status or urn),
        recorded=_once(failing(recorded)),
        now=_once(failing(now.get(_assertion(owner, label), ()))),
    )


def failures(store: Document) -> tuple[str, ...]:
    """Every failure code found reading now, in the active manifest and below."""
    results = _map(store.get("validation_results"))
    codes = _codes(_map(results.get("activeManifest")).get("failure"))
    for found in _deltas(results).values():
        codes += found
    return _once(failing(codes + _codes(store.get("validation_status"))))


def active_failures(store: Document) -> tuple[str, ...]:
    """Failure codes of the active manifest itself."""
    results = _map(store.get("validation_results"))
    return _once(failing(_codes(_map(results.get("activeManifest")).get("failure"))))


def active_notes(store: Document) -> tuple[str, ...]:
    """Informational codes of the active manifest."""
    results = _map(store.get("validation_results"))
    return _once(_codes(_map(results.get("activeManifest")).get("informational")))


def successes(store: Document) -> dict[str, frozenset[str]]:
    """Success codes by the manifest they speak of, found now or recorded by an owner.

    The SDK leaves out of today's results what a record already says.
    """
    found: dict[str, set[str]] = {}
    for results in _all_results(store):
        for entry in _maps(results.get("success")):
            urn = _urn_of(_text(entry.get("url")))
            found.setdefault(urn, set()).add(_text(entry.get("code")))
    return {urn: frozenset(codes) for urn, codes in found.items()}


def active_successes(store: Document) -> dict[str, str]:
    """Success codes of the active manifest found now, with their explanations."""
    results = _map(_map(store.get("validation_results")).get("activeManifest"))
    return {
        _text(entry.get("code")): _text(entry.get("explanation"))
        for entry in _maps(results.get("success"))
        if _urn_of(_text(entry.get("url"))) == active(store)
    }


def unproven(store: Document) -> tuple[str, ...]:
    """Success codes without which silence about failures means nothing, each marked missing.

    For the active manifest only what was found now counts; for those below it, which today's
    results pass over where nothing has changed, the record does too.
    """
    found = active_successes(store)
    absent = [code for code in SIGNATURE if code not in found]
    if not any(code in found for code in HARD_BINDINGS):
        absent.append("hard-binding.match")
    below = successes(store)
    proofs = {SIGNATURE[0], f"ingredient.{SIGNATURE[0]}"}
    reached = {link.manifest for link in links(store) if link.manifest is not None}
    if any(not proofs & below.get(urn, frozenset()) for urn in reached):
        absent.append(f"ingredient.{SIGNATURE[0]}")
    return _once(tuple(MISSING + code for code in absent))


def actions(store: Document, urn: str | None) -> tuple[Action, ...]:
    """The actions of a manifest in their order, of all its actions assertions."""
    found: list[Action] = []
    for assertion in _maps(manifest(store, urn).get("assertions")):
        if _text(assertion.get("label")).startswith("c2pa.actions"):
            for action in _maps(_map(assertion.get("data")).get("actions")):
                source = action.get("digitalSourceType")
                name = _text(action.get("action"))
                found.append(Action(name, _text(source) or None, _named(action)))
    return tuple(found)


def _named(action: Document) -> tuple[str, ...]:
    """The labels of the ingredient assertions an action names."""
    parameters = _map(action.get("parameters"))
    uris = [*_maps(parameters.get("ingredients")), _map(parameters.get("ingredient"))]
    return tuple(_text(uri.get("url")).rpartition("/")[2] for uri in uris if uri)


def source_type(store: Document, urn: str | None) -> str | None:
    """The digital source type with which a manifest's content was created.

    A manifest that opened a parent has none of its own; its parent's speaks.
    """
    seen: set[str] = set()
    while urn and urn not in seen:
        seen.add(urn)
        for action in actions(store, urn):
            if action.name == "c2pa.created" and action.source_type:
                return action.source_type
        urn = _parent(store, urn)
    return None


def _parent(store: Document, urn: str) -> str | None:
    """The manifest of the ingredient this one was made from."""
    for ingredient in _maps(manifest(store, urn).get("ingredients")):
        if ingredient.get("relationship") == "parentOf":
            return _text(ingredient.get("active_manifest")) or None
    return None


def assertion(store: Document, label: str) -> object | None:
    """The data of the active manifest's assertion of that label, None when it has none."""
    for entry in _maps(manifest(store, active(store)).get("assertions")):
        if entry.get("label") == label:
            return entry.get("data")
    return None


def assertion_labels(store: Document, urn: str | None) -> tuple[str, ...]:
    """The labels of a manifest's assertions."""
    entries = _maps(manifest(store, urn).get("assertions"))
    return tuple(_text(entry.get("label")) for entry in entries)


def soft_bindings(store: Document) -> tuple[str, ...]:
    """Algorithms of the soft bindings (watermarks, perceptual hashes) declared anywhere."""
    found = (
        _text(_map(entry.get("data")).get("alg")) or "unnamed"
        for urn in urns(store)
        for entry in _maps(manifest(store, urn).get("assertions"))
        if _text(entry.get("label")).startswith("c2pa.soft-binding")
    )
    return _once(tuple(found))


def signature(store: Document, urn: str | None) -> tuple[str | None, str | None, str | None]:
    """Issuer, common name and time of a manifest's signature; names prove nothing by themselves."""
    info = _map(manifest(store, urn).get("signature_info"))
    issuer, name, time = (_text(info.get(k)) for k in ("issuer", "common_name", "time"))
    return issuer or None, name or None, time or None


def generator(store: Document, urn: str | None) -> str | None:
    """Name and version of the program that made a claim."""
    claim = manifest(store, urn)
    for info in _maps(claim.get("claim_generator_info")):
        return f"{_text(info.get('name'))} {_text(info.get('version'))}".strip() or None
    return _text(claim.get("claim_generator")) or None


def claim_version(store: Document, urn: str | None) -> int:
    """1 or 2; rules for actions differ."""
    number = manifest(store, urn).get("claim_version")
    return number if isinstance(number, int) else 1


def fingerprint(store: Document, urn: str | None) -> str | None:
    """SHA-256 of everything a manifest says, its signer's serial number included.

    The same whether the manifest is read from its own file or from one it is an ingredient of.
    """
    found = manifest(store, urn)
    if not found:
        return None
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()


def _all_results(store: Document) -> Iterator[Document]:
    """Every set of results in the store: today's, and those recorded with ingredients."""
    recorded = [
        _map(ingredient.get("validation_results"))
        for urn in urns(store)
        for ingredient in _maps(manifest(store, urn).get("ingredients"))
    ]
    for results in [_map(store.get("validation_results")), *recorded]:
        yield _map(results.get("activeManifest"))
        for delta in _maps(results.get("ingredientDeltas")):
            yield _map(delta.get("validationDeltas"))


def _deltas(results: Document) -> dict[str, tuple[str, ...]]:
    """Failure codes by the ingredient assertion they were found at."""
    found: dict[str, tuple[str, ...]] = {}
    for delta in _maps(results.get("ingredientDeltas")):
        uri = _text(delta.get("ingredientAssertionURI"))
        codes = _codes(_map(delta.get("validationDeltas")).get("failure"))
        found[uri] = found.get(uri, ()) + codes
    return found


def _assertion(owner: str, label: str) -> str:
    """The absolute address of an assertion."""
    return f"self#jumbf=/c2pa/{owner}/c2pa.assertions/{label}"


def _urn_of(uri: str) -> str:
    """The manifest an absolute address lies in."""
    return uri.partition("/c2pa/")[2].partition("/")[0]


def _codes(entries: object) -> tuple[str, ...]:
    """The codes of a list of results; one that is marked as a success is left out."""
    return tuple(
        _text(entry.get("code")) for entry in _maps(entries) if entry.get("success") is not True
    )


def _once(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Each code once, in the order found."""
    return tuple(dict.fromkeys(codes))


def _map(value: object) -> Document:
    """A value that should be an object."""
    return value if isinstance(value, dict) else {}


def _maps(value: object) -> list[Document]:
    """A value that should be a list of objects."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    """A value that should be text."""
    return value if isinstance(value, str) else ""
