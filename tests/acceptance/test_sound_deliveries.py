"""Masters with 5.1 sound and stems: what lies beside the film, what is told and what is checked."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from tests.acceptance.studio import Ran, build, edl, finish, write_edl
from tests.unit.provenance.vendors import ACTIONS, claim, vendor

from finisher.c2pa.reading import read
from finisher.c2pa.signing import SigningRequest, sign
from finisher.ffmpeg import sounds

PRESET = """
inherits = "dnxhr-hqx"
description = "A small master in 5.1 with stems"
raster = [320, 180]
[video]
profile = "sq"
pixel_format = "yuv422p"
[audio]
layout = "5.1"
stems = true
[audio.loudness]
target_lufs = -23.0
tolerance_lu = 0.2
true_peak_dbtp = -1.0
"""
MASTER = ("edl.json", "-p", "master", "--json")


def sign_voice(folder: Path) -> None:
    """The narration as a service hands it out: with credentials that say what made it."""
    by, bare = vendor("Otter Voices"), folder / "voice.bare.wav"
    (folder / "voice.wav").rename(bare)
    sign(bare, folder / "voice.wav", SigningRequest(claim("line"), by.signer, attributed=ACTIONS))
    bare.unlink()


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    folder = build(tmp_path_factory.mktemp("master") / "otters")
    sign_voice(folder)
    value = edl()
    value["audio"][0] |= {"at": 0, "replaces": ["first"]}
    write_edl(folder, value)
    (folder / "presets" / "master.toml").write_text(PRESET)
    ran = finish(folder, *MASTER)
    assert ran.code == 0, ran.err
    return folder, ran


@pytest.fixture
def copy(delivered: tuple[Path, Ran], tmp_path: Path) -> Path:
    """The delivered project, to be spoilt; made again it is remembered."""
    return Path(shutil.copytree(delivered[0], tmp_path / "otters"))


def checks(ran: Ran) -> dict[str, dict[str, object]]:
    (audit,) = ran.document["deliverables"][0]["audit"]["files"]
    return {check["id"]: check for check in audit["checks"]}


def heard(path: Path) -> np.ndarray:
    with sounds.decode_sound(path) as sound:
        return np.concatenate(list(sound.blocks))


def test_the_master_is_what_its_preset_says(delivered: tuple[Path, Ran]) -> None:
    folder, ran = delivered
    found = checks(ran)
    required = ("codec", "sound-track", "sound-content", "sound-offset", "loudness", "meters-agree")
    assert {found[name]["status"] for name in required} == {"passed"}
    assert found["sound-offset"]["measured"]["samples"] == 0
    with av.open(str(folder / "edl.master.mov")) as container:
        assert container.streams.video[0].codec_context.profile == "DNXHR SQ"
        layout = container.streams.audio[0].codec_context.layout
        assert [channel.name for channel in layout.channels] == [
            "FL",
            "FR",
            "FC",
            "LFE",
            "SL",
            "SR",
        ]


def test_the_audit_alone_comes_to_the_same(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    ran = finish(folder, "audit", "edl.master.mov", "--json", "--require", "sound-content")
    assert ran.code == 0, ran.out
    with_edl = finish(folder, "audit", "edl.master.mov", "--edl", "edl.json", "--json")
    assert with_edl.code == 0, with_edl.out


def test_stems_lie_beside_the_film_and_sum_to_the_mix(delivered: tuple[Path, Ran]) -> None:
    folder, ran = delivered
    told = [Path(path) for path in ran.document["deliverables"][0]["stems"]]
    assert told[-1].name == "mix.wav"
    assert sorted(told) == sorted((folder / "edl.master.stems").iterdir())
    names = {path.stem for path in told}
    assert {"dialogue", "native"} <= names
    mix = heard(told[-1])
    total = sum(heard(p).astype(np.float64) for p in told if p.stem in ("dialogue", "native"))
    assert mix.shape == (160_000, 6)
    # Rounding to floats; a float's last bit at full scale is -144 dBFS.
    assert np.abs(total - mix).max() < 10 ** (-120 / 20)
    # The film holds the same sound, but for its 24 bits.
    film = heard(folder / "edl.master.mov")
    assert np.abs(film[: len(mix)] - mix).max() <= 2**-23
    assert checks(ran)["stems-sum"]["status"] == "passed"
    assert "edl.master.stems" in ran.err


def test_a_dry_run_tells_the_sound_and_the_stems(delivered: tuple[Path, Ran]) -> None:
    folder, ran = delivered
    told = [Path(path).stem for path in ran.document["deliverables"][0]["stems"]]
    planned = finish(folder, *MASTER, "--dry-run")
    assert planned.document["stems"] == told
    text = finish(folder, "edl.json", "-p", "master", "--dry-run").err
    assert "PCM S24, 5.1" in text
    assert "−23 LUFS ± 0.2, at most −1 dBTP" in text
    assert "dialogue, native, mix" in text


def test_what_became_of_the_sound_is_told_each_time(copy: Path) -> None:
    preset = copy / "presets" / "master.toml"
    bare = preset.read_text().partition("[audio.loudness]")[0]
    preset.write_text(bare.replace("stems = true", "stems = false"))
    value = json.loads((copy / "edl.json").read_text())
    value["audio"][0]["gain_db"] = 20
    write_edl(copy, value)
    for known in (False, True):
        ran = finish(copy, *MASTER)
        (one,) = ran.document["deliverables"]
        assert one["known"] is known, ran.err
        assert "sound-clipped" in {note["code"] for note in one["warnings"]}, ran.err
        assert "clipped at full scale" in ran.err


def test_a_second_run_puts_stems_back_as_they_were(copy: Path) -> None:
    again = finish(copy, *MASTER)
    assert again.code == 0, again.err
    assert again.document["deliverables"][0]["known"] is True
    mix = copy / "edl.master.stems" / "mix.wav"
    was = mix.read_bytes()
    mix.write_bytes(b"something else")
    (mix.parent / "native.wav").unlink()
    ran = finish(copy, *MASTER)
    assert ran.code == 0, ran.err
    assert ran.document["deliverables"][0]["known"] is True
    assert mix.read_bytes() == was
    assert (mix.parent / "native.wav").exists()


def test_stems_no_longer_asked_for_are_taken_away(copy: Path) -> None:
    preset = copy / "presets" / "master.toml"
    preset.write_text(preset.read_text().replace("stems = true", "stems = false"))
    ran = finish(copy, *MASTER)
    assert ran.code == 0, ran.err
    assert ran.document["deliverables"][0]["stems"] == []
    assert not (copy / "edl.master.stems").exists()


def test_a_folder_that_holds_other_things_is_left_alone(copy: Path) -> None:
    mine = copy / "edl.master.stems" / "notes.txt"
    mine.write_text("mine")
    (copy / "edl.master.mov").unlink()
    ran = finish(copy, *MASTER)
    assert ran.code == 6, ran.err
    assert "notes.txt" in ran.err
    assert mine.read_text() == "mine"


def test_a_replacement_with_credentials_is_an_ingredient(delivered: tuple[Path, Ran]) -> None:
    folder, ran = delivered
    (audit,) = ran.document["deliverables"][0]["audit"]["files"]
    voice = next(part for part in audit["ingredients"] if part["title"] == "voice.wav")
    assert voice["manifest"] is not None
    assert (voice["depth"], voice["source_rechecked"], voice["now"]) == (1, "same", [])
    store = read(folder / "edl.master.mov").store
    active = store["manifests"][store["active_manifest"]]
    (actions,) = (a for a in active["assertions"] if a["label"].startswith("c2pa.actions"))
    placed = [
        action["changes"][0]["region"][0]["time"]
        for action in actions["data"]["actions"]
        if action["action"] == "c2pa.placed"
    ]
    # Three pictures' uses, and the second that the voice lasts.
    assert len(placed) == 4
    assert ("0", "1") in {(time["start"], time["end"]) for time in placed}


def test_a_replacement_that_was_tampered_with_is_refused(copy: Path) -> None:
    voice = copy / "voice.wav"
    data = bytearray(voice.read_bytes())
    data[20_000] ^= 1
    voice.write_bytes(data)
    ran = finish(copy, *MASTER)
    assert ran.code == 5, ran.err
    assert "layer 'voice'" in ran.err
