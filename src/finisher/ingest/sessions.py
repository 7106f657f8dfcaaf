"""Session matches: one colour transform for each session that is to look like another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest, from_json, to_json
from finisher.color.match import match
from finisher.color.pictures import Pictures, letterbox
from finisher.facts import MatchFacts, TakeFacts
from finisher.store import Store
from finisher.timeline import Session, Take, Timeline

_REVISION = 2
"""Raised when the same samples would be matched differently by this code."""

Samples = Mapping[str, Path]
"""Files of sampled frames by take, (frames, height, width, 3) bytes."""


def matches(
    timeline: Timeline, takes: Mapping[str, TakeFacts], samples: Samples, store: Store
) -> dict[str, MatchFacts]:
    """The match of every session that asks for one; remembered by the content it rests on."""
    return {
        session.id: _matched(timeline, session, takes, samples, store)
        for session in timeline.sessions
        if session.match is not None
    }


def _matched(
    timeline: Timeline,
    session: Session,
    takes: Mapping[str, TakeFacts],
    samples: Samples,
    store: Store,
) -> MatchFacts:
    reference = session.match or ""
    ours = [take for take in timeline.takes if take.session == session.id]
    theirs = [take for take in timeline.takes if take.session == reference]
    key = digest(
        [
            _REVISION,
            session.id,
            reference,
            *(
                [take.id, take.scene, takes[take.id].sha256, [_mark_boxes(timeline, take)]]
                for take in (*ours, *theirs)
            ),
        ]
    )
    known = store.read("matches", key)
    if known is not None:
        return from_json(MatchFacts, known)
    found = match(
        session.id,
        reference,
        [_pictures(timeline, take, takes[take.id], np.load(samples[take.id])) for take in ours],
        [_pictures(timeline, take, takes[take.id], np.load(samples[take.id])) for take in theirs],
    )
    store.write("matches", key, to_json(found))
    return found


def _mark_boxes(timeline: Timeline, take: Take) -> list[list[float]]:
    boxes = [timeline.mark(mark).box for mark in take.marks]
    return [[float(b.x), float(b.y), float(b.width), float(b.height)] for b in boxes]


def _pictures(
    timeline: Timeline, take: Take, facts: TakeFacts, frames: NDArray[np.uint8]
) -> Pictures:
    """A take's samples with its marks and bars left out."""
    leave_out = letterbox(frames)
    height, width = leave_out.shape
    scale_x, scale_y = width / facts.raster.width, height / facts.raster.height
    for x, y, w, h in _mark_boxes(timeline, take):
        rows = slice(int(y * scale_y), int(np.ceil((y + h) * scale_y)))
        columns = slice(int(x * scale_x), int(np.ceil((x + w) * scale_x)))
        leave_out[rows, columns] = True
    return Pictures(take.id, take.scene, frames, leave_out)
