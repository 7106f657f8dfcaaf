"""A take's declared marks: how clearly they show, and their surroundings kept for the pledge."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median

from finisher.canonical import digest, from_json, to_json
from finisher.geometry import Box, Raster
from finisher.media import closeups
from finisher.media.closeups import FEWEST, CloseUps, close_ups
from finisher.media.index import PictureShape
from finisher.media.sketch import Closer, Kept
from finisher.plan.marks import declared
from finisher.sighting import MarkFacts, MarkPlace, Plane
from finisher.store import Store
from finisher.timecode import Rate
from finisher.timeline import Mark
from finisher.watermark.evidence import NOTHING, presence
from finisher.watermark.planes import plane_of
from finisher.watermark.rules import clearest
from finisher.watermark.scan import Scan
from finisher.watermark.template import AnyTemplate, Template, read_template, views

KIND = "marks"
"""What is kept of the surroundings of marks, in the store."""
_REVISION = 2
"""Raised when other parts of the same pictures would be kept by this code."""
_WHOLE = 96 << 20
"""Bytes of whole luma that may be held for marks, as far as more than the fewest is concerned."""
_SPREAD = (12, 24)
"""Pictures, at least and at most, that one that stands still is looked for in: twelve show half
as much of faint marks as twice as many."""

Look = Callable[[Closer], dict[int, Kept]]
"""Decodes a take's pictures as far as is asked for."""


@dataclass(frozen=True, slots=True)
class MarkToFind:
    """A declared mark, and the content of its template where it has one."""

    mark: Mark
    template_sha256: str | None
    rate: Rate
    """The edit's, at which its dwells are counted."""

    @property
    def parts(self) -> tuple[object, ...]:
        """All that decides what is measured of it."""
        mark, dwells = self.mark, to_json(self.mark.dwells)
        rate = str(self.rate) if mark.dwells else ""
        return (mark.id, to_json(mark.box), self.template_sha256, dwells, mark.scan, rate)

    def key(self, content: str) -> str:
        """Key of what is kept of it in the pictures of that key; its name decides nothing."""
        return digest([content, self.parts[1:], _REVISION])


def wanted(content: str, found: MarkToFind, store: Store) -> CloseUps | None:
    """What was kept of a mark's surroundings, None where that is not known."""
    key = found.key(content)
    known = recalled(key, store)
    there = known is None or not known.corners or store.get(KIND, key, ".npy") is not None
    return known if there else None


def recalled(key: str, store: Store) -> CloseUps | None:
    """Which parts were kept under a key; None where that is not known."""
    with suppress(TypeError, ValueError, KeyError):
        return from_json(CloseUps, store.read(KIND, key))
    return None


def kept_of(key: str, store: Store) -> closeups.Kept | None:
    """The parts that were kept under a key; None where they are not there, or were damaged."""
    known, path = recalled(key, store), store.get(KIND, key, ".npy")
    return None if known is None or path is None else closeups.kept(known, path)


