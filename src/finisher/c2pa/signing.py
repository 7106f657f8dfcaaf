"""Sign a finished file: the copy appears whole or not at all, and nothing is lost on the way."""

from __future__ import annotations

import contextlib
import io
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finisher.c2pa.reading import Obstacle, Obstructed, Reading, read, read_stream
from finisher.c2pa.sdk import UNKNOWN, context, media_type, sdk
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
_LOST = frozenset({Obstacle.SEVERAL, Obstacle.DAMAGED})


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
    outcome = read_stream("application/c2pa", io.BytesIO(store), None)
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
            return bytes(builder.sign(signer, media_type(reading, source), reading, writing))
    except sdk().C2paError as error:
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
    settings = context(request.anchors, request.attributed)
    with sdk().Builder(request.manifest, settings) as builder:
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
            kind = media_type(stream, ingredient.path)
            builder.add_ingredient(ingredient.record, kind, stream)
        except sdk().C2paError:
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
    builder.add_ingredient(record, UNKNOWN, io.BytesIO())


def _signer(signer: Signer, callback: Callable[[bytes], bytes]) -> c2pa.Signer:
    """The SDK's signer over a chain and a function."""
    algorithm = sdk().C2paSigningAlg[signer.algorithm.upper()]
    return sdk().Signer.from_callback(callback, algorithm, signer.chain, None)
