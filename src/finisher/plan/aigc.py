"""China's AIGC label (GB 45438-2025): read, weighed, and which one a programme carries."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from finisher.plan.model import Plan

GENERATED, POSSIBLE, SUSPECTED = 1, 2, 3
"""What a label may say, strongest first."""
_NO_LABEL = 9
_LONGEST = 1 << 16


@dataclass(frozen=True, slots=True)
class Label:
    """A label that can be read."""

    strength: int
    """`GENERATED`, `POSSIBLE` or `SUSPECTED`."""
    producer: str
    produce_id: str


def parse(text: str) -> Label | None:
    """What a label says; None for one that is not as the standard has it.

    Some writers wrap it once more, as `{"AIGC": {...}}`.
    """
    try:
        value: dict[str, object] = json.loads(text[:_LONGEST])
        inner = value.get("AIGC")
        value = inner if isinstance(inner, dict) else value
        strength = int(str(value["Label"]))  # a number, or text as the standard writes it
    except (ValueError, KeyError, AttributeError, RecursionError):
        return None
    if strength not in (GENERATED, POSSIBLE, SUSPECTED):
        return None
    told = [value.get(key) for key in ("ContentProducer", "ProduceID")]
    producer, produced = (item if isinstance(item, str) else "" for item in told)
    return Label(strength, producer, produced)


def carried(plan: Plan) -> tuple[str, ...]:
    """The labels of the files that go in, each once; the first is the one the programme carries.

    A file has room for one: the strongest, and of several as strong the first. One that can't be
    read is carried only where there is no other: it still says that there was a label.
    """
    return ordered([*(take.aigc for take in plan.takes), *(x.aigc for x in plan.layers)])


def ordered(labels: Iterable[str | None]) -> tuple[str, ...]:
    """Labels, each once, the strongest first."""
    return tuple(sorted(dict.fromkeys(label for label in labels if label), key=strength))


def strength(text: str) -> int:
    """How much a label says, least number strongest; one that can't be read says least."""
    label = parse(text)
    return label.strength if label is not None else _NO_LABEL
