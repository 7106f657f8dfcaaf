"""What a run tells of one deliverable: enough to say it again without making it again."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.findings import FileAudit
from finisher.geometry import Raster
from finisher.problems import Problem
from finisher.timecode import Rate


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file as it was left on the disk, with its reports and what its audit says."""

    path: str
    bytes: int
    report_json: str
    report_html: str
    preset: str
    raster: Raster
    rate: Rate
    frames: int
    audit: FileAudit | None
    """None of a draft: nothing is promised of it, and nothing proven."""
    signed_by: str
    known: bool = False
    """Whether this very delivery had been made and audited before."""
    repairs: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()
    stems: tuple[str, ...] = ()
    """WAV files of the programme's parts, the mix last."""
    sidecar: str | None = None
    """The file beside it that holds its credentials; None where they are embedded."""
    publish: str | None = None
    """What platforms ask of whoever uploads it; None of a draft, and of what failed its audit."""

    @property
    def passed(self) -> bool:
        """Whether no required check failed; nothing is asked of a draft."""
        return self.audit is None or self.audit.passed
