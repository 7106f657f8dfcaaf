from __future__ import annotations

import json
import shutil
from pathlib import Path

import av
import pytest
from tests.acceptance.studio import Ran, build, edl, finish, write_edl
from tests.unit.provenance.vendors import flipped, stripped


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("studio") / "otters")


@pytest.fixture(scope="module")
def delivered(studio: Path) -> tuple[Path, Ran]:
    """The project, finished once."""
    return studio, finish(studio, "edl.json", "--json")


@pytest.fixture
def copy(studio: Path, tmp_path: Path) -> Path:
    """The project as it was before anything was rendered, to be spoilt."""
    folder = tmp_path / "project"
    shutil.copytree(studio, folder, ignore=shutil.ignore_patterns("edl.tiny.*"))
    return folder


def outputs(folder: Path) -> list[str]:
    """Everything a run left beside the edit list, hidden folders included."""
    known = {"takes", "presets", "luts", "vendor.pem", "otter.png", "voice.wav", "edl.json"}
    return sorted(path.name for path in folder.iterdir() if path.name not in known)


def test_the_export_passes_its_own_audit(delivered: tuple[Path, Ran]) -> None:
    folder, ran = delivered
    assert ran.code == 0, ran.err
    assert outputs(folder) == [
        *("edl.tiny.mp4", "edl.tiny.publish.json"),
        *("edl.tiny.report.html", "edl.tiny.report.json"),
    ]
    one = ran.document["deliverables"][0]
    assert one["passed"] is True
    audited = one["audit"]["files"][0]
    assert audited["verdict"] == "intact-untrusted"
    assert {mark["verdict"] for mark in audited["watermarks"]} == {"intact"}
    takes = {part["title"] for part in audited["ingredients"] if part["depth"] == 1}
    assert takes == {"scene01_take01.mp4", "scene02_take01.mp4", "voice.wav"}


