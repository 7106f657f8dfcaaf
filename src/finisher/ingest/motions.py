"""Whether the motions an edit wants to follow can be followed, seen on sketches of its takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest, from_json, to_json
from finisher.effects import tonal
from finisher.event import Conform, Event, Prolongation, TransitionKind
from finisher.facts import FOLLOWED, MotionFacts, TakeFacts
from finisher.media.motion import motion
from finisher.plan.model import Mix, Picture, Shot, Worked
from finisher.plan.picture import coming_in, missing_media, track, unworked
from finisher.store import Store
from finisher.timeline import Timeline

_REVISION = 2
"""Raised when the same pictures would be judged differently by this code."""
_MOST = 8
"""Pairs looked at of a motion from one event to another, spread evenly: it holds or it doesn't."""
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
    bench = _Bench(takes, sketches, store)
    reasons = dict(_reasons(timeline))
    return {
        name: MotionFacts(0.0, 0, reason=reasons[name])
        if name in reasons
        else bench.judged(list(dict.fromkeys(pairs)), across="/" in name)
        for name, pairs in found.items()
    }


def _reasons(timeline: Timeline) -> Iterator[tuple[str, str]]:
    """Transitions whose two pictures are made too differently to have one motion."""
    for before, item in pairwise(timeline.items):
        if not (isinstance(before, Event) and isinstance(item, Event)):
            continue
        if _framed(before) != _framed(item):
            yield coming_in(item.id), "its two events are framed differently"
        elif not all(map(tonal, (*before.effects, *item.effects))):
            yield coming_in(item.id), "effects move its pictures"


def _framed(event: Event) -> tuple[object, ...]:
    """What decides an event's framing: its take does where its marks are to be kept."""
    kept = event.keep_visible
    return event.fit, event.focus, kept, event.take if kept else None


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


@dataclass(frozen=True, slots=True)
class _Bench:
    """What motions are judged with."""

    takes: Mapping[str, TakeFacts]
    sketches: Mapping[str, Path]
    store: Store

    def judged(self, pairs: list[Pair], *, across: bool) -> MotionFacts:
        """The least agreement among pairs; remembered by the pictures it rests on.

        Of a motion `across` two events a few pairs tell; inside a take every one is looked at,
        because any may be a cut.
        """
        if across:
            count = min(_MOST, len(pairs))
            pairs = [pairs[i * len(pairs) // count] for i in range(count)]
        keys = {name: self.takes[name].picture_key for pair in pairs for name in (pair[0], pair[2])}
        contents = [[keys[a], i, keys[b], j] for a, i, b, j in pairs]
        key = digest([_REVISION, contents, across])
        known = self.store.read("motions", key)
        if known is not None:
            return from_json(MotionFacts, known)
        agreements = [self._agreement(pair) for pair in pairs]
        broken = (
            []
            if across
            else [pair[1] for pair, one in zip(pairs, agreements, strict=True) if one < FOLLOWED]
        )
        found = MotionFacts(min(agreements), len(agreements), tuple(sorted(set(broken))))
        self.store.write("motions", key, to_json(found))
        return found

    def _agreement(self, pair: Pair) -> float:
        """How far the motion of one pair is told the same from either side."""
        a, i, b, j = pair
        if a != b and not _alike(self.takes[a], self.takes[b]):
            return 0.0
        return motion(_luma(self.sketches[a], i), _luma(self.sketches[b], j)).agreement


def _alike(one: TakeFacts, other: TakeFacts) -> bool:
    """Whether the pictures of two takes are of one shape, so that sketches are of one size."""
    return one.raster.width * other.raster.height == other.raster.width * one.raster.height


def _luma(path: Path, picture: int) -> NDArray[np.uint8]:
    """A sketch's luma."""
    sketch = np.load(path, mmap_mode="r")[picture, ..., :3]
    return np.asarray(np.rint(sketch.astype(np.float64) @ _LUMA), np.uint8)
