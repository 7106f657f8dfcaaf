from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import marked_take
from tests.planning import preset, timeline

from finisher.event import Event, Transition, TransitionKind
from finisher.geometry import Box, Fit, Raster
from finisher.ingest.gather import gather
from finisher.look import CDL, ColorTags
from finisher.media.conform import Conform, PictureInput
from finisher.media.reader import PictureReader
from finisher.media.sketch import luma
from finisher.pipeline.consents import Consents
from finisher.pipeline.edit import Edit
from finisher.pipeline.master import Work, work_of
from finisher.pipeline.pledges import promises_of, references_of
from finisher.plan.assemble import plan
from finisher.plan.model import Plan, Shot
from finisher.pledge.foretelling import DRAWN
from finisher.progress import silent
from finisher.promises import PromisedMark, Promises
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Mark, Take
from finisher.watermark.evidence import presence
from finisher.watermark.reference import Reference
from finisher.watermark.template import AnyTemplate, read_template

COUNT, SHOWN = 48, 30
"""Pictures of the take, and how many of them show its mark."""
CORNER = Box.of(*marked_take.PLACES[0], *marked_take.SIZE)
GRADE = CDL(slope=(0.7, 0.75, 0.8), power=(1.2, 1.2, 1.2), saturation=0.8)


@dataclass
class Desk:
    folder: Path
    store: Store

    def decided(
        self, *events: Event, raster: Raster | None = None, color: ColorTags | None = None
    ) -> tuple[Edit, Plan, Work]:
        line = replace(
            timeline(
                *events,
                takes=(Take("t1", str(self.folder / "take.mp4"), marks=("corner",), color=color),),
                canvas=Raster(marked_take.WIDTH, marked_take.HEIGHT),
            ),
            marks=(Mark("corner", CORNER, str(self.folder / "mark.png"), may_lose="a test"),),
        )
        with ThreadPoolExecutor(1) as workers:
            found = gather(line, self.store, workers, None, silent)
        edit = Edit(line, (), found, Consents(date(2026, 11, 21)))
        made = plan(line, preset(raster=raster), found.facts)
        return edit, made, work_of(edit, made, self.store)

    def told(
        self,
        *events: Event,
        raster: Raster | None = None,
        color: ColorTags | None = None,
        seed: str = "a",
    ) -> tuple[Plan, Work, Promises, tuple[Reference, ...]]:
        edit, made, work = self.decided(*events, raster=raster, color=color)
        found = promises_of(edit, made, work, self.store, silent)
        return made, work, found, references_of(edit, made, work, found, self.store, seed)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("foretold")
    marked_take.png(folder / "mark.png")
    marked_take.write(folder / "take.mp4", COUNT, marked_take.standing(0, SHOWN))
    return Desk(folder, Store(folder / "store"))


def event(name: str, start: int, end: int, **more: Any) -> Event:
    return replace(Event(name, "t1", Span(start, end)), **more)


@pytest.mark.parametrize(
    ("raster", "more", "color"),
    [
        (None, {}, None),
        (None, {"cdl": GRADE}, None),
        (Raster(180, 320), {"focus": (Fraction(9, 10), Fraction(1, 2)), "cdl": GRADE}, None),
        (Raster(192, 108), {"cdl": GRADE}, None),
        (Raster(180, 320), {"fit": Fit.BLUR_PAD}, None),
        (None, {"cdl": GRADE}, ColorTags(range="pc", matrix="smpte170m")),
    ],
    ids=["as it is", "graded", "cut and larger", "smaller", "padded", "full range"],
)
def test_surroundings_are_foretold_as_they_are_rendered(
    desk: Desk, raster: Raster | None, more: dict[str, Any], color: ColorTags | None
) -> None:
    made, work, found, (reference,) = desk.told(
        event("a", 2, 30, **more), raster=raster, color=color
    )
    (promised,) = found.marks
    assert (reference.event, reference.mark, reference.box) == ("a", "corner", promised.box)
    # All that was kept of so short an event: eight pictures of a second.
    assert len(reference.frames) == 9 < DRAWN
    (planned,) = made.events
    lut = None if planned.grade.identity else work.baked[planned.grade].path
    read = made.takes[0].read
    source = PictureInput("yuv420p", Fraction(1, 24), read.matrix, read.range, siting="left")
    render = Conform(source, planned.framing, lut, "yuv420p")
    pictures = [picture for unit in made.units for picture in unit.pictures]
    shots = [pictures[frame] for frame in reference.frames]
    ordinals = [shot.picture for shot in shots if isinstance(shot, Shot)]
    take = desk.folder / "take.mp4"
    x, y, width, height = reference.region
    with PictureReader(take, _index(desk)) as reader:
        for row, picture in zip(reference.luma, reader.pictures(ordinals), strict=True):
            rendered = luma(render(picture))[y : y + height, x : x + width]
            # A code of rounding here, one of dither there, one of the scaler's 8 bits.
            assert np.abs(rendered.astype(int) - row).max() <= 3


