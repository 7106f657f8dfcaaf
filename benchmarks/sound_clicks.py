"""Clicks at cuts, and whether one continuous encode keeps a tone whole and in place.

Clicks: pairs of tones between 80 and 400 Hz at -12 dBFS, of random frequency and phase, are cut
against each other with the fades that planning gives to cuts, mixed, and what is left above 6 kHz
(linear-phase filter of 1025 taps) around the cut is read; hard cuts beside them.

Tone: 440 Hz at -12 dBFS goes on in phase over 100 cuts between two takes of different handles, at
frames of 30000/1001; such cuts remove nothing and have no fades. It is mixed, encoded as AAC at
192 kbit/s once, put into MP4 as a delivery is, and decoded by PyAV and by the embedded ffmpeg: with
an edit list, and without one where the encoder was fed from sample 1024 on. Read are the residual
after the best 440 Hz sine of each 20 ms is taken away, gaps (5 ms below -40 dBFS), and by how many
samples it is off, by correlation of ten single seconds. The programme's own first and last 100 ms,
where it begins and ends at once, are left out. The residual of the mix itself stands beside them.
`python benchmarks/sound_clicks.py [--pairs 200] [--cuts 100] [--json FILE]`
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock
from benchmarks.clock import table

from finisher.event import MICRO_FADE
from finisher.ffmpeg import program
from finisher.media.encode_sound import AAC_PRIMING, encode
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.presets.model import Audio, AudioCodec
from finisher.sound.mix import mix
from finisher.sound.offset import offset
from finisher.timecode import Rate

RATE = 48_000
LEVEL = 10 ** (-12 / 20)
EDGE = 4_800
FRAMES = Rate(Fraction(30000, 1001))

Wave = NDArray[np.floating]


def dbfs(value: float) -> float:
    """A magnitude as a level."""
    return 20 * float(np.log10(max(value, 1e-12)))


def high_pass() -> Wave:
    """Taps of a filter that leaves what is above 6 kHz."""
    half = 512
    taps = -np.sinc(2 * 6000 / RATE * np.arange(-half, half + 1)) * 2 * 6000 / RATE
    taps[half] += 1
    return np.asarray(taps * np.kaiser(2 * half + 1, 10.0))


def sine(hertz: float, phase: float, count: int) -> Wave:
    """A tone at -12 dBFS."""
    return np.asarray(LEVEL * np.sin(2 * np.pi * hertz * np.arange(count) / RATE + phase))


def mixed(pieces: Sequence[Piece], sounds: dict[str, Wave], samples: int, folder: Path) -> Wave:
    """The mix of some pieces, one channel of it."""
    paths = {}
    for name, wave in sounds.items():
        path = paths[name] = folder / f"{name.replace(':', '-')}.f32"
        np.repeat(wave[:, None], 2, axis=1).astype(np.float32).tofile(path)
    plan = SoundPlan(samples, (SoundTrack("native", None, 0.0, tuple(pieces)),), None)
    return np.concatenate(list(mix(plan, paths)))


def clicks(pairs: int, fade: int, folder: Path) -> list[float]:
    """What is above 6 kHz at each cut, dBFS."""
    rng, taps, cut = np.random.default_rng(0), high_pass(), 4_800
    found = []
    for _ in range(pairs):
        tones = {
            f"take:{name}": sine(rng.uniform(80, 400), rng.uniform(0, 2 * np.pi), 2 * cut)
            for name in "ab"
        }
        pieces = [
            Piece("take:a", 0, 0, cut, 0, fade),
            Piece("take:b", cut, cut, cut, fade, 0),
        ]
        wave = mixed(pieces, tones, 2 * cut, folder)[:, 0].astype(np.float64)
        near = np.convolve(wave, taps, "same")[cut // 2 : -cut // 2]
        found.append(dbfs(np.abs(near).max()))
    return found


def one_tone(cuts: int, folder: Path) -> Wave:
    """A tone that goes on over all cuts between two takes of different handles."""
    rng = np.random.default_rng(1)
    frames = np.cumsum(rng.integers(6, 40, cuts + 1))
    bounds = [0, *(FRAMES.samples(int(frame)) for frame in frames)]
    handles = {"take:a": 4_321, "take:b": 777}
    sounds = {
        name: sine(440, -2 * np.pi * 440 * handle / RATE, bounds[-1] + 2 * handle)
        for name, handle in handles.items()
    }
    pieces = []
    for number, (start, end) in enumerate(pairwise(bounds)):
        name = f"take:{'ab'[number % 2]}"
        into, out = MICRO_FADE * (number == 0), MICRO_FADE * (number == cuts)
        pieces.append(Piece(name, start + handles[name], start, end - start, into, out))
    return mixed(pieces, sounds, bounds[-1], folder)


def delivered(wave: Wave, folder: Path, *, edit_list: bool) -> Path:
    """The sound alone in MP4, with or without an edit list."""
    packets, path = folder / "sound.nut", folder / f"edit-list-{edit_list}.mp4"
    encode([wave], Audio(AudioCodec.AAC, 192_000), packets, 0 if edit_list else AAC_PRIMING)
    options = {"use_editlist": str(int(edit_list))}
    with av.open(str(packets)) as source, av.open(str(path), "w", options=options) as out:
        stream = out.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                packet.pts = packet.dts = (packet.pts or 0) - (AAC_PRIMING if edit_list else 0)
                out.mux(packet)
    return path


def by_pyav(path: Path) -> Wave:
    """What PyAV decodes, put where its times say."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = [(frame.pts or 0, frame.to_ndarray()[0]) for frame in container.decode(stream)]
    start = frames[0][0]
    wave = np.concatenate([samples for _, samples in frames])
    return wave[-start:] if start < 0 else np.concatenate((np.zeros(start), wave))


