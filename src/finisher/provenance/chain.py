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

from finisher.c2pa.untyped import list_of, map_of, maps_of, text_of
from finisher.plan.source_types import stated_in
from finisher.provenance.codes import disguised, failing

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
    named: str | None
    """URN its owner names, whether or not such a manifest is in the store."""
    claimed: bool
    """Whether results of validation are recorded for it; without a manifest they mean nothing."""
    elsewhere: bool
    """Whether it was recorded that its credentials lie at an address, and were not fetched."""
    recorded: tuple[str, ...]
    """Failure codes its owner's signer recorded."""
    now: tuple[str, ...]
    """Failure codes found reading now."""
    stated: tuple[str, ...] = ()
    """Digital source types that its owner states for it."""


@dataclass(frozen=True, slots=True)
class Said:
    """One result of validation: a code said of something in a manifest."""

    code: str
    urn: str
    """Of the manifest it speaks of, which need not be the one it was found with."""
    explanation: str
    failure: bool
    now: bool
    """Whether reading found it now; else somebody recorded it with an ingredient."""


@dataclass(frozen=True, slots=True)
class SoftBinding:
    """A watermark, or a fingerprint, that a manifest says its media carry."""

    alg: str
    """By C2PA's list of algorithms, where it is on it."""
    value: str
    """What is read where it is found; empty where it is no text."""
    title: str
    """Of the media that carry it."""


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a claim and the labels of the ingredients it names."""

    name: str
    source_type: str | None
    ingredients: tuple[str, ...]


def active(store: Document) -> str:
    """URN of the active manifest, empty when the store names none."""
    return text_of(store.get("active_manifest"))


def subject(store: Document) -> str:
    """URN of the manifest that speaks of the media: the active one, or what updates were added to.

    An update manifest binds no media. It adds to its only ingredient, which is its parent.
    """
    urn, seen = active(store), set[str]()
    while urn not in seen and not _binds(store, urn):
        seen.add(urn)
        parts = maps_of(manifest(store, urn).get("ingredients"))
        above = text_of(parts[0].get("active_manifest")) if len(parts) == 1 else ""
        if parts and parts[0].get("relationship") == "parentOf" and manifest(store, above):
            urn = above
    return urn if _binds(store, urn) else active(store)


def updates(store: Document) -> tuple[str, ...]:
    """URNs from the active manifest down to the one that speaks of the media, both included."""
    found, last = [active(store)], subject(store)
    while found[-1] != last:
        found.append(parent(store, found[-1]) or last)
    return tuple(found)


def about_media(store: Document) -> Document:
    """The store without its updates: what `subject` names is the active manifest."""
    return {**store, "active_manifest": subject(store)}


def _binds(store: Document, urn: str) -> bool:
    """Whether a manifest holds a hash of media."""
    return any(label.startswith("c2pa.hash.") for label in assertion_labels(store, urn))


def redactions(store: Document) -> tuple[str, ...]:
    """Addresses of assertions, or of whole manifests, that somebody took out and said so."""
    return _once(tuple(uri for urn in urns(store) for uri in redacted_by(store, urn)))


def redacted_by(store: Document, urn: str) -> tuple[str, ...]:
    """What one manifest says it took out of others."""
    return tuple(
        uri for uri in list_of(manifest(store, urn).get("redactions")) if isinstance(uri, str)
    )


def manifest(store: Document, urn: str | None) -> Document:
    """A manifest of the store, empty when it is not there."""
    return map_of(map_of(store.get("manifests")).get(urn or ""))


def urns(store: Document) -> tuple[str, ...]:
    """The URNs of all manifests in the store."""
    return tuple(map(str, map_of(store.get("manifests"))))


def links(store: Document) -> tuple[Link, ...]:
    """Every ingredient reachable from the active manifest, nearest first.

    A manifest that several ingredients share is opened once.
    """
    found: list[Link] = []
    now = _deltas(map_of(store.get("validation_results")))
    waiting, seen = [(active(store), 1)], {active(store)}
    for urn, depth in waiting:  # grows while it is walked
        for ingredient in maps_of(manifest(store, urn).get("ingredients")):
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
    label = text_of(ingredient.get("label"))
    urn = text_of(ingredient.get("active_manifest"))
    results = map_of(ingredient.get("validation_results"))
    status = maps_of(ingredient.get("validation_status"))
    return Link(
        title=text_of(ingredient.get("title")),
        depth=depth,
        owner=owner,
        label=label,
        manifest=urn if urn and manifest(store, urn) else None,
        named=urn or None,
        claimed=bool(results or status or urn),
        elsewhere=any(
            _unfetched(entry)
            for part in _sets(results)
            for entry in maps_of(part.get("failure")) + maps_of(part.get("informational"))
        ),
        recorded=_record(results, status),
        now=_once(failing(now.get(_assertion(owner, label), ()))),
        stated=stated_in({k: v for k, v in ingredient.items() if not k.startswith("validation_")}),
    )


def _record(results: Document, status: list[Document]) -> tuple[str, ...]:
    """Failure codes of a record, wherever in it they stand.

    The SDK takes a failure out of today's results that a record has in any of its lists: one that
    calls a failure a success would hide what is wrong with somebody else's manifest.
    """
    listed = [
        (kind, entry)
        for part in _sets(results)
        for kind in ("failure", "informational", "success")
        for entry in maps_of(part.get(kind))
        if not _unfetched(entry)
    ]
    listed += [("success" if e.get("success") is True else "failure", e) for e in status]
    plain = tuple(text_of(entry.get("code")) for kind, entry in listed if kind == "failure")
    other = tuple(text_of(entry.get("code")) for kind, entry in listed if kind != "failure")
    return _once(failing(plain) + disguised(other))


def failures(store: Document) -> tuple[str, ...]:
    """Every failure code found reading now, in the active manifest and below."""
    results = map_of(store.get("validation_results"))
    codes = _codes(map_of(results.get("activeManifest")).get("failure"))
    for found in _deltas(results).values():
        codes += found
    return _once(failing(codes + _codes(store.get("validation_status"))))


def active_failures(store: Document) -> tuple[str, ...]:
    """Failure codes of the active manifest itself."""
    results = map_of(store.get("validation_results"))
    return _once(failing(_codes(map_of(results.get("activeManifest")).get("failure"))))


def active_notes(store: Document) -> tuple[str, ...]:
    """Informational codes of the active manifest."""
    results = map_of(store.get("validation_results"))
    return _once(_codes(map_of(results.get("activeManifest")).get("informational")))


def said(store: Document) -> tuple[Said, ...]:
    """Every success and failure in the store, found now or recorded by whomever."""
    recorded = [
        ingredient
        for urn in urns(store)
        for ingredient in maps_of(manifest(store, urn).get("ingredients"))
    ]
    return tuple(
        _said(entry, failure=kind == "failure", now=holder is store)
        for holder in [store, *recorded]
        for results in _sets(map_of(holder.get("validation_results")))
        for kind in ("success", "failure")
        for entry in maps_of(results.get(kind))
    )


def _said(entry: Document, *, failure: bool, now: bool) -> Said:
    """One entry of a list of results."""
    urn = _urn_of(text_of(entry.get("url")))
    return Said(text_of(entry.get("code")), urn, text_of(entry.get("explanation")), failure, now)


def actions(store: Document, urn: str | None) -> tuple[Action, ...]:
    """The actions of a manifest in their order, of all its actions assertions."""
    found: list[Action] = []
    for assertion in maps_of(manifest(store, urn).get("assertions")):
        if text_of(assertion.get("label")).startswith("c2pa.actions"):
            for action in maps_of(map_of(assertion.get("data")).get("actions")):
                source = action.get("digitalSourceType")
                name = text_of(action.get("action"))
                found.append(Action(name, text_of(source) or None, named(action)))
    return tuple(found)


def named(action: Document) -> tuple[str, ...]:
    """The labels of the ingredient assertions an action names."""
    parameters = map_of(action.get("parameters"))
    uris = [*maps_of(parameters.get("ingredients")), map_of(parameters.get("ingredient"))]
    return tuple(text_of(uri.get("url")).rpartition("/")[2] for uri in uris if uri)


def parent(store: Document, urn: str) -> str | None:
    """The manifest of the ingredient this one was made from."""
    for ingredient in maps_of(manifest(store, urn).get("ingredients")):
        if ingredient.get("relationship") == "parentOf":
            return text_of(ingredient.get("active_manifest")) or None
    return None


def assertion(store: Document, label: str) -> object | None:
    """The data of the active manifest's assertion of that label, None when it has none."""
    for entry in maps_of(manifest(store, active(store)).get("assertions")):
        if entry.get("label") == label:
            return entry.get("data")
    return None


