"""Presets: those shipped, those of one's own, inheritance, overrides, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from finisher import shipped
from finisher.geometry import Raster
from finisher.presets import places
from finisher.presets.model import (
    Audio,
    AudioCodec,
    Container,
    ContainerFormat,
    Limits,
    Loudness,
    Preset,
    Video,
    VideoCodec,
)
from finisher.presets.shelf import find, names, preset_schema
from finisher.problems import DocumentError, Exit, Problem
from finisher.timecode import Rate

SHIPPED = ["dnxhr-hqx", "feed11", "prores-hq", "social916", "web-hero", "web-vp9", "yt169"]

PLAIN = """\
description = "Plain"
muted = true
[video]
codec = "h264"
profile = "high"
pixel_format = "yuv420p"
crf = 20
[container]
format = "mp4"
"""


@pytest.fixture(autouse=True)
def _no_presets_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def configuration(name: str, *, appauthor: object) -> str:
        assert appauthor is False
        return str(tmp_path / "config" / name)

    monkeypatch.setattr(places.platformdirs, "user_config_dir", configuration)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "presets").mkdir()
    return tmp_path


def put(folder: Path, name: str, text: str) -> None:
    (folder / "presets" / f"{name}.toml").write_text(text, encoding="utf-8")


def refused(name: str, folder: Path | None = None, **overrides: object) -> list[Problem]:
    with pytest.raises(DocumentError) as error:
        find(name, folder, overrides)
    assert error.value.exit is Exit.USAGE
    return list(error.value.problems)


def test_what_is_shipped() -> None:
    assert names() == SHIPPED
    for name in SHIPPED:
        preset = find(name)
        assert preset.name == name
        assert preset.sources
        assert preset.container.edit_list is False


def test_social916_to_the_last_number() -> None:
    preset = find("social916")
    assert preset == Preset(
        name="social916",
        description=preset.description,
        video=Video(
            VideoCodec.H264, "high", "yuv420p", "medium", 18, "1/2", 2, 12_000_000, 24_000_000
        ),
        audio=Audio(AudioCodec.AAC, 192_000, Loudness(-14.0, 0.1, -1.0)),
        container=Container(ContainerFormat.MP4, edit_list=False),
        raster=Raster(1080, 1920),
        rate=None,
        limits=Limits(3, 180, 500_000_000),
        loop_frames=0,
        sources=preset.sources,
    )


def test_feed11_is_social916_but_square() -> None:
    vertical, square = find("social916"), find("feed11")
    assert square.raster == Raster(1080, 1080)
    assert (square.audio, square.limits) == (vertical.audio, vertical.limits)
    assert square.video.max_rate == 10_000_000
    assert square.sources[: len(vertical.sources)] == vertical.sources
    assert len(square.sources) > len(vertical.sources)


def test_the_hero_is_silent_and_fits_its_limit() -> None:
    hero = find("web-hero")
    assert (hero.audio, hero.loop_frames) == (None, 12)
    assert hero.video.max_rate is not None
    assert hero.video.buffer is not None
    assert hero.limits.max_seconds is not None
    assert hero.limits.max_bytes is not None
    # A rate-limited stream is at most its rate times its length, and one buffer.
    most = hero.video.max_rate * hero.limits.max_seconds + hero.video.buffer
    assert most / 8 <= hero.limits.max_bytes


def test_the_master_keeps_raster_rate_and_level() -> None:
    master = find("prores-hq")
    assert (master.raster, master.rate) == (None, None)
    assert master.video.codec is VideoCodec.PRORES
    assert (master.video.profile, master.video.pixel_format) == ("hq", "yuv422p10le")
    assert master.audio == Audio(AudioCodec.PCM_S24, None, None)
    assert master.container.format is ContainerFormat.MOV


def test_presets_beside_the_edit_list_come_first(folder: Path) -> None:
    put(folder, "mine", PLAIN)
    put(folder, "yt169", 'inherits = "yt169"\nrate = "25"\n')
    put(folder, "not a name", "broken")
    assert names(folder) == sorted([*SHIPPED, "mine"])
    assert find("mine", folder).audio is None
    assert find("yt169", folder).rate == Rate.parse("25")
    assert find("yt169", folder).video == find("yt169").video


def test_the_users_own_presets_come_before_those_shipped(tmp_path: Path, folder: Path) -> None:
    own = tmp_path / "config" / "finisher" / "presets"
    own.mkdir(parents=True)
    (own / "social916.toml").write_text('inherits = "social916"\n[video]\ncrf = 16\n')
    assert find("social916").video.crf == 16
    put(folder, "social916", 'inherits = "social916"\n[video]\nmax_rate = 9_000_000\n')
    both = find("social916", folder).video
    assert (both.crf, both.max_rate, both.buffer) == (16, 9_000_000, 24_000_000)


def test_sections_can_be_switched_off(folder: Path) -> None:
    put(folder, "quiet", 'inherits = "yt169"\naudio = false\nmuted = true\n')
    put(folder, "level", 'inherits = "yt169"\n[audio]\nloudness = false\n')
    assert find("quiet", folder).audio is None
    assert find("level", folder).audio == Audio(AudioCodec.AAC, 384_000, None)
    put(folder, "quiet", 'inherits = "yt169"\naudio = false\n')
    assert find("quiet", folder).audio is None


@pytest.mark.parametrize(
    "overrides",
    [
        {"video": {"crf": 22}, "raster": [720, 1280], "x-why": "small"},
        {"video.crf": 22, "raster": (720, 1280)},
    ],
)
def test_keys_can_be_set_otherwise(overrides: dict[str, object]) -> None:
    preset = find("social916", None, overrides)
    assert (preset.video.crf, preset.raster) == (22, Raster(720, 1280))
    assert preset.video.max_rate == 12_000_000
    assert find("social916").video.crf == 18


def test_an_unknown_preset_is_told_with_those_there_are() -> None:
    (problem,) = refused("social961")
    assert problem.code == "unknown-preset"
    assert "did you mean 'social916'?" in str(problem)
    assert ", ".join(SHIPPED) in str(problem)


@pytest.mark.parametrize("name", ["../presets/yt169", "yt169.toml", "", ".", "a/b", "\x00"])
def test_a_preset_is_a_name_and_not_a_path(name: str) -> None:
    (problem,) = refused(name)
    assert problem.code == "unknown-preset"


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        ("crf = 20\n=", 8, "no TOML"),
        ("crf = 20\ncrf = 21", 8, "no TOML"),
        ("crff = 20", 7, "did you mean 'crf'?"),
        ('crf = "20"', 7, "a whole number"),
        ("crf = 99", 7, "at most 51"),
        ("", 3, '"crf" is missing'),
        ('crf = 20\nspeed = "slowest"', 8, "none of"),
        ('crf = 20\ngop_seconds = "half"', 8, "rational number of seconds"),
        ('crf = 20\ngop_seconds = "0"', 8, "between 0 and 60"),
        ("crf = 20\nbuffer = 100_000", 8, "without max_rate"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    folder: Path, change: str, line: int, words: str
) -> None:
    put(folder, "mine", PLAIN.replace("crf = 20", change))
    (problem,) = refused("mine", folder)
    assert problem.where is not None
    assert problem.where.file == str(folder / "presets" / "mine.toml")
    assert problem.where.line == line
    assert words in str(problem)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"video.profile": "hq"}, 'h264 has no profile "hq"'),
        ({"video.pixel_format": "yuv422p10le"}, "h264 high is yuv420p here"),
        (
            {"video": {"codec": "prores", "profile": "hq", "pixel_format": "yuv422p10le"}},
            "ProRes goes into mov",
        ),
        ({"audio": {"codec": "pcm_s24le"}, "muted": False}, "PCM goes into mov"),
        ({"muted": False}, 'neither a section "audio" nor "muted = true"'),
        ({"audio": True}, "a section or false"),
        ({"raster": [1081, 1920]}, "not a raster"),
        ({"raster": [True, 1920]}, "not a raster"),
        ({"rate": 25}, "not a frame rate"),
        ({"rate": "0"}, "between 1 and 1000"),
        ({"limits": {"min_seconds": 5, "max_seconds": 4}}, "more than max_seconds"),
        ({"limits": {"max_seconds": float("inf")}}, "finite"),
        ({"container.formt": "mov"}, "did you mean 'format'?"),
        ({"inherits": "yt169"}, "can't be set otherwise"),
    ],
)
def test_values_that_do_not_fit_together(
    folder: Path, overrides: dict[str, object], words: str
) -> None:
    put(folder, "mine", PLAIN)
    (problem,) = refused("mine", folder, **overrides)
    assert words in str(problem)


def test_a_mistake_in_an_inherited_file_is_told_there(folder: Path) -> None:
    put(folder, "base", PLAIN.replace("crf = 20", "crf = 99"))
    put(folder, "mine", 'inherits = "base"\n')
    (problem,) = refused("mine", folder)
    assert problem.where is not None
    assert (problem.where.file, problem.where.line) == (str(folder / "presets/base.toml"), 7)


def test_circles_of_inheritance_are_refused(folder: Path) -> None:
    put(folder, "a", 'inherits = "b"\n')
    put(folder, "b", '\ninherits = "a"\n')
    (problem,) = refused("a", folder)
    assert problem.code == "inherit-cycle"
    assert problem.message.endswith("a → b → a")
    assert problem.where is not None
    assert (problem.where.file, problem.where.line) == (str(folder / "presets/b.toml"), 2)
    put(folder, "alone", 'inherits = "alone"\n')
    assert refused("alone", folder)[0].code == "unknown-preset"


@pytest.mark.parametrize("text", ['inherits = "nothing"', "inherits = 5"])
def test_inheriting_from_nothing(folder: Path, text: str) -> None:
    put(folder, "mine", text)
    (problem,) = refused("mine", folder)
    assert problem.where is not None
    assert problem.where.line == 1


def test_files_that_are_no_text(folder: Path) -> None:
    (folder / "presets" / "mine.toml").write_bytes(b"\xff\xfe")
    assert refused("mine", folder)[0].code == "not-utf-8"
    put(folder, "mine", "a = " + "[" * 100_000)
    assert refused("mine", folder)[0].code == "syntax"


def test_the_schema_names_its_version_and_no_host() -> None:
    schema = preset_schema()
    assert schema["$id"] == "finisher/preset@1"
    assert "null" not in json.dumps(schema)


def test_the_shipped_folder_holds_a_page_about_them() -> None:
    text = (shipped.folder("presets") / "README.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in SHIPPED)
