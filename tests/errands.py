"""A unit to be handed to others: two pictures of one take, whatever is done with them."""

from __future__ import annotations

from fractions import Fraction

import pytest
from tests import barcode

from finisher.geometry import Fit, Raster, frame
from finisher.plan.model import Shot
from finisher.presets.model import Video, VideoCodec
from finisher.problems import MachineError
from finisher.render.kitchen import UnitSource
from finisher.render.unit import UnitJob
from finisher.timecode import Rate

RASTER = Raster(barcode.WIDTH, barcode.HEIGHT)
WHOLE = frame(RASTER, RASTER, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
JOB = UnitJob(
    (UnitSource("one", "bt709", "tv", WHOLE, None),),
    (Shot(0, 1), Shot(0, 3)),
    RASTER,
    Rate.parse("24"),
    Video(VideoCodec.H264, "high", "yuv420p", "ultrafast", 12),
)


def code_of(caught: pytest.ExceptionInfo[MachineError]) -> str:
    (problem,) = caught.value.problems
    return problem.code
