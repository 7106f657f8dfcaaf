"""What mixing, metering, limiting and metering again costs for a long programme.

Half an hour of eight layers, a thousand clips of random place, length, gain and fades, one layer
ducked under another. Counted, in a process of its own: reading the conformed sounds, mixing them,
metering the mix (loudness, range, true peak at 8 times), outlines of every stem, writing the mix
down, finding the gain for -14 LUFS through the limiter, reading it back, limiting it at -1.5 dBTP,
and metering the result likewise. Not counted: conforming before, the encoder after.
`python benchmarks/sound_mix.py [--minutes 30] [--clips 1000] [--rounds 3] [--json FILE]`
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock
from benchmarks.clock import note, table
from benchmarks.sound_material import dense_music, hits, speech

from finisher.canonical import from_json, to_json
from finisher.plan.ducking import duck_curve
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.presets.model import Audio, AudioCodec, Loudness
from finisher.sound.deck import load
from finisher.sound.master import outlined
from finisher.sound.meter import measure
from finisher.sound.outline import Outline
from finisher.sound.search import Setting, search
from finisher.timecode import SAMPLE_RATE, Span
from finisher.timeline import Duck, Role

BAR_SECONDS, BAR_MB = 35, 150
TARGET = Loudness(-14.0, 0.1, -1.0)
ROLES = (
    Role.DIALOGUE, Role.NARRATION, Role.MUSIC, Role.MUSIC,
    Role.EFFECTS, Role.EFFECTS, Role.AMBIENCE, None,
)  # fmt: skip
SECONDS = 60


def sources(folder: Path) -> None:
    """A minute of conformed sound for each layer's clips to be cut from."""
    rng = np.random.default_rng(1)
    kinds = (speech, speech, dense_music, dense_music, hits, hits, speech, dense_music)
    for number, kind in enumerate(kinds):
        kind(rng, SECONDS).astype(np.float32).tofile(folder / f"{number}.f32")


def programme(minutes: int, clips: int) -> SoundPlan:
    """Random clips over eight layers, the third ducked under the first."""
    rng = np.random.default_rng(2)
    samples = minutes * 60 * SAMPLE_RATE
    tracks = []
    for layer, role in enumerate(ROLES):
        pieces = []
        for _ in range(clips // len(ROLES)):
            length = int(rng.uniform(1, 25) * SAMPLE_RATE)
            start = int(rng.integers(0, samples - length))
            into = int(rng.integers(0, SECONDS * SAMPLE_RATE - length))
            fades = (int(x) for x in rng.choice([240, 2_400, 24_000], 2))
            pieces.append(Piece(f"layer:{layer}", into, start, length, *fades))
        gain = round(float(rng.uniform(-15, 0)), 1)
        tracks.append(SoundTrack(f"{layer}", role, gain, tuple(pieces)))
    speech_at = [Span(piece.start, piece.start + piece.length) for piece in tracks[0].pieces[::8]]
    ducked = duck_curve(speech_at, Duck(under=(Role.DIALOGUE,)))
    third = tracks[2]
    tracks[2] = SoundTrack(third.id, third.role, third.gain_db, third.pieces, ducked)
    return SoundPlan(samples, tuple(tracks), TARGET)


def work(folder: Path) -> None:
    """What is counted; prints what it came to."""
    plan = from_json(SoundPlan, json.loads((folder / "plan.json").read_text()))
    sounds = {f"layer:{number}": folder / f"{number}.f32" for number in range(len(ROLES))}
    outlines: dict[str, Outline] = {}
    spent = [time.process_time()]
    deck = load(
        outlined(plan, sounds, outlines), Audio(AudioCodec.AAC), 0, folder / "mix", plan.samples
    )
    spent.append(time.process_time())
    mixed = deck.mixed.reading
    start = TARGET.target_lufs - (mixed.integrated or 0)
    setting = search(deck.mixed, TARGET.target_lufs, Setting(start, -1.5))
    curve = deck.mixed.curve(setting)
    spent.append(time.process_time())
    done = measure(deck.processed(setting, curve))
    spent.append(time.process_time())
    steps = np.diff(spent)
    result = {
        "mixed": [mixed.integrated, mixed.true_peak],
        "gain": setting.gain_db,
        "limiting": 0.0 if curve is None else float(curve.max()),
        "limited_share": 0.0 if curve is None else float(np.mean(curve > 0.1)),
        "done": [done.integrated, done.true_peak],
        "steps": [round(float(step), 1) for step in steps],
    }
    (folder / "result.json").write_text(json.dumps(result))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--clips", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--work", type=Path, help=argparse.SUPPRESS)
    words = parser.parse_args()
    if words.make:
        sources(words.make)
        return
    if words.work:
        work(words.work)
        return
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        itself = [sys.executable, str(Path(__file__).resolve())]
        # In a process of its own: Linux counts what a process held when it started another.
        clock.run([*itself, "--make", str(folder)])
        plan = programme(words.minutes, words.clips)
        (folder / "plan.json").write_text(json.dumps(to_json(plan)))
        command = [*itself, "--work", str(folder)]
        one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        runs = []
        for number in range(words.rounds):
            runs.append(clock.run(command, one))
            note(f"round {number + 1}: {runs[-1]}, load {os.getloadavg()[0]:.1f}")
        result = json.loads((folder / "result.json").read_text())
    cpu, peak = clock.spread([r.cpu for r in runs]), clock.spread([r.peak_mb for r in runs])
    voices = sum(p.length for t in plan.tracks for p in t.pieces) / plan.samples
    print(f"{words.minutes} min, {words.clips} clips, {voices:.1f} sounding at a time on average")
    print(f"mix {result['mixed'][0]:.2f} LUFS, {result['mixed'][1]:.2f} dBTP; "
          f"gain {result['gain']:+.2f} dB, up to {result['limiting']:.1f} dB of limiting, "
          f"{100 * result['limited_share']:.0f} % of the time; after it "
          f"{result['done'][0]:.3f} LUFS, {result['done'][1]:.3f} dBTP")  # fmt: skip
    mixing, finding, limiting = result["steps"]
    print(table(
        ["", "measured", "bar"],
        [
            ["processor, s", cpu, BAR_SECONDS],
            ["resident memory at most, MB", peak, BAR_MB],
            ["mix, meter, outlines, write (last round), s", mixing, ""],
            ["find gain and reduction, s", finding, ""],
            ["read, limit, meter, s", limiting, ""],
        ],
    ))  # fmt: skip
    clock.save(words.json, {"cpu": cpu, "peak_mb": peak, "result": result})


if __name__ == "__main__":
    main()