def test_the_file_is_what_the_preset_says(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    with av.open(str(folder / "edl.tiny.mp4")) as container:
        stream = container.streams.video[0]
        context = stream.codec_context
        assert (context.width, context.height, context.pix_fmt) == (270, 480, "yuv420p")
        assert context.profile == "High"
        assert stream.sample_aspect_ratio in (1, None)
        tags = (context.colorspace, context.color_primaries, context.color_trc, context.color_range)
        assert [int(t) for t in tags] == [1, 1, 1, 1]
        frames = list(container.decode(stream))
    assert len(frames) == 24 + 28 + 28
    assert {(f.colorspace, f.color_primaries, f.color_trc, f.color_range) for f in frames} == {
        (1, 1, 1, 1)
    }
    step = 1 / (24 * stream.time_base)
    assert [f.pts for f in frames] == [i * step for i in range(80)]
    data = (folder / "edl.tiny.mp4").read_bytes()
    assert b"elst" not in data
    assert data.index(b"moov") < data.index(b"mdat")


def test_the_audit_command_agrees_and_trusts_whom_it_is_told_to(
    delivered: tuple[Path, Ran],
) -> None:
    folder, _ = delivered
    plain = finish(folder, "audit", "edl.tiny.mp4", "--json")
    assert plain.code == 0
    assert plain.document["schema"] == "finisher/audit@1"
    assert plain.document["verdict"] == "intact-untrusted"
    assert plain.document["passed"] is True
    assert finish(folder, "audit", "edl.tiny.mp4", "--require", "trusted").code == 1
    with_edl = finish(folder, "audit", "edl.tiny.mp4", "--edl", "edl.json", "--json")
    assert with_edl.code == 0
    assert all(
        part["source_rechecked"] == "same"
        for part in with_edl.document["files"][0]["ingredients"]
        if part["depth"] == 1
    )


def test_a_second_run_does_no_work(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    before = (folder / "edl.tiny.mp4").stat()
    again = finish(folder, "edl.json", "--json", "--progress", "json")
    assert again.code == 0
    assert again.document["deliverables"][0]["known"] is True
    assert (folder / "edl.tiny.mp4").stat().st_mtime_ns == before.st_mtime_ns
    stages = {json.loads(line)["stage"] for line in again.err.splitlines() if line.startswith("{")}
    assert "picture" not in stages
    assert "sign" not in stages


def test_a_lost_export_is_put_back_whole(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    bytes_before = (folder / "edl.tiny.mp4").read_bytes()
    (folder / "edl.tiny.mp4").write_bytes(b"spoilt")
    assert finish(folder, "edl.json").code == 0
    assert (folder / "edl.tiny.mp4").read_bytes() == bytes_before


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data[:-1] + bytes([data[-1] ^ 1]), id="last byte changed"),
        pytest.param(lambda data: data[: len(data) // 2], id="cut in half"),
        pytest.param(lambda data: data + b"\x00\x00\x00\x10mdat12345678", id="media appended"),
    ],
)
def test_an_altered_export_is_not_let_through(
    delivered: tuple[Path, Ran], tmp_path: Path, spoil: object
) -> None:
    folder, _ = delivered
    altered = tmp_path / "altered.mp4"
    altered.write_bytes(spoil((folder / "edl.tiny.mp4").read_bytes()))  # type: ignore[operator]
    ran = finish(folder, "audit", str(altered), "--json")
    assert ran.code in (1, 3)
    assert ran.document["passed"] is False
    assert ran.document["verdict"] in ("tampered", "unreadable")


def test_an_export_copied_by_another_tool_has_lost_its_credentials(
    delivered: tuple[Path, Ran], tmp_path: Path
) -> None:
    folder, _ = delivered
    copied = stripped(folder / "edl.tiny.mp4", tmp_path / "copied.mp4")
    ran = finish(folder, "audit", str(copied), "--json")
    assert ran.code == 1
    assert ran.document["verdict"] == "absent"


def test_a_take_altered_by_one_byte_blocks_the_render(copy: Path) -> None:
    take = copy / "takes" / "scene02_take01.mp4"
    flipped(take, take)
    ran = finish(copy, "edl.json")
    assert ran.code == 5
    assert "'b'" in ran.err
    assert "not what was signed" in ran.err
    assert outputs(copy) == []


def test_a_framing_that_would_cut_a_mark_is_refused_with_ways_out(copy: Path) -> None:
    value = edl()
    value["events"][0].pop("focus")
    write_edl(copy, value)
    ran = finish(copy, "edl.json", "--json")
    assert ran.code == 5
    (problem,) = ran.document["problems"]
    assert problem["code"] == "mark-cropped"
    assert problem["where"]["pointer"].startswith("/events/0")
    assert problem["where"]["line"] is not None
    for way in ('"focus": [', '"fit": "pad"', '"fit": "blur-pad"'):
        assert way in problem["hint"]
    assert outputs(copy) == []


def test_a_suggested_framing_is_accepted(copy: Path) -> None:
    value = edl()
    value["events"][0].pop("focus")
    write_edl(copy, value)
    hint = finish(copy, "edl.json", "--json").document["problems"][0]["hint"]
    x, y = json.loads(hint[hint.index("[") : hint.index("]") + 1])
    value["events"][0]["focus"] = [x, y]
    write_edl(copy, value)
    assert finish(copy, "plan", "edl.json").code == 0


def test_a_crop_with_a_reason_goes_through_and_is_told(copy: Path) -> None:
    value = edl()
    value["events"] = [dict(value["events"][0], may_crop="the client asked for it")]
    value["events"][0].pop("focus")
    value["audio"] = []
    write_edl(copy, value)
    ran = finish(copy, "check", "edl.json", "--json")
    assert ran.code == 0
    told = [f for f in ran.document["findings"] if f["code"] == "mark-cropped"]
    assert [f["severity"] for f in told] == ["warning"]
    assert "the client asked for it" in told[0]["message"]


def test_missing_files_are_all_named_at_once(copy: Path) -> None:
    (copy / "takes" / "scene01_take01.mp4").unlink()
    (copy / "voice.wav").unlink()
    ran = finish(copy, "edl.json")
    assert ran.code == 3
    assert "scene01_take01.mp4" in ran.err
    assert "voice.wav" in ran.err
    assert outputs(copy) == []


def test_a_typo_is_placed_and_mended(copy: Path) -> None:
    text = (copy / "edl.json").read_text().replace('"focus"', '"focsu"', 1)
    (copy / "edl.json").write_text(text)
    line = text[: text.index("focsu")].count("\n") + 1
    ran = finish(copy, "edl.json")
    assert ran.code == 2
    assert f"edl.json:{line}:" in ran.err
    assert "did you mean 'focus'?" in ran.err
    assert outputs(copy) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["nowhere.json"], 2),
        (["edl.json", "--preset", "socal916"], 2),
        (["edl.json", "--no-such-option"], 2),
        ([], 2),
        (["edl.json", "--sign-cert", "vendor.pem"], 2),
        (["audit", "nowhere.mp4"], 3),
        (["audit", "voice.wav", "--trust-anchors", "otter.png"], 2),
        (["presets"], 0),
        (["schema", "edl"], 0),
        (["doctor"], 0),
        (["--version"], 0),
    ],
)
def test_exit_codes(studio: Path, words: list[str], code: int) -> None:
    ran = finish(studio, *words)
    assert ran.code == code, ran.err
    assert "Traceback" not in ran.err


