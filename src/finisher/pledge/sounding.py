"""What the finished file must sound like, taken from the very packets it will hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.media.encode_sound import decode_packets
from finisher.promises import PromisedExcerpt, PromisedLevels, PromisedSound
from finisher.sound.imprint import EXCERPT, HOP, Ear, chosen, excerpts, hop_of, levels, packed
from finisher.timecode import Span


def sounding(promised: PromisedSound, path: Path, skip: int) -> PromisedSound:
    """The promise of a sound track with its levels and excerpts.

    The packets are decoded twice: excerpts are chosen by the levels of the whole programme.

    Args:
        promised: what is promised of it already.
        path: its packets, see `finisher.media.encode_sound.encode`.
        skip: samples the encoder was not fed.

    Raises:
        MediaError: when they can't be read back.
    """
    ear = _heard(path, skip, ())
    whole = promised.samples // (hop := hop_of(promised.samples, ear.powers.shape[1]))
    series = packed(levels(ear.powers, hop))[:whole]
    lack = np.zeros((whole - len(series), series.shape[1]), np.uint8)
    values: NDArray[np.uint8] = np.concatenate((series, lack))
    places = chosen(ear.powers[: promised.samples // hop * (hop // HOP)])
    kept = _heard(path, skip, tuple(Span(at, at + EXCERPT) for _, at in places)).kept
    return replace(
        promised,
        levels=PromisedLevels(hop, values.shape[1], values.tobytes()),
        excerpts=tuple(
            PromisedExcerpt(one.channel, one.start, one.shape.tobytes())
            for one in excerpts(places, kept)
        ),
    )


def _heard(path: Path, skip: int, wanted: tuple[Span, ...]) -> Ear:
    """What a player puts out, listened to."""
    ear = Ear(wanted)
    for block in decode_packets(path, skip):
        ear.hear(block)
    return ear
