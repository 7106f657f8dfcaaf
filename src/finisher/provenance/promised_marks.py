"""Promises about watermarks, seen and hidden, as data that nobody need vouch for."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from finisher.promises import PromisedHidden, PromisedMark, Promises
from finisher.provenance.fields import count, each, flag, mapping, number, text, within
from finisher.sighting import Plane
from finisher.timecode import Span

# Beyond these no promise is honest: lists to look for, and longer words than a report has room for.
_MOST_MARKS, _MOST_SPANS, _MOST_UNDECLARED = 4_096, 65_536, 100_000
_LONGEST_PAYLOAD = 4_096

_BOX = ("x", "y", "width", "height")
_BITS = re.compile(r"[01]*")

_Json = dict[str, Any]


def marks_data(promises: Promises) -> _Json:
    """Keys of the assertion on marks; on hidden ones where there are any."""
    data: _Json = {"marks": [_mark_data(mark) for mark in promises.marks]}
    if promises.hidden:
        data["hidden"] = [_hidden_data(mark) for mark in promises.hidden]
    if promises.undeclared:
        data["undeclared"] = list(promises.undeclared)
    return data


def read_marks(value: object, frames: int) -> tuple[PromisedMark, ...]:
    """The marks of a programme, each shown at a time that it has."""
    marks = each(value, _mark)
    _check([mark.spans for mark in marks], frames)
    return marks


def read_hidden(value: object, frames: int) -> tuple[PromisedHidden, ...]:
    """The hidden marks of a programme; what earlier versions did not promise is not there."""
    marks = () if value is None else each(value, _hidden)
    _check([mark.spans for mark in marks], frames)
    return marks


def read_undeclared(value: object) -> tuple[str, ...]:
    """Takes that nobody said anything about, each once."""
    names = () if value is None else each(value, text)
    if len(names) > _MOST_UNDECLARED or len(set(names)) < len(names):
        raise ValueError("promises: too many takes, or one of them twice")
    return names


def _check(shown: list[tuple[Span, ...]], frames: int) -> None:
    """Refuse more than is credible, and times that the programme does not have."""
    if len(shown) > _MOST_MARKS or sum(map(len, shown)) > _MOST_SPANS:
        raise ValueError(f"promises: more than {_MOST_MARKS} marks are not credible")
    if any(not 0 <= span.start < span.end <= frames for spans in shown for span in spans):
        raise ValueError(f"promises: a mark is shown outside the {frames} frames")
    for spans in shown:
        if any(later.start < earlier.end for earlier, later in pairwise(spans)):
            raise ValueError("promises: the times of a mark are not in order")


def _spans_data(spans: tuple[Span, ...]) -> list[_Json]:
    return [{"start": span.start, "end": span.end} for span in spans]


def _span(value: object) -> Span:
    fields = mapping(value)
    start, end = count(fields.get("start")), count(fields.get("end"))
    if start >= end:
        raise ValueError("promises: a mark is shown for no time at all")
    return Span(start, end)


def _box_data(box: tuple[float, float, float, float]) -> _Json:
    return dict(zip(_BOX, box, strict=True))


def _box(value: object) -> tuple[float, float, float, float]:
    box = mapping(value)
    x, y, width, height = (number(box.get(side)) for side in _BOX)
    return x, y, width, height


def _optional(value: object) -> str | None:
    return None if value is None else text(value)


def _mark_data(mark: PromisedMark) -> _Json:
    """A promised mark as data."""
    data: _Json = {
        "event": mark.event,
        "mark": mark.mark,
        "spans": _spans_data(mark.spans),
        "box": _box_data(mark.box),
        "template_sha256": mark.template_sha256,
        "source_score": mark.source_score,
        "source_strength": mark.source_strength,
        "may_crop": mark.may_crop,
    }
    if mark.may_lose is not None:
        data["may_lose"] = mark.may_lose
    if mark.calibration is not None:
        data["calibration"] = mark.calibration
    if mark.visible != 1.0:
        data["visible"] = mark.visible
    if mark.verified is not None:
        data["verified"] = mark.verified
    if mark.moved:
        data["moved"] = mark.moved
    if mark.take_strength != 0.0:
        data["take_strength"] = mark.take_strength
    if mark.plane is not Plane.LUMA:
        data["plane"] = mark.plane.value
    return data


def _mark(value: object) -> PromisedMark:
    """A mark from data; earlier versions promised one stretch of time, by its ends."""
    fields = mapping(value)
    spans, verified = fields.get("spans"), fields.get("verified")
    return PromisedMark(
        event=text(fields.get("event")),
        mark=text(fields.get("mark")),
        spans=(_span(fields),) if spans is None else each(spans, _span),
        box=_box(fields.get("box")),
        template_sha256=text(fields.get("template_sha256")),
        source_score=number(fields.get("source_score")),
        source_strength=number(fields.get("source_strength")),
        may_crop=_optional(fields.get("may_crop")),
        may_lose=_optional(fields.get("may_lose")),
        calibration=_optional(fields.get("calibration")),
        visible=within(fields.get("visible", 1.0), (0.0, 1.0)),
        verified=None if verified is None else flag(verified),
        moved=flag(fields.get("moved", False)),
        take_strength=number(fields.get("take_strength", 0.0)),
        plane=Plane(text(fields.get("plane", Plane.LUMA))),
    )


def _hidden_data(mark: PromisedHidden) -> _Json:
    """A promised hidden mark as data."""
    return {
        "event": mark.event,
        "mark": mark.mark,
        "detector": mark.detector,
        "payload": mark.payload,
        "carrier": mark.carrier,
        "spans": _spans_data(mark.spans),
        "canvas": {"width": mark.canvas[0], "height": mark.canvas[1]},
        "crop": _box_data(mark.crop),
        "place": _box_data(mark.place),
        "found": mark.found,
        "reason": mark.reason,
        "may_lose": mark.may_lose,
    }


def _hidden(value: object) -> PromisedHidden:
    """A hidden mark from data."""
    fields = mapping(value)
    payload = text(fields.get("payload"), _LONGEST_PAYLOAD)
    if _BITS.fullmatch(payload) is None:
        raise ValueError("promises: a payload is written as 0 and 1")
    carrier = text(fields.get("carrier"))
    if carrier not in ("picture", "sound"):
        raise ValueError("promises: a hidden mark lies in picture or sound")
    canvas = mapping(fields.get("canvas"))
    return PromisedHidden(
        event=text(fields.get("event")),
        mark=text(fields.get("mark")),
        detector=text(fields.get("detector")),
        payload=payload,
        carrier=carrier,
        spans=each(fields.get("spans"), _span),
        canvas=(count(canvas.get("width")), count(canvas.get("height"))),
        crop=_box(fields.get("crop")),
        place=_box(fields.get("place")),
        found=flag(fields.get("found")),
        reason=text(fields.get("reason")),
        may_lose=_optional(fields.get("may_lose")),
    )
