"""Place a sound layer: once, round and round or stretched, faded, and cut where it is to end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from finisher.event import MICRO_FADE
from finisher.facts import Facts
from finisher.hearing import TempoFacts
from finisher.plan.ducking import Curve, fade_curve, summed
from finisher.plan.model import Piece
from finisher.plan.native_sound import note
from finisher.plan.sources import stretched, stretches_to
from finisher.problems import Problem, Severity
from finisher.retime import FASTEST, SLOWEST, stretchable
from finisher.timecode import SAMPLE_RATE, Span
from finisher.timeline import Filling, Layer, Role

_SHORTEST_LOOP = 4_800
"""A loop of less than 100 ms is a tone, and more likely a slip of the pen."""

_BEATS_PER_BAR = 4


@dataclass(frozen=True, slots=True)
class PlacedLayer:
    """A layer's pieces, the gains over time that no piece can hold, and what to report."""

    pieces: tuple[Piece, ...]
    curve: Curve = ()
    problems: tuple[Problem, ...] = ()
    speed: Fraction = Fraction(1)
    """What its file is played at."""


@dataclass(frozen=True, slots=True)
class _Room:
    """What there is of a file, and where it may be heard."""

    source: str
    used: Span
    """Samples of the file as it is played, stretched where it is."""
    available: int
    """Samples of that file."""
    at: int
    wanted: int
    """Samples it is to fill."""
    programme: int

    @property
    def heard(self) -> int:
        """Samples of what it is to fill that the programme has."""
        return max(0, min(self.wanted, self.programme - self.at))


def speed_of(layer: Layer, available: int, programme: int) -> Fraction:
    """The speed at which a layer fills its length; 1 where it is not stretched.

    Args:
        layer: any layer.
        available: samples its file holds.
        programme: samples of the programme, to whose end it goes where it gives no length.
    """
    out = available if layer.source_out is None else min(layer.source_out, available)
    length, wanted = out - layer.source_in, layer.length or programme - layer.at
    if layer.fit is not Filling.STRETCH or length <= 0 or wanted <= 0:
        return Fraction(1)
    return Fraction(length, wanted)


def place_layer(layer: Layer, facts: Facts, programme: int) -> PlacedLayer:
    """Lay a measured sound into a programme of `programme` samples.

    A layer that begins in the middle of its file, ends there, or is cut fades for 5 ms at least;
    one that plays from its file's start or to its end is left as it is.
    """
    found, layer = _aligned(layer, facts)
    available = facts.layers[layer.id].sound.samples
    if any(problem.severity is Severity.ERROR for problem in found):
        return PlacedLayer((), (), found)
    if layer.source_out is not None and layer.source_out > available:
        message = f"its file holds {available} samples, not {layer.source_out}"
        found = (*found, _warning(layer, "layer-short", message))
    placed = _placed(layer, available, programme, facts.tempos.get(layer.id))
    automation = tuple((layer.at + place, level) for place, level in layer.automation)
    curve = summed(placed.curve, automation) if placed.pieces else ()
    return replace(placed, curve=curve, problems=(*found, *placed.problems))


def _aligned(layer: Layer, facts: Facts) -> tuple[tuple[Problem, ...], Layer]:
    """The layer at the place that was found for it, where one was to be found."""
    if layer.align is None:
        return (), layer
    found = facts.alignments.get(layer.id)
    hint = 'give "at" without "align"'
    if found is None:
        message = f"layer {layer.id} is not placed: there is no native sound to find its place by"
        return (Problem("align-refused", message, layer.where, hint),), layer
    if found.refused:
        message = (
            f"layer {layer.id} is not placed: {found.refused} (confidence {found.confidence:.2f}, "
            f"likeness {found.likeness:.2f})"
        )
        return (Problem("align-refused", message, layer.where, hint),), layer
    shift = 1000 * (found.at - layer.at) / SAMPLE_RATE
    message = (
        f"layer {layer.id} is moved by {shift:+.2f} ms to sample {found.at}, where it lies on the "
        f"sound it replaces (confidence {found.confidence:.2f})"
    )
    return (note("layer-aligned", message, layer.where),), replace(layer, at=found.at)


