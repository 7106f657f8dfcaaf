"""How near its loudness target a delivered, decoded file comes, beside two usual ways.

Twelve kinds of programme are brought to -14 LUFS, at most -1 dBTP, and encoded as AAC at 192 kbit/s
and as Opus at 160 kbit/s; what is measured is the decoded file: loudness by our meter and by the
embedded ffmpeg's ebur128, true peak at 8 times the sampling rate. The same programmes go through
two-pass loudnorm and, where it is installed (name its program with --ffmpeg-normalize), through
ffmpeg-normalize at its defaults but for the target, both to AAC at 192 kbit/s.
`python benchmarks/sound_loudness.py [--seconds 30] [--ffmpeg-normalize FILE] [--json FILE]`
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock
from benchmarks.clock import note, table
from benchmarks.sound_material import KINDS, RATE, Sound

from finisher.channels import Layout
from finisher.ffmpeg import program, sounds
from finisher.media.encode_sound import decode_packets
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.presets.model import Audio, AudioCodec, Loudness, StemFormat
from finisher.sound.master import master
from finisher.sound.meter import Reading, measure
from finisher.sound.wav import encoded, header

TARGET = Loudness(-14.0, 0.1, -1.0)
TASK = "loudnorm=I=-14:TP=-1:LRA=11"


@dataclass(frozen=True)
class Came:
    """What came of a programme."""

    lufs: float | None
    dbtp: float
    told: str = ""
    refused: bool = False

    @property
    def met(self) -> bool:
        """Within a tenth of an LU, and no peak above the limit."""
        off = 99.0 if self.lufs is None else abs(self.lufs - TARGET.target_lufs)
        return off <= TARGET.tolerance_lu and self.dbtp <= TARGET.true_peak_dbtp

    def __str__(self) -> str:
        level = "none" if self.lufs is None else f"{self.lufs:.2f}"
        mark = "met" if self.met else "refused" if self.refused else "**missed**"
        return f"{level} / {self.dbtp:+.2f}, {mark}{self.told}"


def came(reading: Reading, told: str = "", *, refused: bool = False) -> Came:
    """A reading as a result."""
    return Came(reading.integrated, reading.true_peak, told, refused)


def ours(wave: Sound, codec: AudioCodec, folder: Path) -> Came:
    """Mastered, encoded and decoded."""
    wave.astype(np.float32).tofile(folder / "a.f32")
    track = SoundTrack("native", None, 0.0, (Piece("take:a", 0, 0, len(wave)),))
    plan = SoundPlan(len(wave), (track,), TARGET)
    result = master(plan, {"take:a": folder / "a.f32"}, Audio(codec, None, TARGET), 0, folder)
    decoded = np.concatenate(list(decode_packets(result.path, 0)))
    other = sounds.ebur128(stored(decoded, folder / "decoded.wav")).integrated_lufs
    reading = measure([decoded])
    told = (
        f"; ebur128 {other:.2f}; {result.gain_db:+.1f} dB, {result.limiting_db:.1f} dB of limiting,"
        f" {result.passes} passes, {result.offset} samples off"
    )
    refused = next((p for p in result.problems if p.code == "loudness-not-reached"), None)
    if refused is not None:
        told += f"; {refused.message.rpartition('; ')[2]}"
    return came(reading, told, refused=refused is not None)


def heard(path: Path) -> Reading:
    """A file measured as it is decoded, brought to 48 kHz."""
    words = [program.executable(), "-v", "error", "-i", str(path)]
    words += ["-f", "f32le", "-ac", "2", "-ar", str(RATE), "-"]
    data = subprocess.run(words, capture_output=True, check=True).stdout
    return measure([np.frombuffer(data, np.float32).reshape(-1, 2)])


def loudnorm(source: Path, folder: Path) -> Came:
    """Both passes as its documentation has them."""
    start = [program.executable(), "-hide_banner", "-y", "-i", str(source)]
    words = [*start, "-af", f"{TASK}:print_format=json", "-f", "null", "-"]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stderr
    found = json.loads(re.findall(r"\{[^{}]*\}", said)[-1])
    names = {"I": "input_i", "TP": "input_tp", "LRA": "input_lra", "thresh": "input_thresh"}
    known = ":".join(f"measured_{name}={found[key]}" for name, key in names.items())
    task = f"{TASK}:{known}:offset={found['target_offset']}:linear=true:print_format=json"
    out = folder / "loudnorm.m4a"
    words = [*start, "-af", task, "-ar", str(RATE), "-c:a", "aac", "-b:a", "192k", str(out)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        return Came(None, 0.0, "; it ends with an error")
    kind = json.loads(re.findall(r"\{[^{}]*\}", done.stderr)[-1])["normalization_type"]
    return came(heard(out), f"; {kind}")


def normalize(installed: str | None, source: Path, folder: Path) -> Came | None:
    """ffmpeg-normalize with its defaults."""
    if installed is None:
        return None
    out = folder / "normalized.m4a"
    words = [installed, str(source), "-t", "-14", "-tp", "-1", "-c:a", "aac", "-b:a", "192k"]
    words += ["-ar", str(RATE), "-f", "-o", str(out)]
    places = {**os.environ, "FFMPEG_PATH": program.executable()}
    done = subprocess.run(words, capture_output=True, text=True, env=places, check=False)
    if done.returncode or not out.exists():
        return Came(None, 0.0, "; it ends with an error")
    return came(heard(out))


def stored(wave: NDArray[np.floating], path: Path) -> Path:
    """A programme as a WAV file of floats."""
    data, _ = encoded(wave.astype(np.float64), StemFormat.FLOAT)
    path.write_bytes(header(len(wave), Layout.STEREO, StemFormat.FLOAT) + data)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--ffmpeg-normalize")
    parser.add_argument("--json", type=Path)
    words = parser.parse_args()
    rows, results = [], {}
    for number, (name, kind) in enumerate(KINDS.items()):
        wave = kind(np.random.default_rng(number), words.seconds)
        given = measure([wave.astype(np.float32)])
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)
            source = stored(wave, folder / "source.wav")
            each = {
                "AAC 192k": ours(wave, AudioCodec.AAC, folder),
                "Opus 160k": ours(wave, AudioCodec.OPUS, folder),
                "loudnorm, two passes": loudnorm(source, folder),
                "ffmpeg-normalize": normalize(words.ffmpeg_normalize, source, folder),
            }
        level = "none" if given.integrated is None else f"{given.integrated:.1f}"
        spread = f"{given.range or 0:.1f}"
        cells = ["not installed" if one is None else str(one) for one in each.values()]
        rows.append([name, f"{level} / {spread} / {given.true_peak:+.1f}", *cells])
        results[name] = {way: one and asdict(one) for way, one in each.items()}
        note(" | ".join(map(str, rows[-1])))
    print(table(["programme", "LUFS / LU / dBTP before", *each], rows))
    for way in each:
        met = sum(bool(one[way]) and Came(**one[way]).met for one in results.values())
        print(f"- {way}: {met} of {len(KINDS)} within ±0.1 LU and at most -1 dBTP, decoded")
    clock.save(words.json, {"results": results})


if __name__ == "__main__":
    main()
