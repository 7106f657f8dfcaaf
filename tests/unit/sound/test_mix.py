"""The mix is exact: to the sample in time, to a float's last bits in level."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.channels import Layout, centre, pan
from finisher.plan.model import Piece, SoundPan, SoundPlan, SoundTrack
from finisher.problems import RenderError
from finisher.sound.mix import _MOST_OPEN, mix, mix_apart, open_sound, summed
from finisher.timeline import Role

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
    ducked = ((20_000, 0.0), (30_000, -12.0), (90_000, -12.0), (110_000, 0.0))
    for number in range(8):
        source = rng.normal(0, 0.1, (RATE, 2)).astype(np.float32)
        name = f"take:{number}"
        sounds[name] = stored(tmp_path / f"{number}.f32", source)
        gain, pieces = float(rng.uniform(-20, 3)), []
        for _ in range(5):
            start, length = int(rng.integers(0, samples - RATE)), int(rng.integers(1000, RATE))
            pieces.append(Piece(name, 0, start, length, 240, 480))
            fade = np.ones(length)
            fade[:240] *= 0.5 - 0.5 * np.cos(np.pi * (np.arange(240) + 0.5) / 240)
            fade[-480:] *= ((np.arange(480) + 0.5) / 480)[::-1]
            if number == 3:
                fade *= 10 ** (np.interp(start + np.arange(length), *np.transpose(ducked)) / 20)
            reference[start : start + length] += (
                source[:length].astype(np.float64) * fade[:, np.newaxis] * 10 ** (gain / 20)
            )
        curve = ducked if number == 3 else ()
        tracks.append(SoundTrack(name, None, gain, tuple(pieces), curve))
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


@pytest.mark.parametrize("samples", [240, 1000])
def test_plain_fades_sum_to_one(tmp_path: Path, samples: int) -> None:
    sound = stored(tmp_path / "a.f32", np.ones((4000, 2)))
    plan = one_track(
        Piece("take:a", 0, 0, 3000, 0, samples),
        Piece("take:a", 0, 3000 - samples, 2000 + samples, samples),
        samples=5000,
    )
    np.testing.assert_allclose(mixed(plan, {"take:a": sound}, 777), 1.0, atol=1e-6)


def test_long_fades_are_straight(tmp_path: Path) -> None:
    sound = stored(tmp_path / "a.f32", np.ones((4000, 2)))
    result = mixed(one_track(Piece("take:a", 0, 0, 4000, 1000)), {"take:a": sound})[:1000, 0]
    np.testing.assert_allclose(result, (np.arange(1000) + 0.5) / 1000, atol=1e-7)


def test_cuts_between_tones_do_not_click(tmp_path: Path) -> None:
    rng = np.random.default_rng(8)
    high = -np.sinc(np.arange(-256, 257) / 4) / 4  # what lies above 6 kHz, by a linear-phase filter
    high[256] += 1
    high *= np.kaiser(513, 8)
    time = np.arange(4_800) / RATE
    for _ in range(10):
        tones = [
            0.25 * np.sin(2 * np.pi * rng.uniform(80, 400) * time + rng.uniform(0, 6)) for _ in "ab"
        ]
        sounds = {
            f"take:{name}": stored(tmp_path / f"{name}.f32", np.repeat(wave[:, None], 2, 1))
            for name, wave in zip("ab", tones, strict=True)
        }
        plan = one_track(
            Piece("take:a", 0, 0, 2_400, 0, 240), Piece("take:b", 0, 2_400, 2_400, 240, 0),
            samples=4_800,
        )  # fmt: skip
        heard = np.convolve(mixed(plan, sounds)[:, 0], high, "same")[600:-600]
        # -90 dBFS: the filter itself leaves so much of the tones.
        assert 20 * np.log10(np.abs(heard).max()) < -90


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


def test_a_fold_is_made_with_the_plans_own_gains(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    given = rng.normal(0, 0.1, (5_000, 6)).astype(np.float32)
    gains = pan(Layout.SURROUND, Layout.STEREO)
    plan = SoundPlan(
        5_000,
        (SoundTrack("a", None, -3.0, (Piece("take:a", 100, 50, 4_000, 240, 240),)),),
        None,
        pans=(SoundPan("take:a", Layout.SURROUND, gains),),
    )
    result = mixed(plan, {"take:a": stored(tmp_path / "a.f32", given)}, 777)
    fade = np.ones((4_000, 1))
    fade[:240, 0] = 0.5 - 0.5 * np.cos(np.pi * (np.arange(240) + 0.5) / 240)
    fade[-240:, 0] = fade[:240, 0][::-1]
    expected = given[100:4_100].astype(np.float64) @ np.array(gains) * fade * 10 ** (-3 / 20)
    np.testing.assert_allclose(result[50:4_050], expected, rtol=1e-6, atol=1e-9)
    assert not result[:50].any()
    assert not result[4_050:].any()


def test_a_surround_programme_holds_what_is_like_it_and_what_is_panned(tmp_path: Path) -> None:
    bed = np.random.default_rng(4).normal(0, 0.1, (3_000, 6)).astype(np.float32)
    voice = np.repeat(np.random.default_rng(5).normal(0, 0.1, (3_000, 1)), 2, axis=1)
    sounds = {
        "layer:bed": stored(tmp_path / "bed.f32", bed),
        "layer:voice": stored(tmp_path / "voice.f32", voice),
    }
    tracks = (
        SoundTrack("bed", Role.AMBIENCE, 0.0, (Piece("layer:bed", 0, 0, 3_000),)),
        SoundTrack("voice", Role.DIALOGUE, 0.0, (Piece("layer:voice", 0, 0, 3_000),)),
    )
    pans = (SoundPan("layer:voice", Layout.STEREO, centre()),)
    plan = SoundPlan(3_000, tracks, None, Layout.SURROUND, pans)
    result = mixed(plan, sounds)
    assert result.shape == (3_000, 6)
    np.testing.assert_array_equal(result[:, [0, 1, 3, 4, 5]], bed[:, [0, 1, 3, 4, 5]])
    np.testing.assert_allclose(result[:, 2], bed[:, 2] + voice[:, 0] * 2**0.5, atol=1e-6)


def test_roles_are_kept_apart_and_sum_to_the_mix(tmp_path: Path) -> None:
    noise = np.random.default_rng(6).normal(0, 0.1, (4_000, 2))
    sounds = {"take:a": stored(tmp_path / "a.f32", noise)}
    tracks = tuple(
        SoundTrack(str(role), role, -3.0, (Piece("take:a", 0, 500 * at, 2_000),))
        for at, role in enumerate((None, Role.MUSIC, Role.DIALOGUE))
    )
    plan = SoundPlan(9_000, tracks, None)
    held = []
    for (span, parts), block in zip(
        mix_apart(plan, sounds, 1_000), mix(plan, sounds, 1_000), strict=True
    ):
        held.append(set(parts))
        np.testing.assert_allclose(summed(parts.values(), len(span), 2), block, atol=1e-8)
    assert held[0] == {None, Role.MUSIC}
    assert held[2] == {Role.MUSIC, Role.DIALOGUE}
    assert held[-1] == set()


def test_a_thousand_pieces_hold_few_files_open(tmp_path: Path) -> None:
    sound = stored(tmp_path / "a.f32", np.ones((100, 2)))
    pieces = tuple(Piece("take:a", 0, 50 * number, 100) for number in range(1_000))
    open_files = Path("/proc/self/fd")
    if not open_files.exists():
        pytest.skip("this system does not list a process's open files")
    before = len(list(open_files.iterdir()))
    programme = mix(one_track(*pieces, samples=50_050), {"take:a": sound}, 500)
    most = max(len(list(open_files.iterdir())) - before for _ in programme)
    assert most <= 15  # those of one block


def test_a_raw_file_is_read_by_its_channels(tmp_path: Path) -> None:
    signal = np.arange(60, dtype=np.float32).reshape(10, 6)
    np.testing.assert_array_equal(open_sound(stored(tmp_path / "a.f32", signal), 6), signal)


def test_more_sounds_than_may_be_open_at_a_time_are_all_heard(tmp_path: Path) -> None:
    count = 2 * _MOST_OPEN + 1
    sounds = {}
    for number in range(count):
        sounds[f"layer:{number}"] = tmp_path / f"{number}.f32"
        np.full((4_000, 2), 1 / 512, np.float32).tofile(sounds[f"layer:{number}"])
    tracks = tuple(
        SoundTrack(name, None, 0.0, (Piece(name, 0, 0, 4_000),)) for name in sorted(sounds)
    )
    whole = np.concatenate(list(mix(SoundPlan(4_000, tracks, None), sounds, 1_000)))
    assert (whole == np.float32(count / 512)).all()
