"""Timeline, preset and measured facts become a Plan; nothing here has an effect."""

from __future__ import annotations

from finisher.facts import Facts, MotionFacts, SeamVerdict
from finisher.geometry import Framing, Raster, frame
from finisher.plan import units
from finisher.plan.copying import Target, copying
from finisher.plan.decode import decoding
from finisher.plan.events import resolve
from finisher.plan.model import Plan, PlannedLayer, PlannedTake, SoundPlan
from finisher.plan.part import clipped, heard
from finisher.plan.picture import (
    Track,
    at_rate,
    close_loop,
    coming_in,
    missing_media,
    track,
)
from finisher.plan.placing import outside
from finisher.plan.sound import plan_sound
from finisher.plan.stamp import stamp_box
from finisher.presets.model import Preset
from finisher.problems import DocumentError, MediaError, Problem, Severity, Where
from finisher.timecode import Span
from finisher.timeline import Conform, Event, Seam, Timeline


def plan(timeline: Timeline, preset: Preset, facts: Facts, part: Span | None = None) -> Plan:
    """Decide one deliverable, or the part of one that lies in some of the edit's frames.

    Raises:
        DocumentError: when events or transitions reach beyond their takes, the programme breaks a
            limit the preset refuses to break, or the part cuts into a transition.
        MediaError: when a used take can't be conformed exactly.
        PolicyError: when marks leave no place for a draft's stamp.
    """
    indexes = {name: take.index for name, take in facts.takes.items()}
    problems = (
        *missing_media(timeline, indexes),
        *_misplaced_marks(timeline, facts),
        *_misplaced_effects(timeline, facts, preset),
    )
    if problems:
        raise DocumentError(problems)
    raster = preset.raster or timeline.canvas
    rate = preset.rate or timeline.rate
    layout, warnings, shown = _layout(timeline, preset, facts, part)
    sound, sound_notes = _sound(timeline, preset, facts)
    if sound is not None and part is not None:
        sound = heard(sound, part, timeline.rate)
    repairs = [*_decodings(timeline, facts), *_rate_notes(timeline, facts), *sound_notes]
    warnings += [
        *_unmatched(timeline, facts),
        *(_limits(timeline, preset) if part is None else ()),
        *_shallow(timeline, preset),
        *_unfollowed(timeline, facts),
        *_seen_seams(timeline, facts),
    ]
    events = resolve(shown, facts, raster, layout)
    copied = copying(layout.pictures, events, facts.takes, Target(preset, raster, rate))
    stamp = stamp_box(raster, events) if preset.draft else None
    return Plan(
        title=timeline.title,
        edl_path=timeline.path,
        edl_sha256=timeline.sha256,
        preset=preset,
        raster=raster,
        rate=rate,
        frames=len(layout.pictures),
        events=copied.told(events),
        takes=_takes(shown, facts),
        layers=tuple(
            PlannedLayer(
                layer.id,
                layer.path,
                facts.layers[layer.id].sha256,
                layer.role,
                facts.layers[layer.id].credentials,
            )
            for layer in timeline.layers
            if part is None or (sound is not None and _sounds(sound, f"layer:{layer.id}"))
        )
        if preset.audio is not None
        else (),
        units=units.cut(layout.pictures, copied.spans),
        sound=sound,
        parameter_set=copied.parameter_set,
        part=part,
        stamp=stamp,
        repairs=tuple(p for p in repairs if p.severity is Severity.NOTE),
        warnings=(*warnings, *(p for p in repairs if p.severity is not Severity.NOTE)),
    )


def _layout(
    timeline: Timeline, preset: Preset, facts: Facts, part: Span | None
) -> tuple[Track, list[Problem], Timeline]:
    """The picture track at the delivered rate, and the timeline of the events it shows.

    A whole programme is closed into a loop where the preset asks for it.
    """
    indexes = {name: take.index for name, take in facts.takes.items()}
    layout, warnings, shown = track(timeline, indexes, facts.motions), [], timeline
    if part is not None:
        layout, shown = clipped(layout, timeline, part)
    elif preset.loop_frames:
        layout, problem = close_loop(layout, timeline, indexes, preset.loop_frames, facts.motions)
        if problem is not None:
            warnings.append(problem)
    return at_rate(layout, timeline.rate, preset.rate or timeline.rate), warnings, shown


def _sounds(sound: SoundPlan, source: str) -> bool:
    """Whether anything of a source is placed."""
    return any(piece.source == source for track in sound.tracks for piece in track.pieces)


def _sound(
    timeline: Timeline, preset: Preset, facts: Facts
) -> tuple[SoundPlan | None, tuple[Problem, ...]]:
    """The sound plan, None where the preset delivers no sound."""
    if preset.audio is None:
        return None, ()
    return plan_sound(timeline, facts, preset.audio.loudness)


def _takes(timeline: Timeline, facts: Facts) -> tuple[PlannedTake, ...]:
    """The takes that events use, in the order of the EDL."""
    used = {item.take for item in timeline.items if isinstance(item, Event)}
    return tuple(
        PlannedTake(
            take.id,
            take.path,
            facts.takes[take.id].sha256,
            facts.takes[take.id].raster,
            facts.takes[take.id].credentials,
            facts.takes[take.id].aigc,
        )
        for take in timeline.takes
        if take.id in used
    )


def _decodings(timeline: Timeline, facts: Facts) -> list[Problem]:
    """What is assumed or converted in reading the used takes' colour."""
    notes: list[Problem] = []
    problems: list[Problem] = []
    for take in _takes(timeline, facts):
        try:
            notes += decoding(take.id, facts.takes[take.id])[1]
        except MediaError as error:
            problems += error.problems
    if problems:
        raise MediaError(problems)
    return notes


def _rate_notes(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Takes whose pictures don't come at the programme's rate: frames are dropped or repeated."""
    notes = []
    for take in _takes(timeline, facts):
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
            f"session {session.id!r}: no reliable match to {session.match!r} was found; its takes "
            "keep their own colour",
            session.where,
            hint="takes of one place in both sessions help, as does naming their scenes alike",
            severity=Severity.WARNING,
        )
        for session in timeline.sessions
        if session.id in used
        and session.id in facts.matches
        and facts.matches[session.id].confidence == 0
    ]


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


def _misplaced_marks(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Marks declared where their take has no picture."""
    return [
        Problem(
            "mark-outside",
            f"mark {name!r} lies outside take {take.id!r}, which is {facts.takes[take.id].raster}",
            timeline.mark(name).where,
            hint="its box is [x, y, width, height] in the take's own pixels",
        )
        for take in timeline.takes
        for name in take.marks
        if not timeline.mark(name).box.within(facts.takes[take.id].raster)
    ]


def _misplaced_effects(timeline: Timeline, facts: Facts, preset: Preset) -> list[Problem]:
    """Effects with a box that is none, or where their take has no picture to show."""
    raster = preset.raster or timeline.canvas
    return [
        Problem(
            "effect-outside",
            f"event {item.id!r}, preset {preset.name}: {effect.name}: {words}",
            item.where,
            hint="places are in the take's own pixels, whatever is delivered",
        )
        for item in timeline.items
        if isinstance(item, Event)
        for effect in item.effects
        if (words := outside(effect, _framing(item, facts, raster))) is not None
    ]


def _framing(event: Event, facts: Facts, raster: Raster) -> Framing:
    """An event's framing in a raster."""
    return frame(facts.takes[event.take].raster, raster, event.fit, event.focus)


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