def assertion_labels(store: Document, urn: str | None) -> tuple[str, ...]:
    """The labels of a manifest's assertions."""
    entries = maps_of(manifest(store, urn).get("assertions"))
    return tuple(text_of(entry.get("label")) for entry in entries)


def soft_bindings(store: Document) -> tuple[SoftBinding, ...]:
    """The soft bindings (watermarks, perceptual hashes) declared anywhere, each once."""
    titles = {link.manifest: link.title for link in links(store) if link.title}
    found = [
        _binding(map_of(entry.get("data")), titles.get(urn) or _title(store, urn))
        for urn in urns(store)
        for entry in maps_of(manifest(store, urn).get("assertions"))
        if text_of(entry.get("label")).startswith("c2pa.soft-binding")
    ]
    return tuple(dict.fromkeys(found))


def _title(store: Document, urn: str) -> str:
    """What a manifest calls its media."""
    return text_of(manifest(store, urn).get("title"))


def _binding(data: Document, title: str) -> SoftBinding:
    """A soft binding from its assertion; of several blocks the first tells."""
    values = (text_of(block.get("value")) for block in maps_of(data.get("blocks")))
    return SoftBinding(text_of(data.get("alg")) or "unnamed", next(values, ""), title)


def signature(store: Document, urn: str | None) -> tuple[str | None, str | None, str | None]:
    """Issuer, common name and time of a manifest's signature; names prove nothing by themselves."""
    info = map_of(manifest(store, urn).get("signature_info"))
    issuer, name, time = (text_of(info.get(k)) for k in ("issuer", "common_name", "time"))
    return issuer or None, name or None, time or None


