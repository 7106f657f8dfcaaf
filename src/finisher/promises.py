"""What a finished file promises about itself; the promises travel inside it, signed."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

from finisher.channels import Layout
from finisher.presets.model import Loudness
from finisher.sighting import Plane
from finisher.timecode import Span

GRID = (8, 8)
"""Rows and columns of a frame's fingerprint: mean luma of each cell, one byte each."""
LABEL = "org.finisher.promises"


@dataclass(frozen=True, slots=True)
class PromisedCut:
    """An event and the first programme frame that shows it."""

    frame: int
    event: str


@dataclass(frozen=True, slots=True)
class PromisedMark:
    """A take's mark at one of its places, and where the finished file must show it.

    A mark that jumps is promised once for each place.
    """

    event: str
    mark: str
    spans: tuple[Span, ...]
    """Programme frames that show the mark there and its event alone."""
    box: tuple[float, float, float, float]
    """x, y, width, height in the deliverable's pixels, predicted from geometry alone."""
    template_sha256: str
    source_score: float
    """Presence measured in the take."""
    source_strength: float
    """What its strength is to be in the finished file: the take's, framed and graded."""
    may_crop: str | None = None
    may_lose: str | None = None
    calibration: str | None = None
    """What false positives were measured on footage like it, in words, where that was done."""
    visible: float = 1.0
    """The part of it that the framing keeps, 0 to 1."""
    verified: bool | None = None
    """Whether its take was found to show it; None in files that are older: its score tells."""
    moved: bool = False
    """Whether an effect may have moved or changed it, so that nobody can tell where it went."""
    take_strength: float = 0.0
    """Its strength in the take, framed but ungraded; 0 where nobody can tell."""
    plane: Plane = Plane.LUMA
    """The plane of the pictures in which it is looked for."""

    @property
    def frames(self) -> int:
        """Programme frames that show it there."""
        return sum(map(len, self.spans))


@dataclass(frozen=True, slots=True)
class PromisedHidden:
    """A hidden mark that was read in a take, and where the finished file carries it on."""

    event: str
    mark: str
    detector: str
    """Name of the entry point that reads it."""
    payload: str
    """Bits, as 0 and 1."""
    carrier: str
    """`picture` or `sound`."""
    spans: tuple[Span, ...]
    """Programme frames that show its event alone."""
    canvas: tuple[int, int]
    """Width and height it was embedded at."""
    crop: tuple[float, float, float, float]
    """x, y, width, height of what is shown of the take, in pixels of that canvas."""
    place: tuple[float, float, float, float]
    """Where that lies in the deliverable's pixels."""
    found: bool
    """Whether it was read in the take: nothing is said of an export otherwise."""
    reason: str = ""
    """Why it could not be looked for in the take."""
    may_lose: str | None = None


@dataclass(frozen=True, slots=True)
class PromisedTake:
    """A file that went in: its content and, where it had one, its manifest."""

    id: str
    title: str
    sha256: str
    manifest: str | None
    uses: int
    people: tuple[str, ...] = ()
    """Whom it shows or lets speak: salted digests, as `finisher.consent.people` makes them."""


@dataclass(frozen=True, slots=True)
class PromisedRelease:
    """What the film is for, as far as everybody in it agreed."""

    scope: str
    territories: tuple[str, ...]
    until: str | None
    """The last day: YYYY-MM-DD."""
    log: str
    """Link of the last row about them in the log of consents that decided; empty without one."""
    linked: bool = False
    """Whether that log's rows carried their links."""


@dataclass(frozen=True, slots=True)
class PromisedCopy:
    """A stretch of programme frames whose coded pictures are a take's own, bit for bit."""

    take: str
    start: int
    """Its first programme frame."""
    frames: int
    sha256: str
    """Of the coded pictures, in the order of decoding."""


@dataclass(frozen=True, slots=True)
class PromisedLevels:
    """How loud each channel is all along, from the programme's first sample."""

    hop: int
    """Samples each of them stands for."""
    channels: int
    values: bytes
    """Channel after channel for each hop, in half decibels above -100 dBFS (mean square)."""


@dataclass(frozen=True, slots=True)
class PromisedExcerpt:
    """120 ms of one channel, by which its place is found again."""

    channel: int
    start: int
    """Its first sample in the programme."""
    shape: bytes
    """Means of six samples each, signed, 127 at the loudest."""


@dataclass(frozen=True, slots=True)
class PromisedSound:
    """The sound track: its codec and channels, how long and how loud it is, and what it holds."""

    codec: str
    samples: int
    silent: bool
    loudness: Loudness | None
    layout: Layout = Layout.STEREO
    levels: PromisedLevels | None = None
    """None before the sound is rendered, and in files that are older than this promise."""
    excerpts: tuple[PromisedExcerpt, ...] = ()
    mix: str | None = None
    """Digest of the planned mix; None in files that are older than this promise."""
    unmeasurable: bool = False
    """Whether nothing in the mix is loud enough to have a loudness: none can be reached then."""


@dataclass(frozen=True, slots=True)
class Promises:
    """Everything an auditor needs to measure a finished file against, and nothing else."""

    title: str
    preset: str
    edl_sha256: str
    width: int
    height: int
    rate: str
    frames: int
    codec: str
    pixel_format: str
    edit_list: bool
    cuts: tuple[PromisedCut, ...]
    fingerprints: bytes
    """`frames` times rows times columns bytes, row by row."""
    sound: PromisedSound | None
    marks: tuple[PromisedMark, ...]
    templates: dict[str, bytes]
    """PNG files of the marks' templates by SHA-256."""
    takes: tuple[PromisedTake, ...]
    looks: tuple[tuple[str, str], ...]
    """Name and SHA-256 of each look used."""
    repairs: tuple[str, ...] = ()
    copies: tuple[PromisedCopy, ...] = ()
    release: PromisedRelease | None = None
    """None where nobody is named."""
    aigc: tuple[str, ...] = ()
    """China's AIGC labels of the files that went in, each once; the first is the file's own."""
    hidden: tuple[PromisedHidden, ...] = ()
    undeclared: tuple[str, ...] = ()
    """Takes of which the edit does not say whether they carry marks."""
    source_type: str | None = None
    """Digital source type that claim and XMP packet state; None in files that are older."""


def pack(data: bytes) -> str:
    """Bytes as compressed text for a manifest."""
    return base64.b64encode(zlib.compress(data, 9)).decode("ascii")


def unpack(text: str, limit: int = 256 << 20) -> bytes:
    """The bytes `pack` was given.

    Raises:
        ValueError: when the text is no packed data, or unpacks to more than `limit` bytes.
    """
    try:
        inflate = zlib.decompressobj()
        data = inflate.decompress(base64.b64decode(text, validate=True), limit)
    except (zlib.error, ValueError) as error:
        raise ValueError(f"damaged packed data: {error}") from error
    if inflate.unconsumed_tail or not inflate.eof:
        raise ValueError("packed data is truncated, or larger than any promise")
    return data
