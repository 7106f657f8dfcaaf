"""Effects placed in a deliverable: from the take's pixels to its own, by the event's framing."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

from finisher.canonical import Json
from finisher.effects import KNOWN, Effect, Kind
from finisher.geometry import Box, Framing, Raster

_CURVES = {Kind.CURVE_ACROSS: Kind.ACROSS, Kind.CURVE_DOWN: Kind.DOWN}
_CROP = (("x1", "x2", "width", "x_center"), ("y1", "y2", "height", "y_center"))
_SIDES = ("x1", "y1", "x2", "y2")

Edges = tuple[float, float, float, float]
"""Left, top, right, bottom."""


def placed(effect: Effect, framing: Framing) -> Effect:
    """The same effect where the framing puts it; one's own code gets what the EDL says.

    A box is cut to what the framing shows of it; `outside` tells of those it shows nothing of.
    """
    known = KNOWN.get(effect.name)
    if known is None:
        return effect
    if effect.name == "Crop":
        edges = _cropped(effect, framing.source)
        sides = _within(edges, framing) if edges is not None else []
        return Effect(effect.name, tuple(zip(_SIDES, sides, strict=False)))
    kinds = known.parameters
    return replace(
        effect,
        parameters=tuple(
            (name, _placed(kinds[name].kind, value, framing)) for name, value in effect.parameters
        ),
    )


def _placed(kind: Kind, value: Json, framing: Framing) -> Json:
    """A value in the deliverable's pixels; what is no place or length stays."""
    if kind is Kind.BOX:
        left, top, right, bottom = cast("list[float]", value)
        return list(_within((left, top, right, bottom), framing))
    if kind in _CURVES and isinstance(value, list):
        keys = cast("list[tuple[int, float]]", value)
        return [[at, round(_moved(_CURVES[kind], place, framing), 3)] for at, place in keys]
    if not isinstance(value, int | float) or isinstance(value, bool):
        return value
    match kind:
        case Kind.ACROSS | Kind.DOWN:
            return max(0, round(_moved(kind, value, framing)))
        case Kind.LENGTH:
            return round(_moved(kind, value, framing))
        case Kind.PACE:
            return round(_moved(kind, value, framing), 3)
        case Kind.CURVE_ACROSS | Kind.CURVE_DOWN:
            return round(_moved(_CURVES[kind], value, framing), 3)
    return value


def _moved(kind: Kind, value: float, framing: Framing) -> float:
    """A place or a length through the framing; lengths by how much wider things become."""
    if kind in (Kind.LENGTH, Kind.PACE):
        return value * float(framing.place.width / framing.crop.width)
    corner = framing.project(Box.of(0, 0, 1, 1))
    if kind is Kind.ACROSS:
        return float(corner.x) + value * float(corner.width)
    return float(corner.y) + value * float(corner.height)


def _within(edges: Edges, framing: Framing) -> list[Json]:
    """Edges in the deliverable's pixels, none outside of it."""
    ways = (Kind.ACROSS, Kind.DOWN) * 2
    ends = (framing.raster.width, framing.raster.height) * 2
    moved = (_moved(way, edge, framing) for way, edge in zip(ways, edges, strict=True))
    return [min(max(0, round(edge)), end) for edge, end in zip(moved, ends, strict=True)]


def _cropped(effect: Effect, take: Raster) -> Edges | None:
    """What a crop keeps, as moviepy reads its parameters; None where they contradict each other."""
    given = cast("dict[str, float]", dict(effect.parameters))
    sides = [
        _side(given.get(low), given.get(high), given.get(size), given.get(middle), extent)
        for (low, high, size, middle), extent in zip(_CROP, (take.width, take.height), strict=True)
    ]
    if sides[0] is None or sides[1] is None:
        return None
    (left, right), (top, bottom) = sides[0], sides[1]
    return left, top, right, bottom


def _side(
    low: float | None,
    high: float | None,
    size: float | None,
    middle: float | None,
    extent: float,
) -> tuple[float, float] | None:
    """The two edges of a crop along one way."""
    anchors = [value for value in (low, high, middle) if value is not None]
    if size is not None:
        if len(anchors) != 1:
            return None
        if middle is not None:
            return middle - size / 2, middle + size / 2
        return (low, low + size) if low is not None else (anchors[0] - size, anchors[0])
    if middle is not None:
        return None
    return low or 0, extent if high is None else high


def outside(effect: Effect, framing: Framing) -> str | None:
    """What is wrong with where an effect's box lies, in words; None where nothing is.

    What moves may leave the picture; a box that is not in it was meant to be elsewhere.
    """
    known, take = KNOWN.get(effect.name), framing.source
    if known is None:
        return None
    if effect.name == "Crop":
        edges = _cropped(effect, take)
        return _box_words("its edges", edges, framing)
    for name, value in effect.parameters:
        if known.parameters[name].kind is Kind.BOX:
            left, top, right, bottom = cast("list[float]", value)
            words = _box_words(name, (left, top, right, bottom), framing)
            if words is not None:
                return words
    return None


def _box_words(name: str, edges: Edges | None, framing: Framing) -> str | None:
    """What is wrong with a box."""
    if edges is None or edges[0] >= edges[2] or edges[1] >= edges[3]:
        return f"{name} make no box" if name == "its edges" else f"its {name} is no box"
    take = framing.source
    reach = (take.width, take.height) * 2
    for edge, end in zip(edges, reach, strict=True):
        if not 0 <= edge <= end:
            return f"it reaches to {edge:g}, outside the take, which is {take}"
    left, top, right, bottom = _within(edges, framing)
    if left == right or top == bottom:
        return f"it lies wholly outside what {framing.raster} shows of the take"
    return None
