"""Bring a mix to its loudness: gain, limiting, encoding, until the decoded file is right."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.plan.model import SoundPlan
from finisher.presets.model import Audio, AudioCodec, Loudness
from finisher.problems import Problem, Severity
from finisher.sound.deck import Attempt, Deck, load
from finisher.sound.mix import mix_apart, summed
from finisher.sound.outline import Envelope, Outline
from finisher.sound.search import (
    FORESEEN_DB,
    MOST_LIMITING_DB,
    Setting,
    limiting_for,
    search,
)
from finisher.sound.stems import DISJOINT, Level, Stem, apart, write_stems

PASSES = 4
"""Encodes at most. Two are the rule: the first shows what the codec adds."""

WARN_LIMITING_DB = 6.0
WARN_GAIN_DB = 30.0
"""More than that raises the noise of a recording to where it is heard."""

WARN_CODEC_DB = 0.5
"""Music and noise in stereo move by up to 0.35 dB at the usual rates; half a decibel in one channel
moves what stands between two."""

_CURVE_HOP = 10  # of the meter's 10 ms
# Lossy coding moves peaks: the first try leaves them that much room, PCM only the limiter's error.
_HEADROOM_DB = {AudioCodec.AAC: 0.5, AudioCodec.OPUS: 0.5, AudioCodec.PCM_S24: 0.1}
_SETTLE_DB = 0.1  # further down than the excess that was measured, so that one step is enough


@dataclass(frozen=True, slots=True)
class Mastered:
    """The programme's encoded sound and what it measures, decoded again."""

    path: Path
    """Packets only, see `finisher.media.encode_sound`."""
    samples: int
    integrated_lufs: float | None
    """None for sound without loudness: silence, or less than 400 ms above -70 LUFS."""
    range_lu: float | None
    true_peak_dbtp: float | None
    """None for digital silence."""
    gain_db: float
    limiting_db: float
    """The most that the limiter turned down."""
    passes: int
    reached: bool | None
    """Whether loudness and true peak are within the target; None where there is none to reach."""
    momentary: tuple[float, ...]
    """Momentary loudness, LUFS and not below -120, at every 100 ms from the start."""
    short_term: tuple[float, ...]
    """Short-term loudness likewise."""
    offset: int | None
    """Samples by which the decoded sound comes late against the mix; None for silence."""
    envelopes: tuple[Envelope, ...]
    """Of each disjoint stem, after the gain and before the limiter, and of the decoded `master`."""
    codec_db: float | None = None
    """By how much the codec changes the level of the channel it changes most, where the mix is
    loudest; None for silence."""
    stems: tuple[Stem, ...] = ()
    """Files of the programme's parts, where they were asked for; see `stems.stem_names`."""
    problems: tuple[Problem, ...] = ()


def master(
    plan: SoundPlan, sounds: Mapping[str, Path], spec: Audio, skip: int, workdir: Path
) -> Mastered:
    """Mix, bring to the loudness target, and encode the programme's sound.

    A target is met on the decoded file: each pass is encoded, decoded and measured, and gain and
    ceiling corrected by what the codec changed, until loudness is within a third of its tolerance
    and the true peak within its limit. Gain is static, so the mix keeps its dynamics but for what
    the limiter takes off its peaks. What can't be reached within the bounds of limiting is
    delivered as near as they allow, and says so.

    Args:
        plan: the mix and its target; without one its level stays as mixed.
        sounds: raw files by name, see `finisher.sound.mix.mix`.
        spec: codec, bit rate, layout and stems.
        skip: samples the encoder is not fed, see `finisher.media.encode_sound.encode`.
        workdir: an existing folder for intermediate files; the result and its stems stay in it.

    Raises:
        RenderError: if a sound is missing or the encoder fails.
    """
    spec = replace(spec, layout=plan.layout)
    outlines: dict[str, Outline] = {}
    blocks = outlined(plan, sounds, outlines)
    deck = load(blocks, spec, skip, workdir / "mix.f32", plan.samples)
    mixed, target = deck.mixed.reading.integrated, plan.loudness
    if target is None:
        best = deck.attempt(Setting())
    elif mixed is None:
        best = deck.attempt(Setting(ceiling_db=_ceiling(deck, target)))
    else:
        best = _closed_loop(deck, mixed, target)
    stems: tuple[Stem, ...] = ()
    if spec.stems is not None:
        level = Level(best.setting.gain_db, deck.mixed.curve(best.setting))
        stems = write_stems(plan, sounds, level, spec.stems, workdir)
    parts = [(name, outlines[name]) for name in DISJOINT if name in outlines]
    done = _mastered(plan, deck, best)
    deck.stored.unlink()
    for attempt in deck.attempts:
        if attempt is not best:
            attempt.path.unlink()
    return replace(
        done,
        stems=stems,
        envelopes=(
            *(outline.envelope(name, plan.samples, done.gain_db) for name, outline in parts),
            *done.envelopes,
        ),
        problems=(*done.problems, *_clipped(stems)),
    )


