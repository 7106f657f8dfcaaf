"""Sign a finished render: the plan's claim, the files that went in, and who answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finisher.c2pa.signing import IngredientFile, SigningRequest, sign
from finisher.provenance.identity import Identity
from finisher.provenance.manifest import ManifestRequest

_CLAIM_PICTURE = "claim.jpg"


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """JPEG pictures a checker may show: of the programme, and of files by ingredient label."""

    claim: bytes | None = None
    ingredients: Mapping[str, bytes] = field(default_factory=dict)


def signed(
    source: Path,
    destination: Path,
    request: ManifestRequest,
    identity: Identity,
    folder: Path,
    thumbnails: Thumbnails | None = None,
) -> None:
    """Write a signed copy of a render.

    Args:
        source: the finished, unsigned file; all muxing comes before.
        destination: where the signed copy appears, whole or not at all.
        request: the claim and its ingredients.
        identity: who signs.
        folder: what the ingredients' paths are relative to.
        thumbnails: pictures to put in.

    Raises:
        PolicyError, MediaError, RenderError, MachineError: as `finisher.c2pa.signing.sign`.
    """
    shown = thumbnails or Thumbnails()
    resources: dict[str, bytes] = {}
    manifest = dict(request.manifest)
    if shown.claim is not None:
        manifest["thumbnail"] = _picture(_CLAIM_PICTURE)
        resources[_CLAIM_PICTURE] = shown.claim
    files = []
    for number, ingredient in enumerate(request.ingredients):
        record = dict(ingredient.record)
        if (picture := shown.ingredients.get(record["label"])) is not None:
            # Labels come from the edit list; a name of our own is safe as an identifier.
            identifier = f"ingredient-{number}.jpg"
            record["thumbnail"] = _picture(identifier)
            resources[identifier] = picture
        files.append(IngredientFile(folder / ingredient.path, record, ingredient.manifest))
    anchors = "\n".join(filter(None, (identity.root, request.anchors))) or None
    sign(
        source,
        destination,
        SigningRequest(
            manifest, identity.signer, tuple(files), resources, request.attributed, anchors
        ),
    )


def _picture(identifier: str) -> dict[str, Any]:
    """The record of a thumbnail."""
    return {"format": "image/jpeg", "identifier": identifier}
