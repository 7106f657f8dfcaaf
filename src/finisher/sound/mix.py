"""Sum a sound plan to blocks of the programme's layout, exact to the sample."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from io import RawIOBase
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from finisher.event import MICRO_FADE
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.problems import Problem, RenderError
from finisher.timecode import Span
from finisher.timeline import Role

BLOCK = 24_000
"""Samples a block: what is summed at a time stays within a processor's cache."""

_SAMPLE_BYTES = 4
_MOST_OPEN = 128

Parts = Mapping[Role | None, NDArray[np.float64]]
"""A block by role, (n, channels) each; None for native sound. What is silent is absent."""


def mix(
    plan: SoundPlan, sounds: Mapping[str, Path], block: int = BLOCK
) -> Iterator[NDArray[np.float32]]:
    """The programme as (n, channels) float32 blocks of `block` samples, the last one shorter.

    Sums are made in float64 and rounded once. A piece that reaches beyond its sound's end is
    silent there. Values above full scale stay. Memory holds one block, whatever the length.

    Args:
        plan: what to sum.
        sounds: raw interleaved float32 files at 48 kHz by the names that pieces give them, laid
            out like the programme or as the plan's pans say.
        block: samples a block.

    Raises:
        RenderError: if a sound the plan places is not among the files.
    """
    for span, parts in mix_apart(plan, sounds, block):
        yield summed(parts.values(), len(span), len(plan.layout.channels)).astype(np.float32)


def mix_apart(
    plan: SoundPlan, sounds: Mapping[str, Path], block: int = BLOCK
) -> Iterator[tuple[Span, Parts]]:
    """Like `mix`, each role by itself; with where in the programme the block lies.

    Raises:
        RenderError: like `mix`.
    """
    channels = len(plan.layout.channels)
    waiting = _waiting(plan, sounds)
    with closing(_Files()) as files:
        sweep = _Sweep(waiting)
        for start in range(0, plan.samples, block):
            span = Span(start, min(plan.samples, start + block))
            parts: dict[Role | None, NDArray[np.float64]] = {}
            for voice in sweep.heard(span):
                role = voice.track.role
                if role not in parts:
                    parts[role] = np.zeros((len(span), channels), np.float64)
                voice.add(parts[role], span, files)
            yield span, parts


def summed(
    parts: Iterable[NDArray[np.float64]], samples: int, channels: int
) -> NDArray[np.float64]:
    """Parts of a block together; silence of none."""
    total = np.zeros((samples, channels), np.float64)
    for part in parts:
        total += part
    return total


def open_sound(path: Path, channels: int = 2) -> NDArray[np.float32]:
    """A raw float32 file as an (n, channels) array that is read where it is touched."""
    samples = path.stat().st_size // (_SAMPLE_BYTES * channels)
    if not samples:
        return np.empty((0, channels), np.float32)
    return np.memmap(path, np.float32, "r", shape=(samples, channels))


@dataclass(slots=True)
class _Files:
    """Sounds held open, each once: no more than any system allows, however many there are."""

    opened: dict[Path, RawIOBase] = field(default_factory=dict)
    """The one that was read last comes last."""

    def read(self, path: Path, first: int, into: NDArray[np.float32]) -> int:
        """Read from a byte on; how many bytes there were."""
        file = self.opened.pop(path, None)
        if file is None:
            if len(self.opened) >= _MOST_OPEN:
                self.opened.pop(next(iter(self.opened))).close()
            # Unbuffered: whole blocks are read straight to where they are used.
            file = cast("RawIOBase", path.open("rb", buffering=0))
        self.opened[path] = file
        file.seek(first)
        return file.readinto(into.data.cast("B")) or 0

    def close(self) -> None:
        """Let go of all."""
        for file in self.opened.values():
            file.close()


