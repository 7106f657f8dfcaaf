"""Takes of every awkward kind through moviepy and melt beside finisher, every frame read back.

Each case of `tests/torture.py` is cut as its edit says, at the edit's rate and without sound, in
the way each tool's own documentation shows; the bars of every frame written are compared with the
case's law. Grey bars tell which picture is shown and how bright it is: colour is not compared. A
file of another size is scaled for reading, and one that would be shown in another shape than 16:9
is called squeezed. `python benchmarks/torture_peers.py [--cases T05 T12]`
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import barcode, torture
from tests.acceptance.test_torture import CLEAR, decide, rendered
from tests.torture import CASES, Case, Outcome

from finisher.problems import FinisherError, MediaError

LIMIT_SECONDS = 60
SHAPE = Fraction(barcode.WIDTH, barcode.HEIGHT)
MOVIEPY = """
import sys
from fractions import Fraction
from moviepy import ImageClip, VideoFileClip

path, first, end, rate, held, to = sys.argv[1:]
rate = Fraction(rate)
start, stop = float(int(first) / rate), float(int(end) / rate)
if int(held):
    clip = ImageClip(path, duration=float((int(end) - int(first) + int(held)) / rate))
else:
    clip = VideoFileClip(path).subclipped(start, stop)
clip.write_videofile(to, fps=float(rate), codec="libx264", audio=False, preset="ultrafast",
                     ffmpeg_params=["-crf", "12"], logger=None)
"""
"""Stills are held by `ImageClip`: `VideoFileClip` is not meant for them."""
PROFILE = """\
description=torture
frame_rate_num={rate.numerator}
frame_rate_den={rate.denominator}
width=320
height=180
progressive=1
sample_aspect_num=1
sample_aspect_den=1
display_aspect_num=16
display_aspect_den=9
colorspace=709
"""
NOISE = ("LADSPA", "Current Frame")
"""What melt says of itself, whatever it is given."""


class Verdict(StrEnum):
    """What became of a take in one tool."""

    RIGHT = "right"
    WRONG = "wrong"
    FAILED = "failed"
    REFUSED = "refused"
    SILENT = "silent"
    NOT_RUN = "not run"


@dataclass(frozen=True)
class Result:
    """A verdict, and what there is to say of it."""

    verdict: Verdict
    remark: str = ""

    def __str__(self) -> str:
        return f"{self.verdict.value}: {self.remark}" if self.remark else self.verdict.value


@dataclass(frozen=True)
class Ran:
    """How a process ended: the last line it said, and whether it ended as if all were well."""

    good: bool
    said: str


def ran(*words: str | Path) -> Ran:
    """A process run to its end, or stopped when it takes too long."""
    try:
        done = subprocess.run(
            [str(word) for word in words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=LIMIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Ran(good=False, said=f"stopped after {LIMIT_SECONDS} s")
    lines = [line.strip() for line in done.stderr.decode(errors="replace").splitlines()]
    told = [line for line in lines if line and not any(noise in line for noise in NOISE)]
    return Ran(good=done.returncode == 0, said=told[-1] if told else "")


def by_moviepy(case: Case, take: Path, to: Path) -> Ran:
    """The edit as moviepy's user guide cuts."""
    edit = [str(value) for value in (*case.span, case.rate, case.hold)]
    return ran(sys.executable, "-c", MOVIEPY, take, *edit, to)


def by_melt(case: Case, take: Path, to: Path) -> Ran:
    """The edit as melt's manual cuts; `out` is the last frame shown, and a still is any length."""
    profile = to.with_suffix(".profile")
    profile.write_text(PROFILE.format(rate=Fraction(case.rate)))
    first, end = case.span
    return ran(
        "melt", "-silent", "-profile", profile, take, f"in={first}", f"out={end + case.hold - 1}",
        "-consumer", f"avformat:{to}", "vcodec=libx264", "crf=12", "preset=ultrafast", "an=1",
    )  # fmt: skip


PEERS = {"moviepy": by_moviepy, "melt": by_melt}


def peer(tool: str, case: Case, take: Path, folder: Path) -> Result:
    """What a peer makes of a case."""
    if tool == "melt" and shutil.which("melt") is None:
        return Result(Verdict.NOT_RUN, "no melt")
    to = folder / f"{tool}.mp4"
    end = PEERS[tool](case, take, to)
    refused = case.outcome is Outcome.REFUSED
    if not end.good:
        return Result(Verdict.REFUSED if refused else Verdict.FAILED, end.said)
    warned = ", warned" if end.said else ""
    if not to.exists():
        # Nothing that could be taken for a finished film, though a script would go on.
        return Result(Verdict.REFUSED if refused else Verdict.FAILED, f"no file, exit 0{warned}")
    if refused:
        return Result(Verdict.SILENT, f"{frames_in(to)} frames{warned}")
    result = judged(case, to)
    return (
        result if result.verdict is Verdict.RIGHT else Result(Verdict.WRONG, result.remark + warned)
    )


