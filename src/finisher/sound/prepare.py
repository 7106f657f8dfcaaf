"""Prepare dialogue: silence off both ends, long recordings split at their pauses (pydub)."""

from __future__ import annotations

import tempfile
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finisher.media.decode_sound import conform
from finisher.problems import MediaError, Problem, Where
from finisher.sound.mix import open_sound
from finisher.timecode import SAMPLE_RATE, Span

with warnings.catch_warnings():
    # pydub looks for programs it would decode with; it is only ever given what we decoded.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.silence import detect_leading_silence, detect_nonsilent

_SEEK = 10  # ms between two looks: 1 ms finds the same within the padding, at ten times the cost


@dataclass(frozen=True, slots=True)
class Line:
    """One line of dialogue, cut out of a recording."""

    path: Path
    source: Span
    """Its place in the recording, in samples at 48 kHz."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """What separates two lines."""

    shortest_ms: int = 700
    below_db: float = 16.0
    """How far below the recording's mean level silence begins."""
    padding_ms: int = 100
    """Silence kept on both sides of a line."""


def split(path: Path, destination: Path, pauses: Pauses | None = None) -> tuple[Line, ...]:
    """Write each line of a recording as `<stem>-01.wav`, `<stem>-02.wav`, … at 48 kHz.

    Samples keep their values: 32-bit integer files, stereo, without fades or gain. Values above
    full scale are clipped.

    Args:
        path: any sound or video file.
        destination: an existing folder; files of the same names are replaced.
        pauses: where to split; the defaults suit spoken lines.

    Returns:
        The lines in order; none if the recording is silent.

    Raises:
        MediaError: if the file can't be read or has no sound.
    """
    rule = pauses or Pauses()
    recording = _load(path)
    if recording.max == 0:
        return ()
    silent = recording.dBFS - rule.below_db
    heard = detect_nonsilent(recording, rule.shortest_ms, silent, _SEEK)
    lines = []
    for number, (start, end) in enumerate(heard, 1):
        part = recording[start:end]
        # What is shorter than a pause splits nothing, but is silence at a line's ends all the same.
        lead = detect_leading_silence(part, silent, _SEEK)
        tail = detect_leading_silence(part.reverse(), silent, _SEEK)
        first = max(0, start + lead - rule.padding_ms)
        last = min(len(recording), end - tail + rule.padding_ms)
        file = destination / f"{path.stem}-{number:02}.wav"
        recording[first:last].export(file, format="wav").close()
        per_ms = SAMPLE_RATE // 1000
        lines.append(Line(file, Span(first * per_ms, last * per_ms)))
    return tuple(lines)


def _load(path: Path) -> AudioSegment:
    """A file as pydub takes it: raw integers, decoded and resampled by us."""
    with tempfile.TemporaryDirectory(prefix="finisher-") as folder:
        raw = Path(folder) / "sound.f32"
        if conform(path, None, raw) is None:
            raise MediaError(Problem("sound-absent", "it has no sound", Where(str(path))))
        sound = np.asarray(open_sound(raw), np.float64)
    full = 1 << 31
    steps = np.clip(np.rint(sound * full), -full, full - 1).astype("<i4")
    return AudioSegment(data=steps.tobytes(), sample_width=4, frame_rate=SAMPLE_RATE, channels=2)
