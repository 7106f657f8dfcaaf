"""The claim a plan leads to: what was made, of which files, by which edits, and what it promises.

Pure: the plan is what gets rendered, so what is claimed here is what was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

from finisher.plan.model import Plan
from finisher.promises import LABEL, Promises
from finisher.provenance import training
from finisher.provenance.carrying import carrying
from finisher.provenance.edits import brief, edits, region
from finisher.provenance.parts import Part, parts
from finisher.provenance.promised import FINGERPRINT_BUDGET, to_assertion
from finisher.provenance.sources import of_plan

SPECIFICATION = "2.4.0"
ATTRIBUTED = (
    "c2pa.actions",
    "c2pa.ingredient",
    "c2pa.thumbnail.claim",
    "c2pa.thumbnail.ingredient",
    training.LABEL,
    LABEL,
)
"""Assertions the signer answers for, without versions: with one they would go unnoticed."""
_LARGEST = (1 << 20) - 4096
"""Characters of JSON the SDK takes, less what signing adds for thumbnails."""


@dataclass(frozen=True, slots=True)
class RequestedIngredient:
    """A file that must go in: its path as in the plan, its record, and the manifest it has."""

    path: str
    record: dict[str, Any]
    manifest: str | None


@dataclass(frozen=True, slots=True)
class ManifestRequest:
    """A claim ready to be signed, and the files whose credentials it must bring along."""

    manifest: dict[str, Any]
    ingredients: tuple[RequestedIngredient, ...]
    attributed: tuple[str, ...] = ATTRIBUTED
    anchors: str | None = None
    """PEM of signers to trust while signing, so that the record of the ingredients says so."""


class Detail(IntEnum):
    """How closely a claim tells where in the programme things are; long ones have no room for all.

    What was done, to what and with what is told in every case.
    """

    EACH = 0
    """An action for each use of a file, and every stretch that was edited."""
    JOINED = 1
    """An action for each file, with all its stretches."""
    BRIEF = 2
    """And of edits made in many places, how many they are."""


def manifest(plan: Plan, promises: Promises, version: str) -> ManifestRequest:
    """The claim for a plan's render.

    Args:
        plan: what is rendered.
        promises: what the file promises; goes in as an assertion.
        version: finisher's own version.
    """
    used, promised = parts(plan), to_assertion(promises)
    wanted = len(json.dumps(promised))
    claims = (_claim(plan, used, promises.title, version, detail) for detail in Detail)
    room, document = 0, dict[str, Any]()
    for document in claims:
        room = _LARGEST - len(json.dumps(document))
        if wanted <= room:
            break
    else:
        room -= len(json.dumps(to_assertion(replace(promises, fingerprints=b""), 0)))
        promised = to_assertion(promises, min(FINGERPRINT_BUDGET, room))
    document["assertions"].append({"label": LABEL, "data": promised})
    carried = carrying(plan, promises)
    return ManifestRequest(
        manifest=document,
        ingredients=tuple(
            RequestedIngredient(part.path, _record(part, carried), part.manifest) for part in used
        ),
    )


def _record(part: Part, carried: Mapping[str, str]) -> dict[str, Any]:
    """An ingredient's record; what was found in it stands in its description."""
    record = {"title": part.title, "relationship": "componentOf", "label": part.label}
    words = carried.get(part.sha256)
    return record | ({"description": words} if words else {})


def _claim(
    plan: Plan, used: tuple[Part, ...], title: str, version: str, detail: Detail
) -> dict[str, Any]:
    """All of a claim but its promises."""
    agent = {"name": "finisher", "version": version}
    created = {
        "action": "c2pa.created",
        "digitalSourceType": of_plan(plan),
        "softwareAgent": agent,
    }
    placed = _placed(used) if detail is Detail.EACH else _placed_together(used)
    made = brief(plan) if detail is Detail.BRIEF else edits(plan)
    actions = {"allActionsIncluded": True, "actions": [created, *placed, *made]}
    document: dict[str, Any] = {
        "claim_generator_info": [{**agent, "specVersion": SPECIFICATION}],
        "title": title,
        "assertions": [{"label": "c2pa.actions.v2", "data": actions}],
    }
    if plan.training:
        choices = {"label": training.LABEL, "data": training.assertion(plan.training)}
        document["assertions"].append(choices)
    return document


def _placed(used: tuple[Part, ...]) -> Iterator[dict[str, Any]]:
    """One action for each use, in programme order; every ingredient is accounted for."""
    uses = [(use.start, use.end, part.label, use.words) for part in used for use in part.uses]
    for start, end, label, words in sorted(uses):
        stretch = region(start, end)
        if words:
            stretch["description"] = words
        yield _place(label) | {"changes": [stretch]}
    for part in used:
        if not part.uses:
            yield _place(part.label)


def _placed_together(used: tuple[Part, ...]) -> Iterator[dict[str, Any]]:
    """One action for each file, whose every stretch it tells."""
    for part in used:
        stretches: dict[str, dict[str, Any]] = {}
        for use in sorted(part.uses, key=lambda use: (use.start, use.end)):
            found = region(use.start, use.end)
            if use.words not in stretches:
                stretches[use.words] = found | ({"description": use.words} if use.words else {})
            else:
                stretches[use.words]["region"] += found["region"]
        yield _place(part.label) | ({"changes": list(stretches.values())} if stretches else {})


def _place(label: str) -> dict[str, Any]:
    return {"action": "c2pa.placed", "parameters": {"ingredientIds": [label]}}