def generator(store: Document, urn: str | None) -> str | None:
    """Name and version of the program that made a claim."""
    claim = manifest(store, urn)
    for info in maps_of(claim.get("claim_generator_info")):
        return f"{text_of(info.get('name'))} {text_of(info.get('version'))}".strip() or None
    return text_of(claim.get("claim_generator")) or None


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


def _sets(results: Document) -> Iterator[Document]:
    """The results of a manifest, and what changed with those below it."""
    yield map_of(results.get("activeManifest"))
    for delta in maps_of(results.get("ingredientDeltas")):
        yield map_of(delta.get("validationDeltas"))


def _deltas(results: Document) -> dict[str, tuple[str, ...]]:
    """Failure codes by the ingredient assertion they were found at."""
    found: dict[str, tuple[str, ...]] = {}
    for delta in maps_of(results.get("ingredientDeltas")):
        uri = text_of(delta.get("ingredientAssertionURI"))
        codes = _codes(map_of(delta.get("validationDeltas")).get("failure"))
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
        text_of(entry.get("code"))
        for entry in maps_of(entries)
        if entry.get("success") is not True and not _unfetched(entry)
    )


def _unfetched(entry: Document) -> bool:
    """Whether a result says no more than that an address outside the file was not followed."""
    url = text_of(entry.get("url")).lower()
    return entry.get("code") == "manifest.inaccessible" and url.startswith(("http://", "https://"))


def _once(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Each code once, in the order found."""
    return tuple(dict.fromkeys(codes))
