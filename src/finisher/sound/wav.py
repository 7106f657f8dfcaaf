"""WAV files of float or 24-bit samples, of any length: RF64 where 4 GB don't suffice."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

from finisher.channels import Layout
from finisher.presets.model import StemFormat
from finisher.timecode import SAMPLE_RATE

_WIDTHS = {StemFormat.FLOAT: 4, StemFormat.PCM_S24: 3}
_KINDS = {StemFormat.FLOAT: 3, StemFormat.PCM_S24: 1}
# Bits of dwChannelMask in the order of the layout's channels: L R, C, LFE, side L and R.
_MASKS = {Layout.STEREO: 0x3, Layout.SURROUND: 0x60F}
_SUBFORMAT = bytes.fromhex("000000001000800000aa00389b71")
_UNKNOWN = 0xFFFFFFFF
_FULL = 1 << 23


def header(samples: int, layout: Layout, kind: StemFormat) -> bytes:
    """All that comes before the samples (RIFF; EBU Tech 3306 beyond 4 GB)."""
    channels, width = len(layout.channels), _WIDTHS[kind]
    frame = channels * width
    size = samples * frame
    form = struct.pack(
        "<HHIIHHHHIH", 0xFFFE, channels, SAMPLE_RATE, SAMPLE_RATE * frame, frame, 8 * width,
        22, 8 * width, _MASKS[layout], _KINDS[kind],
    ) + _SUBFORMAT  # fmt: skip
    tail = _chunk(b"fmt ", form) + _chunk(b"fact", struct.pack("<I", min(samples, _UNKNOWN)))
    whole = len(b"WAVE") + len(tail) + 8 + size
    if whole < _UNKNOWN:
        return b"RIFF" + struct.pack("<I", whole) + b"WAVE" + tail + _head(b"data", size)
    sizes = struct.pack("<QQQI", whole + 36, size, samples, 0)
    opening = b"RF64" + struct.pack("<I", _UNKNOWN) + b"WAVE" + _chunk(b"ds64", sizes)
    return opening + tail + _head(b"data", _UNKNOWN)


def encoded(block: NDArray[np.float64], kind: StemFormat) -> tuple[bytes, int]:
    """Samples as they stand in the file, and how many of them full scale cut off.

    Float keeps what lies beyond; 24 bit is rounded and clipped.
    """
    if kind is StemFormat.FLOAT:
        return block.astype("<f4").tobytes(), 0
    steps = np.rint(block * _FULL)
    clipped = np.clip(steps, -_FULL, _FULL - 1)
    over = int(np.count_nonzero(clipped != steps))
    packed = clipped.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :3]
    return np.ascontiguousarray(packed).tobytes(), over


def _chunk(name: bytes, content: bytes) -> bytes:
    """A chunk of even length."""
    return _head(name, len(content)) + content


def _head(name: bytes, size: int) -> bytes:
    """A chunk's name and size."""
    return name + struct.pack("<I", size)
