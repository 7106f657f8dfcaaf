"""Whether the motions an edit wants to follow can be followed, seen on sketches of its takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest, from_json, to_json
from finisher.facts import MotionFacts, TakeFacts
from finisher.media.motion import motion
from finisher.plan.model import Mix, Picture, Shot, Worked
from finisher.plan.picture import coming_in, missing_media, track, unworked
from finisher.store import Store
from finisher.timeline import Conform, Event, Prolongation, Timeline, TransitionKind

_REVISION = 1
"""Raised when the same pictures would be judged differently by this code."""
_MOST = 8
"""Pairs looked at of each motion, spread evenly: a motion holds or it doesn't."""
_LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Rec. ITU-R BT.709-6, item 3.2."""

Pair = tuple[str, int, str, int]
"""A take and a picture of it, going and coming."""


def motions(
    timeline: Timeline,
    takes: Mapping[str, TakeFacts],
    sketches: Mapping[str, Path],
    store: Store,
) -> dict[str, MotionFacts]:
    """How well each motion of an edit can be followed, by the names `Facts.motions` goes by.

    Nothing is told of an edit that reaches beyond its takes: planning will refuse it.
    """
    if not any(_wants(item) for item in timeline.items if isinstance(item, Event)):
        return {}
    indexes = {name: take.index for name, take in takes.items()}
    if missing_media(timeline, indexes):
        return {}
    found: dict[str, list[Pair]] = {}
    for name, pair in _pairs(timeline, takes):
        found.setdefault(name, []).append(pair)
    return {
        name: _judged([pairs[i * len(pairs) // n] for i in range(n)], takes, sketches, store)
        for name, pairs in found.items()
        for n in (min(_MOST, len(pairs)),)
    }


def _wants(event: Event) -> bool:
    """Whether an event asks for pictures along a motion."""
    coming = event.transition is not None and event.transition.kind is TransitionKind.BLEND
    added = event.extend is not None and event.extend.by is Prolongation.INTERPOLATE
    return coming or added or event.conform is Conform.MOTION


def _pairs(timeline: Timeline, takes: Mapping[str, TakeFacts]) -> Iterator[tuple[str, Pair]]:
    """Every two pictures between which a motion is to be followed, with the motion's name."""
    indexes = {name: take.index for name, take in takes.items()}
    events = [item for item in timeline.items if isinstance(item, Event)]
    layout = track(timeline, indexes)
    plain = unworked(timeline, indexes, layout)
    for picture in (*layout.pictures, *(p for _, pictures in plain.values() for p in pictures)):
        for mix in _blends(picture):
            old, new = _shot(mix.outgoing, plain), _shot(mix.incoming, plain)
            if old is None or new is None:
                continue
            name = events[new.event].id
            if old.event != new.event:
                name = coming_in(name)
            yield (
                name,
                (events[old.event].take, old.picture, events[new.event].take, new.picture),
            )


def _blends(picture: Picture) -> Iterator[Mix]:
    """The blends along a motion that a picture is made of."""
    if isinstance(picture, Mix):
        if picture.kind is TransitionKind.BLEND:
            yield picture
        yield from _blends(picture.outgoing)
        yield from _blends(picture.incoming)


def _shot(picture: Picture, plain: Mapping[int, tuple[int, tuple[Picture, ...]]]) -> Shot | None:
    """The picture of a take that most of a picture is; None for black."""
    match picture:
        case Shot():
            return picture
        case Mix(outgoing=outgoing, incoming=incoming, step=step, of=of):
            return _shot(incoming if 2 * (step + 1) > of + 1 else outgoing, plain)
        case _:
            return _beneath(picture, plain)


def _beneath(picture: Picture, plain: Mapping[int, tuple[int, tuple[Picture, ...]]]) -> Shot | None:
    """What effects are laid on: of what they make of it nothing is known yet."""
    if not isinstance(picture, Worked):
        return None
    first, pictures = plain[picture.event]
    return _shot(pictures[picture.position - first], plain)


def _judged(
    pairs: list[Pair],
    takes: Mapping[str, TakeFacts],
    sketches: Mapping[str, Path],
    store: Store,
) -> MotionFacts:
    """The least agreement among pairs; remembered by the pictures it rests on."""
    contents = [[takes[a].picture_key, i, takes[b].picture_key, j] for a, i, b, j in pairs]
    key = digest([_REVISION, contents])
    known = store.read("motions", key)
    if known is not None:
        return from_json(MotionFacts, known)
    agreements = [
        motion(_luma(sketches[a], i), _luma(sketches[b], j)).agreement
        if a == b or _alike(takes[a], takes[b])
        else 0.0
        for a, i, b, j in pairs
    ]
    found = MotionFacts(min(agreements), len(agreements))
    store.write("motions", key, to_json(found))
    return found


def _alike(one: TakeFacts, other: TakeFacts) -> bool:
    """Whether the pictures of two takes are of one shape, so that sketches are of one size."""
    return one.raster.width * other.raster.height == other.raster.width * one.raster.height


def _luma(path: Path, picture: int) -> NDArray[np.uint8]:
    """A sketch's luma."""
    sketch = np.load(path, mmap_mode="r")[picture]
    return np.asarray(np.rint(sketch.astype(np.float64) @ _LUMA), np.uint8)
