"""A new project: folders, and an edit list that says what goes where."""

from __future__ import annotations

import json
from pathlib import Path

from finisher.pipeline.names import writing
from finisher.problems import DocumentError, Problem, Where

_FOLDERS = ("takes", "audio", "luts", "marks", "presets")
_EDL = {
    "schema": "finisher/edl@1",
    "title": "Untitled",
    "rate": "24",
    "canvas": {"width": 1920, "height": 1080},
    "takes": {"s01t01": {"file": "takes/scene01_take01.mp4", "session": "first"}},
    "sessions": {"first": {}},
    "events": [{"id": "open", "take": "s01t01", "in": 0, "out": "2s"}],
    "deliverables": [{"preset": "social916"}],
}


def begin(folder: Path) -> Path:
    """Lay out a project and return its edit list.

    Raises:
        DocumentError: when there is an edit list already; nothing is overwritten.
        MachineError: when the folder can't be made or written.
    """
    edl = folder / "edl.json"
    with writing(edl):
        if edl.exists():
            raise DocumentError(
                Problem("project-exists", "there is an edit list already", Where(str(edl)))
            )
        for name in _FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        edl.write_text(json.dumps(_EDL, indent=2) + "\n", encoding="utf-8")
    return edl
