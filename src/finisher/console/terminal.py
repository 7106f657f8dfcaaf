"""A terminal, or a pipe, that is shown text as it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

LONGEST = 400
"""Characters of any one text that are shown."""
_PIPE_WIDTH = 160
"""Columns where no terminal states its own, wide enough that tables lose nothing."""


# rich is loaded when something is shown: `finish --help` and whatever speaks JSON to a program
# start without it.
def console(stream: TextIO | None) -> Console:
    """A console that takes text as it is: no markup, no emoji codes, nothing coloured by guess."""
    from rich.console import Console  # noqa: PLC0415

    made = Console(file=stream or sys.stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal:
        made.width = _PIPE_WIDTH
    return made


def text(*parts: str) -> Text:
    """Text of alternating pieces and styles; the last piece may stand without one."""
    from rich.text import Text  # noqa: PLC0415

    made = Text()
    for index in range(0, len(parts), 2):
        made.append(parts[index], parts[index + 1] if index + 1 < len(parts) else None)
    return made
