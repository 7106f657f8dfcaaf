"""What a file promises, set against what its edit list asks for: two lists of promises compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from finisher.findings import Finding, Status
from finisher.promises import (
    GRID,
    PromisedHidden,
    PromisedMark,
    PromisedSound,
    PromisedTake,
    Promises,
)

EDIT_CHECK = "edit-agrees"
_Mark = TypeVar("_Mark", PromisedMark, PromisedHidden)

_MEAN_CODES, _MOST_CODES = 1.0, 4.0
"""How far fingerprints may lie apart, in luma codes: the same takes foretold by another release of
the scaler differ by rounding; a neighbouring frame of a moving shot differs by more."""
_PLACE = 0.01
"""Pixels by which a mark's predicted box may differ: what writing a float down costs."""
_SCORE, _STRENGTH = 0.05, 0.10
"""By how much a mark's score, and as a part of it its strength, may differ: both are measured
again in the same pictures, where another release of a decoder or scaler rounds by a luma code. A
judgement needs no closer: the file is held to what was measured now."""
_KEPT = 0.001
"""By how much the part of a mark that the framing keeps may differ, which is pure geometry."""


def held_to(file: Promises, edit: Promises) -> Promises:
    """A file's promises with what the edit promises of the same marks, measured in its takes.

    Whoever signed the file may have written down what they liked of a mark: that its take does not
    show it, or how strong it is. Marks at other places or times stay as the file has them; `agrees`
    tells of those. A hidden mark that can't be read in its take here is left to the file's word.
    """
    seen: dict[tuple[object, ...], list[PromisedMark]] = {}
    for mark in edit.marks:
        seen.setdefault(_seen_as(mark), []).append(mark)
    read = {_read_as(mark): mark for mark in edit.hidden if not mark.reason}
    return replace(
        file,
        marks=tuple(_there(seen.get(_seen_as(mark), ()), mark) for mark in file.marks),
        hidden=tuple(read.get(_read_as(mark), mark) for mark in file.hidden),
        templates={**file.templates, **edit.templates},
        undeclared=edit.undeclared,
    )


def _seen_as(mark: PromisedMark) -> tuple[object, ...]:
    """What tells a mark and its time from all others; its place is compared by `_near_box`."""
    return mark.event, mark.mark, mark.spans


def _there(marks: Sequence[PromisedMark], mark: PromisedMark) -> PromisedMark:
    """The first of some marks that is where a mark is; where none is, that mark itself."""
    return next((one for one in marks if _near_box(one.box, mark.box)), mark)


def _read_as(mark: PromisedHidden) -> tuple[object, ...]:
    """What tells a hidden mark from all others."""
    return mark.event, mark.mark, mark.detector, mark.payload, mark.spans


def unpromised() -> Finding:
    """The finding on a file that promises nothing an edit list could be held against."""
    detail = "the file carries no promises that could be set against the edit list"
    return Finding(EDIT_CHECK, Status.FAILED, detail, codes=("edit.no-promises",))


def agrees(file: Promises, edit: Promises) -> Finding:
    """Whether a file promises what its edit list asks for: cuts, frames, sources, looks, marks.

    `edit` are the promises foretold afresh from the edit list and its takes.
    """
    told = list(_differences(file, edit))
    if told:
        return Finding(
            EDIT_CHECK, Status.FAILED, "; ".join(told), codes=("edit.differs",), measured=len(told)
        )
    mixed = file.sound is not None and file.sound.mix is not None
    what = "looks, marks and the mix" if mixed else "looks and marks"
    detail = f"{file.frames} frames, cuts, {len(file.takes)} files, {what} are the edit's"
    if file.sound is not None and not mixed:
        detail += "; what is heard when was not compared: the file is older than that promise"
    if file.edl_sha256 != edit.edl_sha256:
        detail += "; the edit list was written anew since, and says the same"
    return Finding(EDIT_CHECK, Status.PASSED, detail)


def _differences(file: Promises, edit: Promises) -> Iterator[str]:
    """Everything that is promised otherwise than the edit asks for."""
    for word, promised, asked in (
        ("frame count", file.frames, edit.frames),
        ("frame rate", file.rate, edit.rate),
        ("size", (file.width, file.height), (edit.width, edit.height)),
        ("codec", (file.codec, file.pixel_format), (edit.codec, edit.pixel_format)),
        ("cuts", file.cuts, edit.cuts),
        ("looks", file.looks, edit.looks),
        ("sound", _planned(file.sound), _planned(edit.sound)),
        ("mix", *_mixes(file.sound, edit.sound)),
        ("choice of persons", *_people(file, edit)),
        ("release", _release(file), _release(edit)),
    ):
        if promised != asked:
            yield f"another {word}" if word != "cuts" else _cuts(file, edit)
    yield from _sources(file.takes, edit.takes)
    yield from _marks("marks", file.marks, edit.marks, _same_mark)
    yield from _marks("hidden marks", file.hidden, edit.hidden, _same_hidden)
    yield from _undeclared(file.undeclared, edit.undeclared)
    if file.frames == edit.frames and file.fingerprints:
        yield from _pictures(file, edit)


def _planned(sound: PromisedSound | None) -> PromisedSound | None:
    """What is known of a sound track before it is rendered."""
    if sound is None:
        return None
    return replace(sound, levels=None, excerpts=(), mix=None, unmeasurable=False)


def _mixes(file: PromisedSound | None, edit: PromisedSound | None) -> tuple[str, str]:
    """The digests of both mixes; equal where the file, being older, promises none."""
    if file is None or edit is None or file.mix is None or edit.mix is None:
        return "", ""
    return file.mix, edit.mix


