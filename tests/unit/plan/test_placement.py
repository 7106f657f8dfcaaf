"""A thousand clips at random: each lies on the very sample that exact fractions say."""

from __future__ import annotations

import pytest
from tests.sounding import pieces, planned, random_clips

from finisher.timecode import Rate

RATES = ("24", "25", "60", "24000/1001", "30000/1001", "60000/1001", "12", "1000/33")


@pytest.mark.parametrize("rate", RATES)
def test_every_clip_lies_where_exact_fractions_say(rate: str) -> None:
    clips = random_clips(Rate.parse(rate), 1000 // len(RATES), seed=2026)
    plan, _ = planned(*clips.items, layers=clips.layers, files=clips.files, rate=Rate.parse(rate))
    found = [(p.source, p.source_start, p.start, p.start + p.length) for p in pieces(plan)]
    assert sorted(found) == sorted(clips.expected)
    assert len(found) == 1000 // len(RATES)
