"""Stems as they lie on the disk: read back and summed, they are the mix."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from itertools import zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.ffmpeg import sounds
from finisher.findings import Finding, Status
from finisher.presets.model import Audio, StemFormat
from finisher.problems import MediaError
from finisher.sound.stems import DISJOINT, MIX

APART_DBFS = {StemFormat.FLOAT: -120.0, StemFormat.PCM_S24: -115.0}
"""dBFS up to which the sum and the mix may differ. A float is rounded at -150 dBFS; of 24 bits
five stems and the mix, each rounded by half a step, come to -129 dBFS at the very worst."""

Block = NDArray[np.float32]


def check_stems(stems: Mapping[str, Path], audio: Audio) -> Finding:
    """Whether those stems that share nothing sum to the mix.

    They are decoded by an ffmpeg process, side by side; memory does not grow with their length.
    """
    wanted = audio.stems or StemFormat.FLOAT
    parts = [stems[name] for name in DISJOINT if name in stems]
    try:
        apart = _apart(parts, stems[MIX], len(audio.layout.channels))
    except (MediaError, ValueError) as error:
        return Finding("stems-sum", Status.FAILED, f"the stems can't be summed: {error}")
    told = "nothing at all" if apart == 0 else f"{20 * math.log10(apart):.1f} dBFS"
    level = 20 * math.log10(apart) if apart > 0 else None
    good = level is None or level <= APART_DBFS[wanted]
    count = "1 stem differs" if len(parts) == 1 else f"the sum of {len(parts)} stems differs"
    return Finding(
        "stems-sum",
        Status.PASSED if good else Status.FAILED,
        f"{count} from the mix by {told}",
        promised=APART_DBFS[wanted],
        measured=None if level is None else round(level, 1),
    )


def _apart(parts: list[Path], mix: Path, channels: int) -> float:
    """The largest difference between the sum of files and another.

    Raises:
        MediaError: when a file can't be read.
        ValueError: when they are not equally long, or of another width than that.
    """
    apart = 0.0
    with ExitStack() as stack:
        opened = [
            stack.enter_context(sounds.decode_sound(path, container="wav"))
            for path in (mix, *parts)
        ]
        if any(sound.channels != channels for sound in opened):
            raise ValueError(f"not all have {channels} channels")
        streams: list[Iterator[Block]] = [sound.blocks for sound in opened]
        # Of one width and rate, all come in blocks of one length but for the last.
        for blocks in zip_longest(*streams):
            if len({None if block is None else block.shape for block in blocks}) > 1:
                raise ValueError("they are not equally long")
            whole, *rest = blocks
            total = np.zeros(whole.shape, np.float64)
            for part in rest:
                total += part
            apart = max(apart, float(np.abs(total - whole).max(initial=0.0)))
    return apart
