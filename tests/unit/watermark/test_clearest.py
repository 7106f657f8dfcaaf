"""A mark is learnt in luma unless chroma shows it far more clearly, and in one plane alone."""

from collections.abc import Sequence

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.sighting import Plane
from finisher.watermark import clearest, learn
from finisher.watermark.clearest import Fields

SIZE = (320, 180)
LIMIT = learn.enough(4, 12)
Codes = list[NDArray[np.uint8]]


def take(seed: int, contrast: float) -> Codes:
    """A plane of a camera that moves over blots; chroma has a tenth of the contrast of luma."""
    dice = np.random.default_rng(seed)
    total = np.zeros((280, 440), np.float32)
    for sigma, gain in ((2, 20), (6, 80), (20, 400)):
        total += gain * cv2.GaussianBlur(
            dice.standard_normal(total.shape).astype(np.float32), (0, 0), sigma
        )
    scene = np.clip(128 + contrast * total, 16, 240).astype(np.uint8)
    return [scene[10 + 3 * i : 190 + 3 * i, 5 * i : 5 * i + 320].copy() for i in range(12)]


def marked(frames: Codes, added: float, at: tuple[int, int] = (250, 160)) -> Codes:
    alpha = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    cv2.putText(alpha, "AB7", at, cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    return [np.clip(f + added * (alpha / 255), 16, 240).astype(np.uint8) for f in frames]


def fields(added: dict[Plane, float], share: Sequence[int] = (0, 1, 2, 3)) -> list[Fields]:
    """Fields of four takes; the mark adds so many codes to each plane, in takes of `share` alone.

    Where it is not in all of them, the others are without it in luma.
    """
    out: list[Fields] = []
    for number in range(4):
        one: dict[Plane, learn.Field] = {}
        for place, plane in enumerate(Plane):
            frames = take(10 * number + place, 1.0 if plane is Plane.LUMA else 0.1)
            carries = plane is not Plane.LUMA or number in share
            codes = marked(frames, added.get(plane, 0.0)) if carries else frames
            found = learn.averaged(codes)
            assert found is not None
            one[plane] = found
        out.append(one)
    return out


def inside(area: learn.Area) -> bool:
    """Whether an area lies on the drawn letters, which are some 46 by 18 pixels."""
    x, y = area.x + area.width / 2, area.y + area.height / 2
    return abs(x - 273) < 8 and abs(y - 152) < 8 and area.width < 70 and area.height < 40


def likely(takes: list[Fields]) -> list[learn.Area]:
    areas = clearest.agreed(takes, LIMIT)
    return [area for area in areas if area.coherence >= clearest.asked(area.plane, LIMIT)]


@pytest.mark.parametrize("plane", [Plane.CB, Plane.CR])
def test_a_mark_as_bright_as_its_scenes_is_seen_in_its_chroma(plane: Plane) -> None:
    (area,) = likely(fields({plane: -25.0}))
    assert (area.plane, inside(area)) == (plane, True)


def test_a_mark_of_both_is_seen_once_and_in_luma() -> None:
    takes = fields({Plane.LUMA: 60.0, Plane.CR: 25.0})
    (area,) = likely(takes)
    assert (area.plane, inside(area)) == (Plane.LUMA, True)
    # It would be seen in chroma as well, and somewhat more clearly.
    alone = learn.common([one[Plane.CR] for one in takes])[0]
    assert alone.coherence > area.coherence


def test_chroma_far_clearer_than_luma_is_taken() -> None:
    # In luma a quarter of the takes hardly show it: they agree far less there.
    takes = fields({Plane.LUMA: 60.0, Plane.CR: 25.0}, share=(0, 1, 2))
    (area,) = likely(takes)
    assert (area.plane, inside(area)) == (Plane.CR, True)


def test_unmarked_takes_agree_in_no_plane() -> None:
    assert likely(fields({})) == []


def test_more_is_asked_for_in_chroma() -> None:
    assert clearest.asked(Plane.LUMA, LIMIT) == LIMIT
    assert min(clearest.asked(plane, LIMIT) for plane in (Plane.CB, Plane.CR)) > LIMIT


def test_two_marks_in_two_planes_are_both_told() -> None:
    takes = fields({Plane.LUMA: 60.0})
    both: list[Fields] = []
    for number, one in enumerate(takes):
        chroma = learn.averaged(marked(take(10 * number + 2, 0.1), 25.0, at=(20, 40)))
        assert chroma is not None
        both.append({**one, Plane.CR: chroma})
    places = {area.plane: area.x for area in likely(both)}
    assert set(places) == {Plane.LUMA, Plane.CR}
    assert places[Plane.CR] < 30
    assert places[Plane.LUMA] > 240
