"""How a take's pictures are understood: matrix and range decided from tags, repairs named."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.facts import TakeFacts
from finisher.geometry import Raster
from finisher.look import ColorTags
from finisher.problems import MediaError, Problem, Severity, Where

_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
_SD_MATRICES = ("smpte170m", "bt470bg")
_GREY = ("gray", "ya8", "ya16")
"""How names of pixel formats begin that hold luma alone. Their scaler takes them for full range
whatever is said of them, so that is what they are when nothing is said."""
_RGB = ("gbr", "rgb", "bgr", "0rgb", "0bgr", "argb", "abgr", "x2rgb", "x2bgr", "pal8")
"""How names of pixel formats begin that hold RGB, which has no matrix and full range."""


@dataclass(frozen=True, slots=True)
class Decoding:
    """The matrix and range a take is decoded with, by FFmpeg's names."""

    matrix: str
    range: str


def decoding(take: str, facts: TakeFacts) -> tuple[Decoding, tuple[Problem, ...]]:
    """Decide how to read a take's colour.

    Complete tags are believed; missing ones are assumed to be Rec.709 limited range for HD and
    vertical pictures and Rec.601 below 720 lines, and the assumption is reported.

    Raises:
        MediaError: for pictures that can't be conformed exactly: HDR, wide gamut, and shapes that
            no copy was made for.
    """
    refused = _refused(facts)
    where = Where(facts.path)
    if refused is not None:
        raise MediaError(Problem("not-conformable", f"take {take!r}: {refused}", where))
    matrix, span = matrix_and_range(facts.tags, facts.pixel_format, facts.raster)
    repairs = facts.copy.repairs if facts.copy is not None else ()
    copied = tuple(
        Problem("picture-conform", f"take {take!r}: {words}", where, severity=Severity.NOTE)
        for words in repairs
    )
    notes: list[str] = []
    if matrix == "gbr":
        notes.append("RGB converted to Rec.709 Y'CbCr, limited range")
        return Decoding(matrix, span), (*copied, *_notes(take, notes, where))
    if facts.tags.matrix is None:
        notes.append(f"no colour matrix is stated: {matrix} assumed")
    elif matrix in _SD_MATRICES:
        notes.append(f"Rec.601 matrix ({matrix}) converted to Rec.709")
    if facts.tags.range is None:
        notes.append(f"no range is stated: {'full' if span == 'pc' else 'limited'} assumed")
    elif span == "pc":
        notes.append("full range converted to limited")
    return Decoding(matrix, span), (*copied, *_notes(take, notes, where))


def _notes(take: str, notes: list[str], where: Where) -> tuple[Problem, ...]:
    return tuple(
        Problem("colour-conform", f"take {take!r}: {note}", where, severity=Severity.NOTE)
        for note in notes
    )


def matrix_and_range(tags: ColorTags, pixel_format: str, raster: Raster) -> tuple[str, str]:
    """The matrix and range to decode with: what the tags say, or what untagged pictures are."""
    matrix, span = tags.matrix, tags.range
    if pixel_format.startswith(_RGB):
        return "gbr", span or "pc"
    if matrix is None:
        hd = raster.height >= 720 or raster.height > raster.width
        matrix = "bt709" if hd else "smpte170m"
    if span is None:
        span = "pc" if pixel_format.startswith(("yuvj", *_GREY)) else "tv"
    return matrix, span


def _refused(facts: TakeFacts) -> str | None:
    """Why a take can't be conformed, None when it can."""
    if facts.tags.transfer in _HDR:
        return f"{_HDR[facts.tags.transfer]} pictures are not tone-mapped yet; deliver SDR takes"
    if facts.tags.primaries not in (None, "bt709", "smpte170m", "bt470bg"):
        return f"primaries {facts.tags.primaries} would be shown wrongly as Rec.709"
    if facts.tags.matrix == "bt2020nc":
        return "its Rec.2020 matrix tells of wide gamut, which would be shown wrongly as Rec.709"
    if facts.tags.range == "tv" and facts.pixel_format.startswith(_GREY):
        return "its grey pictures in limited range would be read as full range; convert them first"
    return _misshapen(facts)


def _misshapen(facts: TakeFacts) -> str | None:
    """Why the shape of a take's pictures can't be used, None when it can."""
    if facts.sample_aspect != 1:
        return f"its pixels are not square ({facts.sample_aspect})"
    if facts.rotation:
        return f"it is to be turned by {facts.rotation} degrees when shown"
    if facts.interlaced:
        return "it is interlaced: two instants in every picture; deinterlace it first"
    if facts.raster.width % 2 or facts.raster.height % 2:
        return f"its size {facts.raster} is odd"
    return None