def by_finisher(case: Case, take: Path, folder: Path) -> Result:
    """What finisher makes of a case."""
    try:
        decided, facts = decide(take, folder / "store", case)
        file = rendered(decided, facts, folder)
    except FinisherError as error:
        codes = ", ".join(sorted({problem.code for problem in error.problems}))
        refused = case.outcome is Outcome.REFUSED
        return Result(Verdict.REFUSED if refused else Verdict.FAILED, codes)
    repairs = ", ".join(sorted({repair.code for repair in decided.repairs}))
    if case.outcome is Outcome.REFUSED:
        return Result(Verdict.SILENT, f"{frames_in(file)} frames, {repairs}")
    result = judged(case, file)
    remarks = [remark for remark in (repairs, result.remark) if remark]
    return Result(result.verdict, ", ".join(remarks))


def frames_in(file: Path) -> int:
    """How many pictures a file holds; none when it can't be read."""
    try:
        return len(barcode.levels(file))
    except MediaError:
        return 0


def judged(case: Case, file: Path) -> Result:
    """Every frame of a file beside the case's law."""
    try:
        found = barcode.levels(file)
    except MediaError:
        return Result(Verdict.WRONG, "a file that can't be read")
    first, end = case.span
    numbers = [case.law(frame) for frame in (*range(first, end), *[end - 1] * case.hold)]
    remarks = differences(case.level, numbers, found)
    verdict = Verdict.WRONG if remarks else Verdict.RIGHT
    return Result(verdict, ", ".join([*remarks, *shape(file)]))


def differences(level: float, numbers: list[int], found: NDArray[np.float64]) -> list[str]:
    """How many frames are too many or missing, show another picture, or another grey."""
    if not len(found):
        return ["no frames"]
    common = min(len(numbers), len(found))
    seen = found[:common]
    shown = (seen > level / 2) @ (1 << np.arange(barcode.BITS))
    off = shown - np.array(numbers[:common])
    other = off[off != 0]
    wanted = np.array([level * barcode.bars(number) for number in numbers[:common]])
    grey = (off == 0) & (np.abs(seen - wanted).max(axis=1) > CLEAR)
    remarks = []
    if len(found) != len(numbers):
        remarks.append(f"{len(found) - len(numbers):+d} frames")
    if len(other):
        least, most = int(other.min()), int(other.max())
        by = f"{least:+d}" if least == most else f"{least:+d} to {most:+d}"
        remarks.append(f"{len(other)} of {common} off by {by}")
    if grey.any():
        furthest = np.abs(seen - wanted)[grey].max()
        remarks.append(f"{int(grey.sum())} of {common} grey by up to {furthest:.2f}")
    return remarks


def shape(file: Path) -> list[str]:
    """Whether a file is shown in another shape than its take; a pixel of rounding is none."""
    with av.open(str(file)) as container:
        stream = container.streams.video[0]
        shown = Fraction(stream.width, stream.height) * (stream.sample_aspect_ratio or 1)
        size = f"{stream.width}x{stream.height}"
    return [f"squeezed to {size}"] if abs(shown / SHAPE - 1) > Fraction(1, 100) else []


def summary(tool: str, results: Sequence[Result]) -> str:
    """How often each verdict was reached."""
    counts = Counter(result.verdict for result in results)
    if counts[Verdict.NOT_RUN]:
        return f"{tool}: not run: no {tool}"
    squeezed = sum("squeezed" in r.remark for r in results if r.verdict is Verdict.RIGHT)
    right = f"{counts[Verdict.RIGHT]} right" + (f" ({squeezed} squeezed)" if squeezed else "")
    rest = [f"{counts[verdict]} {verdict.value}" for verdict in list(Verdict)[1:-1]]
    return f"{tool}: {', '.join([right, *rest])}"


def row(cells: Sequence[str]) -> str:
    """A line of the table; what does not fit is cut short but for the last cell."""
    widths = (5, 46, 28, 44, 60)
    return "  ".join(
        cell[:width].ljust(width) for cell, width in zip(cells, widths, strict=True)
    ).rstrip()


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cases", nargs="*", choices=[case.id for case in CASES])
    asked = words.parse_args()
    cases = [case for case in CASES if not asked.cases or case.id in asked.cases]
    tools = ("finisher", *PEERS)
    results: dict[str, list[Result]] = {tool: [] for tool in tools}
    print(row(("case", f"moviepy {version('moviepy')}", *tools)))
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "takes"
        made.mkdir()
        torture.bases(made)
        for case in cases:
            take, place = case.make(made), Path(folder) / case.id
            place.mkdir()
            results["finisher"].append(by_finisher(case, take, place))
            for tool in PEERS:
                results[tool].append(peer(tool, case, take, place))
            told = [str(results[tool][-1]) for tool in tools]
            print(row((case.id, case.words, *told)), flush=True)
    lawful = sum(case.outcome is not Outcome.REFUSED for case in cases)
    print(f"{lawful} cases have a law, {len(cases) - lawful} are to be refused")
    for tool in tools:
        print(summary(tool, results[tool]))
    bad = {Verdict.WRONG, Verdict.FAILED, Verdict.SILENT}
    return int(any(result.verdict in bad for result in results["finisher"]))


if __name__ == "__main__":
    sys.exit(main())
