"""Words of `finish watermark`: learn a mark from takes, calibrate its detection on them."""

from __future__ import annotations

import argparse
from argparse import ArgumentTypeError
from pathlib import Path

from finisher.geometry import Box


def watermark_words(words: argparse.ArgumentParser) -> None:
    """What to do, and with which takes."""
    words.add_argument(
        "act",
        choices=("learn", "calibrate"),
        help="learn: find the mark that unrelated takes share; calibrate: count how often a mark "
        "is found where it is not",
    )
    words.add_argument("takes", nargs="+", type=Path, metavar="TAKE", help="a take's file")
    words.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="learn: the mark's PNG (default: mark.png); calibrate: the JSON document "
        "(default: calibration.json)",
    )
    words.add_argument(
        "--first",
        type=_count,
        metavar="N",
        help="learn: look at the first N pictures of each take alone, before its mark jumps",
    )
    words.add_argument("--mark", type=Path, metavar="PNG", help="calibrate: the mark's template")
    words.add_argument(
        "--box",
        type=_box,
        metavar="X,Y,W,H",
        help="calibrate: where the mark stands in takes that have it (learnt marks know it)",
    )


def _count(text: str) -> int:
    """A number of pictures, from 4.

    Raises:
        ArgumentTypeError: for anything else.
    """
    count = int(text) if text.isascii() and text.isdigit() else 0
    if not 4 <= count <= 1_000_000:
        raise ArgumentTypeError(f"a whole number from 4 up, not {text!r}")
    return count


def _box(text: str) -> Box:
    """Four whole numbers by commas: left, top, width and height in pixels of the takes.

    Raises:
        ArgumentTypeError: for anything else.
    """
    parts = text.split(",")
    if len(parts) == 4 and all(part.isascii() and part.isdigit() for part in parts):
        x, y, width, height = (min(int(part), 1 << 16) for part in parts)
        if min(width, height) > 0:
            return Box.of(x, y, width, height)
    raise ArgumentTypeError(f"left,top,width,height in whole pixels, not {text!r}")
