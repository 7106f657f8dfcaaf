"""A walker of MP4 and MOV boxes: what a container states, read from its bytes alone.

Layout after ISO/IEC 14496-12 and the QuickTime File Format. Sizes and counts come from the file
and are believed only as far as the bytes that are there.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.media.box_file import Box, BoxFile, text
from finisher.media.spare import Spare, spare
from finisher.problems import MediaError, Problem, Where

_MAX_PICTURES = 1 << 24
"""More than any programme has: 160 hours at 29 frames a second."""


@dataclass(frozen=True, slots=True)
class TopBox:
    """A box at the top of a file."""

    kind: str
    start: int
    size: int


@dataclass(frozen=True, slots=True)
class Edit:
    """An entry of an edit list; `media_time` is -1 for an empty edit."""

    duration: int
    """In the movie's time scale."""
    media_time: int
    """In the track's time scale."""


@dataclass(frozen=True, slots=True)
class Nclx:
    """Colour tags by their code points (ITU-T H.273); full range is None in MOV's `nclc`."""

    primaries: int
    transfer: int
    matrix: int
    full_range: bool | None


@dataclass(frozen=True, slots=True)
class TrackHeader:
    """How a player is to present a track, from `tkhd`."""

    enabled: bool
    volume: Fraction
    """1 is full."""
    matrix: tuple[int, ...]
    """Nine numbers as stored: 16.16 bits, those of the last column 2.30."""
    width: Fraction
    height: Fraction


@dataclass(frozen=True, slots=True)
class TrackFacts:
    """One track as its boxes describe it; instants are ticks of its time scale."""

    kind: str = ""
    """Handler: `vide`, `soun`, ..."""
    codec: str = ""
    """Four-character code of the sample entry: `avc1`, `mp4a`, `apch`, ..."""
    timescale: int = 1
    samples: int = 0
    """Entries of the time table: pictures, AAC packets, or PCM samples."""
    duration: int = 0
    """Sum of all sample durations."""
    uniform: bool = True
    """Whether all samples but the last last equally long."""
    step: int = 0
    """Duration of the first sample."""
    first: int = 0
    """Earliest presentation instant, before any edit list."""
    steady: bool = True
    """Whether pictures, in presentation order, follow each other at equal distances."""
    edits: tuple[Edit, ...] = ()
    width: int = 0
    height: int = 0
    profile: tuple[int, int] | None = None
    """AVC profile and level codes from `avcC`."""
    color: Nclx | None = None
    aspect: Fraction | None = None
    """Sample aspect ratio from `pasp`; None where the file is silent."""
    sound_rate: int = 0
    channels: int = 0
    described: tuple[str, ...] = ()
    """Kinds of the boxes inside the sample entry of a picture: `avcC`, `colr`, `clap`, ..."""
    header: TrackHeader | None = None


@dataclass(frozen=True, slots=True)
class ContainerFacts:
    """A file's structure."""

    brand: str
    boxes: tuple[TopBox, ...]
    timescale: int
    tracks: tuple[TrackFacts, ...]
    fragmented: bool
    spare: Spare

    @property
    def moov_first(self) -> bool:
        """Whether players can start before the whole file has arrived."""
        order = [box.kind for box in self.boxes if box.kind in ("moov", "mdat")]
        return bool(order) and order[0] == "moov"

    def track(self, kind: str) -> TrackFacts | None:
        """The first track of a kind."""
        return next((track for track in self.tracks if track.kind == kind), None)


def start(track: TrackFacts, movie_timescale: int) -> Fraction:
    """The instant, in seconds of the programme, at which a track's first sample plays.

    Without an edit list that is its earliest presentation time. With one, leading empty edits
    delay the track and the first media edit starts within it. Negative when samples lie before
    the programme's start.
    """
    delay = Fraction(0)
    for edit in track.edits:
        if edit.media_time >= 0:
            # A player shows nothing before the edit's start, though samples may exist there.
            hidden = max(0, edit.media_time - track.first)
            return delay + Fraction(track.first + hidden - edit.media_time, track.timescale)
        delay += Fraction(edit.duration, movie_timescale)
    return delay + Fraction(track.first, track.timescale)