def _placed(layer: Layer, available: int, programme: int, tempo: TempoFacts | None) -> PlacedLayer:
    """A layer that stands where it is to begin."""
    out = available if layer.source_out is None else min(layer.source_out, available)
    used = Span(layer.source_in, max(layer.source_in, out))
    if not len(used) or layer.at >= programme or layer.at + len(used) <= 0:
        return PlacedLayer((), (), (_warning(layer, "layer-outside", "nothing of it is heard"),))
    speed = speed_of(layer, available, programme)
    if not stretchable(speed):
        return PlacedLayer((), (), (_too_far(layer, speed, len(used)),))
    if speed != 1:
        available = stretches_to(available, speed)
        start = stretches_to(used.start, speed)
        used = Span(start, min(available, stretches_to(used.end, speed)))
    wanted = layer.length or max(0, programme - layer.at)
    source = stretched(f"layer:{layer.id}", speed)
    room = _Room(source, used, available, layer.at, wanted, programme)
    if layer.fit is Filling.LOOP:
        return _looped(layer, room, tempo)
    return replace(_once(layer, room, speed), speed=speed)


def _too_far(layer: Layer, speed: Fraction, length: int) -> Problem:
    """A file that would have to be played much slower or faster to fill its length."""
    factor = float(speed)
    wanted = round(length / speed)
    return Problem(
        "stretch-too-far",
        f"layer {layer.id}: to fill {wanted} samples its {length} would be played at {factor:.3f} "
        "times their speed, and sound is stretched by 6 % at most",
        layer.where,
        f'a "length" between {round(length / FASTEST)} and {round(length / SLOWEST)} samples, '
        'or "fit": "loop", "trim" or "pad"',
    )


def _once(layer: Layer, room: _Room, speed: Fraction) -> PlacedLayer:
    """A layer that is heard once, from its beginning or as far as there is a programme."""
    length = len(room.used)
    problems = list(_filled(layer, room, speed))
    kept = length if layer.fit is Filling.NONE else min(length, room.wanted)
    heard = min(kept, room.programme - room.at)
    if heard < kept and (layer.fit is Filling.NONE or layer.length is not None):
        message = f"layer {layer.id} is cut at the programme's end, {kept - heard} samples early"
        problems.append(note("layer-cut", message, layer.where))
    head = max(0, -room.at)
    if head:
        message = f"layer {layer.id} begins {head} samples before the programme, and is cut there"
        problems.append(note("layer-cut", message, layer.where))
    cut_in = room.used.start + head > 0
    cut_out = heard < length or room.used.end < room.available
    piece = Piece(
        source=room.source,
        source_start=room.used.start + head,
        start=room.at + head,
        length=heard - head,
        fade_in=min(heard - head, _fade(layer.fade_in, cut=cut_in)),
        fade_out=min(heard - head, _fade(layer.fade_out, cut=cut_out)),
    )
    return PlacedLayer((piece,), (), tuple(problems))


def _filled(layer: Layer, room: _Room, speed: Fraction) -> tuple[Problem, ...]:
    """What comes of a layer's fit, in words; a problem where it does not fit."""
    length, wanted = len(room.used), room.wanted
    short = wanted - length
    match layer.fit:
        case Filling.TRIM if short < 0:
            words = f"trimmed from {length} to {wanted} samples"
        case Filling.TRIM if short > 0:
            words = f"it has {length} samples, {short} fewer than the {wanted} it is trimmed to"
            return (_warning(layer, "layer-short", words),)
        case Filling.PAD if short < 0:
            return (
                Problem(
                    "layer-too-long",
                    f"layer {layer.id} has {length} samples, {-short} more than the {wanted} it "
                    "is padded to",
                    layer.where,
                    '"fit": "trim" cuts it',
                ),
            )
        case Filling.PAD if short > 0:
            words = f"silent for {short} samples behind its own {length}"
        case Filling.STRETCH if speed != 1:
            words = f"stretched to {wanted} samples, played at {float(speed):.4f} times its speed"
        case _:
            return ()
    return (note("layer-fitted", f"layer {layer.id} is {words}", layer.where),)


