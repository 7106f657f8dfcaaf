from __future__ import annotations

import errno
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning import preset
from tests.unit.report import made

from finisher.pipeline.names import (
    STEMS,
    Destination,
    destinations,
    ready,
    workshop,
    write_whole,
    writing,
)
from finisher.plan.model import Plan, SoundPlan
from finisher.presets.model import (
    Audio,
    AudioCodec,
    Container,
    ContainerFormat,
    Preset,
    StemFormat,
)
from finisher.problems import (
    DocumentError,
    Exit,
    FinisherError,
    MachineError,
    MediaError,
    Problem,
    RenderError,
)
from finisher.sound import stems
from finisher.timecode import Span


def plan_of(kind: Preset, part: Span | None = None) -> Plan:
    """As much of a plan as a name is made of."""
    return replace(made.plan(), preset=kind, part=part)


SOCIAL = plan_of(preset("social916"))
MASTER = plan_of(replace(preset("master"), container=Container(ContainerFormat.MOV)))


def test_without_an_output_files_lie_beside_the_edl(tmp_path: Path) -> None:
    edl = tmp_path / "harbour.v2.json"
    found = destinations(edl, [SOCIAL, MASTER], None)
    assert [d.media for d in found] == [
        tmp_path / "harbour.v2.social916.mp4",
        tmp_path / "harbour.v2.master.mov",
    ]


def test_a_file_is_taken_for_one_deliverable(tmp_path: Path) -> None:
    (found,) = destinations(tmp_path / "edl.json", [SOCIAL], tmp_path / "new" / "film.MP4")
    assert found.media == tmp_path / "new" / "film.MP4"


def test_a_folder_is_taken_for_any_number(tmp_path: Path) -> None:
    (tmp_path / "dotted.mp4").mkdir()
    for output in (tmp_path / "out", tmp_path / "dotted.mp4"):
        for presets in ([SOCIAL], [SOCIAL, MASTER]):
            found = destinations(tmp_path / "edl.json", presets, output)
            assert {d.media.parent for d in found} == {output}
            assert found[0].media.name == "edl.social916.mp4"


def test_parts_and_drafts_have_names_of_their_own(tmp_path: Path) -> None:
    draft = plan_of(replace(preset("social916"), draft=True))
    part = plan_of(preset("social916"), Span(24, 72))
    both = plan_of(replace(preset("social916"), draft=True), Span(24, 72))
    found = destinations(tmp_path / "edl.json", [SOCIAL, draft, part, both], None)
    assert [place.media.name for place in found] == [
        "edl.social916.mp4",
        "edl.social916.draft.mp4",
        "edl.social916.24-72.mp4",
        "edl.social916.24-72.draft.mp4",
    ]


def test_one_file_for_two_deliverables_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        destinations(tmp_path / "edl.json", [SOCIAL, MASTER], tmp_path / "film.mp4")
    assert caught.value.exit is Exit.USAGE
    assert caught.value.problems[0].code == "output-ambiguous"


