"""Sound layers of the document as layers of the timeline, counted in samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finisher.edl.draft import Draft
from finisher.edl.events import Placed
from finisher.edl.sound_document import AlignDoc, DuckDoc, LayerDoc, PointDoc
from finisher.edl.times import samples
from finisher.problems import nearest
from finisher.timecode import SAMPLE_RATE
from finisher.timeline import Duck, Filling, Layer, Role


def layers(draft: Draft, track: Sequence[Placed]) -> tuple[Layer, ...]:
    """The layers that could be made; problems go to the draft.

    Args:
        draft: the edit list.
        track: its events, by which layers that are to be aligned have their places.
    """
    starts = _starts(track)
    found = [
        _layer(draft, _near(document, starts), index)
        for index, document in zip(draft.layers, draft.document.audio, strict=True)
    ]
    _check_ids(draft)
    return tuple(layer for layer in found if layer is not None)


def _starts(track: Sequence[Placed]) -> dict[str, int]:
    """The frame each event begins on, by its name, up to the first that could not be made."""
    starts: dict[str, int] = {}
    at = 0
    for entry in track:
        if entry.name is not None:
            starts.setdefault(entry.name, at)
        if entry.item is None:
            break
        at += entry.item.length
    return starts


def _near(document: LayerDoc, starts: Mapping[str, int]) -> LayerDoc:
    """A layer whose place is to be found, near the event it replaces unless it says where."""
    if document.align is None or "at" in document.model_fields_set:
        return document
    at = next((starts[name] for name in document.replaces if name in starts), 0)
    return document.model_copy(update={"at": at})


def _layer(draft: Draft, document: LayerDoc, index: int) -> Layer | None:
    """One layer, None after reporting why there is none."""
    pointer = f"/audio/{index}"
    path = draft.path(document.file, f"{pointer}/file")
    for place, event in enumerate(document.replaces):
        if event not in draft.names.events:
            hint = nearest(event, draft.names.events)
            message = f'there is no event "{event}"'
            draft.wrong("unknown-event", f"{pointer}/replaces/{place}", message, hint)
    at = draft.time(samples, document.at, f"{pointer}/at")
    fade_in = draft.time(samples, document.fade_in, f"{pointer}/fade_in")
    fade_out = draft.time(samples, document.fade_out, f"{pointer}/fade_out")
    span = _span(draft, document, pointer)
    fit, length = _filling(draft, document, pointer)
    automation = _automation(draft, document.automation, pointer)
    align = _align(draft, document, fit, pointer)
    if at is None or fade_in is None or fade_out is None or span is None:
        return None
    start, end = span
    once = fit in (Filling.NONE, Filling.TRIM, Filling.PAD)
    if end is not None and once and fade_in + fade_out > end - start:
        message = f"fades of {fade_in} and {fade_out} samples don't fit into {end - start}"
        draft.wrong("fades-too-long", pointer, message)
    return Layer(
        id=document.id or f"layer-{index + 1}",
        path=path,
        role=Role(document.role),
        at=at,
        source_in=start,
        source_out=end,
        fit=fit,
        length=length,
        gain_db=float(document.gain_db),
        fade_in=fade_in,
        fade_out=fade_out,
        duck=_duck(document.duck),
        automation=automation,
        replaces=tuple(document.replaces),
        align=align,
        cameos=tuple(dict.fromkeys(document.cameos)),
        generated=document.generated,
        where=draft.where(pointer),
    )


def _span(draft: Draft, document: LayerDoc, pointer: str) -> tuple[int, int | None] | None:
    """The part of the file that is used, in samples; an open end is the file's."""
    start = draft.time(samples, document.start, f"{pointer}/in")
    if document.out is not None and document.duration is not None:
        draft.wrong("out-and-duration", pointer, 'both "out" and "duration" are given')
        return None
    end: int | None = None
    place = pointer
    if document.out is not None:
        place = f"{pointer}/out"
        if (end := draft.time(samples, document.out, place)) is None:
            return None
    elif document.duration is not None:
        place = f"{pointer}/duration"
        if (length := draft.time(samples, document.duration, place)) is None:
            return None
        end = length if start is None else start + length
    if start is None:
        return None
    if end is not None and end <= start:
        message = f"the layer ends at sample {end}, not after its start at sample {start}"
        draft.wrong("empty-range", place, message, '"out" is exclusive')
        return None
    return start, end


