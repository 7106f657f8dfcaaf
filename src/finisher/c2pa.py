"""The one door to Content Credentials: read what a file carries, sign what was made."""

from __future__ import annotations

import contextlib
import io
import json
import mimetypes
import mmap
import os
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from finisher.problems import (
    FinisherError,
    MachineError,
    MediaError,
    PolicyError,
    Problem,
    RenderError,
)

if TYPE_CHECKING:
    import c2pa
EKUS = (
    "1.3.6.1.4.1.62558.2.1",  # C2PA claim signing
    "1.3.6.1.5.5.7.3.36",  # document signing
    "1.3.6.1.5.5.7.3.4",  # e-mail protection
    "1.3.6.1.4.1.311.76.59.1.9",  # Microsoft's own for C2PA
    "1.3.6.1.5.5.7.3.8",  # time stamping
    "1.3.6.1.5.5.7.3.9",  # OCSP signing
)
"""Extended key usages a signer may have; without a list the SDK takes e-mail protection alone."""

# What a file is is told by its first bytes: a signed take named .webm would otherwise go in
# without its manifest, silently.
_MAGIC = (
    (4, b"ftyp", "video/mp4"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/avi"),
    (8, b"WEBP", "image/webp"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG", "image/png"),
    (0, b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (0, b"OggS", "application/ogg"),
)
_LARGEST_CLAIM = 1 << 20
"""Bytes of JSON the SDK takes, its closing zero included."""
_UNKNOWN = "application/octet-stream"
# In every manifest store, and nowhere else: the description box of its outermost superbox.
_STORE_MARK = b"jumdc2pa"


class Obstacle(StrEnum):
    """Why credentials that may be there can't be read."""

    REMOTE = "remote-not-fetched"
    """The file only names an address; addresses in files are never followed."""
    SEVERAL = "more-than-one-store"
    DAMAGED = "store-damaged"
    UNSUPPORTED = "format-unsupported"
    UNREADABLE = "file-unreadable"


_LOST = frozenset({Obstacle.SEVERAL, Obstacle.DAMAGED})


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


Outcome = Reading | Obstructed | None
"""What reading gives; None means that the file carries no manifest."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate chain (PEM, leaf first) and the function that signs with the leaf's key."""

    algorithm: str
    """One of es256, es384, es512, ps256, ps384, ps512, ed25519."""
    chain: str
    sign: Callable[[bytes], bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class IngredientFile:
    """A file that went in, its ingredient record, and the manifest it must bring along."""

    path: Path
    record: dict[str, Any]
    manifest: str | None = None


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """Everything a signature needs besides the file."""

    manifest: dict[str, Any]
    signer: Signer
    ingredients: tuple[IngredientFile, ...] = ()
    resources: Mapping[str, bytes] = field(default_factory=dict)
    """Thumbnails by the identifier the manifest names them with."""
    attributed: tuple[str, ...] = ()
    """Labels, without versions, of the assertions the signer answers for."""
    anchors: str | None = None


def _sdk() -> ModuleType:
    """The SDK, loaded when first needed: commands that touch no file must not wait for it."""
    import c2pa  # noqa: PLC0415

    sdk: ModuleType = c2pa
    return sdk


def version() -> str:
    """The version of the C2PA package at work, read off its metadata without loading it."""
    return metadata.version("c2pa-python")


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
        outcome = _read(_format(stream, path), stream, anchors, store)
        if isinstance(outcome, Obstructed) and outcome.obstacle is Obstacle.DAMAGED:
            return outcome if _marked(stream) else replace(outcome, obstacle=Obstacle.UNREADABLE)
        return outcome


def _marked(stream: io.BufferedReader) -> bool:
    """Whether a file that can't be parsed has something of a manifest store in it."""
    if stream.seek(0, os.SEEK_END) == 0:
        return False  # nothing can't be mapped
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(_STORE_MARK) >= 0


def _read(
    kind: str,
    stream: io.BufferedReader | io.BytesIO,
    anchors: str | None,
    store: bytes | None = None,
) -> Outcome:
    """Read a store from an open stream, or the given one against it."""
    try:
        with _sdk().Reader(kind, stream, store, context=_context(anchors)) as reader:
            found = json.loads(reader.json())
    except _sdk().C2paError as error:
        return _obstructed(str(error))
    except ValueError as error:
        return Obstructed(Obstacle.DAMAGED, str(error))
    state = str(found.get("validation_state", "Invalid"))
    return Reading(found, state, embedded=store is None)


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


def _context(anchors: str | None, attributed: tuple[str, ...] = ()) -> c2pa.Context:
    """Settings of every call: no network, an explicit list of key usages, given anchors only."""
    trust = {"trust_config": "\n".join(EKUS)}
    if anchors:
        trust["user_anchors"] = anchors
    return _sdk().Context.from_dict(
        {
            # By default files of up to half a gigabyte are kept in memory while they are signed.
            "core": {"backing_store_memory_threshold_in_mb": 16},
            "trust": trust,
            "verify": {
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
                "verify_after_sign": True,
            },
            "builder": {"created_assertion_labels": list(attributed)},
        }
    )


def _format(stream: io.BufferedReader, path: Path) -> str:
    """The MIME type by content; unknown content is left to the SDK's own detection."""
    head = stream.read(16)
    stream.seek(0)
    for offset, magic, kind in _MAGIC:
        if head[offset:].startswith(magic):
            return kind
    return mimetypes.guess_type(path.name)[0] or _UNKNOWN


def sign(source: Path, destination: Path, request: SigningRequest) -> None:
    """Write a signed copy of a file; the destination appears whole or not at all.

    Raises:
        PolicyError: when the source carries a manifest that is no ingredient, so that signing
            would lose it, or when an ingredient's manifest did not come along.
        MediaError: when source or an ingredient is missing or of a format that can't be signed.
        RenderError: when the SDK refuses manifest or identity.
        MachineError: when the signed copy can't be written.
        Exception: whatever the signer's own function raised, as it raised it.
    """
    if destination.exists() and source.samefile(destination):
        raise RenderError(Problem("sign-in-place", f"{source.name} can't be signed onto itself"))
    if len(json.dumps(request.manifest)) >= _LARGEST_CLAIM:
        raise RenderError(Problem("manifest-too-large", "the claim is larger than 1 MiB of JSON"))
    _refuse_loss(source, request)
    part = destination.with_name(f".{destination.name}.{uuid.uuid4().hex[:8]}.signing")
    try:
        store = _sign(source, part, request)
        _refuse_lost_ingredients(store, request.ingredients)
        part.replace(destination)
    finally:
        part.unlink(missing_ok=True)


def _refuse_loss(source: Path, request: SigningRequest) -> None:
    """Signing replaces a file's store; refuse unless what it holds goes in as an ingredient."""
    outcome = read(source)
    if outcome is None:
        return
    if isinstance(outcome, Obstructed) and outcome.obstacle is Obstacle.UNSUPPORTED:
        raise MediaError(Problem("format-unsigned", f"{source.name}: {outcome.detail}"))
    if isinstance(outcome, Reading):
        urn = outcome.store.get("active_manifest")
        for ingredient in request.ingredients:
            found = read(ingredient.path)
            if isinstance(found, Reading) and found.store.get("active_manifest") == urn:
                return
    raise PolicyError(
        Problem(
            "credential-lost",
            f"{source.name} already carries Content Credentials, which signing would delete",
            hint="sign the unsigned render, or list the file as an ingredient",
        )
    )


def _refuse_lost_ingredients(store: bytes, ingredients: tuple[IngredientFile, ...]) -> None:
    """Every manifest that was to come along is in the store just signed."""
    expected = {item.manifest: item.path.name for item in ingredients if item.manifest}
    if not expected:
        return
    outcome = _read("application/c2pa", io.BytesIO(store), None)
    present = outcome.store.get("manifests", {}) if isinstance(outcome, Reading) else {}
    lost = [name for urn, name in expected.items() if urn not in present]
    if lost:
        raise PolicyError(
            Problem("credential-lost", f"the credentials of {', '.join(lost)} did not go in")
        )


def _sign(source: Path, part: Path, request: SigningRequest) -> bytes:
    """Sign into a new file and return the store; errors of the signer's function come through."""
    raised: list[BaseException] = []

    def callback(data: bytes) -> bytes:
        # The SDK swallows what a callback raises, and logs its text: keep it from both.
        try:
            return request.signer.sign(data)
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)
            return b""

    try:
        with (
            _builder(request) as builder,
            _signer(request.signer, callback) as signer,
            source.open("rb") as reading,
            part.open("x+b") as writing,
        ):
            return bytes(builder.sign(signer, _format(reading, source), reading, writing))
    except _sdk().C2paError as error:
        if raised:
            raise raised[0] from None
        raise _refused(error) from error
    except OSError as error:
        name = Path(error.filename or source).name
        raise MediaError(
            Problem("media-unreadable", f"{name}: {error.strerror or 'unreadable'}")
        ) from error


def _refused(error: Exception) -> FinisherError:
    """An SDK error while signing, as one of ours."""
    message = str(error)
    if message.startswith("NotSupported"):
        return MediaError(Problem("format-unsigned", message))
    if message.startswith("Io"):
        # Source and ingredients were read before; what fails now is writing.
        hint = "the signed copy needs as much room again as the render"
        return MachineError(Problem("signing-unwritable", message, hint=hint))
    return RenderError(Problem("signing-refused", message))


@contextlib.contextmanager
def _builder(request: SigningRequest) -> Iterator[c2pa.Builder]:
    """A builder with its resources and ingredients in place."""
    context = _context(request.anchors, request.attributed)
    with _sdk().Builder(request.manifest, context) as builder:
        for identifier, data in request.resources.items():
            builder.add_resource(identifier, io.BytesIO(data))
        for ingredient in request.ingredients:
            _add(builder, ingredient)
        yield builder


def _add(builder: c2pa.Builder, ingredient: IngredientFile) -> None:
    """Add an ingredient; one that the SDK can't parse goes in by name, and says so if it held more.

    Players read many files that the SDK does not; they must not stop an export at its last step.
    """
    with ingredient.path.open("rb") as stream:
        try:
            kind = _format(stream, ingredient.path)
            builder.add_ingredient(ingredient.record, kind, stream)
        except _sdk().C2paError:
            if ingredient.manifest is not None:
                raise
        else:
            return
    record = dict(ingredient.record)
    outcome = read(ingredient.path)
    if isinstance(outcome, Obstructed) and outcome.obstacle in _LOST:
        failure = {"code": "manifest.inaccessible", "explanation": str(outcome.obstacle)}
        results = {"success": [], "informational": [], "failure": [failure]}
        record["validation_results"] = {"activeManifest": results}
    builder.add_ingredient(record, _UNKNOWN, io.BytesIO())


def _signer(signer: Signer, callback: Callable[[bytes], bytes]) -> c2pa.Signer:
    """The SDK's signer over a chain and a function."""
    algorithm = _sdk().C2paSigningAlg[signer.algorithm.upper()]
    return _sdk().Signer.from_callback(callback, algorithm, signer.chain, None)