def outlined(
    plan: SoundPlan, sounds: Mapping[str, Path], outlines: dict[str, Outline]
) -> Iterator[NDArray[np.float32]]:
    """The mix, and the outlines of what it is made of."""
    channels = len(plan.layout.channels)
    for span, parts in mix_apart(plan, sounds):
        stems = apart(parts)
        for name, part in stems.items():
            outlines.setdefault(name, Outline()).add(part, span.start)
        yield summed(stems.values(), len(span), channels).astype(np.float32)


def _ceiling(deck: Deck, target: Loudness) -> float:
    """Where the limiter first stands."""
    return target.true_peak_dbtp - _HEADROOM_DB[deck.spec.codec]


def _closed_loop(deck: Deck, mixed: float, target: Loudness) -> Attempt:
    """The best of the attempts made until one is well within the target; `mixed` is in LUFS."""
    ceiling, aim = _ceiling(deck, target), target.target_lufs
    setting = search(deck.mixed, aim, Setting(aim - mixed, ceiling))
    while True:
        attempt = deck.attempt(setting)
        level = attempt.reading.integrated
        peak_over, off = attempt.misses(target)
        done = not peak_over and off <= target.tolerance_lu / 3
        if done or level is None or len(deck.attempts) == PASSES:
            break
        if peak_over:
            ceiling -= (peak_over + _SETTLE_DB) / _follows(deck.attempts)
        elif attempt.limiting_db > MOST_LIMITING_DB - _SETTLE_DB:
            ceiling += _given_back(attempt, target)
        # What the codec changed, relative to what was foreseen: not to the aim, which bounds may
        # have kept the setting from.
        foreseen = deck.mixed.level(setting)
        aim = target.target_lufs + (0.0 if foreseen is None else foreseen - level)
        following = search(deck.mixed, aim, replace(setting, ceiling_db=ceiling))
        if following == setting:  # held by its bounds: another pass would make the same file
            break
        setting = following
    return min(deck.attempts, key=lambda attempt: attempt.misses(target))


def _follows(attempts: list[Attempt]) -> float:
    """Decibels that the decoded peak goes down by one of the ceiling; 1 where that isn't known.

    Less where the codec makes the peak: at an abrupt beginning, say.
    """
    if len(attempts) < 2:
        return 1.0
    before, now = attempts[-2:]
    lowered = before.setting.ceiling_db - now.setting.ceiling_db
    if lowered <= 0:
        return 1.0
    return min(1.0, max(0.25, (before.reading.true_peak - now.reading.true_peak) / lowered))


def _given_back(attempt: Attempt, target: Loudness) -> float:
    """By how many decibels a ceiling that was lowered too far may rise again.

    Where no more may be limited, that is the way to what loudness still lacks. Half of what the
    peak leaves goes to it, if that can suffice.
    """
    room = target.true_peak_dbtp - attempt.reading.true_peak
    lacking = attempt.misses(target)[1]
    return (room + lacking) / 2 if 0 < lacking <= room else 0.0


