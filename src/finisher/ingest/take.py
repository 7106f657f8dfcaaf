"""One take, measured: pictures indexed and sketched, sound conformed, marks and credentials."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np

from finisher.c2pa import sdk
from finisher.c2pa.sidecars import sidecar
from finisher.canonical import digest, from_json, to_json
from finisher.color.pictures import SAMPLE_FRAMES, SAMPLE_WIDTH
from finisher.color.steadiness import steadiness
from finisher.contents import sha256_of, unchanged
from finisher.facts import ConformedCopy, CredentialFacts, SteadinessFacts, TakeFacts
from finisher.hearing import SoundFacts
from finisher.ingest import conformed, hidden
from finisher.ingest.hidden import HiddenToFind
from finisher.ingest.inputs import looked_at
from finisher.ingest.marks import MarkToFind, Search, wanted
from finisher.ingest.steadied import steadied
from finisher.look import ColorTags
from finisher.media.closeups import spread
from finisher.media.coding import coding
from finisher.media.decode_sound import SoundShape, conform
from finisher.media.index import PictureShape, picture_shape
from finisher.media.sketch import Closer, Kept
from finisher.media.stated import Stated, stated
from finisher.media.versions import libraries
from finisher.media.wholes import index_of, wholes
from finisher.plan.decode import read_as
from finisher.provenance import credentials
from finisher.sighting import HiddenFacts, MarkFacts
from finisher.store import Store
from finisher.watermark.detector import Picture

_REVISION = 23
"""Raised when the same take would be measured differently by this code."""
_CLOSELY = 12
"""Pictures of every take that are looked at closely, spread over it."""


@dataclass(frozen=True, slots=True)
class TakeJob:
    """What to measure of one take."""

    path: str
    sha256: str
    marks: tuple[MarkToFind, ...]
    anchors: str | None
    """PEM text of the signers to trust."""
    steady: bool = False
    """Whether flicker is to be taken out of its pictures."""
    color: ColorTags | None = None
    """What counts in place of its own tags."""
    hidden: tuple[HiddenToFind, ...] = ()

    @property
    def content_key(self) -> str:
        """Key of what depends on the file, and on what is done to its pictures, alone."""
        color = to_json(self.color)
        return digest([self.sha256, self.steady, color, libraries(), _REVISION])

    @property
    def key(self) -> str:
        """Key of the take's facts but those of hidden marks, which are kept each by itself."""
        marks = [mark.parts for mark in self.marks]
        return digest([self.content_key, marks, self.anchors, sdk.version()])


def measured(job: TakeJob, store: Store) -> TakeFacts | None:
    """The facts of a take that was measured before, None where something is missing."""
    facts = _recalled(job, store)
    if facts is None:
        return None
    sounding = facts.sound is not None
    read = [
        (one.mark.id, hidden.recalled(one, job.content_key, store, sounding=sounding))
        for one in job.hidden
    ]
    told = tuple((name, known) for name, known in read if known is not None)
    return replace(facts, hidden=told) if len(told) == len(read) else None


def _recalled(job: TakeJob, store: Store) -> TakeFacts | None:
    """What is known of a take besides its hidden marks."""
    value = store.read("takes", job.key)
    files = [
        store.get("sketches", job.content_key, ".npy"),
        store.get("samples", job.content_key, ".npy"),
    ]
    if value is None or None in files:
        return None
    if any(wanted(job.content_key, mark, store) is None for mark in job.marks):
        return None
    try:
        facts = from_json(TakeFacts, value)
    except (TypeError, ValueError, KeyError):
        return None
    if facts.sound is not None and store.get("sounds", job.content_key, ".f32") is None:
        return None
    # A store of credentials that lies beside the take comes and goes without it.
    known = credentials_of(Path(job.path), job.sha256, job.anchors, store)
    return conformed.found(replace(facts, credentials=known), job.path, store)


