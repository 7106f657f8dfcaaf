"""A sound laid in is measured with the credentials it carries, whatever kind of file it is."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest
from tests.unit.provenance.vendors import ACTIONS, Vendor, claim, vendor

from finisher.c2pa.signing import SigningRequest, sign
from finisher.contents import sha256_of
from finisher.facts import FileFacts, Integrity
from finisher.ffmpeg import program
from finisher.ingest.layer import LayerJob, measure, measured
from finisher.store import Store


@pytest.fixture(scope="module")
def by() -> Vendor:
    return vendor("Parrot Voices")


def signed(folder: Path, suffix: str, by: Vendor) -> Path:
    raw, path = folder / f"raw.{suffix}", folder / f"voice.{suffix}"
    tone = ("-f", "lavfi", "-i", "sine=d=1:r=48000", "-ac", "1")
    subprocess.run([program.executable(), "-v", "error", "-y", *tone, str(raw)], check=True)
    sign(raw, path, SigningRequest(claim("voice"), by.signer, attributed=ACTIONS))
    return path


def job(path: Path, store: Store) -> LayerJob:
    return LayerJob(str(path), sha256_of(path, store), speech=True, anchors=None)


def heard(path: Path, store: Store) -> FileFacts:
    return measure(job(path, store), store.root)


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a"])
def test_credentials_of_sounds_are_read(suffix: str, by: Vendor, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    path = signed(tmp_path, suffix, by)
    facts = heard(path, store)
    assert facts.credentials.integrity is Integrity.INTACT
    assert facts.credentials.manifest is not None
    assert facts.sound.samples == 48_000  # the store in the file is no part of the sound
    assert measured(job(path, store), store) == facts


@pytest.mark.parametrize("suffix", ["wav", "mp3", "m4a"])
def test_a_sound_changed_after_it_was_signed_is_broken(
    suffix: str, by: Vendor, tmp_path: Path
) -> None:
    path = signed(tmp_path, suffix, by)
    data = bytearray(path.read_bytes())
    sound = {"wav": b"data", "m4a": b"mdat"}.get(suffix)
    place = len(data) // 2 if sound is None else data.index(sound) + 2_000
    if suffix == "mp3":
        place = len(data) - 2_000
    data[place] ^= 1
    path.write_bytes(data)
    assert heard(path, Store(tmp_path / "store")).credentials.integrity is Integrity.BROKEN


def test_six_channels_are_measured_as_such(tmp_path: Path) -> None:
    path, store = tmp_path / "wide.wav", Store(tmp_path / "store")
    words = ("-f", "lavfi", "-i", "sine=d=1:r=48000", "-af", "pan=5.1|FC=c0")
    subprocess.run([program.executable(), "-v", "error", "-y", *words, str(path)], check=True)
    facts = heard(path, store)
    conformed = store.path("sounds", job(path, store).content_key, ".f32")
    assert facts.sound.layout == "5.1"
    assert len(facts.sound.speech) == 1
    sound = np.fromfile(conformed, np.float32).reshape(-1, 6)
    assert np.flatnonzero(np.abs(sound).max(axis=0)).tolist() == [2]
