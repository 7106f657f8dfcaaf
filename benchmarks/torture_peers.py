"""Takes of every awkward kind through moviepy and melt beside finisher, every frame read back.

Each case of `tests/torture.py` is cut as its edit says, at the edit's rate and without sound, in
the plainest way each tool offers; the bars of every frame written are compared with the
case's law: the picture on screen at the instant of each frame, counted from the first picture that
can be decoded whole. Where the rate changes or varies, a tool that takes the nearest picture is off
by one, and is told apart in the summary. Grey bars tell which picture is shown and how bright it
is: colour is not compared. A file of another size is scaled for reading, and one that would be
shown in another shape than 16:9 is called squeezed; its frames may be right all the same.
`python benchmarks/torture_peers.py [--cases T05 T12]`
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests import barcode, torture
from tests.acceptance.test_torture import CLEAR, decide, rendered
from tests.torture import CASES, Case, Outcome

from finisher.problems import FinisherError, MediaError

LIMIT_SECONDS = 60
REMARK = 46
"""Characters of a message that are printed."""
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
"""Stills are held by `ImageClip`, which has no end of its own."""
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
ERROR = re.compile(r"\w*(Error|Exception)\b")
"""How the line of a traceback begins that says what was raised."""
NEAREST = re.compile(r"^\d+ of \d+ off by \+1(, warned)?$")
"""Every frame is right or shows the picture that follows: as where the nearest one is taken."""
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
    """How a process ended: whether as if all were well, and what it said of its trouble."""

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
    errors = [line for line in told if ERROR.match(line)] or told
    return Ran(good=done.returncode == 0, said=errors[-1] if errors else "")


def by_moviepy(case: Case, take: Path, to: Path) -> Ran:
    """The edit as three calls of moviepy."""
    edit = [str(value) for value in (*case.span, case.rate, case.hold)]
    return ran(sys.executable, "-c", MOVIEPY, take, *edit, to)


def by_melt(case: Case, take: Path, to: Path) -> Ran:
    """The edit as one melt command; `out` is the last frame shown, and a still is any length."""
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
        said = end.said.replace(f"{take.parent}/", "")
        remark = said if len(said) <= REMARK else f"{said[: REMARK - 1]}…"
        return Result(Verdict.REFUSED if refused else Verdict.FAILED, remark)
    warned = ", warned" if end.said else ""
    if not to.exists():
        # Nothing that could be taken for a finished film, though a script would go on.
        return Result(Verdict.REFUSED if refused else Verdict.FAILED, f"no file, exit 0{warned}")
    if refused:
        return Result(Verdict.SILENT, made_of(to) + warned)
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
        return Result(Verdict.SILENT, made_of(file))
    result = judged(case, file)
    remarks = [remark for remark in (repairs, result.remark) if remark]
    return Result(result.verdict, ", ".join(remarks))


def numbers_shown(found: NDArray[np.float64], level: float = 1.0) -> NDArray[np.int64]:
    """The numbers that the bars of pictures say."""
    return np.asarray((found > level / 2) @ (1 << np.arange(barcode.BITS)), np.int64)


def made_of(file: Path) -> str:
    """What is in a file that ought not to be: there is no law for its frames."""
    try:
        found = barcode.levels(file)
    except MediaError:
        return "a file that can't be read"
    steps = np.diff(numbers_shown(found))
    if (steps == 1).all():
        return f"{len(found)} frames in turn"
    return f"{len(found)} frames, {np.count_nonzero(steps == 0)} repeated"


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
    common = min(len(numbers), len(found))
    if not common:
        return ["no frames"]
    seen, law = found[:common], np.array(numbers[:common])
    shown = numbers_shown(seen, level)
    other = (shown - law)[shown != law]
    wanted = np.array([level * barcode.bars(number) for number in numbers[:common]])
    apart = np.abs(seen - wanted).max(axis=1)
    grey = (shown == law) & (apart > CLEAR)
    remarks = []
    if len(found) != len(numbers):
        remarks.append(f"{len(found) - len(numbers):+d} frames")
    if (np.diff(shown) < 0).any():
        # Numbers that go back are none: the bars lie elsewhere in the picture.
        remarks.append(f"bars out of place in {np.count_nonzero(apart > CLEAR)} of {common}")
        return remarks
    if len(other):
        least, most = other.min(), other.max()
        by = f"{least:+d}" if least == most else f"{least:+d} to {most:+d}"
        remarks.append(f"{len(other)} of {common} off by {by}")
    if grey.any():
        remarks.append(f"{grey.sum()} of {common} grey by {apart[grey].max():.2f}")
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
    if any(result.verdict is Verdict.NOT_RUN for result in results):
        return f"{tool}: not run: no {tool}"
    told = []
    for verdict in (v for v in Verdict if v is not Verdict.NOT_RUN):
        remarks = [result.remark for result in results if result.verdict is verdict]
        told.append(f"{len(remarks)} {verdict.value}")
        if verdict is Verdict.RIGHT and (squeezed := sum("squeezed" in r for r in remarks)):
            told[-1] += f" ({squeezed} squeezed)"
        if verdict is Verdict.WRONG and (nearest := sum(bool(NEAREST.search(r)) for r in remarks)):
            told[-1] += f" ({nearest} by the next picture)"
    return f"{tool}: {', '.join(told)}"


def row(cells: Sequence[str]) -> str:
    """A line of the table."""
    widths = (4, 71, 38, 56, 1)
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def versions() -> str:
    """What is compared."""
    told = f"moviepy {version('moviepy')} with ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}"
    if shutil.which("melt") is None:
        return f"{told}; no melt"
    said = subprocess.run(["melt", "--version"], capture_output=True, check=False, timeout=10)
    first = (said.stdout + said.stderr).decode().splitlines()[0]
    return f"{told}; {first}"


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--cases", nargs="*", choices=[case.id for case in CASES])
    asked = words.parse_args()
    cases = [case for case in CASES if not asked.cases or case.id in asked.cases]
    tools = ("finisher", *PEERS)
    results: dict[str, list[Result]] = {tool: [] for tool in tools}
    print(versions())
    print(row(("case", "words", *tools)))
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
