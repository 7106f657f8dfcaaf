"""What people see while it works and when it is done; all of it on stderr, safe to show."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TextIO

from finisher.plan.model import Plan
from finisher.problems import Problem, Severity, Where
from finisher.progress import Advanced, Event, Finished, Listener, Started, silent
from finisher.report import phrases
from finisher.report.figures import elapsed, frames, seconds, size, timecodes
from finisher.report.model import Delivery
from finisher.report.passages import into, passages
from finisher.report.plain import plain
from finisher.report.words import VERDICTS, headline, passes, plural
from finisher.timecode import Span

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.text import Text

PROGRESS_SCHEMA = "finisher/progress@1"
_LONGEST = 400
_EXCERPT = 100
"""Characters of a source line shown around a problem; documents may be one endless line."""
_LARGEST_SOURCE = 8 << 20
_PIPE_WIDTH = 160
"""Columns where no terminal states its own, wide enough that tables lose nothing."""
_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


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
    elif mode is Mode.AUTO and _console(out).is_terminal:
        with _bars(_console(out)) as bars:
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
    return plain(f"{event.stage}: {', '.join(parts)}", _LONGEST)


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
            self._bars.console.print(_text("✓ ", "green", _outcome(event, tally, now)))
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
    return plain(amount, 60)


# rich is loaded when something is shown: `finish --help` and whatever speaks JSON to a program
# start without it.
def _console(stream: TextIO | None) -> Console:
    """A console that takes text as it is: no markup, no emoji codes, nothing coloured by guess."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(file=stream or sys.stderr, markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        console.width = _PIPE_WIDTH
    return console


def _bars(console: Console) -> Progress:
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
        console=console,
        transient=True,
    )


def _text(*parts: str) -> Text:
    """Text of alternating pieces and styles; the last piece may stand without one."""
    from rich.text import Text  # noqa: PLC0415

    text = Text()
    for index in range(0, len(parts), 2):
        text.append(parts[index], parts[index + 1] if index + 1 < len(parts) else None)
    return text


def show_problems(problems: Sequence[Problem], stream: TextIO | None = None) -> None:
    """Every problem on a line an editor can jump from, with its source line and a caret."""
    console = _console(stream)
    for problem in problems:
        _show_problem(console, problem)


def _show_problem(console: Console, problem: Problem) -> None:
    """`edl.json:9:19: /events/0/in: message (hint)`, then the place."""
    where = f"{problem.where}: " if problem.where is not None else ""
    kind = "" if problem.severity is Severity.ERROR else f"{problem.severity}: "
    hint = f" ({problem.hint})" if problem.hint else ""
    colour = _COLOURS[problem.severity]
    line = (plain(where), "bold", kind, colour, plain(problem.message), colour, plain(hint))
    console.print(_text(*line), soft_wrap=True)
    excerpt = _excerpt(problem.where)
    if excerpt is not None:
        console.print(_text(excerpt[0], "dim", excerpt[1], colour), soft_wrap=True)


