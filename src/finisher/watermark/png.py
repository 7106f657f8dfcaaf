"""The head of a PNG file that holds a mark: what is known of it before anything is unpacked."""

from __future__ import annotations

HEAD = b"\x89PNG\r\n\x1a\n"
"""What every such file begins with."""
_SIZED = 24
"""Bytes from the beginning of a file to the end of its size."""
_MAX_SIDE = 8192
MAX_PIXELS = 1 << 22
"""A mark as large as a picture in 1080p has half as many."""


def stated_size(png: bytes) -> tuple[int, int] | None:
    """Width and height that a file says it has; None where it is no PNG."""
    if not png.startswith(HEAD) or len(png) < _SIZED:
        return None
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def too_large(size: tuple[int, int]) -> bool:
    """Whether a picture of that size is larger than any mark."""
    return max(size) > _MAX_SIDE or size[0] * size[1] > MAX_PIXELS
