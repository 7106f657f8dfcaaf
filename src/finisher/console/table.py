"""Plain tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from finisher.console.terminal import LONGEST, console
from finisher.report.plain import plain


def show_table(
    title: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    stream: TextIO | None = None,
) -> None:
    """A table without a frame, one row a thing; cells are made safe to show.

    The eye follows the columns, and a pipe stays readable.
    """
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(
        title=Text(plain(title, LONGEST), "bold"), title_justify="left", box=None, pad_edge=False
    )
    for column in columns:
        table.add_column(Text(plain(column, LONGEST), "dim"), overflow="fold")
    for row in rows:
        table.add_row(*(Text(plain(cell, LONGEST)) for cell in row))
    shown = console(stream)
    shown.print(table)
    shown.print()