def _looped(layer: Layer, room: _Room, tempo: TempoFacts | None) -> PlacedLayer:
    """Passes one after the other; music by its own bars, where it has a steady beat.

    A range that was given is gone round as it is.
    """
    free = layer.role is Role.MUSIC and layer.source_out is None
    steady = tempo if free and tempo is not None and tempo.loop.end > room.used.start else None
    round_by = room.used
    if steady is not None and len(room.used) < room.heard:
        round_by = Span(steady.loop.start, min(steady.loop.end, room.available))
    if len(round_by) < _SHORTEST_LOOP:
        short = _warning(
            layer, "layer-loop-short", f"{len(round_by)} samples are not looped but played once"
        )
        once = _once(replace(layer, fit=Filling.NONE, length=None), room, Fraction(1))
        return replace(once, problems=(short, *once.problems))
    pieces = _passes(room, round_by)
    curve = _faded(layer, room, pieces)
    problems = []
    if free and len(pieces) > 1:
        problems.append(_round_note(layer, steady))
    if room.heard < room.wanted:
        message = (
            f"layer {layer.id} is cut at the programme's end, {room.wanted - room.heard} samples "
            "early"
        )
        problems.append(note("layer-cut", message, layer.where))
    return PlacedLayer(tuple(pieces), curve, tuple(problems))


def _round_note(layer: Layer, tempo: TempoFacts | None) -> Problem:
    """By what music goes round."""
    if tempo is None:
        message = f"layer {layer.id} goes round from its end to its beginning: no steady beat found"
        return note("layer-loop-plain", message, layer.where)
    bars, rest = divmod(tempo.beats, _BEATS_PER_BAR)
    whole = f"{bars} bars of 4" if bars and not rest else "no whole bars of 4"
    message = (
        f"layer {layer.id} goes round every {tempo.beats} beats ({whole}) at {tempo.bpm:.2f} beats "
        f"a minute; level at the seam {tempo.seam_db:+.1f} dB against the beats within"
    )
    return note("layer-loop-beats", message, layer.where)


def _passes(room: _Room, round_by: Span) -> list[Piece]:
    """A first pass from the layer's beginning, then rounds, to the end of what is heard.

    At a seam the outgoing pass goes on for 5 ms under the incoming one where its file goes on
    too; else the incoming one begins that much earlier; else both fade at the seam.
    """
    after = MICRO_FADE if round_by.end + MICRO_FADE <= room.available else 0
    before = MICRO_FADE if not after and round_by.start >= MICRO_FADE else 0
    end = room.at + room.heard
    pieces: list[Piece] = []
    start, source = room.at, room.used.start
    while start < end:
        lead = before if pieces else 0
        length = round_by.end - source
        heard = min(lead + length + after, end - start + lead)
        pieces.append(
            Piece(
                source=room.source,
                source_start=source - lead,
                start=start - lead,
                length=heard,
                fade_in=min(heard, MICRO_FADE),
                fade_out=min(heard, MICRO_FADE),
                equal_power=bool(after or before),
            )
        )
        start, source = start + length, round_by.start
    return pieces


def _faded(layer: Layer, room: _Room, pieces: list[Piece]) -> Curve:
    """Fade the passes at both ends of the layer, in place; a curve for what is longer than one."""
    first, last = pieces[0], pieces[-1]
    into, out_of = layer.fade_in, max(layer.fade_out, MICRO_FADE)
    long_in, long_out = into > first.length, out_of > last.length
    natural = min(first.length, _fade(into, cut=room.used.start > 0))
    pieces[0] = replace(first, fade_in=0 if long_in else natural)
    pieces[-1] = replace(pieces[-1], fade_out=0 if long_out else out_of)
    return fade_curve(
        room.at,
        min(into, room.heard) if long_in else 0,
        room.at + room.heard,
        min(out_of, room.heard) * long_out,
    )


def _fade(asked: int, *, cut: bool) -> int:
    """The fade asked for, at least a short one where the sound is cut."""
    return max(asked, MICRO_FADE) if cut else asked


def _warning(layer: Layer, code: str, what: str) -> Problem:
    """A problem with a layer that doesn't stop the work."""
    return Problem(code, f"layer {layer.id}: {what}", layer.where, severity=Severity.WARNING)
