"""How long each stage took, listened off its own progress."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from finisher.progress import Event, Finished, Listener, Started
from finisher.report.model import StageTime


@dataclass(slots=True)
class Stopwatch:
    """A listener that passes everything on and remembers when stages began and ended."""

    listen: Listener
    began: dict[str, float] = field(default_factory=dict)
    times: list[StageTime] = field(default_factory=list)

    def __call__(self, event: Event) -> None:
        """Note the time and pass the event on."""
        if isinstance(event, Started):
            self.began[event.stage] = time.monotonic()
        elif isinstance(event, Finished) and event.stage in self.began:
            seconds = time.monotonic() - self.began.pop(event.stage)
            self.times.append(StageTime(event.stage, round(seconds, 3)))
        self.listen(event)
