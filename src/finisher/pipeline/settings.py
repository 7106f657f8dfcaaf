"""How a run is to be made: everything that is not in the EDL or the preset."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import platformdirs

from finisher.pipeline import trust


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, and how: a certificate and key given, a program, the development identity."""

    cert: Path | None = None
    key: Path | None = None
    off: bool = False
    """Whether nobody does."""
    command: tuple[str, ...] = ()
    """A program that holds the key, and its arguments."""
    sidecar: bool = False
    """Whether credentials go beside the export, not into it."""
    address: str | None = None
    """The folder on the web where the credentials beside exports will lie."""
    time_stamp: str | None = None
    """The time-stamp authority to ask."""
    ask: Callable[[str], str | None] | None = field(default=None, repr=False, compare=False)
    """Asks a person for the passphrase of a key, by its file's name."""

    @property
    def told(self) -> Signing:
        """The same without the way to ask: what a run is known again by."""
        return replace(self, ask=None)

    @property
    def beside(self) -> bool:
        """Whether exports that could embed their credentials get them beside them."""
        return not self.off and (self.sidecar or self.address is not None)


@dataclass(frozen=True, slots=True)
class Settings:
    """One run's circumstances."""

    cache: Path
    data: Path
    signing: Signing = Signing()
    anchors: Path | None = None
    """PEM file of signers to trust."""
    roots: tuple[Path, ...] = ()
    """Folders outside the EDL's own that media may come from."""
    jobs: int | None = None
    strict: bool = False
    """Whether a repair of the input is fatal."""
    allow_tampered: bool = False
    allow_code: bool = False
    """Whether effects of one's own may be run."""
    draft: bool = False
    """Whether to make something to look at instead of deliverables."""
    part: tuple[str, str] | None = None
    """From which time of the edit to which, as written; empty for its beginning or end."""
    policies: str = ""
    """Names or files of policies that what is delivered or audited is held against, by commas."""
    allow_upload: bool = False
    """Whether detectors of hidden marks that send what they look at elsewhere may be asked."""
    weights: tuple[tuple[str, str], ...] = ()
    """Detectors and the paths of their weights, where no edit tells of them."""

    def anchor_text(self) -> str | None:
        """The lists of whom to trust, installed and given, as one PEM text.

        Raises:
            DocumentError: when the given one can't be read or holds no certificate.
            MachineError: when an installed one can't be read.
        """
        return trust.text(self.data, self.anchors)


def cache_folder() -> Path:
    """Where work is kept between runs: `FINISHER_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("FINISHER_CACHE") or platformdirs.user_cache_dir("finisher"))


def data_folder() -> Path:
    """Where the development identity lives: `FINISHER_DATA`, or the user's data folder."""
    return Path(os.environ.get("FINISHER_DATA") or platformdirs.user_data_dir("finisher"))
