"""What evidence of a payload amounts to, and what is asked of pictures at all."""

import numpy as np
import pytest

from finisher.watermark.detector import Declared, Hearing, Reading, Sight
from finisher.watermark.hidden.judging import BLIND, by_bits, by_sights, decoded, payload_of

PAYLOAD = "0111010001100101" * 3
SIGHTS = (Sight(np.zeros((2, 2, 3), np.uint8)),)
SOUND = Hearing(np.zeros((8, 2), np.float32), 48000)


def bits():
    return payload_of(Declared(PAYLOAD, (2, 2)))


def test_pictures_are_read_with_the_declared_bits():
    asked = []

    def read(seen, payload):
        asked.append((seen, payload))
        return (by_bits(BLIND, payload - 0.5, payload, 2, 1),)

    (told,) = by_sights(read, SIGHTS, Declared(PAYLOAD, (2, 2)))
    assert told.reading is Reading.FOUND
    ((seen, payload),) = asked
    assert seen is SIGHTS
    assert payload.tolist() == [bit == "1" for bit in PAYLOAD]


@pytest.mark.parametrize(
    ("seen", "payload", "reason"),
    [
        (SOUND, PAYLOAD, "pictures, and sound"),
        # That it is sound is said first: no other payload would help.
        (SOUND, "", "pictures, and sound"),
        (SIGHTS, "", "no payload is declared"),
        (SIGHTS, "1" * 48, "48 ones in 48 bits"),
    ],
)
def test_nothing_is_read_where_nothing_can_be_told(seen, payload, reason):
    def read(_seen, _payload):
        pytest.fail("it was read")

    (told,) = by_sights(read, seen, Declared(payload, (2, 2)))
    assert (told.reading, told.variant) == (Reading.UNREADABLE, BLIND)
    assert reason in told.reason


def test_bits_are_the_signs_of_soft_values():
    payload = bits()
    soft = np.where(payload, 2.0, -3.0)
    soft[payload.argmax()] = 0.0  # no one: only what is above 0 is
    told = by_bits(BLIND, soft, payload, 2, 5)
    assert (told.reading, told.matched, told.bits, told.pictures) == (Reading.FOUND, 47, 48, 5)
    assert by_bits(BLIND, -soft, payload, 2, 5).reading is Reading.INVERTED


def test_a_code_may_read_its_bits_in_its_own_way():
    payload = bits()
    soft = np.where(payload, 0.7, 0.3)  # all above 0, so that signs would say ones alone
    told = decoded(BLIND, soft > 0.5, soft, payload, 2, 1)
    assert (told.reading, told.matched) == (Reading.FOUND, 48)
    assert by_bits(BLIND, soft, payload, 2, 1).reading is Reading.ABSENT
    # The correlation is that of the soft values, which agree in all but their zero.
    assert told.correlation == by_bits(BLIND, soft, payload, 2, 1).correlation
