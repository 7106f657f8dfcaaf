"""Watermarks of the document: those that are seen, in their places, and those that are hidden."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from finisher.edl.draft import Draft
from finisher.edl.marks_document import (
    DwellDoc,
    InvisibleDoc,
    SoundMarkDoc,
    VisibleDoc,
)
from finisher.edl.source import pointer_to
from finisher.edl.times import frames
from finisher.geometry import Box, Raster
from finisher.problems import nearest
from finisher.timeline import Carrier, Dwell, HiddenMark, Mark

WEIGHTS = "weights"
"""The option of a detector that is a path."""
_SLACK = 1
"""Pixels by which boxes of one mark may differ: they are measured by eye."""
_NARROWEST, _MOST_PIXELS = 64, 1 << 26
"""Pixels of a side, and of all, that a canvas has at least and at most."""
_NOWHERE = Box.of(0, 0, 1, 1)
"""Stands for a box that could not be read."""


def visible(draft: Draft) -> tuple[Mark, ...]:
    """The declared visible marks."""
    return tuple(
        _visible(draft, name, document)
        for name, document in draft.document.watermarks.items()
        if isinstance(document, VisibleDoc)
    )


def hidden(draft: Draft) -> tuple[HiddenMark, ...]:
    """The declared hidden marks."""
    return tuple(
        _hidden(draft, name, document)
        for name, document in draft.document.watermarks.items()
        if not isinstance(document, VisibleDoc)
    )


def names(draft: Draft, wanted: Sequence[str], pointer: str) -> tuple[list[str], list[str]]:
    """Marks that a take names, visible and hidden; unknown ones are reported."""
    for name in wanted:
        if name not in draft.names.marks:
            hint = nearest(name, draft.names.marks) or 'declare it under "watermarks"'
            draft.wrong("unknown-watermark", pointer, f'there is no watermark "{name}"', hint)
    kinds = draft.document.watermarks
    unseen = [n for n in wanted if isinstance(kinds.get(n), InvisibleDoc | SoundMarkDoc)]
    return [name for name in wanted if name not in unseen], unseen


def keep_visible(draft: Draft, take: str, wanted: Sequence[str], pointer: str) -> tuple[str, ...]:
    """Marks that an event's framing is to keep whole: visible ones of its take."""
    document = draft.document.takes.get(take)
    place = pointer_to("/takes", take)
    if document is None or not draft.whole(place):
        return tuple(dict.fromkeys(wanted))
    for i, name in enumerate(wanted):
        mark = draft.document.watermarks.get(name)
        if name not in document.watermark:
            message = f'take "{take}" carries no watermark "{name}"'
            hint = nearest(name, document.watermark) or 'a take names its own with "watermark"'
        elif isinstance(mark, InvisibleDoc | SoundMarkDoc):
            message = f'the watermark "{name}" is hidden: no framing shows it'
            hint = "leave it out"
        else:
            continue
        draft.wrong("unknown-watermark", f"{pointer}/{i}", message, hint)
    return tuple(dict.fromkeys(wanted))


def weights(mark: HiddenMark) -> tuple[str, ...]:
    """Paths of what a detector of the mark is opened with."""
    return tuple(value for key, value in mark.options if key == WEIGHTS)


def _visible(draft: Draft, name: str, document: VisibleDoc) -> Mark:
    """One visible mark; what is wrong with it goes to the draft."""
    pointer = pointer_to("/watermarks", name)
    if (document.box is None) == (document.track is None):
        both = document.box is not None
        message = 'both "box" and "track" are given' if both else '"box" or "track" is missing'
        draft.wrong("mark-place", pointer, message, "one box, or the places of a mark that jumps")
    scan = isinstance(document.track, str)
    dwells = _dwells(draft, document.track, f"{pointer}/track")
    _check_scan(draft, document, pointer)
    box = dwells[0].box if dwells else _NOWHERE
    if document.box is not None:
        box = _box(draft, document.box, f"{pointer}/box")
    elif scan:
        width, height = document.size or (0, 0)
        box = Box.of(0, 0, width, height)
    return Mark(
        id=name,
        box=box,
        template=_path(draft, document.template, f"{pointer}/template"),
        where=draft.where(pointer),
        dwells=dwells,
        scan=scan,
        may_lose=document.may_lose,
        calibration=_path(draft, document.calibration, f"{pointer}/calibration"),
    )


def _path(draft: Draft, text: str | None, pointer: str) -> str | None:
    """A path made absolute, None where there is none."""
    return None if text is None else draft.path(text, pointer)


def _check_scan(draft: Draft, document: VisibleDoc, pointer: str) -> None:
    """A scan has something to look for; a size is of a scan."""
    scan = isinstance(document.track, str)
    if scan and document.template is None:
        message = 'a mark can\'t be looked for without its "template"'
        hint = "its picture, drawn, or learnt by `finish watermark learn`"
        draft.wrong("scan-template", f"{pointer}/track", message, hint)
    if document.size is not None and not scan:
        message = 'only a mark that is scanned for has a "size"; the others have their boxes\''
        draft.wrong("size-of-scan", f"{pointer}/size", message, "leave it out")


