"""Effects placed in a deliverable: from the take's pixels to its own, by the event's framing."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from finisher.canonical import Json
from finisher.effects import KNOWN, Effect, Kind
from finisher.geometry import Box, Framing, Raster

_PLACES = (Kind.ACROSS, Kind.DOWN, Kind.LENGTH, Kind.PACE)
_CURVES = {Kind.CURVE_ACROSS: Kind.ACROSS, Kind.CURVE_DOWN: Kind.DOWN}


def placed(effect: Effect, framing: Framing) -> Effect:
    """The same effect where the framing puts it; one's own code gets what the EDL says."""
    known = KNOWN.get(effect.name)
    if known is None:
        return effect
    kinds = known.parameters
    return replace(
        effect,
        parameters=tuple(
            (name, _placed(kinds[name].kind, value, framing)) for name, value in effect.parameters
        ),
    )


def _placed(kind: Kind, value: Json, framing: Framing) -> Json:
    """A value in the deliverable's pixels; what is no place or length stays."""
    if kind in _PLACES and isinstance(value, int | float):
        moved = _moved(kind, value, framing)
        return round(moved, 3) if kind is Kind.PACE else round(moved)
    if kind is Kind.BOX:
        sides = cast("list[float]", value)
        return [
            round(_moved(Kind.DOWN if i % 2 else Kind.ACROSS, side, framing))
            for i, side in enumerate(sides)
        ]
    if kind in _CURVES:
        if isinstance(value, int | float):
            return round(_moved(_CURVES[kind], value, framing), 3)
        keys = cast("list[tuple[int, float]]", value)
        return [[at, round(_moved(_CURVES[kind], place, framing), 3)] for at, place in keys]
    return value


def _moved(kind: Kind, value: float, framing: Framing) -> float:
    """A place or a length through the framing; lengths by how much wider things become."""
    if kind in (Kind.LENGTH, Kind.PACE):
        return value * float(framing.place.width / framing.crop.width)
    corner = framing.project(Box.of(0, 0, 1, 1))
    if kind is Kind.ACROSS:
        return float(corner.x) + value * float(corner.width)
    return float(corner.y) + value * float(corner.height)


def outside(effect: Effect, raster: Raster) -> str | None:
    """The first edge of an effect that lies outside its take, in words; None where all fit.

    What moves may leave the picture; a box that is not in it was meant to be elsewhere.
    """
    known = KNOWN.get(effect.name)
    for name, value in effect.parameters if known is not None else ():
        kind = known.parameters[name].kind if known is not None else None
        edges: list[tuple[Kind, float]] = []
        if kind in (Kind.ACROSS, Kind.DOWN):
            edges = [(kind, cast("float", value))]
        elif kind is Kind.BOX:
            sides = cast("list[float]", value)
            edges = [(Kind.DOWN if i % 2 else Kind.ACROSS, side) for i, side in enumerate(sides)]
        for way, edge in edges:
            if not 0 <= edge <= (raster.width if way is Kind.ACROSS else raster.height):
                return f"{name} of {effect.name} reaches to {edge:g}"
    return None
