"""The mix is exact: to the sample in time, to a float's last bits in level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.problems import RenderError
from finisher.sound.mix import mix

RATE = 48_000


def stored(path: Path, signal: NDArray[np.floating]) -> Path:
    signal.astype(np.float32).tofile(path)
    return path


def mixed(plan: SoundPlan, sounds: dict[str, Path], block: int = 5000) -> NDArray[np.float32]:
    return np.concatenate(list(mix(plan, sounds, block)))


def one_track(*pieces: Piece, samples: int = 10_000, gain: float = 0.0) -> SoundPlan:
    return SoundPlan(samples, (SoundTrack("a", None, gain, pieces),), None)


@pytest.fixture
def ramp(tmp_path: Path) -> Path:
    """A sound whose every sample tells its own place."""
    places = np.arange(1, 20_001, dtype=np.float32)
    return stored(tmp_path / "ramp.f32", np.stack([places, -places], 1))


@settings(max_examples=40)
@given(
    start=st.integers(0, 9_000),
    source_start=st.integers(0, 15_000),
    length=st.integers(1, 4_000),
    block=st.integers(300, 12_000),
)
def test_a_piece_lies_where_the_plan_says(
    tmp_path_factory: pytest.TempPathFactory, start: int, source_start: int, length: int, block: int
) -> None:
    folder = tmp_path_factory.mktemp("mix")
    places = np.arange(1, 20_001, dtype=np.float32)
    sound = stored(folder / "ramp.f32", np.stack([places, -places], 1))
    plan = one_track(Piece("take:a", source_start, start, length))
    result = mixed(plan, {"take:a": sound}, block)
    expected = np.zeros((10_000, 2), np.float32)
    heard = min(length, 10_000 - start, 20_000 - source_start)
    expected[start : start + heard, 0] = places[source_start : source_start + heard]
    expected[:, 1] = -expected[:, 0]
    np.testing.assert_array_equal(result, expected)


def test_against_a_float64_reference(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    samples, tracks, sounds = 4 * RATE, [], {}
    reference = np.zeros((samples, 2))
    for number in range(8):
        source = rng.normal(0, 0.1, (RATE, 2)).astype(np.float32)
        name = f"take:{number}"
        sounds[name] = stored(tmp_path / f"{number}.f32", source)
        gain, pieces = float(rng.uniform(-20, 3)), []
        for _ in range(5):
            start, length = int(rng.integers(0, samples - RATE)), int(rng.integers(1000, RATE))
            pieces.append(Piece(name, 0, start, length, 240, 480))
            fade = np.ones(length)
            fade[:240] *= (np.arange(240) + 0.5) / 240
            fade[-480:] *= ((np.arange(480) + 0.5) / 480)[::-1]
            reference[start : start + length] += (
                source[:length].astype(np.float64) * fade[:, np.newaxis] * 10 ** (gain / 20)
            )
        tracks.append(SoundTrack(name, None, gain, tuple(pieces)))
    error = np.abs(mixed(SoundPlan(samples, tuple(tracks), None), sounds) - reference).max()
    # Rounding to float32 once leaves 2^-25 of the value; -130 dBFS is five bits coarser.
    assert 20 * np.log10(error) < -130


def test_halves_of_a_crossfade_keep_power(tmp_path: Path) -> None:
    ones = np.ones((4000, 2), np.float32)
    ones[:, 1] = 0
    sounds = {
        "take:a": stored(tmp_path / "a.f32", ones),
        "take:b": stored(tmp_path / "b.f32", ones[:, ::-1]),
    }
    plan = one_track(
        Piece("take:a", 0, 0, 3000, 0, 1000, equal_power=True),
        Piece("take:b", 0, 2000, 3000, 1000, 0, equal_power=True),
        samples=5000,
    )
    result = mixed(plan, sounds, 777).astype(np.float64)
    np.testing.assert_allclose(np.square(result).sum(axis=1), 1.0, atol=1e-6)


def test_plain_fades_sum_to_one(tmp_path: Path) -> None:
    sound = stored(tmp_path / "a.f32", np.ones((4000, 2)))
    plan = one_track(
        Piece("take:a", 0, 0, 3000, 0, 1000), Piece("take:a", 0, 2000, 3000, 1000), samples=5000
    )
    np.testing.assert_allclose(mixed(plan, {"take:a": sound}, 777), 1.0, atol=1e-6)


def test_a_curve_is_linear_in_decibels_and_level_outside(tmp_path: Path) -> None:
    sound = stored(tmp_path / "a.f32", np.ones((10_000, 2)))
    curve = ((2000, 0.0), (4000, -12.0), (6000, -6.0))
    track = SoundTrack("a", None, 0.0, (Piece("take:a", 0, 0, 10_000),), curve)
    level = 20 * np.log10(mixed(SoundPlan(10_000, (track,), None), {"take:a": sound}, 700)[:, 0])
    for place, expected in ((0, 0), (2000, 0), (3000, -6), (4000, -12), (5000, -9), (9999, -6)):
        assert level[place] == pytest.approx(expected, abs=1e-4)


def test_levels_above_full_scale_stay(ramp: Path) -> None:
    result = mixed(one_track(Piece("take:a", 0, 0, 100), gain=6.0), {"take:a": ramp})
    assert result[99, 0] == pytest.approx(100 * 10 ** (6 / 20), rel=1e-6)


def test_a_sound_that_is_not_there_is_an_error() -> None:
    with pytest.raises(RenderError, match="take:a"):
        mixed(one_track(Piece("take:a", 0, 0, 100)), {})


def test_an_empty_sound_is_silence(tmp_path: Path) -> None:
    (tmp_path / "empty.f32").touch()
    plan = one_track(Piece("take:a", 0, 0, 100))
    assert not mixed(plan, {"take:a": tmp_path / "empty.f32"}).any()


def test_a_programme_without_tracks_is_silent_and_whole() -> None:
    assert mixed(SoundPlan(12_345, (), None), {}).shape == (12_345, 2)
