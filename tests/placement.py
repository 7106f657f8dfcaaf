"""Random plans of marked takes, rendered, and every mark's place in every frame measured."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests import barcode
from tests.exactness import touching
from tests.planning import preset, taken

from finisher.event import (
    Align,
    Conform,
    Event,
    Extend,
    Gap,
    Item,
    Loop,
    Prolongation,
    Seam,
    Transition,
    TransitionKind,
)
from finisher.facts import Facts, TakeFacts
from finisher.ffmpeg.pictures import measure
from finisher.geometry import Box, Fit, Raster
from finisher.media.index import picture_shape
from finisher.media.mux import mux
from finisher.plan.assemble import plan
from finisher.plan.model import Mix, Picture, Plan, Shot
from finisher.plan.picture import missing_media
from finisher.presets.model import Video, VideoCodec
from finisher.problems import DocumentError
from finisher.render import picture as rendering
from finisher.render.kitchen import Whereabouts
from finisher.render.unit import render_unit
from finisher.retime import Ramp, SpeedKey
from finisher.sighting import MarkFacts, MarkPlace
from finisher.timecode import Rate, Span
from finisher.timeline import Dwell, Mark, Take, Timeline

WIDTH, HEIGHT = barcode.WIDTH, barcode.HEIGHT
RATE = Rate.parse("24")
GROUND, INK, BLACK = 60, 235, 16
SIZE = (28, 20)
CLEAR = 1.0
"""Pixels by which an edge may lie off its prediction: the bar that is claimed."""
FAINT = 0.3
"""The part of a mark's contrast below which a transition leaves too little to measure."""
STRAY = GROUND + 0.35 * (INK - GROUND)
"""Luma that nothing but a mark reaches: a surround's blurred copy stays below it."""
_RASTERS = ((180, 320), (320, 180), (240, 240), (256, 144), (200, 360))
_KINDS = (TransitionKind.DISSOLVE, TransitionKind.DISSOLVE, TransitionKind.DIP)
_BY = (Prolongation.HOLD, Prolongation.PINGPONG, Prolongation.SLOW)


@dataclass(frozen=True, slots=True)
class Made:
    """A take with its mark: the file, what is declared, and what was measured of it."""

    path: Path
    mark: Mark
    facts: TakeFacts


