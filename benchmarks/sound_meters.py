"""The signals of EBU Tech 3341 and 3342 that are given by formula, read by us and by ffmpeg.

Ours is `finisher.sound.meter`, theirs the ebur128 filter of the embedded ffmpeg, whose loudness is
read from frame metadata (three decimals, every 100 ms) and whose true peak likewise. Of segments
that differ only in when they begin (10 and 13) the worst is shown.
`python benchmarks/sound_meters.py [--json FILE]`
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock
from benchmarks.clock import table
from tests.ebu_tones import CASES, Case, Signal

from finisher.ffmpeg import program
from finisher.sound.meter import Reading, measure

RATE = 48_000


@dataclass(frozen=True)
class Shown:
    """How far two meters are off for a case, and what it allows."""

    case: str
    ours: float
    ours_met: bool
    theirs: float | None
    theirs_met: bool | None
    allowed: str


def filtered(signal: Signal, folder: Path) -> Reading:
    """What ebur128 shows, as one of our readings: its series repeated to every 10 ms."""
    channels, layout = signal.shape[1], "stereo" if signal.shape[1] == 2 else "5.0(side)"
    path = folder / "signal.f32"
    signal.tofile(path)
    words = [program.executable(), "-v", "error", "-f", "f32le", "-ar", str(RATE)]
    words += ["-ch_layout", layout, "-i", str(path), "-af"]
    words += ["ebur128=metadata=1:peak=true,ametadata=print:file=-", "-f", "null", "-"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    found: dict[str, list[float]] = {}
    for line in said.splitlines():
        name, _, value = line.strip().partition("=")
        if name.startswith("lavfi.r128."):
            level = float(value)
            key = name.removeprefix("lavfi.r128.")
            found.setdefault(key, []).append(-math.inf if math.isnan(level) else level)
    peak = max(max(found[f"true_peaks_ch{channel}"]) for channel in range(channels))
    # Theirs is of the 400 ms or 3 s that end at a time, the first ones of less.
    ends = 100 // 10
    return Reading(
        integrated=found["I"][-1],
        range=found["LRA"][-1],
        true_peak=20 * math.log10(peak) if peak else -math.inf,
        momentary=np.repeat(found["M"], ends)[4 * ends - ends :],
        short_term=np.repeat(found["S"], ends)[30 * ends - ends :],
        over=0,
    )


def shown(case: Case, folder: Path) -> Shown:
    """A case read twice."""
    signal = case.make()
    ours = measure([signal], case.weights)
    theirs: Reading | None = filtered(signal, folder)
    # Successive values need to know which window ends where: theirs has every tenth only.
    off = case.off(theirs) if theirs is not None and case.name not in {"11", "14"} else None
    met = None if off is None else -case.below <= off <= case.above
    unit = "dB" if case.below != case.above else "LU"
    allowed = f"-{case.below:g}/+{case.above:g} {unit}"
    return Shown(case.name, case.off(ours), case.met(ours), off, met, allowed)


def grouped(results: list[Shown]) -> Iterator[Shown]:
    """The worst of each group of segments, and the others as they are."""
    groups: dict[str, list[Shown]] = {}
    for one in results:
        name = one.case.split("-")[0] if one.case.startswith(("10-", "13-")) else one.case
        groups.setdefault(name, []).append(one)
    for name, members in groups.items():
        ours = max(members, key=lambda one: abs(one.ours))
        theirs = max(members, key=lambda one: abs(one.theirs or 0))
        yield Shown(
            name if len(members) == 1 else f"{name}, {len(members)} segments",
            ours.ours,
            all(one.ours_met for one in members),
            theirs.theirs,
            None if theirs.theirs is None else all(one.theirs_met for one in members),
            ours.allowed,
        )


def told(off: float | None, *, met: bool | None) -> str:
    """A cell."""
    if off is None:
        return "not read"
    return f"{off:+.3f}" + ("" if met else " **outside**")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        results = [shown(case, Path(place)) for case in CASES]
    rows = [
        [
            one.case,
            one.allowed,
            told(one.ours, met=one.ours_met),
            told(one.theirs, met=one.theirs_met),
        ]
        for one in grouped(results)
    ]
    print(table(["case", "allowed", "ours is off by", "ebur128 is off by"], rows))
    within = sum(one.ours_met for one in results)
    print(f"ours: {within} of {len(results)} signals within the documents' tolerances, at 48 kHz")
    clock.save(words.json, {"results": [asdict(one) for one in results]})


if __name__ == "__main__":
    main()
