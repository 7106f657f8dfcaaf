"""What is promised of marks: the edit's word on them, and their pictures foretold once and kept."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest, from_json, to_json
from finisher.ingest.marks import KIND, recalled
from finisher.media.closeups import CloseUps, Kept, kept
from finisher.pipeline.edit import Edit
from finisher.pipeline.master import Work
from finisher.plan.mark_remarks import untold
from finisher.plan.model import Plan, PlannedMark
from finisher.pledge.fingerprints import Grading
from finisher.pledge.foretelling import (
    Foretold,
    Prospect,
    Surroundings,
    prospects,
    surroundings,
    tell,
)
from finisher.pledge.marks import MOST, Said
from finisher.problems import DocumentError
from finisher.render.grades import behind_input
from finisher.sighting import Plane
from finisher.store import Store
from finisher.watermark.reference import Reference
from finisher.watermark.template import AnyTemplate, read_template, sha256, views

_FORETOLD, _REFERENCES, _REVISION = "foretold", "references", 11
"""Raised when the same would be foretold differently by this code."""


def said(edit: Edit, decided: Plan, work: Work, grading: Grading, store: Store) -> Said:
    """What the edit says of watermarks, and what is foretold of them."""
    line, used = edit.timeline, {event.take for event in decided.events}
    return Said(
        marks={mark.id: mark for mark in line.marks},
        hidden={mark.id: mark for mark in line.hidden},
        undeclared=tuple(take for take in untold(line) if take in used),
        calibrations=edit.gathered.calibrations,
        foretold=_Foretelling(edit, decided, work, grading, store).told(),
    )


def references(
    edit: Edit, decided: Plan, work: Work, grading: Grading, store: Store, seed: str
) -> tuple[Reference, ...]:
    """What marks and their surroundings must look like, in frames drawn by a seed.

    Views of one mapped file of the store.
    """
    told, path = _Foretelling(edit, decided, work, grading, store).shown(seed)
    if path is None:
        return ()
    codes: NDArray[np.uint8] = np.memmap(path, np.uint8, "r") if path.stat().st_size else _NONE
    found, start = [], 0
    for one in told:
        event = decided.events[one.event]
        planes = 1 if one.plane is Plane.LUMA else 2
        shape = (planes, len(one.frames), one.region[3], one.region[2])
        size = math.prod(shape)
        if size:
            drawn = codes[start : start + size].reshape(shape)
            found.append(
                Reference(
                    event.id,
                    event.marks[one.mark].mark,
                    one.frames,
                    one.region,
                    event.marks[one.mark].box.numbers,
                    drawn[0],
                    drawn[1] if planes > 1 else None,
                    one.plane,
                )
            )
        start += size
    return tuple(found)


_NONE = np.zeros(0, np.uint8)


@dataclass(frozen=True, slots=True)
class _Foretelling:
    """A plan's marks, and all they are foretold from."""

    edit: Edit
    decided: Plan
    work: Work
    grading: Grading
    store: Store

    def told(self) -> tuple[Foretold, ...]:
        """What is foretold."""
        known = self._known()
        wanted = prospects(self.decided, known)[:MOST]
        key = self._key(wanted, "")
        value = self.store.read(_FORETOLD, key)
        with suppress(TypeError, ValueError, KeyError):
            if value is not None:
                return from_json(tuple[Foretold, ...], value)
        templates = self._templates(wanted)
        found = tuple(told for one in wanted for told in self._tell(one, known, templates))
        self.store.write(_FORETOLD, key, to_json(found))
        return found

    def shown(self, seed: str) -> tuple[tuple[Surroundings, ...], Path | None]:
        """What is compared, and the file that holds it drawn, one after the other."""
        known = self._known()
        wanted = prospects(self.decided, known)[:MOST]
        if not wanted:
            return (), None
        key = self._key(wanted, seed)
        path = self.store.get(_REFERENCES, key, ".bin")
        value = self.store.read(_REFERENCES, key)
        with suppress(TypeError, ValueError, KeyError):
            if path is not None and value is not None:
                return from_json(tuple[Surroundings, ...], value), path
        found: list[Surroundings] = []

        def write(destination: Path) -> None:
            with destination.open("wb") as file:
                for one in wanted:
                    told, drawn = self._show(one, known, seed)
                    found.append(told)
                    file.write(drawn.tobytes())

        path = self.store.put(_REFERENCES, key, ".bin", write)
        self.store.write(_REFERENCES, key, to_json(tuple(found)))
        return tuple(found), path

    def _known(self) -> dict[tuple[str, str], CloseUps]:
        """What was kept of the marks of each take."""
        keys = self.edit.gathered.surroundings
        found = ((pair, recalled(key, self.store)) for pair, key in keys.items())
        return {pair: one for pair, one in found if one is not None}

    def _templates(self, wanted: Sequence[Prospect]) -> dict[str, AnyTemplate]:
        """The templates of all that is foretold, by mark; each is read once."""
        found: dict[str, AnyTemplate] = {}
        for name in {self._mark(one).mark for one in wanted}:
            png = self.edit.gathered.templates.get(name)
            with suppress(DocumentError):
                if png is not None:
                    found[name] = read_template(png)
        return found

    def _mark(self, one: Prospect) -> PlannedMark:
        """The planned mark that a prospect is of."""
        return self.decided.events[one.event].marks[one.mark]

    def _key(self, wanted: tuple[Prospect, ...], seed: str) -> str:
        """What decides all that is foretold, and of which frames."""
        keys, templates = self.edit.gathered.surroundings, self.edit.gathered.templates
        parts: list[object] = []
        for one in wanted:
            event = self.decided.events[one.event]
            mark = event.marks[one.mark]
            grade = behind_input(event.grade)
            png = templates.get(mark.mark)
            parts.append(
                [
                    keys[event.take, mark.mark],
                    to_json(one),
                    to_json(event.framing),
                    to_json(mark.box),
                    None if grade.identity else self.work.baked[grade].key,
                    None if png is None else sha256(png),
                ]
            )
        return digest([parts, self.decided.preset.video.pixel_format, seed, _REVISION])

    def _tell(
        self,
        one: Prospect,
        known: Mapping[tuple[str, str], CloseUps],
        templates: Mapping[str, AnyTemplate],
    ) -> Iterator[Foretold]:
        """What comes of one, in each plane that its mark is looked for in."""
        seen, template = self._kept(one, known), templates.get(self._mark(one).mark)
        for view in (None,) if template is None else views(template):
            if seen is None:
                plane = Plane.LUMA if view is None else view.plane
                yield Foretold(one.event, one.mark, None, None, plane)
            else:
                yield tell(self.decided, one, seen, self.grading, view)

    def _show(
        self, one: Prospect, known: Mapping[tuple[str, str], CloseUps], seed: str
    ) -> tuple[Surroundings, NDArray[np.uint8]]:
        """What one is held against."""
        seen = self._kept(one, known)
        if seen is None:
            return Surroundings(one.event, one.mark, (), (0, 0, 0, 0)), _NONE
        return surroundings(self.decided, one, seen, self.grading, seed, self._plane(one))

    def _plane(self, one: Prospect) -> Plane:
        """The plane besides luma in which its mark was looked for in its take; luma if none was."""
        takes = self.edit.gathered.facts.takes
        facts = dict(takes[self.decided.events[one.event].take].marks).get(self._mark(one).mark)
        seen = () if facts is None else (found.plane for found in facts.planes)
        return next((plane for plane in seen if plane is not Plane.LUMA), Plane.LUMA)

    def _kept(self, one: Prospect, known: Mapping[tuple[str, str], CloseUps]) -> Kept | None:
        """What was kept of its take."""
        pair = self.decided.events[one.event].take, self._mark(one).mark
        path = self.store.path(KIND, self.edit.gathered.surroundings[pair], ".npy")
        return kept(known[pair], path)
