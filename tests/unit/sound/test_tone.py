"""A room's tone is the quietest steady stretch: no speech, no click, no digital silence."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from tests.voices import RATE, Voice, line, speak

from finisher.sound.tone import tone
from finisher.timecode import Span

Sound = NDArray[np.float32]


def room(seconds: float, level_db: float = -55.0, seed: int = 0) -> Sound:
    noise = np.random.default_rng(seed).normal(size=(int(seconds * RATE), 2))
    return (noise * 10 ** (level_db / 20)).astype(np.float32)


def test_the_stretch_between_two_lines_is_found() -> None:
    sound = room(6)
    words = speak(line(np.random.default_rng(1), 7), Voice()).astype(np.float32)
    sound[: len(words)] += words[:, None]
    sound[-len(words) :] += words[:, None]
    found = tone(sound)
    assert found is not None
    assert len(words) <= found.span.start
    assert found.span.end <= len(sound) - len(words)
    assert len(found.span) > RATE // 2
    assert abs(found.level_dbfs + 55) < 0.3  # the spread of the noise's own level


def test_of_two_rooms_the_quieter_counts() -> None:
    found = tone(np.concatenate([room(2, -50), room(2, -58, 1)]))
    assert found is not None
    assert found.span.start >= 2 * RATE


def test_clicks_are_avoided() -> None:
    sound = room(3)
    sound[[RATE, 2 * RATE + 7]] = 0.3
    found = tone(sound)
    assert found is not None
    assert len(found.span) >= RATE // 2
    assert not any(click in range(*_ends(found.span)) for click in (RATE, 2 * RATE + 7))


def _ends(span: Span) -> tuple[int, int]:
    return span.start, span.end


def test_digital_silence_is_no_room() -> None:
    sound = np.zeros((4 * RATE, 2), np.float32)
    assert tone(sound) is None
    sound[RATE : 2 * RATE] = room(1)
    found = tone(sound)
    assert found is not None
    assert RATE <= found.span.start < found.span.end <= 2 * RATE


def test_what_fades_or_is_all_speech_holds_none() -> None:
    fading = room(1.5) * np.geomspace(30, 0.03, int(1.5 * RATE)).astype(np.float32)[:, None]
    assert tone(fading) is None
    words = speak(line(np.random.default_rng(2), 12), Voice())[: 2 * RATE]
    assert tone(np.stack([words, words], 1).astype(np.float32)) is None


def test_a_short_pause_is_better_than_none() -> None:
    sound = room(4)
    words = speak(line(np.random.default_rng(3), 7), Voice()).astype(np.float32)
    sound[: len(words)] += words[:, None]
    sound = sound[: len(words) + int(0.35 * RATE)]
    found = tone(sound)
    assert found is not None
    assert len(found.span) >= RATE // 4
    assert found.span.start >= len(words) - 2_400  # its last frame may have died away


def test_nothing_and_next_to_nothing_hold_none() -> None:
    for samples in (0, 1, 2_400):
        assert tone(room(1)[:samples]) is None


def test_six_channels_count_as_two_do() -> None:
    wide = np.repeat(room(2)[:, :1], 6, axis=1)
    found, narrow = tone(wide), tone(wide[:, :2])
    assert found is not None
    assert found == narrow