@pytest.mark.parametrize(("plan", "suffix"), [(SOCIAL, "mov"), (MASTER, "mp4"), (SOCIAL, "mkv")])
def test_a_suffix_that_lies_is_refused(plan: Plan, suffix: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        destinations(tmp_path / "edl.json", [plan], tmp_path / f"film.{suffix}")
    assert caught.value.problems[0].code == "output-suffix"


def test_reports_and_failures_go_by_the_medias_name(tmp_path: Path) -> None:
    place = Destination(tmp_path / "edl.social916.mp4")
    assert place.json.name == "edl.social916.report.json"
    assert place.html.name == "edl.social916.report.html"
    assert place.failed.media.name == "edl.social916.failed.mp4"
    assert place.failed.json.name == "edl.social916.failed.report.json"
    assert place.temporary(tmp_path, "joined").name == "joined.mp4"


def test_removing_takes_away_what_is_there(tmp_path: Path) -> None:
    place = Destination(tmp_path / "a.mp4")
    place.media.touch()
    place.html.touch()
    place.remove()
    assert list(tmp_path.iterdir()) == []


def test_a_workshop_lies_on_the_same_disk_and_leaves_nothing(tmp_path: Path) -> None:
    place = Destination(tmp_path / "new" / "a.mp4")
    with workshop(place) as folder:
        assert Path(folder).parent == tmp_path / "new"
        assert Path(folder).name.startswith(".")
        place.temporary(Path(folder), "joined").touch()
    assert list((tmp_path / "new").iterdir()) == []


def test_a_place_that_cannot_be_written_is_the_machines_problem(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MachineError) as caught:
        workshop(Destination(tmp_path / "file" / "a.mp4"))
    assert caught.value.exit is Exit.ENVIRONMENT
    assert caught.value.problems[0].code == "output-unwritable"


def test_a_text_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old", encoding="utf-8")
    write_whole(path, "néw\n")
    assert path.read_text(encoding="utf-8") == "néw\n"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_a_text_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text("old", encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(MachineError) as caught:
        write_whole(path, "new")
    assert caught.value.problems[0].code == "disk-full"
    assert path.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


def test_a_report_is_as_readable_as_other_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "report.json", "{}")
        assert os.umask(0o027) == 0o027, "the mask was left changed"
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report.json").stat().st_mode) == 0o640


def test_a_slash_makes_a_folder_of_a_name_that_is_not_there(tmp_path: Path) -> None:
    (found,) = destinations(tmp_path / "edl.json", [SOCIAL], f"{tmp_path}/new.v2/")
    assert found.media == tmp_path / "new.v2" / "edl.social916.mp4"
    assert len(destinations(tmp_path / "edl.json", [SOCIAL, MASTER], f"{tmp_path}/new.v2/")) == 2
    with pytest.raises(DocumentError):
        destinations(tmp_path / "edl.json", [SOCIAL], f"{tmp_path}/new.v2")


def test_a_place_is_ready_when_it_can_be_written(tmp_path: Path) -> None:
    places = [Destination(tmp_path / "new" / name) for name in ("a.mp4", "b.mp4")]
    edl = tmp_path / "edl.json"
    edl.touch()
    ready(places, [edl, tmp_path / "not there.mp4"])
    assert list((tmp_path / "new").iterdir()) == []


@pytest.mark.parametrize("other", ["a.mp4", "a.failed.mp4", "x/../a.mp4"])
def test_two_deliverables_never_share_a_file(other: str, tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        ready([Destination(tmp_path / "a.mp4"), Destination(tmp_path / other)], [])
    assert caught.value.problems[0].code == "output-is-input"


def test_what_killed_runs_left_goes_after_a_day(tmp_path: Path) -> None:
    names = (".finisher-abcd_123", ".finisher-abcd_456", ".finisher-is-mine", "finisher-abcd_123")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "joined.mp4").touch()
    for name in (names[0], *names[2:]):
        os.utime(tmp_path / name, (0, 0))
    with workshop(Destination(tmp_path / "a.mp4")):
        pass
    assert {path.name for path in tmp_path.iterdir()} == set(names[1:])


def full() -> OSError:
    return OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("kind", [RenderError, MediaError])
def test_a_step_that_found_no_room_is_the_machines_problem(kind: type[FinisherError]) -> None:
    with pytest.raises(MachineError) as caught, writing(Path("a.mp4")):
        raise kind(Problem("mux-failed", "writing failed")) from full()
    assert caught.value.problems[0].code == "disk-full"
    with pytest.raises(kind), writing(Path("a.mp4")):
        raise kind(Problem("mux-failed", "writing failed")) from OSError(errno.EIO, "no")


def stemmed(folder: Path) -> Destination:
    audio = Audio(AudioCodec.PCM_S24, stems=StemFormat.FLOAT)
    kind = replace(preset("master"), audio=audio, container=Container(ContainerFormat.MOV))
    sound = SoundPlan(10, (), None)
    (found,) = destinations(
        folder / "edl.json", [replace(plan_of(kind), sound=sound)], folder / "out.mov"
    )
    return found


def test_stems_lie_in_a_folder_beside_the_film(tmp_path: Path) -> None:
    found = stemmed(tmp_path)
    assert found.stemmed
    assert found.stems == tmp_path / "out.stems"
    assert found.failed.stems == tmp_path / "out.failed.stems"
    (plain,) = destinations(tmp_path / "edl.json", [SOCIAL], None)
    assert not plain.stemmed
    assert set(STEMS) == {*stems.DISJOINT, stems.MUSIC_AND_EFFECTS, stems.MIX}


def test_a_stem_that_the_edit_is_made_from_is_not_replaced(tmp_path: Path) -> None:
    found = stemmed(tmp_path)
    found.stems.mkdir()
    used = found.stems / "dialogue.wav"
    used.write_bytes(b"my voice")
    with pytest.raises(DocumentError) as error:
        ready([found], [used])
    assert error.value.problems[0].code == "output-is-input"


def test_a_folder_of_stems_that_holds_other_things_is_refused(tmp_path: Path) -> None:
    found = stemmed(tmp_path)
    found.stems.mkdir()
    (found.stems / "mix.wav").write_bytes(b"older")
    ready([found], [])
    (found.stems / "session.ptx").write_bytes(b"mine")
    with pytest.raises(MachineError) as error:
        ready([found], [])
    assert "session.ptx" in str(error.value)


def test_removing_stems_leaves_what_is_not_theirs(tmp_path: Path) -> None:
    found = stemmed(tmp_path)
    found.remove_stems()
    found.stems.mkdir()
    (found.stems / "mix.wav").write_bytes(b"older")
    (found.stems / "session.ptx").write_bytes(b"mine")
    found.remove_stems()
    assert [path.name for path in found.stems.iterdir()] == ["session.ptx"]
    (found.stems / "session.ptx").unlink()
    found.remove_stems()
    assert not found.stems.exists()
