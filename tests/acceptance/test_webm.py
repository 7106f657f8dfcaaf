"""WebM: exact to its own clock, and delivered only where no credentials are lost by it."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.acceptance.studio import Ran, build, edl, finish, write_edl, write_take

from finisher import ffmpeg

PRESET = """
inherits = "web-vp9"
description = "A small WebM"
raster = [320, 180]
[video]
speed = "ultrafast"
"""
WEBM = ("edl.json", "-p", "small", "--json")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("webm") / "otters")
    (folder / "presets" / "small.toml").write_text(PRESET)
    return folder


@pytest.fixture(scope="module")
def delivered(studio: Path) -> tuple[Path, Ran]:
    """Takes that never had credentials, delivered unsigned at a rate that no millisecond fits."""
    value = edl() | {"rate": "30000/1001"}
    for name, seed, tone in (("a", 1, 440.0), ("b", 2, None)):
        write_take(studio / "takes" / f"{name}.mp4", 60, seed, tone)
        value["takes"][name] = {"file": f"takes/{name}.mp4", "session": "one"}
    del value["watermarks"]
    (studio / "bare.json").write_text(json.dumps(value))
    ran = finish(studio, "bare.json", *WEBM[1:], "--no-sign")
    assert ran.code == 0, ran.err
    return studio, ran


def test_every_check_that_webm_knows_passes(delivered: tuple[Path, Ran]) -> None:
    _, ran = delivered
    one = ran.document["deliverables"][0]
    (audit,) = one["audit"]["files"]
    found = {check["id"]: check for check in audit["checks"]}
    assert {name for name, check in found.items() if check["status"] == "failed"} == {
        "manifest-present"
    }
    for name in ("codec", "container", "tracks", "rate", "starts-together", "frame-count"):
        assert found[name]["status"] == "passed", found[name]
    assert found["sound-track"]["measured"]["entry"] == "opus"
    assert found["sound-offset"]["measured"]["samples"] == 0
    assert found["loudness"]["status"] == "passed"
    assert audit["verdict"] == "absent"
    assert any("webm" in note["message"] for note in one["warnings"])
    assert "nobody" in one["signed_by"]


def test_pictures_stand_at_the_nearest_millisecond(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    with av.open(str(folder / "bare.small.webm")) as container:
        assert [s.codec_context.name for s in container.streams] == ["vp9", "opus"]
        video = container.streams.video[0]
        assert video.time_base == Fraction(1, 1000)
        times = [frame.pts for frame in container.decode(video)]
    assert len(times) == 80
    exact = [Fraction(k * 1001, 30) for k in range(80)]
    assert max(abs(t - e) for t, e in zip(times, exact, strict=True)) <= Fraction(1, 2)
    with ffmpeg.decode_sound(folder / "bare.small.webm") as sound:
        samples = sum(map(len, sound.blocks))
    assert samples == 80 * 1001 * 48_000 // 30_000


def test_takes_with_credentials_are_refused_signed_or_not(studio: Path) -> None:
    write_edl(studio, edl())
    for words in (WEBM, (*WEBM, "--no-sign")):
        ran = finish(studio, *words)
        assert ran.code == 5, ran.err
        assert "would be lost" in ran.err
        assert "deliver mp4" in ran.err
    assert not (studio / "edl.small.webm").exists()


def test_what_can_not_be_signed_is_not_signed_in_silence(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    ran = finish(folder, "bare.json", *WEBM[1:])
    assert ran.code == 5, ran.err
    assert "--no-sign" in ran.err


def test_a_draft_of_it_is_an_mp4(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    ran = finish(folder, "bare.json", "-p", "small", "--draft", "--range", "..12")
    assert ran.code == 0, ran.err
    assert (folder / "bare.small.0-12.draft.mp4").exists()
