"""Where deliverables and their reports go, and how they get there whole."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from finisher.c2pa.sidecars import SUFFIX, sidecar
from finisher.pipeline.settings import Signing
from finisher.plan.model import Plan
from finisher.presets.model import ContainerFormat, Preset
from finisher.problems import (
    DocumentError,
    MachineError,
    MediaError,
    Problem,
    RenderError,
    Where,
)

STEMS = (
    *("dialogue", "music", "effects", "ambience", "native"),
    *("music-and-effects", "mix"),
)
"""Names of the files there may be in a folder of stems, less their suffix; as `sound.stems` has
them, which a run that finds everything made must not wait for."""
_HIDDEN = ".finisher-"
_DAY = 86_400
_FULL = (errno.ENOSPC, errno.EDQUOT)
"""What a disk says that has no room left."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One deliverable's files."""

    media: Path
    stemmed: bool = False
    """Whether a folder of stems lies beside it."""
    sidecarred: bool = False
    """Whether its credentials lie beside it."""

    @property
    def stems(self) -> Path:
        """The folder of its stems."""
        return self.media.with_suffix(".stems")

    @property
    def json(self) -> Path:
        """Its report for programs."""
        return self.media.with_suffix(".report.json")

    @property
    def html(self) -> Path:
        """Its report for people."""
        return self.media.with_suffix(".report.html")

    @property
    def publish(self) -> Path:
        """What platforms ask of whoever uploads it."""
        return self.media.with_suffix(".publish.json")

    @property
    def sidecar(self) -> Path:
        """Its credentials, where they are not embedded."""
        return sidecar(self.media)

    @property
    def failed(self) -> Destination:
        """Where an export goes that failed its audit."""
        return replace(self, media=self.media.with_suffix(f".failed{self.media.suffix}"))

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, media last: they never lie there without their reports."""
        beside = (self.sidecar,) if self.sidecarred else ()
        return self.json, self.html, self.publish, *beside, self.media

    def remove(self) -> None:
        """Take the files away, where they are there.

        Raises:
            MachineError: when the folder can't be changed.
        """
        for path in self.files:
            with writing(path):
                path.unlink(missing_ok=True)
        self.remove_stems()

    def remove_stems(self) -> None:
        """Take its stems away, and their folder where nothing else lies in it.

        Raises:
            MachineError: when the folder can't be changed.
        """
        with writing(self.stems):
            for path in _stem_files(self):
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self.stems.rmdir()

    def temporary(self, folder: Path, step: str) -> Path:
        """A file for one step of the way, in a folder of the same disk."""
        return folder / f"{step}{self.media.suffix}"


_UNASKED = Signing()


def destinations(
    edl: Path, plans: Sequence[Plan], output: Path | str | None, signing: Signing = _UNASKED
) -> tuple[Destination, ...]:
    """A destination for each plan: `<edl stem>.<preset>.<suffix>` beside the EDL, or as asked.

    Parts and drafts are named as such, so that none replaces what is finished. An output
    that ends in a slash is a folder, whether it is there yet or not.

    Raises:
        DocumentError: when one file is named for several deliverables, or a file of another kind
            than the preset delivers.
    """
    folder = edl.resolve().parent if output is None else Path(output)
    if output is not None and _is_file(output):
        if len(plans) == 1:
            return (_destination(_checked(folder, plans[0].preset), plans[0], signing),)
        raise DocumentError(
            Problem(
                "output-ambiguous",
                f"{output} is one file for {len(plans)} deliverables",
                hint="name a folder",
            )
        )
    return tuple(_destination(folder / _name(edl, plan), plan, signing) for plan in plans)


def _destination(media: Path, plan: Plan, signing: Signing) -> Destination:
    """A plan's files."""
    placeless = plan.preset.container.format is ContainerFormat.WEBM
    beside = not signing.off and not plan.preset.draft and (signing.beside or placeless)
    return Destination(media, _stemmed(plan), beside)


def _stemmed(plan: Plan) -> bool:
    """Whether a plan's stems are delivered."""
    audio = plan.preset.audio
    return plan.sound is not None and audio is not None and audio.stems is not None


def _stem_files(place: Destination) -> tuple[Path, ...]:
    """Every file that can lie in a folder of stems."""
    return tuple(place.stems / f"{name}.wav" for name in STEMS)


def _name(edl: Path, plan: Plan) -> str:
    """The name of a plan's file."""
    part = f".{plan.part.start}-{plan.part.end}" if plan.part is not None else ""
    draft = ".draft" if plan.preset.draft else ""
    return f"{edl.stem}.{plan.preset.name}{part}{draft}.{plan.preset.container.format}"


