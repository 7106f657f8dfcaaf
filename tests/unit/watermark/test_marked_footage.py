"""Drawn logos on moving pictures, changed as edits change them and destroyed as removers do."""

import cv2
import numpy as np
import pytest
from tests import marking

from finisher.watermark.evidence import presence
from finisher.watermark.fidelity import compare
from finisher.watermark.rules import MarkVerdict, judge
from finisher.watermark.seen import Seen
from finisher.watermark.template import read_template

SIZE = (400, 224)
BOX = {name: marking.corner(name, SIZE, number, 0.55) for number, name in enumerate(marking.LOGOS)}


def ground() -> list[marking.Picture]:
    rng = np.random.default_rng(8)
    noise = rng.uniform(90, 200, (28, 50, 3)).astype(np.float32)
    still = cv2.resize(noise, SIZE, interpolation=cv2.INTER_CUBIC)
    return marking.walked(np.clip(still, 0, 255).astype(np.uint8), SIZE, 6, "pan")


BARE = ground()
PAIRS = list(zip(marking.DESTROYED, 3 * list(marking.LOGOS), strict=False))


def word(name: str, shown: list[marking.Picture], foretold: list[marking.Picture]) -> MarkVerdict:
    """What the product says of a logo on frames that were to look otherwise."""
    template, box = read_template(marking.template(name)), BOX[name]
    expected, planes = (
        [marking.plane_of(frame, template.plane) for frame in frames]
        for frames in (foretold, shown)
    )
    lumas = (np.stack([marking.plane_of(frame) for frame in s]) for s in (foretold, shown))
    seen = Seen(
        source=presence(expected, template, box),
        export=presence(planes, template, box),
        visible=1.0,
        frames=len(planes),
        fidelity=compare(*lumas, box, template),
    )
    return judge(seen)[0]


@pytest.mark.parametrize("name", marking.LOGOS)
def test_a_logo_that_is_carried_on_is_intact_and_a_bare_take_has_none(name):
    marked = marking.burnt(BARE, name, BOX[name], 0.4)
    assert word(name, marking.grained(marked, 3), marked) is MarkVerdict.INTACT
    assert word(name, BARE, BARE) is MarkVerdict.NOT_FOUND_IN_SOURCE
    assert word(name, BARE, marked) in (MarkVerdict.LOST, MarkVerdict.ALTERED)


@pytest.mark.parametrize(("destroyed", "name"), PAIRS)
def test_a_logo_that_was_destroyed_is_never_intact(destroyed, name):
    marked = marking.burnt(BARE, name, BOX[name], 0.4)
    shown = marking.DESTROYED[destroyed](marked, BOX[name])
    assert word(name, shown, marked) in (MarkVerdict.LOST, MarkVerdict.ALTERED)
