"""Ask whoever sits at the terminal for the passphrase of a key, without showing it."""

from __future__ import annotations

import getpass
import sys

from finisher.report.plain import plain

_LONGEST_NAME = 80


def ask(name: str) -> str | None:
    """The passphrase of a key, by the name of its file; None where there is nobody to ask."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    # On a line of its own: a live display redraws the last one, and would wipe out a prompt there.
    sys.stderr.write(f"Passphrase of {plain(name, _LONGEST_NAME)}:\n")
    sys.stderr.flush()
    try:
        return getpass.getpass("") or None
    except EOFError:
        return None
