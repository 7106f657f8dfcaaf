"""Random edits of numbered takes, rendered, and every frame compared with the edit's own laws."""

from __future__ import annotations

import random
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests import barcode

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
from finisher.facts import FrameIndex
from finisher.geometry import Fit, Raster, frame
from finisher.media.index import picture_shape
from finisher.media.mux import mux
from finisher.plan import units
from finisher.plan.model import Fill, Mix, Picture, Shot
from finisher.plan.picture import missing_media, track
from finisher.presets.model import Container, ContainerFormat, Video, VideoCodec
from finisher.render.kitchen import UnitSource, Whereabouts
from finisher.render.unit import UnitJob, render_unit
from finisher.retime import Ramp, SpeedKey
from finisher.timecode import Rate, Span
from finisher.timeline import Take, Timeline

RATE = Rate.parse("24")
RASTER = Raster(barcode.WIDTH, barcode.HEIGHT)
VIDEO = Video(VideoCodec.H264, "high", "yuv420p", speed="ultrafast", crf=12)
_BY = [by for by in Prolongation if by is not Prolongation.INTERPOLATE]
"""Bars between two numbers have no law of motion."""
HIDDEN = 40
"""Pictures of the cut take that its edit list hides."""
CLEAR = 0.03
"""How far a measured bar may lie from its exact level: crf 12 leaves under 0.02 at the middles."""


def takes(folder: Path) -> dict[str, Path]:
    """Numbered takes as generators and their intermediaries write them."""
    made = {
        name: folder / f"{name}.mp4" for name in ("closed", "opengop", "onekey", "thirty", "vfr")
    }
    made |= _others(folder)
    barcode.write_take(made["closed"], 160, options={"g": "48", "bf": "3"})
    x264 = "open-gop=1:keyint=24:min-keyint=24:bframes=3:b-adapt=0:scenecut=0"
    barcode.write_take(made["opengop"], 160, options={"x264-params": x264})
    barcode.write_take(made["onekey"], 160, options={"g": "9999", "bf": "2"})
    barcode.write_take(made["thirty"], 200, rate=Fraction(30), options={"g": "30"})
    # Two of five pictures are missing: the ones before them stay on screen longer.
    times = [t for t in range(260) if t % 5 not in (1, 3)]
    barcode.write_take(made["vfr"], len(times), options={"g": "24"}, times=times)
    return made


def _others(folder: Path) -> dict[str, Path]:
    """Numbered takes in other codecs, containers and clocks."""
    made = {
        "hevc": folder / "hevc.mp4",
        "vp9": folder / "vp9.webm",
        "av1": folder / "av1.mkv",
        "ntsc": folder / "ntsc.mov",
    }
    x265 = "keyint=24:open-gop=1:bframes=3:log-level=none"
    barcode.write_take(made["hevc"], 160, codec="libx265", options={"x265-params": x265})
    vp9 = {"crf": "12", "b": "0", "deadline": "realtime", "cpu-used": "8", "g": "40"}
    barcode.write_take(made["vp9"], 160, codec="libvpx-vp9", options=vp9)
    av1 = {"crf": "6", "preset": "8", "g": "48"}
    barcode.write_take(made["av1"], 160, codec="libsvtav1", options=av1)
    barcode.write_take(made["ntsc"], 160, rate=Fraction(24000, 1001), options={"g": "24"})
    closed = folder / "plain.mp4"
    barcode.write_take(closed, 200, options={"g": "36", "bf": "3"})
    for name, target, options in (
        ("ts", "packets.ts", {"output_ts_offset": "10"}),
        ("matroska", "packets.mkv", {}),
        ("fragments", "packets.mp4", {"movflags": "frag_keyframe+empty_moov"}),
    ):
        made[name] = barcode.copied(closed, folder / target, options=options)
    # What comes before that picture in its GOP is hidden by an edit list.
    made["cut"] = barcode.copied(closed, folder / "cut.mp4", cut=HIDDEN)
    return made


def random_timeline(seed: int, paths: dict[str, Path], indexes: dict[str, FrameIndex]) -> Timeline:
    """An edit of 2 to 7 events that has all the media it needs."""
    dice = random.Random(seed)
    while True:
        items: list[Item] = []
        for i in range(dice.randint(2, 7)):
            if items and dice.random() < 0.1:
                items.append(Gap(dice.randint(1, 20)))
            items.append(_random_event(dice, f"e{i}", list(paths), first=not items))
        timeline = Timeline(
            "random",
            RATE,
            RASTER,
            tuple(Take(name, str(path)) for name, path in paths.items()),
            (),
            tuple(items),
        )
        if not missing_media(timeline, indexes) and not touching(timeline):
            return timeline


