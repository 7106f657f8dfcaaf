"""How far the work has come: bars on a terminal, lines in a pipe, JSON for programs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from finisher.console.terminal import LONGEST, console, text
from finisher.progress import Advanced, Event, Finished, Listener, Started, silent
from finisher.report.figures import elapsed
from finisher.report.plain import plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

PROGRESS_SCHEMA = "finisher/progress@1"


class Mode(StrEnum):
    """How progress is shown; `auto` is live bars on a terminal and plain lines elsewhere."""

    AUTO = "auto"
    PLAIN = "plain"
    JSON = "json"
    NONE = "none"


@dataclass(slots=True)
class _Tally:
    """How far a stage has come."""

    total: int | None
    unit: str
    since: float
    done: int = 0
    note: str = ""
    told: float = float("-inf")


class _Watch:
    """Keeps each stage's tally; events may come from several threads at once."""

    def __init__(
        self, tell: Callable[[Event, _Tally, float], None], clock: Callable[[], float]
    ) -> None:
        self._tell = tell
        self._clock = clock
        self._tallies: dict[str, _Tally] = {}
        self._lock = Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            now = self._clock()
            tally = self._tallies.get(event.stage)
            if isinstance(event, Started) or tally is None:
                total = event.total if isinstance(event, Started) else None
                unit = event.unit if isinstance(event, Started) else ""
                tally = self._tallies[event.stage] = _Tally(total, unit, now)
            if isinstance(event, Advanced):
                tally.done += event.amount
                tally.note = event.note
            elif isinstance(event, Finished):
                del self._tallies[event.stage]
            self._tell(event, tally, now)


@contextmanager
def progress(
    mode: Mode = Mode.AUTO,
    stream: TextIO | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Listener]:
    """A listener for as long as the block lasts; live bars are taken down when it ends.

    Args:
        mode: how to show it.
        stream: where to; stderr unless told.
        clock: seconds that only ever grow, for times and rates.
    """
    out = sys.stderr if stream is None else stream
    if mode is Mode.NONE:
        yield silent
    elif mode is Mode.JSON:
        yield _Watch(lambda *heard: _tell_json(out, *heard), clock)
    elif mode is Mode.AUTO and console(out).is_terminal:
        with _bars(console(out)) as bars:
            yield _Watch(_Live(bars).tell, clock)
    else:
        yield _Watch(lambda *heard: _tell_plain(out, *heard), clock)


def _tell_json(out: TextIO, event: Event, tally: _Tally, now: float) -> None:
    """One line an event; at most ten a second and stage while work advances."""
    line: dict[str, object] = {
        "schema": PROGRESS_SCHEMA,
        "event": type(event).__name__.lower(),
        "stage": event.stage,
        "done": tally.done,
        "total": tally.total,
        "unit": tally.unit,
    }
    if isinstance(event, Advanced):
        if now - tally.told < 0.1:
            return
        tally.told = now
        line["note"] = event.note
    elif isinstance(event, Finished):
        line |= {"seconds": round(now - tally.since, 3), "note": event.note}
    print(json.dumps(line), file=out, flush=True)


def _tell_plain(out: TextIO, event: Event, tally: _Tally, now: float) -> None:
    """One line a finished stage."""
    if isinstance(event, Finished):
        print(_outcome(event, tally, now), file=out, flush=True)


def _outcome(event: Finished, tally: _Tally, now: float) -> str:
    """`render: 240 frames, 3.1 s, 77 fps, 4 units cached`."""
    taken = now - tally.since
    parts = [f"{tally.done:,} {tally.unit}".strip()] if tally.done else []
    parts.append(elapsed(taken))
    if tally.unit == "frames" and tally.done and taken > 0:
        parts.append(f"{tally.done / taken:.0f} fps")
    if event.note:
        parts.append(event.note)
    return plain(f"{event.stage}: {', '.join(parts)}", LONGEST)


class _Live:
    """Bars on a terminal; a finished stage leaves its line behind, above those still at work."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def tell(self, event: Event, tally: _Tally, now: float) -> None:
        """Move a stage's bar, beginning it when it is new and taking it down when it is done."""
        task = self._tasks.get(event.stage)
        if isinstance(event, Finished):
            if task is not None:
                self._bars.remove_task(self._tasks.pop(event.stage))
            self._bars.console.print(text("✓ ", "green", _outcome(event, tally, now)))
            return
        if task is None:
            task = self._bars.add_task(plain(event.stage, 40), total=tally.total, amount="")
            self._tasks[event.stage] = task
        elif isinstance(event, Started):
            self._bars.reset(task, total=tally.total)
        self._bars.update(task, completed=tally.done, total=tally.total, amount=_amount(tally, now))


def _amount(tally: _Tally, now: float) -> str:
    """`120/240 frames, 77 fps`."""
    total = f"/{tally.total:,}" if tally.total is not None else ""
    amount = f"{tally.done:,}{total} {tally.unit}".strip()
    taken = now - tally.since
    if tally.unit == "frames" and tally.done and taken > 0:
        amount += f", {tally.done / taken:.0f} fps"
    if tally.note:
        amount += f", {tally.note}"
    return plain(amount, 60)


def _bars(shown: Console) -> Progress:
    """Bars with the amount of work, the rate and the time left."""
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=28),
        TextColumn("{task.fields[amount]}", markup=False),
        TimeRemainingColumn(compact=True),
        console=shown,
        transient=True,
    )
