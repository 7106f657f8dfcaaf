"""A promised sound track as data of the assertion, and back from data nobody vouches for."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import to_json
from finisher.channels import Layout
from finisher.presets.model import Loudness
from finisher.promises import PromisedExcerpt, PromisedLevels, PromisedSound, pack, unpack
from finisher.provenance.fields import count, each, flag, mapping, text, within

# Bounds of a promise on loudness, the widest a preset may ask for.
_TARGET_LUFS, _TOLERANCE_LU, _PEAK_DBTP = (-70.0, 0.0), (0.0, 10.0), (-20.0, 0.0)
# Beyond these no promise is honest: more levels than a claim has room for, and excerpts to match.
_MOST_LEVELS = 1 << 20
_MOST_EXCERPTS = 16
_LONGEST_EXCERPT = 4_800
_MOST_CHANNELS = 64
_HOPS = (48, 48_000 * 60)


def sound_data(sound: PromisedSound) -> dict[str, Any]:
    """A promised sound track as data."""
    return {
        "codec": sound.codec,
        "samples": sound.samples,
        "silent": sound.silent,
        "loudness": to_json(sound.loudness),
        "layout": str(sound.layout),
        "mix": sound.mix,
        "unmeasurable": sound.unmeasurable,
        "levels": None if sound.levels is None else _levels_data(sound.levels),
        "excerpts": [
            {
                "channel": excerpt.channel,
                "start": excerpt.start,
                "shape": base64.b64encode(excerpt.shape).decode("ascii"),
            }
            for excerpt in sound.excerpts
        ],
    }


def read_sound(value: object) -> PromisedSound:
    """A sound track from data; what earlier versions did not promise is not there.

    Raises:
        ValueError: when anything is missing, of another type or of no credible size.
    """
    fields = mapping(value)
    target, levels = fields.get("loudness"), fields.get("levels")
    samples = count(fields.get("samples"))
    return PromisedSound(
        codec=text(fields.get("codec")),
        samples=samples,
        silent=flag(fields.get("silent")),
        loudness=None if target is None else _loudness(target),
        layout=Layout(text(fields.get("layout", str(Layout.STEREO)))),
        mix=None if (mix := fields.get("mix")) is None else text(mix),
        unmeasurable=flag(fields.get("unmeasurable", False)),
        levels=None if levels is None else _levels(levels, samples),
        excerpts=_excerpts(fields.get("excerpts", []), samples),
    )


def _loudness(value: object) -> Loudness:
    """A target from data."""
    figures = mapping(value)
    return Loudness(
        within(figures.get("target_lufs"), _TARGET_LUFS),
        within(figures.get("tolerance_lu"), _TOLERANCE_LU),
        within(figures.get("true_peak_dbtp"), _PEAK_DBTP),
    )


def _levels_data(levels: PromisedLevels) -> dict[str, Any]:
    """Levels as each one's change from the last, channel by channel: that packs best."""
    series: NDArray[np.uint8] = np.frombuffer(levels.values, np.uint8).reshape(-1, levels.channels)
    changes = np.diff(series, axis=0, prepend=np.zeros((1, levels.channels), np.uint8))
    return {"hop": levels.hop, "channels": levels.channels, "values": pack(changes.T.tobytes())}


def _levels(value: object, samples: int) -> PromisedLevels:
    """The levels of a programme of that many samples."""
    fields = mapping(value)
    hop, channels = count(fields.get("hop")), count(fields.get("channels"))
    if not (_HOPS[0] <= hop <= _HOPS[1] and 0 < channels <= _MOST_CHANNELS):
        raise ValueError(f"promises: levels every {hop} samples of {channels} channels")
    size = samples // hop * channels
    if size > _MOST_LEVELS:
        raise ValueError(f"promises: {size} levels are not credible")
    data = unpack(text(fields.get("values"), 4 * _MOST_LEVELS), max(size, 1))
    if len(data) != size:
        raise ValueError(f"promises: {len(data)} levels do not fit {samples} samples")
    changes: NDArray[np.uint8] = np.frombuffer(data, np.uint8).reshape(channels, -1)
    series = np.cumsum(changes, axis=1, dtype=np.uint8).T
    return PromisedLevels(hop, channels, np.ascontiguousarray(series).tobytes())


def _excerpts(value: object, samples: int) -> tuple[PromisedExcerpt, ...]:
    """The excerpts of a programme of that many samples."""
    found = each(value, _excerpt)
    if len(found) > _MOST_EXCERPTS or any(one.start >= samples for one in found):
        raise ValueError("promises: too many excerpts, or some beyond the programme")
    return found


def _excerpt(value: object) -> PromisedExcerpt:
    """An excerpt from data."""
    fields = mapping(value)
    shape = base64.b64decode(text(fields.get("shape"), _LONGEST_EXCERPT), validate=True)
    channel = count(fields.get("channel"))
    if channel >= _MOST_CHANNELS:
        raise ValueError(f"promises: an excerpt of channel {channel}")
    return PromisedExcerpt(channel, count(fields.get("start")), shape)
