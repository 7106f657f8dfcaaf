"""Effects of an event: known by name, every parameter of its kind and within its bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from finisher.canonical import Json
from finisher.edl.document import EffectDoc
from finisher.edl.draft import Draft
from finisher.edl.fields import time_form
from finisher.edl.source import pointer_to
from finisher.edl.times import frames
from finisher.effects import ELSEWHERE, KNOWN, Effect, Kind, Parameter
from finisher.presets.strict import shown
from finisher.problems import nearest


def effects(draft: Draft, documents: Sequence[EffectDoc], pointer: str) -> tuple[Effect, ...]:
    """The effects of an event in order; what is wrong with any goes to the draft."""
    return tuple(
        Effect(document.moviepy, _parameters(draft, document, f"{pointer}/{number}"))
        for number, document in enumerate(documents)
    )


def _parameters(draft: Draft, document: EffectDoc, pointer: str) -> tuple[tuple[str, Json], ...]:
    """An effect's parameters, in the order of their names."""
    given: Mapping[str, Any] = {
        name: value
        for name, value in (document.model_extra or {}).items()
        if not name.startswith("x-")
    }
    if "." in document.moviepy:
        return tuple(sorted(given.items()))
    known = KNOWN.get(document.moviepy)
    if known is None:
        _unknown(draft, document.moviepy, f"{pointer}/moviepy")
        return ()
    reader = _Reader(draft, pointer)
    for name in sorted(given.keys() - known.parameters.keys()):
        hint = nearest(name, known.parameters) or _listed(known.parameters)
        message = f"{document.moviepy} has no {shown(name)}"
        draft.wrong("unknown-key", pointer_to(pointer, name), message, hint)
    for name, parameter in known.parameters.items():
        if parameter.required and name not in given:
            draft.wrong("missing-key", pointer, f'{document.moviepy} needs "{name}"')
    if known.one_of and sum(name in given for name in known.one_of) != 1:
        message = f"{document.moviepy} needs one of: {', '.join(known.one_of)}"
        draft.wrong("missing-key", pointer, message)
    read = {
        name: reader.read(name, value, known.parameters[name])
        for name, value in sorted(given.items())
        if name in known.parameters
    }
    return tuple(read.items())


def _listed(parameters: Mapping[str, Parameter]) -> str:
    """Which parameters there are, in words."""
    return f"it takes: {', '.join(parameters)}" if parameters else "it takes none"


def _unknown(draft: Draft, name: str, pointer: str) -> None:
    """Report an effect that is none, or that something else stands for."""
    if name in ELSEWHERE:
        message = f"{name} does not change an event's pictures"
        draft.wrong("effect-elsewhere", pointer, message, ELSEWHERE[name])
        return
    hint = nearest(name, KNOWN) or "an effect of your own has a dotted name: module.Class"
    draft.wrong("unknown-effect", pointer, f"moviepy has no effect {shown(name)}", hint)


class _Reader:
    """Reads the parameters of one effect."""

    def __init__(self, draft: Draft, pointer: str) -> None:
        self._draft = draft
        self._effect = pointer

    def read(self, name: str, value: Json, parameter: Parameter) -> Json:
        """A value as its kind means it; None after reporting that it is none."""
        pointer = pointer_to(self._effect, name)
        match parameter.kind:
            case Kind.FLAG:
                fits = isinstance(value, bool)
                return value if fits else self._wrong(pointer, value, parameter.kind)
            case Kind.WORD:
                return self._word(pointer, value, parameter.words)
            case Kind.TIME:
                return self._time(pointer, value, parameter.low)
            case Kind.COLOR:
                return self._numbers(pointer, value, parameter, 3)
            case Kind.BOX:
                return self._numbers(pointer, value, parameter, 4)
            case Kind.CURVE | Kind.CURVE_ACROSS | Kind.CURVE_DOWN if isinstance(value, list):
                return self._curve(pointer, value, parameter)
        return self._number(pointer, value, parameter)

    def _wrong(self, pointer: str, value: Json, what: str) -> Json:
        self._draft.wrong("wrong-type", pointer, f"must be a {what}, not {shown(value)}")
        return None

    def _word(self, pointer: str, value: Json, words: Sequence[str]) -> Json:
        if value in words:
            return value
        hint = nearest(value, words) if isinstance(value, str) else None
        message = f"{shown(value)} is none of: {', '.join(words)}"
        self._draft.wrong("unknown-word", pointer, message, hint)
        return None

    def _time(self, pointer: str, value: Json, low: float | None = None) -> int | None:
        """A time in frames."""
        form = time_form(value)
        if form is not None:
            told = form.context or {}
            self._draft.wrong(told["code"], pointer, told["message"], told["hint"])
            return None
        assert isinstance(value, int | str)  # noqa: S101 (`time_form` lets nothing else pass)
        found = self._draft.time(frames, value, pointer)
        if found is not None and low is not None and found < low:
            self._draft.wrong("empty-range", pointer, "it lasts at least one frame")
        return found

    def _number(self, pointer: str, value: Json, parameter: Parameter) -> Json:
        kinds = int if parameter.kind is Kind.WHOLE else int | float
        if isinstance(value, bool) or not isinstance(value, kinds):
            what = Kind.WHOLE if parameter.kind is Kind.WHOLE else Kind.NUMBER
            return self._wrong(pointer, value, what)
        low, high = parameter.low, parameter.high
        if (low is not None and value < low) or (high is not None and value > high):
            message = f"must lie between {low:g} and {high:g}, not {shown(value)}"
            self._draft.wrong("out-of-range", pointer, message)
            return None
        if abs(value) > _FARTHEST:
            self._draft.wrong("out-of-range", pointer, f"{shown(value)} is beyond any picture")
            return None
        return value

    def _numbers(self, pointer: str, value: Json, parameter: Parameter, count: int) -> Json:
        if not isinstance(value, list) or len(value) != count:
            return self._wrong(pointer, value, f"{parameter.kind}: {count} numbers")
        return [
            self._number(f"{pointer}/{number}", part, parameter)
            for number, part in enumerate(value)
        ]

    def _curve(self, pointer: str, keys: Sequence[Json], parameter: Parameter) -> Json:
        """Keys of (frame, number) that rise in time."""
        read: list[list[Json]] = []
        for number, key in enumerate(keys):
            place = f"{pointer}/{number}"
            if not isinstance(key, list) or len(key) != 2:
                return self._wrong(place, key, "key: [time, number]")
            at = self._time(f"{place}/0", key[0])
            read.append([at, self._number(f"{place}/1", key[1], parameter)])
        times = [at for at, _ in read if isinstance(at, int)]
        rising = all(a < b for a, b in pairwise(times))
        if not keys:
            self._draft.wrong(
                "curve-order", pointer, "a curve has one key at least: [time, number]"
            )
        elif len(times) == len(read) and not rising:
            message = "the keys of a curve rise from one to the next"
            self._draft.wrong("curve-order", pointer, message)
        return [list(key) for key in read]


_FARTHEST = 1_000_000
