"""The whole mission: an EDL, its presets, and what was delivered of them."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

from finisher.pipeline.deliver import Delivered, deliver
from finisher.pipeline.desk import Desk
from finisher.pipeline.edit import decide, open_edit
from finisher.pipeline.names import destinations
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import signer
from finisher.progress import Listener
from finisher.store import Store


def finish(
    edl: Path,
    presets: Sequence[str],
    output: Path | None,
    settings: Settings,
    workers: Executor,
    listen: Listener,
) -> tuple[Delivered, ...]:
    """Deliver an edit: every deliverable is planned before the first is rendered.

    Raises:
        DocumentError, MediaError, PolicyError: before anything is rendered.
        RenderError, MachineError: when a stage fails; deliverables done by then stay.
    """
    edit = open_edit(edl, presets, settings, workers, listen)
    places = destinations(edl, edit.presets, output)
    plans = [decide(edit, preset, settings) for preset in edit.presets]
    desk = Desk(edit, settings, Store(settings.cache), workers, signer(settings))
    return tuple(
        deliver(desk, decided, place, listen) for decided, place in zip(plans, places, strict=True)
    )
