"""Dialogue recordings made ready: cut into lines, each named by its place, none in silence."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from finisher.facts import CredentialFacts, Integrity
from finisher.pipeline.names import writing
from finisher.problems import DocumentError, MediaError, PolicyError, Problem, Severity, Where
from finisher.provenance import credentials
from finisher.sound import prepare
from finisher.sound.prepare import Pauses, Recording
from finisher.timecode import Span

COPY = ".listen.m4a"
"""Ends the name of a listening copy."""
_HIDDEN = ".finisher-"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be made of recordings."""

    folder: Path | None = None
    """Where the lines go; None for beside each recording."""
    pauses: Pauses = field(default_factory=Pauses)
    whole: bool = False
    """Whether silence goes off both ends alone, and nothing is split."""
    copies: bool = False
    """Whether each line gets a small copy for listening."""
    allow_loss: bool = False
    """Whether Content Credentials may be lost in the cut."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was written."""

    path: Path
    source: Span
    """Its place in the recording, in samples at 48 kHz."""
    copy: Path | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """One recording, and what was made of it."""

    file: Path
    lines: tuple[Line, ...]
    credentials: CredentialFacts
    """What the recording carries, and its lines do not."""
    problems: tuple[Problem, ...]


def prepare_all(files: Sequence[Path], wish: Wish) -> tuple[Prepared, ...]:
    """Cut recordings into lines, `<stem>-01.wav` and on, or `<stem>-trimmed.wav`.

    All are read and judged before the first is written. Lines and copies of a recording appear
    together, once all of them are made, in place of files of those names that were there.

    A cut binds to nothing the recording was signed for, so what it carries is lost with it: that
    is refused unless it is allowed, and told when it is. Keep the recording; an edit list may
    name it as a layer, with `in` and `out`, and then its credentials come along.

    Raises:
        MediaError: with every file that can't be read or has no sound.
        PolicyError: when Content Credentials would be lost.
        DocumentError: when lines would replace a recording, or those of another.
        MachineError: when something can't be written.
    """
    _apart(files, wish)
    with tempfile.TemporaryDirectory(prefix="finisher-prep-") as folder:
        held: list[Recording] = []
        problems: list[Problem] = []
        for number, file in enumerate(files):
            try:
                held.append(prepare.recorded(file, Path(folder) / f"{number}.f32"))
            except MediaError as error:
                problems += error.problems
        if problems:
            raise MediaError(problems)
        carried = [credentials.facts(file) for file in files]
        _keep(files, carried, wish)
        found = [_spans(recording, wish) for recording in held]
        _spare(files, found, wish)
        return tuple(
            _written(recording, spans, known, wish)
            for recording, spans, known in zip(held, found, carried, strict=True)
        )


def _spans(recording: Recording, wish: Wish) -> tuple[Span, ...]:
    find = prepare.trimmed if wish.whole else prepare.lines
    return find(recording, wish.pauses)


def _folder(file: Path, wish: Wish) -> Path:
    return wish.folder if wish.folder is not None else file.resolve().parent


def _name(file: Path, number: int, wish: Wish) -> str:
    """What a line is called, counted from 1."""
    return f"{file.stem}-trimmed.wav" if wish.whole else f"{file.stem}-{number:02}.wav"


def _apart(files: Sequence[Path], wish: Wish) -> None:
    """Refuse recordings whose lines would have the same names."""
    seen: dict[Path, Path] = {}
    for file in files:
        named = (_folder(file, wish) / file.stem).resolve()
        if named in seen:
            message = f"its lines would have the names of those of {seen[named]}"
            hint = "prepare them into folders of their own with -o"
            raise DocumentError(Problem("output-ambiguous", message, Where(str(file)), hint))
        seen[named] = file


def _spare(files: Sequence[Path], found: Sequence[tuple[Span, ...]], wish: Wish) -> None:
    """Refuse lines and copies that would replace a recording."""
    for file, spans in zip(files, found, strict=True):
        for number in range(1, len(spans) + 1):
            line = _folder(file, wish) / _name(file, number, wish)
            for path in (line, line.with_suffix(COPY)):
                if path.exists() and any(path.samefile(other) for other in files):
                    message = "a line would replace this recording"
                    raise DocumentError(
                        Problem("output-is-input", message, Where(str(path)), "name a folder: -o")
                    )


def _keep(files: Sequence[Path], carried: Sequence[CredentialFacts], wish: Wish) -> None:
    """Refuse to lose credentials, broken ones too, unless that is allowed."""
    if wish.allow_loss:
        return
    problems = [
        Problem(
            "credential-lost",
            f"it carries Content Credentials ({known.issuer or 'unknown issuer'}), and no line "
            "cut out of it can",
            Where(str(file)),
            hint="lay it into the edit whole, with in and out; --allow-credential-loss cuts it",
        )
        for file, known in zip(files, carried, strict=True)
        if known.integrity is not Integrity.ABSENT
    ]
    if problems:
        raise PolicyError(problems)


def _written(
    recording: Recording, spans: tuple[Span, ...], known: CredentialFacts, wish: Wish
) -> Prepared:
    """Write a recording's lines, whole or not at all."""
    folder = _folder(recording.path, wish)
    made: list[Line] = []
    clipped = 0
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=_HIDDEN) as hidden:
            for number, span in enumerate(spans, 1):
                name = _name(recording.path, number, wish)
                clipped += prepare.write_line(recording, span, Path(hidden) / name)
                copy = (folder / name).with_suffix(COPY) if wish.copies else None
                if copy is not None:
                    prepare.write_copy(Path(hidden) / name, Path(hidden) / copy.name)
                made.append(Line(folder / name, span, copy))
            for path in sorted(Path(hidden).iterdir()):
                path.replace(folder / path.name)
    told = _told(recording, clipped, made, known)
    return Prepared(recording.path, tuple(made), known, told)


def _told(
    recording: Recording, clipped: int, made: Sequence[Line], known: CredentialFacts
) -> tuple[Problem, ...]:
    """What is worth knowing of what was made."""
    where, shape = Where(str(recording.path)), recording.shape
    found = []
    if known.integrity is not Integrity.ABSENT:
        message = "its Content Credentials are lost: the lines carry none"
        found.append(Problem("credential-lost", message, where, severity=Severity.WARNING))
    if clipped:
        message = f"{clipped} values above full scale are clipped"
        found.append(Problem("sound-clipped", message, where, severity=Severity.WARNING))
    if shape.non_finite or shape.decode_errors or shape.missing:
        message = (
            f"{shape.non_finite} values are no numbers, {shape.decode_errors} packets do not "
            f"decode, {shape.missing} samples are declared and not there: silent now"
        )
        found.append(Problem("sound-repaired", message, where, severity=Severity.WARNING))
    if not made:
        found.append(Problem("no-speech", "no speech found", where, severity=Severity.NOTE))
    return tuple(found)