def walk(path: Path) -> ContainerFacts:
    """Read a file's structure; only its tables are loaded, never its media.

    Raises:
        MediaError: when it can't be opened, is no MP4 or MOV, or its boxes contradict each other.
    """
    try:
        with path.open("rb") as stream:
            return _walk(BoxFile(stream, path.name))
    except (struct.error, ValueError, IndexError, ZeroDivisionError) as error:
        problem = Problem("media-damaged", f"damaged box: {error}", where=Where(path.name))
        raise MediaError(problem) from error
    except OSError as error:
        problem = Problem("media-unreadable", error.strerror or str(error), Where(path.name))
        raise MediaError(problem) from error


def _walk(file: BoxFile) -> ContainerFacts:
    top = list(file.boxes(0, file.length))
    moov = next((box for box in top if box.kind == b"moov"), None)
    if moov is None:
        raise file.wrong("no movie box: not a whole MP4 or MOV file")
    movie = file.inside(moov)
    brands = [file.bytes_at(box.body, 4) for box in top if box.kind == b"ftyp"]
    return ContainerFacts(
        brand=text(brands[0]) if brands else "",
        boxes=tuple(TopBox(text(b.kind), b.start, b.end - b.start) for b in top),
        timescale=_timescale(file, movie[b"mvhd"]) if b"mvhd" in movie else 1,
        tracks=tuple(_track(file, trak) for trak in file.every(moov, b"trak")),
        fragmented=b"mvex" in movie or any(box.kind == b"moof" for box in top),
        spare=spare(file, top),
    )


def _timescale(file: BoxFile, box: Box) -> int:
    """Ticks a second, from `mvhd` or `mdhd`."""
    data = file.body(box)
    scale: int = struct.unpack_from(">I", data, 20 if data[0] == 1 else 12)[0]
    if scale == 0:
        raise file.wrong("a time scale of 0")
    return scale


def _track(file: BoxFile, trak: Box) -> TrackFacts:
    parts = file.inside(trak)
    if b"mdia" not in parts:
        raise file.wrong(f"the track at byte {trak.start} has no media")
    media = file.inside(parts[b"mdia"])
    facts = TrackFacts()
    if b"hdlr" in media:
        facts = replace(facts, kind=text(file.body(media[b"hdlr"])[8:12]))
    if b"mdhd" in media:
        facts = replace(facts, timescale=_timescale(file, media[b"mdhd"]))
    if b"tkhd" in parts:
        facts = replace(facts, header=_header(file.body(parts[b"tkhd"])))
    if b"edts" in parts:
        facts = replace(facts, edits=_edits(file, parts[b"edts"]))
    table = file.inside(media[b"minf"]).get(b"stbl") if b"minf" in media else None
    if table is None:
        return facts
    tables = file.inside(table)
    if b"stsd" in tables:
        facts = _described(file, tables[b"stsd"], facts)
    return _timed(file, tables, facts)


def _header(data: bytes) -> TrackHeader:
    """A track's header; version 1 has longer times before what counts here."""
    volume, *matrix, width, height = struct.unpack_from(">h2x9i2I", data, 48 if data[0] else 36)
    return TrackHeader(
        enabled=bool(data[3] & 1),
        volume=Fraction(volume, 1 << 8),
        matrix=tuple(matrix),
        width=Fraction(width, 1 << 16),
        height=Fraction(height, 1 << 16),
    )


def _edits(file: BoxFile, edts: Box) -> tuple[Edit, ...]:
    box = file.inside(edts).get(b"elst")
    if box is None:
        return ()
    data = file.body(box)
    layout = struct.Struct(">QqI" if data[0] == 1 else ">IiI")
    count = struct.unpack_from(">I", data, 4)[0]
    if 8 + count * layout.size > len(data):
        raise file.wrong(f"an edit list of {count} entries in {len(data)} bytes")
    entries = (layout.unpack_from(data, 8 + i * layout.size) for i in range(count))
    return tuple(Edit(duration, media_time) for duration, media_time, _ in entries)


