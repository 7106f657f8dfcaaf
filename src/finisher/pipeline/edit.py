"""From an EDL's path to plans: read, look up presets, measure, decide."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from finisher import policy
from finisher.edl.read import read
from finisher.edl.times import NoSuchTime, frames
from finisher.ingest.gather import Gathered, gather
from finisher.pipeline import consents
from finisher.pipeline.buried import buried_marks
from finisher.pipeline.consents import Consents
from finisher.pipeline.settings import Settings
from finisher.plan.assemble import plan
from finisher.plan.model import Plan
from finisher.presets import shelf
from finisher.presets.draft import drafted
from finisher.presets.misfits import SMALLEST_DNXHR
from finisher.presets.model import Preset, VideoCodec
from finisher.problems import (
    DocumentError,
    MediaError,
    PolicyError,
    Problem,
    Severity,
    Where,
)
from finisher.progress import Listener
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit ready to be planned: its timeline, its presets, its facts, its persons' consents."""

    timeline: Timeline
    presets: tuple[Preset, ...]
    gathered: Gathered
    consents: Consents


def open_edit(
    path: Path, names: Sequence[str], settings: Settings, workers: Executor, listen: Listener
) -> Edit:
    """Read an EDL and measure all it refers to.

    Raises:
        DocumentError, MediaError: with every problem of the stage that found any.
    """
    timeline = read(path, settings.roots)
    presets = presets_of(timeline, names)
    found = consents.find(timeline, consents.today(), settings.data)
    store, anchors = Store(settings.cache), settings.anchor_text()
    gathered = gather(timeline, store, workers, anchors, listen, upload=settings.allow_upload)
    # Whom files show is known when they are: one file may go by several ids.
    whole, found = consents.among(gathered.timeline, gathered.facts, found, settings.data)
    return Edit(whole, presets, gathered, found)


def presets_of(timeline: Timeline, names: Sequence[str]) -> tuple[Preset, ...]:
    """The presets to deliver: those named, with the EDL's overrides, or the EDL's own list.

    Raises:
        DocumentError: when neither names any, or one is unknown or wrong.
    """
    folder = Path(timeline.path).resolve().parent
    asked = {d.preset: dict(d.overrides) for d in timeline.deliverables}
    wanted = list(dict.fromkeys(names or asked))
    if not wanted:
        raise DocumentError(
            Problem(
                "deliverable-missing",
                "no preset is given, and the EDL lists no deliverables",
                Where(timeline.path),
                hint="presets: " + ", ".join(shelf.names(folder)),
            )
        )
    return tuple(shelf.find(name, folder, asked.get(name, {})) for name in wanted)


def decide(edit: Edit, preset: Preset, settings: Settings) -> Plan:
    """The plan of one deliverable, or everything that forbids it.

    Raises:
        DocumentError, MediaError: as `finisher.plan.assemble.plan`; a repair of the input is a
            MediaError when the run is strict.
        PolicyError: when a take was tampered with, a mark would be cut, or somebody has not agreed.
    """
    if settings.draft:
        preset = drafted(preset, edit.timeline.canvas)
    decided = plan(edit.timeline, preset, edit.gathered.facts, part_of(edit.timeline, settings))
    _encodable(decided)
    if settings.strict and decided.repairs:
        raise MediaError(fatal(decided.repairs))
    blocks = blocked(edit, decided, settings)
    if blocks:
        raise PolicyError(blocks)
    return decided


def _encodable(decided: Plan) -> None:
    """Make sure that the encoder takes pictures of this size, where the edit gives it.

    Raises:
        DocumentError: when they are too small.
    """
    raster, (width, height) = decided.raster, SMALLEST_DNXHR
    small = raster.width < width or raster.height < height
    if small and decided.preset.video.codec is VideoCodec.DNXHR:
        message = f"{decided.preset.name}: DNxHR is encoded from {width}x{height} on, not {raster}"
        raise DocumentError(Problem("misfit", message, hint="give the preset a raster of its own"))


def part_of(timeline: Timeline, settings: Settings) -> Span | None:
    """The edit's frames that are asked for, None for all of them.

    Raises:
        DocumentError: when they are none.
    """
    if settings.part is None:
        return None
    first, last = settings.part
    try:
        start = frames(_time(first), timeline.rate) if first else 0
        end = frames(_time(last), timeline.rate) if last else timeline.length
    except NoSuchTime as error:
        problem = Problem(error.code, f"--range: {error.message}", hint=error.hint)
        raise DocumentError(problem) from None
    if not 0 <= start < end:
        raise DocumentError(Problem("part-outside", f"--range: [{start}, {end}) holds no frames"))
    return Span(start, end)


def _time(text: str) -> int | str:
    """A time as an edit list would write it."""
    return int(text) if text.isascii() and text.isdigit() else text


def fatal(repairs: Sequence[Problem]) -> tuple[Problem, ...]:
    """Repairs as the errors they are in a strict run."""
    return tuple(Problem(p.code, f"{p.message} (strict)", p.where, p.hint) for p in repairs)


def blocked(edit: Edit, decided: Plan, settings: Settings) -> tuple[Problem, ...]:
    """What policy forbids in a plan."""
    tampered = policy.tampered_takes(edit.timeline, edit.gathered.facts)
    if settings.allow_tampered:
        tampered = ()
    code = () if settings.allow_code else policy.own_code(decided, edit.timeline)
    marks = _marks(edit, decided)
    people = consents.blocks(edit.timeline, decided, edit.consents, strict=settings.strict)
    return (*tampered, *code, *people, *(p for p in marks if p.severity is Severity.ERROR))


def _marks(edit: Edit, decided: Plan) -> tuple[Problem, ...]:
    """What would become of marks."""
    return (
        *policy.cropped_marks(decided, edit.timeline),
        *policy.small_marks(decided, edit.timeline),
        *policy.worked_marks(decided, edit.timeline),
        *policy.lost_marks(decided, edit.timeline),
    )


def warnings(edit: Edit, decided: Plan, settings: Settings) -> tuple[Problem, ...]:
    """What is allowed and should still be known."""
    marks = _marks(edit, decided)
    allowed = (
        policy.tampered_takes(edit.timeline, edit.gathered.facts) if settings.allow_tampered else ()
    )
    lowered = tuple(
        Problem(p.code, f"{p.message}; allowed", p.where, severity=Severity.WARNING)
        for p in allowed
    )
    lowered += policy.beside(decided, signs=not settings.signing.off)
    lowered += buried_marks(decided, edit.timeline, edit.gathered, Store(settings.cache))
    people = consents.warnings(edit.timeline, decided, edit.consents, strict=settings.strict)
    told = (*lowered, *people, *(p for p in marks if p.severity is not Severity.ERROR))
    return (*decided.warnings, *told)
