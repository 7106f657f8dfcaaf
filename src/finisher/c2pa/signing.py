"""Sign a finished file: the copy appears whole or not at all, and nothing is lost on the way."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from finisher.c2pa.apart import Interruptible, apart
from finisher.c2pa.building import IngredientFile, building
from finisher.c2pa.films import in_pieces
from finisher.c2pa.reading import Obstacle, Obstructed, Outcome, Reading, read, read_stream
from finisher.c2pa.sdk import context, media_type, sdk
from finisher.c2pa.sidecars import sidecar
from finisher.c2pa.stamping import StampRefused, TimeStamping, stamped, without
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

_LARGEST_CLAIM = 1 << 20
"""Bytes of JSON the SDK takes, its closing zero included."""
_STORE = "application/c2pa"
_STAMPLESS = ("Signature", "Verify")
"""How the SDK's errors begin where a time-stamp was refused, or is one that does not validate. Were
it the signature itself, it would be refused without a time-stamp too."""
_LARGE = 64 << 20
"""Bytes of media from which on it is hashed in pieces, so that memory stays small."""
_PIECE = 4096
"""Size of a piece in KiB: 32 bytes of the store for each, 8 KB for a gigabyte."""


@dataclass(frozen=True, slots=True)
class Signer:
    """A certificate chain (PEM, leaf first) and the function that signs with the leaf's key."""

    algorithm: str
    """One of es256, es384, es512, ps256, ps384, ps512, ed25519."""
    chain: str
    sign: Callable[[bytes], bytes] = field(repr=False)
    stop: Event = field(default_factory=Event, repr=False, compare=False)
    """Set when nobody waits for its signature any more."""


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
    beside: bool = False
    """Whether the store goes into a file beside the copy, which then has the source's bytes."""
    address: str | None = None
    """Where on the web the store beside will lie, if the source notes it; nobody is asked."""
    stamping: TimeStamping | None = None


@dataclass(frozen=True, slots=True)
class Signed:
    """What signing left on the disk."""

    sidecar: Path | None
    """The store beside the copy, None where it is embedded."""
    unstamped: str | None = None
    """Why there is no time-stamp, where one was asked for."""


def sign(source: Path, destination: Path, request: SigningRequest) -> Signed:
    """Write a signed copy of a file; the destination appears whole or not at all.

    A store that goes beside the copy appears before it. Media are not read again: whoever signs
    should audit what came of it.

    Raises:
        PolicyError: when the source carries a manifest that is no ingredient, so that signing
            would lose it, or when an ingredient's manifest did not come along.
        MediaError: when source or an ingredient is missing or of a format that can't be signed.
        RenderError: when the SDK refuses manifest or identity.
        MachineError: when the signed copy can't be written.
        BaseException: whatever the signer's own function raised, as it raised it.
    """
    if destination.exists() and source.samefile(destination):
        raise RenderError(Problem("sign-in-place", f"{source.name} can't be signed onto itself"))
    if len(json.dumps(request.manifest)) >= _LARGEST_CLAIM:
        raise RenderError(Problem("manifest-too-large", "the claim is larger than 1 MiB of JSON"))
    _refuse_loss(source, request)
    mark = uuid.uuid4().hex[:8]
    part = destination.with_name(f".{destination.name}.{mark}.signing")
    store_part = destination.with_name(f".{destination.name}.{mark}.store")
    try:
        store, unstamped = _signed(source, part, request)
        _refuse_lost_ingredients(store, request.ingredients)
        if request.beside:
            _write(store_part, store)
            store_part.replace(sidecar(destination))
        part.replace(destination)
    finally:
        part.unlink(missing_ok=True)
        store_part.unlink(missing_ok=True)
    return Signed(sidecar(destination) if request.beside else None, unstamped)


def _signed(source: Path, part: Path, request: SigningRequest) -> tuple[bytes, str | None]:
    """Sign into a new file: the store, and why it has no time-stamp where it should have one."""

    def once(authority: str | None) -> bytes:
        part.unlink(missing_ok=True)

        def work(stop: Event) -> bytes:
            return _sign(source, part, request, authority, stop)

        return apart(work, request.signer.stop)

    if request.stamping is None:
        return once(None), None
    try:
        store = stamped(request.stamping, once)
    except StampRefused as error:
        return once(None), str(error)
    if without(read_stream(_STORE, io.BytesIO(store), request.anchors)):
        return store, "the authority's time-stamp does not validate"
    return store, None


