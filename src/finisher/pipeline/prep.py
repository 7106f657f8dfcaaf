"""Dialogue recordings made ready: cut into lines, each named by its place, none in silence."""

from __future__ import annotations

import contextlib
import filecmp
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True, slots=True)
class _Task:
    """One recording, and what is known of it before anything is written."""

    recording: Recording
    spans: tuple[Span, ...]
    credentials: CredentialFacts


@dataclass(frozen=True, slots=True)
class _Staged:
    """What was made of a recording, in a hidden folder beside its place."""

    prepared: Prepared
    hidden: Path | None
    """None where there is nothing to put in place."""


def prepare_all(files: Sequence[Path], wish: Wish) -> tuple[Prepared, ...]:
    """Cut recordings into lines, `<stem>-01.wav` and on, or `<stem>-trimmed.wav`.

    All are read and judged before the first is written. Lines and copies appear together, once
    all of them are made, and what lies under a recording's numbers then is what was made of it:
    a file that is there already stays if its bytes are the very ones, and refuses all otherwise,
    as one does whose number this run does not reach.

    A cut binds to nothing the recording was signed for, so what it carries is lost with it: that
    is refused unless it is allowed, and told when it is. Keep the recording; an edit list may
    name it as a layer, with `in` and `out`, and then its credentials come along.

    Raises:
        MediaError: with every file that can't be read or has no sound.
        PolicyError: when Content Credentials would be lost.
        DocumentError: when lines would replace a recording, or those of another; with every file
            that lies in the way.
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
        tasks = [_Task(*one) for one in zip(held, found, carried, strict=True)]
        return _written(tasks, wish)


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
                with writing(path):
                    taken = path.exists() and any(path.samefile(other) for other in files)
                if taken:
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


def _written(tasks: Sequence[_Task], wish: Wish) -> tuple[Prepared, ...]:
    """Write the lines of all recordings, whole or not at all."""
    with contextlib.ExitStack() as stack:
        staged = [_staged(task, wish, stack) for task in tasks]
        blocked = [problem for one in staged for problem in _in_the_way(one, wish)]
        if blocked:
            raise DocumentError(blocked)
        for one in staged:
            _place(one, _folder(one.prepared.file, wish))
    return tuple(one.prepared for one in staged)


def _staged(task: _Task, wish: Wish, stack: contextlib.ExitStack) -> _Staged:
    """Make a recording's lines and copies, not yet in their place."""
    recording, folder = task.recording, _folder(task.recording.path, wish)
    if not task.spans:
        told = _told(recording, 0, (), task.credentials)
        return _Staged(Prepared(recording.path, (), task.credentials, told), None)
    hidden = stack.enter_context(_workshop(folder))
    made: list[Line] = []
    clipped = 0
    for number, span in enumerate(task.spans, 1):
        name = _name(recording.path, number, wish)
        with writing(folder):
            clipped += prepare.write_line(recording, span, hidden / name)
        copy = (folder / name).with_suffix(COPY) if wish.copies else None
        if copy is not None:
            prepare.write_copy(hidden / name, hidden / copy.name)
        made.append(Line(folder / name, span, copy))
    told = _told(recording, clipped, made, task.credentials)
    return _Staged(Prepared(recording.path, tuple(made), task.credentials, told), hidden)


@contextlib.contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A hidden folder in a folder that is made for it, and gone again if nothing stays there."""
    with writing(folder):
        new = [one for one in (folder, *folder.parents) if not one.exists()]
    try:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            hidden = tempfile.TemporaryDirectory(dir=folder, prefix=_HIDDEN)
        with hidden as path:
            yield Path(path)
    finally:
        for one in new:
            with contextlib.suppress(OSError):  # it holds lines now
                one.rmdir()


def _in_the_way(staged: _Staged, wish: Wish) -> Iterator[Problem]:
    """What lies under a recording's numbers, and is not what was made of it."""
    folder = _folder(staged.prepared.file, wish)
    hint = "name another folder with -o, or move it away"
    made = {} if staged.hidden is None else {path.name: path for path in staged.hidden.iterdir()}
    for name in sorted(_numbered(staged.prepared.file, folder, wish) | made.keys()):
        there = folder / name
        if not os.path.lexists(there) or (name in made and _same(made[name], there)):
            continue
        message = (
            "it is there already, and is not what would be written"
            if name in made
            else "it has a number of this recording, which this run does not write"
        )
        yield Problem("output-exists", message, Where(str(there)), hint)


def _numbered(file: Path, folder: Path, wish: Wish) -> set[str]:
    """The names in a folder that lines and copies of a recording could have."""
    number = "trimmed" if wish.whole else "(?:0[1-9]|[1-9][0-9]+)"
    line = re.compile(f"{re.escape(file.stem)}-{number}(?:{re.escape(COPY)}|\\.wav)")
    with writing(folder):
        names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
        return {name for name in names if line.fullmatch(name)}


def _same(made: Path, there: Path) -> bool:
    """Whether a file holds what was made; one that can't be read does not."""
    with contextlib.suppress(OSError):
        return there.is_file() and filecmp.cmp(made, there, shallow=False)
    return False


def _place(staged: _Staged, folder: Path) -> None:
    """Put what was made in its place; what is there already, being the same, stays."""
    if staged.hidden is None:
        return
    with writing(folder):
        for path in sorted(staged.hidden.iterdir()):
            if not (folder / path.name).exists():
                path.replace(folder / path.name)


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
