"""Read from the head of a FLAC frame where in its sound it belongs."""

from __future__ import annotations

_FIXED, _VARIABLE = b"\xff\xf8", b"\xff\xf9"
_NUMBER = 4
"""Where a frame's number begins."""
_FACTS = 34
"""Bytes of STREAMINFO."""


def first_sample(frame: bytes, facts: bytes) -> int | None:
    """The sample a frame begins at, by RFC 9639, sections 8.2 and 9.1; None if that can't be read.

    Args:
        frame: bytes that begin with a frame.
        facts: the stream's STREAMINFO, which tells the size of blocks that are all alike; where
            they are not though frames are numbered, as old encoders did, nothing is told.
    """
    number = _coded(frame[_NUMBER : _NUMBER + 7])
    if number is None or frame[:2] == _VARIABLE:
        return number
    if frame[:2] != _FIXED or len(facts) < _FACTS or facts[:2] != facts[2:4]:
        return None
    return number * int.from_bytes(facts[2:4])


def _coded(data: bytes) -> int | None:
    """A number in UTF-8's manner, which goes on to seven bytes here."""
    lead = 8 - (~data[0] & 0xFF).bit_length() if data else 1
    length = max(1, lead)
    rest = data[1:length]
    if lead in {1, 8} or len(rest) != length - 1 or any(byte >> 6 != 0b10 for byte in rest):
        return None
    number = data[0] & (0x7F >> lead)
    for byte in rest:
        number = number << 6 | byte & 0x3F
    return number
