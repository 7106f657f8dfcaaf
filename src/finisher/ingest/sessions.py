"""Session matches: one colour transform for each session that is to look like another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest, from_json, to_json
from finisher.color.bake import PLAIN, apply, cube_text
from finisher.color.match import Matched, by_patches, candidates, match
from finisher.color.pictures import Pictures, left_out
from finisher.facts import MatchFacts, PictureFacts
from finisher.ingest import patches
from finisher.look import Grade, Residual
from finisher.ocio.cubes import cube
from finisher.store import Store
from finisher.timeline import Session, Take, Timeline

_KIND = "matches"
_TABLE = ".cube"
_REVISION = 5
"""Raised when the same samples would be matched differently by this code."""

Samples = Mapping[str, Path]
"""Files of sampled frames by take, (frames, height, width, 3) bytes."""


def matches(
    timeline: Timeline, takes: Mapping[str, PictureFacts], samples: Samples, store: Store
) -> dict[str, MatchFacts]:
    """The match of every session that asks for one; remembered by the content it rests on.

    A session whose reference is itself matched is brought to what that becomes. A match's residual
    is kept in the store beside it.

    Raises:
        DocumentError: for patches that are not inside their takes.
        MediaError: when a picture that a patch lies in can't be decoded.
        MachineError: when the store can't be written.
    """
    bench = _Bench(timeline, takes, samples, store)
    asking = [session for session in timeline.sessions if session.match is not None]
    for session in asking:
        patches.check(timeline, session, takes)
    for session in asking:
        bench.matched(session)
    return {session.id: bench.found[session.id] for session in asking}


def compared(timeline: Timeline, session: Session) -> list[Take]:
    """The takes that decide a session's match, as far as it has one, in the order of the EDL."""
    if session.patches:
        named = {area.take for patch in session.patches for area in (patch.ours, patch.theirs)}
    else:
        ours, theirs = (
            [take for take in timeline.takes if take.session == name]
            for name in (session.id, session.match)
        )
        named = {take.id for pair in candidates(ours, theirs)[0] for take in pair}
    return [take for take in timeline.takes if take.id in named]


@dataclass(frozen=True, slots=True)
class _Bench:
    """What sessions are matched with."""

    timeline: Timeline
    takes: Mapping[str, PictureFacts]
    samples: Samples
    store: Store
    found: dict[str, MatchFacts] = field(default_factory=dict)

    def matched(self, session: Session) -> MatchFacts:
        """A session's match, made unless it is known."""
        if session.id not in self.found:
            carried = self._carried(session.match)
            key = self._key(session, carried)
            self.found[session.id] = self._known(key) or self._kept(
                key, self._made(session, carried)
            )
        return self.found[session.id]

    def _carried(self, name: str | None) -> Grade:
        """What is done to a reference's colours by a match of its own."""
        reference = self.timeline.session(name)
        if reference is None or reference.match is None or reference.strength == 0:
            return Grade()
        return self.matched(reference).grade(reference.strength)

    def _key(self, session: Session, carried: Grade) -> str:
        """Digest of everything that decides a match."""
        versions = [cv2.__version__, np.__version__, _REVISION]
        declared = compared(self.timeline, session)
        if session.patches:
            decided: list[object] = [to_json(session.patches), str(self.timeline.rate)]
        else:
            decided = [[take.session, take.scene, self._mark_boxes(take)] for take in declared]
        contents = [
            [
                take.id,
                self.takes[take.id].picture_key,
                to_json(self.takes[take.id].tags),
                self.samples[take.id].stem,
            ]
            for take in declared
        ]
        residual = carried.residual and replace(carried.residual, path="")
        reference = [session.match, to_json(carried.match), to_json(residual)]
        return digest([versions, session.id, reference, contents, decided])

    def _known(self, key: str) -> MatchFacts | None:
        """A match that was made before and is whole; None where it is to be made."""
        try:
            facts = from_json(MatchFacts, self.store.read(_KIND, key))
        except (TypeError, ValueError, KeyError):
            return None
        if facts.residual is None:
            return facts
        path = self.store.get(_KIND, key, _TABLE)
        if path is None:
            return None
        return replace(facts, residual=replace(facts.residual, path=str(path)))

    def _kept(self, key: str, found: Matched) -> MatchFacts:
        """A match as facts, its table in the store."""
        facts, table = found.facts, found.table
        if table is not None:
            data = cube_text(table).encode("ascii")
            path = self.store.put(_KIND, key, _TABLE, lambda made: _write(made, data))
            residual = Residual(str(path), hashlib.sha256(data).hexdigest())
            facts = replace(facts, residual=residual)
        self.store.write(_KIND, key, to_json(facts))
        return facts

    def _made(self, session: Session, carried: Grade) -> Matched:
        """The match by patches where there are any, else by what the takes show."""
        reference = session.match or ""
        lattice = None if carried.identity else cube(carried, PLAIN)
        if session.patches:
            declared = patches.colours(self.timeline, session, self.takes, self.store)
            if lattice is not None:
                theirs = np.clip(apply(lattice, declared.theirs), 0, 1).astype(np.float64)
                declared = replace(declared, theirs=theirs)
            pairs = [(patch.ours.take, patch.theirs.take) for patch in session.patches]
            return by_patches(session.id, reference, declared, pairs)
        shown = compared(self.timeline, session)
        mine, yours = (
            [self._pictures(take) for take in shown if take.session == name]
            for name in (session.id, reference)
        )
        if lattice is not None:
            yours = [
                replace(one, frames=apply(lattice, one.frames).astype(np.uint8)) for one in yours
            ]
        return match(session.id, reference, mine, yours)

    def _mark_boxes(self, take: Take) -> list[list[float]]:
        boxes = [self.timeline.mark(mark).box for mark in take.marks]
        return [[float(b.x), float(b.y), float(b.width), float(b.height)] for b in boxes]

    def _pictures(self, take: Take) -> Pictures:
        """A take's samples; its marks, bars and burned-in graphics are left out."""
        frames: NDArray[np.uint8] = np.load(self.samples[take.id])
        hidden = left_out(frames)
        height, width = hidden.shape
        raster = self.takes[take.id].raster
        scale_x, scale_y = width / raster.width, height / raster.height
        for x, y, w, h in self._mark_boxes(take):
            rows = slice(max(0, int(y * scale_y)), int(np.ceil((y + h) * scale_y)))
            columns = slice(max(0, int(x * scale_x)), int(np.ceil((x + w) * scale_x)))
            hidden[rows, columns] = True
        return Pictures(take.id, take.scene, frames, hidden)


def _write(destination: Path, data: bytes) -> None:
    destination.write_bytes(data)
