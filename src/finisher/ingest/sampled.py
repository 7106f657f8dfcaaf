"""Takes looked at no more closely than matching sessions asks for: a few pictures of each."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np

from finisher.canonical import from_json, to_json
from finisher.color.pictures import SAMPLE_WIDTH
from finisher.contents import unchanged
from finisher.facts import PictureFacts
from finisher.ingest import conformed
from finisher.ingest.inputs import looked_at
from finisher.ingest.take import TakeJob, declared, measure, measured, sampled_ordinals
from finisher.media.index import picture_shape
from finisher.media.sketch import Closer
from finisher.store import Store

_KIND = "sampled"


def recalled(job: TakeJob, store: Store) -> PictureFacts | None:
    """What is known of a take's pictures, None where something is missing."""
    known = measured(job, store)
    if known is not None:
        return known
    value = store.read(_KIND, job.content_key)
    if value is None or store.get("samples", job.content_key, ".npy") is None:
        return None
    try:
        facts = from_json(PictureFacts, value)
    except (TypeError, ValueError, KeyError):
        return None
    return conformed.found(facts, job.path, store)


def sample(job: TakeJob, root: Path) -> PictureFacts:
    """Keep the same samples of a take as measuring it would, without decoding the rest.

    Raises:
        MediaError: when the file has no picture, or one that is wanted can't be read.
    """
    if job.steady:  # what makes it steady is known of all its pictures together alone
        return measure(job, root)
    store, path = Store(root), Path(job.path)
    hold = partial(unchanged, path, job.sha256, store)
    original = declared(picture_shape(path), job.color)
    shape, copy = conformed.conform(path, original, job.content_key, store, hold)
    facts = PictureFacts(
        path=job.path,
        sha256=job.sha256,
        raster=shape.raster,
        pixel_format=shape.pixel_format,
        tags=shape.tags,
        index=original.index,
        copy=copy,
    )
    ordinals = sampled_ordinals(len(shape.index))
    closer = Closer(frozenset(ordinals), SAMPLE_WIDTH)

    def write(destination: Path) -> None:
        kept = looked_at(Path(facts.picture), shape, closer, None, store)
        with destination.open("wb") as file:
            np.save(file, np.array([kept[i].colour for i in ordinals]))

    store.make("samples", job.content_key, ".npy", write)
    hold()
    store.write(_KIND, job.content_key, to_json(facts))
    return facts
