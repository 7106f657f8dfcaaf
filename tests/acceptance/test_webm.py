"""WebM: exact to its own clock, and delivered with its credentials beside it."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path

import av
import pytest
from tests.acceptance.studio import Ran, build, edl, finish, write_edl, write_take

from finisher.audit.credentials import examine
from finisher.c2pa.reading import read
from finisher.ffmpeg import sounds
from finisher.findings import Verdict

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
    assert one["sidecar"] is None
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
    with sounds.decode_sound(folder / "bare.small.webm") as sound:
        samples = sum(map(len, sound.blocks))
    assert samples == 80 * 1001 * 48_000 // 30_000


@pytest.fixture(scope="module")
def signed(studio: Path) -> tuple[Path, Ran]:
    """Takes with credentials of their own."""
    write_edl(studio, edl())
    ran = finish(studio, *WEBM)
    assert ran.code == 0, ran.err
    return studio, ran


def test_credentials_lie_beside_it_and_bring_those_of_the_takes(signed: tuple[Path, Ran]) -> None:
    folder, ran = signed
    (one,) = ran.document["deliverables"]
    film, beside = folder / "edl.small.webm", folder / "edl.small.c2pa"
    assert one["sidecar"] == str(beside)
    assert "credentials-beside" in {note["code"] for note in one["warnings"]}
    report = json.loads((folder / "edl.small.report.json").read_text())
    assert one["audit"]["files"][0]["verdict"] == "intact-untrusted"
    assert report["audit"]["verdict"] == "intact-untrusted"
    store = read(film, None, beside).store
    takes = [read(take).store["active_manifest"] for take in folder.glob("takes/scene*")]
    assert set(takes) < set(store["manifests"])
    with av.open(str(film)) as container:
        assert len(list(container.decode(video=0))) == 80


def test_they_stand_and_fall_with_it(signed: tuple[Path, Ran], tmp_path: Path) -> None:
    folder, _ = signed
    film, beside = tmp_path / "film.webm", tmp_path / "film.c2pa"
    film.write_bytes((folder / "edl.small.webm").read_bytes())
    beside.write_bytes((folder / "edl.small.c2pa").read_bytes())
    ran = finish(tmp_path, "audit", "film.webm", "--json")
    assert (ran.code, ran.document["files"][0]["verdict"]) == (0, "intact-untrusted")
    data = bytearray(film.read_bytes())
    data[len(data) // 2] ^= 1
    film.write_bytes(data)
    assert "intact" not in examine(film).audit.verdict
    film.write_bytes((folder / "edl.small.webm").read_bytes())
    assert examine(film).audit.verdict is Verdict.INTACT_UNTRUSTED
    beside.unlink()
    assert examine(film).audit.verdict is Verdict.ABSENT


def test_a_second_run_puts_both_back(signed: tuple[Path, Ran]) -> None:
    folder, _ = signed
    film, beside = folder / "edl.small.webm", folder / "edl.small.c2pa"
    whole = film.read_bytes(), beside.read_bytes()
    beside.unlink()
    again = finish(folder, *WEBM)
    assert again.code == 0, again.err
    assert again.document["deliverables"][0]["known"]
    assert (film.read_bytes(), beside.read_bytes()) == whole


def test_credentials_of_another_film_are_not_replaced(signed: tuple[Path, Ran]) -> None:
    folder, _ = signed
    before = (folder / "edl.small.c2pa").read_bytes()
    ran = finish(folder, "edl.json", "-p", "tiny", "--sidecar", "-o", "edl.small.mp4", "--json")
    assert (ran.code, ran.document["problems"][0]["code"]) == (2, "output-exists")
    assert (folder / "edl.small.c2pa").read_bytes() == before
    assert not (folder / "edl.small.mp4").exists()


def test_credentials_go_with_the_film_that_an_unsigned_one_replaces(
    signed: tuple[Path, Ran], delivered: tuple[Path, Ran]
) -> None:
    folder, _ = signed
    assert delivered[0] == folder  # where bare.json lies
    for known in (False, True):  # made, and put in place again
        for suffix in (".webm", ".c2pa"):
            shutil.copy(folder / f"edl.small{suffix}", folder / f"old{suffix}")
        ran = finish(folder, "bare.json", *WEBM[1:], "--no-sign", "-o", "old.webm")
        assert (ran.code, ran.document["deliverables"][0]["known"]) == (0, known), ran.err
        assert not (folder / "old.c2pa").exists()


def test_a_draft_of_it_is_an_mp4(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    ran = finish(folder, "bare.json", "-p", "small", "--draft", "--range", "..12")
    assert ran.code == 0, ran.err
    assert (folder / "bare.small.0-12.draft.mp4").exists()
