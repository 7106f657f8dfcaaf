"""What a preset says of channels and stems, of codecs in their containers, and what is no pair."""

from __future__ import annotations

from pathlib import Path

import pytest

from finisher.channels import Layout
from finisher.geometry import Raster
from finisher.presets import places
from finisher.presets.draft import drafted
from finisher.presets.model import AudioCodec, ContainerFormat, StemFormat, VideoCodec
from finisher.presets.shelf import find, preset_schema
from finisher.problems import DocumentError, Problem

DNXHR = '[video]\ncodec = "dnxhr"\nprofile = "hqx"\npixel_format = "yuv422p10le"\n'
PCM = '[audio]\ncodec = "pcm_s24le"\n'
MOV = '[container]\nformat = "mov"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(
        places.platformdirs, "user_config_dir", lambda *_, **__: str(tmp_path / "c")
    )
    (tmp_path / "presets").mkdir()
    return tmp_path


def put(folder: Path, *, video: str = DNXHR, audio: str = PCM, tail: str = MOV) -> None:
    text = 'description = "One"\n' + ("" if audio else "muted = true\n") + video + audio + tail
    (folder / "presets" / "one.toml").write_text(text, encoding="utf-8")


def refused(folder: Path) -> Problem:
    with pytest.raises(DocumentError) as error:
        find("one", folder)
    (problem,) = error.value.problems
    return problem


def test_sound_is_stereo_without_stems_unless_it_says_otherwise(folder: Path) -> None:
    put(folder)
    audio = find("one", folder).audio
    assert audio is not None
    assert (audio.layout, audio.stems) == (Layout.STEREO, None)


def test_surround_is_delivered_uncompressed_and_as_aac(folder: Path) -> None:
    put(folder, audio=PCM + 'layout = "5.1"\n')
    audio = find("one", folder).audio
    assert audio is not None
    assert audio.layout is Layout.SURROUND
    child = find("social916", None, {"audio": {"layout": "5.1", "bit_rate": 448_000}}).audio
    assert child is not None
    assert (child.codec, child.layout) == (AudioCodec.AAC, Layout.SURROUND)
    assert child.loudness is not None


@pytest.mark.parametrize(
    ("name", "rate", "least", "usual"),
    [
        ("social916", None, 320_000, "448_000"),  # inherits 192 kb/s
        ("social916", 319_999, 320_000, "448_000"),
        ("web-vp9", None, 288_000, "384_000"),  # inherits 128 kb/s
        ("web-vp9", 287_999, 288_000, "384_000"),
    ],
)
def test_surround_at_a_rate_that_is_too_low_is_refused(
    name: str, rate: int | None, least: int, usual: str
) -> None:
    changed: dict[str, object] = {"layout": "5.1"} | ({} if rate is None else {"bit_rate": rate})
    with pytest.raises(DocumentError) as error:
        find(name, None, {"audio": changed})
    (problem,) = error.value.problems
    assert problem.code == "misfit"
    assert str(least) in problem.message
    assert str(problem.where).endswith("/audio"), "told where 5.1 is asked for"
    assert problem.hint is not None
    assert f"bit_rate = {usual}" in problem.hint
    assert find(name, None, {"audio": {**changed, "bit_rate": least}}).audio is not None


def test_surround_gets_the_encoders_own_rate_where_none_is_given(folder: Path) -> None:
    put(folder, audio='[audio]\ncodec = "aac"\nlayout = "5.1"\n')
    audio = find("one", folder).audio
    assert audio is not None
    assert audio.bit_rate is None


def test_a_rate_that_pcm_does_not_heed_is_never_too_low(folder: Path) -> None:
    put(folder, audio=PCM + 'layout = "5.1"\nbit_rate = 192000\n')
    assert find("one", folder).audio is not None


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("true", StemFormat.FLOAT),
        ('"float"', StemFormat.FLOAT),
        ('"pcm_s24le"', StemFormat.PCM_S24),
        ("false", None),
    ],
)
def test_stems_are_floats_or_24_bits(told: str, meant: StemFormat | None, folder: Path) -> None:
    put(folder, audio=PCM + f"stems = {told}\n")
    audio = find("one", folder).audio
    assert audio is not None
    assert audio.stems is meant


