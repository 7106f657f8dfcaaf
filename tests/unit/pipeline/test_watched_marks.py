"""What marks name is watched by remembered runs: templates, calibrations, weights."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.planning import facts, timeline

from finisher.geometry import Box
from finisher.ingest.gather import Gathered
from finisher.pipeline.consents import Consents
from finisher.pipeline.edit import Edit
from finisher.pipeline.finish import _inputs, _of_files
from finisher.pipeline.settings import Settings
from finisher.timeline import HiddenMark, Mark


def test_a_run_is_known_again_only_while_the_files_of_its_marks_are_the_same(
    tmp_path: Path,
) -> None:
    named = {word: str(tmp_path / word) for word in ("logo.png", "floor.json", "model.pt")}
    line = replace(
        timeline(),
        marks=(
            Mark("m", Box.of(0, 0, 9, 9), named["logo.png"], calibration=named["floor.json"]),
            Mark("bare", Box.of(0, 0, 9, 9)),
        ),
        hidden=(HiddenMark("h", "seal", options=(("key", "7"), ("weights", named["model.pt"]))),),
    )
    gathered = Gathered(line, facts(), {}, {}, {}, {}, 0)
    edit = Edit(line, (), gathered, Consents(date(2026, 1, 1)))
    watched = set(_inputs(tmp_path / "edl.json", edit, Settings(tmp_path, tmp_path)))
    assert watched >= set(map(Path, named.values()))
    assert tmp_path / "7" not in watched


def test_a_run_with_hidden_marks_asks_its_detectors_anew() -> None:
    seen = replace(timeline(), marks=(Mark("m", Box.of(0, 0, 9, 9)),))
    for line, of_files in ((seen, True), (replace(seen, hidden=(HiddenMark("h", "seal"),)), False)):
        edit = Edit(
            line, (), Gathered(line, facts(), {}, {}, {}, {}, 0), Consents(date(2026, 1, 1))
        )
        assert _of_files(edit, ()) is of_files