def _index(desk: Desk) -> Any:
    return desk.decided(event("a", 0, 9))[0].gathered.facts.takes["t1"].index


def strengths(desk: Desk, *events: Event) -> tuple[PromisedMark, ...]:
    return desk.told(*events)[2].marks


def test_a_grade_s_gain_is_part_of_the_promise(desk: Desk) -> None:
    plain, graded = strengths(desk, event("a", 2, 28), event("b", 2, 28, cdl=GRADE))
    assert 0.3 < plain.source_strength < 0.7  # half opaque, over grey
    # White mark and its background come closer by what the grade does to both.
    assert graded.source_strength < 0.85 * plain.source_strength
    made, _, found, references = desk.told(event("a", 2, 28), event("b", 2, 28, cdl=GRADE))
    template = read_template((desk.folder / "mark.png").read_bytes())
    for mark, reference in zip(found.marks, references, strict=True):
        x, y, width, height = mark.box
        there = (x - reference.region[0], y - reference.region[1], width, height)
        shown = presence(list(reference.luma), template, there)
        assert shown.strength == pytest.approx(mark.source_strength, rel=0.02)
    assert made.frames == 52


def test_a_stretch_of_the_take_without_the_mark_is_not_promised_to_show_it(desk: Desk) -> None:
    there, gone = strengths(desk, event("a", 2, 28), event("b", 32, 48))
    assert (there.verified, gone.verified) == (True, False)
    assert there.source_score > 0.8
    assert gone.source_score < 0.3


def test_frames_foretold_are_shown_alone(desk: Desk) -> None:
    mixed = Transition(TransitionKind.DISSOLVE, 6)
    made, _, found, references = desk.told(
        event("a", 2, 20), event("b", 6, 28, transition=mixed, speed=Fraction(1, 2))
    )
    for mark, reference in zip(found.marks, references, strict=True):
        assert len(reference.frames) >= 4
        assert all(any(f in range(s.start, s.end) for s in mark.spans) for f in reference.frames)
    assert made.frames == 62


def test_what_was_foretold_is_kept(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.told(event("a", 3, 27, cdl=GRADE))
    monkeypatch.setattr("finisher.pipeline.marks.tell", None)
    monkeypatch.setattr("finisher.pipeline.marks.surroundings", None)
    again = desk.told(event("a", 3, 27, cdl=GRADE))
    assert again[2] == first[2]
    np.testing.assert_array_equal(again[3][0].luma, first[3][0].luma)
    assert first[2].marks[0].may_lose == "a test"


def test_a_template_is_read_once_for_all_its_places(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[bytes] = []

    def counted(png: bytes) -> AnyTemplate:
        read.append(png)
        return read_template(png)

    monkeypatch.setattr("finisher.pipeline.marks.read_template", counted)
    found = desk.told(event("a", 2, 15, cdl=GRADE), event("b", 15, 28, cdl=GRADE))[2]
    assert len(found.marks) == 2
    assert read == [(desk.folder / "mark.png").read_bytes()]


def test_nobody_knows_beforehand_which_frames_are_compared(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Fewer than are kept of so short an event.
    monkeypatch.setattr("finisher.pledge.foretelling.DRAWN", 4)
    told = [desk.told(event("a", 2, 30), seed=seed) for seed in "vvwxy"]
    # What travels in the file does not follow from it.
    assert all(one[2] == told[0][2] for one in told)
    chosen = [one[3][0].frames for one in told]
    assert chosen[0] == chosen[1]
    assert len(set(chosen)) > 1
    for frames in chosen:
        assert list(frames) == sorted(set(frames))
        assert len(frames) == 4


def test_takes_that_are_not_spoken_of_are_told(desk: Desk) -> None:
    assert desk.told(event("a", 0, 9))[2].undeclared == ("t1",)
