"""Events of the document as events of the timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from finisher.edl.document import (
    CdlDoc,
    EventDoc,
    ExtendDoc,
    GapDoc,
    LoopDoc,
    TransitionDoc,
)
from finisher.edl.draft import Draft, event_id
from finisher.edl.effects import effects
from finisher.edl.fields import MAX_FRAMES
from finisher.edl.marks import keep_visible
from finisher.edl.paths import PathRefused, check_form
from finisher.edl.sounding import sounding, stretchable
from finisher.edl.source import pointer_to
from finisher.edl.times import frames, samples
from finisher.event import (
    Align,
    Conform,
    Event,
    Extend,
    Gap,
    Item,
    Loop,
    NativeSound,
    Prolongation,
    Seam,
    Transition,
    TransitionKind,
)
from finisher.geometry import Fit
from finisher.look import CDL, Triple
from finisher.problems import nearest
from finisher.retime import Ramp, SpeedKey
from finisher.timecode import Span


@dataclass(frozen=True, slots=True)
class Placed:
    """An item of the track, None where it could not be made; its pointer and, if any, its name."""

    item: Item | None
    pointer: str
    name: str | None


def items(draft: Draft) -> list[Placed]:
    """The picture track, in order; problems go to the draft."""
    found = []
    for index, document in zip(draft.events, draft.document.events, strict=True):
        pointer = f"/events/{index}"
        if isinstance(document, GapDoc):
            gap = Gap(document.gap, draft.where(pointer)) if draft.whole(pointer) else None
            found.append(Placed(gap, pointer, None))
            continue
        name = document.id or event_id(None, index)
        event = _event(draft, document, name, pointer)
        if not found:
            event = _from_black(event)
        known = document.id is not None or draft.whole(pointer)
        found.append(Placed(event, pointer, name if known else None))
    return found


def _from_black(event: Event | None) -> Event | None:
    """The first event: nothing lies before it, so its transition lies after its start."""
    if event is None or event.transition is None:
        return event
    return replace(event, transition=replace(event.transition, align=Align.START))


def cdl_of(document: CdlDoc | None) -> CDL | None:
    """A colour decision list as the house knows it."""
    if document is None:
        return None
    slope, offset, power = (
        _triple(values) for values in (document.slope, document.offset, document.power)
    )
    return CDL(slope, offset, power, document.saturation)


def _triple(values: list[float]) -> Triple:
    """Red, green, blue."""
    red, green, blue = (float(value) for value in values)
    return (red, green, blue)


def check_look(draft: Draft, look: str | None, pointer: str) -> None:
    """A look may be named by a file, and is held to the rules of paths then."""
    if look is None:
        return
    try:
        check_form(look)
    except PathRefused as error:
        draft.wrong(error.code, pointer, error.message, error.hint)
        return
    if "/" in look:
        draft.path(look, pointer)


def _event(draft: Draft, document: EventDoc, name: str, pointer: str) -> Event | None:
    """One event, None after reporting why there is none."""
    if document.take not in draft.names.takes:
        hint = nearest(document.take, draft.names.takes)
        message = f'there is no take "{document.take}"'
        draft.wrong("unknown-take", f"{pointer}/take", message, hint)
    check_look(draft, document.look, f"{pointer}/look")
    if document.freeze is not None:
        return _frozen(draft, document, name, pointer)
    source = _span(draft, document, pointer)
    loop = _loop(draft, document.loop, f"{pointer}/loop")
    ramp = _ramp(draft, document, pointer)
    damaged = not draft.whole(pointer) or (loop is None and document.loop is not None)
    if source is None or damaged or (ramp is None and document.ramp is not None):
        return None
    event = replace(
        _framed(draft, document, name, pointer, source),
        speed=document.speed,
        ramp=ramp,
        conform=Conform(document.conform),
        loop=loop,
        extend=_extend(document.extend),
    )
    laws = (_fits, _settleable, stretchable)
    return event if all(law(draft, event, pointer) for law in laws) else None


def _framed(draft: Draft, document: EventDoc, name: str, pointer: str, source: Span) -> Event:
    """A plain event over a source range, with all that has nothing to do with its time."""
    if document.fit == Fit.WIDEN and not document.keep_visible:
        message = 'there is nothing to widen for without "keep_visible"'
        draft.wrong("widen-alone", f"{pointer}/fit", message, 'or "fit": "cover"')
    return Event(
        id=name,
        take=document.take,
        source=source,
        transition=_transition(draft, document.transition, f"{pointer}/transition"),
        fit=Fit(document.fit),
        focus=_focus(document.focus),
        may_crop=document.may_crop,
        keep_visible=keep_visible(
            draft, document.take, document.keep_visible, f"{pointer}/keep_visible"
        ),
        look=document.look,
        cdl=cdl_of(document.cdl),
        strength=document.strength,
        sound=sounding(draft, document, pointer),
        j_cut=draft.time(samples, document.j_cut, f"{pointer}/j_cut") or 0,
        l_cut=draft.time(samples, document.l_cut, f"{pointer}/l_cut") or 0,
        effects=effects(draft, document.effects, f"{pointer}/effects"),
        where=draft.where(pointer),
    )


_MOVING = ("out", "duration", "speed", "ramp", "conform", "loop", "extend")


def _frozen(draft: Draft, document: EventDoc, name: str, pointer: str) -> Event | None:
    """One picture held: an event of one frame, extended, without sound."""
    given = [key for key in _MOVING if key in document.model_fields_set]
    if given:
        message = f'a "freeze" has no "{given[0]}": it is one picture, held'
        draft.wrong("freeze-alone", pointer_to(pointer, given[0]), message)
    start = draft.time(frames, document.start, f"{pointer}/in")
    if start is None or not draft.whole(pointer):
        return None
    held = (document.freeze or 1) - 1
    event = _framed(draft, document, name, pointer, Span(start, start + 1))
    return replace(
        event,
        extend=Extend(held, Prolongation.HOLD) if held else None,
        sound=replace(event.sound, native=NativeSound.MUTE),
    )


def _ramp(draft: Draft, document: EventDoc, pointer: str) -> Ramp | None:
    """A speed that changes, None when there is none or after reporting what is wrong with it."""
    if document.ramp is None:
        return None
    place = f"{pointer}/ramp"
    if "speed" in document.model_fields_set:
        draft.wrong("ramp-and-speed", f"{pointer}/speed", 'both "speed" and "ramp" are given')
        return None
    times = [draft.time(frames, key.at, f"{place}/{i}/at") for i, key in enumerate(document.ramp)]
    keys = tuple(
        SpeedKey(at, key.speed)
        for at, key in zip(times, document.ramp, strict=True)
        if at is not None
    )
    if len(keys) < len(times):
        return None
    if keys[0].at != 0 or any(b.at <= a.at for a, b in pairwise(keys)):
        draft.wrong("ramp-order", place, "a ramp's keys begin at 0 and rise from one to the next")
        return None
    if keys[-1].speed == 0:
        message = "a ramp that ends standing still would never end"
        draft.wrong("zero-speed", f"{place}/{len(keys) - 1}/speed", message, 'add "extend": hold')
        return None
    return Ramp(keys)


def _span(draft: Draft, document: EventDoc, pointer: str) -> Span | None:
    """The source range, in frames from the take's first."""
    start = draft.time(frames, document.start, f"{pointer}/in")
    if (document.out is None) == (document.duration is None):
        if document.out is None:
            draft.wrong("missing-key", pointer, '"out", "duration" or "freeze" is missing')
        else:
            draft.wrong("out-and-duration", pointer, 'both "out" and "duration" are given')
        return None
    if document.out is not None:
        place = f"{pointer}/out"
        end = draft.time(frames, document.out, place)
    else:
        place = f"{pointer}/duration"
        length = draft.time(frames, document.duration or 0, place)
        end = None if start is None or length is None else start + length
    if start is None or end is None:
        return None
    if end <= start:
        message = f"the event ends at frame {end}, not after its start at frame {start}"
        draft.wrong("empty-range", place, message, '"out" is exclusive')
        return None
    return Span(start, end)