def _mastered(plan: SoundPlan, deck: Deck, best: Attempt) -> Mastered:
    """The chosen attempt as a result."""
    reading, target = best.reading, plan.loudness
    reached = None
    if target is not None and deck.mixed.reading.integrated is not None:
        peak_over, off = best.misses(target)
        reached = not peak_over and off <= target.tolerance_lu
    return Mastered(
        path=best.path,
        samples=plan.samples,
        integrated_lufs=reading.integrated,
        range_lu=reading.range,
        true_peak_dbtp=reading.true_peak if math.isfinite(reading.true_peak) else None,
        gain_db=best.setting.gain_db,
        limiting_db=best.limiting_db,
        passes=len(deck.attempts),
        reached=reached,
        momentary=_curve(reading.momentary),
        short_term=_curve(reading.short_term),
        offset=best.offset,
        envelopes=(best.outline.envelope("master", plan.samples),),
        codec_db=None if best.moved is None else round(best.moved.decibels, 2),
        problems=tuple(_problems(deck, best, target, reached=reached)),
    )


def _curve(levels: NDArray[np.float64]) -> tuple[float, ...]:
    """A loudness series at every 100 ms."""
    kept = np.maximum(levels[::_CURVE_HOP], -120.0)
    return tuple(round(float(level), 2) for level in kept)


def _problems(
    deck: Deck, best: Attempt, target: Loudness | None, *, reached: bool | None
) -> Iterator[Problem]:
    """What people should know of the result."""
    mixed, gain = deck.mixed.reading, best.setting.gain_db
    level, peak = best.reading.integrated, best.reading.true_peak
    if mixed.integrated is None:
        yield _problem(
            "sound-unmeasurable",
            "the programme has no measurable loudness (silence, or less than 400 ms of sound); "
            "its level is left as it is",
            Severity.NOTE,
        )
    if best.limiting_db >= WARN_LIMITING_DB:
        yield _problem(
            "limiting-heavy",
            f"the limiter takes up to {best.limiting_db:.1f} dB off the peaks",
            hint="bring dialogue and music closer together in level",
        )
    if gain > WARN_GAIN_DB:
        yield _problem(
            "gain-heavy",
            f"the mix is raised by {gain:.1f} dB, and whatever noise it holds with it",
            hint="look for a sound that should not be so quiet",
        )
    if reached is False and target is not None:
        got = "no measurable loudness" if level is None else f"{level:.2f} LUFS"
        yield _problem(
            "loudness-not-reached",
            f"{got}, {peak:.2f} dBTP instead of {target.target_lufs:g} LUFS, at most "
            f"{target.true_peak_dbtp:g} dBTP, at {gain:+.1f} dB of gain and "
            f"{best.limiting_db:.1f} dB of limiting; {_needed(deck, best, target)}",
        )
    yield from _moved(deck.spec, best)
    if target is None and mixed.over and deck.spec.codec is AudioCodec.PCM_S24:
        yield _problem("sound-clipped", f"{mixed.over} sample values are clipped at full scale")
    elif target is None and peak > 0:
        yield _problem("sound-over", f"true peaks reach {peak:+.2f} dBTP and may clip in players")


def _moved(spec: Audio, best: Attempt) -> Iterator[Problem]:
    """A codec that shifts the balance of the channels."""
    if spec.codec is AudioCodec.PCM_S24 or best.moved is None:
        return
    channel, decibels = best.moved.channel, best.moved.decibels
    if abs(decibels) > WARN_CODEC_DB:
        yield _problem(
            "codec-level",
            f"the encoder moves channel {channel} by {decibels:+.2f} dB where the mix is loudest",
            hint="a higher bit_rate in the preset",
        )


def _needed(deck: Deck, best: Attempt, target: Loudness) -> str:
    """What limiting a target would have needed, in words."""
    needed = limiting_for(deck.mixed, target.target_lufs, best.setting.ceiling_db)
    told = f"more than {FORESEEN_DB:g}" if needed >= FORESEEN_DB else f"{needed:.1f}"
    return f"it would need {told} dB of limiting, and {MOST_LIMITING_DB:g} are the most"


def _clipped(stems: tuple[Stem, ...]) -> Iterator[Problem]:
    """Stems that 24 bit do not hold: parts may be louder than their sum."""
    for stem in stems:
        if stem.clipped:
            yield _problem(
                "stem-clipped",
                f"{stem.clipped} sample values of stem {stem.name} are clipped at full scale",
                hint="deliver stems as float",
            )


def _problem(
    code: str, message: str, severity: Severity = Severity.WARNING, hint: str | None = None
) -> Problem:
    """A problem with the whole programme, which has no place of its own in the edit."""
    return Problem(code, message, hint=hint, severity=severity)
