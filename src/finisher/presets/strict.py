"""Documents of known keys only, and what is wrong with one in plain words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails, PydanticCustomError, core_schema

from finisher.problems import nearest

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_OURS = "finisher"


def refuse(code: str, message: str, hint: str | None = None) -> PydanticCustomError:
    """The error with which a reader of ours refuses a value."""
    return PydanticCustomError(_OURS, "{message}", {"message": message, "code": code, "hint": hint})


def shown(value: object) -> str:
    """A value as it stands in the document, cut short for a message."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 40 else f"{text[:39]}…"


@dataclass(frozen=True, slots=True, eq=False)
class Reads:
    """Annotates a field with the function that reads it, and with its JSON Schema.

    The function gets the raw value and returns the meaning, or raises `refuse(…)`.
    """

    read: Callable[[object], object]
    schema: Mapping[str, object]

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Read by our function alone."""
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        """What to publish."""
        return dict(self.schema)


def choice(
    known: Iterable[str], later: Iterable[str] = (), alias: Mapping[str, str] | None = None
) -> Reads:
    """One word of several; `later` are words to come, `alias` other spellings of known ones."""
    words, others, spellings = tuple(known), tuple(later), dict(alias or {})

    def read(value: object) -> object:
        if isinstance(value, str) and value in spellings:
            return spellings[value]
        if value in words:
            return value
        if value in others:
            raise refuse(
                "not-available",
                f"{shown(value)} is not available in this version",
                f"available: {', '.join(words)}",
            )
        hint = nearest(value, (*words, *spellings)) if isinstance(value, str) else None
        listed = ", ".join(words)
        raise refuse("unknown-word", f"{shown(value)} is none of: {listed}", hint)

    return Reads(read, {"type": "string", "enum": [*words, *spellings]})


class Strict(BaseModel):
    """An object of known keys; keys that begin with `x-` are the writer's own and passed over."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)

    later: ClassVar[tuple[str, ...]] = ()
    """Keys to come, refused by saying so."""
    rules: ClassVar[dict[str, object]] = {}
    """JSON Schema beyond the keys' own, such as which of them belong together."""

    @model_validator(mode="before")
    @classmethod
    def _own_keys(cls, data: object, info: ValidationInfo) -> object:
        """Pass over `x-` keys, and note which model an object was read by."""
        if not isinstance(data, dict):
            return data
        if isinstance(info.context, dict):
            info.context[id(data)] = cls
        return {key: value for key, value in data.items() if not str(key).startswith("x-")}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        """Allow `x-` keys in the published schema too."""
        published = handler.resolve_ref_schema(handler(schema))
        published.pop("title", None)
        return {**published, "patternProperties": {"^x-": True}, **cls.rules}


