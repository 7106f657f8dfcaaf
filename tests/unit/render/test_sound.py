from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.planning import preset

from finisher.geometry import Raster
from finisher.plan.model import Piece, Plan, SoundPlan, SoundTrack
from finisher.presets.model import Audio, AudioCodec, Container, ContainerFormat, StemFormat
from finisher.progress import Finished, silent
from finisher.render.sound import key_of, render, skip_of
from finisher.store import Store
from finisher.timecode import Rate
from finisher.timeline import Role

SAMPLES = 24_000
AAC = Audio(AudioCodec.AAC, 128_000)


@pytest.fixture
def sounds(tmp_path: Path) -> dict[str, Path]:
    t = np.arange(SAMPLES) / 48_000
    tone = (0.2 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    path = tmp_path / f"{'a' * 64}.f32"
    path.write_bytes(np.repeat(tone[:, None], 2, axis=1).tobytes())
    return {"layer:bed": path}


def sounding(audio: Audio | None = AAC, *, edit_list: bool = False) -> Plan:
    track = SoundTrack("bed", Role.MUSIC, 0.0, (Piece("layer:bed", 0, 0, SAMPLES),))
    spec = replace(
        preset(), audio=audio, container=Container(ContainerFormat.MP4, edit_list=edit_list)
    )
    return Plan(
        "t", "edl.json", "", spec, Raster(64, 64), Rate.parse("24"), 12, (), (), (), (),
        SoundPlan(SAMPLES, (track,), None) if audio is not None else None,
    )  # fmt: skip


def test_sound_is_mastered_once(sounds: dict[str, Path], tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    first = render(sounding(), sounds, store, silent)
    assert first is not None
    assert not first.remembered
    assert first.mastered.path.is_file()
    heard = []
    second = render(sounding(), sounds, store, heard.append)
    assert second is not None
    assert second.remembered
    assert second.mastered == first.mastered
    assert heard[-1] == Finished("sound", "known")


def test_a_programme_without_sound_has_none(sounds: dict[str, Path], tmp_path: Path) -> None:
    assert key_of(sounding(None), sounds) is None
    assert render(sounding(None), sounds, Store(tmp_path / "store"), silent) is None


def test_whatever_is_heard_is_in_the_key(sounds: dict[str, Path], tmp_path: Path) -> None:
    made = sounding()
    key = key_of(made, sounds)
    assert made.sound is not None
    louder = replace(made.sound, tracks=(replace(made.sound.tracks[0], gain_db=-3.0),))
    others = [
        key_of(replace(made, sound=louder), sounds),
        key_of(sounding(replace(AAC, bit_rate=96_000)), sounds),
        # With an edit list the encoder is fed from the first sample.
        key_of(sounding(edit_list=True), sounds),
        key_of(made, {"layer:bed": tmp_path / f"{'b' * 64}.f32"}),
    ]
    assert len({key, *others}) == 5
    unused = {**sounds, "layer:other": tmp_path / "c.f32"}
    assert key_of(made, unused) == key
    assert key_of(replace(made, title="another"), sounds) == key


def test_a_record_that_was_damaged_is_made_again(sounds: dict[str, Path], tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    first = render(sounding(), sounds, store, silent)
    assert first is not None
    store.write("sound", first.key, {"path": 3})
    again = render(sounding(), sounds, store, silent)
    assert again is not None
    assert not again.remembered
    assert again.mastered == first.mastered


def test_encoded_sound_that_was_damaged_is_made_again(
    sounds: dict[str, Path], tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    first = render(sounding(), sounds, store, silent)
    assert first is not None
    whole = first.mastered.path.read_bytes()
    first.mastered.path.write_bytes(whole[: len(whole) // 2])
    again = render(sounding(), sounds, store, silent)
    assert again is not None
    assert not again.remembered
    assert again.mastered.path.read_bytes() == whole


def test_stems_are_kept_and_remembered_with_the_sound(
    sounds: dict[str, Path], tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    plan = sounding(replace(AAC, stems=StemFormat.FLOAT))
    first = render(plan, sounds, store, silent)
    assert first is not None
    assert list(first.stems) == ["music", "music-and-effects", "mix"]
    assert all(path.is_file() and path.is_relative_to(store.root) for path in first.stems.values())
    second = render(plan, sounds, store, silent)
    assert second is not None
    assert second.remembered
    assert second.mastered == first.mastered
    assert sounding() != plan
    assert key_of(sounding(), sounds) != first.key
    without = render(sounding(), sounds, store, silent)
    assert without is not None
    assert without.stems == {}


def test_a_stem_that_is_gone_is_made_again(sounds: dict[str, Path], tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    plan = sounding(replace(AAC, stems=StemFormat.PCM_S24))
    first = render(plan, sounds, store, silent)
    assert first is not None
    whole = first.stems["mix"].read_bytes()
    first.stems["mix"].unlink()
    again = render(plan, sounds, store, silent)
    assert again is not None
    assert not again.remembered
    assert again.stems["mix"].read_bytes() == whole


def test_opus_is_fed_from_the_first_sample() -> None:
    assert skip_of(sounding()) == 1_024
    assert skip_of(sounding(edit_list=True)) == 0
    assert skip_of(sounding(Audio(AudioCodec.OPUS))) == 0
    assert skip_of(sounding(None)) == 0
