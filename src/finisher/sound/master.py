"""Bring a mix to its loudness: gain, limiting, encoding, until the decoded file is right."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.media.encode_sound import decode_packets, encode
from finisher.plan.model import SoundPlan
from finisher.presets.model import Audio, AudioCodec, Loudness
from finisher.problems import Problem, Severity
from finisher.sound.limiter import limit
from finisher.sound.meter import Reading, loudness, measure
from finisher.sound.mix import mix, open_sound
from finisher.timecode import SAMPLE_RATE

PASSES = 4
"""Encodes at most. Two are the rule: the first shows what the codec adds."""

WARN_LIMITING_DB = 6.0
MOST_LIMITING_DB = 12.0
"""More than that turns a mix into another one: what would need it is not brought to its target."""

MOST_GAIN_DB = 30.0
"""More than that makes noise of silence."""

_CURVE_HOP = 10  # of the meter's 10 ms
_BLOCK = 2 * SAMPLE_RATE
# Lossy coding moves peaks: the first try leaves them that much room, PCM only the limiter's error.
_HEADROOM_DB = {AudioCodec.AAC: 0.5, AudioCodec.PCM_S24: 0.1}
_SETTLE_DB = 0.1  # further down than the excess that was measured, so that one step is enough
_SEARCH_STEPS = 8
_SEARCH_LU = 0.01  # finer than any tolerance asked for, coarser than the meter's own error


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
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Setting:
    """What is done to the mix before it is encoded."""

    gain_db: float = 0.0
    ceiling_db: float = math.inf
    """dBTP; infinite for no limiter."""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A setting, encoded, decoded and measured."""

    setting: _Setting
    path: Path
    limiting_db: float
    reading: Reading

    def misses(self, target: Loudness) -> tuple[float, float]:
        """By how much the true peak is too high (dB, 0 for none) and loudness is off (LU)."""
        level = self.reading.integrated
        off = math.inf if level is None else abs(level - target.target_lufs)
        return max(0.0, self.reading.true_peak - target.true_peak_dbtp), off


@dataclass(slots=True)
class _Deck:
    """A mixed programme on disk, and how it is to be encoded."""

    mixed: Path
    peak: float
    """Its true peak, dBTP."""
    spec: Audio
    skip: int
    workdir: Path
    attempts: list[_Attempt] = field(default_factory=list)

    def play(self) -> Iterator[NDArray[np.float32]]:
        """The mix in blocks."""
        sound = open_sound(self.mixed)
        for at in range(0, len(sound), _BLOCK):
            yield np.asarray(sound[at : at + _BLOCK])

    def attempt(self, setting: _Setting) -> _Attempt:
        """Encode the mix with a setting and measure what a player gets."""
        path = self.workdir / f"sound-{len(self.attempts) + 1}.nut"
        reductions = [0.0]
        encode(self.processed(setting, reductions), self.spec, path, self.skip)
        reading = measure(decode_packets(path, self.skip))
        attempt = _Attempt(setting, path, max(reductions), reading)
        self.attempts.append(attempt)
        return attempt

    def processed(
        self, setting: _Setting, reductions: list[float]
    ) -> Iterator[NDArray[np.float32]]:
        """The mix with a setting applied; each block's reduction is added to the list."""
        if math.isinf(setting.ceiling_db):
            yield from self.play()
            return
        for block in limit(self.play(), setting.gain_db, setting.ceiling_db):
            reductions.append(block.reduction_db)
            yield block.samples


def master(
    plan: SoundPlan, sounds: Mapping[str, Path], spec: Audio, skip: int, workdir: Path
) -> Mastered:
    """Mix, bring to the loudness target, and encode the programme's sound.

    A target is met on the decoded file: each pass is encoded, decoded and measured, and gain and
    ceiling corrected by what the codec changed, until loudness is within a third of its tolerance
    and the true peak within its limit. Gain is static, so the mix keeps its dynamics but for what
    the limiter takes off its peaks. What can't be reached within the bounds of gain and limiting
    is delivered as near as they allow, and says so.

    Args:
        plan: the mix and its target; without one its level stays as mixed.
        sounds: raw files by name, see `finisher.sound.mix.mix`.
        spec: codec and bit rate.
        skip: samples the encoder is not fed, see `finisher.media.encode_sound.encode`.
        workdir: an existing folder for intermediate files; the result stays in it.

    Raises:
        RenderError: if a sound is missing or the encoder fails.
    """
    stored = workdir / "mix.f32"
    mixed = measure(_written(mix(plan, sounds), stored))
    deck = _Deck(stored, mixed.true_peak, spec, skip, workdir)
    target = plan.loudness
    if target is None:
        best = deck.attempt(_Setting())
    elif mixed.integrated is None:
        best = deck.attempt(_Setting(ceiling_db=_ceiling(deck, target)))
    else:
        best = _closed_loop(deck, mixed.integrated, target)
    deck.mixed.unlink()
    for attempt in deck.attempts:
        if attempt is not best:
            attempt.path.unlink()
    return _mastered(plan, deck, best, mixed)