@dataclass(slots=True)
class Search:
    """The marks of one take, looked for as its pictures pass."""

    content: str
    """Key of the pictures."""
    marks: Sequence[MarkToFind]
    shape: PictureShape
    store: Store
    places: dict[str, tuple[MarkPlace, ...]] = field(default_factory=dict)
    """By mark, of those that stand at several places or were scanned for."""
    templates: dict[str, AnyTemplate] = field(default_factory=dict)

    @property
    def glances(self) -> int:
        """How many pictures spread over the take one that stands still is to be looked for in."""
        least, most = _SPREAD
        return max(least, min(most, self._room))

    @property
    def _room(self) -> int:
        """How many whole pictures may be held."""
        return _WHOLE // (self.shape.raster.width * self.shape.raster.height)

    def pictures(self) -> frozenset[int]:
        """Whole pictures that marks at several places are looked for in: some of each place."""
        found: list[int] = []
        for one in self.marks:
            if one.mark.dwells and not one.mark.scan:
                for place in self._places(one):
                    found += closeups.throughout(place, FEWEST)
        return frozenset(found[: self._room])

    def see(self, look: Look, again: Look, closer: Closer) -> dict[int, Kept]:
        """Have pictures decoded: those that are asked for, and what the marks take beside.

        `again` reads what only the first look tells of.

        Raises:
            MediaError, MachineError, OSError: as decoding and storing do.
        """
        scans = {one.mark.id: self._scan(one) for one in self.marks if one.mark.scan}
        watchers = tuple((scan.plane, scan.add) for scan in scans.values())
        closer = replace(closer, watchers=watchers, planes=self._planes())
        missing = {
            one.key(self.content): part
            for one in self.marks
            if not one.mark.scan and wanted(self.content, one, self.store) is None
            if (part := self._part(one)) is not None
        }
        kept = self._keep(look, closer, missing)
        self.places |= {name: scan.places() for name, scan in scans.items()}
        behind = {
            one.key(self.content): part
            for one in self.marks
            if one.mark.scan and (part := self._part(one)) is not None
        }
        if behind:
            # Where it stands is known once all was seen: those parts are read again.
            self._keep(again, Closer(frozenset(), closer.colour_side), behind)
        self._remember()
        return kept

    def facts(
        self, pictures: Mapping[int, Kept], spread: Sequence[int]
    ) -> tuple[tuple[str, MarkFacts], ...]:
        """How clearly each mark shows in the take; `spread` are pictures from all over it."""
        return tuple((one.mark.id, self._found(one, pictures, spread)) for one in self.marks)

    def _places(self, one: MarkToFind) -> tuple[MarkPlace, ...]:
        if one.mark.scan:
            return self.places.get(one.mark.id, ())
        return declared(one.mark, self.shape.index, one.rate)

    def _part(self, one: MarkToFind) -> CloseUps | None:
        return close_ups(self._places(one), self.shape.raster, self.shape.index)

    def _keep(self, look: Look, closer: Closer, parts: Mapping[str, CloseUps]) -> dict[int, Kept]:
        """One pass over the pictures, with parts of them written to the store."""
        seen: dict[int, Kept] = {}

        def write(files: Sequence[Path]) -> None:
            wanted = tuple(zip(parts.values(), files, strict=True))
            seen.update(look(replace(closer, parts=wanted)))

        self.store.put_together(KIND, list(parts), ".npy", write)
        return seen

    def _remember(self) -> None:
        """Say what was kept of each."""
        none = CloseUps(Raster(0, 0), ())
        for one in self.marks:
            self.store.write(KIND, one.key(self.content), to_json(self._part(one) or none))

    def _template(self, one: MarkToFind) -> AnyTemplate | None:
        if one.mark.template is None:
            return None
        if one.mark.id not in self.templates:
            self.templates[one.mark.id] = read_template(Path(one.mark.template).read_bytes())
        return self.templates[one.mark.id]

    def _scan(self, one: MarkToFind) -> Scan:
        """What looks for a mark all over."""
        template = self._template(one)
        if template is None:
            raise ValueError(f"mark {one.mark.id!r} is scanned for without a template")
        box = one.mark.box
        size = (int(box.width), int(box.height)) if box.area > 0 else _own_size(template)
        return Scan(views(template)[-1], size)

    def _planes(self) -> frozenset[Plane]:
        """What is looked at of whole pictures."""
        found = (self._template(one) for one in self.marks if not one.mark.scan)
        seen = {view.plane for one in found if one is not None for view in views(one)}
        return frozenset({Plane.LUMA, *seen})

    def _found(
        self, one: MarkToFind, pictures: Mapping[int, Kept], spread: Sequence[int]
    ) -> MarkFacts:
        """How clearly one shows; without a template there is nothing to look for."""
        template = self._template(one)
        if template is None:
            return NOTHING
        sight = _Sight(pictures, spread)
        if one.mark.dwells or one.mark.scan:
            kept = kept_of(one.key(self.content), self.store)
            sight = _Sight({} if one.mark.scan else pictures, spread, kept, self._places(one))
        facts = clearest([sight.found(view, one.mark.box) for view in views(template)])
        if one.mark.scan:
            places = sight.places or ()
            return replace(facts, found=bool(places), places=places)
        return facts


@dataclass(frozen=True, slots=True)
class _Sight:
    """The pictures that a mark is looked for in."""

    whole: Mapping[int, Kept]
    spread: Sequence[int]
    """Those of them from all over the take."""
    close: closeups.Kept | None = None
    places: tuple[MarkPlace, ...] | None = None
    """Where it stands and when; None of one that stands still."""

    def found(self, template: AnyTemplate, box: Box) -> MarkFacts:
        """How clearly a mark shows in a plane, at its box or at its places."""
        if self.places is None:
            seen = [self.whole[i].planes[template.plane] for i in self.spread]
            return presence(seen, template, box.numbers)
        found = (self._at(place, template) for place in self.places)
        facts = _together([one for one in found if one is not None])
        return replace(facts, plane=template.plane)

    def _at(self, place: MarkPlace, template: AnyTemplate) -> MarkFacts | None:
        """How clearly it shows at a place; None where too little was kept of it."""
        there = [one for i, one in self.whole.items() if place.start <= i < place.end]
        if there and len(there) >= min(FEWEST, place.end - place.start):
            seen = [one.planes[template.plane] for one in there]
            return presence(seen, template, place.box.numbers)
        return None if self.close is None else _in_close_ups(self.close, place, template)


def _in_close_ups(kept: closeups.Kept, place: MarkPlace, template: AnyTemplate) -> MarkFacts | None:
    """How clearly a mark shows at a place in what was kept of it there; None of no picture."""
    rows = [
        (row, corner)
        for row, (ordinal, corner) in enumerate(kept.wanted.corners)
        if place.start <= ordinal < place.end
    ]
    if not rows:
        return None
    seen = [plane_of(kept.pictures[row], template.plane) for row, _ in rows]
    return presence(seen, template, closeups.inside(place.box, rows[0][1]))


def _own_size(template: AnyTemplate) -> tuple[int, int]:
    """Width and height of a template in its own pixels."""
    plane = template.alpha if isinstance(template, Template) else template.weight
    return plane.shape[1], plane.shape[0]


def _together(found: Sequence[MarkFacts]) -> MarkFacts:
    """One mark at several places: the middle of them, and found where any of them shows it."""
    if not found:
        return NOTHING
    there = [facts for facts in found if facts.found]
    told = there or found
    return MarkFacts(
        median(facts.score for facts in told),
        median(facts.z for facts in told),
        bool(there),
        median(facts.strength for facts in told),
    )
