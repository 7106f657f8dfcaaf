"""The door to ffmpeg processes: finished files measured by another reader than the one that wrote.

Graphs are built with the ffmpeg-python package and run by the embedded ffmpeg, or by the one that
`FINISHER_FFMPEG` names. No shell is involved, nothing is read from standard input, only local
files are opened, and no process outlives the call that started it.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import IO, cast

import ffmpeg
import imageio_ffmpeg
import numpy as np
from numpy.typing import NDArray

from finisher.problems import MachineError, MediaError, Problem, Where
from finisher.timecode import SAMPLE_RATE

LIMIT_SECONDS = 3600.0
"""Longest any process may take: a stuck reader must not hold up a render farm for ever."""
_TAIL_LINES, _LINE, _COMMAND = 12, 300, 1000
"""How much of a failed process's words is told: lines, characters of each, of the command."""
_BLOCK_SAMPLES = 1 << 16
_AU_HEADER = 24


@dataclass(frozen=True, slots=True)
class LoudnessReading:
    """Loudness of a whole file after EBU R 128, by ffmpeg's own meter."""

    integrated_lufs: float
    """Three decimals; -inf for silence (below the absolute gate of -70 LUFS)."""
    true_peak_dbtp: float
    """From a linear reading of three decimals: exact to 0.01 dB at -1 dBTP; -inf for silence."""


@dataclass(frozen=True, slots=True)
class DecodedSound:
    """A sound track as a player that honours edit lists hears it, at its own rate and width."""

    rate: int
    channels: int
    blocks: Iterator[NDArray[np.float32]]
    """Arrays of shape (samples, channels), full scale at 1.0."""


@cache
def executable() -> str:
    """The ffmpeg to run.

    Raises:
        MachineError: when `FINISHER_FFMPEG` names no program, or no embedded one is installed.
    """
    named = os.environ.get("FINISHER_FFMPEG")
    if named:
        found = shutil.which(named)
        if found is None:
            raise MachineError(
                Problem("no-ffmpeg", f"FINISHER_FFMPEG names {named!r}, which is no program")
            )
        return found
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        hint = "set FINISHER_FFMPEG to an ffmpeg 5 or newer"
        raise MachineError(Problem("no-ffmpeg", str(error), hint=hint)) from error


