"""Sum a sound plan to stereo blocks, exact to the sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.problems import Problem, RenderError
from finisher.timecode import SAMPLE_RATE, Span

_BLOCK = 2 * SAMPLE_RATE

_Sounds = Mapping[str, NDArray[np.float32]]


def mix(
    plan: SoundPlan, sounds: Mapping[str, Path], block: int = _BLOCK
) -> Iterator[NDArray[np.float32]]:
    """The programme as (n, 2) float32 blocks of `block` samples, the last one shorter.

    Sums are made in float64 and rounded once. A piece that reaches beyond its sound's end is
    silent there. Values above full scale stay. Memory holds one block, whatever the length.

    Args:
        plan: what to sum.
        sounds: raw interleaved stereo float32 files at 48 kHz by `take:<id>` or `layer:<id>`.
        block: samples a block.

    Raises:
        RenderError: if a sound the plan places is not among the files.
    """
    opened = _open(plan, sounds)
    for start in range(0, plan.samples, block):
        span = Span(start, min(plan.samples, start + block))
        total = np.zeros((len(span), 2), np.float64)
        for track in plan.tracks:
            _add_track(total, track, span, opened)
        yield total.astype(np.float32)


def open_sound(path: Path) -> NDArray[np.float32]:
    """A raw stereo float32 file as an (n, 2) array that is read where it is touched."""
    samples = path.stat().st_size // 8
    if not samples:
        return np.empty((0, 2), np.float32)
    return np.memmap(path, np.float32, "r", shape=(samples, 2))


def _open(plan: SoundPlan, sounds: Mapping[str, Path]) -> _Sounds:
    """Every sound that the plan places."""
    names = {piece.source for track in plan.tracks for piece in track.pieces}
    missing = sorted(names - set(sounds))
    if missing:
        raise RenderError(
            Problem("sound-not-conformed", f"no conformed sound for {', '.join(missing)}")
        )
    return {name: open_sound(sounds[name]) for name in names}


def _add_track(total: NDArray[np.float64], track: SoundTrack, span: Span, sounds: _Sounds) -> None:
    """Add what a track sounds within a span of the programme."""
    gain = 10.0 ** (track.gain_db / 20.0)
    for piece in track.pieces:
        start, end = max(span.start, piece.start), min(span.end, piece.start + piece.length)
        if start >= end:
            continue
        heard = Span(start, end)
        first = heard.start - piece.start + piece.source_start
        part = sounds[piece.source][max(0, first) : first + len(heard)].astype(np.float64)
        if first < 0 or not len(part):
            continue
        heard = Span(heard.start, heard.start + len(part))
        part *= gain
        _fade(part, piece, heard.start - piece.start)
        if track.curve:
            part *= curve_gain(track.curve, heard)[:, np.newaxis]
        at = heard.start - span.start
        total[at : at + len(part)] += part


def curve_gain(curve: tuple[tuple[int, float], ...], span: Span) -> NDArray[np.float64]:
    """Linear gain of a curve of (sample, dB) breakpoints at each sample of a span."""
    places, levels = zip(*curve, strict=True)
    decibels = np.interp(np.arange(span.start, span.end), places, levels)
    gain: NDArray[np.float64] = 10.0 ** (decibels / 20.0)
    return gain


def _fade(part: NDArray[np.float64], piece: Piece, offset: int) -> None:
    """Apply a piece's fades to the part of it that begins `offset` samples in."""
    length = len(part)
    if offset < piece.fade_in:
        rising = np.arange(offset, min(piece.fade_in, offset + length))
        part[: len(rising)] *= _ramp(rising, piece.fade_in, piece)
    falls = piece.length - piece.fade_out - offset
    if falls < length and piece.fade_out:
        first = max(0, falls)
        left = piece.length - 1 - np.arange(offset + first, offset + length)
        part[first:] *= _ramp(left, piece.fade_out, piece)


def _ramp(steps: NDArray[np.int64], of: int, piece: Piece) -> NDArray[np.float64]:
    """Gain at steps of a fade of `of` samples, as a column.

    A sample stands in the middle of its step: (step + 1/2) / of. So a fade out mirrors a fade in,
    and the two together sum to 1, in power where they are halves of a crossfade.
    """
    linear = (steps + 0.5) / of
    gain = np.sin(linear * (np.pi / 2)) if piece.equal_power else linear
    return np.asarray(gain, np.float64)[:, np.newaxis]
