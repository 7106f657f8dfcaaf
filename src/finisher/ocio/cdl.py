"""CDLs as OpenColorIO's own transforms, and as the ASC's files."""

from __future__ import annotations

from pathlib import Path

from PyOpenColorIO import CDL_NO_CLAMP, CDLTransform, Config, GroupTransform

from finisher.look import CDL
from finisher.ocio.looks import bad_look


def write_cdl(cdl: CDL, path: Path, identifier: str) -> None:
    """Write a CDL as an ASC file for a colourist: `.cc`, `.ccc` or `.cdl` by the path's suffix.

    Raises:
        DocumentError: the suffix is none of these.
    """
    formats = {".cc": "ColorCorrection", ".ccc": "ColorCorrectionCollection"}
    formats[".cdl"] = "ColorDecisionList"
    if path.suffix not in formats:
        raise bad_look(
            path,
            "cdl-suffix",
            f"{path.suffix or 'no suffix'} is not an ASC CDL file",
            ", ".join(formats),
        )
    correction = transform(cdl)
    correction.getFormatMetadata().setID(identifier)
    group = GroupTransform([correction])
    text = group.write(formatName=formats[path.suffix], config=Config.CreateRaw())
    path.write_text(text, encoding="utf-8")


def transform(cdl: CDL) -> CDLTransform:
    """A CDL as OpenColorIO's own, its style pinned: the clamping one differs by up to 5 %."""
    transform = CDLTransform()
    transform.setSlope(cdl.slope)
    transform.setOffset(cdl.offset)
    transform.setPower(cdl.power)
    transform.setSat(cdl.saturation)
    transform.setStyle(CDL_NO_CLAMP)
    return transform
