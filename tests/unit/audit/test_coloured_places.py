"""In which planes a coloured mark's place is held against what was foretold of it."""

from dataclasses import replace

import numpy as np
import pytest
from tests import marking
from tests.unit.provenance.plans import plan, promises

from finisher.audit.mark_evidence import Compared, measure_marks
from finisher.audit.mark_frames import Frames, Stretch
from finisher.promises import PromisedMark
from finisher.sighting import Plane
from finisher.timecode import Span
from finisher.watermark.reference import Reference

SIZE, COUNT = (320, 180), 8
BOX = marking.corner("red glyphs", SIZE, 0, 0.8)
PNG = marking.template("red glyphs")


def kept(planes: np.ndarray) -> Frames:
    return Frames(planes, {frame: frame for frame in range(len(planes))})


@pytest.mark.parametrize("plane", [Plane.LUMA, Plane.CR])
def test_chroma_has_a_say_where_a_mark_is_promised_in_it(plane):
    dice = np.random.default_rng(3)
    still = np.kron(dice.integers(60, 180, (24, 40, 3)), np.ones((16, 16, 1))).astype(np.uint8)
    marked = marking.burnt(marking.walked(still, SIZE, COUNT, "pan"), "red glyphs", BOX, 0.7)
    luma, red = (
        np.stack([marking.plane_of(f, one) for f in marked]) for one in (Plane.LUMA, Plane.CR)
    )
    mark = PromisedMark(
        "open", "m", (Span(0, COUNT),), BOX, "red", 0.9, 0.7, verified=True, plane=plane
    )
    made = replace(
        promises(plan()), width=SIZE[0], height=SIZE[1], frames=COUNT,
        marks=(mark,), templates={"red": PNG},
    )  # fmt: skip
    everything, frames = (0, 0, *SIZE), tuple(range(COUNT))
    reference = Reference("open", "m", frames, everything, BOX, luma, red, Plane.CR)
    shown = {Plane.LUMA: kept(luma), Plane.CR: kept(red[:, :, ::-1])}
    stretches = [Stretch(0, (Span(0, COUNT),), frames)]
    (sample,) = measure_marks(made, stretches, Compared([reference], {0: frames}), shown)
    assert sample.fidelity is not None
    assert sample.fidelity.luma.box == pytest.approx(1)
    if plane is Plane.LUMA:
        assert sample.fidelity.chroma is None
    else:
        assert sample.fidelity.chroma.box < 0.5
