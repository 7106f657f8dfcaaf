"""One sound file laid in as a layer, measured: conformed, speech found, credentials read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from finisher.canonical import digest, from_json, to_json
from finisher.facts import FileFacts, SoundFacts
from finisher.ingest.take import credentials_of, sound_facts
from finisher.media.decode_sound import conform
from finisher.media.versions import libraries
from finisher.problems import MediaError, Problem, Where
from finisher.sound.speech import regions
from finisher.store import Store

_REVISION = 2
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
    path = Path(job.path)

    def write(destination: Path) -> None:
        shape = conform(path, None, destination)
        if shape is None:
            raise MediaError(Problem("sound-missing", "the file holds no sound", Where(job.path)))
        facts = sound_facts(shape)
        store.write("sound-facts", job.content_key, to_json(facts))

    if store.read("sound-facts", job.content_key) is None:
        store.path("sounds", job.content_key, ".f32").unlink(missing_ok=True)
    conformed = store.make("sounds", job.content_key, ".f32", write)
    shape = from_json(SoundFacts, store.read("sound-facts", job.content_key))
    sound = replace(shape, speech=regions(conformed) if job.speech else ())
    store.write("layers", digest([job.content_key, job.speech]), to_json(sound))
    return _facts(job, sound, store)


def _facts(job: LayerJob, sound: SoundFacts, store: Store) -> FileFacts:
    path = Path(job.path)
    credentials = credentials_of(path, job.sha256, job.anchors, store)
    return FileFacts(job.path, job.sha256, path.stat().st_size, sound, credentials)
