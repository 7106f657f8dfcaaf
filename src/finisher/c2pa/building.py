"""Put a claim together: its resources, and every file that went in with the store it carries."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finisher.c2pa.reading import Obstacle, Obstructed, Outcome, Reading, read
from finisher.c2pa.sdk import UNKNOWN, media_type, sdk
from finisher.c2pa.sidecars import sidecar

if TYPE_CHECKING:
    import c2pa

_LOST = frozenset({Obstacle.SEVERAL, Obstacle.DAMAGED})
_STORE = "application/c2pa"


@dataclass(frozen=True, slots=True)
class IngredientFile:
    """A file that went in, its ingredient record, and the manifest it must bring along."""

    path: Path
    record: dict[str, Any]
    manifest: str | None = None


@contextlib.contextmanager
def building(
    manifest: dict[str, Any],
    settings: c2pa.Context,
    resources: Mapping[str, bytes],
    ingredients: Sequence[IngredientFile],
    anchors: str | None,
) -> Iterator[c2pa.Builder]:
    """A builder with its resources and ingredients in place.

    Raises:
        OSError: when an ingredient can't be opened.
        C2paError: when the SDK refuses one that must bring a manifest along.
    """
    with sdk().Builder(manifest, settings) as builder:
        for identifier, data in resources.items():
            builder.add_resource(identifier, io.BytesIO(data))
        for number, ingredient in enumerate(ingredients):
            _add(builder, ingredient, number, anchors)
        yield builder


def _add(
    builder: c2pa.Builder, ingredient: IngredientFile, number: int, anchors: str | None
) -> None:
    """Add an ingredient; one that the SDK can't parse goes in by name, and says so if it held more.

    Players read many files that the SDK does not; they must not stop an export at its last step.
    """
    beside = _beside(ingredient.path, anchors)
    if isinstance(beside, Reading):
        _add_with_store(builder, ingredient, number, beside)
        return
    if isinstance(beside, Obstructed):
        _add_by_name(builder, ingredient, beside.obstacle)
        return
    with ingredient.path.open("rb") as stream:
        try:
            kind = media_type(stream, ingredient.path)
            builder.add_ingredient(ingredient.record, kind, stream)
        except sdk().C2paError:
            if ingredient.manifest is not None:
                raise
        else:
            return
    outcome = read(ingredient.path)
    obstacle = outcome.obstacle if isinstance(outcome, Obstructed) else None
    _add_by_name(builder, ingredient, obstacle if obstacle in _LOST else None)


def _add_by_name(
    builder: c2pa.Builder, ingredient: IngredientFile, obstacle: Obstacle | None
) -> None:
    """Add an ingredient without its content, and what stood in the way of the store it has."""
    record = dict(ingredient.record)
    if obstacle is not None:
        failure = {"code": "manifest.inaccessible", "explanation": str(obstacle)}
        results = {"success": [], "informational": [], "failure": [failure]}
        record["validation_results"] = {"activeManifest": results}
    builder.add_ingredient(record, UNKNOWN, io.BytesIO())


def _add_with_store(
    builder: c2pa.Builder, ingredient: IngredientFile, number: int, beside: Reading
) -> None:
    """Add an ingredient whose store lies beside it, with what validating the two gave."""
    identifier = f"ingredient-{number}.c2pa"
    builder.add_resource(identifier, io.BytesIO(sidecar(ingredient.path).read_bytes()))
    with ingredient.path.open("rb") as stream:
        kind = media_type(stream, ingredient.path)
    record = ingredient.record | {
        "format": kind,
        "active_manifest": beside.store["active_manifest"],
        "manifest_data": {"format": _STORE, "identifier": identifier},
        "validation_results": beside.store["validation_results"],
    }
    builder.add_ingredient(record, UNKNOWN, io.BytesIO())


def _beside(path: Path, anchors: str | None) -> Outcome:
    """The store beside a file that embeds none, validated against it.

    One that was made for another file, or for this one before it was changed, is a failure to be
    recorded: nobody can tell which.
    """
    if not sidecar(path).is_file() or not _bare(read(path)):
        return None
    return read(path, anchors, sidecar(path))


def _bare(outcome: Outcome) -> bool:
    """Whether a file embeds no store: it has none, names an address, or has no place for one."""
    return outcome is None or (
        isinstance(outcome, Obstructed)
        and outcome.obstacle in (Obstacle.REMOTE, Obstacle.UNSUPPORTED)
    )