def _runs(file: BoxFile, box: Box | None, kind: str) -> NDArray[np.int64]:
    """A table of (count, value) pairs, as `stts` and `ctts` are, checked for its totals."""
    if box is None:
        return np.zeros((0, 2), np.int64)
    data = file.body(box)
    count = struct.unpack_from(">I", data, 4)[0]
    if 8 + count * 8 > len(data):
        raise file.wrong(f"a time table of {count} entries in {len(data)} bytes")
    pairs = np.frombuffer(data, ">u4", count * 2, 8).reshape(-1, 2).astype(np.int64)
    if kind == "signed":
        pairs[:, 1] = np.frombuffer(data, ">i4", count * 2, 8).reshape(-1, 2)[:, 1]
    return pairs


def _timed(file: BoxFile, tables: dict[bytes, Box], facts: TrackFacts) -> TrackFacts:
    """The facts with the summary of the time tables."""
    durations = _runs(file, tables.get(b"stts"), "unsigned")
    # Version 0 is unsigned by the standard, yet writers put negative offsets there as well.
    offsets = _runs(file, tables.get(b"ctts"), "signed")
    samples = int(durations[:, 0].sum())
    facts = replace(facts, samples=samples, duration=int(durations.prod(axis=1).sum()))
    if samples == 0:
        return facts
    facts = replace(facts, step=int(durations[0, 1]), uniform=_uniform(durations))
    if facts.kind != "vide":
        return facts
    if samples > _MAX_PICTURES:
        raise file.wrong(f"{samples} pictures are more than any programme has")
    decode = np.concatenate(([0], np.cumsum(np.repeat(durations[:, 1], durations[:, 0]))[:-1]))
    if len(offsets):
        if int(offsets[:, 0].sum()) != samples:
            raise file.wrong("composition offsets for another number of pictures")
        decode = decode + np.repeat(offsets[:, 1], offsets[:, 0])
    shown = np.sort(decode)
    steps = np.diff(shown)
    return replace(
        facts, first=int(shown[0]), steady=not len(steps) or int(steps.min()) == int(steps.max())
    )


def _uniform(durations: NDArray[np.int64]) -> bool:
    """Whether all durations agree, the last sample's aside: encoders may pad or cut it."""
    values, counts = durations[:, 1], durations[:, 0]
    if len(values) == 1 or (values == values[0]).all():
        return True
    return len(values) == 2 and int(counts[1]) == 1


def _described(file: BoxFile, stsd: Box, facts: TrackFacts) -> TrackFacts:
    """The facts with what the first sample entry says."""
    entry = next(file.boxes(stsd.body + 8, stsd.end), None)
    if entry is None:
        return facts
    facts = replace(facts, codec=text(entry.kind))
    head = file.bytes_at(entry.body, min(entry.end - entry.body, 78))
    if facts.kind == "soun":
        channels, rate = struct.unpack_from(">H6xI", head, 16)
        return replace(facts, channels=channels, sound_rate=rate >> 16)
    if facts.kind != "vide":
        return facts
    width, height = struct.unpack_from(">HH", head, 24)
    facts = replace(facts, width=width, height=height)
    # QuickTime may end a sample entry with four bytes of zero, which are no box.
    inside = list(file.boxes(entry.body + 78, entry.end))
    facts = replace(facts, described=tuple(text(part.kind) for part in inside))
    parts = {part.kind: part for part in reversed(inside)}
    if b"avcC" in parts:
        avc = file.body(parts[b"avcC"])
        facts = replace(facts, profile=(avc[1], avc[3]))
    if b"pasp" in parts:
        across, down = struct.unpack_from(">II", file.body(parts[b"pasp"]))
        facts = replace(facts, aspect=Fraction(across, down))
    if b"colr" in parts:
        facts = replace(facts, color=_color(file.body(parts[b"colr"])))
    return facts


def _color(data: bytes) -> Nclx | None:
    if data[:4] not in (b"nclx", b"nclc"):
        return None
    primaries, transfer, matrix = struct.unpack_from(">HHH", data, 4)
    full = bool(data[10] & 0x80) if data[:4] == b"nclx" else None
    return Nclx(primaries, transfer, matrix, full)