def _excerpt(where: Where | None) -> tuple[str, str] | None:
    """A place's source line, and under it the caret; None where it can't be shown."""
    source = _source_line(where)
    if where is None or source is None:
        return None
    from rich.cells import cell_len  # noqa: PLC0415

    column = min(max((where.column or 1) - 1, 0), len(source))
    start = max(0, min(column - _EXCERPT // 2, len(source) - _EXCERPT))
    shown = plain(source[start : start + _EXCERPT])
    before, after = "…" if start else "", "…" if start + _EXCERPT < len(source) else ""
    margin = f"{where.line:>6} │ "
    reach = cell_len(margin + before + shown[: column - start])
    caret = f"{'':>6} │ ".ljust(reach) + "^"
    return f"{margin}{before}{shown}{after}\n", caret


def _source_line(where: Where | None) -> str | None:
    """The line a place names, None when it names none that can be read."""
    if where is None or where.line is None:
        return None
    path = Path(where.file)
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST_SOURCE:
            return None
        # Only these three end a line of JSON or TOML; splitlines knows more and would miscount.
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return None
    return lines[where.line - 1].rstrip() if 0 < where.line <= len(lines) else None


def show_summary(deliveries: Sequence[Delivery], stream: TextIO | None = None) -> None:
    """What was delivered, what was done without being asked, the verdicts, and where to read on."""
    console = _console(stream)
    for delivery in deliveries:
        plan, audit = delivery.plan, delivery.audit
        passed = passes(audit)
        length = seconds(plan.rate.seconds(plan.frames))
        facts = f"  {size(audit.bytes)}, {length}, {plan.raster}, {plan.rate} fps"
        sign = ("✓ ", "bold green") if passed else ("✗ ", "bold red")
        console.print(_text(*sign, plain(delivery.path), "bold", facts, "dim"), soft_wrap=True)
        lines = [(headline(audit), "green" if passed else "red"), (VERDICTS[audit.verdict], "")]
        if audit.active is not None:
            signer = audit.active.common_name or audit.active.issuer or "a key without a name"
            lines.append((f"signed by {signer}", ""))
        lines += [
            (f"{note.severity}: {note.message}", "dim") for note in (*plan.repairs, *plan.warnings)
        ]
        lines += [(f"not checked: {what}", "dim") for what in audit.not_checked]
        if delivery.report is not None:
            lines.append((f"report: {delivery.report}", ""))
        for line, style in lines:
            console.print(_text("  ", "", plain(line, _LONGEST), style), soft_wrap=True)


def show_plan(
    plan: Plan, cached: Collection[int] | None = None, stream: TextIO | None = None
) -> None:
    """What would happen: events, units (cached where their start is in `cached`), repairs."""
    console = _console(stream)
    facts = f"{plan.raster}, {plan.rate} fps, {plural(plan.frames, 'frame')}"
    title = plain(f"{plan.title}, {plan.preset.name}: {facts}", _LONGEST)
    _print_table(console, title, _EVENT_COLUMNS, _event_rows(plan))
    _print_table(console, "Units", ("frames", "units", "state"), _unit_rows(plan, cached))
    marks = [(e.id, phrases.mark(mark), e.may_crop or "") for e in plan.events for mark in e.marks]
    if marks:
        _print_table(console, "Marks", ("event", "predicted", "may be cut because"), marks)
    show_problems((*plan.repairs, *plan.warnings), stream)


_EVENT_COLUMNS = ("event", "take", "frames", "in", "out", "source", "comes in", "framing", "edits")


def _event_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Each event's place, source and treatment."""
    found = passages(plan)
    return [
        (
            event.id,
            event.take,
            frames(event.record),
            *timecodes(event.record, plan.rate),
            frames(event.source),
            phrases.arrival(plan, into(plan, found, index)),
            phrases.framing_in_brief(event.framing),
            phrases.edits_in_brief(event),
        )
        for index, event in enumerate(plan.events)
    ]


def _unit_rows(plan: Plan, cached: Collection[int] | None) -> list[tuple[str, ...]]:
    """Neighbouring units in the same state, a row each."""

    def state(start: int) -> str:
        if cached is None:
            return "planned"
        return "cached" if start in cached else "to render"

    rows: list[tuple[str, ...]] = []
    for what, run in groupby(plan.units, key=lambda unit: state(unit.start)):
        units = list(run)
        span = Span(units[0].start, units[-1].span.end)
        rows.append((frames(span), str(len(units)), what))
    return rows


def show_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    stream: TextIO | None = None,
) -> None:
    """A plain table, one row a thing; cells are made safe to show."""
    _print_table(_console(stream), title, columns, rows)


def _print_table(
    console: Console, title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]
) -> None:
    """A table without a frame: the eye follows the columns, and a pipe stays readable."""
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(
        title=Text(plain(title, _LONGEST), "bold"), title_justify="left", box=None, pad_edge=False
    )
    for column in columns:
        table.add_column(Text(plain(column), "dim"), overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell, _LONGEST)) for cell in row))
    console.print(table)
    console.print()