def _is_file(output: Path | str) -> bool:
    """Whether an output is meant as one file: it has a suffix, and is no folder."""
    if os.fspath(output).endswith(("/", os.sep)) or not Path(output).suffix:
        return False
    with contextlib.suppress(OSError):  # a name that is too long is told of later
        return not Path(output).is_dir()
    return True


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


def ready(places: Sequence[Destination], inputs: Iterable[Path]) -> None:
    """Make sure, before hours of work, that every deliverable can be put in its place.

    Raises:
        DocumentError: when a deliverable or its report would replace an input, or another one.
        MachineError: when a folder can't be made or written, or a file's name can't be used.
    """
    _spare(places, inputs)
    for place in places:
        with workshop(place):
            for path in (*place.files, *place.failed.files):
                with writing(path):
                    if path.is_dir():
                        raise IsADirectoryError(errno.EISDIR, "there is a folder of that name")
            for one in (place, place.failed) if place.stemmed else ():
                claim(one)


def claim(place: Destination) -> None:
    """Make sure that a folder of stems, which is replaced as a whole, holds nothing else.

    Raises:
        MachineError: naming what lies there.
    """
    known = {path.name for path in _stem_files(place)}
    with writing(place.stems):
        there = {path.name for path in place.stems.iterdir()} if place.stems.exists() else set()
        if other := sorted(there - known):
            raise FileExistsError(errno.EEXIST, f"it holds {other[0]}, which is no stem")


def _spare(places: Sequence[Destination], inputs: Iterable[Path]) -> None:
    """Refuse destinations that are a file of the edit, or one another's."""
    taken = {one: path for path in inputs for one in _identities(path)}
    for place in places:
        files = (*place.files, *place.failed.files)
        if place.stemmed:
            files = (*files, *_stem_files(place), *_stem_files(place.failed))
        for path in files:
            known = next((taken[one] for one in _identities(path) if one in taken), None)
            if known is not None:
                raise _in_the_way(path, known)
        taken |= {one: path for path in files for one in _identities(path)}


def _in_the_way(path: Path, known: Path) -> DocumentError:
    """The problem of a file that would lie where one of the edit, or another deliverable, does."""
    told = f"it would replace {known}, which this edit needs"
    if known.suffix == SUFFIX and not known.exists():
        told = "it would be taken for credentials of a file that this edit is made from"
    hint = "name another output with -o"
    return DocumentError(Problem("output-is-input", told, Where(str(path)), hint=hint))


def _identities(path: Path) -> tuple[object, ...]:
    """What a file is known by: its place, and its inode where it is there."""
    with contextlib.suppress(OSError):
        status = path.stat()
        return path.resolve(), (status.st_dev, status.st_ino)
    return (Path(os.path.realpath(path)),)


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the disk refuses into a problem with its place.

    Raises:
        MachineError: when there is no room, or the place can't be written.
    """
    try:
        yield
    except OSError as error:
        raise _refused(error, path) from error
    except (RenderError, MediaError) as error:
        # Joining and signing have their own words for a write that failed; the reason is beneath.
        cause = error.__cause__
        if not isinstance(cause, OSError) or cause.errno not in _FULL:
            raise
        raise _refused(cause, path) from error


def _refused(error: OSError, path: Path) -> MachineError:
    """The machine's problem behind an error of the disk."""
    place = Where(str(path))
    if error.errno in _FULL:
        return MachineError(Problem("disk-full", "there is no room left", place))
    return MachineError(
        Problem("output-unwritable", f"can't write: {error.strerror or error}", place)
    )


def workshop(destination: Destination) -> tempfile.TemporaryDirectory[str]:
    """A hidden folder beside the destination, gone with the work that needed it.

    Raises:
        MachineError: when nothing can be written there.
    """
    parent = destination.media.parent
    with writing(parent):
        parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(dir=parent, prefix=_HIDDEN)
    _sweep(Path(folder.name))
    return folder


def _sweep(newest: Path) -> None:
    """Remove what runs that were killed left beside a hidden folder, once it is a day old."""
    with contextlib.suppress(OSError):
        # The disk's own clock, which may be another machine's.
        yesterday = newest.stat().st_mtime - _DAY
        for path in newest.parent.glob(f"{_HIDDEN}????????"):
            if path.is_dir() and not path.is_symlink() and path.stat().st_mtime < yesterday:
                shutil.rmtree(path, ignore_errors=True)


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file that appears whole or not at all; text as UTF-8.

    Raises:
        MachineError: when it can't be written.
    """
    with writing(path):
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=_HIDDEN)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.encode("utf-8") if isinstance(content, str) else content)
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
