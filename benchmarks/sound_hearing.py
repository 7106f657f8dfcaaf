"""What is heard in sounds: the beat of music, and where speech begins, against what was put there.

Music is drums and a bass at 60 to 180 beats a minute, with eighths and without; lines are spoken by
voices made by formula, at three levels over noise of several. `python benchmarks/sound_hearing.py`
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.clock import table
from tests.unit.sound.test_speech import dialogue
from tests.unit.sound.test_tempo import track
from tests.voices import RATE, Voice, line, speak

from finisher.plan.ducking import duck_curve
from finisher.sound.speech import regions
from finisher.sound.tempo import tempo
from finisher.timecode import Span
from finisher.timeline import Duck, Role


def beats() -> list[tuple[object, ...]]:
    """Each tempo, as it was found."""
    rows: list[tuple[object, ...]] = []
    for eighths in (True, False):
        for bpm in (60, 66.6, 72.5, 80, 90, 97, 105, 112.3, 120, 128, 133.3, 140, 150, 168, 180):
            sound = track(bpm, 32, eighths=eighths)
            facts = tempo(np.stack([sound, sound], 1).astype(np.float32), Span(0, len(sound)))
            if facts is None:
                rows.append((bpm, eighths, "none", "", "", "", ""))
                continue
            octave = round(float(np.log2(facts.bpm / bpm)))
            period = 60 / bpm / 2.0**octave
            error = f"{1000 * abs(60 / facts.bpm - period):.4f}"
            loop = f"{1000 * abs(len(facts.loop) / RATE - facts.beats * period):.3f}"
            found = facts.confidence, facts.seam_db
            rows.append((bpm, eighths, f"{2.0**octave:g}", error, loop, *found))
    return rows


def unsteady() -> list[tuple[object, ...]]:
    """What has no steady beat, and whether one was heard in it."""
    rng = np.random.default_rng(2)
    things = {
        "speech": lambda: speak(line(rng, 50), Voice(seed=int(rng.integers(1 << 20)))),
        "noise": lambda: 0.1 * rng.normal(size=15 * RATE),
        "drift of 5 % in 30 s": lambda: track(rng.uniform(80, 140), 30, 0.001),
    }
    rows: list[tuple[object, ...]] = []
    for name, make in things.items():
        wrong = 0
        for _ in range(20):
            sound = make()
            stereo = np.stack([sound, sound], 1).astype(np.float32)
            wrong += tempo(stereo, Span(0, len(sound))) is not None
        rows.append((name, f"{wrong} of 20"))
    return rows


def onsets() -> list[tuple[object, ...]]:
    """How deep a duck is at every onset, and how late its region begins."""
    duck = Duck((Role.DIALOGUE,))
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "a.f32"
        for floor in (-90, -60, -50):
            for level in (0, -10, -20):
                off, late = [], []
                for seed in range(20):
                    spoken, places = dialogue(seed)
                    noise = np.random.default_rng(seed).normal(size=len(spoken))
                    sound = 10 ** (level / 20) * spoken + 10 ** (floor / 20) * noise
                    np.stack([sound, sound], 1).astype(np.float32).tofile(raw)
                    found = regions(raw)
                    at, gains = zip(*duck_curve(found, duck), strict=True)
                    for place in places:
                        off.append(abs(float(np.interp(place, at, gains)) - duck.depth_db))
                        first = max(r.start for r in found if r.start <= place + RATE // 2)
                        late.append((first - place) / 48)
                rows.append((floor, level, len(off), f"{max(off):.2f}", f"{max(late):.0f}"))
    return rows


def main() -> None:
    """Print the tables."""
    head = ("bpm", "eighths", "found at", "period ms off", "loop ms off", "confidence", "seam dB")
    print(table(head, beats()))
    print(table(("no steady beat", "heard in"), unsteady()))
    head = ("floor dBFS", "speech dB", "onsets", "duck off by, dB", "region late by, ms")
    print(table(head, onsets()))


if __name__ == "__main__":
    main()
