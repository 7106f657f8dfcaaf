"""Place a sound layer: once or round and round, faded, and cut at the programme's end."""

from __future__ import annotations

from dataclasses import dataclass, replace

from finisher.event import MICRO_FADE
from finisher.plan.ducking import Curve, fade_curve
from finisher.plan.model import Piece
from finisher.plan.native_sound import note
from finisher.problems import Problem, Severity
from finisher.timeline import Filling, Layer

_SHORTEST_LOOP = 4_800
"""A loop of less than 100 ms is a tone, and more likely a slip of the pen."""


@dataclass(frozen=True, slots=True)
class PlacedLayer:
    """A layer's pieces, the fades that no single piece can hold, and what to report."""

    pieces: tuple[Piece, ...]
    fades: Curve = ()
    problems: tuple[Problem, ...] = ()


def place_layer(layer: Layer, available: int, programme: int) -> PlacedLayer:
    """Lay a sound of `available` samples into a programme of `programme` samples.

    A layer that begins in the middle of its file, ends there, or is cut at the programme's end
    fades for 5 ms at least; one that plays from its file's start or to its end is left as it is.
    """
    out = available if layer.source_out is None else min(layer.source_out, available)
    length = out - layer.source_in
    problems = []
    if layer.source_out is not None and layer.source_out > available:
        problems.append(
            _warning(
                layer, "layer-short", f"its file holds {available} samples, not {layer.source_out}"
            )
        )
    if length <= 0 or layer.at >= programme:
        return PlacedLayer(
            (), (), (*problems, _warning(layer, "layer-outside", "nothing of it is heard"))
        )
    loops = layer.fit is Filling.LOOP
    if loops and length < _SHORTEST_LOOP:
        problems.append(
            _warning(layer, "layer-loop-short", f"{length} samples are not looped but played once")
        )
    elif loops:
        return _looped(layer, length, available, programme)
    heard = min(length, programme - layer.at)
    if heard < length:
        message = f"layer {layer.id} is cut at the programme's end, {length - heard} samples early"
        problems.append(note("layer-cut", message, layer.where))
    cut_out = heard < length or out < available
    piece = Piece(
        source=f"layer:{layer.id}",
        source_start=layer.source_in,
        start=layer.at,
        length=heard,
        fade_in=min(heard, _fade(layer.fade_in, cut=layer.source_in > 0)),
        fade_out=min(heard, _fade(layer.fade_out, cut=cut_out)),
    )
    return PlacedLayer((piece,), (), tuple(problems))


def _looped(layer: Layer, length: int, available: int, programme: int) -> PlacedLayer:
    """Passes one after the other up to the programme's end.

    At a seam the outgoing pass goes on for 5 ms under the incoming one where its file goes on
    too; else the incoming one begins that much earlier; else both fade at the seam.
    """
    after = MICRO_FADE if layer.source_in + length + MICRO_FADE <= available else 0
    before = MICRO_FADE if not after and layer.source_in >= MICRO_FADE else 0
    pieces = []
    for start in range(layer.at, programme, length):
        lead = before if start > layer.at else 0
        piece = Piece(
            source=f"layer:{layer.id}",
            source_start=layer.source_in - lead,
            start=start - lead,
            length=min(lead + length + after, programme - start + lead),
            fade_in=MICRO_FADE,
            fade_out=MICRO_FADE,
            equal_power=bool(after or before),
        )
        pieces.append(piece)
    span = programme - layer.at
    first, last = pieces[0], pieces[-1]
    into, out_of = layer.fade_in, max(layer.fade_out, MICRO_FADE)
    long_in, long_out = into > first.length, out_of > last.length
    natural = _fade(into, cut=layer.source_in > 0)
    pieces[0] = replace(first, fade_in=0 if long_in else natural)
    pieces[-1] = replace(pieces[-1], fade_out=0 if long_out else out_of)
    fades = fade_curve(
        layer.at, min(into, span) if long_in else 0, programme, min(out_of, span) * long_out
    )
    return PlacedLayer(tuple(pieces), fades)


def _fade(asked: int, *, cut: bool) -> int:
    """The fade asked for, at least a short one where the sound is cut."""
    return max(asked, MICRO_FADE) if cut else asked


def _warning(layer: Layer, code: str, what: str) -> Problem:
    """A problem with a layer that doesn't stop the work."""
    return Problem(code, f"layer {layer.id}: {what}", layer.where, severity=Severity.WARNING)