def takes(folder: Path) -> dict[str, Made]:
    """A mark that stands still, some that jump, and one that was found by looking for it."""
    dice = random.Random(8)
    still = Mark("still", Box.of(284, 152, *SIZE))
    made = {"still": _made(folder, "still", Fraction(24), still, [still.box] * 160)}
    for name, rate in (("jumps", Fraction(24)), ("thirty", Fraction(30)), ("film", Fraction(12))):
        mark = _jumping(dice, name)
        # A frame of the edit shows the last picture at or before it; the pictures between belong
        # to the frame before them: k is the last frame with floor(k · rate / 24) <= ordinal.
        count = int(160 * rate / 24)
        frames = (-(-(o + 1) * 24 // rate) - 1 for o in range(count))
        boxes = [next((d.box for d in mark.dwells if _in(d, k)), None) for k in frames]
        made[name] = _made(folder, name, rate, mark, boxes)
    found = tuple(
        MarkPlace(d.start, d.end if d.end is not None else 160, d.box)
        for d in _jumping(dice, "found").dwells
    )
    boxes = [next((p.box for p in found if p.start <= o < p.end), None) for o in range(160)]
    scanned = Mark("found", Box.of(0, 0, *SIZE), template="logo.png", scan=True)
    one = _made(folder, "found", Fraction(24), scanned, boxes)
    seen = ("found", MarkFacts(0.9, 20.0, found=True, places=found))
    made["found"] = replace(one, facts=replace(one.facts, marks=(seen,)))
    return made


def _in(dwell: Dwell, frame: int) -> bool:
    return dwell.start <= frame and (dwell.end is None or frame < dwell.end)


def _jumping(dice: random.Random, name: str) -> Mark:
    """Dwells of 3 to 30 frames at random places, some with nothing between them."""
    dwells, at = [], dice.choice([0, 5])
    while at < 150:
        x, y = dice.randint(4, WIDTH - SIZE[0] - 4), dice.randint(4, HEIGHT - SIZE[1] - 4)
        end = at + dice.randint(3, 30)
        dwells.append(Dwell(at, end, Box.of(x, y, *SIZE)))
        at = end + dice.choice([0, 0, 4])
    dwells[-1] = replace(dwells[-1], end=None)
    return Mark(name, dwells[0].box, dwells=tuple(dwells))


def _made(folder: Path, name: str, rate: Fraction, mark: Mark, boxes: list[Box | None]) -> Made:
    """Write a take that shows its mark in these boxes, picture by picture."""
    path = folder / f"{name}.mp4"
    barcode.write_take(
        path, len(boxes), rate, {"crf": "8", "g": "24"}, draw=lambda i: _drawn(boxes[i])
    )
    facts = replace(
        taken(name, picture_shape(path).index, raster=Raster(WIDTH, HEIGHT)),
        path=str(path),
        sha256=name,
    )
    return Made(path, mark, facts)


def _drawn(box: Box | None) -> NDArray[np.uint8]:
    """Luma of a picture with a mark in this box."""
    luma = np.full((HEIGHT, WIDTH), GROUND, np.uint8)
    if box is not None:
        x, y, width, height = box.whole()
        luma[y : y + height, x : x + width] = INK
    return luma


def random_plan(seed: int, made: dict[str, Made]) -> Plan:
    """A plan of 2 to 5 events, framed, timed and joined at random."""
    dice = random.Random(seed)
    known = Facts({name: one.facts for name, one in made.items()}, {}, {}, {})
    indexes = {name: one.facts.index for name, one in made.items()}
    asked = replace(
        preset(
            raster=Raster(*dice.choice(_RASTERS)),
            rate=dice.choice([None, None, "30", "12", "24000/1001"]),
            loop_frames=dice.choice([0, 0, 6]),
        ),
        video=Video(VideoCodec.H264, "high", "yuv420p", speed="ultrafast", crf=8),
    )
    while True:
        line = Timeline(
            "random",
            RATE,
            Raster(WIDTH, HEIGHT),
            tuple(
                Take(n, str(one.path), marks=(one.mark.id,), marks_told=True)
                for n, one in made.items()
            ),
            (),
            tuple(_items(dice, list(made))),
            marks=tuple(one.mark for one in made.values()),
        )
        if missing_media(line, indexes) or touching(line):
            continue
        try:
            return plan(line, asked, known)
        except DocumentError:
            continue


def _items(dice: random.Random, names: list[str]) -> Iterator[Item]:
    for i in range(dice.randint(2, 5)):
        if i and dice.random() < 0.1:
            yield Gap(dice.randint(1, 6))
        yield _event(dice, i, dice.choice(names))


def _event(dice: random.Random, number: int, take: str) -> Event:
    start, length = dice.randint(8, 90), dice.randint(2, 34)
    loop = extend = transition = ramp = None
    drawn = dice.random()
    if drawn < 0.35:
        seam = dice.choice([Seam.CUT, Seam.BLEND, Seam.PINGPONG])
        loop = Loop(2, None, seam, min(6, length) if seam is Seam.BLEND else 0)
    elif drawn < 0.55:
        extend = Extend(dice.randint(1, 10), dice.choice(_BY))
    if dice.random() < 0.2:
        keys = (
            SpeedKey(0, Fraction(dice.randint(1, 4), 4)),
            SpeedKey(dice.randint(1, 9), Fraction(2)),
        )
        ramp = Ramp(keys) if keys[-1].at <= Ramp(keys).length(length) else None
    speeds = [1, 1, 1, Fraction(1, 2), Fraction(3, 2), -1]
    if number and dice.random() < 0.5:
        kind = dice.choice(_KINDS)
        transition = Transition(kind, dice.randint(1, 8), dice.choice(list(Align)))
    fit = dice.choice(list(Fit))
    keeps = fit is Fit.WIDEN or (fit is Fit.COVER and dice.random() < 0.4)
    return Event(
        f"e{number}",
        take,
        Span(start, start + length),
        speed=Fraction(1) if ramp is not None else Fraction(dice.choice(speeds)),
        ramp=ramp,
        conform=dice.choice([Conform.NEAREST, Conform.NEAREST, Conform.BLEND]),
        loop=loop,
        extend=extend,
        transition=transition,
        fit=fit,
        focus=(Fraction(dice.randint(0, 20), 20), Fraction(dice.randint(0, 20), 20)),
        keep_visible=(take,) if keeps else (),
    )


def render(decided: Plan, made: dict[str, Made], folder: Path) -> list[NDArray[np.float64]]:
    """Luma of every frame of the plan's picture, rendered and read by another reader."""
    known = {name: one.facts for name, one in made.items()}
    paths = {one.facts.picture_key: one.path for one in made.values()}
    places = Whereabouts(paths, {}, folder / "store")
    files = [render_unit(job, places) for job in rendering.jobs(decided, known, {}, {})]
    film = folder / "film.mp4"
    mux(files, None, decided.rate, decided.preset.container, film, {})
    size = (decided.raster.width, decided.raster.height)
    return [np.asarray(plane, np.float64) for plane in measure(film, size)]


@dataclass(slots=True)
class Tally:
    """What was measured: places found, and everything that is not as it was foretold."""

    frames: int = 0
    places: int = 0
    worst: float = 0.0
    wrong: list[str] = field(default_factory=list)


def judged(decided: Plan, frames: list[NDArray[np.float64]]) -> Tally:
    """Hold every frame against where the plan says its marks are."""
    pictures = [picture for unit in decided.units for picture in unit.pictures]
    tally = Tally(frames=len(frames))
    if len(frames) != len(pictures):
        tally.wrong.append(f"{len(frames)} frames of {len(pictures)}")
        return tally
    for at, (picture, luma) in enumerate(zip(pictures, frames, strict=True)):
        _judge(decided, at, picture, luma, tally)
    return tally


def _judge(
    decided: Plan, at: int, picture: Picture, luma: NDArray[np.float64], tally: Tally
) -> None:
    """One frame: each mark in its place, and none anywhere else."""
    weights = _weights(picture)
    told = [
        (mark.box, weights[number])
        for number in weights
        for mark in decided.events[number].marks
        if any(at in span for span in mark.shown)
    ]
    left = luma.copy()
    for box, _ in told:
        x, y, width, height = box.whole()
        left[max(0, y - 3) : max(0, y + height + 3), max(0, x - 3) : max(0, x + width + 3)] = BLACK
    if not _torn(picture) and left.max() > STRAY:
        row, column = np.unravel_index(int(left.argmax()), left.shape)
        tally.wrong.append(f"frame {at}: something at {column}, {row} that was not foretold")
    for i, (box, weight) in enumerate(told):
        others = [other for j, (other, _) in enumerate(told) if j != i]
        if weight < FAINT or any(_near(box, other) for other in others):
            continue
        off = _off(luma, box, decided.raster)
        if off is not None:
            tally.places += 1
            tally.worst = max(tally.worst, off)
            if off > CLEAR:
                tally.wrong.append(f"frame {at}: a mark is {off:.2f} pixels off {box}")


def _weights(picture: Picture, whole: float = 1.0) -> dict[int, float]:
    """How much of each event a frame is made of."""
    match picture:
        case Shot(event=event):
            return {event: whole}
        case Mix(kind, outgoing, incoming, step, of):
            part = (step + 1) / (of + 1)
            old, new = 1 - part, part
            if kind is TransitionKind.DIP:
                old, new = max(0.0, 1 - 2 * part), max(0.0, 2 * part - 1)
            found = _weights(outgoing, whole * old)
            for event, weight in _weights(incoming, whole * new).items():
                found[event] = found.get(event, 0.0) + weight
            return found
        case _:
            return {}


def _torn(picture: Picture) -> bool:
    """Whether a frame is made of several pictures of one event: their marks may lie apart."""

    def shots(part: Picture) -> list[Shot]:
        match part:
            case Shot():
                return [part]
            case Mix(outgoing=outgoing, incoming=incoming):
                return [*shots(outgoing), *shots(incoming)]
            case _:
                return []

    every = {(shot.event, shot.picture) for shot in shots(picture)}
    return len({event for event, _ in every}) < len(every)


def _near(one: Box, other: Box) -> bool:
    grown = Box(one.x - 10, one.y - 10, one.width + 20, one.height + 20)
    return grown.meet(other).area > 0


def _off(luma: NDArray[np.float64], box: Box, raster: Raster) -> float | None:
    """How far an edge of a mark lies off its prediction, in pixels; None where none is inside.

    Edges lie where the profile across the box's middle passes half of the mark's contrast.
    """
    edges = [float(v) for v in (box.x, box.y, box.x + box.width, box.y + box.height)]
    left, top, right, bottom = edges
    inside = (max(0.0, left), max(0.0, top), min(raster.width, right), min(raster.height, bottom))
    if inside[2] - inside[0] < 4 or inside[3] - inside[1] < 4:
        return None
    rows = slice(int(inside[1] + 1.5), max(int(inside[1] + 2.5), int(inside[3] - 1.5)))
    columns = slice(int(inside[0] + 1.5), max(int(inside[0] + 2.5), int(inside[2] - 1.5)))
    across, down = luma[rows].mean(axis=0), luma[:, columns].mean(axis=1)
    off = [
        abs(_edge(profile, edge, falling=falling) - edge)
        for profile, edge, falling, extent in (
            (across, left, False, raster.width),
            (down, top, False, raster.height),
            (across, right, True, raster.width),
            (down, bottom, True, raster.height),
        )
        # An edge next to the frame's own, or a bar's, has nothing to be told from.
        if 6 <= edge <= extent - 6
    ]
    return max(off, default=None)


def _edge(profile: NDArray[np.float64], near: float, *, falling: bool) -> float:
    """Where a profile passes the middle between both sides of an edge, as near as can be."""
    low, high = max(0, int(near) - 5), min(len(profile), int(near) + 6)
    window = profile[low:high]
    if falling:
        window = window[::-1]
    ground, ink = float(window[:3].mean()), float(window[-3:].mean())
    if ink - ground < 0.5 * FAINT * (INK - GROUND):
        return float("inf")
    at = int(np.argmax(window > (ground + ink) / 2))
    before, after = float(window[max(0, at - 1)]), float(window[at])
    part = ((ground + ink) / 2 - before) / (after - before) if after > before else 1.0
    # The middle of a pixel lies half a pixel behind its edge.
    place = at - 1 + part + 0.5
    return high - place if falling else low + place
