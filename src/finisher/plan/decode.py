"""How a take's pictures are understood: matrix, range, space decided from tags, repairs named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

from finisher.facts import TakeFacts
from finisher.geometry import Raster
from finisher.look import ColorTags, Space
from finisher.problems import MediaError, Problem, Severity, Where

_HDR = {"smpte2084": Space.PQ, "arib-std-b67": Space.HLG}
_OF_REC2020 = (Space.REC2020, *_HDR.values())
_NAMES = {
    Space.PQ: "PQ",
    Space.HLG: "HLG",
    Space.P3: "P3",
    Space.REC2020: "Rec.2020",
}
_SDR_TRANSFERS = (None, "bt709", "smpte170m", "smpte240m", "iec61966-2-1", "gamma22")
_WIDE_TRANSFERS = ("bt2020-10", "bt2020-12")
"""The curve of Rec.709 by the name it has in Rec.2020."""
_PRIMARIES = {
    "bt709": Space.REC709,
    "smpte170m": Space.REC709,
    "bt470bg": Space.REC709,
    "smpte432": Space.P3,
    "bt2020": Space.REC2020,
}
_WIDE = "bt2020nc"
_SD_MATRICES = ("smpte170m", "bt470bg")
_MATRICES = ("bt709", *_SD_MATRICES, "smpte240m", _WIDE)
_GREY = ("gray", "ya8", "ya16")
"""How names of pixel formats begin that hold luma alone. Their scaler takes them for full range
whatever is said of them, so that is what they are when nothing is said."""
_RGB = ("gbr", "rgb", "bgr", "0rgb", "0bgr", "argb", "abgr", "x2rgb", "x2bgr", "pal8")
"""How names of pixel formats begin that hold RGB, which has no matrix and full range."""
_DECLARE = "where the file's tags are wrong, say what it is in the take's \"color\""


@dataclass(frozen=True, slots=True)
class Decoding:
    """The matrix and range a take is decoded with, by FFmpeg's names, and what comes of it."""

    matrix: str
    range: str
    space: Space = Space.REC709
    """What the R'G'B' values mean that it is decoded to."""


def decoding(
    take: str, facts: TakeFacts, declared: ColorTags | None = None
) -> tuple[Decoding, tuple[Problem, ...]]:
    """Decide how to read a take's colour.

    Complete tags are believed; missing ones are assumed to be Rec.709 limited range for HD and
    vertical pictures and Rec.601 below 720 lines, and the assumption is reported. So is what the
    edit declares in place of tags, where that is handed in.

    Raises:
        MediaError: for pictures that can't be conformed exactly: colour whose tags contradict each
            other or tell of what is not converted here, and shapes that no copy was made for.
    """
    where = Where(facts.path)
    refused = _undecided(facts)
    if refused is not None:
        problem = Problem("not-conformable", f"take {take!r}: {refused}", where, _DECLARE)
        raise MediaError(problem)
    misshapen = _misshapen(facts)
    if misshapen is not None:
        raise MediaError(Problem("not-conformable", f"take {take!r}: {misshapen}", where))
    found = read_as(facts.tags, facts.pixel_format, facts.raster)
    repairs = facts.copy.repairs if facts.copy is not None else ()
    told = [_note("picture-conform", words) for words in repairs]
    told += [_note("colour-declared", words) for words in _declared(facts, declared)]
    told += [_note("colour-conform", words) for words in _assumed(facts, found)]
    told += _brought(found.space)
    placed = (replace(p, message=f"take {take!r}: {p.message}", where=where) for p in told)
    return found, tuple(placed)


def _note(code: str, words: str) -> Problem:
    """A repair, to be placed."""
    return Problem(code, words, severity=Severity.NOTE)


def read_as(tags: ColorTags, pixel_format: str, raster: Raster) -> Decoding:
    """What the tags say, or what untagged pictures are; what is refused is looked at as Rec.709."""
    return Decoding(*matrix_and_range(tags, pixel_format, raster), _space(tags))


def matrix_and_range(tags: ColorTags, pixel_format: str, raster: Raster) -> tuple[str, str]:
    """The matrix and range to decode with: what the tags say, or what untagged pictures are."""
    matrix, span = tags.matrix, tags.range
    if pixel_format.startswith(_RGB):
        return "gbr", span or "pc"
    if matrix not in _MATRICES:
        hd = raster.height >= 720 or raster.height > raster.width
        matrix = "bt709" if hd else "smpte170m"
        if _space(tags) in _OF_REC2020:
            matrix = _WIDE
    if span is None:
        span = "pc" if pixel_format.startswith(("yuvj", *_GREY)) else "tv"
    return matrix, span


