"""Whom files show, by what they hold: whatever an edit calls them, and as films of ours promise."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from finisher.consent.people import person, recognisable
from finisher.facts import CredentialFacts, Facts, FileFacts, TakeFacts
from finisher.timeline import Layer, Take, Timeline


def peopled_by_content(timeline: Timeline, facts: Facts, names: Collection[str]) -> Timeline:
    """An edit whose every take and layer names everybody in its file.

    A file that goes by several ids shows the same persons under each of them. One that is a
    finished film shows whom that film promises, as far as they are recognised.

    Args:
        timeline: the edit, with its cameos as declared.
        facts: what was measured of its takes and layers.
        names: whom to recognise in films.
    """
    inside: dict[str, dict[str, None]] = {}
    for source, measured in _files(timeline, facts):
        known = inside.setdefault(measured.sha256, {})
        known.update(dict.fromkeys(map(person, source.cameos)))
        known.update(dict.fromkeys(recognised(measured.credentials, names)))

    def whole(declared: tuple[str, ...], measured: TakeFacts | FileFacts | None) -> tuple[str, ...]:
        here = set(map(person, declared))
        everybody = inside[measured.sha256] if measured is not None else {}
        return (*declared, *(name for name in everybody if name not in here))

    return replace(
        timeline,
        takes=tuple(
            replace(take, cameos=whole(take.cameos, facts.takes.get(take.id)))
            for take in timeline.takes
        ),
        layers=tuple(
            replace(layer, cameos=whole(layer.cameos, facts.layers.get(layer.id)))
            for layer in timeline.layers
        ),
    )


def films(facts: Facts) -> bool:
    """Whether any file is a film that promises persons."""
    files: list[TakeFacts | FileFacts] = [*facts.takes.values(), *facts.layers.values()]
    return any(file.credentials.persons for file in files)


def recognised(credentials: CredentialFacts, names: Collection[str]) -> tuple[str, ...]:
    """Those of some names whom a film promises, or one that went into it."""
    found = dict.fromkeys(
        person(name)
        for edl_sha256, title, digests in credentials.persons
        for name in names
        if recognisable(name, edl_sha256, title) in digests
    )
    return tuple(found)


def strangers(credentials: CredentialFacts, names: Collection[str]) -> int:
    """How many persons of a film, at least, are none of some names.

    A film that went into another has digests of its own for persons that the other promises too:
    the most of any one film counts.
    """
    left = [
        len(set(digests) - {recognisable(name, edl_sha256, title) for name in names})
        for edl_sha256, title, digests in credentials.persons
    ]
    return max(left, default=0)


def _files(
    timeline: Timeline, facts: Facts
) -> Iterator[tuple[Take | Layer, TakeFacts | FileFacts]]:
    """The takes and layers of an edit that were measured."""
    for take in timeline.takes:
        if take.id in facts.takes:
            yield take, facts.takes[take.id]
    for layer in timeline.layers:
        if layer.id in facts.layers:
            yield layer, facts.layers[layer.id]
