"""Faults put into finished sound, and whether the audit finds them; and whether it cries wolf.

Programmes of speech over music, dense noise, sparse impulses and voices apart are encoded as a
delivery is (AAC at 96 to 384 kb/s, PCM, Opus; stereo and 5.1) and promised. Each is spoilt in one
way, encoded alike, and heard by the audit's own reader. As many are left as they are: any failure
then is a false alarm. `python benchmarks/audit_sound_faults.py [--faults 100]`
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.audit.hear import hear
from finisher.audit.sound_content import check_content, check_offset
from finisher.channels import Layout
from finisher.findings import Status
from finisher.media.encode_sound import encode, priming
from finisher.pledge.sounding import sounding
from finisher.presets.model import Audio, AudioCodec
from finisher.promises import PromisedSound

RATE = 48_000
SECONDS = 12
Sound = NDArray[np.float32]


def voice(dice: np.random.Generator, length: int) -> NDArray[np.float64]:
    """Syllables with pauses."""
    line, at = np.zeros(length), 0
    while at < length:
        size = min(int(dice.integers(4_000, 12_000)), length - at)
        k = np.arange(size)
        pitch = dice.uniform(90, 260) / RATE
        tone = sum(np.sin(2 * np.pi * pitch * h * k + h) / h for h in range(1, 10))
        line[at : at + size] = 0.1 * np.sqrt(np.sin(np.pi * k / size)) * tone
        at += size + int(dice.integers(1_000, 30_000))
    return line


def music(dice: np.random.Generator, length: int) -> NDArray[np.float64]:
    """Chords under a beat of noise."""
    t = np.arange(length) / RATE
    root = dice.uniform(60, 120)
    chord = sum(np.sin(2 * np.pi * root * ratio * t) for ratio in (1, 1.5, 2, 2.5, 3, 4))
    beat = np.exp(-(np.arange(length) % int(RATE * dice.uniform(0.4, 0.7))) / 2_500)
    return 0.03 * chord + 0.15 * dice.normal(0, 1, length) * beat


def programme(seed: int) -> tuple[Sound, Audio]:
    """Some sound, and how it is encoded."""
    dice, length = np.random.default_rng(seed), SECONDS * RATE
    spec = (
        Audio(AudioCodec.AAC, int(dice.choice([96_000, 128_000, 192_000, 384_000]))),
        Audio(AudioCodec.PCM_S24),
        Audio(AudioCodec.OPUS, 128_000),
        Audio(AudioCodec.AAC, 448_000, layout=Layout.SURROUND),
    )[seed % 4]
    channels = len(spec.layout.channels)
    kind = seed // 4 % 4
    if kind == 0:
        bed = music(dice, length)
        lines = [voice(dice, length) + bed * dice.uniform(0.5, 1) for _ in range(channels)]
    elif kind == 1:
        lines = [dice.normal(0, 0.1, length) for _ in range(channels)]
    elif kind == 2:
        hits = (dice.random((channels, length)) < 2e-5) * 0.8
        lines = [row + dice.normal(0, 1e-3, length) for row in hits]
    else:
        lines = [voice(dice, length) for _ in range(channels)]
    return np.stack(lines, axis=1).astype(np.float32), spec


def moved(sound: Sound, samples: int) -> Sound:
    """The sound later by so many samples, or earlier."""
    late = np.zeros_like(sound)
    if samples > 0:
        late[samples:] = sound[:-samples]
    else:
        late[:samples] = sound[-samples:]
    return late


def stretch(dice: random.Random, seconds: float) -> slice:
    """A stretch of a programme of that length."""
    size = int(seconds * RATE)
    at = dice.randrange(0, SECONDS * RATE - size)
    return slice(at, at + size)


def heard_stretch(sound: Sound, dice: random.Random, seconds: float) -> slice:
    """A stretch with sound all along; where there is none, with the loudest of a thousand."""
    size, best, least = int(seconds * RATE), slice(0), -1.0
    for _ in range(1_000):
        where = stretch(dice, seconds)
        parts = sound[where][: size // 480 * 480].reshape(-1, 480, sound.shape[1])
        power = float(np.square(parts).mean(axis=1).max(axis=1).min())
        if power > 1e-5:
            return where
        if power > least:
            best, least = where, power
    return best


def scaled(sound: Sound, where: slice, gain_db: float) -> Sound:
    other = sound.copy()
    other[where] *= 10 ** (gain_db / 20)
    return other


def muted(sound: Sound, where: slice) -> Sound:
    other = sound.copy()
    other[where] = 0
    return other


def dropped(sound: Sound, dice: random.Random) -> Sound:
    """All that follows a cut comes 20 ms early."""
    at = dice.randrange(RATE, (SECONDS - 2) * RATE)
    return np.concatenate((sound[:at], sound[at + 960 :], np.zeros_like(sound[:960])))


KINDS = (
    *("10 ms late", "21 ms late", "any shift", "another mix", "a second muted"),
    *("left and right", "1 dB in places", "1 dB all along", "20 ms dropped"),
    *("50 ms muted", "30 ms muted", "turned round"),
)
GAPS = {"a second muted": 1.0, "50 ms muted": 0.05, "30 ms muted": 0.03}


def spoilt(kind: str, sound: Sound, dice: random.Random, number: int) -> Sound:
    """A programme with a fault of a kind."""
    match kind:
        case "10 ms late" | "21 ms late":
            return moved(sound, 480 if kind == "10 ms late" else 1024)
        case "any shift":
            return moved(sound, dice.choice([-1, 1]) * dice.randrange(72, 9_600))
        case "another mix":
            return programme(number + 16)[0]
        case "a second muted" | "50 ms muted" | "30 ms muted":
            return muted(sound, heard_stretch(sound, dice, GAPS[kind]))
        case "turned round":
            return -sound
        case "left and right":
            return np.ascontiguousarray(sound[:, [1, 0, *range(2, sound.shape[1])]])
        case "1 dB in places" | "1 dB all along":
            where = stretch(dice, 1.5) if kind == "1 dB in places" else slice(None)
            return scaled(sound, where, dice.choice([-1.0, 1.0]))
        case _:
            return dropped(sound, dice)


def main() -> None:
    """Spoil, hear, count."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--faults", type=int, default=90)
    words.add_argument("--seed", type=int, default=1)
    given = words.parse_args()
    dice = random.Random(given.seed)
    found, of, alarms, worst, off = Counter[str](), Counter[str](), 0, 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound.nut"
        for number in range(given.faults):
            sound, spec = programme(number)
            skip = priming(spec.codec)
            encode([sound], spec, path, skip)
            bare = PromisedSound(
                str(spec.codec), len(sound), silent=False, loudness=None, layout=spec.layout
            )
            promised = sounding(bare, path, skip)
            heard = hear(path, promised, [])
            if heard is None:
                raise SystemExit("what was encoded does not decode")
            content, offset = check_content(promised, heard), check_offset(promised, heard)
            alarms += Status.FAILED in (content.status, offset.status)
            if isinstance(content.measured, dict):
                worst = max(worst, float(str(content.measured["p999_db"])))
            off = max([off, *(abs(late) for late, _ in heard.lags)])
            kind = KINDS[number % len(KINDS)]
            encode([spoilt(kind, sound, dice, number)], spec, path, skip)
            heard = hear(path, promised, [])
            checks = [f(promised, heard) for f in (check_content, check_offset) if heard]
            caught = any(check.status is Status.FAILED for check in checks)
            of[kind] += 1
            found[kind] += caught
            if not caught:
                print(f"{number} {kind}, {spec.codec}: NOT FOUND", [c.detail for c in checks])
    for kind in KINDS:
        print(f"{kind:15} found {found[kind]} of {of[kind]}")
    print(f"found {found.total()} of {of.total()}; false alarms {alarms} of {given.faults}")
    print(f"of those left alone, levels differ by {worst:.3f} dB at most (99.9 %), places by {off}")


if __name__ == "__main__":
    main()
