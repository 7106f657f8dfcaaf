"""One key decides the encoder's quality: crf, a score or a size."""

from __future__ import annotations

from pathlib import Path

import pytest

from finisher.presets import places
from finisher.presets.shelf import find, preset_schema
from finisher.problems import DocumentError, Problem

HEAD = 'description = "One"\nmuted = true\n'
VIDEO = '[video]\ncodec = "h264"\nprofile = "high"\npixel_format = "yuv420p"\n'
TAIL = '[container]\nformat = "mp4"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(
        places.platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path / "c")
    )
    (tmp_path / "presets").mkdir()
    return tmp_path


def put(folder: Path, name: str, video: str, head: str = HEAD, tail: str = TAIL) -> None:
    (folder / "presets" / f"{name}.toml").write_text(head + video + tail, encoding="utf-8")


def refused(folder: Path, name: str, **overrides: object) -> list[Problem]:
    with pytest.raises(DocumentError) as error:
        find(name, folder, overrides)
    return list(error.value.problems)


def decided(folder: Path, name: str, **overrides: object) -> tuple[object, object, object]:
    video = find(name, folder, overrides).video
    return video.crf, video.vmaf, video.file_bytes


def test_each_of_them_decides(folder: Path) -> None:
    put(folder, "a", VIDEO + "crf = 20\n")
    put(folder, "b", VIDEO + "vmaf = 93.5\n")
    put(folder, "c", VIDEO + "file_bytes = 8_000_000\n")
    assert decided(folder, "a") == (20, None, None)
    assert decided(folder, "b") == (None, 93.5, None)
    assert decided(folder, "c") == (None, None, 8_000_000)


def test_none_is_too_few_and_the_hint_names_the_others(folder: Path) -> None:
    put(folder, "a", VIDEO)
    (problem,) = refused(folder, "a")
    assert problem.code == "missing-key"
    assert "vmaf" in (problem.hint or "")
    assert "file_bytes" in (problem.hint or "")


def test_two_are_too_many_at_the_line_of_the_second(folder: Path) -> None:
    put(folder, "a", VIDEO + "vmaf = 95\ncrf = 20\n")
    put(folder, "b", VIDEO + "crf = 20\nvmaf = 95\nfile_bytes = 8_000_000\n")
    (problem,) = refused(folder, "a")
    assert (problem.code, problem.where and problem.where.pointer) == ("misfit", "/video/vmaf")
    assert problem.where is not None
    assert problem.where.line == 7
    assert [p.where and p.where.pointer for p in refused(folder, "b")] == [
        "/video/vmaf",
        "/video/file_bytes",
    ]


def test_what_is_laid_over_decides_in_place_of_what_lies_beneath(folder: Path) -> None:
    for name, own in (("v", "vmaf = 95"), ("s", "file_bytes = 900_000"), ("n", "b_frames = 1")):
        put(folder, name, f"[video]\n{own}\n", 'inherits = "yt169"\n', "")
    assert decided(folder, "v") == (None, 95.0, None)
    assert decided(folder, "s") == (None, None, 900_000)
    assert decided(folder, "n") == (17, None, None)
    put(folder, "back", "[video]\ncrf = 20\n", 'inherits = "v"\n', "")
    assert decided(folder, "back") == (20, None, None)
    assert find("v", folder).video.max_rate == find("yt169").video.max_rate


@pytest.mark.parametrize("own", [{"video": {"vmaf": 95}}, {"video.vmaf": 95.0}])
def test_an_override_decides_in_place_of_its_preset(folder: Path, own: dict[str, object]) -> None:
    assert decided(folder, "social916", **own) == (None, 95.0, None)


def test_an_override_that_decides_twice_is_refused(folder: Path) -> None:
    for own in ({"video": {"vmaf": 95, "crf": 20}}, {"video.vmaf": 95, "video.crf": 20}):
        (problem,) = refused(folder, "social916", **own)
        assert problem.code == "misfit"
        assert str(problem.where) == "overrides of social916: /video/vmaf"


@pytest.mark.parametrize(
    ("video", "code"),
    [
        ("vmaf = 49", "out-of-range"),
        ("vmaf = 99.5", "out-of-range"),
        ('vmaf = "95"', "wrong-type"),
        ("file_bytes = 900", "out-of-range"),
        ("file_bytes = 1e6", "wrong-type"),
    ],
)
def test_values_out_of_reach(folder: Path, video: str, code: str) -> None:
    put(folder, "a", f"{VIDEO}{video}\n")
    assert refused(folder, "a")[0].code == code


def test_a_codec_without_crf_reaches_neither(folder: Path) -> None:
    own = "[video]\n{}\n"
    for name, key in (("v", "vmaf = 95"), ("s", "file_bytes = 900_000")):
        put(folder, name, own.format(key), 'inherits = "prores-hq"\n', "")
        (problem,) = refused(folder, name)
        assert problem.code == "misfit"
        assert "ProRes" in problem.message


def test_a_size_beyond_the_limit_is_refused(folder: Path) -> None:
    tail = f"{TAIL}[limits]\nmax_bytes = 500_000\n"
    put(folder, "a", VIDEO + "file_bytes = 600_000\n", tail=tail)
    put(folder, "b", VIDEO + "file_bytes = 500_000\n", tail=tail)
    (problem,) = refused(folder, "a")
    assert (problem.code, problem.where and problem.where.pointer) == (
        "misfit",
        "/video/file_bytes",
    )
    assert decided(folder, "b")[2] == 500_000


def test_the_schema_says_so_too() -> None:
    definitions = preset_schema()["$defs"]
    assert isinstance(definitions, dict)
    rules = definitions["VideoDoc"]["allOf"]
    assert [rule["not"]["required"] for rule in rules] == [
        ["crf", "vmaf"],
        ["crf", "file_bytes"],
        ["vmaf", "file_bytes"],
    ]
