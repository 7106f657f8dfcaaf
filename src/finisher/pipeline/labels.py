"""Labels that ride in the container: a title, an AIGC label, a digital source type."""

from __future__ import annotations

from finisher import __version__
from finisher.media import xmp
from finisher.plan import aigc
from finisher.plan.model import Plan
from finisher.presets.model import ContainerFormat
from finisher.provenance.sources import of_plan


def labels(plan: Plan) -> dict[str, str]:
    """Container metadata of a finished file.

    China's AIGC label (GB 45438-2025) is kept when a file that goes in has one: of several the
    strongest.
    """
    found = {"title": plan.title} if plan.title else {}
    carried = aigc.carried(plan)
    return found | ({"AIGC": carried[0]} if carried else {})


def packet(plan: Plan) -> bytes | None:
    """The XMP packet of a finished file: the digital source type its claim states.

    None for a container that has no place for one.
    """
    if plan.preset.container.format is ContainerFormat.WEBM:
        return None
    return xmp.packet(of_plan(plan), f"finisher {__version__}")
