"""Labels that ride in the container: a title, and an AIGC label carried over from the takes."""

from __future__ import annotations

import json

from finisher.plan.model import Plan


def labels(plan: Plan) -> dict[str, str]:
    """Container metadata of a finished file.

    China's AIGC label (GB 45438-2025) is kept when a take has one; of several the strongest is
    carried, with 1 (is generated) before 2 (may be) before 3 (is suspected to be).
    """
    found = {"title": plan.title} if plan.title else {}
    aigc = [take.aigc for take in plan.takes if take.aigc is not None]
    if aigc:
        found["AIGC"] = min(aigc, key=_strength)
    return found


def _strength(label: str) -> tuple[int, str]:
    """How firmly a label speaks; one that can't be read comes last."""
    try:
        value = json.loads(label)
        return int(value["Label"]), label
    except (ValueError, KeyError, TypeError):
        return 9, label