def _filling(draft: Draft, document: LayerDoc, pointer: str) -> tuple[Filling, int | None]:
    """How a layer comes to its length, and that length in samples where it is given."""
    fit, given = Filling(document.fit), document.model_fields_set
    if {"fit", "loop"} <= given and document.loop != (fit is Filling.LOOP):
        written = "true" if document.loop else "false"
        message = f'"fit": "{fit}" and "loop": {written} contradict each other'
        draft.wrong("fit-and-loop", f"{pointer}/loop", message, "leave out one of the two")
    if document.loop:
        fit = Filling.LOOP
    if document.length is None:
        return fit, None
    place = f"{pointer}/length"
    if fit is Filling.NONE:
        message = 'without "fit" a layer is as long as its file'
        draft.wrong("length-without-fit", place, message, '"fit": "trim", "pad", "loop", "stretch"')
    length = draft.time(samples, document.length, place)
    if length == 0:
        draft.wrong("empty-range", place, "a layer fills one sample at least")
    return fit, length or None


def _automation(
    draft: Draft, points: list[PointDoc], pointer: str
) -> tuple[tuple[int, float], ...]:
    """Breakpoints in samples from the layer's beginning; each comes after the one before."""
    found: list[tuple[int, float]] = []
    for number, point in enumerate(points):
        place = f"{pointer}/automation/{number}/at"
        at = draft.time(samples, point.at, place)
        if at is None:
            continue
        if found and at <= found[-1][0]:
            message = f"sample {at} does not come after sample {found[-1][0]}"
            draft.wrong("automation-order", place, message, "instants rise from point to point")
            continue
        found.append((at, float(point.gain_db)))
    return tuple(found)


def _align(draft: Draft, document: LayerDoc, fit: Filling, pointer: str) -> int | None:
    """How far around its place a layer may be moved, in samples; None where it stands there."""
    if document.align is None:
        return None
    place = f"{pointer}/align"
    needs = {
        '"replaces" with exactly one event': len(document.replaces) == 1,
        'the role "dialogue" or "narration"': document.role in _SPOKEN,
        '"fit" "none" or "trim"': fit in (Filling.NONE, Filling.TRIM),
    }
    for what, there in needs.items():
        if not there:
            draft.wrong("align-what", place, f"to be aligned, a layer needs {what}")
    within = document.align.within if isinstance(document.align, AlignDoc) else "1s"
    return draft.time(samples, within, f"{place}/within")


_SPOKEN = (str(Role.DIALOGUE), str(Role.NARRATION))


def _duck(document: DuckDoc | None) -> Duck | None:
    """A duck; times that are not given keep the house's."""
    if document is None:
        return None
    per_ms = SAMPLE_RATE // 1000
    given = {
        "attack": document.attack_ms,
        "lead": document.lead_ms,
        "hold": document.hold_ms,
        "release": document.release_ms,
    }
    times = {name: value * per_ms for name, value in given.items() if value is not None}
    under = tuple(dict.fromkeys(Role(role) for role in document.under))
    return Duck(under, float(document.depth_db), **times)


def _check_ids(draft: Draft) -> None:
    """Names of layers are theirs alone."""
    seen: dict[str, str] = {}
    for index, document in zip(draft.layers, draft.document.audio, strict=True):
        name, pointer = document.id or f"layer-{index + 1}", f"/audio/{index}"
        if name in seen:
            draft.duplicate(pointer, "layer", name, seen[name])
        seen.setdefault(name, pointer)
