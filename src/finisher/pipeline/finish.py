"""The whole mission: an EDL, its presets, and what was delivered of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

from finisher.pipeline.deliver import Delivered, deliver
from finisher.pipeline.desk import Desk
from finisher.pipeline.edit import Edit, decide, open_edit
from finisher.pipeline.names import destinations, ready
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import signer
from finisher.progress import Listener
from finisher.store import Store


def finish(
    edl: Path,
    presets: Sequence[str],
    output: Path | str | None,
    settings: Settings,
    workers: Executor,
    listen: Listener,
) -> tuple[Delivered, ...]:
    """Deliver an edit: every deliverable is planned before the first is rendered.

    `output` is a file for one deliverable, or a folder; one that ends in a slash is a folder even
    when it isn't there yet.

    Raises:
        DocumentError, MediaError, PolicyError: before anything is rendered.
        RenderError, MachineError: when a stage fails; deliverables done by then stay.
    """
    edit = open_edit(edl, presets, settings, workers, listen)
    places = destinations(edl, edit.presets, output)
    plans = [decide(edit, preset, settings) for preset in edit.presets]
    desk = Desk(edit, settings, Store(settings.cache), workers, signer(settings))
    ready(places, _inputs(edl, edit, settings))
    return tuple(
        deliver(desk, decided, place, listen) for decided, place in zip(plans, places, strict=True)
    )


def _inputs(edl: Path, edit: Edit, settings: Settings) -> Iterator[Path]:
    """Every file a run is made from and must leave alone."""
    timeline, folder = edit.timeline, edl.resolve().parent
    yield edl
    yield from (folder / take.path for take in timeline.takes)
    yield from (folder / layer.path for layer in timeline.layers)
    yield from (folder / mark.template for mark in timeline.marks if mark.template is not None)
    yield from (Path(look.path) for look in edit.gathered.facts.looks.values())
    given = (settings.signing.cert, settings.signing.key, settings.anchors)
    yield from (path for path in given if path is not None)
