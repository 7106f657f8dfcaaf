"""What every command is handed: circumstances, workers and a listener."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass

from finisher.pipeline.settings import Settings, cache_folder, data_folder
from finisher.progress import Listener


@dataclass(frozen=True, slots=True)
class Session:
    """One invocation's surroundings."""

    given: Settings | None
    workers: Executor
    listen: Listener

    @property
    def settings(self) -> Settings:
        """The circumstances asked for, or the usual ones."""
        return self.given or Settings(cache_folder(), data_folder())


def put(document: Mapping[str, object]) -> None:
    """Print the one document a `--json` command has for stdout."""
    say(json.dumps(document, ensure_ascii=False, indent=2))


def say(text: str) -> None:
    """Print a result for stdout."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