def measure(job: TakeJob, root: Path) -> TakeFacts:
    """Measure a take and keep what was measured in the store.

    Raises:
        MediaError: when the file has no picture that can be read to its end.
    """
    store = Store(root)
    facts = _recalled(job, store) or _measure(job, store)
    facts = replace(facts, hidden=_read(job, facts, store))
    unchanged(Path(job.path), job.sha256, store)
    return facts


def _measure(job: TakeJob, store: Store) -> TakeFacts:
    """Measure all of a take but its hidden marks."""
    path = Path(job.path)
    own = picture_shape(path)
    original = declared(own, job.color)
    shape, copy = conformed.conform(
        path, original, job.content_key, store, partial(unchanged, path, job.sha256, store)
    )
    first = replace(job, steady=False, marks=()) if job.steady else job
    marks, found = _look(first, _pictures(path, copy), shape, store)
    if job.steady:
        if found is not None and found.gains:
            usable = copy or ConformedCopy(job.path, job.sha256, ())
            hold = partial(unchanged, path, job.sha256, store)
            shape, copy = steadied(usable, shape, found.gains, store, hold)
        marks, _ = _look(job, _pictures(path, copy), shape, store)
    labels = labels_of(path, job.sha256, store)
    facts = TakeFacts(
        path=job.path,
        sha256=job.sha256,
        bytes=path.stat().st_size,
        raster=shape.raster,
        pixel_format=shape.pixel_format,
        codec=original.codec,
        tags=shape.tags,
        sample_aspect=shape.sample_aspect,
        rotation=shape.rotation,
        interlaced=shape.interlaced,
        index=original.index,
        sound=_listen(job, path, original, store),
        credentials=credentials_of(path, job.sha256, job.anchors, store),
        marks=marks,
        copy=copy,
        aigc=labels.aigc,
        stated_source=labels.source_type,
        coding=coding(path, original.index) if copy is None else None,
        steadiness=found,
        stated=own.tags if own.tags != original.tags else None,
    )
    unchanged(path, job.sha256, store)
    store.write("takes", job.key, to_json(facts))
    return facts


def _read(job: TakeJob, facts: TakeFacts, store: Store) -> tuple[tuple[str, HiddenFacts], ...]:
    """What its hidden marks say."""
    color = read_as(facts.tags, facts.pixel_format, facts.raster)

    def pictures() -> Iterator[Picture]:
        index = index_of(facts)
        tags = ColorTags(color.range, color.matrix)
        return wholes(Path(facts.picture), index, tags, spread(len(index), hidden.PICTURES))

    source = hidden.Source(
        raster=facts.raster,
        pictures=pictures,
        sound=store.path("sounds", job.content_key, ".f32") if facts.sound is not None else None,
        channels=len(facts.sound.layout.channels) if facts.sound is not None else 0,
    )
    key = job.content_key
    return tuple((one.mark.id, hidden.read(one, key, source, store)) for one in job.hidden)


def declared(shape: PictureShape, color: ColorTags | None) -> PictureShape:
    """A take's shape with what the edit says of its colour in place of the file's tags."""
    if color is None:
        return shape
    own = shape.tags
    tags = ColorTags(
        color.range or own.range,
        color.matrix or own.matrix,
        color.primaries or own.primaries,
        color.transfer or own.transfer,
    )
    return replace(shape, tags=tags)


