"""Stems read back from the disk sum to the mix, or it is told by how much they don't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.audit.stems import APART_DBFS, check_stems
from finisher.channels import Layout
from finisher.findings import Finding, Status
from finisher.presets.model import Audio, AudioCodec, StemFormat
from finisher.sound.wav import encoded, header

LENGTH = 70_001  # more than one block of the reader
FLOAT, BITS24 = StemFormat.FLOAT, StemFormat.PCM_S24


def written(
    folder: Path, sounds: dict[str, NDArray[np.float64]], kind: StemFormat
) -> dict[str, Path]:
    files = {}
    for name, sound in sounds.items():
        layout = Layout.STEREO if sound.shape[1] == 2 else Layout.SURROUND
        files[name] = folder / f"{name}.wav"
        data, _ = encoded(sound, kind)
        files[name].write_bytes(header(len(sound), layout, kind) + data)
    return files


def sounds(channels: int = 2, level: float = 0.1) -> dict[str, NDArray[np.float64]]:
    dice = np.random.default_rng(4)
    parts = {
        name: dice.normal(0, level, (LENGTH, channels)) for name in ("dialogue", "music", "native")
    }
    mix = sum(parts.values(), np.zeros((LENGTH, channels)))
    return {**parts, "music-and-effects": parts["music"], "mix": mix}


def judged(folder: Path, made: dict[str, NDArray[np.float64]], kind: StemFormat) -> Finding:
    channels = made["mix"].shape[1]
    layout = Layout.STEREO if channels == 2 else Layout.SURROUND
    spec = Audio(AudioCodec.PCM_S24, layout=layout, stems=kind)
    return check_stems(written(folder, made, kind), spec)


@pytest.mark.parametrize(("kind", "channels"), [(FLOAT, 2), (BITS24, 2), (FLOAT, 6)])
def test_disjoint_stems_sum_to_the_mix(kind: StemFormat, channels: int, tmp_path: Path) -> None:
    # Quiet enough that none of them is cut off at full scale.
    finding = judged(tmp_path, sounds(channels, 0.02), kind)
    assert finding.status is Status.PASSED, finding.detail
    assert finding.promised == APART_DBFS[kind]
    assert finding.measured is not None
    # Six roundings of half a step of 24 bits; floats at this level are far finer.
    assert finding.measured <= (-129 if kind is BITS24 else -145)


def test_a_stem_that_is_a_little_off_fails(tmp_path: Path) -> None:
    made = sounds(level=0.02)
    made["music"] = made["music"] * (1 + 1e-4)
    finding = judged(tmp_path, made, FLOAT)
    assert finding.status is Status.FAILED
    # A ten-thousandth of a peak of some 0.08.
    assert -105 < finding.measured < -98


def test_a_stem_that_is_missing_shorter_or_narrower_fails(tmp_path: Path) -> None:
    made = sounds(level=0.02)
    for changed in (
        {name: sound for name, sound in made.items() if name != "music"},
        {**made, "music": made["music"][:-1]},
        {**made, "mix": made["mix"][:-480]},
        {**made, "music": np.zeros((LENGTH, 6))},
    ):
        assert judged(tmp_path, changed, FLOAT).status is Status.FAILED


def test_stems_cut_off_at_full_scale_fail(tmp_path: Path) -> None:
    made = sounds(level=0.02)
    made["dialogue"][1_000] += 1.4
    made["music"][1_000] -= 1.4
    made["mix"] = made["dialogue"] + made["music"] + made["native"]
    assert judged(tmp_path, made, FLOAT).status is Status.PASSED
    assert judged(tmp_path, made, BITS24).status is Status.FAILED


def test_silence_is_the_sum_of_nothing(tmp_path: Path) -> None:
    finding = judged(tmp_path, {"mix": np.zeros((LENGTH, 2))}, FLOAT)
    assert finding.status is Status.PASSED
    assert "nothing at all" in finding.detail


def test_files_that_are_no_sound_fail(tmp_path: Path) -> None:
    files = written(tmp_path, sounds(level=0.02), FLOAT)
    files["music"].write_bytes(b"<html>")
    spec = Audio(AudioCodec.PCM_S24, stems=FLOAT)
    finding = check_stems(files, spec)
    assert finding.status is Status.FAILED
    assert "can't be summed" in finding.detail


def test_samples_that_look_like_another_kind_of_file_are_samples(tmp_path: Path) -> None:
    # A byte 0x47 every 192 bytes is how an MPEG transport stream looks: 2 kHz, of floats.
    period = np.full((24, 2), 0.01)
    period[3, 0] = np.frombuffer(b"\x00\x00\x47\x3e", np.float32)[0]
    music = np.tile(period, (LENGTH // 24, 1))
    finding = judged(tmp_path, {"music": music, "mix": music}, FLOAT)
    assert finding.status is Status.PASSED, finding.detail
