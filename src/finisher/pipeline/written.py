"""Whether an export is written down already, told without loading what writes it down."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from finisher import ledger
from finisher.problems import MachineError

NAME = "exports.jsonl"


def place(data: Path) -> Path:
    """Where exports are written down, in the folder of the user's data."""
    return data / NAME


def written(exports: Iterable[tuple[str, str]], data: Path) -> bool:
    """Whether each of some exports, by path and SHA-256, is among those written down.

    A list that can't be read holds none.
    """
    wanted = {(str(Path(path).absolute()), sha256) for path, sha256 in exports}
    try:
        content = ledger.read(place(data))
    except MachineError:
        return False
    for line in content.split(b"\n"):
        try:
            told = json.loads(line)
            wanted.discard((told["path"], told["sha256"]))
        except (TypeError, ValueError, KeyError, RecursionError):
            continue  # what died while writing damages no other line
    return not wanted
