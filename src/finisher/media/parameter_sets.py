"""H.264 parameter sets at a track's head (`avcC`, ISO/IEC 14496-15, 5.3.3): read and joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

_SPS, _PPS = 7, 8
_FOUR_BYTES = 3
"""`lengthSizeMinusOne` of the tracks that are joined here, as all encoders in use write it."""


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """The sequence and picture parameter sets of one track."""

    profile: int
    """`profile_idc`: 66 is Baseline, 77 Main, 100 High."""
    compatibility: int
    level: int
    sequence: tuple[bytes, ...]
    picture: tuple[bytes, ...]
    extension: bytes
    """Chroma format and bit depths, where a High profile's track says them."""

    @property
    def ids(self) -> frozenset[int]:
        """Numbers that its sets of either kind go by."""
        # An SPS has three bytes of profile and level before its number, a PPS has none.
        sequences = (_exp_golomb(nal[4:]) for nal in self.sequence)
        return frozenset((*sequences, *(_exp_golomb(nal[1:]) for nal in self.picture)))


def read(data: bytes) -> ParameterSets:
    """The parameter sets of an `avcC` record.

    Raises:
        ValueError: when it is none, is cut short, or its pictures are not measured in four bytes.
    """
    if len(data) < 7 or data[0] != 1 or data[4] & 3 != _FOUR_BYTES:
        raise ValueError("not an avcC record of four-byte lengths")
    sequence, at = _sets(data, 6, data[5] & 0x1F, _SPS)
    if at >= len(data):
        raise ValueError("the record is cut short")
    picture, at = _sets(data, at + 1, data[at], _PPS)
    if not sequence or not picture:
        raise ValueError("the record holds no parameter sets")
    return ParameterSets(data[1], data[2], data[3], sequence, picture, data[at:])


def joined(several: Sequence[bytes]) -> bytes:
    """One record that holds the sets of all, each once.

    Raises:
        ValueError: when two give one number to different sets, or can't be read.
    """
    first, *others = (read(data) for data in several)
    whole = first
    for other in others:
        whole = replace(
            whole,
            profile=max(whole.profile, other.profile),
            compatibility=whole.compatibility & other.compatibility,
            level=max(whole.level, other.level),
            sequence=_united(whole.sequence, other.sequence, 4),
            picture=_united(whole.picture, other.picture, 1),
            extension=whole.extension or other.extension,
        )
    return _written(whole)


def _written(sets: ParameterSets) -> bytes:
    """The record of these sets."""
    head = bytes([1, sets.profile, sets.compatibility, sets.level, 0xFC | _FOUR_BYTES])
    sequence = b"".join(len(nal).to_bytes(2, "big") + nal for nal in sets.sequence)
    picture = b"".join(len(nal).to_bytes(2, "big") + nal for nal in sets.picture)
    return b"".join(
        (
            head,
            bytes([0xE0 | len(sets.sequence)]),
            sequence,
            bytes([len(sets.picture)]),
            picture,
            sets.extension,
        )
    )


def _united(known: tuple[bytes, ...], more: tuple[bytes, ...], offset: int) -> tuple[bytes, ...]:
    """Sets of one kind together; `offset` is where their number stands."""
    numbers = {_exp_golomb(nal[offset:]): nal for nal in known}
    for nal in more:
        if numbers.setdefault(_exp_golomb(nal[offset:]), nal) != nal:
            raise ValueError("different parameter sets go by one number")
    return tuple(numbers[number] for number in sorted(numbers))


def _sets(data: bytes, at: int, count: int, kind: int) -> tuple[tuple[bytes, ...], int]:
    """`count` sets of a kind from a place on, and the place behind them."""
    found = []
    for _ in range(count):
        length = int.from_bytes(data[at : at + 2], "big")
        nal = data[at + 2 : at + 2 + length]
        if len(nal) < max(length, 2) or nal[0] & 0x1F != kind:
            raise ValueError("the record is cut short, or holds something else")
        found.append(nal)
        at += 2 + length
    return tuple(found), at


def _exp_golomb(data: bytes) -> int:
    """The unsigned Exp-Golomb number (ITU-T H.264, 9.1) that some bytes begin with."""
    bits = int.from_bytes(data[:8].ljust(8, b"\0"), "big")
    zeros = 64 - bits.bit_length()
    if zeros > 16:
        raise ValueError("a parameter set without a number")
    return (bits >> (64 - 2 * zeros - 1)) - 1
