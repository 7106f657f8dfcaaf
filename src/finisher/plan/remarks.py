"""What is worth knowing of a plan and is not forbidden: notes and warnings, each with its place."""

from __future__ import annotations

from finisher.event import Conform, Event, Seam
from finisher.facts import Facts, MatchFacts, MotionFacts, SeamVerdict, TakeFacts
from finisher.plan.picture import coming_in
from finisher.presets.model import Preset
from finisher.problems import DocumentError, Problem, Severity, Where
from finisher.timeline import Timeline

_DOUBTFUL = 0.5
"""Confidence below which a match that is applied is warned of."""


def rate_notes(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Takes whose pictures don't come at the programme's rate: frames are dropped or repeated."""
    notes = []
    for take in timeline.used:
        index = facts.takes[take.id].index
        if len(index) == 1:
            continue  # a still has no rate
        if not index.uniform:
            rate_words = "a variable rate"
        else:
            rate = index.steady(timeline.rate)
            if rate is None or rate == timeline.rate:
                continue
            rate_words = f"{rate} frames a second"
        notes.append(
            Problem(
                "rate-conform",
                f"take {take.id!r} runs at {rate_words}: each frame at {timeline.rate} shows "
                + _at_its_instant(timeline, take.id),
                Where(take.path),
                severity=Severity.NOTE,
            )
        )
    return notes


def remarks(timeline: Timeline, preset: Preset, facts: Facts, *, whole: bool) -> list[Problem]:
    """What becomes of the picture otherwise than one may expect, and limits that are passed.

    Limits are those of a whole programme.

    Raises:
        DocumentError: where the preset refuses what is beyond them.
    """
    return [
        *_unmatched(timeline, facts),
        *_weak(timeline, facts),
        *_steadied(timeline, facts),
        *(_limits(timeline, preset) if whole else ()),
        *_shallow(timeline, preset),
        *_unfollowed(timeline, facts),
        *_seen_seams(timeline, facts),
    ]


def _steadied(timeline: Timeline, facts: Facts) -> list[Problem]:
    """What became of takes that were to be steadied."""
    return [
        Problem(
            "take-steadied",
            f"take {take.id!r}: {_flicker(facts.takes[take.id])}",
            take.where,
            severity=Severity.NOTE,
        )
        for take in timeline.used
        if take.steady
    ]


def _flicker(take: TakeFacts) -> str:
    """What was found of flicker and done about it, in words."""
    found = take.steadiness
    if found is None:
        return "too few pictures to tell flicker; it is left as it is"
    if not found.gains:
        return f"no flicker beyond what moves in it ({found.flicker:.1%}); it is left as it is"
    return f"flicker of {found.flicker:.1%} is taken out of its exposure"


def _at_its_instant(timeline: Timeline, take: str) -> str:
    """What the events of a take show at an instant between two of its pictures, in words."""
    words = {
        Conform.NEAREST: "the picture on screen at its instant",
        Conform.BLEND: "a blend of the two around its instant",
        Conform.MOTION: "what lies between the two around it, along their motion",
    }
    used = {e.conform for e in timeline.items if isinstance(e, Event) and e.take == take}
    return ", or ".join(words[conform] for conform in Conform if conform in used)


def _unmatched(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Sessions that were to be matched and could not be: their takes keep their own colour."""
    used = {timeline.take(item.take).session for item in timeline.items if isinstance(item, Event)}
    return [
        Problem(
            "match-unreliable",
            f"session {session.id!r}: no reliable match to {session.match!r} was found"
            f"{_because(facts.matches[session.id])}; its takes keep their own colour",
            session.where,
            hint="takes of one place in both sessions help, as does naming their scenes alike",
            severity=Severity.WARNING,
        )
        for session in timeline.sessions
        if session.id in used
        and session.id in facts.matches
        and facts.matches[session.id].confidence == 0
    ]


def _weak(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Matches that are applied and hardly to be trusted."""
    return [
        Problem(
            "match-weak",
            f"session {session.id!r}: its match to {session.match!r} is doubtful "
            f"({facts.matches[session.id].confidence:.2f}){_because(facts.matches[session.id])}",
            session.where,
            hint="`finish match` shows what it does",
            severity=Severity.WARNING,
        )
        for session in timeline.sessions
        if session.id in facts.matches and 0 < facts.matches[session.id].confidence < _DOUBTFUL
    ]


def _because(match: MatchFacts) -> str:
    """Why there is no match, as the end of a sentence's part."""
    return f": {match.reason}" if match.reason else ""


def _seen_seams(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Loops whose seam shows; a ping-pong turns where everyone can see it, and is meant to."""
    return [
        Problem(
            "seam-shows",
            f"event {item.id!r}: the seam of its loop shows, {seam.visibility:.1f} times as far "
            "apart as the clip's own frames",
            item.where,
            hint=f"`finish loop` looks for a better one in take {item.take!r}",
            severity=Severity.WARNING,
        )
        for item in timeline.items
        if isinstance(item, Event) and item.loop is not None
        if item.loop.seam is not Seam.PINGPONG
        for seam in [facts.loops.get(item.id)]
        if seam is not None and seam.verdict is SeamVerdict.SHOWS
    ]


def _unfollowed(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Blends along a motion that can't be followed: plain mixes stand for them."""
    events = {item.id: item for item in timeline.items if isinstance(item, Event)}
    return [
        Problem(
            "motion-declined",
            f"{words}: {_why(facts.motions[name])}; a plain mix stands for the blend",
            event.where,
            hint="pictures of one shot agree in nine tenths and more",
            severity=Severity.WARNING,
        )
        for event in events.values()
        for name, words in (
            (event.id, f"event {event.id!r}"),
            (coming_in(event.id), f"the transition into {event.id!r}"),
        )
        if name in facts.motions and not facts.motions[name].followed
    ]


def _why(motion: MotionFacts) -> str:
    """Why a motion is not followed, in words."""
    if motion.reason:
        return motion.reason
    agrees = f"the motion agrees in {motion.agreement:.0%} of the picture only"
    if not motion.broken:
        return agrees
    return f"{agrees} in {len(motion.broken)} of {motion.pairs} places"


def _shallow(timeline: Timeline, preset: Preset) -> list[Problem]:
    """Events whose effects are computed in fewer bits than are delivered."""
    if not preset.video.pixel_format.endswith("10le"):
        return []
    return [
        Problem(
            "effect-8-bit",
            f"event {item.id!r}: its effects are computed in 8 bits, and preset {preset.name} "
            "delivers 10",
            item.where,
            severity=Severity.WARNING,
        )
        for item in timeline.items
        if isinstance(item, Event) and item.effects
    ]


def _limits(timeline: Timeline, preset: Preset) -> list[Problem]:
    """Where the programme is shorter or longer than the platform takes.

    Raises:
        DocumentError: where the preset refuses instead of warning.
    """
    limits, seconds = preset.limits, timeline.rate.seconds(timeline.length)
    found: list[str] = []
    if limits.min_seconds is not None and seconds < limits.min_seconds:
        found.append(f"{float(seconds):.2f} s is shorter than {limits.min_seconds:g} s")
    if limits.max_seconds is not None and seconds > limits.max_seconds:
        found.append(f"{float(seconds):.2f} s is longer than {limits.max_seconds:g} s")
    problems = [
        Problem(
            "limit-length",
            f"preset {preset.name}: the programme of {words}",
            Where(timeline.path),
            severity=Severity.ERROR if limits.refuse else Severity.WARNING,
        )
        for words in found
    ]
    if problems and limits.refuse:
        raise DocumentError(problems)
    return problems