def _written(blocks: Iterator[NDArray[np.float32]], path: Path) -> Iterator[NDArray[np.float32]]:
    """Pass blocks on and keep them in a file."""
    with path.open("wb") as file:
        for block in blocks:
            file.write(block.data)
            yield block


def _ceiling(deck: _Deck, target: Loudness) -> float:
    """Where the limiter first stands."""
    return target.true_peak_dbtp - _HEADROOM_DB[deck.spec.codec]


def _closed_loop(deck: _Deck, mixed: float, target: Loudness) -> _Attempt:
    """The best of the attempts made until one is well within the target; `mixed` is in LUFS."""
    ceiling, aim = _ceiling(deck, target), target.target_lufs
    setting = _search(deck, mixed, aim, _Setting(MOST_GAIN_DB, ceiling))
    while True:
        attempt = deck.attempt(setting)
        level = attempt.reading.integrated
        peak_over, off = attempt.misses(target)
        done = not peak_over and off <= target.tolerance_lu / 3
        if done or level is None or len(deck.attempts) == PASSES:
            break
        if peak_over:
            ceiling -= peak_over + _SETTLE_DB
        aim += target.target_lufs - level
        following = _search(deck, mixed, aim, replace(setting, ceiling_db=ceiling))
        if following == setting:  # held by its bounds: another pass would make the same file
            break
        setting = following
    return min(deck.attempts, key=lambda attempt: attempt.misses(target))


def _search(deck: _Deck, mixed: float, aim: float, start: _Setting) -> _Setting:
    """The gain that brings a mix from one loudness to another through the limiter, by secants.

    It is bounded by the most gain, and by the gain at which the highest peak is limited as much
    as may be: that peak's reduction is known beforehand. The search begins at `start`'s gain, or
    at the one that would do without a limiter where that is less.
    """
    bound = min(MOST_GAIN_DB, MOST_LIMITING_DB + start.ceiling_db - deck.peak)
    unlimited = aim - mixed
    if deck.peak + min(bound, unlimited) <= start.ceiling_db:
        return replace(start, gain_db=min(bound, unlimited))
    gain = min(bound, unlimited if start.gain_db == MOST_GAIN_DB else start.gain_db)
    known: list[tuple[float, float]] = []
    for _ in range(_SEARCH_STEPS):
        reached = loudness(deck.processed(replace(start, gain_db=gain), []))
        if reached is None or abs(aim - reached) <= _SEARCH_LU:
            break
        known.append((gain, reached))
        following = min(bound, gain + (aim - reached) / _slope(known))
        if following == gain:
            break
        gain = following
    return replace(start, gain_db=gain)


def _slope(known: list[tuple[float, float]]) -> float:
    """LU gained by a decibel between the last two points; 1 where there is but one.

    Kept away from 0, where a mix is limited so much that a decibel gains next to nothing.
    """
    if len(known) < 2:
        return 1.0
    (gain, level), (later_gain, later_level) = known[-2:]
    return min(1.0, max(0.2, (later_level - level) / (later_gain - gain)))


def _mastered(plan: SoundPlan, deck: _Deck, best: _Attempt, mixed: Reading) -> Mastered:
    """The chosen attempt as a result."""
    reading, target = best.reading, plan.loudness
    reached = None
    if target is not None and mixed.integrated is not None:
        peak_over, off = best.misses(target)
        reached = not peak_over and off <= target.tolerance_lu
    curve = np.maximum(reading.momentary[::_CURVE_HOP], -120.0)
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
        momentary=tuple(round(float(level), 2) for level in curve),
        problems=tuple(_problems(deck, best, mixed, target, reached=reached)),
    )


def _problems(
    deck: _Deck, best: _Attempt, mixed: Reading, target: Loudness | None, *, reached: bool | None
) -> Iterator[Problem]:
    """What people should know of the result."""
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
    if reached is False and target is not None:
        got = "no measurable loudness" if level is None else f"{level:.2f} LUFS"
        yield _problem(
            "loudness-not-reached",
            f"{got}, {peak:.2f} dBTP instead of {target.target_lufs:g} LUFS, at most "
            f"{target.true_peak_dbtp:g} dBTP, at {best.setting.gain_db:+.1f} dB of gain and "
            f"{best.limiting_db:.1f} dB of limiting (at most {MOST_GAIN_DB:g} and "
            f"{MOST_LIMITING_DB:g})",
        )
    if target is None and mixed.over and deck.spec.codec is AudioCodec.PCM_S24:
        yield _problem("sound-clipped", f"{mixed.over} sample values are clipped at full scale")
    elif target is None and peak > 0:
        yield _problem("sound-over", f"true peaks reach {peak:+.2f} dBTP and may clip in players")


def _problem(
    code: str, message: str, severity: Severity = Severity.WARNING, hint: str | None = None
) -> Problem:
    """A problem with the whole programme, which has no place of its own in the edit."""
    return Problem(code, message, hint=hint, severity=severity)
