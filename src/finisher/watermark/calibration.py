"""False-positive rates of a mark's detection, measured on footage like the user's own."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from finisher.canonical import Json, from_json, to_json
from finisher.problems import DocumentError, Problem, Where
from finisher.watermark.rules import HIT, LEAST, PER_Z

SCHEMA = "finisher/calibration@1"
RULE = f"score > max({LEAST}, {HIT} - {PER_Z} z)"
"""What counts as found today."""
_LARGEST = 1 << 20
_CONFIDENCE = 0.95
_HALVINGS = 60
_MOST = 1 << 26
"""More samples than the largest picture has places."""
_MOST_TESTS = 1 << 10
"""More tests at the mark's own place than a take is ever given."""
_MANY = 1000
"""Found so often, a rate is distributed as good as normally."""
_NORMAL = 1.6449
"""Standard deviations that 95 % lie below."""


@dataclass(frozen=True, slots=True)
class Tried:
    """How often a mark was looked for where it is not, and found all the same."""

    samples: int
    found: int

    @property
    def rate(self) -> float:
        """Part that was found."""
        return self.found / self.samples if self.samples else 0.0

    @property
    def bound(self) -> float:
        """What the rate lies below with 95 % confidence, as `upper_bound`."""
        return upper_bound(self.found, self.samples)


@dataclass(frozen=True, slots=True)
class TakeTried:
    """What was tried on one take."""

    name: str
    sha256: str
    marked: bool
    """Whether it carries the mark: then only places away from it were looked at."""
    elsewhere: Tried
    """Places of the picture where the mark is not."""
    unmarked: Tried
    """The mark's own place in pictures that don't carry it."""
    plain: bool = False
    """Whether it has next to no edges that could pass for a mark: then nothing of it counts."""
    copies: tuple[str, ...] = ()
    """Names of further files of the same content, which don't count again."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """False positives of one template on some takes."""

    template: str
    """SHA-256 of the template's file."""
    rule: str
    """What counted as found."""
    takes: tuple[TakeTried, ...]

    @property
    def elsewhere(self) -> Tried:
        """All places away from the mark."""
        return together([take.elsewhere for take in self.takes])

    @property
    def unmarked(self) -> Tried:
        """All tests at its own place in pictures without it."""
        return together([take.unmarked for take in self.takes])

    @property
    def worst(self) -> TakeTried | None:
        """The take with the highest rate of either kind, None where none has any."""
        ranked = sorted(self.takes, key=lambda take: max(take.elsewhere.rate, take.unmarked.rate))
        return ranked[-1] if ranked and _any(ranked[-1]) else None

    @property
    def words(self) -> str:
        """One sentence: what was measured, on how much, and what follows."""
        told = [
            f"{tried.found} of {tried.samples} {what} (below {tried.bound:.1e} at 95 %)"
            for tried, what in (
                (self.elsewhere, "other places"),
                (self.unmarked, "unmarked tests"),
            )
            if tried.samples
        ]
        counted = sum(not take.plain for take in self.takes)
        count = f"{counted} take{'' if counted == 1 else 's'}"
        if counted < len(self.takes):
            count = f"{count} (not on {len(self.takes) - counted} without texture)"
        return f"calibrated on {count} of this footage: found at {', '.join(told)}"

    def document(self) -> dict[str, Json]:
        """`finisher/calibration@1`."""
        whole = {"elsewhere": self.elsewhere, "unmarked": self.unmarked}
        rates = {
            name: {"rate": tried.rate, "below": tried.bound, "confidence": _CONFIDENCE}
            for name, tried in whole.items()
        }
        worst = self.worst
        return {
            "schema": SCHEMA,
            "measured": to_json(self),
            "rates": to_json(rates),
            "worst": worst.name if worst is not None else None,
            "words": self.words,
        }


def _any(take: TakeTried) -> bool:
    return take.elsewhere.found + take.unmarked.found > 0


def together(tried: Sequence[Tried]) -> Tried:
    """What was tried in several places or takes, as one."""
    return Tried(sum(one.samples for one in tried), sum(one.found for one in tried))