def _random_ramp(dice: random.Random, frames: int) -> Ramp | None:
    """A ramp between two speeds over at most the frames it plays."""
    slow, fast = Fraction(dice.randint(1, 4), 4), Fraction(dice.randint(4, 8), 4)
    keys = [SpeedKey(0, slow), SpeedKey(dice.randint(1, 30), fast)]
    if dice.random() < 0.5:
        keys = [SpeedKey(0, fast), SpeedKey(keys[1].at, slow)]
    ramp = Ramp(tuple(keys))
    return ramp if ramp.keys[-1].at <= ramp.length(frames) else None


def _random_event(dice: random.Random, name: str, takes: list[str], *, first: bool) -> Event:
    start, length = dice.randint(8, 90), dice.randint(1, 50)
    speeds = [1, 1, 1, 1, Fraction(1, 2), Fraction(3, 2), 2, -1, Fraction(-1, 2)]
    loop = extend = transition = None
    if dice.random() < 0.25 and length > 1:
        seam = dice.choice([Seam.CUT, Seam.BLEND, Seam.PINGPONG])
        loop = Loop(dice.randint(2, 3), None, seam, min(6, length) if seam is Seam.BLEND else 0)
    elif dice.random() < 0.15:
        extend = Extend(dice.randint(1, 12), dice.choice(_BY))
    ramp = _random_ramp(dice, length) if dice.random() < 0.15 else None
    speed = Fraction(dice.choice(speeds)) if ramp is None else Fraction(1)
    if dice.random() < 0.4 and not first:
        kind = dice.choice([TransitionKind.DISSOLVE, TransitionKind.DISSOLVE, TransitionKind.DIP])
        transition = Transition(kind, dice.randint(1, 12), dice.choice(list(Align)))
    return Event(
        name,
        dice.choice(takes),
        Span(start, start + length),
        speed=speed,
        ramp=ramp,
        conform=dice.choice([Conform.NEAREST, Conform.NEAREST, Conform.BLEND]),
        loop=loop,
        extend=extend,
        transition=transition,
    )


def touching(timeline: Timeline) -> bool:
    """Whether two transitions overlap in some item."""
    for i, item in enumerate(timeline.items):
        own = item.transition.after if isinstance(item, Event) and item.transition else 0
        following = timeline.items[i + 1] if i + 1 < len(timeline.items) else None
        coming = following.transition if isinstance(following, Event) else None
        if own + (coming.before if coming else 0) > item.length:
            return True
    return False


def render(timeline: Timeline, paths: dict[str, Path], folder: Path) -> Path:
    """The picture of a timeline, rendered unit by unit and joined."""
    indexes = {name: picture_shape(path).index for name, path in paths.items()}
    events = [item for item in timeline.items if isinstance(item, Event)]
    whole = frame(RASTER, RASTER, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
    sources = tuple(UnitSource(e.take, "bt709", "tv", whole, None) for e in events)
    places = Whereabouts(dict(paths), {}, folder / "store")
    files = [
        render_unit(UnitJob(sources, unit.pictures, RASTER, RATE, VIDEO), places)
        for unit in units.cut(track(timeline, indexes).pictures)
    ]
    destination = folder / "joined.mp4"
    mux(files, None, RATE, Container(ContainerFormat.MP4), destination, {})
    return destination


def expected(timeline: Timeline, indexes: dict[str, FrameIndex]) -> NDArray[np.float64]:
    """The bars of every programme frame, by the edit's laws alone."""
    events = [item for item in timeline.items if isinstance(item, Event)]
    first = [HIDDEN if event.take == "cut" else 0 for event in events]
    return np.array([_bars(picture, first) for picture in track(timeline, indexes).pictures])


def _bars(picture: Picture, first: list[int]) -> NDArray[np.float64]:
    """The bars of a picture; `first` is the number on each event's first displayed picture."""
    match picture:
        case Shot(event=event, picture=ordinal):
            return barcode.bars(first[event] + ordinal)
        case Fill():
            return np.zeros(barcode.BITS)
        case Mix(kind, outgoing, incoming, step, of):
            weight = (step + 1) / (of + 1)
            old, new = _bars(outgoing, first), _bars(incoming, first)
            if kind is TransitionKind.DISSOLVE:
                return old * (1 - weight) + new * weight
            return old * (1 - 2 * weight) if weight <= 0.5 else new * (2 * weight - 1)


def wrong_frames(seed: int, paths: dict[str, Path], folder: Path) -> tuple[int, list[int]]:
    """Render a random edit; how many frames it has, and which of them are not as they must be."""
    indexes = {name: picture_shape(path).index for name, path in paths.items()}
    timeline = random_timeline(seed, paths, indexes)
    truth = expected(timeline, indexes)
    found = barcode.levels(render(timeline, paths, folder))
    if found.shape != truth.shape:
        return len(truth), list(range(len(truth)))
    return len(truth), [int(i) for i in np.nonzero(np.abs(found - truth).max(axis=1) > CLEAR)[0]]
