"""A WAVE head's length is read wherever its chunks lie, and nothing is made of what is not one."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.media.wave_head import stated_samples


def chunk(name: bytes, data: bytes, size: int | None = None) -> bytes:
    padded = data + b"\0" * (len(data) % 2)
    return name + struct.pack("<I", len(data) if size is None else size) + padded


def wave(
    *, channels: int, bits: int, data: int, kind: int = 1, before: tuple[bytes, ...] = ()
) -> bytes:
    form = struct.pack("<HHIIHH", kind, channels, 48_000, 0, 0, bits)
    parts = [chunk(b"LIST", extra) for extra in before] + [chunk(b"fmt ", form)]
    parts += [chunk(b"fact", b"abc"), chunk(b"data", b"", data)]
    return b"RIFF\0\0\0\0WAVE" + b"".join(parts)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("head") / "a.wav"


@given(
    channels=st.integers(1, 32),
    width=st.integers(1, 8),
    samples=st.integers(1, 1_000_000),
    kind=st.sampled_from([1, 3, 0xFFFE]),
    before=st.lists(st.binary(max_size=9), max_size=3).map(tuple),
)
def test_a_stated_length_is_read(file, channels, width, samples, kind, before) -> None:  # type: ignore[no-untyped-def]
    data = samples * channels * width
    file.write_bytes(wave(channels=channels, bits=8 * width, data=data, kind=kind, before=before))
    assert stated_samples(file) == samples


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 0xFFFF_FF00])
def test_a_length_that_was_not_known_is_none(file: Path, size: int) -> None:
    file.write_bytes(wave(channels=1, bits=16, data=size))
    assert stated_samples(file) is None


def test_coded_sound_has_none(file: Path) -> None:
    file.write_bytes(wave(channels=1, bits=4, data=100, kind=2))
    assert stated_samples(file) is None
    file.write_bytes(wave(channels=0, bits=16, data=100))
    assert stated_samples(file) is None


@given(st.binary(max_size=80))
def test_what_is_no_head_says_nothing(file: Path, data: bytes) -> None:
    file.write_bytes(b"RIFF\0\0\0\0WAVE" + data)
    assert stated_samples(file) is None or b"data" in data
    file.write_bytes(data)
    assert stated_samples(file) is None or data[:4] == b"RIFF"
