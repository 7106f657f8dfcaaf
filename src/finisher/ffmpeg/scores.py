"""Scores of an encoded picture against what it was encoded from."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import ffmpeg

from finisher.ffmpeg.program import named, opened, running, version
from finisher.problems import MachineError, MediaError, Problem, Where


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
        named(path) as told,
        named(reference) as true,
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
            with running(ffmpeg.get_args(graph), path, None):
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
    shown = opened(path, threads=threads)["v:0"]
    return shown.filter("settb", expr="1/25").filter("setpts", "N")