def _people(file: Promises, edit: Promises) -> tuple[object, object]:
    """Who is in each source; how many, where another edit list or title salts their digests."""
    alike = (file.edl_sha256, file.title) == (edit.edl_sha256, edit.title)
    both = ({t.id: t.people for t in one.takes if t.people} for one in (file, edit))
    first, second = both
    if alike:
        return first, second
    return {n: len(p) for n, p in first.items()}, {n: len(p) for n, p in second.items()}


def _release(promises: Promises) -> tuple[object, ...]:
    """What a film is for; by which row of a log that was allowed is not the edit's to say."""
    release = promises.release
    return () if release is None else (release.scope, release.territories, release.until)


def _cuts(file: Promises, edit: Promises) -> str:
    """The first cut that differs."""
    pairs = zip(file.cuts, edit.cuts, strict=False)
    for promised, asked in pairs:
        if promised != asked:
            return (
                f"cut to {promised.event!r} at frame {promised.frame}, where the edit cuts to "
                f"{asked.event!r} at {asked.frame}"
            )
    return f"{len(file.cuts)} cuts, where the edit has {len(edit.cuts)}"


def _sources(file: tuple[PromisedTake, ...], edit: tuple[PromisedTake, ...]) -> Iterator[str]:
    """Sources that are others, or other versions."""
    went_in = {take.id: take for take in file}
    named = {take.id: take for take in edit}
    for words, titles in (
        (
            "changed since",
            [t.title for n, t in named.items() if n in went_in and went_in[n].sha256 != t.sha256],
        ),
        (
            "in the edit list and not in the file",
            [t.title for n, t in named.items() if n not in went_in],
        ),
        (
            "in the file and not in the edit list",
            [t.title for n, t in went_in.items() if n not in named],
        ),
    ):
        if titles:
            yield f"{words}: {', '.join(titles)}"


def _marks(
    kind: str, file: Sequence[_Mark], edit: Sequence[_Mark], same: Callable[[_Mark, _Mark], bool]
) -> Iterator[str]:
    """Marks promised elsewhere, for another time, by another template or bits, or not at all."""
    if [(m.event, m.mark) for m in file] != [(m.event, m.mark) for m in edit]:
        yield f"{len(file)} {kind}, where the edit has {len(edit)}"
        return
    pairs = zip(file, edit, strict=True)
    moved = [f"{mark.mark} on {mark.event}" for known, mark in pairs if not same(known, mark)]
    if moved:
        yield f"{kind} promised otherwise: {', '.join(moved)}"


def _same_mark(one: PromisedMark, other: PromisedMark) -> bool:
    near = _near_box(one.box, other.box)
    alike = _terms(one) == _terms(other) and abs(one.visible - other.visible) <= _KEPT
    return near and alike and (one.verified is None or _measured_alike(one, other))


def _near_box(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two boxes are the same but for what writing a float down costs."""
    return all(abs(a - b) <= _PLACE for a, b in zip(one, other, strict=True))


def _terms(mark: PromisedMark) -> tuple[object, ...]:
    """What is promised of a mark besides its place and what was measured of it.

    Of one that an effect moved older files promise no template, and say nothing else of it.
    """
    template = "" if mark.moved else mark.template_sha256
    return mark.spans, template, mark.plane, mark.may_crop, mark.may_lose, mark.calibration


def _measured_alike(file: PromisedMark, edit: PromisedMark) -> bool:
    """Whether both say the same of how their take shows a mark.

    Files that are older than the promise of it, or of a strength, say nothing of it.
    """
    return (
        file.verified == edit.verified
        and abs(file.source_score - edit.source_score) <= _SCORE
        and _near(file.source_strength, edit.source_strength)
        and (not file.take_strength or _near(file.take_strength, edit.take_strength))
    )


def _near(one: float, other: float) -> bool:
    """Whether two strengths are the same but for rounding; an unknown one is like no other."""
    if one == 0 or other == 0:
        return one == other
    return abs(one - other) <= _STRENGTH * max(abs(one), abs(other))


def _same_hidden(one: PromisedHidden, other: PromisedHidden) -> bool:
    """Whether two promises of a hidden mark agree.

    Whether it was read in the take counts where both could look: another machine may lack the
    detector, or its weights.
    """
    near = _near_box(one.crop, other.crop) and _near_box(one.place, other.place)
    looked = not one.reason and not other.reason
    return near and _bits(one) == _bits(other) and not (looked and one.found != other.found)


def _bits(mark: PromisedHidden) -> tuple[object, ...]:
    """What is promised of a hidden mark besides its place."""
    read = mark.detector, mark.payload, mark.carrier, mark.canvas
    return *read, mark.spans, mark.may_lose


def _undeclared(file: tuple[str, ...], edit: tuple[str, ...]) -> Iterator[str]:
    """Takes of which one of both says what they carry; older files say it of none."""
    others = sorted(set(file) ^ set(edit)) if file else []
    if others:
        yield f"told otherwise whether they carry marks: {', '.join(others)}"


def _pictures(file: Promises, edit: Promises) -> Iterator[str]:
    """Frames whose fingerprints are not those the takes give."""
    difference = np.abs(_cells(file) - _cells(edit))
    wrong = np.nonzero(
        (difference.mean(axis=1) > _MEAN_CODES) | (difference.max(axis=1) > _MOST_CODES)
    )[0]
    if len(wrong):
        yield f"{len(wrong)} frames are promised otherwise than the takes give, first {wrong[0]}"


def _cells(promises: Promises) -> NDArray[np.int16]:
    """Fingerprints, one row a frame."""
    cells = np.frombuffer(promises.fingerprints, np.uint8).astype(np.int16)
    return cells.reshape(promises.frames, GRID[0] * GRID[1])
