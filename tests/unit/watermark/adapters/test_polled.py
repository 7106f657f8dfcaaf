"""What a network gives for each bit is summed over pictures, delivered and brought back."""

import numpy as np
import pytest

from finisher.watermark.adapters.networks import polled
from finisher.watermark.detector import Reading, Sight

BITS = np.random.default_rng(11).integers(0, 2, 64).astype(bool)


def picture(values):
    """One row with a value a bit, 128 for a bit that isn't shown."""
    return np.repeat(np.asarray(values, np.uint8)[None, :, None], 3, 2)


def logits(shown):
    return shown[0, :, 0].astype(np.float64) - 128


CLEAR = picture(np.where(BITS, 140, 116))
MIRRORED = np.ascontiguousarray(CLEAR[:, ::-1])


def test_pictures_add_up():
    half = np.arange(BITS.size) < BITS.size // 2
    first = picture(np.where(half, CLEAR[0, :, 0], 127))
    second = picture(np.where(half, 127, CLEAR[0, :, 0]))
    (told,) = polled(logits, [Sight(first), Sight(second)], BITS)
    assert (told.reading, told.matched, told.pictures) == (Reading.FOUND, 64, 2)
    assert polled(logits, [Sight(first)], BITS)[0].matched != 64


def test_a_picture_brought_back_is_counted_once_and_tested_as_well():
    (alone,) = polled(logits, [Sight(CLEAR)], BITS)
    blind, placed = polled(logits, [Sight(MIRRORED, CLEAR)], BITS)
    assert [told.variant for told in (blind, placed)] == ["blind", "aligned"]
    assert (blind.reading, placed.reading) == (Reading.ABSENT, Reading.FOUND)
    assert blind.pictures == placed.pictures == 1
    # Two tests for each way of looking, so that two ways make chance twice as likely.
    assert placed.p == pytest.approx(2 * alone.p)
    # What was not moved is the same picture, and no second look.
    assert polled(logits, [Sight(CLEAR, CLEAR)], BITS) == (alone,)


def test_a_payload_may_be_the_beginning_of_the_outputs_and_not_more():
    (told,) = polled(logits, [Sight(CLEAR)], BITS[:40])
    assert (told.reading, told.bits) == (Reading.FOUND, 40)
    (told,) = polled(logits, [Sight(CLEAR)], np.tile(BITS, 2))
    assert told.reading is Reading.UNREADABLE
    assert told.reason == "the network reads 64 bits, and 128 are declared"
    (told,) = polled(logits, [], BITS)
    assert (told.reading, told.reason) == (Reading.UNREADABLE, "there are no pictures")
