"""What a platform's fields are set to, as far as the file itself tells."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.compliance.evidence import Evidence, Part
from finisher.compliance.model import Flag, Policy


@dataclass(frozen=True, slots=True)
class SetFlag:
    """A field and its value."""

    flag: Flag
    value: bool | None
    """None where it is not known: somebody has to decide."""
    because: str


def flags(policy: Policy, shown: Evidence) -> tuple[SetFlag, ...]:
    """The fields of a platform; they are set for AI, left for other origins, open otherwise.

    Whether something seems real, which platforms also ask, is for a person to tell: a field is
    set wherever AI had a part, and may be taken back by hand.
    """
    value = {Part.YES: True, Part.NO: False, Part.UNKNOWN: None}[shown.part]
    return tuple(SetFlag(flag, value, "; ".join(shown.because)) for flag in policy.flags)
