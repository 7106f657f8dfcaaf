"""Replacement dialogue laid against a take's own sound: what is accepted, and how exactly.

The take's sound is the performance up to a second early or late, dull above 4 kHz, with two echoes,
over noise and music. The replacement is that performance clean, or something else: then it must be
refused. Voices are made by formula; with `espeakng_loader` installed, also by eSpeak NG.
`python benchmarks/sound_align.py [trials [part of a name]]`
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.clock import table
from tests.voices import PAD, RATE, Voice, line, speak, taken

from finisher.sound.align import align, heard

Mono = NDArray[np.float64]
TEXTS = (
    "The harbour was quiet that morning, and nobody spoke.",
    "We should have left before the storm came in.",
    "Tell me again what you saw from the window.",
    "I never wanted any of this to happen to you.",
    "There is a light on the water, do you see it?",
    "If you open that door, there is no way back.",
    "She kept every letter he had ever written.",
    "Put the lamp down and listen to me carefully.",
    "Nobody told us the road was closed tonight.",
    "My father built this boat with his own hands.",
    "It takes seven minutes to reach the station.",
    "Somebody has moved all the chairs around again.",
)
VOICES = ("en", "en+f2", "en+m3", "en+f4", "en-us+m7")


def music(rng: np.random.Generator, length: int) -> Mono:
    """Chords with attacks at a random tempo."""
    beat = int(RATE * 60 / rng.uniform(80, 140))
    time = np.arange(beat) / RATE
    notes = []
    for _ in range(length // beat + 1):
        chord = rng.choice([131, 165, 196, 220, 262, 330], 3, replace=False)
        spectrum = np.zeros(beat // 2 + 1, np.complex128)
        for overtone in range(1, 6):
            turn = np.exp(2j * np.pi * rng.uniform(size=3))
            spectrum[chord * overtone * beat // RATE] += turn * beat / 2 / overtone
        hit = 2 * rng.normal(size=beat) * np.exp(-40 * time)
        notes.append(np.fft.irfft(spectrum, beat) * np.exp(-3 * time) + hit)
    return np.concatenate(notes)[:length]


def bed(rng: np.random.Generator, length: int) -> Mono:
    """What a voice is heard over: noise, and music as loud."""
    noise, band = rng.normal(size=length), music(rng, length)
    return noise + band / band.std()


Pair = Callable[[np.random.Generator], tuple[Mono, Mono]]


def formula(kind: str) -> Pair:
    """A performance and what is laid against it, by formula."""

    def made(rng: np.random.Generator) -> tuple[Mono, Mono]:
        words = line(rng, int(rng.integers(6, 14)))
        size, seed = rng.uniform(0.95, 1.2), int(rng.integers(1 << 30))
        voice = Voice(pitch=rng.uniform(90, 220), size=size, seed=seed)
        again = replace(voice, breath=1)
        others: dict[str, Callable[[], Mono]] = {
            "same": lambda: speak(words, voice),
            "wrong line": lambda: speak(line(rng, 10), again),
            "other voice": lambda: speak(
                words, replace(again, pitch=voice.pitch * rng.choice([0.6, 1.6]), size=size * 1.15)
            ),
            "other take": lambda: speak(words, replace(again, seed=seed + 1)),
            "same timing, new breath": lambda: speak(words, again),
            "other pitch": lambda: speak(words, replace(again, pitch=voice.pitch * 1.06)),
            "8 % slower": lambda: speak(words, replace(again, pace=1.08)),
            "music": lambda: music(rng, 3 * RATE),
            "noise": lambda: rng.normal(size=3 * RATE),
        }
        return speak(words, voice), others[kind]()

    return made


def espeak() -> Callable[..., Mono] | None:
    """What says a text aloud, where eSpeak NG is installed."""
    try:
        import espeakng_loader  # noqa: PLC0415 (only where it is there)
    except ImportError:
        return None
    library = ctypes.CDLL(espeakng_loader.get_library_path())
    held: list[NDArray[np.int16]] = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
    def take(samples, count, events) -> int:  # type: ignore[no-untyped-def]
        del events
        if samples and count > 0:
            held.append(np.ctypeslib.as_array(samples, (count,)).copy())
        return 0

    rate = library.espeak_Initialize(2, 500, espeakng_loader.get_data_path().encode(), 0)

    def say(text: str, voice: str = "en", speed: int = 165, pitch: int = 50) -> Mono:
        library.espeak_SetSynthCallback(take)
        held.clear()
        library.espeak_SetVoiceByName(voice.encode())
        for which, value in ((1, speed), (3, pitch)):
            library.espeak_SetParameter(which, value, 0)
        data = text.encode()
        library.espeak_Synth(data, len(data) + 1, 0, 1, 0, 1, None, None)
        library.espeak_Synchronize()
        return soxr.resample(np.concatenate(held) / 32768.0, rate, RATE)

    return say


def spoken(kind: str, say: Callable[..., Mono]) -> Pair:
    """The same with voices of eSpeak NG."""

    def made(rng: np.random.Generator) -> tuple[Mono, Mono]:
        text, voice = rng.choice(TEXTS), str(rng.choice(VOICES))
        others: dict[str, Callable[[], Mono]] = {
            "same": lambda: performance,
            "said again": lambda: say(text, voice),
            "wrong line": lambda: say(rng.choice([t for t in TEXTS if t != text]), voice),
            "other voice": lambda: say(text, str(rng.choice([v for v in VOICES if v != voice]))),
            "other pitch": lambda: say(text, voice, pitch=int(rng.choice([40, 55, 65]))),
            "8 % slower": lambda: say(text, voice, speed=152),
            "3 % slower": lambda: say(text, voice, speed=160),
        }
        performance = say(text, voice)
        return performance, others[kind]()

    return made


def compared(sound: Mono) -> NDArray[np.float32]:
    """A sound as it is compared."""
    return heard(np.stack([sound, sound], 1).astype(np.float32))


def row(name: str, pair: Pair, snr: float, trials: int) -> tuple[str, ...]:
    """A line of the table."""
    rng = np.random.default_rng(6)
    errors, confidences, likenesses, accepted = [], [], [], 0
    for _ in range(trials):
        performance, other = pair(rng)
        delay = int(rng.integers(-RATE, RATE + 1))
        sound = compared(taken(performance, rng, snr, delay, bed))
        found = align(sound, compared(other * rng.uniform(0.05, 1.5)), PAD, RATE + 480)
        errors.append(abs(found.at - PAD - delay) / 48)
        confidences.append(found.confidence)
        likenesses.append(found.likeness)
        accepted += not found.refused

    def spread(values: list[float]) -> str:
        return " / ".join(f"{value:.2f}" for value in np.quantile(values, [0, 0.05, 0.5, 0.95, 1]))

    error = f"{np.median(errors):.2f} / {max(errors):.2f}" if name.endswith(": same") else ""
    share = f"{accepted / trials:.1%}"
    return name, f"{snr:g}", error, share, spread(confidences), spread(likenesses)


def main() -> None:
    """Print the table."""
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    kinds: list[tuple[str, Pair]] = [
        (f"formula: {kind}", formula(kind))
        for kind in (
            "same",
            "wrong line",
            "other voice",
            "other take",
            "same timing, new breath",
            "other pitch",
            "8 % slower",
            "music",
            "noise",
        )
    ]
    say = espeak()
    if say is not None:
        kinds += [
            (f"eSpeak: {kind}", spoken(kind, say))
            for kind in (
                "same",
                "said again",
                "wrong line",
                "other voice",
                "other pitch",
                "8 % slower",
                "3 % slower",
            )
        ]
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    head = ("what", "SNR dB", "error ms: median / worst", "accepted", "confidence", "likeness")
    print(table(head, []), flush=True)
    for name, pair in kinds:
        for snr in (20, 0) if name.endswith(": same") else (20,):
            if wanted in name:
                print("|", " | ".join(row(name, pair, snr, trials)), "|", flush=True)


if __name__ == "__main__":
    main()