def _loop(draft: Draft, document: LoopDoc | None, pointer: str) -> Loop | None:
    """A loop, None when there is none or after reporting what is wrong with it."""
    if document is None:
        return None
    if (document.times is None) == (document.until is None):
        draft.wrong("loop-length", pointer, 'a loop has either "times" or "until"')
        return None
    until = None
    if document.until is not None:
        until = draft.time(frames, document.until, f"{pointer}/until")
        if until is None:
            return None
        if until == 0:
            draft.wrong("empty-range", f"{pointer}/until", "a loop lasts at least one frame")
            return None
    seam = Seam(document.seam)
    if (seam is Seam.BLEND) != (document.frames is not None):
        needs = "needs" if seam is Seam.BLEND else "has no"
        draft.wrong("seam-frames", pointer, f'a {seam} seam {needs} "frames"')
        return None
    return Loop(document.times, until, seam, document.frames or 0)


def _settleable(draft: Draft, event: Event, pointer: str) -> bool:
    """Whether a seam that is to be found can be: frames of the take itself, one after the other."""
    auto = event.loop is not None and event.loop.seam is Seam.AUTO
    if auto and event.retimed:
        message = "where a retimed range loops best can't be found"
        hint = "`finish loop` on the take, then its range and seam"
        draft.wrong("seam-auto-retimed", f"{pointer}/loop/seam", message, hint)
        return False
    return True


def _extend(document: ExtendDoc | None) -> Extend | None:
    """What an event is extended by."""
    return None if document is None else Extend(document.frames, Prolongation(document.by))


def _transition(draft: Draft, document: TransitionDoc | None, pointer: str) -> Transition | None:
    """A transition into an event."""
    if document is None:
        return None
    kind, align = TransitionKind(document.kind), Align(document.align)
    color = None
    if document.color is not None:
        if kind is not TransitionKind.DIP:
            draft.wrong("color-of-dip", f"{pointer}/color", f"a {kind} goes through no colour")
        red, green, blue = document.color
        color = (red, green, blue)
    return Transition(kind, document.frames, align, color, draft.where(pointer))


def _focus(values: list[Fraction]) -> tuple[Fraction, Fraction]:
    """A point of the take, across and down."""
    across, down = values
    return (across, down)


def _fits(draft: Draft, event: Event, pointer: str) -> bool:
    """Whether an event has a sensible length, and a blended seam room inside a pass."""
    if event.length > MAX_FRAMES:
        message = f"the event would be {event.length} frames long; the limit is {MAX_FRAMES}"
        draft.wrong("too-long", pointer, message)
        return False
    if event.ramp is not None and event.ramp.keys[-1].at > event.single:
        message = (
            f"the ramp's last key is at frame {event.ramp.keys[-1].at}, "
            f"and the range is played to its end after {event.single} frames"
        )
        draft.wrong("ramp-outside", f"{pointer}/ramp", message, "a longer range, or earlier keys")
        return False
    if event.loop is not None and event.loop.frames > event.period:
        message = f"a seam of {event.loop.frames} frames is longer than a pass of {event.period}"
        draft.wrong("seam-too-long", pointer_to(f"{pointer}/loop", "frames"), message)
        return False
    return True
