"""Promises as the data of a signed assertion, and back from data nobody vouches for."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import to_json
from finisher.promises import (
    GRID,
    PromisedCopy,
    PromisedCut,
    PromisedTake,
    Promises,
    pack,
    unpack,
)
from finisher.provenance.fields import count, each, flag, mapping, text
from finisher.provenance.promised_marks import (
    marks_data,
    read_hidden,
    read_marks,
    read_undeclared,
)
from finisher.provenance.promised_rights import (
    people_data,
    read_labels,
    read_people,
    read_release,
    read_source_type,
    rights_data,
)
from finisher.provenance.promised_sound import read_sound, sound_data

SCHEMA = "finisher/promises@1"
FINGERPRINT_BUDGET = 640 << 10
"""Characters of packed fingerprints a claim has room for.

The SDK takes a claim of 1 MiB of JSON at most. At 18 to 51 characters a frame, as measured on
filmed and animated material, this is enough for 10 minutes or more at 24 frames a second.
"""
_CELLS = GRID[0] * GRID[1]
_FEWEST = 18
"""Characters of packed fingerprints a frame takes at least."""
_LARGEST_CLAIM = 1 << 20
_ACTION = 1024
"""Characters a claim may take for one event's edits and one source's entry."""
# Beyond these no promise is honest: a day at 120 frames a second, and lists to match.
_MOST_FRAMES = 4_000_000
_LARGEST_TEMPLATE = 4 << 20

_Json = dict[str, Any]


def to_assertion(promises: Promises, room: int = FINGERPRINT_BUDGET) -> _Json:
    """The data of the `org.finisher.promises` assertion.

    Fingerprints that a claim has no room for are left out; all else is always there. No list
    holds numbers alone: such a list the SDK's reader takes for bytes and gives back as base64.

    Args:
        promises: what the file promises.
        room: characters there are for the packed fingerprints.
    """
    packed = pack(_differences(promises.fingerprints))
    sound = promises.sound
    return {
        "schema": SCHEMA,
        "title": promises.title,
        "preset": promises.preset,
        "edl_sha256": promises.edl_sha256,
        "width": promises.width,
        "height": promises.height,
        "rate": promises.rate,
        "frames": promises.frames,
        "codec": promises.codec,
        "pixel_format": promises.pixel_format,
        "edit_list": promises.edit_list,
        "cuts": [{"frame": cut.frame, "event": cut.event} for cut in promises.cuts],
        "fingerprints": packed if len(packed) <= room else "",
        "sound": None if sound is None else sound_data(sound),
        **marks_data(promises),
        "templates": [base64.b64encode(png).decode() for png in promises.templates.values()],
        "takes": [_take_data(take) for take in promises.takes],
        "looks": [{"name": name, "sha256": sha256} for name, sha256 in promises.looks],
        "repairs": list(promises.repairs),
        "copies": [to_json(copy) for copy in promises.copies],
        **rights_data(promises),
    }


def _take_data(take: PromisedTake) -> _Json:
    """A file that went in as data."""
    return {
        "id": take.id,
        "title": take.title,
        "sha256": take.sha256,
        "manifest": take.manifest,
        "uses": take.uses,
        **people_data(take),
    }


def from_assertion(data: object) -> Promises:
    """The promises in an assertion's data; keys of later versions are passed over.

    `fingerprints` is empty where the claim had no room for them.

    Raises:
        ValueError: when anything is missing, of another type or of no credible size.
    """
    fields = mapping(data)
    if fields.get("schema") != SCHEMA:
        raise ValueError(f"these are no promises of the kind {SCHEMA}")
    frames = count(fields.get("frames"))
    if frames > _MOST_FRAMES:
        raise ValueError(f"a programme of {frames} frames is not credible")
    sound, takes = fields.get("sound"), _takes(fields.get("takes"))
    return Promises(
        title=text(fields.get("title")),
        preset=text(fields.get("preset")),
        edl_sha256=text(fields.get("edl_sha256")),
        width=count(fields.get("width")),
        height=count(fields.get("height")),
        rate=text(fields.get("rate")),
        frames=frames,
        codec=text(fields.get("codec")),
        pixel_format=text(fields.get("pixel_format")),
        edit_list=flag(fields.get("edit_list")),
        cuts=_cuts(fields.get("cuts"), frames),
        fingerprints=_fingerprints(fields.get("fingerprints"), frames),
        sound=None if sound is None else read_sound(sound),
        marks=read_marks(fields.get("marks"), frames),
        hidden=read_hidden(fields.get("hidden"), frames),
        undeclared=read_undeclared(fields.get("undeclared")),
        templates=dict(each(fields.get("templates"), _template)),
        takes=takes,
        looks=each(fields.get("looks"), _look),
        repairs=each(fields.get("repairs"), text),
        copies=_copies(fields.get("copies"), frames),
        release=read_release(fields.get("release"), takes),
        aigc=read_labels(fields.get("aigc")),
        source_type=read_source_type(fields.get("source_type")),
    )


def _differences(fingerprints: bytes) -> bytes:
    """Each cell's change from frame to frame, modulo 256, cell by cell.

    Little moves from one frame to the next: packed, this is half to two thirds of the plain form.
    """
    frames: NDArray[np.uint8] = np.frombuffer(fingerprints, np.uint8).reshape(-1, _CELLS)
    return np.diff(frames, axis=0, prepend=np.zeros((1, _CELLS), np.uint8)).T.tobytes()


def _fingerprints(value: object, frames: int) -> bytes:
    """The fingerprints of that many frames, or none."""
    told = text(value, FINGERPRINT_BUDGET)
    if not told:
        return b""
    size = frames * _CELLS
    data = unpack(told, max(size, 1))
    if len(data) != size:
        raise ValueError(f"fingerprints of {len(data)} bytes do not fit {frames} frames")
    changes: NDArray[np.uint8] = np.frombuffer(data, np.uint8).reshape(_CELLS, frames)
    return np.cumsum(changes, axis=1, dtype=np.uint8).T.tobytes()


def must_carry(promises: Promises, shown: bytes) -> bool:
    """Whether a claim without fingerprints had room for them.

    `shown` are fingerprints of the finished picture: an encoder's noise packs no better than
    what was foretold, so where they fit with a fifth to spare, the promised ones did.
    """
    if len(shown) // _CELLS * _FEWEST > FINGERPRINT_BUDGET:
        return False
    packed = len(pack(_differences(shown)))
    taken = len(json.dumps(to_assertion(replace(promises, fingerprints=b""))))
    actions = _ACTION * (len(promises.cuts) + len(promises.takes))
    return packed < 0.8 * min(FINGERPRINT_BUDGET, _LARGEST_CLAIM - taken - actions)


def _cuts(value: object, frames: int) -> tuple[PromisedCut, ...]:
    """The cuts of a programme, in order and each inside it; one of black alone has none."""
    cuts = each(value, _cut)
    starts = [cut.frame for cut in cuts]
    if any(later <= earlier for earlier, later in pairwise(starts)):
        raise ValueError("promises: the cuts are not in order")
    if starts and starts[-1] >= frames:
        raise ValueError(f"promises: a cut lies beyond the {frames} frames")
    return cuts


def _cut(value: object) -> PromisedCut:
    """A cut from data."""
    fields = mapping(value)
    return PromisedCut(count(fields.get("frame")), text(fields.get("event")))


def _template(value: object) -> tuple[str, bytes]:
    """A template by its own hash, so that it can't stand in for another."""
    png = base64.b64decode(text(value, _LARGEST_TEMPLATE), validate=True)
    return hashlib.sha256(png).hexdigest(), png


