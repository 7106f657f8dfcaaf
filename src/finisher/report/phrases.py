"""An event's framing, grade, marks and edits in one plain line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from finisher.facts import MatchFacts
from finisher.geometry import Box, Framing
from finisher.look import CDL, Grade, Space
from finisher.plan.keeping import by_mark, frames
from finisher.plan.model import Plan, PlannedEvent, PlannedMark, PlannedTake
from finisher.problems import Problem
from finisher.report.figures import number
from finisher.report.passages import Passage, gaps
from finisher.report.plain import plain
from finisher.report.words import EDITS, plural

_LONGEST_NAME = 120


def _box(box: Box) -> str:
    """`608×1080 at 656, 0`."""
    x, y, width, height = (number(float(part)) for part in (box.x, box.y, box.width, box.height))
    return f"{width}×{height} at {x}, {y}"


def framing(told: Framing) -> str:
    """What is cut out of the take and where it lands."""
    if told.untouched:
        return "untouched, pixel by pixel"
    source, raster = f"{told.source.width}×{told.source.height}", told.raster
    whole = Box.of(0, 0, told.source.width, told.source.height)
    cut = f"the whole {source}" if told.crop == whole else f"{_box(told.crop)} of {source}"
    full = Box.of(0, 0, raster.width, raster.height)
    if told.place == full:
        return f"{told.fit}: {cut}, filling {raster.width}×{raster.height}"
    return f"{told.fit}: {cut}, onto {_box(told.place)}"


def framing_in_brief(told: Framing) -> str:
    """The fit and what is cut out of the take, for a table: `cover 608×1080`."""
    if told.untouched:
        return "untouched"
    return f"{told.fit} {number(float(told.crop.width))}×{number(float(told.crop.height))}"


def _cdl(cdl: CDL) -> str:
    """A CDL's figures, those at rest left out."""
    parts = [
        f"{word} {' '.join(map(number, values))}"
        for word, values, rest in (
            ("slope", cdl.slope, 1.0),
            ("offset", cdl.offset, 0.0),
            ("power", cdl.power, 1.0),
        )
        if values != (rest, rest, rest)
    ]
    if cdl.saturation != 1.0:
        parts.append(f"saturation {number(cdl.saturation)}")
    return ", ".join(parts)


def grade(told: Grade, matches: Mapping[str, MatchFacts]) -> tuple[str, ...]:
    """Input, match, CDL and look, each a line; one saying so when the colour is untouched."""
    lines = []
    if told.input is not Space.REC709:
        lines.append(f"from {told.input} to Rec.709")
    if not told.match.identity or told.residual is not None:
        to = next(filter(None, (_matched(told, match) for match in matches.values())), "")
        table = ["a small smooth table"] if told.residual is not None else []
        parts = [_cdl(told.match)] if not told.match.identity else []
        lines.append(f"matched{to}: {', and '.join(parts + table)}")
    if not told.cdl.identity:
        lines.append(f"CDL: {_cdl(told.cdl)}")
    if told.look is not None:
        lines.append(f"look: {plain(told.look.name, _LONGEST_NAME)}")
    return tuple(lines) or ("untouched",)


def read_as(take: PlannedTake) -> str:
    """What a take's colour is taken for, and what is said of it."""
    said = take.tags
    tags = (said.matrix, said.primaries, said.transfer, said.range)
    span = "full" if take.read.range == "pc" else "limited"
    told = "/".join(plain(tag, 20) if tag else "?" for tag in tags)
    return f"{take.read.space}, matrix {take.read.matrix}, {span} range; tags {told}"


def _matched(told: Grade, match: MatchFacts) -> str:
    """To which session, and how far where not all the way; empty where it is another match."""
    strength = _share(told.match, match.cdl)
    if told.match.identity and told.residual is not None and match.residual is not None:
        same = told.residual.sha256 == match.residual.sha256
        strength = told.residual.strength if same else None
    if strength is None:
        return ""
    share = "" if strength == 1 else f" at {number(round(100 * strength, 1))} %"
    return f" to session {plain(match.reference, _LONGEST_NAME)}{share}"


