"""A declared payload is found where it is, and nowhere else."""

import cv2
import numpy as np
import pytest
from tests.hidden_embedding import FLUX, SDXL, blind_watermark, embedded

from finisher.problems import DocumentError
from finisher.watermark import detectors
from finisher.watermark.detector import Declared, Hearing, Reading, Sight
from finisher.watermark.hidden.aligning import aligned

SIZE = (384, 288)
CODES = ("imwatermark.dwtDctSvd", "imwatermark.dwtDct", "blind_watermark")


def scene(seed):
    """Soft shapes and texture, a little like a photograph."""
    random = np.random.default_rng(seed)
    coarse = random.uniform(40, 215, (6, 8, 3)).astype(np.float32)
    smooth = cv2.resize(coarse, SIZE, interpolation=cv2.INTER_CUBIC)
    grain = cv2.GaussianBlur(random.normal(0, 25, (SIZE[1], SIZE[0], 3)), (0, 0), 1.5)
    return np.clip(smooth + grain, 0, 255).astype(np.uint8)


def coded(picture, quality):
    data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def graded(picture):
    """A warm, contrasty grade, unlike in each channel and bent."""
    values = (picture / 255.0) ** np.array([0.9, 1.0, 1.15]) * np.array([1.08, 1.0, 0.88])
    return np.clip((values - 0.5) * 1.1 + 0.5, 0, 1) * 255


def found(code, sights, payload=SDXL):
    return detectors.look(code, {}, sights, Declared(payload, SIZE))


@pytest.mark.parametrize("code", CODES)
def test_a_mark_is_read_blind(code):
    take = embedded(code, scene(1), SDXL)
    (blind,) = found(code, [Sight(take)])
    assert blind.reading is Reading.FOUND
    assert blind.variant == "blind"
    assert (blind.bits, blind.pictures) == (48, 1)
    assert blind.matched is not None
    # Of dwtDct the package itself reads a few bits wrongly right after it wrote them.
    assert blind.matched >= (42 if code.endswith("dwtDct") else 48)


@pytest.mark.parametrize("code", CODES)
def test_another_payload_is_not(code):
    take = embedded(code, scene(1), SDXL)
    for told in found(code, [Sight(take, take, None, take)], SDXL[5:] + SDXL[:5]):
        assert told.reading is Reading.ABSENT


@pytest.mark.parametrize("payload", [FLUX, "01110100011001010111001101110100" * 2])
def test_payloads_of_other_lengths(payload):
    take = embedded(CODES[0], scene(2), payload)
    (blind,) = found(CODES[0], [Sight(take)], payload)
    assert (blind.reading, blind.matched) == (Reading.FOUND, len(payload))


def test_the_take_recovers_what_no_decoder_reads():
    """Cut, scaled, graded and compressed, it takes the place and the colours to read it."""
    takes = [embedded(CODES[0], scene(seed), SDXL) for seed in range(4)]
    sights = []
    for take in takes:
        cut = np.ascontiguousarray(take[40:264, 48:344])
        grown = cv2.resize(graded(cut), (444, 336), interpolation=cv2.INTER_CUBIC)
        export = coded(np.clip(grown, 0, 255).astype(np.uint8), 92)
        sights.append(
            Sight(export, *aligned(export, SIZE, (48, 40, 296, 224), (0, 0, 444, 336)), take)
        )
    blind, placed, coloured = found(CODES[0], sights)
    assert blind.reading is Reading.ABSENT
    assert placed.variant == "aligned"
    assert (coloured.variant, coloured.reading) == ("aligned and coloured", Reading.FOUND)
    assert coloured.correlation is not None
    assert coloured.correlation > 0.8


@pytest.mark.parametrize("code", CODES)
def test_the_take_alone_lends_no_payload(code):
    """An export of the same scene without the mark: what the take knows must not pass for it."""
    sights = []
    for seed in range(3):
        plain = scene(seed)
        export = coded(graded(plain).astype(np.uint8), 90)
        sights.append(Sight(export, export, None, embedded(code, plain, SDXL)))
    for told in found(code, sights):
        assert told.reading is Reading.ABSENT
        assert told.p is not None
        assert told.p > 1e-4


def test_a_grade_that_turns_the_payload_over_is_named():
    take = embedded(CODES[0], scene(3), SDXL)
    planes = cv2.cvtColor(take, cv2.COLOR_RGB2YUV).astype(int)
    # Half a step of the code, 18, in a block's value is 2.25 in each pixel: two or three.
    planes[..., 1] += 2 + (np.indices(planes.shape[:2]).sum(0) % 4 == 0)
    turned = cv2.cvtColor(np.clip(planes, 0, 255).astype(np.uint8), cv2.COLOR_YUV2RGB)
    (blind, placed) = found(CODES[0], [Sight(turned, turned)])
    assert Reading.INVERTED in (blind.reading, placed.reading)
    assert Reading.FOUND not in (blind.reading, placed.reading)


@pytest.mark.parametrize("code", CODES)
def test_flat_pictures_carry_nothing(code):
    flat = np.full((288, 384, 3), 126, np.uint8)
    for payload in (SDXL, "0" * 40 + "1" * 8, "1" * 40 + "0" * 8):
        for told in found(code, [Sight(flat, flat, None, flat)], payload):
            assert told.reading is not Reading.FOUND
            assert told.reading is not Reading.INVERTED


@pytest.mark.parametrize(
    ("sights", "payload", "words"),
    [
        ([], SDXL, "none"),
        ([Sight(np.zeros((64, 64, 3), np.uint8))], SDXL, "too small"),
        ([Sight(scene(1))], "", "no payload"),
        ([Sight(scene(1))], "1" * 48, "chance"),
        ([Sight(scene(1))], "0110", "chance"),
        ([Sight(scene(1))], "01" * 2000, "fewer blocks"),
        (Hearing(np.zeros((48000, 1), np.float32), 48000), SDXL, "sound"),
    ],
)
def test_what_can_not_be_said_is_said(sights, payload, words):
    told, *_ = found(CODES[0], sights, payload)
    assert told.reading is Reading.UNREADABLE
    assert words in told.reason


def test_too_little_of_a_picture_says_nothing():
    take = embedded(CODES[0], scene(1), SDXL)
    valid = np.zeros(take.shape[:2], bool)
    valid[:80, :24] = True
    _, placed = found(CODES[0], [Sight(take, take, valid)])
    assert placed.reading is Reading.UNREADABLE
    assert "of 48 bits" in placed.reason


def test_blind_watermark_needs_its_passwords():
    take = blind_watermark(scene(4), SDXL, 7, 9)
    declared = Declared(SDXL, SIZE)
    right = {"password_img": "7", "password_wm": "9"}
    assert detectors.look(CODES[2], right, [Sight(take)], declared)[0].reading is Reading.FOUND
    assert detectors.look(CODES[2], {}, [Sight(take)], declared)[0].reading is Reading.ABSENT
    for options in ({"password_img": "secret"}, {"password": "1"}, {"password_wm": "-1"}):
        with pytest.raises(DocumentError, match="password"), detectors.opened(CODES[2], options):
            pass
