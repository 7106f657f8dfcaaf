from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from tests.planning import facts, index, preset, taken, timeline

from finisher.event import Event
from finisher.facts import CredentialFacts, Facts, Integrity
from finisher.geometry import Box, Raster
from finisher.ingest.gather import Gathered
from finisher.look import ColorTags
from finisher.pipeline.consents import Consents
from finisher.pipeline.edit import Edit, decide, presets_of, warnings
from finisher.pipeline.labels import labels
from finisher.pipeline.settings import Settings, Signing
from finisher.problems import DocumentError, Exit, MediaError, PolicyError, Severity
from finisher.timecode import Rate, Span
from finisher.timeline import Deliverable, Mark, Take, Timeline


def settings(folder: Path, *, strict: bool = False, tampered: bool = False) -> Settings:
    return Settings(folder, folder, strict=strict, allow_tampered=tampered)


def delivering(folder: Path, *wanted: Deliverable) -> Timeline:
    line = timeline(Event("a", "t1", Span(0, 9)))
    return replace(line, deliverables=wanted, path=str(folder / "edl.json"))


def edit(line: Timeline, known: Facts) -> Edit:
    return Edit(line, (), Gathered(line, known, {}, {}, {}, {}, 0), Consents(date(2026, 11, 21)))


def test_the_edls_own_list_is_delivered(tmp_path: Path) -> None:
    line = delivering(tmp_path, Deliverable("yt169"), Deliverable("social916"))
    assert [p.name for p in presets_of(line, ())] == ["yt169", "social916"]


def test_names_given_replace_the_list_and_keep_its_overrides(tmp_path: Path) -> None:
    line = delivering(tmp_path, Deliverable("yt169"), Deliverable("social916", (("rate", "25"),)))
    found = presets_of(line, ["social916", "web-hero", "social916"])
    assert [p.name for p in found] == ["social916", "web-hero"]
    assert found[0].rate == Rate.parse("25")
    assert found[1].rate is None


def test_a_projects_own_preset_is_found(tmp_path: Path, repository: Path) -> None:
    (tmp_path / "presets").mkdir()
    text = (repository / "presets" / "social916.toml").read_text(encoding="utf-8")
    (tmp_path / "presets" / "mine.toml").write_text(text, encoding="utf-8")
    assert [p.name for p in presets_of(delivering(tmp_path), ["mine"])] == ["mine"]


def test_neither_a_name_nor_a_list_is_an_error_with_the_choice(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        presets_of(delivering(tmp_path), ())
    (problem,) = caught.value.problems
    assert problem.code == "deliverable-missing"
    assert "social916" in (problem.hint or "")


def test_an_unknown_preset_is_an_error_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        presets_of(delivering(tmp_path), ["social961"])
    assert "social916" in (caught.value.problems[0].hint or "")


def test_a_strict_run_takes_no_repairs(tmp_path: Path) -> None:
    untagged = taken("t1", index(9), tags=ColorTags(None, None, None, None))
    made = edit(delivering(tmp_path), facts(("t1", untagged), ("t2", taken("t2", index(9)))))
    assert len(decide(made, preset(), settings(tmp_path)).repairs) == 2
    with pytest.raises(MediaError, match="assumed") as caught:
        decide(made, preset(), settings(tmp_path, strict=True))
    assert [p.severity for p in caught.value.problems] == [Severity.ERROR] * 2


def test_a_take_that_was_tampered_with_blocks_unless_allowed(tmp_path: Path) -> None:
    broken = replace(
        taken("t1", index(9)),
        credentials=CredentialFacts(Integrity.BROKEN, codes=("assertion.bmffHash.mismatch",)),
    )
    made = edit(delivering(tmp_path), facts(("t1", broken), ("t2", taken("t2", index(9)))))
    with pytest.raises(PolicyError) as caught:
        decide(made, preset(), settings(tmp_path))
    assert caught.value.exit is Exit.POLICY
    allowing = settings(tmp_path, tampered=True)
    decided = decide(made, preset(), allowing)
    (told,) = warnings(made, decided, allowing)
    assert (told.code, told.severity) == ("tampered-take", Severity.WARNING)
    assert told.message.endswith("; allowed")


@pytest.mark.parametrize("reason", [None, "agreed with the client"])
def test_a_mark_that_would_be_cut_blocks_unless_there_is_a_reason(
    reason: str | None, tmp_path: Path
) -> None:
    line = replace(
        delivering(tmp_path),
        takes=(Take("t1", "takes/t1.mp4", marks=("corner",), marks_told=True),),
        marks=(Mark("corner", Box.of(1690, 980, 180, 60)),),
        items=(Event("a", "t1", Span(0, 9), may_crop=reason),),
    )
    made = edit(line, facts(("t1", taken("t1", index(9)))))
    upright = preset(raster=Raster(1080, 1920))
    if reason is None:
        with pytest.raises(PolicyError) as caught:
            decide(made, upright, settings(tmp_path))
        assert caught.value.problems[0].code == "mark-cropped"
        return
    decided = decide(made, upright, settings(tmp_path))
    (told,) = warnings(made, decided, settings(tmp_path))
    assert reason in told.message
    assert told.severity is Severity.WARNING


def test_the_strongest_of_chinas_labels_rides_along(tmp_path: Path) -> None:
    known = facts(
        ("t1", replace(taken("t1", index(9)), aigc='{"Label":"2"}')),
        ("t2", replace(taken("t2", index(9)), aigc='{"Label":"1"}')),
    )
    line = replace(
        delivering(tmp_path), items=(Event("a", "t1", Span(0, 9)), Event("b", "t2", Span(0, 9)))
    )
    decided = decide(edit(line, known), preset(), settings(tmp_path))
    assert labels(decided) == {"title": "made", "AIGC": '{"Label":"1"}'}
    garbled = replace(decided.takes[1], aigc="no label at all")
    assert labels(replace(decided, takes=(decided.takes[0], garbled)))["AIGC"] == '{"Label":"2"}'
    assert labels(replace(decided, title="", takes=())) == {}


@pytest.mark.parametrize(("width", "fits"), [(256, True), (254, False)])
def test_a_canvas_that_the_encoder_does_not_take_is_refused_beforehand(
    width: int, fits: bool, tmp_path: Path
) -> None:
    line = replace(delivering(tmp_path), canvas=Raster(width, 144))
    known = facts(("t1", taken("t1", index(20))), ("t2", taken("t2", index(20))))
    (master,) = presets_of(line, ["dnxhr-hqx"])
    if fits:
        assert decide(edit(line, known), master, settings(tmp_path)).raster.width == width
        return
    with pytest.raises(DocumentError) as caught:
        decide(edit(line, known), master, settings(tmp_path))
    assert "254x144" in str(caught.value)


def test_webm_is_told_to_carry_its_credentials_beside_it(tmp_path: Path) -> None:
    line = delivering(tmp_path)
    known = facts(("t1", taken("t1", index(20))), ("t2", taken("t2", index(20))))
    (web,) = presets_of(line, ["web-vp9"])
    unsigned = replace(settings(tmp_path), signing=Signing(off=True))
    for run, said in ((settings(tmp_path), True), (unsigned, False)):
        decided = decide(edit(line, known), web, run)
        told = {problem.code for problem in warnings(edit(line, known), decided, run)}
        assert ("credentials-beside" in told) is said
