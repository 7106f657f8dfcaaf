"""What manifests say of where content came from, at every place where they may say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from finisher.plan.source_types import disclosing, generative, known, stated_in, term
from finisher.provenance import chain

_BEGINNINGS = ("c2pa.created", "c2pa.opened")
_COMPOSITE = "composite"


def claimed(store: chain.Document) -> str | None:
    """The digital source type that a file's own claim states, what was added to it included."""
    stated = [source_type(store, urn) for urn in reversed(chain.updates(store))]
    return _telling(stated) or stated[0]


def source_type(store: chain.Document, urn: str | None) -> str | None:
    """The digital source type a manifest states for its content: that of a model's part, if any.

    An edit that a model made, a generative fill say, states its type at its own action: then the
    content is no more what it was created as. What says nothing of a model is what it began as.
    """
    origin = _origin(store, urn)
    return _telling((origin, *_stated(store, urn))) or origin


def of_part(store: chain.Document, link: chain.Link) -> str | None:
    """The digital source type of an ingredient: its own manifest's, or what its owner states."""
    own = source_type(store, link.manifest)
    return _telling((own, *link.stated)) or own or next(iter(link.stated), None)


def doubts(store: chain.Document, links: Iterable[chain.Link]) -> tuple[str, ...]:
    """What leaves it open, in the claim or below it, whether a model had a part."""
    links = tuple(links)
    owners = (*chain.updates(store), *(link.manifest for link in links if link.manifest))
    told = [doubt for urn in dict.fromkeys(owners) for doubt in _doubts(store, urn)]
    told += [_strange(one) for link in links for one in link.stated if not known(one)]
    return tuple(dict.fromkeys(told))


def _doubts(store: chain.Document, urn: str) -> Iterator[str]:
    """The same in one manifest."""
    yield from (_strange(one) for one in _stated(store, urn) if not known(one))
    parts = bool(chain.manifest(store, urn).get("ingredients"))
    for action in chain.actions(store, urn):
        if term(action.source_type) != _COMPOSITE:
            continue
        if action.name not in _BEGINNINGS:
            yield f"nobody answers for what an action brought in ({action.name})"
        elif not parts:
            yield "a composite is claimed, and nothing that it was made of"


def _strange(source_type: str) -> str:
    return f"no digital source type: {source_type}"


def _origin(store: chain.Document, urn: str | None) -> str | None:
    """The digital source type with which a manifest's content was created.

    A manifest that opened a parent has none of its own; its parent's speaks.
    """
    seen: set[str] = set()
    while urn and urn not in seen:
        seen.add(urn)
        for action in chain.actions(store, urn):
            if action.name == "c2pa.created" and action.source_type:
                return action.source_type
        urn = chain.parent(store, urn)
    return None


def _stated(store: chain.Document, urn: str | None) -> tuple[str, ...]:
    """Every digital source type of a manifest's assertions, created or gathered."""
    return stated_in(chain.manifest(store, urn).get("assertions"))


def _telling(source_types: Iterable[str | None]) -> str | None:
    """The first that tells of a model in a word that readers know, else the first that tells."""
    said = [one for one in source_types if generative(one)]
    return next(filter(disclosing, said), said[0] if said else None)
