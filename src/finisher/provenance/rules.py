"""Rules of the C2PA specification for the actions of a claim, many of which readers don't enforce.

Names after table 8 of version 2.2 and the additions of 2.4; digital source types after the IPTC
NewsCodes of that name and the specification's own. Nothing in a manifest is believed to have the
right type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from finisher.c2pa.untyped import map_of, maps_of, text_of
from finisher.plan.source_types import ADDRESS, TERMS
from finisher.provenance.chain import Document, named

KNOWN = frozenset(
    {
        "addedText", "adjustedColor", "changedSpeed", "converted", "created", "cropped", "deleted",
        "drawing", "dubbed", "edited", "edited.metadata", "enhanced", "filtered", "mastered",
        "mixed", "opened", "orientation", "placed", "published", "redacted", "remixed", "removed",
        "repackaged", "resized", "resized.proportional", "transcoded", "translated", "trimmed",
        "unknown", "watermarked.bound", "watermarked.unbound",
    }
)  # fmt: skip
"""Actions of the specification, without their prefix."""
DEPRECATED = frozenset(
    {
        "color_adjustments", "copied", "formatted", "managed", "printed", "produced", "saved",
        "version_updated", "watermarked",
    }
)  # fmt: skip
_PREFIX = "c2pa."
_ORIGINS = ("c2pa.created", "c2pa.opened")
_BOUND = ("c2pa.watermarked", "c2pa.watermarked.bound")
_OF_PARENT = ("c2pa.opened", "c2pa.transcoded", "c2pa.repackaged")
"""Actions whose ingredient is what the content was made from, never a part of it."""
_OF_PART = ("c2pa.placed", "c2pa.removed")
_PARAMETERS = frozenset(
    {
        "description", "ingredient", "ingredientIds", "ingredients", "multipleInstances", "name",
        "redacted", "sourceLanguage", "targetLanguage",
    }
)  # fmt: skip
"""Parameters that the specification names; all others carry their owner's name, with a dot."""
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that a claim breaks."""

    words: str
    grave: bool
    """Whether the claim says nothing, or the wrong thing, of where the content came from."""


def breaches(manifest: Document) -> tuple[Breach, ...]:
    """The rules on actions that a manifest breaks; each is told once."""
    assertions = maps_of(manifest.get("assertions"))
    lists = [a for a in assertions if text_of(a.get("label")).startswith("c2pa.actions")]
    actions = [action for a in lists for action in maps_of(map_of(a.get("data")).get("actions"))]
    relationships = {
        text_of(ingredient.get("label")): text_of(ingredient.get("relationship"))
        for ingredient in maps_of(manifest.get("ingredients"))
    }
    bound = any(text_of(a.get("label")).startswith("c2pa.soft-binding") for a in assertions)
    found = [
        *_origin(actions),
        *_attributed(lists),
        *(breach for action in actions for breach in _ingredients(action, relationships)),
        *(breach for action in actions for breach in _form(action)),
    ]
    marked = {text_of(action.get("action")) for action in actions} & {*_BOUND}
    if marked and not bound:
        found.append(Breach(f"{', '.join(sorted(marked))} without a soft binding", grave=True))
    return tuple(dict.fromkeys(found))


def _origin(actions: list[Document]) -> Iterator[Breach]:
    """The first action, and it alone, says where the content came from."""
    names = [text_of(action.get("action")) for action in actions]
    if not names or names[0] not in _ORIGINS:
        yield Breach("no action says where the content came from", grave=True)
    if sum(name in _ORIGINS for name in names) > 1:
        yield Breach("more than one action says where the content came from", grave=True)
    created = [a for a in actions if text_of(a.get("action")) == _ORIGINS[0]]
    if any("digitalSourceType" not in action for action in created):
        yield Breach("c2pa.created without a digital source type", grave=True)


def _attributed(lists: list[Document]) -> Iterator[Breach]:
    """The signer answers for the actions; claims of version 1 know no other way."""
    if lists and not any(assertion.get("created") is True for assertion in lists):
        yield Breach("the actions are gathered from others, not the signer's own", grave=False)


def _ingredients(action: Document, relationships: dict[str, str]) -> Iterator[Breach]:
    """An action names ingredients of the kind it is about."""
    name = text_of(action.get("action"))
    labels = named(action)
    kinds = {relationships.get(label) for label in labels}
    if name in _OF_PART and not labels:
        yield Breach(f"{name} names no ingredient", grave=True)
    if name == "c2pa.opened" and not labels:
        yield Breach("c2pa.opened names no ingredient", grave=False)
    if None in kinds:
        # It may have been redacted, which the claim that did so says.
        yield Breach(f"{name} names an ingredient that is not there", grave=False)
    if name in _OF_PARENT and "componentOf" in kinds:
        yield Breach(f"{name} names a part as what it was made from", grave=True)


def _form(action: Document) -> Iterator[Breach]:
    """Names, source types, times and parameters are as the specification has them."""
    name = text_of(action.get("action"))
    plain = name.removeprefix(_PREFIX)
    if name.startswith(_PREFIX) and plain in DEPRECATED:
        yield Breach(f"deprecated: {name}", grave=False)
    elif "." not in name or (name.startswith(_PREFIX) and plain not in KNOWN):
        yield Breach(f"actions the specification does not know: {name or 'unnamed'}", grave=False)
    source = action.get("digitalSourceType")
    match = ADDRESS.fullmatch(text_of(source))
    if source is not None and (match is None or match[2] not in TERMS):
        yield Breach(f"{name}: a digital source type that there is not", grave=False)
    if action.get("when") is not None and not _instant(text_of(action["when"])):
        yield Breach(f"{name}: an instant that there is not", grave=False)
    undotted = sorted(
        key for key in map_of(action.get("parameters")) if key not in _PARAMETERS and "." not in key
    )
    if undotted:
        yield Breach(f"{name}: parameters without an owner: {', '.join(undotted)}", grave=False)


def _instant(text: str) -> bool:
    """Whether a text is a date and time after RFC 3339."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return _INSTANT.fullmatch(text) is not None
