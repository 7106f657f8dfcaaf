"""Stretched sound: exactly as long, events where they belong, the pitch as it was."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.planning import index, taken, timeline

from finisher.event import Event, NativeSound, Sounding
from finisher.facts import TakeFacts
from finisher.hearing import SoundFacts
from finisher.ingest.stretch import stretches
from finisher.store import Store
from finisher.timecode import SAMPLE_RATE, Span

SECONDS = 4
CLICKS = (0.5, 1.5, 2.5, 3.5)
SPEEDS = (Fraction(94, 100), Fraction(24, 25), Fraction(25, 24), Fraction(106, 100))


def stretched(folder: Path, samples: NDArray[np.float64], speed: Fraction) -> NDArray[np.float32]:
    source = folder / "source.f32"
    np.repeat(samples[:, None], 2, axis=1).astype("<f4").tofile(source)
    sound = SoundFacts(len(samples), 1, SAMPLE_RATE)
    takes: dict[str, TakeFacts] = {"t1": replace(taken("t1", index(96)), sound=sound)}
    line = timeline(Event("a", "t1", Span(0, 90), speed=speed, sound=Sounding(NativeSound.STRETCH)))
    made = stretches(line, takes, {"take:t1": source}, Store(folder / "store"))
    assert list(made) == [f"take:t1@{speed}"]
    return np.fromfile(made[f"take:t1@{speed}"], "<f4").reshape(-1, 2)


@pytest.mark.parametrize("speed", SPEEDS)
def test_it_is_exactly_as_long_and_of_the_same_pitch(tmp_path: Path, speed: Fraction) -> None:
    time = np.arange(SECONDS * SAMPLE_RATE) / SAMPLE_RATE
    found = stretched(tmp_path, 0.3 * np.sin(2 * np.pi * 440 * time), speed)
    assert found.shape == (round(SECONDS * SAMPLE_RATE / speed), 2)
    middle = found[SAMPLE_RATE : 3 * SAMPLE_RATE, 0]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    # Two seconds tell half a hertz.
    assert abs(int(spectrum.argmax()) / 2 - 440) <= 1
    assert abs(np.sqrt(np.mean(middle**2)) - 0.3 / np.sqrt(2)) < 0.02


@pytest.mark.parametrize("speed", SPEEDS)
def test_what_is_heard_stays_with_what_is_seen(tmp_path: Path, speed: Fraction) -> None:
    samples = np.zeros(SECONDS * SAMPLE_RATE)
    burst = np.hanning(480) * np.sin(2 * np.pi * 1000 * np.arange(480) / SAMPLE_RATE)
    for at in CLICKS:
        start = round(at * SAMPLE_RATE) - 240
        samples[start : start + 480] = burst
    energy = stretched(tmp_path, samples, speed)[:, 0] ** 2
    for at in CLICKS:
        middle = round(at * SAMPLE_RATE / speed)
        window = energy[middle - 4800 : middle + 4800]
        centre = np.sum(np.arange(-4800, 4800) * window) / np.sum(window)
        # A burst of 10 ms may be moved by less than half of it; lips are read to some 40 ms.
        assert abs(centre) < 0.005 * SAMPLE_RATE


def test_events_that_ask_for_none_get_none(tmp_path: Path) -> None:
    takes = {"t1": replace(taken("t1", index(96)), sound=SoundFacts(100, 1, SAMPLE_RATE))}
    kept = Event("a", "t1", Span(0, 90), speed=Fraction(25, 24))
    plain = Event("b", "t1", Span(0, 90), sound=Sounding(NativeSound.STRETCH))
    assert stretches(timeline(kept, plain), takes, {}, Store(tmp_path)) == {}
