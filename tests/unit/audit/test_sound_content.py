"""The sound in the file is the mix that was promised, in its place; each fault is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.audit.hear import hear
from finisher.audit.sound_content import LATE, check_content, check_offset
from finisher.channels import Layout
from finisher.findings import Finding, Status, Weight
from finisher.media.encode_sound import encode, priming
from finisher.pledge.sounding import sounding
from finisher.presets.model import Audio, AudioCodec
from finisher.promises import PromisedSound

Sound = NDArray[np.float32]
AAC, PCM = Audio(AudioCodec.AAC, 128_000), Audio(AudioCodec.PCM_S24)
RATE = 48_000
LENGTH = 5 * RATE


def spoken(seed: int, length: int = LENGTH) -> NDArray[np.float64]:
    """Syllables of voiced sound with pauses between them."""
    dice = np.random.default_rng(seed)
    line = np.zeros(length)
    for at in range(int(dice.integers(0, 3_000)), length, 13_000):
        size = min(int(dice.integers(4_000, 9_000)), length - at)
        k = np.arange(size)
        pitch = dice.uniform(100, 250) / RATE
        voice = sum(np.sin(2 * np.pi * pitch * h * k + h) / h for h in range(1, 9))
        line[at : at + size] += 0.1 * np.sqrt(np.sin(np.pi * k / size)) * voice
    return line


@dataclass(frozen=True)
class Delivered:
    """A programme and what is promised of it."""

    sound: Sound
    spec: Audio
    promised: PromisedSound


def delivered(folder: Path, sound: Sound, spec: Audio) -> Delivered:
    path = folder / "promised.nut"
    encode([sound], spec, path, priming(spec.codec))
    bare = PromisedSound(str(spec.codec), len(sound), False, None, spec.layout)
    return Delivered(sound, spec, sounding(bare, path, priming(spec.codec)))


def judged(folder: Path, made: Delivered, sound: Sound | None = None) -> tuple[Finding, Finding]:
    """What is found of a programme, or of another sound in its place."""
    path = folder / "delivered.nut"
    encode([made.sound if sound is None else sound], made.spec, path, priming(made.spec.codec))
    found = hear(path, made.promised, [])
    assert found is not None
    return check_content(made.promised, found), check_offset(made.promised, found)


@pytest.fixture(scope="module")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    sound = np.stack([spoken(1), 0.6 * spoken(2)], axis=1).astype(np.float32)
    return delivered(tmp_path_factory.mktemp("speech"), sound, AAC)


def test_what_was_delivered_is_what_was_promised_to_the_sample(
    speech: Delivered, tmp_path: Path
) -> None:
    content, offset = judged(tmp_path, speech)
    assert (content.status, offset.status) == (Status.PASSED, Status.PASSED)
    # Levels are rounded to half a decibel; decoders of one stream differ by next to nothing.
    assert content.measured["p999_db"] <= 0.26
    assert offset.measured["samples"] == 0
    assert len(offset.measured["excerpts"]) == 3
    assert all(one["alike"] > 0.999 for one in offset.measured["excerpts"])


@pytest.fixture(scope="module")
def dense(tmp_path_factory: pytest.TempPathFactory) -> Delivered:
    sound = np.stack([noise(11, LENGTH), noise(12, LENGTH)], axis=1).astype(np.float32)
    return delivered(tmp_path_factory.mktemp("dense"), sound, AAC)


def noise(seed: int, length: int) -> NDArray[np.float64]:
    return np.random.default_rng(seed).normal(0, 0.1, length)


SURROUND = replace(PCM, layout=Layout.SURROUND)
OTHERS: dict[str, tuple[Callable[[], list[NDArray[np.float64]]], Audio]] = {
    "dense": (lambda: [noise(3, RATE), noise(4, RATE)], AAC),
    "as recorded": (lambda: [spoken(5, RATE)] * 2, PCM),
    "surround": (lambda: [noise(n, RATE) * 0.3 for n in range(6)], SURROUND),
    "surround aac": (
        lambda: [noise(n, RATE) * 0.3 for n in range(6)],
        replace(SURROUND, codec=AudioCodec.AAC, bit_rate=384_000),
    ),
    "short": (lambda: [noise(6, 4_800)] * 2, AAC),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_no_material_raises_a_false_alarm(kind: str, tmp_path: Path) -> None:
    make, spec = OTHERS[kind]
    made = delivered(tmp_path, np.stack(make(), axis=1).astype(np.float32), spec)
    content, offset = judged(tmp_path, made)
    assert (content.status, offset.status) == (Status.PASSED, Status.PASSED)
    assert offset.measured["samples"] == 0


def test_silence_has_no_place(tmp_path: Path) -> None:
    made = delivered(tmp_path, np.zeros((RATE, 2), np.float32), AAC)
    content, offset = judged(tmp_path, made)
    assert content.status is Status.PASSED
    assert (offset.status, offset.severity) == (Status.NOT_CHECKED, Weight.ADVISORY)
    heard, _ = judged(tmp_path, made, np.stack([spoken(1, RATE)] * 2, axis=1).astype(np.float32))
    assert heard.status is Status.FAILED


def late(sound: Sound, samples: int) -> Sound:
    """A sound that begins later, or earlier for less than none."""
    moved = np.zeros_like(sound)
    if samples > 0:
        moved[samples:] = sound[:-samples]
    else:
        moved[:samples] = sound[-samples:]
    return moved


@pytest.mark.parametrize("samples", [60, 480, 1024, -480])
def test_sound_out_of_place_is_measured(samples: int, speech: Delivered, tmp_path: Path) -> None:
    content, offset = judged(tmp_path, speech, late(speech.sound, samples))
    assert (content.status, offset.status) == (Status.FAILED, Status.FAILED)
    # An excerpt's values are means of six samples: its place is known to about one.
    assert abs(offset.measured["samples"] - samples) <= 1
    assert ("late" if samples > 0 else "early") in offset.detail


def test_a_shift_too_small_to_matter_passes(speech: Delivered, tmp_path: Path) -> None:
    _, offset = judged(tmp_path, speech, late(speech.sound, LATE - 8))
    assert offset.status is Status.PASSED


def test_another_mix_is_another_sound(speech: Delivered, tmp_path: Path) -> None:
    other = np.stack([spoken(8), 0.6 * spoken(9)], axis=1).astype(np.float32)
    content, offset = judged(tmp_path, speech, other)
    assert (content.status, offset.status) == (Status.FAILED, Status.FAILED)
    assert "none of 3 excerpts" in offset.detail


def test_channels_are_told_apart(speech: Delivered, tmp_path: Path) -> None:
    content, _ = judged(tmp_path, speech, np.ascontiguousarray(speech.sound[:, ::-1]))
    assert content.status is Status.FAILED


@pytest.mark.parametrize("gain_db", [1.0, -1.0, -np.inf])
def test_a_second_that_is_louder_or_gone_is_named(
    gain_db: float, speech: Delivered, tmp_path: Path
) -> None:
    changed = speech.sound.copy()
    changed[2 * RATE : 3 * RATE] *= 10 ** (gain_db / 20)
    content, _ = judged(tmp_path, speech, changed)
    assert content.status is Status.FAILED
    words = content.detail.partition("runs from ")[2].split()
    first, last = float(words[0]), float(words[3])
    assert 1.99 <= first < last <= 3.01, content.detail


@pytest.mark.parametrize("milliseconds", [30, 50])
@pytest.mark.parametrize("start", [2.0, 2.003, 2.007])
def test_a_short_gap_is_found(
    milliseconds: int, start: float, tmp_path: Path, dense: Delivered
) -> None:
    gone = dense.sound.copy()
    first = round(start * RATE)
    gone[first : first + milliseconds * RATE // 1000] = 0
    content, _ = judged(tmp_path, dense, gone)
    assert content.status is Status.FAILED
    assert "the longest that does not runs from" in content.detail


def test_turned_polarity_is_named_and_takes_nothing_out_of_place(
    speech: Delivered, tmp_path: Path
) -> None:
    # As recorded: an encoder makes a little less than the mirror image of a turned programme.
    made = delivered(tmp_path, speech.sound, PCM)
    content, offset = judged(tmp_path, made, -speech.sound)
    assert content.status is Status.PASSED
    assert offset.status is Status.FAILED
    assert offset.measured["samples"] == 0
    assert offset.detail == (
        "3 of 3 excerpts found, in place to the sample; its polarity is turned round"
    )
    assert all(one["alike"] < -0.999 for one in offset.measured["excerpts"])


def test_one_turned_channel_is_told_by_its_excerpts(tmp_path: Path) -> None:
    # Each part of the programme is loudest in a channel of its own, which its excerpt is from.
    sound = np.zeros((LENGTH, 2), np.float32)
    third = LENGTH // 3
    for part, channel in enumerate((0, 1, 0)):
        sound[part * third : (part + 1) * third, channel] = spoken(part + 20, third)
    made = delivered(tmp_path, sound, PCM)
    assert [one.channel for one in made.promised.excerpts] == [0, 1, 0]
    _, offset = judged(tmp_path, made, sound * np.array([1, -1], np.float32))
    assert offset.status is Status.FAILED
    assert offset.detail.endswith("its polarity is turned round in 1 of them")
    assert [one["late"] for one in offset.measured["excerpts"]] == [0, 0, 0]


def test_turned_sound_that_is_late_is_both(speech: Delivered, tmp_path: Path) -> None:
    _, offset = judged(tmp_path, speech, late(-speech.sound, 480))
    assert offset.status is Status.FAILED
    assert "10.0" in offset.detail
    assert "late; its polarity is turned round" in offset.detail


def test_older_promises_are_not_held_against_anyone(speech: Delivered, tmp_path: Path) -> None:
    old = replace(speech, promised=replace(speech.promised, levels=None, excerpts=()))
    for finding in judged(tmp_path, old):
        assert (finding.status, finding.severity) == (Status.NOT_CHECKED, Weight.ADVISORY)


def test_other_channels_than_promised_fail(speech: Delivered, tmp_path: Path) -> None:
    path = tmp_path / "six.nut"
    encode([np.repeat(speech.sound[:, :1], 6, axis=1)], SURROUND, path)
    found = hear(path, speech.promised, [])
    assert found is not None
    assert check_content(speech.promised, found).status is Status.FAILED


def test_hostile_excerpts_do_no_harm(speech: Delivered, tmp_path: Path) -> None:
    one = speech.promised.excerpts[0]
    strange = (
        replace(one, shape=b""),
        replace(one, channel=40),
        replace(one, shape=bytes(len(one.shape))),
        replace(one, start=1 << 40),
    )
    made = replace(speech, promised=replace(speech.promised, excerpts=strange))
    _, offset = judged(tmp_path, made)
    assert offset.status is Status.FAILED
