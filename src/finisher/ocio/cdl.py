"""CDLs as OpenColorIO's own transforms, and as the ASC's files."""

from __future__ import annotations

import math
import tempfile
from pathlib import Path

from PyOpenColorIO import CDL_NO_CLAMP, CDLTransform, Config, GroupTransform
from PyOpenColorIO import Exception as OcioError

from finisher.look import CDL, Triple
from finisher.ocio.looks import bad_look, content_of, corrections, fit_content, unreadable
from finisher.problems import listed, nearest


def read_correction(path: Path, identifier: str) -> CDL:
    """The correction of that id in a `.ccc` or `.cdl` collection.

    Raises:
        DocumentError: the file can't be read as a look's, or none or several of its corrections
            go by that id.
    """
    with tempfile.TemporaryDirectory(prefix="finisher-look-") as folder:
        copy = Path(folder) / f"collection{path.suffix.lower()}"
        copy.write_bytes(fit_content(content_of(path), path))
        try:
            found = corrections(copy)
        except (OcioError, UnicodeDecodeError) as error:
            raise unreadable(path, str(error), copy) from error
    wanted = [correction for name, correction in found if name == identifier]
    if len(wanted) == 1:
        return _values(wanted[0], path)
    if wanted:
        message = f"{len(wanted)} corrections go by the id {identifier!r}"
        raise bad_look(path, "look-ambiguous", message)
    names = [name for name, _ in found if name]
    told = f"its ids: {listed(names)}" if names else "it has no ids"
    raise bad_look(
        path,
        "look-correction",
        f"the file holds no correction {identifier!r}",
        nearest(identifier, names) or told,
    )


def _values(correction: CDLTransform, path: Path) -> CDL:
    """A correction's figures."""
    slope, offset, power = (
        _triple(values)
        for values in (correction.getSlope(), correction.getOffset(), correction.getPower())
    )
    saturation = float(correction.getSat())
    if not all(map(math.isfinite, (*slope, *offset, *power, saturation))):
        message = "the look holds values that are not finite numbers"
        raise bad_look(path, "look-not-finite", message)
    return CDL(slope, offset, power, saturation)


def _triple(values: list[float]) -> Triple:
    r, g, b = map(float, values)
    return (r, g, b)


FORMATS = {
    ".cc": "ColorCorrection",
    ".ccc": "ColorCorrectionCollection",
    ".cdl": "ColorDecisionList",
}
"""The ASC's files of CDLs, by their suffixes."""


def cdl_text(cdl: CDL, suffix: str, identifier: str) -> str:
    """A CDL as an ASC file for a colourist, of the kind that one of `FORMATS` says.

    Raises:
        KeyError: for another suffix.
    """
    correction = transform(cdl)
    correction.getFormatMetadata().setID(identifier)
    group = GroupTransform([correction])
    return str(group.write(formatName=FORMATS[suffix], config=Config.CreateRaw()))


def transform(cdl: CDL) -> CDLTransform:
    """A CDL as OpenColorIO's own, its style pinned: the clamping one differs by up to 5 %."""
    transform = CDLTransform()
    transform.setSlope(cdl.slope)
    transform.setOffset(cdl.offset)
    transform.setPower(cdl.power)
    transform.setSat(cdl.saturation)
    transform.setStyle(CDL_NO_CLAMP)
    return transform
