"""What a job reads: the pictures it lists, with the events they show as sources of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from finisher.event import TransitionKind
from finisher.facts import TakeFacts
from finisher.geometry import Fit, frame
from finisher.look import Grade
from finisher.plan.decode import decoding
from finisher.plan.model import Fill, Mix, Picture, Plan, Shot, Worked
from finisher.render.grades import Baked
from finisher.render.kitchen import UnitSource


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where a plan's events come from: takes as graded and framed, or pictures with effects."""

    plan: Plan
    takes: Mapping[str, TakeFacts]
    baked: Mapping[Grade, Baked]
    worked: Mapping[int, str]
    """Key of the pictures of each event with effects, by number."""

    def order(
        self, pictures: Sequence[Picture]
    ) -> tuple[tuple[UnitSource, ...], tuple[Picture, ...]]:
        """The sources that pictures need, and the pictures with their events numbered by them.

        A job names only what it shows, so that nothing else can change its key.
        """
        used = sorted({source for picture in pictures for source in _sources(picture)})
        numbers = {source: i for i, source in enumerate(used)}
        moving = any(_moves(picture) for picture in pictures)
        marks = {number: self._marks(number) if moving else () for number, _ in used}
        return (
            tuple(replace(self._source(*one), marks=marks[one[0]]) for one in used),
            tuple(self._renumbered(picture, numbers) for picture in pictures),
        )

    def _source(self, number: int, with_effects: bool) -> UnitSource:  # noqa: FBT001 (half of a key)
        event, raster = self.plan.events[number], self.plan.raster
        if with_effects:
            whole = frame(raster, raster, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
            return UnitSource(self.worked[number], "gbr", "pc", whole, None)
        facts = self.takes[event.take]
        read_as, _ = decoding(event.take, facts)
        cube = None if event.grade.identity else self.baked[event.grade]
        return UnitSource(
            facts.picture_key,
            read_as.matrix,
            read_as.range,
            event.framing,
            cube.key if cube is not None else None,
        )

    def _marks(self, number: int) -> tuple[tuple[int, int, int, int], ...]:
        """Where an event's marks stand in the picture, at any time."""
        boxes = (mark.box.whole() for mark in self.plan.events[number].marks)
        return tuple(dict.fromkeys(boxes))

    def _renumbered(self, picture: Picture, numbers: Mapping[tuple[int, bool], int]) -> Picture:
        """The picture with its sources numbered as the job numbers them."""
        match picture:
            case Shot(event=event, picture=ordinal):
                return Shot(numbers[event, False], ordinal)
            case Worked(event=event, position=position):
                working = self.plan.events[event].working
                first = working.first if working is not None else 0
                return Shot(numbers[event, True], position - first)
            case Mix(outgoing=outgoing, incoming=incoming):
                old, new = (self._renumbered(p, numbers) for p in (outgoing, incoming))
                return replace(picture, outgoing=old, incoming=new)
            case Fill():
                return picture


def _moves(picture: Picture) -> bool:
    """Whether a picture is made along some motion."""
    if not isinstance(picture, Mix):
        return False
    inside = _moves(picture.outgoing) or _moves(picture.incoming)
    return inside or picture.kind is TransitionKind.BLEND


def _sources(picture: Picture) -> tuple[tuple[int, bool], ...]:
    """The events a picture is made of, and whether with their effects."""
    match picture:
        case Shot(event=event):
            return ((event, False),)
        case Worked(event=event):
            return ((event, True),)
        case Mix(outgoing=outgoing, incoming=incoming):
            return (*_sources(outgoing), *_sources(incoming))
        case Fill():
            return ()
