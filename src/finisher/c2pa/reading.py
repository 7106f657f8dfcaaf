"""Read and validate the manifest store of a file, or learn what stands in the way."""

from __future__ import annotations

import io
import json
import mmap
import os
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from finisher.c2pa.boxes import MARK, Reference, StoreBox, references, store_boxes
from finisher.c2pa.sdk import context, media_type, sdk
from finisher.problems import MediaError, Problem


class Obstacle(StrEnum):
    """Why credentials that may be there can't be read."""

    REMOTE = "remote-not-fetched"
    """The file only names an address; addresses in files are never followed."""
    FOREIGN = "sidecar-foreign"
    """A store lies beside the file that does not validate against it."""
    SEVERAL = "more-than-one-store"
    DAMAGED = "store-damaged"
    UNSUPPORTED = "format-unsupported"
    UNREADABLE = "file-unreadable"


@dataclass(frozen=True, slots=True)
class Obstructed:
    """A file whose credentials can't be read, and what stands in the way."""

    obstacle: Obstacle
    detail: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A manifest store as the SDK sees it now; every string in it may be hostile.

    `store` is the SDK's manifest store document. It tells the past and the present of every
    ingredient: what its owner's signer recorded stands with the ingredient, what differs from
    that today in the deltas of the active manifest's results. A failure may stand in one alone.
    """

    store: dict[str, Any]
    state: str
    """`Trusted`, `Valid` or `Invalid` in the SDK's words; blind to ingredients that were bad."""
    embedded: bool
    stores: tuple[StoreBox, ...] = ()
    """Those that lie in the file, where they can be found without the SDK; an update lies in one of
    its own."""
    references: tuple[Reference, ...] = ()
    """Ingredients that name their manifest by its hash."""


Outcome = Reading | Obstructed | None
"""What reading gives; None means that the file carries no manifest."""


def read(path: Path, anchors: str | None = None, beside: Path | None = None) -> Outcome:
    """Read and validate the manifest store of a file, never touching the network.

    Args:
        path: the file; its content tells its format, not its name.
        anchors: PEM certificates of the signers to trust.
        beside: a file that holds the store, for one that is not embedded.

    Returns:
        The reading, what stands in its way, or None when no manifest is embedded.

    Raises:
        MediaError: when there is no such file.
    """
    try:
        store = beside.read_bytes() if beside is not None else None
        stream = path.open("rb")
    except OSError as error:
        raise MediaError(
            Problem("media-missing", f"{path.name}: {error.strerror or 'unreadable'}")
        ) from None
    with stream:
        outcome = read_stream(media_type(stream, path), stream, anchors, store)
        if isinstance(outcome, Reading):
            return replace(outcome, stores=_stores(stream, beside))
        if isinstance(outcome, Obstructed) and outcome.obstacle is Obstacle.DAMAGED:
            return outcome if _marked(stream) else replace(outcome, obstacle=Obstacle.UNREADABLE)
        return outcome


def _stores(stream: io.BufferedReader, beside: Path | None) -> tuple[StoreBox, ...]:
    """The stores that lie in the file, or in the one beside it."""
    if beside is None:
        return store_boxes(stream)
    with beside.open("rb") as other:
        return store_boxes(other)


def _marked(stream: io.BufferedReader) -> bool:
    """Whether a file that can't be parsed has something of a manifest store in it."""
    if stream.seek(0, os.SEEK_END) == 0:
        return False  # nothing can't be mapped
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(MARK) >= 0


def read_stream(
    kind: str,
    stream: io.BufferedReader | io.BytesIO,
    anchors: str | None,
    store: bytes | None = None,
) -> Outcome:
    """Read a store from an open stream, or the given one against it."""
    try:
        with sdk().Reader(kind, stream, store, context=context(anchors)) as reader:
            found = json.loads(reader.json())
            named = references(json.loads(reader.crjson()))
    except sdk().C2paError as error:
        return _obstructed(str(error))
    except (ValueError, RecursionError) as error:
        return Obstructed(Obstacle.DAMAGED, str(error))
    state = str(found.get("validation_state", "Invalid"))
    return Reading(found, state, embedded=store is None, references=named)


def _obstructed(message: str) -> Obstructed | None:
    """What an error of the SDK says about the file; its messages begin with their kind."""
    kind = message.partition(":")[0].strip()
    if kind == "ManifestNotFound":
        return None
    if "more than one manifest store" in message:
        return Obstructed(Obstacle.SEVERAL, message)
    obstacle = {
        "Remote": Obstacle.REMOTE,
        "RemoteManifest": Obstacle.REMOTE,
        "NotSupported": Obstacle.UNSUPPORTED,
    }.get(kind, Obstacle.DAMAGED)
    return Obstructed(obstacle, message)