@pytest.mark.parametrize("told", ['"wav"', "1", "0", "[]"])
def test_other_words_for_stems_are_refused_at_their_line(told: str, folder: Path) -> None:
    put(folder, audio=PCM + f"stems = {told}\n")
    problem = refused(folder)
    assert problem.code == "not-stems"
    assert problem.where is not None
    assert problem.where.line == 8


def test_stems_of_a_delivery_without_sound_are_refused(folder: Path) -> None:
    put(folder, audio=PCM + "stems = true\n")
    with pytest.raises(DocumentError) as error:
        find("one", folder, {"muted": True})
    assert error.value.problems[0].code == "misfit"
    assert find("one", folder, {"audio": False}).audio is None


def test_the_dnxhr_master_keeps_raster_rate_and_level() -> None:
    master = find("dnxhr-hqx")
    assert (master.raster, master.rate) == (None, None)
    assert master.video.codec is VideoCodec.DNXHR
    assert master.video.codec.complete
    assert master.audio is not None
    assert (master.audio.codec, master.audio.loudness) == (AudioCodec.PCM_S24, None)


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"container": {"format": "mp4"}}, "/container/format"),
        ({"video": {"profile": "4444"}}, "/video/profile"),
        ({"video": {"pixel_format": "yuv422p"}}, "/video/pixel_format"),
        ({"video": {"vmaf": 95}}, "/video/vmaf"),
        ({"raster": [240, 120]}, "/raster"),
        ({"raster": [256, 118]}, "/raster"),
    ],
)
def test_what_dnxhr_does_not_go_with_is_refused(changed: dict[str, object], key: str) -> None:
    with pytest.raises(DocumentError) as error:
        find("dnxhr-hqx", None, changed)
    assert {problem.code for problem in error.value.problems} == {"misfit"}
    assert any(key in str(problem.where) for problem in error.value.problems)


@pytest.mark.parametrize(
    ("name", "changed", "words"),
    [
        ("social916", {"audio": {"codec": "opus"}}, "Opus goes into webm, not mp4"),
        ("social916", {"container": {"format": "webm"}}, "H.264 goes into mp4 or mov, not webm"),
        ("web-vp9", {"audio": {"codec": "aac"}}, "AAC goes into mp4 or mov, not webm"),
        ("web-vp9", {"container": {"format": "mov"}}, "VP9 goes into webm, not mov"),
        ("web-vp9", {"container": {"edit_list": True}}, "webm has no edit lists"),
        ("web-vp9", {"video": {"vmaf": 95}}, "vmaf is reached with H.264 only"),
        ("web-vp9", {"video": {"max_rate": 2_000_000}}, "nothing holds it below max_rate"),
        ("web-vp9", {"video": {"profile": "high"}}, 'vp9 has no profile "high"'),
    ],
)
def test_webm_takes_vp9_and_opus_and_nothing_else_takes_them(
    name: str, changed: dict[str, object], words: str
) -> None:
    with pytest.raises(DocumentError) as error:
        find(name, None, changed)
    assert any(words in problem.message for problem in error.value.problems)


def test_the_webm_preset_is_of_both() -> None:
    web = find("web-vp9")
    assert (web.video.codec, web.container.format) == (VideoCodec.VP9, ContainerFormat.WEBM)
    assert web.audio is not None
    assert web.audio.codec is AudioCodec.OPUS


def test_a_draft_is_aac_without_stems(folder: Path) -> None:
    put(folder, audio=PCM + 'layout = "5.1"\nstems = true\n')
    audio = drafted(find("one", folder), Raster(640, 360)).audio
    assert audio is not None
    assert (audio.codec, audio.layout, audio.stems) == (AudioCodec.AAC, Layout.SURROUND, None)


def test_the_schema_tells_of_channels_and_stems() -> None:
    text = str(preset_schema())
    assert "'5.1'" in text
    assert "'enum': [True, False, 'float', 'pcm_s24le']" in text
