"""One sound file laid in as a layer, measured: conformed, speech found, credentials read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from finisher.canonical import digest, from_json, to_json
from finisher.contents import unchanged
from finisher.facts import FileFacts
from finisher.hearing import SoundFacts
from finisher.ingest.take import credentials_of, heard, labels_of, sound_facts
from finisher.media.decode_sound import conform
from finisher.media.versions import libraries
from finisher.problems import MediaError, Problem, Where
from finisher.sound.speech import regions
from finisher.store import Store

_REVISION = 4
"""Raised when the same file would be measured differently by this code."""


@dataclass(frozen=True, slots=True)
class LayerJob:
    """What to measure of one sound file."""

    path: str
    sha256: str
    speech: bool
    """Whether regions of speech are wanted: dialogue and narration make others duck."""
    anchors: str | None

    @property
    def content_key(self) -> str:
        """Key of what depends on the file alone."""
        return digest(["layer", self.sha256, libraries(), _REVISION])


def measured(job: LayerJob, store: Store) -> FileFacts | None:
    """The facts of a sound file that was measured before, None where something is missing."""
    value = store.read("layers", digest([job.content_key, job.speech]))
    if value is None or store.get("sounds", job.content_key, ".f32") is None:
        return None
    try:
        sound = from_json(SoundFacts, value)
    except (TypeError, ValueError, KeyError):
        return None
    return _facts(job, sound, store)


def measure(job: LayerJob, root: Path) -> FileFacts:
    """Measure a sound file and keep what was measured in the store.

    Raises:
        MediaError: when it holds no sound that can be read.
    """
    store = Store(root)
    shape = heard(job.content_key, store) or _conformed(job, store)
    conformed = store.path("sounds", job.content_key, ".f32")
    sound = replace(shape, speech=regions(conformed, shape.layout) if job.speech else ())
    store.write("layers", digest([job.content_key, job.speech]), to_json(sound))
    return _facts(job, sound, store)


def _conformed(job: LayerJob, store: Store) -> SoundFacts:
    """Conform the file's sound into the store."""
    found: list[SoundFacts] = []

    def write(destination: Path) -> None:
        shape = conform(Path(job.path), None, destination)
        if shape is None:
            raise MediaError(Problem("sound-missing", "the file holds no sound", Where(job.path)))
        found.append(sound_facts(shape))
        unchanged(Path(job.path), job.sha256, store)

    store.put("sounds", job.content_key, ".f32", write)
    store.write("sound-facts", job.content_key, to_json(found[0]))
    return found[0]


def _facts(job: LayerJob, sound: SoundFacts, store: Store) -> FileFacts:
    path = Path(job.path)
    credentials = credentials_of(path, job.sha256, job.anchors, store)
    labels = labels_of(path, job.sha256, store)
    return FileFacts(
        job.path,
        job.sha256,
        path.stat().st_size,
        sound,
        credentials,
        labels.aigc,
        labels.source_type,
    )
