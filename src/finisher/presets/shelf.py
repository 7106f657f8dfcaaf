"""Finding presets: beside the edit list, among the user's own, among those shipped."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from types import MappingProxyType
from typing import Any

from finisher.presets.document import DECIDERS, SCHEMA, PresetDoc
from finisher.presets.meaning import preset_of
from finisher.presets.model import Preset
from finisher.presets.places import SUFFIX, files_in, names_in, offered, places
from finisher.presets.strict import Complaint, schema_of
from finisher.presets.toml import Toml, load
from finisher.problems import DocumentError, Problem, Where

_KIND = "presets"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_NONE: Mapping[str, object] = MappingProxyType({})


def names(folder: Path | None = None) -> list[str]:
    """Every preset there is, in alphabetical order; `folder` is the edit list's."""
    return names_in(places(_KIND, folder), _NAME)


def find(name: str, folder: Path | None = None, overrides: Mapping[str, object] = _NONE) -> Preset:
    """The preset of that name, with what it inherits, and with some keys set otherwise.

    The first of these folders that has it counts: `presets` in `folder`, the user's own, those
    shipped. A preset that inherits its own name extends the one it hides. Overrides are keys of
    the document, nested or dotted: `{"video": {"crf": 20}}` or `{"video.crf": 20}`.

    Raises:
        DocumentError: when there is no such preset, or something is wrong with it.
    """
    chain = _chain(name, folder)
    own = _nested(overrides, name)
    value = _laid(_whole(chain), own)
    preset = preset_of(name, value)
    if isinstance(preset, Preset):
        return preset
    raise DocumentError([_placed(complaint, chain, own) for complaint in preset])


def files(folder: Path) -> list[Path]:
    """Every preset's file, and the folders they are looked for in; `folder` is the edit list's."""
    return files_in(places(_KIND, folder))


def preset_schema() -> dict[str, object]:
    """The JSON Schema of a preset, draft 2020-12.

    It asks for no key, as any may be inherited; `find` checks the whole.
    """
    published = schema_of(PresetDoc, SCHEMA)
    definitions = published.get("$defs")
    for part in (published, *(definitions.values() if isinstance(definitions, dict) else ())):
        part.pop("required", None)
    return published


@dataclass(frozen=True, slots=True)
class _Found:
    """A preset's document, and the shelves behind the one it was found on."""

    document: Toml
    behind: tuple[Path, ...]


def _locate(name: str, shelves: Sequence[Path]) -> _Found | None:
    """The first preset of a name, None when no shelf has it."""
    if not _NAME.fullmatch(name):
        return None
    for place, shelf in enumerate(shelves):
        path = shelf / f"{name}{SUFFIX}"
        if path.is_file():
            return _Found(load(path), tuple(shelves[place + 1 :]))
    return None


def _chain(name: str, folder: Path | None) -> list[Toml]:
    """A preset's document and those it inherits from, itself first."""
    everywhere = places(_KIND, folder)
    found = _locate(name, everywhere)
    if found is None:
        raise DocumentError(_unknown(name, folder, None))
    chain = [found.document]
    while (parent := chain[-1].value.get("inherits")) is not None:
        where = chain[-1].where(("inherits",))
        if not isinstance(parent, str):
            raise DocumentError(Problem("wrong-type", "must be the name of a preset", where))
        itself = Path(chain[-1].file).stem == parent
        found = _locate(parent, found.behind if itself else everywhere)
        if found is None:
            raise DocumentError(_unknown(parent, folder, where))
        if any(document.file == found.document.file for document in chain):
            circle = " → ".join(Path(document.file).stem for document in [*chain, found.document])
            raise DocumentError(
                Problem("inherit-cycle", f"presets inherit in a circle: {circle}", where)
            )
        chain.append(found.document)
    return chain


def _whole(chain: Sequence[Toml]) -> dict[str, Any]:
    """A preset laid over what it inherits; sources add up, as the numbers do."""
    value: dict[str, Any] = {}
    for document in reversed(chain):
        inherited, own = value.get("sources"), document.value.get("sources")
        value = _laid(value, document.value)
        if isinstance(inherited, list) and isinstance(own, list):
            value["sources"] = [*inherited, *own]
    return value


def _unknown(name: str, folder: Path | None, where: Where | None) -> Problem:
    """There is no such preset: say which there are."""
    hint = offered(name, names(folder))
    return Problem("unknown-preset", f'there is no preset "{name}"', where, hint)


def _laid(under: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """A preset laid over another: one that decides the quality does so in its own way alone."""
    video, own = under.get("video"), upper.get("video")
    if isinstance(video, dict) and isinstance(own, dict) and any(key in own for key in DECIDERS):
        kept = {key: member for key, member in video.items() if key not in DECIDERS}
        under = {**under, "video": kept}
    return _over(under, upper)


def _over(under: Mapping[str, Any], upper: Mapping[str, Any]) -> dict[str, Any]:
    """One document laid over another: tables are merged, everything else is replaced."""
    merged = dict(under)
    for key, value in upper.items():
        below = merged.get(key)
        if isinstance(below, dict) and isinstance(value, dict):
            merged[key] = _over(below, value)
        else:
            merged[key] = value
    return merged


def _nested(overrides: Mapping[str, object], name: str) -> dict[str, Any]:
    """Overrides as a document, dotted keys taken apart."""
    value: dict[str, Any] = {}
    for dotted, member in overrides.items():
        *tables, key = dotted.split(".")
        if dotted in ("inherits", "name"):
            raise DocumentError(
                Problem(
                    "unknown-key", f'"{dotted}" can\'t be set otherwise', Where(f"preset {name}")
                )
            )
        if isinstance(member, Mapping):
            leaf: object = _nested(member, name)
        else:
            leaf = list(member) if isinstance(member, tuple) else member
        branch: dict[str, Any] = {key: leaf}
        value = _over(value, reduce(lambda inner, table: {table: inner}, reversed(tables), branch))
    return value


def _placed(complaint: Complaint, chain: Sequence[Toml], own: Mapping[str, Any]) -> Problem:
    """A complaint with the file that says so: the override, or the nearest in the chain."""
    value: object = own
    for part in complaint.path:
        value = value.get(str(part)) if isinstance(value, Mapping) else None
    if complaint.path and value is not None:
        pointer = "".join(f"/{part}" for part in complaint.path)
        where = Where(f"overrides of {Path(chain[0].file).stem}", pointer)
    else:
        said = (document for document in chain if document.holds(complaint.path))
        where = next(said, chain[0]).where(complaint.path)
    return Problem(complaint.code, complaint.message, where, complaint.hint)
