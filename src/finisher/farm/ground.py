"""What whoever renders units elsewhere must share with whoever planned them: store and versions."""

from __future__ import annotations

import platform
import tempfile
import uuid
from dataclasses import dataclass
from pathlib import Path

import cv2

from finisher import __version__
from finisher.media.versions import libraries
from finisher.problems import MachineError, Problem, Where
from finisher.store import Store

KIND = "farm"
_KEY = "00name"
"""One entry a store, under which its name lies."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What is common: one store, known by its name, and the libraries that content keys hold."""

    name: str
    """What the store calls itself: a folder of the same path on another disk is another store."""
    versions: dict[str, str]


def ground_of(store: Store) -> Ground:
    """The ground that work planned here stands on; a store without a name is given one.

    Raises:
        MachineError: when the store can't be written.
    """
    if not isinstance(store.read(KIND, _KEY), str):
        store.write(KIND, _KEY, uuid.uuid4().hex)
    return Ground(str(store.read(KIND, _KEY)), versions())


def versions() -> dict[str, str]:
    """Whatever must be the same for units to be the same, byte for byte."""
    return {"finisher": __version__, "opencv": cv2.__version__, **libraries()}


def check(ground: Ground, store: Path) -> None:
    """Whether this process stands on the same ground.

    Raises:
        MachineError: `farm-differs` where versions are others, `farm-blind` where the folder is
            not that store, or can't be written.
    """
    here, machine = versions(), platform.node() or "this machine"
    other = [f"{name} {here.get(name, 'none')}, not {v}" for name, v in ground.versions.items()
             if here.get(name) != v]  # fmt: skip
    if other:
        message = f"{machine} has {'; '.join(other)}"
        hint = "install the same finisher and libraries on every machine"
        raise MachineError(Problem("farm-differs", message, hint=hint))
    if Store(store).read(KIND, _KEY) != ground.name:
        raise blind(store, "the store of whoever planned this work is not there")
    try:
        with tempfile.TemporaryFile(dir=store):
            pass
    except OSError as error:
        raise blind(store, f"the store can't be written: {error.strerror}") from error


def blind(path: Path, what: str) -> MachineError:
    """The problem of a machine that does not see what it is to work with."""
    machine = platform.node() or "this machine"
    hint = "every machine must see store and takes at the same paths"
    return MachineError(Problem("farm-blind", f"{machine}: {what}", Where(str(path)), hint))
