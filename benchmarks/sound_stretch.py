"""How far sound that is stretched to its length is from its place, its pitch and its level.

Clicks, bursts of tone and bursts of noise are stretched as layers are, and each is looked for where
it belongs; a 440 Hz tone tells pitch and level.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from finisher.ffmpeg import sounds
from finisher.timecode import SAMPLE_RATE

_SECONDS = 20
_REACH = 4_800
Mono = NDArray[np.float64]


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    speeds = ["47/50", "24/25", "99/100", "1001/1000", "51/50", "25/24", "53/50"]
    words.add_argument("--speeds", nargs="+", default=speeds)
    asked = words.parse_args()
    starts = np.arange(0.01, _SECONDS - 0.25, 0.613)
    places = np.round(starts * SAMPLE_RATE).astype(int)
    with tempfile.TemporaryDirectory() as folder:
        for text in asked.speeds:
            speed = Fraction(text)
            told = [
                f"{name} {np.abs(_off(sound, places, speed, Path(folder))).max():.2f} ms"
                for name, sound in _sounds().items()
            ]
            pitch, level = _tone(speed, Path(folder))
            print(f"{text:>9}: worst {', '.join(told)}; 440 Hz at {pitch:.1f}, {level:+.2f} dB")
    return 0


def _sounds() -> dict[str, Mono]:
    """What is looked for, each symmetric around its middle but for its noise."""
    chance = np.random.default_rng(1)
    time = np.arange(480) / SAMPLE_RATE
    return {
        "click": np.array([0.4, 0.8, 0.4]),
        "tone burst": np.hanning(480) * np.sin(2 * np.pi * 1000 * time),
        "noise burst": np.hanning(2400) * chance.normal(0, 0.2, 2400),
    }


def _stretched(sound: Mono, speed: Fraction, folder: Path) -> Mono:
    """A sound at another speed."""
    source, made = folder / "source", folder / "made"
    np.repeat(sound[:, None], 2, axis=1).astype("<f4").tofile(source)
    sounds.stretch(source, made, speed, 2)
    return np.fromfile(made, "<f4").reshape(-1, 2)[:, 0].astype(float)


def _off(sound: Mono, places: NDArray[np.int_], speed: Fraction, folder: Path) -> Mono:
    """How far the middle of each sound's energy is from where it belongs, in milliseconds."""
    whole = np.zeros(_SECONDS * SAMPLE_RATE + 1)
    for place in places:
        whole[place : place + len(sound)] = sound
    energy = np.square(_stretched(whole, speed, folder))
    middle = float(np.sum(np.arange(len(sound)) * sound**2) / np.sum(sound**2))
    found = []
    for place in places:
        belongs = (place + middle) / float(speed)
        first = max(0, round(belongs) - _REACH)
        window = energy[first : round(belongs) + _REACH]
        found.append(first + np.sum(np.arange(len(window)) * window) / np.sum(window) - belongs)
    return 1000 * np.array(found) / SAMPLE_RATE


def _tone(speed: Fraction, folder: Path) -> tuple[float, float]:
    """The pitch in Hz and the level in dB that a 440 Hz tone comes out with."""
    time = np.arange(_SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    made = _stretched(0.3 * np.sin(2 * np.pi * 440 * time), speed, folder)
    middle = made[2 * SAMPLE_RATE : 12 * SAMPLE_RATE]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    level = 20 * np.log10(np.sqrt(2 * np.mean(middle**2)) / 0.3)
    return float(spectrum.argmax()) * SAMPLE_RATE / len(middle), float(level)


if __name__ == "__main__":
    sys.exit(main())