def _box(draft: Draft, sides: Sequence[Fraction], pointer: str) -> Box:
    """A box of the take, wherever that ends."""
    x, y, width, height = sides
    if min(x, y) < 0 or min(width, height) <= 0:
        message = "a box is x, y, width, height, in pixels of the take and not empty"
        draft.wrong("empty-box", pointer, message)
        return _NOWHERE
    return Box(x, y, width, height)


def _dwells(draft: Draft, track: str | list[DwellDoc] | None, pointer: str) -> tuple[Dwell, ...]:
    """The places of a mark that jumps, in order; none where one could not be read."""
    if not isinstance(track, list):
        return ()
    found = [_dwell(draft, document, f"{pointer}/{i}") for i, document in enumerate(track)]
    dwells = [dwell for dwell in found if dwell is not None]
    if len(dwells) < len(found):
        return tuple(dwells)
    for i, (before, dwell) in enumerate(pairwise(dwells), 1):
        if before.end is None or dwell.start < before.end:
            until = "the take's end" if before.end is None else f"frame {before.end}"
            message = f"it begins at frame {dwell.start}, and the one before lasts to {until}"
            draft.wrong("track-order", f"{pointer}/{i}", message, "one place after the other")
    first = dwells[0].box
    for i, dwell in enumerate(dwells):
        box = dwell.box
        apart = max(abs(box.width - first.width), abs(box.height - first.height))
        if box is not _NOWHERE and first is not _NOWHERE and apart > _SLACK:
            message = "a mark is of one size wherever it stands"
            hint = f"the first is {float(first.width):g} by {float(first.height):g}"
            draft.wrong("track-size", f"{pointer}/{i}/box", message, hint)
    return tuple(dwells)


def _dwell(draft: Draft, document: DwellDoc, pointer: str) -> Dwell | None:
    """One place, None after reporting that its times mean nothing."""
    box = _box(draft, document.box, f"{pointer}/box")
    start = draft.time(frames, document.start, f"{pointer}/from")
    if start is None:
        return None
    if document.end is None:
        return Dwell(start, None, box)
    end = draft.time(frames, document.end, f"{pointer}/to")
    if end is None:
        return None
    if end <= start:
        message = f"it ends at frame {end}, not after its start at frame {start}"
        draft.wrong("empty-range", f"{pointer}/to", message, '"to" is exclusive')
        return None
    return Dwell(start, end, box)


def _hidden(draft: Draft, name: str, document: InvisibleDoc | SoundMarkDoc) -> HiddenMark:
    """One hidden mark."""
    pointer = pointer_to("/watermarks", name)
    canvas = _canvas(draft, document, f"{pointer}/canvas")
    options = dict(document.options)
    if WEIGHTS in options:
        options[WEIGHTS] = draft.path(options[WEIGHTS], f"{pointer}/options/{WEIGHTS}")
    return HiddenMark(
        id=name,
        detector=document.detector,
        payload=_payload(draft, document, pointer),
        carrier=Carrier.PICTURE if isinstance(document, InvisibleDoc) else Carrier.SOUND,
        canvas=canvas,
        options=tuple(sorted(options.items())),
        may_lose=document.may_lose,
        where=draft.where(pointer),
    )


def _canvas(draft: Draft, document: InvisibleDoc | SoundMarkDoc, pointer: str) -> Raster | None:
    """The size a mark was embedded at, where the edit says so."""
    if not isinstance(document, InvisibleDoc) or document.canvas is None:
        return None
    width, height = document.canvas.width, document.canvas.height
    if min(width, height) < _NARROWEST or width * height > _MOST_PIXELS:
        message = f"nobody hides a mark in pictures of {width}x{height}"
        hint = f"each side has {_NARROWEST} pixels or more, both together {_MOST_PIXELS:,} at most"
        draft.wrong("mark-canvas", pointer, message, hint)
    return Raster(width, height)


def _payload(draft: Draft, document: InvisibleDoc | SoundMarkDoc, pointer: str) -> str:
    """The bits a mark carries; none where they are not told."""
    written, bits = document.payload, document.bits
    if written is None:
        if bits is not None:
            message = '"bits" without a "payload" say nothing'
            draft.wrong("payload-length", f"{pointer}/bits", message, "leave them out")
        return ""
    if not written.startswith("0x"):
        if bits is not None and bits != len(written):
            message = f"the payload has {len(written)} bits, not {bits}"
            draft.wrong("payload-length", f"{pointer}/bits", message)
        return written
    digits = written[2:]
    value, length = int(digits, 16), bits or 4 * len(digits)
    if value.bit_length() > length:
        message = f"the payload needs {value.bit_length()} bits, and is said to have {length}"
        draft.wrong("payload-length", f"{pointer}/bits", message)
    return f"{value:0{length}b}"
