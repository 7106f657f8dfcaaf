"""What the packages decoded is what is decoded here."""

import base64
import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.vectors.hidden_marks.drawing import shaken

from finisher.watermark.detector import Picture
from finisher.watermark.hidden.codes import BlindWatermark, Code, ImWatermark
from finisher.watermark.hidden.tally import Tally, votes

VECTORS = Path(__file__).parents[3] / "vectors" / "hidden_marks" / "vectors.json"
CASES = json.loads(VECTORS.read_text())["vectors"]


def marked(case: dict[str, str]) -> Picture:
    coded = np.frombuffer(base64.b64decode(case["png"]), np.uint8)
    return np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1])


def code_of(case: dict[str, int]) -> Code:
    if case["detector"] == "blind_watermark":
        return BlindWatermark(case["password_img"], case["password_wm"])
    return ImWatermark(singular=case["detector"].endswith("Svd"))


def decoded(code: Code, picture: Picture, length: int) -> str:
    layers = code.layers(code.halves(picture))
    tally = Tally(code, length)
    tally.add(votes(layers), np.ones(layers[0].values.size), centred=False)
    return "".join(str(int(bit)) for bit in code.bits(tally.means))


@pytest.mark.parametrize("strength", ["0", "4", "9"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['detector']} {case['name']}")
def test_decoded_as_the_package_does(case, strength):
    picture = shaken(marked(case), int(strength))
    bits = decoded(code_of(case), picture, len(case["payload"]))
    assert bits == case["decoded"][strength]