def upper_bound(found: int, samples: int) -> float:
    """One-sided Clopper-Pearson bound of a rate: at it, so few are found once in twenty times.

    For none found it is 1 - 0.05^(1/samples), about 3/samples at 95 %. Samples of one
    picture are no strangers to each other, so the bound is an order of magnitude.
    """
    if samples <= 0 or found >= samples:
        return 1.0
    if found > _MANY:
        rate = found / samples
        return min(1.0, rate + _NORMAL * math.sqrt(rate * (1 - rate) / samples))
    low, high = found / samples, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(found, samples, middle) > 1 - _CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _at_most(found: int, samples: int, rate: float) -> float:
    """Probability of no more than `found` of `samples` at a rate, summed in logarithms."""
    if not 0 < rate < 1:
        return float(rate <= 0)
    logs = [
        math.lgamma(samples + 1)
        - math.lgamma(k + 1)
        - math.lgamma(samples - k + 1)
        + k * math.log(rate)
        + (samples - k) * math.log1p(-rate)
        for k in range(found + 1)
    ]
    top = max(logs)
    return min(1.0, math.exp(top) * sum(math.exp(one - top) for one in logs))


def is_one(data: bytes) -> bool:
    """Whether a file's content is a calibration, of whatever template and rule."""
    try:
        _read(data)
    except (TypeError, ValueError, KeyError, RecursionError):
        return False
    return True


def read(path: Path, template_sha256: str | None) -> Calibration:
    """The calibration that a file holds; None for a template leaves open which it is for.

    Raises:
        DocumentError: when it can't be read, is none, or was made for another template or rule.
    """
    where = Where(str(path))
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
    except OSError as error:
        told = f"the calibration can't be read: {error.strerror or error}"
        raise DocumentError(Problem("bad-calibration", told, where)) from error
    try:
        found = _read(data)
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        told = f"this is no calibration: {error}"[:200]
        raise DocumentError(Problem("bad-calibration", told, where, _AGAIN)) from error
    told = ""
    if template_sha256 not in (None, found.template):
        told = "the calibration was made for another template than this mark has"
    elif found.rule != RULE:
        told = "the calibration was made by another rule of what counts as found"
    if told:
        raise DocumentError(Problem("other-calibration", told, where, _AGAIN))
    return found


_AGAIN = "make it again: finish watermark calibrate TAKES... --mark PNG"


def _read(data: bytes) -> Calibration:
    """The calibration of a document.

    Raises:
        TypeError, ValueError, KeyError, RecursionError: when it is none, or its numbers can't be.
    """
    document: Json = json.loads(data) if len(data) <= _LARGEST else None
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f"it is not of {SCHEMA}")
    found = from_json(Calibration, document.get("measured"))
    if len({take.sha256 for take in found.takes}) < len(found.takes):
        raise ValueError("it counts a take more than once")
    if not all(_likely(take) for take in found.takes) or not counts(found.takes):
        raise ValueError("its numbers can't be")
    return found


def _likely(take: TakeTried) -> bool:
    """Whether what a document says of a take can have been measured."""
    tried = take.elsewhere, take.unmarked
    if not all(0 <= one.found <= one.samples <= _MOST for one in tried):
        return False
    if (take.plain or take.marked) and take.unmarked.samples:
        return False
    return take.unmarked.samples <= _MOST_TESTS and not (take.plain and take.elsewhere.samples)


def counts(takes: Sequence[TakeTried]) -> bool:
    """Whether anything was tried on some takes."""
    return any(take.elsewhere.samples or take.unmarked.samples for take in takes)


def once(takes: Sequence[TakeTried]) -> tuple[TakeTried, ...]:
    """Takes without the copies among them, told by the first of each content."""
    distinct: dict[str, TakeTried] = {}
    for take in takes:
        first = distinct.get(take.sha256)
        distinct[take.sha256] = (
            replace(first, copies=(*first.copies, take.name)) if first is not None else take
        )
    return tuple(distinct.values())