def _takes(value: object) -> tuple[PromisedTake, ...]:
    """The files that went in, each once."""
    takes = each(value, _take)
    if len({take.id for take in takes}) < len(takes):
        raise ValueError("promises: two takes go by one name")
    return takes


def _take(value: object) -> PromisedTake:
    """A take from data."""
    fields = mapping(value)
    urn = fields.get("manifest")
    return PromisedTake(
        id=text(fields.get("id")),
        title=text(fields.get("title")),
        sha256=text(fields.get("sha256")),
        manifest=None if urn is None else text(urn),
        uses=count(fields.get("uses")),
        people=read_people(fields.get("people")),
    )


def _copies(value: object, frames: int) -> tuple[PromisedCopy, ...]:
    """Stretches carried over, in order, apart from each other and inside the programme."""
    copies = each(value, _copy)
    ends = [0, *(copy.start + copy.frames for copy in copies)]
    starts = [*(copy.start for copy in copies), frames]
    if any(start < end for start, end in zip(starts, ends, strict=True)):
        raise ValueError(f"promises: copies overlap, or lie outside the {frames} frames")
    return copies


def _copy(value: object) -> PromisedCopy:
    """A stretch carried over, from data."""
    fields = mapping(value)
    return PromisedCopy(
        take=text(fields.get("take")),
        start=count(fields.get("start")),
        frames=count(fields.get("frames")),
        sha256=text(fields.get("sha256")),
    )


def _look(value: object) -> tuple[str, str]:
    """A look's name and hash from data."""
    fields = mapping(value)
    return text(fields.get("name")), text(fields.get("sha256"))
