"""An Open Job Description template whose tasks are the units of a jobs file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from finisher.canonical import Json

SPECIFICATION = "jobtemplate-2023-09"
_JOB_NAME, _STEP_NAME = 128, 64
"""Characters that names of jobs and of steps may have, by the specification."""
_BRACES = str.maketrans("{}", "()")


@dataclass(frozen=True, slots=True)
class Step:
    """The units of one deliverable, by their numbers in the jobs file; both are included."""

    name: str
    first: int
    last: int


def text(title: str, steps: Sequence[Step], jobs: str) -> str:
    """The template as JSON, which is YAML too; `jobs` is the jobs file's name beside it."""
    template = {
        "specificationVersion": SPECIFICATION,
        "name": _plain(title, _JOB_NAME),
        "description": "Renders units of picture into the store. Then `finish` finds them there.",
        "parameterDefinitions": [
            {
                "name": "Jobs",
                "type": "PATH",
                "objectType": "FILE",
                "dataFlow": "IN",
                "default": jobs,
                "description": "The jobs file that was written with this template.",
            },
            {
                "name": "Finish",
                "type": "STRING",
                "default": "finish",
                "description": "The command, as it is called on the machines that work.",
            },
        ],
        "steps": [_step(step) for step in steps],
    }
    return json.dumps(template, indent=2) + "\n"


def _step(step: Step) -> dict[str, Json]:
    """A step whose tasks are told apart by the number of their unit."""
    return {
        "name": _plain(step.name, _STEP_NAME),
        "parameterSpace": {
            "taskParameterDefinitions": [
                {"name": "Unit", "type": "INT", "range": f"{step.first}-{step.last}"}
            ]
        },
        "script": {
            "actions": {
                "onRun": {
                    "command": "{{Param.Finish}}",
                    "args": ["unit", "{{Param.Jobs}}", "--number", "{{Task.Param.Unit}}"],
                    # A request to end lets a unit go cleanly; it does not take long.
                    "cancelation": {"mode": "NOTIFY_THEN_TERMINATE", "notifyPeriodInSeconds": 10},
                }
            }
        },
    }


def _plain(name: str, most: int) -> str:
    """A name the specification takes: some length, no control characters, nothing to expand."""
    plain = "".join(c if c.isprintable() else " " for c in name.translate(_BRACES))
    return plain[:most].strip() or "finisher"
