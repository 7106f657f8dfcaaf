"""What is promised of marks: the edit's word on them, and their pictures foretold once and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from finisher.store import Store
from finisher.watermark.reference import Reference
from finisher.watermark.template import AnyTemplate, read_template, sha256

_FORETOLD, _REFERENCES, _REVISION = "foretold", "references", 5
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
    luma: NDArray[np.uint8] = np.memmap(path, np.uint8, "r") if path.stat().st_size else _NONE
    found, start = [], 0
    for one in told:
        event = decided.events[one.event]
        shape = (len(one.frames), one.region[3], one.region[2])
        size = shape[0] * shape[1] * shape[2]
        if size:
            found.append(
                Reference(
                    event.id,
                    event.marks[one.mark].mark,
                    one.frames,
                    one.region,
                    event.marks[one.mark].box.numbers,
                    luma[start : start + size].reshape(shape),
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
        found = tuple(self._tell(one, known, templates) for one in wanted)
        self.store.write(_FORETOLD, key, to_json(found))
        return found

    def shown(self, seed: str) -> tuple[tuple[Surroundings, ...], Path | None]:
        """What is compared, and the file that holds its luma, one after the other."""
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
                    told, luma = self._show(one, known, seed)
                    found.append(told)
                    file.write(luma.tobytes())

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
        return digest([parts, seed, _REVISION])

    def _tell(
        self,
        one: Prospect,
        known: Mapping[tuple[str, str], CloseUps],
        templates: Mapping[str, AnyTemplate],
    ) -> Foretold:
        """What comes of one."""
        seen = self._kept(one, known)
        if seen is None:
            return Foretold(one.event, one.mark, None, None)
        return tell(self.decided, one, seen, self.grading, templates.get(self._mark(one).mark))

    def _show(
        self, one: Prospect, known: Mapping[tuple[str, str], CloseUps], seed: str
    ) -> tuple[Surroundings, NDArray[np.uint8]]:
        """What one is held against."""
        seen = self._kept(one, known)
        if seen is None:
            return Surroundings(one.event, one.mark, (), (0, 0, 0, 0)), _NONE
        return surroundings(self.decided, one, seen, self.grading, seed)

    def _kept(self, one: Prospect, known: Mapping[tuple[str, str], CloseUps]) -> Kept | None:
        """What was kept of its take."""
        pair = self.decided.events[one.event].take, self._mark(one).mark
        path = self.store.path(KIND, self.edit.gathered.surroundings[pair], ".npy")
        return kept(known[pair], path)
