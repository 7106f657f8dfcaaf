"""The plane in which takes agree best on a mark: luma, unless chroma shows it far more clearly.

A coloured mark as bright as its scenes agrees in chroma alone. One that shows in both planes is
learnt in luma where that is nearly as clear: a look in black and white leaves no chroma.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from finisher.sighting import Plane
from finisher.watermark.learn import Area, Field, common, shared

Fields = Mapping[Plane, Field]
"""A take's field in each plane."""

_MORE = 0.1
"""How much more coherence is asked for in chroma: before locked cameras eight takes that have
nothing in common came to 0.27 there by chance, and to 0.04 in luma. Coloured marks have 0.62."""
_CLEARER = 0.2
"""Coherence by which chroma must be ahead of luma."""
_SAME = 0.3
"""Part of the smaller of two areas that lies in the other, from which on they show one mark:
letters and outline of one may show in two planes, and neighbours don't overlap."""


def agreed(takes: Sequence[Fields], limit: float) -> tuple[Area, ...]:
    """Where takes of one size agree, each place in one plane alone, the clearest first.

    `limit` is the coherence from which on that is a mark in luma: where luma reaches it, it is not
    given up for chroma that is hardly better.
    """
    areas = [
        replace(area, plane=plane)
        for plane in Plane
        for area in common([fields[plane] for fields in takes])
    ]
    areas.sort(key=lambda area: -_worth(area, limit))
    kept: list[Area] = []
    for area in areas:
        if not any(_same(area, other) for other in kept):
            kept.append(area)
    return tuple(kept)


def asked(plane: Plane, limit: float) -> float:
    """The coherence from which on what takes agree on in a plane is a mark: in luma `limit`."""
    return limit if plane is Plane.LUMA else limit + _MORE


def _worth(area: Area, limit: float) -> float:
    """An area's coherence, and what luma has ahead of chroma where it is enough."""
    ahead = area.plane is Plane.LUMA and area.coherence >= limit
    return area.coherence + (_CLEARER if ahead else 0.0)


def _same(one: Area, other: Area) -> bool:
    """Whether two areas show one mark."""
    smaller = min(one.width * one.height, other.width * other.height)
    return shared(one, other) >= _SAME * smaller
