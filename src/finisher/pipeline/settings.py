"""How a run is to be made: everything that is not in the EDL or the preset."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from finisher.problems import DocumentError, Problem, Where


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs: a certificate and key given, the development identity, or nobody."""

    cert: Path | None = None
    key: Path | None = None
    off: bool = False


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

    def anchor_text(self) -> str | None:
        """The PEM text of the given trust anchors.

        Raises:
            DocumentError: when the file can't be read or holds no certificate.
        """
        if self.anchors is None:
            return None
        where = Where(str(self.anchors))
        try:
            text = self.anchors.read_text(encoding="ascii", errors="strict")
        except (OSError, UnicodeError) as error:
            raise DocumentError(
                Problem("anchors-unreadable", f"trust anchors can't be read: {error}", where)
            ) from error
        from cryptography import x509  # noqa: PLC0415 (only runs that are given anchors need it)

        try:
            x509.load_pem_x509_certificates(text.encode())
        except ValueError as error:
            raise DocumentError(
                Problem("anchors-empty", "the file holds no PEM certificate that reads", where)
            ) from error
        return text


def cache_folder() -> Path:
    """Where work is kept between runs: `FINISHER_CACHE`, or the user's cache folder."""
    return Path(os.environ.get("FINISHER_CACHE") or platformdirs.user_cache_dir("finisher"))


def data_folder() -> Path:
    """Where the development identity lives: `FINISHER_DATA`, or the user's data folder."""
    return Path(os.environ.get("FINISHER_DATA") or platformdirs.user_data_dir("finisher"))
