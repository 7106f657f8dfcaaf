"""A WebM file's head, tracks and times against what was promised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from finisher.audit.webm import check_webm
from finisher.facts import FrameIndex
from finisher.findings import Status
from finisher.media.matroska import MatroskaFacts
from finisher.promises import Promises

FACTS = MatroskaFacts("webm", ("vide", "soun"), "opus", Fraction(0))
Promised = Callable[..., Promises]


def index(*pts: int, tick: Fraction = Fraction(1, 1000)) -> FrameIndex:
    return FrameIndex(tick, pts, (0,), pts[-1] + 33 if pts else 0)


def at(rate: Fraction, frames: int = 72, shift: int = 0) -> FrameIndex:
    """Pictures at the milliseconds a careful writer puts them at."""
    return index(*(round(1000 * k / rate) + shift for k in range(frames)))


def failed(promises: Promises, found: MatroskaFacts, shown: FrameIndex) -> set[str]:
    return {f.id for f in check_webm(promises, found, shown) if f.status is Status.FAILED}


@pytest.mark.parametrize("rate", ["24", "24000/1001", "25", "30000/1001", "60"])
def test_the_nearest_millisecond_is_as_good_as_it_gets(rate: str, promised: Promised) -> None:
    wanted = promised(rate=rate, codec="vp9")
    assert failed(wanted, FACTS, at(Fraction(rate))) == set()


@pytest.mark.parametrize("rate", ["24000/1001", "25", "nonsense"])
def test_another_rate_is_told_however_near(rate: str, promised: Promised) -> None:
    # 24000/1001 and 24 are a whole millisecond apart after a second.
    assert failed(promised(rate=rate), FACTS, at(Fraction(24))) == {"rate"}


def test_one_picture_out_of_place_is_told(promised: Promised) -> None:
    good = at(Fraction(24))
    moved = replace(good, pts=(*good.pts[:30], good.pts[30] + 1, *good.pts[31:]))
    assert failed(promised(), FACTS, moved) == {"rate"}


def test_pictures_that_begin_late_are_told(promised: Promised) -> None:
    assert failed(promised(), FACTS, at(Fraction(24), shift=7)) == {"rate", "starts-together"}


def test_sound_that_begins_late_is_told(promised: Promised) -> None:
    late = replace(FACTS, sound_start=Fraction(7, 1000))
    assert failed(promised(), late, at(Fraction(24))) == {"starts-together"}


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"doc_type": "matroska"}, {"container"}),
        ({"tracks": ("vide",)}, {"tracks"}),
        ({"tracks": ("vide", "soun", "soun")}, {"tracks"}),
        ({"tracks": ("vide", "soun", "subtitle")}, {"tracks"}),
    ],
)
def test_another_kind_of_file_or_other_tracks_are_told(
    changes: dict[str, object], wrong: set[str], promised: Promised
) -> None:
    assert failed(promised(), replace(FACTS, **changes), at(Fraction(24))) == wrong


def test_without_sound_there_is_one_track(promised: Promised) -> None:
    alone = replace(FACTS, tracks=("vide",), sound_codec="")
    assert failed(promised(sound=None), alone, at(Fraction(24))) == set()