def _write(path: Path, data: bytes) -> None:
    """Write a new file.

    Raises:
        MachineError: when it can't be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise _unwritable(error.strerror or "refused") from error


def _refuse_loss(source: Path, request: SigningRequest) -> None:
    """Signing replaces a file's store; refuse unless what it holds goes in as an ingredient."""
    outcome = read(source)
    if outcome is None:
        return
    if isinstance(outcome, Obstructed):
        placeless = outcome.obstacle is Obstacle.UNSUPPORTED
        noted = outcome.obstacle is Obstacle.REMOTE and _own(outcome.detail, request.address)
        if request.beside and (placeless or noted):
            return
        if placeless:
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


def _own(detail: str, address: str | None) -> bool:
    """Whether the address that a source names is the one it was given for this signature."""
    return address is not None and detail.endswith(address)


def _refuse_lost_ingredients(store: bytes, ingredients: tuple[IngredientFile, ...]) -> None:
    """Every manifest that was to come along is in the store just signed."""
    expected = {item.manifest: item.path.name for item in ingredients if item.manifest}
    if not expected:
        return
    present = _manifests(read_stream(_STORE, io.BytesIO(store), None))
    lost = [name for urn, name in expected.items() if urn not in present]
    if lost:
        raise PolicyError(
            Problem("credential-lost", f"the credentials of {', '.join(lost)} did not go in")
        )


def _manifests(outcome: Outcome) -> Mapping[str, Any]:
    """The manifests of a store by their URN."""
    found = outcome.store.get("manifests", {}) if isinstance(outcome, Reading) else {}
    return found if isinstance(found, Mapping) else {}


def _sign(
    source: Path, part: Path, request: SigningRequest, authority: str | None, stop: Event
) -> bytes:
    """Sign into a new file and return the store; errors of the signer's function come through.

    Raises:
        StampRefused: when the signature was made, and the authority gave no time-stamp for it.
    """
    raised: list[BaseException] = []
    made: list[bytes] = []

    def callback(data: bytes) -> bytes:
        # The SDK swallows what a callback raises, and logs its text: keep it from both.
        try:
            made.append(request.signer.sign(data))
        except BaseException as error:  # noqa: BLE001 - raised again below
            raised.append(error)
            return b""
        return made[-1]

    # What the pieces hash to would lie in boxes of the copy, which beside its store has none.
    pieces = _PIECE if not request.beside and _large(source) else None
    settings = context(request.anchors, request.attributed, pieces)
    parts = (request.manifest, settings, request.resources, request.ingredients, request.anchors)
    try:
        with (
            building(*parts) as builder,
            _signer(request.signer, callback, authority) as signer,
            source.open("rb") as reading,
            part.open("x+b") as writing,
        ):
            if request.beside:
                builder.set_no_embed()
            kind = media_type(reading, source)
            streams = Interruptible(reading, stop), Interruptible(writing, stop)
            return bytes(builder.sign(signer, kind, *streams))
    except sdk().C2paError as error:
        if raised:
            raise raised[0] from None
        if authority is not None and made and str(error).startswith(_STAMPLESS):
            raise StampRefused(str(error)) from None
        raise _refused(error) from error
    except OSError as error:
        name = Path(error.filename or source).name
        if error.filename is None or Path(error.filename) == part:
            raise _unwritable(error.strerror or "refused") from error
        raise MediaError(
            Problem("media-unreadable", f"{name}: {error.strerror or 'unreadable'}")
        ) from error


def _large(source: Path) -> bool:
    """Whether a file's media is to be hashed in pieces."""
    with source.open("rb") as stream:
        return in_pieces(stream, _LARGE)


def _refused(error: Exception) -> FinisherError:
    """An SDK error while signing, as one of ours."""
    message = str(error)
    if message.startswith("NotSupported"):
        return MediaError(Problem("format-unsigned", message))
    if message.startswith("Io"):
        # Source and ingredients were read before; what fails now is writing.
        return _unwritable(message)
    return RenderError(Problem("signing-refused", message))


def _unwritable(message: str) -> MachineError:
    """The signed copy can't be written."""
    hint = "the signed copy needs as much room again as the render"
    return MachineError(Problem("signing-unwritable", message, hint=hint))


def _signer(
    signer: Signer, callback: Callable[[bytes], bytes], authority: str | None
) -> c2pa.Signer:
    """The SDK's signer over a chain and a function."""
    algorithm = sdk().C2paSigningAlg[signer.algorithm.upper()]
    return sdk().Signer.from_callback(callback, algorithm, signer.chain, authority)
