"""Where deliverables and their reports go, and how they get there whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from finisher.presets.model import Preset
from finisher.problems import DocumentError, MachineError, Problem, Where


@dataclass(frozen=True, slots=True)
class Destination:
    """One deliverable's files."""

    media: Path

    @property
    def json(self) -> Path:
        """Its report for programs."""
        return self.media.with_suffix(".report.json")

    @property
    def html(self) -> Path:
        """Its report for people."""
        return self.media.with_suffix(".report.html")

    @property
    def failed(self) -> Destination:
        """Where an export goes that failed its audit."""
        return Destination(self.media.with_suffix(f".failed{self.media.suffix}"))

    def remove(self) -> None:
        """Take the files away, where they are there."""
        for path in (self.media, self.json, self.html):
            path.unlink(missing_ok=True)

    def temporary(self, folder: Path, step: str) -> Path:
        """A file for one step of the way, in a folder of the same disk."""
        return folder / f"{step}{self.media.suffix}"


def destinations(
    edl: Path, presets: Sequence[Preset], output: Path | None
) -> tuple[Destination, ...]:
    """A destination for each preset: `<edl stem>.<preset>.<suffix>` beside the EDL, or as asked.

    Raises:
        DocumentError: when one file is named for several deliverables, or a file of another kind
            than the preset delivers.
    """
    if output is not None and len(presets) == 1 and not output.is_dir() and output.suffix:
        return (Destination(_checked(output, presets[0])),)
    folder = edl.resolve().parent if output is None else output
    if output is not None and output.suffix and not output.is_dir():
        raise DocumentError(
            Problem(
                "output-ambiguous",
                f"{output} is one file for {len(presets)} deliverables",
                hint="name a folder",
            )
        )
    return tuple(
        Destination(folder / f"{edl.stem}.{preset.name}.{preset.container.format}")
        for preset in presets
    )


def _checked(output: Path, preset: Preset) -> Path:
    """The output, if its suffix says what it will hold."""
    if output.suffix.lower() != f".{preset.container.format}":
        raise DocumentError(
            Problem(
                "output-suffix",
                f"preset {preset.name} delivers .{preset.container.format}, not {output.suffix}",
                Where(str(output)),
            )
        )
    return output


def workshop(destination: Destination) -> tempfile.TemporaryDirectory[str]:
    """A hidden folder beside the destination, gone with the work that needed it.

    Raises:
        MachineError: when nothing can be written there.
    """
    parent = destination.media.parent
    try:
        parent.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryDirectory(dir=parent, prefix=".finisher-")
    except OSError as error:
        raise MachineError(
            Problem("output-unwritable", f"can't write: {error.strerror}", Where(str(parent)))
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Write a text file that appears whole or not at all."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".finisher-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        # Temporary files are private; a report is as readable as other files made here.
        Path(name).chmod(0o666 & ~_umask())
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)


def _umask() -> int:
    """The process's file mode mask; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
