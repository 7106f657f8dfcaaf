from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from tests.planning import BT709, index, taken

from finisher.geometry import Raster
from finisher.look import ColorTags
from finisher.plan.decode import Decoding, decoding, matrix_and_range
from finisher.problems import Exit, MediaError, Severity

HD, SD, TALL = Raster(1920, 1080), Raster(640, 480), Raster(360, 640)
NOTHING = ColorTags(None, None, None, None)
FRAMES = index(10)


def notes(**change: Any) -> tuple[Decoding, list[str]]:
    found, problems = decoding("t1", taken("t1", FRAMES, **change))
    assert all(p.severity is Severity.NOTE for p in problems)
    assert all(p.where is not None and p.where.file == "takes/t1.mp4" for p in problems)
    return found, [p.message.removeprefix("take 't1': ") for p in problems]


def test_complete_tags_are_believed_without_a_word() -> None:
    assert notes() == (Decoding("bt709", "tv"), [])


@pytest.mark.parametrize(
    ("raster", "matrix"),
    [(HD, "bt709"), (TALL, "bt709"), (Raster(1280, 720), "bt709"), (SD, "smpte170m")],
)
def test_untagged_pictures_are_assumed_by_their_size_and_told(raster: Raster, matrix: str) -> None:
    found, told = notes(tags=NOTHING, raster=raster)
    assert found == Decoding(matrix, "tv")
    assert told == [
        f"no colour matrix is stated: {matrix} assumed",
        "no range is stated: limited assumed",
    ]


@pytest.mark.parametrize("matrix", ["smpte170m", "bt470bg"])
def test_rec_601_is_converted_and_told_whatever_the_size(matrix: str) -> None:
    found, told = notes(tags=ColorTags("tv", matrix, None, None))
    assert found == Decoding(matrix, "tv")
    assert told == [f"Rec.601 matrix ({matrix}) converted to Rec.709"]


def test_full_range_is_converted_and_told() -> None:
    found, told = notes(tags=ColorTags("pc", "bt709", "bt709", "bt709"))
    assert found == Decoding("bt709", "pc")
    assert told == ["full range converted to limited"]


def test_old_full_range_formats_say_so_by_their_name() -> None:
    found, told = notes(tags=ColorTags(None, "bt709", "bt709", "bt709"), pixel_format="yuvj420p")
    assert found == Decoding("bt709", "pc")
    assert told == ["no range is stated: full assumed"]


@pytest.mark.parametrize("pixel_format", ["gbrp", "rgb24", "bgra", "pal8"])
def test_rgb_has_no_matrix_and_full_range(pixel_format: str) -> None:
    assert matrix_and_range(NOTHING, pixel_format, SD) == ("gbr", "pc")
    found, told = notes(tags=NOTHING, pixel_format=pixel_format)
    assert found == Decoding("gbr", "pc")
    assert told == ["RGB converted to Rec.709 Y'CbCr, limited range"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sample_aspect": Fraction(4, 3)}, "not square (4/3)"),
        ({"rotation": 90}, "turned by 90 degrees"),
        ({"interlaced": True}, "it is interlaced"),
        ({"raster": Raster(1919, 1080)}, "1919x1080 is odd"),
        ({"raster": Raster(1920, 1081)}, "1920x1081 is odd"),
    ],
)
def test_what_cannot_be_conformed_exactly_is_refused_in_words(
    change: dict[str, Any], words: str
) -> None:
    with pytest.raises(MediaError) as caught:
        decoding("t1", taken("t1", FRAMES, **{"tags": BT709} | change))
    assert caught.value.exit is Exit.MEDIA
    (problem,) = caught.value.problems
    assert problem.code == "not-conformable"
    assert words in problem.message
    assert "'t1'" in problem.message


@pytest.mark.parametrize("pixel_format", ["gray", "gray10le"])
def test_grey_is_full_range_unless_it_says_otherwise(pixel_format: str) -> None:
    """Its scaler knows no other: what claims to be limited would come out washed."""
    found, told = notes(tags=NOTHING, pixel_format=pixel_format)
    assert found.range == "pc"
    assert "no range is stated: full assumed" in told
    with pytest.raises(MediaError) as caught:
        notes(tags=BT709, pixel_format=pixel_format)
    assert "grey" in caught.value.problems[0].message
