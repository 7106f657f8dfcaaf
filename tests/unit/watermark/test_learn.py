"""What unrelated takes have in common is the mark; what related ones have is not."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.watermark import kinship, learn

SIZE = (320, 180)
BOX = (250, 140, 52, 22)


def texture(seed: int) -> NDArray[np.uint8]:
    """A scene of blots, larger than the picture."""
    dice = np.random.default_rng(seed)
    total = np.zeros((280, 440), np.float32)
    for sigma, gain in ((2, 20), (6, 80), (20, 400)):
        noise = dice.standard_normal(total.shape).astype(np.float32)
        total += gain * cv2.GaussianBlur(noise, (0, 0), sigma)
    return np.clip(120 + total, 20, 230).astype(np.uint8)


def take(seed: int, step: float = 5, start: float = 0) -> list[NDArray[np.uint8]]:
    """Luma of a camera that moves over a scene."""
    scene = texture(seed)
    out = []
    for i in range(12):
        x, y = int(start + i * step), int(10 + 0.6 * i * step)
        out.append(scene[y : y + SIZE[1], x : x + SIZE[0]].copy())
    return out


def marked(frames: list[NDArray[np.uint8]], level: float = 235) -> list[NDArray[np.uint8]]:
    alpha = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    cv2.putText(alpha, "AB7", (BOX[0], 160), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    part = alpha.astype(np.float32) / 255 * 0.35
    return [np.rint(f * (1 - part) + level * part).astype(np.uint8) for f in frames]


def fields(takes: list[list[NDArray[np.uint8]]]) -> list[learn.Field]:
    found = [learn.averaged(one) for one in takes]
    assert all(one is not None for one in found)
    return [one for one in found if one is not None]


def inside(area: learn.Area) -> bool:
    """Whether an area lies on the drawn letters, which are some 46 by 18 pixels."""
    x, y = area.x + area.width / 2, area.y + area.height / 2
    return abs(x - 273) < 8 and abs(y - 152) < 8 and area.width < 70 and area.height < 40


def test_four_unrelated_takes_give_the_mark_away() -> None:
    these = fields([marked(take(seed)) for seed in range(4)])
    areas = learn.common(these)
    assert inside(areas[0])
    assert areas[0].coherence >= learn.enough(4, 12)
    assert min(learn.support(these, areas[0])) > 0.5


def test_a_mark_darker_than_some_scenes_and_lighter_than_others_is_found() -> None:
    dark = [np.clip(f.astype(int) - 70, 16, 235).astype(np.uint8) for f in take(1)]
    light = [np.clip(f.astype(int) + 70, 16, 235).astype(np.uint8) for f in take(2)]
    these = fields([marked(one, 120) for one in (dark, light)] + [marked(take(3)), marked(take(4))])
    area = learn.common(these)[0]
    assert inside(area)
    assert set(area.signs) == {1.0, -1.0}


def test_takes_without_a_mark_have_nothing_in_common() -> None:
    areas = learn.common(fields([take(seed) for seed in range(20, 24)]))
    assert all(area.coherence < learn.enough(4, 12) for area in areas)


def test_what_is_learnt_does_not_tell_how_strong_the_mark_is() -> None:
    strong = fields([marked(take(seed)) for seed in range(4)])
    area = learn.common(strong)[0]
    along, across, weight = learn.mean_field(strong, area)
    assert along.shape == (area.height, area.width) == weight.shape
    assert float(np.hypot(along, across).max()) == pytest.approx(1.0, abs=1e-5)
    assert 0 <= weight.min() <= weight.max() <= 1


def test_a_take_without_the_mark_does_not_support_it() -> None:
    these = fields([marked(take(seed)) for seed in range(4)] + [take(9)])
    area = learn.common(these)[0]
    assert inside(area)
    told = learn.support(these, area)
    assert told[4] < 0.2 < min(told[:4])


def test_too_few_takes_have_no_threshold() -> None:
    with pytest.raises(ValueError, match="too few"):
        learn.enough(learn.FEWEST_TAKES - 1, 16)
    four, six, eight, many = (learn.enough(takes, 16) for takes in (4, 6, 8, 30))
    assert four > six > eight == many
    assert learn.averaged([]) is None


def test_few_pictures_of_a_take_must_agree_further() -> None:
    assert learn.enough(4, 11) > learn.enough(4, 12) == learn.enough(4, 16)
    short = fields([take(1)[:4], take(2)])
    assert [one.pictures for one in short] == [4, 12]


def soft(seed: int, count: int) -> list[NDArray[np.uint8]]:
    """Luma of a camera over blurred scenery: no edge in it, slopes of a few codes a pixel."""
    dice = np.random.default_rng(seed)
    coarse = dice.integers(40, 200, (int(dice.integers(9, 30)), int(dice.integers(15, 45))))
    wide = cv2.resize(coarse.astype(np.float32), (440, 280), interpolation=cv2.INTER_CUBIC)
    steps = ((slice(20 + i, 200 + i), slice(20 + 3 * i, 340 + 3 * i)) for i in range(count))
    return [np.clip(wide[part], 16, 235).astype(np.uint8) for part in steps]


@pytest.mark.parametrize("count", [4, 12])
def test_soft_scenery_that_agrees_by_chance_is_no_mark(count: int) -> None:
    # Of these four the slopes have one direction, by chance, to 0.52 and 0.59.
    assert learn.common(fields([soft(seed, count) for seed in range(600, 604)])) == ()


@pytest.mark.parametrize("count", [4, 12])
def test_soft_scenery_does_not_hide_a_mark(count: int) -> None:
    these = fields([marked(soft(seed, count)) for seed in range(600, 604)])
    area = learn.common(these)[0]
    assert inside(area)
    assert area.coherence >= learn.enough(4, count)


def test_scenery_that_stands_still_in_both_is_seen() -> None:
    still = [texture(5)[:180, :320]] * 12
    graded = [np.rint(16 + 0.7 * (f.astype(np.float32) - 16)).astype(np.uint8) for f in still]
    one, other, stranger = fields([still, graded, [texture(6)[:180, :320]] * 12])
    assert kinship.standing(one, other, None) > 0.5
    assert abs(kinship.standing(one, stranger, None)) < kinship.STANDING


def test_the_mark_itself_makes_no_kin() -> None:
    one, other = fields([marked(take(seed)) for seed in (1, 2)])
    area = learn.Area(*BOX, 1.0, (1.0, 1.0))
    assert abs(kinship.standing(one, other, area)) < kinship.STANDING


def test_one_scene_under_another_camera_is_seen() -> None:
    ours = [kinship.scene(frame) for frame in marked(take(1))[::5]]
    theirs = [kinship.scene(frame) for frame in marked(take(1, step=3, start=25))[::5]]
    others = [kinship.scene(frame) for frame in marked(take(2))[::5]]
    area = learn.Area(*BOX, 1.0, ())
    assert kinship.same_scene(ours, theirs, [area], SIZE[0])
    assert not kinship.same_scene(ours, others, [area], SIZE[0])


def test_a_picture_of_one_tone_has_no_scene() -> None:
    blank = kinship.scene(np.full((90, 160), 60, np.uint8))
    assert not kinship.same_scene([blank], [blank], [], 160)


def test_bars_are_measured_and_compared() -> None:
    frames = take(3)
    for frame in frames:
        frame[:20], frame[-24:] = 16, 16
    bars = kinship.bars(frames)
    assert bars == (20, 24, 0, 0)
    assert kinship.bars(take(4)) == (0, 0, 0, 0)
    assert kinship.same_bars(bars, (22, 0, 0, 0))
    assert not kinship.same_bars(bars, (0, 0, 20, 24))
