"""Sound layers of the document as layers of the timeline, counted in samples."""

from __future__ import annotations

from finisher.edl.document import DuckDoc, LayerDoc
from finisher.edl.draft import Draft
from finisher.edl.times import samples
from finisher.problems import nearest
from finisher.timecode import SAMPLE_RATE
from finisher.timeline import Duck, Filling, Layer, Role


def layers(draft: Draft) -> tuple[Layer, ...]:
    """The layers that could be made; problems go to the draft."""
    found = [
        _layer(draft, document, index)
        for index, document in zip(draft.layers, draft.document.audio, strict=True)
    ]
    _check_ids(draft)
    return tuple(layer for layer in found if layer is not None)


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
    if at is None or fade_in is None or fade_out is None or span is None:
        return None
    start, end = span
    if end is not None and not document.loop and fade_in + fade_out > end - start:
        message = f"fades of {fade_in} and {fade_out} samples don't fit into {end - start}"
        draft.wrong("fades-too-long", pointer, message)
    return Layer(
        id=document.id or f"layer-{index + 1}",
        path=path,
        role=Role(document.role),
        at=at,
        source_in=start,
        source_out=end,
        fit=Filling.LOOP if document.loop else Filling.NONE,
        gain_db=float(document.gain_db),
        fade_in=fade_in,
        fade_out=fade_out,
        duck=_duck(document.duck),
        replaces=tuple(document.replaces),
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
