"""A command timed as a whole process: processor time of all it starts, wall time, memory."""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h


@dataclass(frozen=True)
class Run:
    """What a command took."""

    cpu: float
    """Seconds, user and system, of the process and everything it started."""
    wall: float
    peak_mb: float
    """Resident memory of the largest single process."""


@dataclass(frozen=True)
class Spread:
    """A figure over several runs."""

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def spread(values: Sequence[float]) -> Spread:
    """Median and range."""
    return Spread(statistics.median(values), min(values), max(values))


def adopt() -> None:
    """Become the parent of orphans on Linux, so that what a command leaves behind is counted."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def run(
    words: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Run:
    """Run a command to its end, and wait for whatever it left running.

    Raises:
        RuntimeError: when it fails, with the end of what it said.
    """
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={**os.environ, **(env or {})},
        cwd=cwd,
        start_new_session=True,
    )
    said = b""
    try:
        if process.stderr is not None:
            said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        raise
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    everyone = [used, *_left_behind()]
    if process.returncode:
        tail = said.decode(errors="replace")[-2000:]
        raise RuntimeError(f"{words[0]} ended with {process.returncode}: {tail}")
    # Linux counts ru_maxrss in kibibytes.
    return Run(
        sum(one.ru_utime + one.ru_stime for one in everyone),
        wall,
        max(one.ru_maxrss for one in everyone) / 1024,
    )


def _left_behind() -> list[resource.struct_rusage]:
    """What adopted orphans took, waited for."""
    found = []
    with suppress(ChildProcessError):
        while True:
            found.append(os.wait4(-1, 0)[2])
    return found


def in_turn(
    variants: Mapping[str, Callable[[], Run]], rounds: int, note: Callable[[str], None]
) -> dict[str, list[Run]]:
    """Run each variant once a round, in turn, so that the machine's moods strike all alike."""
    runs: dict[str, list[Run]] = {name: [] for name in variants}
    for number in range(rounds):
        for name, variant in variants.items():
            done = variant()
            runs[name].append(done)
            note(
                f"round {number + 1} {name}: {done.cpu:.1f} s processor, {done.wall:.1f} s wall, "
                f"{done.peak_mb:.0f} MB"
            )
    return runs


def ratios(ours: Sequence[Run], others: Sequence[Run], figure: str) -> Spread:
    """One variant over another, round by round."""
    pairs = zip(ours, others, strict=True)
    return spread([getattr(a, figure) / getattr(b, figure) for a, b in pairs])


def note(text: str) -> None:
    """Something for whoever watches."""
    print(text, file=sys.stderr, flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def machine() -> dict[str, object]:
    """What was measured on, and how busy it was with other things."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load": [round(one, 1) for one in os.getloadavg()],
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def save(path: Path | None, result: Mapping[str, object]) -> None:
    """The figures for programs, where they are wanted."""
    if path is not None:
        text = json.dumps({"machine": machine(), **result}, indent=1, default=asdict)
        path.write_text(text + "\n", encoding="utf-8")
