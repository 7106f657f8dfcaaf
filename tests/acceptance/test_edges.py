from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from tests.acceptance.studio import PRESET, build, edl, finish, write_edl


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("edges") / "otters")


@pytest.fixture
def copy(studio: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(studio, folder)
    return folder


def float_wav(path: Path, samples: np.ndarray) -> None:
    """A mono 32-bit float file at 48 kHz, which may hold what is no number."""
    data = samples.astype("<f4").tobytes()
    head = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt "
    head += (16).to_bytes(4, "little") + (3).to_bytes(2, "little") + (1).to_bytes(2, "little")
    head += (48_000).to_bytes(4, "little") + (192_000).to_bytes(4, "little")
    head += (4).to_bytes(2, "little") + (32).to_bytes(2, "little")
    path.write_bytes(head + b"data" + len(data).to_bytes(4, "little") + data)


def test_values_that_are_no_numbers_are_silenced_and_told(copy: Path) -> None:
    sound = 0.2 * np.sin(np.arange(48_000) / 20)
    sound[::7] = np.nan
    float_wav(copy / "voice.wav", sound)
    ran = finish(copy, "plan", "edl.json", "--json")
    told = [r["message"] for r in ran.document["repairs"] if r["code"] == "sound-repaired"]
    assert told == ["layer voice: 6858 values are no numbers: silent now"]
    assert finish(copy, "plan", "edl.json", "--strict").code == 3


def test_a_mark_outside_its_take_is_a_mistake_in_the_edit(copy: Path) -> None:
    value = edl()
    value["watermarks"]["otter"]["box"] = [600, 350, 110, 30]
    write_edl(copy, value)
    ran = finish(copy, "edl.json", "--json")
    assert ran.code == 2
    assert {p["code"] for p in ran.document["problems"]} == {"mark-outside"}


@pytest.mark.parametrize("frames", [1, 8])
def test_a_programme_too_short_for_loudness_is_delivered(copy: Path, frames: int) -> None:
    value = edl()
    value["events"] = [{"take": "a", "in": 14, "duration": frames, "focus": [0.9, 0.5]}]
    value["audio"] = []
    write_edl(copy, value)
    ran = finish(copy, "edl.json", "--json")
    assert ran.code == 0, ran.err
    checks = ran.document["deliverables"][0]["audit"]["files"][0]["checks"]
    assert {c["status"] for c in checks if c["id"] == "loudness"} == {"not-checked"}


def test_quicktime_starts_at_nought_too(copy: Path) -> None:
    (copy / "presets" / "tiny.toml").write_text(PRESET + '[container]\nformat = "mov"\n')
    ran = finish(copy, "edl.json", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["deliverables"][0]["path"].endswith("edl.tiny.mov")
