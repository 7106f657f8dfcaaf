"""Values as JSON, and the digest of that JSON: what content keys are made of."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from enum import Enum
from fractions import Fraction
from functools import cache
from pathlib import Path, PurePath
from types import UnionType
from typing import TypeVar, Union, cast, get_args, get_origin, get_type_hints

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def to_json(value: object) -> Json:
    """A dataclass, tuple, enum, rational or plain value as JSON; rationals become `"n/d"`.

    Raises:
        TypeError: for a value with no JSON form of its own.
    """
    if isinstance(value, Enum):
        return to_json(value.value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Fraction | PurePath):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no JSON form")


def digest(value: object) -> str:
    """SHA-256 of a value's canonical JSON: key order and spacing do not count.

    Lone surrogates, which stand for bytes of file names that are no UTF-8, count as they are.
    """
    text = json.dumps(to_json(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


T = TypeVar("T")


def from_json(kind: type[T], value: Json) -> T:
    """The dataclass, tuple, enum, rational or plain value that `to_json` made this of.

    Raises:
        TypeError, ValueError, KeyError: when the JSON is not of that kind.
    """
    return cast("T", _read(kind, value))


def _read(kind: object, value: Json) -> object:
    """Rebuild a value by its annotation."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if {bool, int, float, str} <= set(arguments):  # `Json` itself
            return value
        return None if value is None else _read(_sole(arguments), value)
    if origin is tuple:
        return _read_tuple(arguments, _expect(list, value))
    if origin is dict:
        return {key: _read(arguments[1], item) for key, item in _expect(dict, value).items()}
    if not isinstance(kind, type):
        raise TypeError(f"{kind!r} can't be read from JSON")
    if dataclasses.is_dataclass(kind):
        members = _expect(dict, value)
        hints = _hints(kind)
        return kind(**{name: _read(hints[name], item) for name, item in members.items()})
    return _read_plain(kind, value)


@cache
def _hints(kind: type) -> dict[str, object]:
    """What each field of a dataclass is."""
    return get_type_hints(kind)


def _read_plain(kind: type, value: Json) -> object:
    """An enum, a rational, bytes, or a value JSON has itself."""
    if issubclass(kind, Enum):
        return kind(value)
    if kind in (Fraction, Path):
        return kind(_expect(str, value))
    if kind is bytes:
        return bytes.fromhex(_expect(str, value))
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return _expect(kind, value)


def _read_tuple(arguments: tuple[object, ...], items: list[Json]) -> tuple[object, ...]:
    """A tuple of one kind of any length, or of fixed kinds."""
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return tuple(_read(arguments[0], item) for item in items)
    return tuple(_read(kind, item) for kind, item in zip(arguments, items, strict=True))


def _sole(arguments: tuple[object, ...]) -> object:
    """The one kind of an optional value; JSON does not tell other unions apart."""
    kinds = [kind for kind in arguments if kind is not type(None)]
    if len(kinds) != 1:
        raise TypeError(f"a union of {kinds} can't be read from JSON")
    return kinds[0]


def _expect(kind: type[T], value: object) -> T:
    """The value, if it is of the kind; true and false are no numbers."""
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{kind.__name__} expected, {type(value).__name__} found")
    return value