def sampled_ordinals(count: int) -> list[int]:
    """Which of so many pictures sessions are matched by: every other of those looked at closely.

    The last lies at some seven tenths: all before it may have to be decoded.
    """
    closely = spread(count, _CLOSELY)
    return closely[:: max(1, len(closely) // SAMPLE_FRAMES)][:SAMPLE_FRAMES]


def _pictures(path: Path, copy: ConformedCopy | None) -> Path:
    """The file a take's pictures are read from."""
    return Path(copy.path) if copy is not None else path


def _look(
    job: TakeJob, path: Path, shape: PictureShape, store: Store
) -> tuple[tuple[tuple[str, MarkFacts], ...], SteadinessFacts | None]:
    """Sketch the take in one pass unless that was done, its marks looked for on the way.

    How clearly its marks show, and how steadily it is exposed.
    """
    chosen = sampled_ordinals(len(shape.index))
    search = Search(job.content_key, job.marks, shape, store)
    ordinals = spread(len(shape.index), search.glances) if job.marks else []
    closer = Closer(frozenset(chosen) | {*ordinals} | search.pictures(), SAMPLE_WIDTH)
    kept: dict[int, Kept] = {}

    def see(destination: Path | None) -> None:
        def look(closer: Closer, to: Path | None = None) -> dict[int, Kept]:
            return looked_at(path, shape, closer, to, store)

        kept.update(search.see(partial(look, to=destination), look, closer))
        unchanged(Path(job.path), job.sha256, store)

    sketches = store.make("sketches", job.content_key, ".npy", see)
    if not kept:
        see(None)

    def write_samples(destination: Path) -> None:
        with destination.open("wb") as file:
            np.save(file, np.array([kept[i].colour for i in chosen]))

    store.make("samples", job.content_key, ".npy", write_samples)
    found = search.facts(kept, ordinals)
    return found, steadiness(np.load(sketches, mmap_mode="r")[..., :3])


def _listen(job: TakeJob, path: Path, shape: PictureShape, store: Store) -> SoundFacts | None:
    """Conform the take's sound against its first picture; None when it has none."""
    key = job.content_key
    known = heard(key, store)
    if known is not None:
        return known
    origin = shape.index.pts[0] * shape.index.time_base
    found: list[SoundFacts] = []

    def write(destination: Path) -> None:
        sound = conform(path, origin, destination)
        if sound is not None:
            found.append(sound_facts(sound))
        unchanged(path, job.sha256, store)

    # A sound whose facts were lost is conformed again: an empty file would pass for silence.
    store.put("sounds", key, ".f32", write)
    if not found:
        return None
    store.write("sound-facts", key, to_json(found[0]))
    return found[0]


def sound_facts(shape: SoundShape) -> SoundFacts:
    """A conformed sound as a fact, without what its speech would tell."""
    return SoundFacts(
        shape.samples,
        shape.channels,
        shape.source_rate,
        non_finite=shape.non_finite,
        decode_errors=shape.decode_errors,
        missing=shape.missing,
        layout=shape.layout,
        late=shape.late,
    )


def heard(key: str, store: Store) -> SoundFacts | None:
    """What is known of a sound that was conformed, None unless both are there."""
    value = store.read("sound-facts", key)
    if value is None or store.get("sounds", key, ".f32") is None:
        return None
    try:
        return from_json(SoundFacts, value)
    except (TypeError, ValueError, KeyError):
        return None


def labels_of(path: Path, sha256: str, store: Store) -> Stated:
    """What a file's metadata say of it; read once for each content.

    Raises:
        MediaError: when it can't be read.
    """
    key = digest([sha256, libraries(), _REVISION])
    with contextlib.suppress(TypeError, ValueError, KeyError):
        return from_json(Stated, store.read("labels", key))
    found = stated(path)
    store.write("labels", key, to_json(found))
    return found


def credentials_of(path: Path, sha256: str, anchors: str | None, store: Store) -> CredentialFacts:
    """A file's Content Credentials; read once for each content, set of anchors and library."""
    beside = sidecar(path)
    stored = sha256_of(beside, store) if beside.is_file() else None
    key = digest([sha256, stored, anchors, sdk.version(), _REVISION])
    with contextlib.suppress(TypeError, ValueError, KeyError):
        return from_json(CredentialFacts, store.read("credentials", key))
    facts = credentials.facts(path, anchors)
    store.write("credentials", key, to_json(facts))
    return facts
