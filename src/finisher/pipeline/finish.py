"""The whole mission: an EDL, its presets, and what was delivered of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from finisher.c2pa.sidecars import sidecar
from finisher.compliance import shelf as policy_shelf
from finisher.consent.asking import appearances
from finisher.edl.marks import weights
from finisher.ffmpeg import program
from finisher.ingest import looks
from finisher.pipeline import beside, consents, effects, exports, runs, trust
from finisher.pipeline import master as mastering
from finisher.pipeline.deliver import deliver
from finisher.pipeline.desk import Desk
from finisher.pipeline.edit import Edit, decide, open_edit
from finisher.pipeline.master import Work, work_of
from finisher.pipeline.names import Destination, destinations, ready
from finisher.pipeline.platforms import rules
from finisher.pipeline.proof import proof
from finisher.pipeline.runs import Holding, Made, Request
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import SignedBy, signer
from finisher.pipeline.workers import LocalWorkers
from finisher.plan.model import Plan
from finisher.presets import shelf
from finisher.problems import DocumentError, MachineError, Problem, Where
from finisher.progress import Listener
from finisher.provenance.identity import development_file
from finisher.render.picture import render_alike
from finisher.report.delivery import Delivery
from finisher.store import Store


def finish(request: Request, workers: Executor, listen: Listener) -> tuple[Delivery, ...]:
    """Deliver an edit: every deliverable is planned before the first is rendered.

    The output asked for is a file for one deliverable, or a folder; one that ends in a slash is a
    folder even when it isn't there yet.

    Raises:
        DocumentError, MediaError, PolicyError: before anything is rendered.
        RenderError, MachineError: when a stage fails; deliverables done by then stay.
    """
    began, settings = runs.now(), request.settings
    by = rules(request.edl, settings)
    edit = open_edit(request.edl, request.presets, settings, workers, listen)
    plans = [decide(edit, preset, settings) for preset in edit.presets]
    places = destinations(request.edl, plans, request.output, settings.signing)
    desk = Desk(edit, settings, Store(settings.cache), workers, signer(settings), by)
    ready(places, _inputs(request.edl, edit, settings))
    if settings.draft:
        _spare_finished(places)
        pairs = zip(plans, places, strict=True)
        return tuple(proof(desk, decided, place, listen) for decided, place in pairs)
    beside.spare(places, unsigned=settings.signing.off)
    works = [work_of(edit, decided, desk.store) for decided in plans]
    _render_alike(desk, plans, works, listen)
    made = [deliver(desk, *one, listen) for one in zip(plans, works, places, strict=True)]
    told = _recorded(desk, plans, made)
    # A run with more to tell is not remembered: the next one tries again, and tells anew.
    same = told == tuple(one.delivery for one in made)
    if same and all(one.passed for one in told) and _of_files(edit, plans):
        made_from = _made_from(request.edl, edit, settings, desk.signer)
        # All is delivered: a store that can't be written only makes the next run look again.
        with suppress(MachineError):
            runs.remember(request, made_from, began, _holds(desk), made, desk.store)
    return told


def _recorded(desk: Desk, plans: Sequence[Plan], made: Sequence[Made]) -> tuple[Delivery, ...]:
    """Write down what was delivered; a delivery that can't be is told so, and stands."""
    told = []
    for decided, one in zip(plans, made, strict=True):
        unrecorded = exports.record(desk.edit, decided, one.delivery, desk.settings.data)
        delivery = one.delivery
        told.append(replace(delivery, warnings=(*delivery.warnings, *unrecorded)))
    return tuple(told)


def _holds(desk: Desk) -> Holding:
    """On what a run rests that is in no file."""
    signer_ = desk.signer.key if desk.settings.signing.command else None
    return Holding(_until(desk), signer_)


def _until(desk: Desk) -> datetime | None:
    """Until when a run needs no second look: consents are decided on anew each day."""
    timeline = desk.edit.timeline
    named = appearances(
        timeline, {take.id for take in timeline.takes}, {layer.id for layer in timeline.layers}
    )
    tomorrow = consents.midnight(desk.edit.consents.on) if named else None
    ends = (desk.signer.until, desk.rules.until, tomorrow)
    return min((end for end in ends if end is not None), default=None)


def _render_alike(
    desk: Desk, plans: Sequence[Plan], works: Sequence[Work], listen: Listener
) -> None:
    """Render what several deliverables show alike in one go.

    A farm shares units out one by one: it decodes more, on more machines.
    """
    if len(plans) < 2 or not isinstance(desk.workers, LocalWorkers):
        return
    shown = []
    for decided, work in zip(plans, works, strict=True):
        effects.lay(desk.edit, decided, work, desk.store, desk.workers, listen)
        shown.append((work.units, mastering.places(desk.edit, decided, work, desk.store)))
    render_alike(shown, desk.workers, listen)


def _spare_finished(places: Sequence[Destination]) -> None:
    """Refuse drafts that would lie where a finished film does.

    Raises:
        DocumentError: naming the film.
    """
    problems = [
        Problem(
            "output-finished",
            "a finished film and its report lie there: a draft does not replace it",
            Where(str(place.media)),
            hint="give the draft a name of its own",
        )
        for place in places
        if place.json.exists() or place.html.exists()
    ]
    if problems:
        raise DocumentError(problems)


def _inputs(edl: Path, edit: Edit, settings: Settings) -> Iterator[Path]:
    """Every file a run is made from and must leave alone, or that would change what it finds."""
    timeline, folder = edit.timeline, edl.resolve().parent
    yield edl
    paths = (*(take.path for take in timeline.takes), *(one.path for one in timeline.layers))
    for path in paths:
        yield folder / path
        # There or not: whoever puts one there gives the file credentials, or takes them from it.
        yield sidecar(folder / path)
    for mark in timeline.marks:
        yield from (folder / path for path in (mark.template, mark.calibration) if path is not None)
    yield from (folder / path for mark in timeline.hidden for path in weights(mark))
    used = (Path(look.path) for look in edit.gathered.facts.looks.values())
    # What was made of a look lies in the store; what it was made of is among the candidates.
    yield from (path for path in used if not path.is_relative_to(settings.cache))
    yield from edit.consents.files
    yield from trust.files(settings.data)
    given = (settings.anchors, settings.signing.cert, settings.signing.key)
    yield from (path for path in given if path is not None)


def _made_from(edl: Path, edit: Edit, settings: Settings, signed_by: SignedBy) -> Iterator[Path]:
    """Every file that decides what a run makes, and every place where one was looked for."""
    yield from _inputs(edl, edit, settings)
    yield from looks.candidates(edit.timeline)
    yield from shelf.files(Path(edit.timeline.path).resolve().parent)
    yield from policy_shelf.files(Path(edit.timeline.path).resolve().parent, settings.policies)
    yield Path(program.executable())
    if signed_by.identity is not None and signed_by.identity.development:
        yield development_file(settings.data)


def _of_files(edit: Edit, plans: Sequence[Plan]) -> bool:
    """Whether all that decides a run is in files that can be watched.

    What reads hidden marks is installed, or not; what effects of one's own import is anywhere.
    """
    return not edit.timeline.hidden and not any(map(_own_code, plans))


def _own_code(decided: Plan) -> bool:
    """Whether effects of one's own are laid on: what such code imports is not looked at."""
    return any(
        effect.own
        for event in decided.events
        if event.working is not None
        for effect in event.working.effects
    )