@cache
def version() -> str:
    """What the ffmpeg in use calls itself, e.g. `n9.0.2`.

    Raises:
        MachineError: when it does not answer.
    """
    try:
        answer = subprocess.run(
            [executable(), "-hide_banner", "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MachineError(Problem("no-ffmpeg", f"{executable()} does not run: {error}")) from error
    words = answer.stdout.decode("utf-8", "replace").split()
    if words[:2] != ["ffmpeg", "version"]:
        raise MachineError(Problem("no-ffmpeg", f"{executable()} is no ffmpeg"))
    return words[2] if len(words) > 2 else "unknown"


def measure(
    path: Path,
    size: tuple[int, int],
    chosen: Sequence[int] = (),
    into: Path | None = None,
    complaints: list[str] | None = None,
) -> Iterator[NDArray[np.uint8]]:
    """Decode a picture stream once: every frame as a small luma plane, some of them whole.

    Luma is the byte the stream carries (16 to 235 in limited range), never expanded, reduced to
    `size` (width, height) by averaging areas. Frames come in presentation order, edit lists
    honoured, none repeated or dropped. The full luma of the `chosen` frame numbers is appended to
    the file `into`, frame after frame without padding. What the decoder complains of is appended
    to `complaints`. Memory use does not grow with the length.

    Raises:
        MediaError: when the file can't be read.
    """
    width, height = size
    with _named(path) as alias:
        graph = _planes(alias, size, chosen, into)
        with _process(ffmpeg.get_args(graph), path, complaints) as stdout:
            while data := stdout.read(width * height):
                if len(data) < width * height:
                    break
                yield np.frombuffer(data, np.uint8).reshape(height, width)


def _planes(
    path: Path, size: tuple[int, int], chosen: Sequence[int], into: Path | None
) -> ffmpeg.nodes.OutputStream:
    """The graph that writes small planes to the pipe and the chosen ones whole to a file."""
    luma = _opened(path)["v:0"].filter("extractplanes", "y")
    small_options = {"format": "rawvideo", "pix_fmt": "gray", "fps_mode": "passthrough"}
    if chosen and into is not None:
        every, some = (luma.filter_multi_output("split")[i] for i in range(2))
        whole = some.filter("select", _any_of(sorted(set(chosen)))).output(
            _url(into), **small_options
        )
    else:
        every, whole = luma, None
    small = every.filter("scale", *size, flags="area+accurate_rnd").output(
        "pipe:1", **small_options
    )
    return small if whole is None else ffmpeg.merge_outputs(small, whole)


@contextmanager
def decode_sound(
    path: Path, complaints: list[str] | None = None, container: str | None = None
) -> Iterator[DecodedSound]:
    """Decode a file's first sound track, neither resampled nor remixed.

    What kind of file it is may be said: plain samples can look like another kind by chance.

    Raises:
        MediaError: when the file has no sound track or can't be read.
    """
    with _named(path) as alias, _process(_au(alias, container), path, complaints) as stdout:
        head = stdout.read(_AU_HEADER)
        if len(head) < _AU_HEADER or head[:4] != b".snd":
            yield DecodedSound(0, 0, iter(()))
            return
        fields = np.frombuffer(head, ">u4")
        rate, channels = int(fields[4]), int(fields[5])
        stdout.read(int(fields[1]) - _AU_HEADER)
        yield DecodedSound(rate, channels, _blocks(stdout, channels))


def _au(path: Path, container: str | None) -> list[str]:
    """The words that write a file's first sound track to the pipe as it is.

    AU is a format that may be streamed and says its rate and channels up front, exactly.
    """
    opened = _opened(path, **({} if container is None else {"format": container}))
    graph = opened["a:0"].output("pipe:1", format="au", acodec="pcm_f32be")
    return cast("list[str]", ffmpeg.get_args(graph))


def _blocks(stdout: IO[bytes], channels: int) -> Iterator[NDArray[np.float32]]:
    """Big-endian floats of a pipe as arrays of whole samples."""
    while data := stdout.read(_BLOCK_SAMPLES * channels * 4):
        whole = len(data) - len(data) % (channels * 4)
        yield np.frombuffer(data[:whole], ">f4").astype(np.float32).reshape(-1, channels)


_STRETCH_LEAD = 4_800
"""Samples of silence on both sides of what is stretched: the filter loses some at its ends."""
_STRETCH_SHIFT = Fraction(1_584)
"""By so many samples times (1 - 1/speed) the filter's sound comes late: half its window. Fitted to
clicks, bursts and noise at seven speeds within 6 %: clicks are left within 0.4 ms of their place,
bursts of noise within 1.1.
"""


def stretch(source: Path, destination: Path, speed: Fraction, channels: int) -> None:
    """Play a raw sound at another speed and the same pitch, with the Rubber Band filter.

    Both are interleaved floats at 48 kHz, little-endian, of that many channels. What lies at a
    sample of the source lies in the result at that sample divided by the speed; the result is
    longer than the source divided by the speed, and silent there.

    Raises:
        MediaError: when it can't be done, as by an ffmpeg without that filter.
        OSError: when the destination can't be written.
    """
    raw = {"format": "f32le", "ac": channels, "ar": SAMPLE_RATE}
    skipped = round(_STRETCH_LEAD / speed + _STRETCH_SHIFT * (1 - 1 / speed))
    with _named(source) as alias:
        heard = ffmpeg.input(_url(alias), protocol_whitelist="file", **raw)
        heard = heard.filter("adelay", delays=f"{_STRETCH_LEAD}S", all=1)
        heard = heard.filter("apad", pad_len=2 * _STRETCH_LEAD)
        # Its usual treatment of transients pulls steady tones out of tune by a per cent.
        slowed = heard.filter("rubberband", tempo=f"{float(speed):.9f}", transients="smooth")
        graph = slowed.filter("atrim", start_sample=skipped).output("pipe:1", **raw)
        with destination.open("wb") as file, _process(ffmpeg.get_args(graph), source, None) as out:
            shutil.copyfileobj(out, file, _BLOCK_SAMPLES)


def ebur128(path: Path) -> LoudnessReading:
    """Measure a file's first sound track with ffmpeg's `ebur128` filter.

    The figures are read from frame metadata, where they carry three decimals; the filter's
    printed summary has one.

    Raises:
        MediaError: when the file has no sound track or can't be read.
    """
    integrated, peak = -math.inf, 0.0
    with _named(path) as alias, _process(_metered(alias), path, None) as stdout:
        for line in stdout:
            name, _, value = line.strip().partition(b"=")
            if name == b"lavfi.r128.I":
                integrated = float(value)
            elif name.startswith(b"lavfi.r128.true_peaks_ch"):
                peak = max(peak, float(value))
    # The filter reports its gate, -70, where nothing was above it.
    return LoudnessReading(
        integrated if integrated > -70.0 else -math.inf,
        20 * math.log10(peak) if peak > 0 else -math.inf,
    )


def _metered(path: Path) -> list[str]:
    """The words that print a file's loudness to the pipe, block by block."""
    graph = (
        _opened(path)["a:0"]
        .filter("ebur128", peak="true", metadata=1)
        .filter("ametadata", mode="print", file="pipe:1")
        .output("-", format="null")
    )
    return cast("list[str]", ffmpeg.get_args(graph))


def vmaf(path: Path, reference: Path, frames: int, threads: int = 1) -> list[float]:
    """Score a file's picture against the one it was encoded from, by ffmpeg's `libvmaf`.

    The scores, 0 to 100, are those of the model vmaf_v0.6.1, one for each of the `frames`, in
    order. Pictures are compared by their number, whatever times the two files give them.

    Raises:
        MediaError: when a file can't be read, or the two have not that many in common.
        MachineError: when the ffmpeg in use has no such filter.
    """
    with (
        tempfile.TemporaryDirectory(prefix="finisher-vmaf-") as folder,
        _named(path) as told,
        _named(reference) as true,
    ):
        log = Path(folder) / "scores.json"
        options = {"model": "version=vmaf_v0.6.1", "n_threads": threads}
        scored = ffmpeg.filter(
            [_numbered(told, threads), _numbered(true, threads)],
            "libvmaf",
            **options,
            log_fmt="json",
            log_path=str(log),
            shortest=1,
        )
        graph = scored.output("-", format="null", fps_mode="passthrough", enc_time_base="1/25")
        try:
            with _process(ffmpeg.get_args(graph), path, None):
                pass
        except MediaError as error:
            if "No such filter" not in str(error):
                raise
            hint = "the embedded ffmpeg has it; FINISHER_FFMPEG names another"
            problem = Problem("no-vmaf", f"ffmpeg {version()} has no libvmaf", hint=hint)
            raise MachineError(problem) from error
        scores = [float(f["metrics"]["vmaf"]) for f in json.loads(log.read_bytes())["frames"]]
    if len(scores) != frames:
        message = f"{len(scores)} pictures could be compared of {frames}"
        raise MediaError(Problem("media-damaged", message, Where(path.name)))
    return scores


def _numbered(path: Path, threads: int) -> ffmpeg.nodes.FilterableStream:
    """A file's pictures, timed by their numbers alone."""
    opened = ffmpeg.input(_url(path), protocol_whitelist="file", threads=threads)
    return opened["v:0"].filter("settb", expr="1/25").filter("setpts", "N")


def _any_of(numbers: Sequence[int]) -> str:
    """An expression that is true on these frames, balanced: long chains overflow the parser."""
    if len(numbers) == 1:
        return f"eq(n,{numbers[0]})"
    half = len(numbers) // 2
    return f"({_any_of(numbers[:half])}+{_any_of(numbers[half:])})"


@contextmanager
def _named(path: Path) -> Iterator[Path]:
    """A name for a file that is text: graphs are built of text, and names of bytes of any kind."""
    whole = path.absolute()
    try:
        str(whole).encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory(prefix="finisher-name-") as folder:
            alias = Path(folder) / "media"
            alias.symlink_to(whole)
            yield alias
    else:
        yield path


def _url(path: Path) -> str:
    """A local file's name that no option, pattern or protocol can be read into."""
    return f"file:{path.absolute()}"


def _opened(path: Path, **options: str) -> ffmpeg.nodes.FilterableStream:
    """A local file as a graph's input; a play list inside it can't reach the network."""
    return ffmpeg.input(_url(path), protocol_whitelist="file", **options)


@contextmanager
def _process(
    arguments: Sequence[str], path: Path, complaints: list[str] | None
) -> Iterator[IO[bytes]]:
    """Run ffmpeg and hand out its standard output; on leaving, it has ended.

    A reader that stops early ends the process quietly; one that read to the end learns of errors.
    """
    command = [executable(), "-hide_banner", "-nostdin", "-v", "error", "-y", *arguments]
    late = threading.Event()
    with tempfile.TemporaryFile() as log:
        process = _started(command, log)
        timer = threading.Timer(LIMIT_SECONDS, _stop, (process, late))
        timer.daemon = True
        timer.start()
        output = cast("IO[bytes]", process.stdout)
        try:
            yield output
            unread = output.read(1)
            if unread:
                process.kill()
            process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            timer.cancel()
            output.close()
        log.seek(0)
        lines = log.read().decode("utf-8", "replace").splitlines()
    if complaints is not None:
        complaints.extend(lines)
    if late.is_set():
        lines = [*lines, f"stopped after {LIMIT_SECONDS:g} s"]
    if process.returncode != 0 and not unread:
        raise MediaError(_failure(command, path, lines, process.returncode))


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    """End a process that has had its time."""
    late.set()
    process.kill()


def _started(command: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A process whose output is a pipe and whose complaints go to a file, so that none blocks."""
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
        )
    except OSError as error:
        raise MachineError(Problem("no-ffmpeg", f"{command[0]} does not start")) from error


def _failure(command: Sequence[str], path: Path, lines: Sequence[str], code: int) -> Problem:
    """What to tell people about a process that failed."""
    told = " / ".join(line[:_LINE] for line in lines[-_TAIL_LINES:]) or "it said nothing"
    return Problem(
        "media-unreadable",
        f"ffmpeg ended with {code}: {told}",
        where=Where(path.name),
        hint=f"the command was: {subprocess.list2cmdline(command)[:_COMMAND]}",
    )
