"""The space that a take's tags tell of: believed, assumed in words, or refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.planning import BT709, facts, index, preset, taken, timeline

from finisher.event import Event
from finisher.look import ColorTags, Grade, Space
from finisher.ocio import spaces
from finisher.plan.assemble import plan
from finisher.plan.decode import Decoding, decoding, read_as
from finisher.problems import MediaError, Severity
from finisher.timecode import Span

FRAMES = index(10)
WIDE = ("bt2020nc", "bt2020")
PQ = ColorTags("tv", *WIDE, "smpte2084")


def read(tags: ColorTags, **change: Any) -> tuple[Decoding, list[str]]:
    found, problems = decoding("t1", taken("t1", FRAMES, tags=tags, **change))
    assert all(p.severity is Severity.NOTE for p in problems)
    head = "take 't1': "
    return found, [f"{p.code}: {p.message.removeprefix(head)}" for p in problems]


@pytest.mark.parametrize(
    ("tags", "space", "words"),
    [
        (PQ, Space.PQ, "hdr-conform: PQ tone-mapped"),
        (ColorTags("tv", *WIDE, "arib-std-b67"), Space.HLG, "hdr-conform: HLG tone-mapped"),
        (ColorTags("tv", *WIDE, "bt2020-10"), Space.REC2020, "gamut-conform: Rec.2020 brought"),
        (ColorTags("tv", *WIDE, "bt709"), Space.REC2020, "gamut-conform: Rec.2020 brought"),
        (ColorTags("tv", "bt709", "smpte432", "bt709"), Space.P3, "gamut-conform: P3 brought"),
        (ColorTags("tv", "bt709", "smpte432", "iec61966-2-1"), Space.P3, "gamut-conform: P3"),
    ],
)
def test_complete_tags_decide_the_space_and_it_is_told_once(
    tags: ColorTags, space: Space, words: str
) -> None:
    found, told = read(tags)
    assert found == Decoding(tags.matrix or "", "tv", space)
    (only,) = told
    assert only.startswith(words)


def test_what_the_tone_mapping_says_of_itself_is_so() -> None:
    _, (words,) = read(PQ)
    assert f"{spaces.REFERENCE_WHITE:g} cd/m² is white" in words
    assert f"up to {spaces.PEAK:g} rolled off" in words


@pytest.mark.parametrize(
    ("tags", "space", "assumed"),
    [
        (ColorTags("tv", None, None, "smpte2084"), Space.PQ, ["bt2020", "bt2020nc"]),
        (ColorTags("tv", "bt2020nc", None, "arib-std-b67"), Space.HLG, ["bt2020"]),
        (ColorTags("tv", None, "bt2020", "smpte2084"), Space.PQ, ["bt2020nc"]),
        (ColorTags("tv", "bt2020nc", None, None), Space.REC2020, ["bt2020"]),
        (ColorTags("tv", None, None, "bt2020-10"), Space.REC2020, ["bt2020", "bt2020nc"]),
        (ColorTags("tv", None, "smpte432", None), Space.P3, ["bt709"]),
    ],
)
def test_what_is_missing_follows_from_the_rest_and_is_told(
    tags: ColorTags, space: Space, assumed: list[str]
) -> None:
    found, told = read(tags)
    assert found.space is space
    guesses = [words for words in told if words.endswith("assumed")]
    assert [words.split()[-2] for words in guesses] == assumed


def test_rgb_may_be_of_another_space() -> None:
    found, told = read(ColorTags("pc", "gbr", "smpte432", "iec61966-2-1"), pixel_format="gbrp")
    assert found == Decoding("gbr", "pc", Space.P3)
    assert any(words.startswith("gamut-conform") for words in told)


@pytest.mark.parametrize(
    ("tags", "words"),
    [
        (ColorTags("tv", "bt709", "bt709", "smpte2084"), "its primaries say bt709"),
        (ColorTags("tv", "bt2020nc", "smpte432", "smpte2084"), "its primaries say smpte432"),
        (ColorTags("tv", "bt709", None, "smpte2084"), "matrix bt709 contradicts"),
        (ColorTags("tv", "bt709", "bt2020", "bt709"), "which tell of Rec.2020"),
        (ColorTags("tv", "bt2020nc", "bt709", "bt709"), "which tell of Rec.709"),
        (ColorTags("tv", "bt2020nc", "smpte432", "bt709"), "which tell of P3"),
        (ColorTags("tv", "bt709", None, "bt2020-10"), "which tell of Rec.2020"),
        (ColorTags("tv", "bt2020c", "bt2020", "bt2020-10"), "its matrix bt2020c"),
        (ColorTags("tv", "ictcp", "bt2020", "smpte2084"), "its matrix ictcp"),
        (ColorTags("tv", "bt709", "smpte431", "bt709"), "primaries smpte431"),
        (ColorTags("tv", "bt709", "bt709", "log100"), "its transfer log100"),
        (ColorTags("tv", "bt709", "bt709", "linear"), "its transfer linear"),
        (ColorTags("tv", "bt470bg", "bt470bg", "gamma28"), "its transfer gamma28"),
        (ColorTags("tv", "bt709", "bt709", "smpte428"), "its transfer smpte428"),
    ],
)
def test_what_contradicts_itself_or_is_not_known_is_refused_never_relabelled(
    tags: ColorTags, words: str
) -> None:
    with pytest.raises(MediaError) as caught:
        read(tags)
    (problem,) = caught.value.problems
    assert problem.code == "not-conformable"
    assert words in problem.message
    assert problem.hint is not None
    assert '"color"' in problem.hint


@pytest.mark.parametrize("matrix", ["ictcp", "bt2020c", "ycgco", None])
def test_what_is_refused_can_still_be_looked_at(matrix: str | None) -> None:
    tags = ColorTags("tv", matrix, "bt2020", "smpte2084")
    found = read_as(tags, "yuv420p10le", taken("t1", FRAMES).raster)
    assert found == Decoding("bt2020nc", "tv", Space.PQ)


def test_what_the_edit_declares_is_told_beside_what_the_file_says() -> None:
    declared = ColorTags(matrix="bt2020nc", primaries="bt2020", transfer="smpte2084")
    take = replace(taken("t1", FRAMES, tags=PQ), stated=replace(BT709, transfer=None))
    _, notes = decoding("t1", take, declared)
    assert [p.message for p in notes if p.code == "colour-declared"] == [
        "take 't1': matrix bt2020nc as the edit declares; its file says bt709",
        "take 't1': primaries bt2020 as the edit declares; its file says bt709",
        "take 't1': transfer smpte2084 as the edit declares; its file does not say",
    ]
    _, notes = decoding("t1", taken("t1", FRAMES, tags=PQ), declared)
    assert [p.code for p in notes] == ["hdr-conform"]


def test_a_grade_begins_with_the_space_of_its_take() -> None:
    known = facts(("t1", taken("t1", FRAMES, tags=PQ)), ("t2", taken("t2", FRAMES)))
    items = (Event("a", "t1", Span(0, 5)), Event("b", "t2", Span(0, 5)))
    made = plan(timeline(*items), preset(), known)
    assert [event.grade for event in made.events] == [Grade(input=Space.PQ), Grade()]
    assert "adjustedColor" in made.events[0].edits
    assert [repair.code for repair in made.repairs] == ["hdr-conform"]


def test_rgb_in_limited_range_is_refused() -> None:
    take = replace(
        taken("t1", FRAMES, tags=ColorTags("tv", "gbr", None, None)), pixel_format="bgr0"
    )
    with pytest.raises(MediaError, match="RGB in limited range"):
        decoding("t1", take)