@dataclass(frozen=True, slots=True)
class _Voice:
    """A piece that is placed, and how it is read."""

    piece: Piece
    track: SoundTrack
    path: Path
    channels: int
    gains: NDArray[np.float64] | None
    """Rows for the file's channels, columns for the programme's; None for the same layout."""
    gain: float

    def add(self, total: NDArray[np.float64], span: Span, files: _Files) -> None:
        """Add what is heard of it within a span of the programme."""
        piece = self.piece
        start, end = max(span.start, piece.start), min(span.end, piece.start + piece.length)
        given = self._read(start - piece.start + piece.source_start, end - start, files)
        if not len(given):
            return
        offset, heard = start - piece.start, Span(start, start + len(given))
        if self.gains is None:
            part = given * np.float64(self.gain)
        else:
            part = given @ (self.gains * self.gain)
        _fade(part, piece, offset)
        if self.track.curve:
            part *= curve_gain(self.track.curve, heard)
        at = heard.start - span.start
        total[at : at + len(part)] += part

    def _read(self, first: int, samples: int, files: _Files) -> NDArray[np.float32]:
        """Samples of the file; fewer where it ends."""
        frame = _SAMPLE_BYTES * self.channels
        read = np.empty((samples, self.channels), np.float32)
        return read[: files.read(self.path, first * frame, read) // frame]


@dataclass(slots=True)
class _Sweep:
    """Pieces in the order in which they begin, of which few sound at a time."""

    waiting: list[_Voice]
    """The next one last."""
    sounding: list[_Voice] = field(default_factory=list)

    def heard(self, span: Span) -> Iterator[_Voice]:
        """Whatever sounds within a span; spans follow each other."""
        while self.waiting and self.waiting[-1].piece.start < span.end:
            self.sounding.append(self.waiting.pop())
        still = []
        for voice in self.sounding:
            if voice.piece.start + voice.piece.length > span.start:
                yield voice
            if voice.piece.start + voice.piece.length > span.end:
                still.append(voice)
        self.sounding = still


def _waiting(plan: SoundPlan, sounds: Mapping[str, Path]) -> list[_Voice]:
    """Every piece of the plan, the first to begin last."""
    names = {piece.source for track in plan.tracks for piece in track.pieces}
    missing = sorted(names - set(sounds))
    if missing:
        raise RenderError(
            Problem("sound-not-conformed", f"no conformed sound for {', '.join(missing)}")
        )
    pans = {pan.source: pan for pan in plan.pans}
    voices = []
    for track in plan.tracks:
        for piece in track.pieces:
            pan = pans.get(piece.source)
            layout = plan.layout if pan is None else pan.layout
            gains = None if pan is None else np.array(pan.gains, np.float64)
            gain = 10.0 ** (track.gain_db / 20.0)
            path, channels = sounds[piece.source], len(layout.channels)
            voices.append(_Voice(piece, track, path, channels, gains, gain))
    # In the order of the plan where they begin together, so that a sum is always the same one.
    return sorted(voices, key=lambda voice: voice.piece.start)[::-1]


def curve_gain(curve: tuple[tuple[int, float], ...], span: Span) -> NDArray[np.float64]:
    """Linear gain of a curve of (sample, dB) breakpoints over a span.

    One row for each sample, or a single one where it stays the same throughout.
    """
    places, levels = zip(*curve, strict=True)
    before, after = bisect_right(places, span.start), bisect_right(places, span.end - 1)
    within = levels[max(0, before - 1) : after + 1]
    decibels = (
        np.array(within[:1], np.float64)
        if min(within) == max(within)
        else np.interp(np.arange(span.start, span.end), places, levels)
    )
    gain: NDArray[np.float64] = 10.0 ** (decibels[:, np.newaxis] / 20.0)
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
    and the two together sum to 1, in power where they are halves of a crossfade. A fade as short
    as those at cuts is half a cosine, for the corners of a straight one click; others are straight.
    """
    linear = (steps + 0.5) / of
    if piece.equal_power:
        gain = np.sin(linear * (np.pi / 2))
    else:
        gain = linear if of > MICRO_FADE else 0.5 - 0.5 * np.cos(linear * np.pi)
    return np.asarray(gain, np.float64)[:, np.newaxis]