def _space(tags: ColorTags) -> Space:
    """The space that tags tell of, Rec.709 where they tell of none."""
    if tags.transfer in _HDR:
        return _HDR[tags.transfer]
    if tags.primaries is not None:
        return _PRIMARIES.get(tags.primaries, Space.REC709)
    wide = tags.matrix == _WIDE or (tags.matrix is None and tags.transfer in _WIDE_TRANSFERS)
    return Space.REC2020 if wide else Space.REC709


def _undecided(facts: TakeFacts) -> str | None:
    """Why it can't be told what a take's colour is in Rec.709, None when it can."""
    tags = facts.tags
    if tags.transfer not in (*_SDR_TRANSFERS, *_WIDE_TRANSFERS, *_HDR):
        return f"its transfer {tags.transfer} is none that is brought to Rec.709 here"
    if tags.primaries not in (None, *_PRIMARIES):
        return f"primaries {tags.primaries} would be shown wrongly as Rec.709"
    if tags.range == "tv" and facts.pixel_format.startswith(_GREY):
        return "its grey pictures in limited range would be read as full range; convert them first"
    if tags.range == "tv" and facts.pixel_format.startswith(_RGB):
        return "its RGB in limited range would be read as full range; convert it first"
    if tags.transfer in _HDR and tags.primaries not in (None, "bt2020"):
        name = _NAMES[_HDR[tags.transfer]]
        return f"{name} is of Rec.2020, and its primaries say {tags.primaries}"
    return None if facts.pixel_format.startswith(_RGB) else _contradicted(tags)


def _contradicted(tags: ColorTags) -> str | None:
    """How the matrix says otherwise than the other tags, None when it does not."""
    if tags.matrix is None:
        return None
    if tags.matrix not in _MATRICES:
        return f"its matrix {tags.matrix} is none that is read here"
    space = _space(tags)
    wide = space in _OF_REC2020
    if wide is (tags.matrix == _WIDE) and (wide or tags.transfer not in _WIDE_TRANSFERS):
        return None
    says = "Rec.2020" if tags.transfer in _WIDE_TRANSFERS else _NAMES.get(space, "Rec.709")
    return f"its matrix {tags.matrix} contradicts its other tags, which tell of {says}"


def _declared(facts: TakeFacts, declared: ColorTags | None) -> Iterator[str]:
    """What the edit says in place of tags, and what those say."""
    own = facts.stated or facts.tags
    for field in fields(ColorTags) if declared is not None else ():
        said, was = getattr(declared, field.name), getattr(own, field.name)
        if said is not None and said != was:
            instead = f"its file says {was}" if was is not None else "its file does not say"
            yield f"{field.name} {said} as the edit declares; {instead}"


def _assumed(facts: TakeFacts, found: Decoding) -> Iterator[str]:
    """What was assumed of a take's colour, and what is converted on the way to Rec.709."""
    tags, matrix = facts.tags, found.matrix
    if found.space in _OF_REC2020 and tags.primaries is None:
        yield "no primaries are stated: bt2020 assumed"
    if matrix == "gbr":
        yield "RGB converted to Rec.709 Y'CbCr, limited range"
        return
    if tags.matrix is None:
        yield f"no colour matrix is stated: {matrix} assumed"
    elif matrix in _SD_MATRICES:
        yield f"Rec.601 matrix ({matrix}) converted to Rec.709"
    if tags.range is None:
        yield f"no range is stated: {'full' if found.range == 'pc' else 'limited'} assumed"
    elif found.range == "pc":
        yield "full range converted to limited"


def _brought(space: Space) -> list[Problem]:
    """How another space is brought to Rec.709."""
    if space in _HDR.values():
        words = (
            f"{_NAMES[space]} tone-mapped to Rec.709: 203 cd/m² is white, highlights up to 1000 "
            "rolled off"
        )
        return [_note("hdr-conform", words)]
    if space is Space.REC709:
        return []
    words = f"{_NAMES[space]} brought to Rec.709: colours outside of it drawn in"
    return [_note("gamut-conform", words)]


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