Model = TypeVar("Model", bound=Strict)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong with a document: the path of keys and indexes to it, a code, the words."""

    path: tuple[str | int, ...]
    code: str
    message: str
    hint: str | None = None
    at_key: bool = False
    """Whether it is the key that is wrong, not its value."""


def validate(model: type[Model], value: object) -> Model | tuple[Complaint, ...]:
    """The document as a model, or everything that is wrong with it.

    A null is no value of ours anywhere: a key that is not meant is left out.
    """
    read_by: dict[int, type[Strict]] = {}
    nulls = [
        Complaint(path, "null", "null is no value here", "leave the key out")
        for path in _nulls(value, ())
    ]
    try:
        read = model.model_validate(value, context=read_by)
    except ValidationError as error:
        found = [_complaint(detail, value, read_by) for detail in error.errors(include_url=False)]
        known = {complaint.path for complaint in nulls}
        return (*nulls, *(complaint for complaint in found if complaint.path not in known))
    return tuple(nulls) if nulls else read


def _nulls(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    """Paths of the nulls in a document, outside of its `x-` keys."""
    if value is None:
        yield path
    elif isinstance(value, dict):
        for key, member in value.items():
            if not str(key).startswith("x-"):
                yield from _nulls(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _nulls(member, (*path, index))


def _walk(value: Any, loc: tuple[str | int, ...]) -> tuple[tuple[str | int, ...], object]:
    """The part of a location that indexes the document, and what stands there.

    Pydantic's locations also name union members, which are no keys; a missing key is left out,
    so that it is reported at its parent.
    """
    path: list[str | int] = []
    for part in loc:
        if isinstance(value, dict):
            known = part in value
        else:
            known = isinstance(value, list) and isinstance(part, int) and part < len(value)
        if known:
            value = value[part]
            path.append(part)
    return tuple(path), value


def _complaint(
    detail: ErrorDetails, document: object, read_by: Mapping[int, type[Strict]]
) -> Complaint:
    """A schema library's error in our words."""
    path, value = _walk(document, detail["loc"])
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == _OURS:
        return Complaint(path, context["code"], context["message"], context["hint"])
    if kind == "extra_forbidden":
        return _unknown_key(path, document, read_by)
    if kind == "missing":
        return Complaint(path, "missing-key", f'"{detail["loc"][-1]}" is missing')
    at_key = detail["loc"][-1:] == ("[key]",)
    if kind in _TYPES:
        message = f"must be {_TYPES[kind]}, not {shown(value)}"
        return Complaint(path, "wrong-type", message, at_key=at_key)
    if kind in _BOUNDS:
        bound, value_of = _BOUNDS[kind], next(iter(context.values()), "")
        message = f"must be {bound} {value_of}, not {shown(value)}"
        return Complaint(path, "out-of-range", message, at_key=at_key)
    if kind in ("too_short", "too_long", "string_too_short", "string_too_long"):
        return Complaint(path, "wrong-length", _length(kind, context), at_key=at_key)
    if kind == "string_pattern_mismatch":
        named = path[-1] if at_key else value
        message = f"{shown(named)} is no name"
        hint = "a name holds no / or \\ and does not begin with a blank, dot or dash"
        return Complaint(path, "not-a-name", message, hint, at_key)
    return Complaint(path, "invalid", detail["msg"], at_key=at_key)


def _unknown_key(
    path: tuple[str | int, ...], document: object, read_by: Mapping[int, type[Strict]]
) -> Complaint:
    """A key the model does not have, with the one that may have been meant."""
    _, parent = _walk(document, path[:-1])
    key, model = str(path[-1]), read_by.get(id(parent))
    if model is None:
        return Complaint(path, "unknown-key", f"unknown key {shown(key)}", at_key=True)
    if key in model.later:
        message = f"{shown(key)} is not available in this version"
        return Complaint(path, "not-available", message, at_key=True)
    known = [field.alias or name for name, field in model.model_fields.items()]
    hint = nearest(key, known) or f"known here: {', '.join(known)}"
    return Complaint(path, "unknown-key", f"unknown key {shown(key)}", hint, at_key=True)


def _length(kind: str, context: Mapping[str, object]) -> str:
    """What is wrong with how long a text or list is."""
    what = "characters" if kind.startswith("string") else "entries"
    if kind.endswith("short"):
        least = context.get("min_length", 1)
        return "must not be empty" if least == 1 else f"must have at least {least} {what}"
    return f"must have at most {context.get('max_length')} {what}"


_TYPES = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "none_required": "absent",
}
_BOUNDS = {
    "greater_than": "more than",
    "greater_than_equal": "at least",
    "less_than": "less than",
    "less_than_equal": "at most",
    "multiple_of": "a multiple of",
}


def schema_of(model: type[Strict], identity: str) -> dict[str, object]:
    """The JSON Schema of a document, draft 2020-12."""
    published = _tidy(model.model_json_schema(by_alias=True))
    return {"$schema": DIALECT, "$id": identity, **published}


def _tidy(schema: Any) -> Any:
    """Without the titles pydantic makes up from names, and without the nulls it allows."""
    if isinstance(schema, list):
        return [_tidy(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _tidy(part)
        for key, part in schema.items()
        if not (key == "title" and isinstance(part, str))
        and not (key == "default" and part is None)
    }
    options = [option for option in kept.get("anyOf", []) if option != {"type": "null"}]
    if len(options) == 1:
        del kept["anyOf"]
        return {**options[0], **kept}
    return {**kept, "anyOf": options} if options else kept
