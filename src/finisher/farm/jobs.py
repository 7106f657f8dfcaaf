"""The jobs file, `finisher/jobs@1`: units as JSON, and where on shared disks their sources lie."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, cast

from finisher.canonical import Json, from_json, to_json
from finisher.farm.errand import Errand, errand
from finisher.farm.ground import Ground
from finisher.problems import DocumentError, Problem, Where
from finisher.render.kitchen import Whereabouts
from finisher.render.unit import UnitJob, compact, expanded

SCHEMA = "finisher/jobs@1"


def unit_json(job: UnitJob) -> dict[str, Json]:
    """A unit as JSON, its pictures in their short form."""
    whole = {field.name: to_json(getattr(job, field.name)) for field in fields(job)}
    return whole | {"pictures": [compact(picture) for picture in job.pictures]}


def unit_of(value: Json) -> UnitJob:
    """The unit that `unit_json` made this of.

    Raises:
        TypeError, ValueError, KeyError: when it is no such JSON.
    """
    members = _object(value)
    pictures = members["pictures"]
    if not isinstance(pictures, list):
        raise TypeError("pictures are a list")
    job = from_json(UnitJob, {**members, "pictures": []})
    # Every number as it was written: 16 and 16.0 are equal, and make two keys.
    written = {
        name: number
        for name, number in _object(members["video"]).items()
        if isinstance(number, int | float)
    }
    video = replace(job.video, **cast("dict[str, Any]", written))
    return replace(job, pictures=tuple(map(expanded, pictures)), video=video)


def text(units: Sequence[UnitJob], whereabouts: Whereabouts, ground: Ground) -> str:
    """A jobs file: one line a unit, so that people and tools can look at it."""
    head = {"schema": SCHEMA, "ground": to_json(ground), "whereabouts": to_json(whereabouts)}
    # Names of files need not be UTF-8: ASCII with escapes holds their odd bytes too.
    told = ({"key": unit.key, "unit": unit_json(unit)} for unit in units)
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in told)
    return f'{json.dumps(head, indent=1)[:-2]},\n "units": [\n{lines}\n]}}\n'


def read(path: Path) -> tuple[Errand, ...]:
    """The errands of a jobs file, in order.

    Raises:
        DocumentError: when it can't be read, or is no jobs file.
    """
    where = Where(str(path))
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        message = f"can't be read: {error.strerror}"
        raise DocumentError(Problem("jobs-unreadable", message, where)) from error
    except ValueError as error:
        raise DocumentError(Problem("jobs-unreadable", f"no JSON: {error}", where)) from error
    try:
        return _errands(_object(found))
    except (TypeError, ValueError, KeyError) as error:
        message = f"no jobs file of this version ({SCHEMA}): {error}"
        hint = "`finish plan EDL --openjd FILE` writes one"
        raise DocumentError(Problem("jobs-unreadable", message, where, hint)) from error


def _errands(members: dict[str, Json]) -> tuple[Errand, ...]:
    if members.get("schema") != SCHEMA:
        raise ValueError(f"its schema is {members.get('schema')!r}")
    common = from_json(Ground, members["ground"])
    whereabouts = from_json(Whereabouts, members["whereabouts"])
    units = members["units"]
    if not isinstance(units, list):
        raise TypeError("units are a list")
    return tuple(_errand(_object(unit), whereabouts, common) for unit in units)


def _errand(members: dict[str, Json], whereabouts: Whereabouts, common: Ground) -> Errand:
    """An errand under the key that whoever planned it gave it."""
    made = errand(unit_of(members["unit"]), whereabouts, common)
    return replace(made, key=str(members["key"]))


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError(f"an object expected, {type(value).__name__} found")
    return value
