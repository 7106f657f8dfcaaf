"""Stems are the mix apart: in place, as long, and with the master's gain they sum to it."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.channels import Layout
from finisher.media.encode_sound import decode_packets
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.presets.model import Audio, AudioCodec, Loudness, StemFormat
from finisher.sound.master import Mastered, master
from finisher.sound.stems import DISJOINT, MIX, MUSIC_AND_EFFECTS, Level, stem_names, write_stems
from finisher.sound.wav import encoded, header
from finisher.timeline import Role

RATE = 48_000
SAMPLES = 3 * RATE
TARGET = Loudness(-14.0, 0.1, -1.0)
ROLES = (Role.DIALOGUE, Role.NARRATION, Role.MUSIC, Role.EFFECTS, Role.AMBIENCE, None)


def plan_of(*roles: Role | None, target: Loudness | None = TARGET) -> SoundPlan:
    """Each role its own second and a half of sound, overlapping."""
    tracks = tuple(
        SoundTrack(
            str(role), role, -2.0, (Piece(f"layer:{role}", 0, 12_345 * at, 72_000, 240, 90),)
        )
        for at, role in enumerate(roles)
    )
    return SoundPlan(SAMPLES, tracks, target)


@pytest.fixture
def sounds(tmp_path: Path) -> dict[str, Path]:
    """Noise with peaks that stand far out of it."""
    rng = np.random.default_rng(4)
    paths = {}
    for role in ROLES:
        wave = rng.normal(0, 0.03, (72_000, 2))
        wave[3_000::9_000] *= 12
        path = paths[f"layer:{role}"] = tmp_path / f"{role}.f32"
        wave.astype(np.float32).tofile(path)
    return paths


def read(path: Path) -> NDArray[np.float64]:
    """A WAV file by another reader than the one that wrote it."""
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        frames = [frame.to_ndarray() for frame in container.decode(stream)]
        joined = np.concatenate(frames, axis=1).reshape(-1, stream.codec_context.channels)
    full = 1.0 if joined.dtype == np.float32 else float(1 << 31)
    return joined.astype(np.float64) / full


def mastered(sounds: dict[str, Path], kind: StemFormat, folder: Path) -> Mastered:
    spec = Audio(AudioCodec.PCM_S24, None, TARGET, stems=kind)
    return master(plan_of(*ROLES), sounds, spec, 0, folder)


# Six roundings of a float below 1, and five to 24 bit, half a step each.
@pytest.mark.parametrize(
    ("kind", "most_db"), [(StemFormat.FLOAT, -130), (StemFormat.PCM_S24, -126)]
)
def test_stems_sum_to_a_master_that_is_limited(
    sounds: dict[str, Path], tmp_path: Path, kind: StemFormat, most_db: float
) -> None:
    result = mastered(sounds, kind, tmp_path)
    assert result.limiting_db >= 6
    stems = {stem.name: read(stem.path) for stem in result.stems}
    total = sum(stems[name] for name in DISJOINT)
    assert {wave.shape for wave in stems.values()} == {(SAMPLES, 2)}
    assert 20 * np.log10(np.abs(total - stems[MIX]).max()) <= most_db
    parts = stems["music"] + stems["effects"] + stems["ambience"]
    assert 20 * np.log10(np.abs(parts - stems[MUSIC_AND_EFFECTS]).max()) <= most_db


def test_the_mix_is_what_was_encoded(sounds: dict[str, Path], tmp_path: Path) -> None:
    result = mastered(sounds, StemFormat.FLOAT, tmp_path)
    delivered = np.concatenate(list(decode_packets(result.path, 0)))
    mix = next(stem.path for stem in result.stems if stem.name == MIX)
    # Half a step of the delivery's 24 bit, and the mix's rounding to float before the limiter.
    assert np.abs(read(mix) - delivered).max() <= 2**-23


def test_only_what_sounds_is_a_stem() -> None:
    assert stem_names(plan_of(Role.NARRATION, None)) == ("dialogue", "native", "mix")
    assert stem_names(plan_of(Role.AMBIENCE)) == ("ambience", "music-and-effects", "mix")
    assert stem_names(SoundPlan(SAMPLES, (), None)) == ("mix",)
    silent = SoundTrack("a", Role.MUSIC, 0.0, ())
    assert stem_names(SoundPlan(SAMPLES, (silent,), None)) == ("mix",)


def test_a_stem_that_24_bit_do_not_hold_is_told(sounds: dict[str, Path], tmp_path: Path) -> None:
    loud = Level(40.0, None)
    plan = plan_of(Role.MUSIC)
    stems = {s.name: s for s in write_stems(plan, sounds, loud, StemFormat.PCM_S24, tmp_path)}
    assert stems["music"].clipped > 0
    assert np.abs(read(stems["music"].path)).max() <= 1.0
    kept = write_stems(plan, sounds, loud, StemFormat.FLOAT, tmp_path)
    assert all(not stem.clipped for stem in kept)
    assert np.abs(read(kept[0].path)).max() > 1.0


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("kind", list(StemFormat))
def test_a_file_says_what_its_channels_are(
    layout: Layout, kind: StemFormat, tmp_path: Path
) -> None:
    channels = len(layout.channels)
    wave = np.arange(10 * channels).reshape(10, channels) / 1000
    data, _ = encoded(wave, kind)
    path = tmp_path / "a.wav"
    path.write_bytes(header(10, layout, kind) + data)
    with av.open(str(path)) as container:
        context = container.streams.audio[0].codec_context
        assert tuple(channel.name for channel in context.layout.channels) == layout.channels
        assert context.sample_rate == RATE
    np.testing.assert_allclose(read(path), wave, atol=2**-24)


def test_beyond_4_gb_a_file_is_rf64() -> None:
    samples = 900_000_000  # over five hours of stereo floats: 7.2 GB
    start = header(samples, Layout.STEREO, StemFormat.FLOAT)
    assert start[:4] == b"RF64"
    assert start[12:16] == b"ds64"
    size = samples * 8
    whole, data, count = (int.from_bytes(start[at : at + 8], "little") for at in (20, 28, 36))
    assert (data, count) == (size, samples)
    assert whole == len(start) - 8 + size
    assert start[-8:] == b"data" + b"\xff" * 4
    assert header(400_000_000, Layout.STEREO, StemFormat.FLOAT)[:4] == b"RIFF"
