"""Edits planned for their sound alone: nothing is measured, ten seconds of sound in each take."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field, replace
from fractions import Fraction

from finisher.channels import Layout
from finisher.event import Event, Gap, Item
from finisher.facts import CredentialFacts, Facts, FileFacts, FrameIndex, Integrity, TakeFacts
from finisher.geometry import Raster
from finisher.hearing import AlignmentFacts, SoundFacts, TempoFacts, ToneFacts
from finisher.look import ColorTags
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.plan.sound import plan_sound
from finisher.presets.model import Audio, AudioCodec
from finisher.problems import Problem
from finisher.timecode import Rate, Span
from finisher.timeline import Layer, Role, Take, Timeline

FILM = Rate(Fraction(24))
NTSC = Rate(Fraction(30000, 1001))
FRAME = 2_000  # samples of a frame at 24 frames a second
SECOND = 48_000
ABSENT = CredentialFacts(Integrity.ABSENT)


def take_facts(samples: int | None) -> TakeFacts:
    sound = None if samples is None else SoundFacts(samples, 2, 48_000)
    index = FrameIndex(Fraction(1, 24), tuple(range(240)), (0,), 240)
    tags = ColorTags(None, None, None, None)
    raster, square = Raster(64, 36), Fraction(1)
    return TakeFacts(
        path="a",
        sha256="",
        bytes=0,
        raster=raster,
        pixel_format="yuv420p",
        codec="h264",
        tags=tags,
        sample_aspect=square,
        rotation=0,
        index=index,
        sound=sound,
        credentials=ABSENT,
    )


def layer_facts(samples: int, *speech: Span) -> FileFacts:
    return FileFacts("a", "", 0, SoundFacts(samples, 2, 48_000, speech), ABSENT)


@dataclass(frozen=True, slots=True)
class Heard:
    """What else was measured than how long sounds are."""

    tones: dict[str, ToneFacts] = field(default_factory=dict)
    tempos: dict[str, TempoFacts] = field(default_factory=dict)
    alignments: dict[str, AlignmentFacts] = field(default_factory=dict)
    sounds: dict[str, SoundFacts] = field(default_factory=dict)
    """Sounds of takes."""
    layout: Layout = Layout.STEREO
    """What is delivered."""


def planned(
    *items: Item,
    layers: tuple[Layer, ...] = (),
    rate: Rate = FILM,
    takes: dict[str, int | None] | None = None,
    files: dict[str, FileFacts] | None = None,
    heard: Heard | None = None,
) -> tuple[SoundPlan, tuple[Problem, ...]]:
    """The plan of an edit of takes `a` and `b`, ten seconds of sound each."""
    more = heard or Heard()
    lengths = {"a": 10 * SECOND, "b": 10 * SECOND} | (takes or {})
    timeline = Timeline(
        title="",
        rate=rate,
        canvas=Raster(64, 36),
        takes=tuple(Take(name, name) for name in lengths),
        sessions=(),
        items=items,
        layers=layers,
    )
    measured = {name: take_facts(n) for name, n in lengths.items()}
    measured |= {n: replace(measured[n], sound=sound) for n, sound in more.sounds.items()}
    facts = Facts(
        measured,
        files or {},
        {},
        {},
        tones=more.tones,
        tempos=more.tempos,
        alignments=more.alignments,
    )
    return plan_sound(timeline, facts, Audio(AudioCodec.AAC, layout=more.layout))


def event(name: str, take: str, start: int, end: int, **more: object) -> Event:
    return replace(Event(name, take, Span(start, end)), **more)  # type: ignore[arg-type]


def pieces(plan: SoundPlan) -> list[Piece]:
    return [piece for track in plan.tracks for piece in track.pieces]


def codes(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.code for problem in problems]


def track(plan: SoundPlan, name: str) -> SoundTrack:
    return next(track for track in plan.tracks if track.id == name)


Placing = tuple[str, int, int, int]
"""What is to be heard of one clip: its sound, where in it, from where to where in the programme."""


@dataclass(frozen=True, slots=True)
class Clips:
    """Clips laid at random, and where exact fractions say that each of them lies."""

    items: tuple[Item, ...]
    layers: tuple[Layer, ...]
    files: dict[str, FileFacts]
    expected: list[Placing]


def random_clips(rate: Rate, count: int, seed: int) -> Clips:
    """Half of the clips are events, some with gaps between them or sound over their cuts.

    The other half are layers at any sample. All takes and files hold ten seconds.
    """
    chance = random.Random(seed)
    seconds = math.floor(rate.fraction)
    items: list[Item] = []
    for n in range(count // 2):
        if items and chance.random() < 0.1:
            items.append(Gap(chance.randint(1, seconds)))
        start = chance.randint(seconds, 8 * seconds)
        length = chance.randint(seconds // 4, seconds)
        items.append(event(f"e{n}", "ab"[n % 2], start, start + length))
    # Cuts from both sides leave something of the shortest event between them.
    shortest = 16_000 * (seconds // 4) // (seconds + 1)
    items = [
        _split(items, n, chance.randint(1, shortest), chance.random()) for n in range(len(items))
    ]
    end = _boundary(rate, sum(item.length for item in items))
    layers = []
    for n in range(count - count // 2):
        source, length = chance.randint(0, 400_000), chance.randint(1_000, 60_000)
        at = chance.randint(0, end - length - 1)
        layers.append(
            Layer(f"l{n}", "l", Role.EFFECTS, at=at, source_in=source, source_out=source + length)
        )
    files = {layer.id: layer_facts(10 * SECOND) for layer in layers}
    placed = [
        (
            f"layer:{layer.id}",
            layer.source_in,
            layer.at,
            layer.at + layer.source_out - layer.source_in,
        )
        for layer in layers
        if layer.source_out is not None
    ]
    return Clips(tuple(items), tuple(layers), files, [*_expected(rate, items), *placed])


def _split(items: list[Item], place: int, samples: int, lot: float) -> Item:
    """An item, every fifth with a J-cut and every fifth with an L-cut, where it has neighbours."""
    item = items[place]
    if not isinstance(item, Event) or not 0 < place < len(items) - 1:
        return item
    if isinstance(items[place - 1], Gap) or isinstance(items[place + 1], Gap):
        return item
    if lot < 0.2:
        return replace(item, j_cut=samples)
    return replace(item, l_cut=samples) if lot < 0.4 else item


def _boundary(rate: Rate, frame: int) -> int:
    """The sample nearest to the beginning of a frame, halves up, in whole numbers alone."""
    samples, frames = 48_000 * rate.fraction.denominator, rate.fraction.numerator
    return (2 * frame * samples + frames) // (2 * frames)


def _expected(rate: Rate, items: list[Item]) -> list[Placing]:
    """Where the sound of each event lies, by the words of the edit list's own rules."""
    found, frame = [], 0
    for n, item in enumerate(items):
        if isinstance(item, Event):
            before = items[n - 1] if n else None
            after = items[n + 1] if n + 1 < len(items) else None
            late = before.l_cut if isinstance(before, Event) else 0
            early = after.j_cut if isinstance(after, Event) else 0
            begins = _boundary(rate, frame)
            start = begins - item.j_cut if item.j_cut else begins + late
            ends = _boundary(rate, frame + item.length)
            end = ends + item.l_cut if item.l_cut else ends - early
            source = _boundary(rate, item.source.start) + start - begins
            found.append((f"take:{item.take}", source, start, end))
        frame += item.length
    return found
