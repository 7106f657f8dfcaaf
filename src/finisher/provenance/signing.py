"""Sign a finished render: the plan's claim, the files that went in, and who answers for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from finisher.c2pa.building import IngredientFile
from finisher.c2pa.signing import Signed, SigningRequest, sign
from finisher.c2pa.stamping import TimeStamping
from finisher.provenance.identity import Identity
from finisher.provenance.manifest import ManifestRequest

_CLAIM_PICTURE = "claim.jpg"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a file is signed, whoever signs."""

    beside: bool = False
    """Whether the credentials go into a file beside it."""
    address: str | None = None
    """Where on the web that file will lie, as the render already notes it."""
    stamping: TimeStamping | None = None
    """Who is asked for a time-stamp."""


@dataclass(frozen=True, slots=True)
class Thumbnails:
    """JPEG pictures a checker may show: of the programme, and of files by ingredient label."""

    claim: bytes | None = None
    ingredients: Mapping[str, bytes] = field(default_factory=dict)


def signed(
    files: tuple[Path, Path],
    request: ManifestRequest,
    identity: Identity,
    folder: Path,
    thumbnails: Thumbnails,
    manner: Manner,
) -> Signed:
    """Write a signed copy of a render.

    Args:
        files: the finished, unsigned file, all muxing done, and where the signed copy appears,
            whole or not at all.
        request: the claim and its ingredients.
        identity: who signs.
        folder: what the ingredients' paths are relative to.
        thumbnails: pictures to put in.
        manner: where the credentials go, and whether a time-stamp does.

    Raises:
        PolicyError, MediaError, RenderError, MachineError: as `finisher.c2pa.signing.sign`.
    """
    resources: dict[str, bytes] = {}
    manifest = dict(request.manifest)
    if thumbnails.claim is not None:
        manifest["thumbnail"] = _picture(_CLAIM_PICTURE)
        resources[_CLAIM_PICTURE] = thumbnails.claim
    parts = []
    for number, ingredient in enumerate(request.ingredients):
        record = dict(ingredient.record)
        if (picture := thumbnails.ingredients.get(record["label"])) is not None:
            # Labels come from the edit list; a name of our own is safe as an identifier.
            identifier = f"ingredient-{number}.jpg"
            record["thumbnail"] = _picture(identifier)
            resources[identifier] = picture
        parts.append(IngredientFile(folder / ingredient.path, record, ingredient.manifest))
    anchors = "\n".join(filter(None, (identity.root, request.anchors))) or None
    return sign(
        *files,
        SigningRequest(
            manifest,
            identity.signer,
            tuple(parts),
            resources,
            request.attributed,
            anchors,
            beside=manner.beside,
            address=manner.address,
            stamping=manner.stamping,
        ),
    )


def _picture(identifier: str) -> dict[str, Any]:
    """The record of a thumbnail."""
    return {"format": "image/jpeg", "identifier": identifier}
