"""Problems, each on a line an editor can jump from, with its source line and a caret."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from finisher.console.terminal import console, text
from finisher.problems import Problem, Severity, Where
from finisher.report.plain import plain

if TYPE_CHECKING:
    from rich.console import Console

_EXCERPT = 100
"""Characters of a source line shown around a problem; documents may be one endless line."""
_LONGEST = 4000
"""Characters of a message, a place or a hint: they may quote what stands in a file."""
_LARGEST_SOURCE = 8 << 20
_COLOURS = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def show_problems(problems: Sequence[Problem], stream: TextIO | None = None) -> None:
    """Every problem on a line an editor can jump from, with its source line and a caret."""
    shown = console(stream)
    for problem in problems:
        _show_problem(shown, problem)


def _show_problem(shown: Console, problem: Problem) -> None:
    """`edl.json:9:19: /events/0/in: message (hint)`, then the place."""
    where = f"{problem.where}: " if problem.where is not None else ""
    kind = "" if problem.severity is Severity.ERROR else f"{problem.severity}: "
    hint = f" ({problem.hint})" if problem.hint else ""
    colour = _COLOURS[problem.severity]
    message = plain(problem.message, _LONGEST)
    line = (plain(where, _LONGEST), "bold", kind, colour, message, colour, plain(hint, _LONGEST))
    shown.print(text(*line), soft_wrap=True)
    excerpt = _excerpt(problem.where)
    if excerpt is not None:
        shown.print(text(excerpt[0], "dim", excerpt[1], colour), soft_wrap=True)


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
