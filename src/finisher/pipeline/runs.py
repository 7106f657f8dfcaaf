"""Whole runs made before, known again by the files they were made from, none of them opened.

What is loaded here is what a run waits for that has nothing to do: keep it little.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from finisher import __version__
from finisher.canonical import Json, digest, from_json, to_json
from finisher.pipeline import memory
from finisher.pipeline.names import Destination
from finisher.pipeline.settings import Settings
from finisher.pipeline.stems import sha256_of
from finisher.pipeline.written import written
from finisher.report.delivery import Delivery
from finisher.shipped import package
from finisher.store import Store

KIND = "runs"
_REVISION = 2
"""Raised when runs made before should be looked into again."""
_LIBRARIES = (
    *("av", "c2pa", "cryptography", "cv2", "imageio_ffmpeg", "moviepy", "numpy", "pydantic"),
    *("PyOpenColorIO", "soxr"),
)
"""What decides what comes out of a run, besides finisher's own code."""
_CIRCUMSTANCES = (
    *("HOME", "XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "APPDATA", "LOCALAPPDATA", "USERPROFILE"),
    *("PATH", "FINISHER_FFMPEG", "IMAGEIO_FFMPEG_EXE"),
)
"""What decides where presets of one's own and programs are found."""


@dataclass(frozen=True, slots=True)
class Made:
    """One deliverable of a run, and the key it is remembered by."""

    key: str
    delivery: Delivery


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked for."""

    edl: Path
    presets: tuple[str, ...]
    output: str | None
    settings: Settings

    @property
    def key(self) -> str:
        """The request, where it was made, and the code that answers it."""
        settings = self.settings
        return digest(
            [
                *(_REVISION, __version__, _code()),
                *(str(Path.cwd()), str(self.edl), list(self.presets), self.output),
                to_json(replace(settings, jobs=None, signing=settings.signing.told)),
                {name: os.environ.get(name) for name in _CIRCUMSTANCES},
                "FINISH_KEY_PASSPHRASE" in os.environ,
            ]
        )


@dataclass(frozen=True, slots=True)
class Holding:
    """On what a run rests that is in no file."""

    until: datetime | None
    """From when it has to be looked at again; None for never."""
    signer: str | None
    """Who a program that holds the key signs for, by `SignedBy.key`; None where none does."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A run as it is stored."""

    witnesses: tuple[tuple[str, tuple[int, ...]], ...]
    """Every file it was made from, or looked for and did not find, with its identity."""
    until: str | None
    """ISO 8601 instant from which its signer has to be looked at again."""
    signer: str | None
    """As `Holding` has it."""
    made: tuple[Made, ...]


def recall(request: Request, store: Store) -> tuple[Delivery, ...] | None:
    """The deliverables of the same run made before, put in place again where they are not.

    None unless every file it was made from is the very one it was, its signer is the same and has
    not run out, the finished files have the bytes that were audited, and each is written down.

    Raises:
        MachineError: when a deliverable can't be put in place; when the program that holds the key
            is missing or does not say who signs, as is a DocumentError about what it says.
    """
    run = _stored(store.read(KIND, request.key))
    if run is None or not _still(run):
        return None
    if not written(map(_audited, run.made), request.settings.data):
        return None
    if _commanded(request.settings) != run.signer:
        return None
    found: list[Delivery] = []
    for made in run.made:
        stemmed, sidecarred = bool(made.delivery.stems), made.delivery.sidecar is not None
        place = Destination(Path(made.delivery.path), stemmed, sidecarred)
        known = memory.recall(store, made.key, place.media.suffix)
        if known is None or _in_doubt(known, place) or memory.put(known, place) is None:
            return None
        place.failed.remove()
        found.append(replace(made.delivery, audit=known.audit, known=True))
    return tuple(found)


def remember(
    request: Request,
    made_from: Iterable[Path],
    began: int,
    holds: Holding,
    made: Sequence[Made],
    store: Store,
) -> None:
    """Keep a run that was delivered, unless one of its files changed after it began.

    `began` is in nanoseconds since 1970, by the clock of this machine.

    Raises:
        MachineError: when the store can't be written.
    """
    paths = sorted({str(path.absolute()) for path in made_from})
    witnesses = tuple((path, _identity(path)) for path in paths)
    if any(identity and identity[-1] >= began for _, identity in witnesses):
        return
    until = holds.until.isoformat() if holds.until is not None else None
    run = _Run(witnesses, until, holds.signer, tuple(made))
    store.write(KIND, request.key, to_json(run))


def now() -> int:
    """Nanoseconds since 1970; they decide only what may be remembered, never what is made."""
    return time.time_ns()


def _stored(value: Json) -> _Run | None:
    """A run as it was stored; None where there is none, or one of another release."""
    try:
        return None if value is None else from_json(_Run, value)
    except (TypeError, ValueError, KeyError):
        return None


def _commanded(settings: Settings) -> str | None:
    """Who signs where a program holds the key: it is asked, as no file tells.

    Raises:
        DocumentError, MachineError: as `finisher.pipeline.signing.signer`.
    """
    if not settings.signing.command:
        return None
    from finisher.pipeline.signing import signer  # noqa: PLC0415 (no other run waits for it)

    return signer(settings).key


def _audited(made: Made) -> tuple[str, str]:
    """Where a deliverable lies, and the SHA-256 it was audited with."""
    audit = made.delivery.audit
    return made.delivery.path, "" if audit is None else audit.sha256


def _in_doubt(known: memory.Remembered, place: Destination) -> bool:
    """Whether other credentials lie beside it than the run left there: whose, takes a look."""
    left = known.sidecar[1] if known.sidecar is not None else None
    return place.sidecar.exists() and sha256_of(place.sidecar) != left


def _still(run: _Run) -> bool:
    """Whether all that a run was made from is as it was."""
    if run.until is not None and datetime.now(UTC) >= datetime.fromisoformat(run.until):
        return False
    return all(_identity(path) == identity for path, identity in run.witnesses)


def _identity(path: str) -> tuple[int, ...]:
    """Which file lies there, and when it last changed; nothing where none does.

    The time of modification can be set back; that of the inode's change cannot.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 (a path of bytes that are no text is one too)
    except OSError:
        return ()
    return (
        *(status.st_dev, status.st_ino, status.st_size),
        *(status.st_mtime_ns, status.st_ctime_ns),
    )


def _code() -> str:
    """Finisher's own modules and the libraries it works with, by their identities."""
    own = sorted(str(path) for path in package().rglob("*.py"))
    specs = (find_spec(name) for name in _LIBRARIES)
    libraries = [spec.origin for spec in specs if spec is not None and spec.origin is not None]
    return digest([(path, _identity(path)) for path in (*own, *libraries)])