def test_without_a_preset_the_list_is_shown(copy: Path) -> None:
    value = edl()
    del value["deliverables"]
    write_edl(copy, value)
    ran = finish(copy, "edl.json")
    assert ran.code == 2
    for name in ("social916", "feed11", "yt169", "web-hero", "prores-hq", "tiny"):
        assert name in ran.err


def test_a_dry_run_writes_nothing(copy: Path) -> None:
    ran = finish(copy, "edl.json", "--dry-run", "--json")
    assert ran.code == 0
    assert ran.document["schema"] == "finisher/plan@1"
    assert ran.document["frames"] == 80
    assert outputs(copy) == []


def test_unsigned_on_purpose_is_delivered_and_audits_as_absent(copy: Path) -> None:
    ran = finish(copy, "edl.json", "--no-sign", "--json")
    assert ran.code == 0, ran.err
    one = ran.document["deliverables"][0]
    assert one["audit"]["verdict"] == "absent"
    assert "nobody" in one["signed_by"]
    assert finish(copy, "audit", "edl.tiny.mp4").code == 1


def test_a_take_that_lost_its_credentials_is_told_from_one_that_never_had_any(copy: Path) -> None:
    assert finish(copy, "edl.json").code == 0
    take = copy / "takes" / "scene02_take01.mp4"
    stripped(take, copy / "bare.mp4").replace(take)
    ran = finish(copy, "audit", "edl.tiny.mp4", "--edl", "edl.json", "--json")
    assert ran.code == 1
    assert ran.document["passed"] is False


def test_strict_refuses_repairs(copy: Path) -> None:
    ran = finish(copy, "edl.json", "--strict")
    assert ran.code == 3
    assert "(strict)" in ran.err
    assert outputs(copy) == []


def test_init_begins_a_project_and_never_overwrites(tmp_path: Path) -> None:
    assert finish(tmp_path, "init", "new").code == 0
    assert (tmp_path / "new" / "edl.json").is_file()
    assert finish(tmp_path, "check", "new/edl.json").code == 3
    assert finish(tmp_path, "init", "new").code == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        pytest.param(lambda e: e["events"][0].update({"in": 15}), "frame", id="another in point"),
        pytest.param(lambda e: e["events"].reverse(), "cut to", id="another order"),
        pytest.param(lambda e: e["events"][2].pop("look"), "look", id="a look taken away"),
        pytest.param(lambda e: e["takes"]["a"].pop("watermark"), "marks", id="a mark undeclared"),
        pytest.param(lambda e: e.update({"audio": []}), "voice.wav", id="a sound taken away"),
        pytest.param(lambda e: e["audio"][0].update({"gain_db": -1}), "another mix", id="a gain"),
    ],
)
def test_an_export_is_held_to_its_edit(
    delivered: tuple[Path, Ran], tmp_path: Path, change: object, words: str
) -> None:
    studio, _ = delivered
    folder = tmp_path / "project"
    shutil.copytree(studio, folder)
    value = edl()
    change(value)  # type: ignore[operator]
    if value["events"][0].get("transition"):
        value["events"][1]["transition"] = value["events"][0].pop("transition")
    write_edl(folder, value)
    ran = finish(folder, "audit", "edl.tiny.mp4", "--edl", "edl.json", "--json")
    assert ran.code == 1, ran.err
    checks = {check["id"]: check for check in ran.document["files"][0]["checks"]}
    assert checks["edit-agrees"]["status"] == "failed"
    assert words in checks["edit-agrees"]["detail"]


def test_one_bad_file_stops_no_other(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    ran = finish(folder, "audit", "nowhere.mp4", "edl.tiny.mp4", "--json")
    assert ran.code == 3
    assert [file["verdict"] for file in ran.document["files"]] == ["unreadable", "intact-untrusted"]


def test_a_requirement_nobody_knows_is_a_usage_error(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    ran = finish(folder, "audit", "edl.tiny.mp4", "--require", "trused")
    assert ran.code == 2
    assert "did you mean 'trusted'?" in ran.err