def _share(part: CDL, whole: CDL) -> float | None:
    """At what strength one CDL is the other; None where at none."""
    pairs = list(zip(_figures(part), _figures(whole), _figures(CDL()), strict=True))
    # The figure that moves most tells it best.
    moved, most, rest = max(pairs, key=lambda three: abs(three[1] - three[2]))
    if most == rest:
        return None
    # Finer than a strength is ever written, and coarser than what arithmetic loses.
    strength = round((moved - rest) / (most - rest), 6)
    scaled = _figures(whole.scaled(strength))
    close = all(abs(a - b) < 1e-6 for a, b in zip(_figures(part), scaled, strict=True))
    return strength if close and 0 < strength <= 1 else None


def _figures(cdl: CDL) -> tuple[float, ...]:
    return (*cdl.slope, *cdl.offset, *cdl.power, cdl.saturation)


def arrival(plan: Plan, passage: Passage | None) -> str:
    """How an event comes in."""
    if passage is None:
        return "cut"
    came = "black"
    if passage.outgoing is not None:
        came = plain(plan.events[passage.outgoing].id, _LONGEST_NAME)
    return f"{passage.kind} of {plural(len(passage.span), 'frame')} from {came}"


def mark(told: PlannedMark) -> str:
    """Where a mark is expected and how much of it the framing keeps."""
    kept = "kept whole" if told.visible >= 1 else f"{number(100 * told.visible)} % kept"
    return f"{plain(told.mark, _LONGEST_NAME)}, {kept}, {_box(told.box)}"


def marks(event: PlannedEvent) -> tuple[str, ...]:
    """Each mark of an event in a line, however many places it is shown at."""
    return tuple(_mark_at(places) for places in by_mark(event).values())


def _mark_at(places: Sequence[PlannedMark]) -> str:
    """One mark; of one that jumps, the place where least of it is kept is told for all."""
    worst = min(places, key=lambda place: place.visible)
    if len(places) == 1:
        return mark(worst)
    shown = f"{plural(len(places), 'place')}, {plural(sum(map(frames, places)), 'frame')}"
    if worst.visible >= 1:
        return f"{plain(worst.mark, _LONGEST_NAME)}, kept whole at {shown}"
    return f"{mark(worst)}, the least of {shown}"


def hidden(event: PlannedEvent) -> tuple[str, ...]:
    """The hidden marks an event carries on, each in a line."""
    return tuple(f"{plain(name, _LONGEST_NAME)}, hidden" for name in event.hidden)


def edits_in_brief(event: PlannedEvent) -> str:
    """What was done to the take besides placing it: `trimmed, looped`."""
    return ", ".join(EDITS.get(edit, plain(edit, _LONGEST_NAME)) for edit in event.edits)


def edits(event: PlannedEvent) -> str:
    """What was done to the take, and how much of its own motion is left."""
    words = edits_in_brief(event)
    own = f"{event.own_frames:,} of {plural(len(event.record), 'frame')} are the take's own"
    return f"{words}; {own}" if words else own


def copied(event: PlannedEvent) -> str | None:
    """How much of an event was carried over in its coded form; None where nothing was."""
    if not event.copied:
        return None
    part = f"{event.copied:,} of {plural(len(event.record), 'frame')} as coded in the take"
    return f"{part}, bit for bit: any mark in them is intact"


def seam(event: PlannedEvent) -> str | None:
    """How a loop's seam was measured; None where there is none."""
    told = event.seam
    if told is None:
        return None
    made = f"blended over {plural(told.frames, 'frame')}" if told.frames else "not blended"
    return (
        f"{told.verdict}: {number(told.visibility)} of the clip's own change from frame to frame "
        f"(position {number(told.appearance)}, motion {number(told.motion)}), {made}"
    )


def repairs_of(plan: Plan, event: int) -> tuple[Problem, ...]:
    """Repairs that name an event, or its take, by their place in the EDL.

    An EDL counts its gaps among the events, the plan does not; behind a gap an event's place in
    the EDL can't be told for certain, and its repairs are shown for the whole programme only.
    """
    take = plan.events[event].take.replace("~", "~0").replace("/", "~1")
    wanted = [f"/takes/{take}"]
    first_gap = next((gap.start for gap in gaps(plan)), plan.frames)
    if plan.events[event].record.start <= first_gap:
        wanted.append(f"/events/{event}")
    return tuple(
        repair
        for repair in plan.repairs
        if repair.where is not None
        and any(f"{repair.where.pointer}/".startswith(f"{place}/") for place in wanted)
    )
