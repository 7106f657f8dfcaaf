"""A part of a programme, planned as if there were no more."""

from __future__ import annotations

from dataclasses import replace

from finisher.event import Event
from finisher.plan.model import Mix, Picture, Piece, Shot, SoundPlan, SoundTrack, Worked
from finisher.plan.picture import Track
from finisher.problems import DocumentError, Problem, Where
from finisher.timecode import Rate, Span
from finisher.timeline import Timeline


def clipped(layout: Track, timeline: Timeline, part: Span) -> tuple[Track, Timeline]:
    """The frames of a part, and a timeline of the events they show and no others.

    Raises:
        DocumentError: when the part is none of the programme, or begins or ends inside a
            transition: an event would be seen without ever being on.
    """
    if not len(part) or part.end > len(layout.pictures):
        message = f"there are no frames [{part.start}, {part.end}) of {len(layout.pictures)}"
        raise DocumentError(Problem("part-outside", message, Where(timeline.path)))
    events = [item for item in timeline.items if isinstance(item, Event)]
    met = [record.meet(part) for record in layout.records]
    kept = [number for number, record in enumerate(met) if record is not None]
    numbers = {number: i for i, number in enumerate(kept)}
    try:
        pictures = tuple(
            _renumbered(picture, numbers) for picture in layout.pictures[part.start : part.end]
        )
    except KeyError as error:
        other = events[int(str(error))]
        message = f"the part [{part.start}, {part.end}) cuts into a transition with {other.id!r}"
        hint = "begin and end it where one event alone is on"
        raise DocumentError(Problem("part-in-transition", message, other.where, hint)) from None
    records = tuple(
        Span(record.start - part.start, record.end - part.start)
        for record in met
        if record is not None
    )
    shown = replace(timeline, items=tuple(events[number] for number in kept))
    return Track(pictures, records), shown


def heard(sound: SoundPlan, part: Span, rate: Rate) -> SoundPlan:
    """The sound of a part: mixed as the whole's, and brought to its loudness by itself.

    What began before the part begins before its first sample, so that fades go on as they went.
    """
    first, last = (rate.samples(frame) for frame in (part.start, part.end))
    tracks = tuple(_moved(track, first) for track in sound.tracks)
    span = Span(0, last - first)
    kept = tuple(_kept(track, span) for track in tracks)
    used = {piece.source for track in kept for piece in track.pieces}
    return replace(
        sound,
        samples=len(span),
        tracks=kept,
        pans=tuple(pan for pan in sound.pans if pan.source in used),
    )


def _kept(track: SoundTrack, span: Span) -> SoundTrack:
    """What of a track is heard in a span."""
    return replace(
        track,
        pieces=tuple(piece for piece in track.pieces if _in(piece, span)),
        speech=_met(track.speech, span),
        ducked=_met(track.ducked, span),
    )


def _met(regions: tuple[Span, ...], span: Span) -> tuple[Span, ...]:
    """What of regions lies in a span."""
    met = (region.meet(span) for region in regions)
    return tuple(region for region in met if region is not None)


def _moved(track: SoundTrack, by: int) -> SoundTrack:
    """A track that many samples earlier."""
    return replace(
        track,
        pieces=tuple(replace(piece, start=piece.start - by) for piece in track.pieces),
        curve=tuple((at - by, level) for at, level in track.curve),
        speech=_earlier(track.speech, by),
        ducked=_earlier(track.ducked, by),
    )


def _earlier(regions: tuple[Span, ...], by: int) -> tuple[Span, ...]:
    return tuple(Span(region.start - by, region.end - by) for region in regions)


def _in(piece: Piece, span: Span) -> bool:
    return piece.span.meet(span) is not None


def _renumbered(picture: Picture, numbers: dict[int, int]) -> Picture:
    """A picture with its events numbered anew.

    Raises:
        KeyError: for an event that is not among them.
    """
    match picture:
        case Shot() | Worked():
            return replace(picture, event=numbers[picture.event])
        case Mix():
            old, new = (_renumbered(p, numbers) for p in (picture.outgoing, picture.incoming))
            return replace(picture, outgoing=old, incoming=new)
        case _:
            return picture