def by_ffmpeg(path: Path, *options: str) -> Wave:
    """What ffmpeg decodes."""
    words = [program.executable(), "-v", "error", *options, "-i", str(path), "-f", "f32le", "-"]
    data = subprocess.run(words, capture_output=True, check=True).stdout
    return np.frombuffer(data, np.float32).reshape(-1, 2)[:, 0]


def by_a_simple_player(path: Path) -> Wave:
    """What ffmpeg decodes when it knows nothing of edit lists."""
    return by_ffmpeg(path, "-ignore_editlist", "1")


def residual(wave: Wave) -> float:
    """The largest sample left after the best 440 Hz sine of each 20 ms is taken away, dBFS."""
    size = RATE // 50
    angle = 2 * np.pi * 440 * np.arange(size) / RATE
    basis = np.stack([np.sin(angle), np.cos(angle)], 1)
    rows = wave[: len(wave) // size * size].reshape(-1, size).T
    best, *_ = np.linalg.lstsq(basis, rows, rcond=None)
    return dbfs(float(np.abs(rows - basis @ best).max()))


def gaps(wave: Wave) -> int:
    """Stretches of 5 ms below -40 dBFS."""
    rows = np.abs(wave[: len(wave) // 240 * 240]).reshape(-1, 240)
    return int(np.count_nonzero(rows.max(axis=1) < 0.01))


def off(wave: Wave, reference: Wave) -> int:
    """The furthest that ten single seconds come late, in samples."""
    starts = np.linspace(EDGE, len(reference) - RATE - EDGE, 10).astype(int)
    found = [
        offset(
            reference[at : at + RATE, np.newaxis].astype(np.float32),
            wave[at : at + RATE, np.newaxis].astype(np.float32),
        )
        for at in starts
    ]
    return max((one for one in found if one is not None), key=abs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--cuts", type=int, default=100)
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    results: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        rows = []
        for name, fade in (("hard", 0), ("faded for 5 ms on both sides", MICRO_FADE)):
            found = clicks(words.pairs, fade, folder)
            rows.append([name, f"{np.median(found):.1f}", f"{max(found):.1f}"])
            results[name] = {"median": float(np.median(found)), "worst": max(found)}
        print(table([f"{words.pairs} cuts", "median, dBFS", "worst, dBFS"], rows))
        wave = one_tone(words.cuts, folder)
        # The track's own beginning and end are faded, and without an edit list the first 1024
        # samples are the encoder's, which then begins within the tone.
        inner = slice(EDGE, -EDGE)
        rows = [["the mix", "", f"{residual(wave[inner, 0]):.1f}", gaps(wave[inner, 0]), 0]]
        for edit_list in (True, False):
            path = delivered(wave, folder, edit_list=edit_list)
            readers = {"PyAV": by_pyav, "ffmpeg": by_ffmpeg}
            if not edit_list:
                readers["ffmpeg, edit lists ignored"] = by_a_simple_player
            for reader, read in readers.items():
                heard = read(path)[: len(wave)].astype(np.float64)
                row = ["edit list" if edit_list else "no edit list", reader]
                row += [f"{residual(heard[inner]):.1f}", gaps(heard[inner]), off(heard, wave[:, 0])]
                rows.append(row)
                results[f"{row[0]}, {reader}"] = row[2:]
        head = ["440 Hz", "read by", "residual, dBFS", "gaps", "samples off"]
        print(table(head, rows))
    clock.save(words.json, results)


if __name__ == "__main__":
    main()
