from __future__ import annotations

import re

import pytest
from tests.unit.report import made

from finisher.color.scopes import Levels
from finisher.look import CDL, Grade, Space
from finisher.report import colour_view, phrases
from finisher.report.html import report_html
from finisher.report.model import EventColour, Scopes, SheetRow

HOSTILE = "<script>alert(1)</script>\u202e&amp;\x1b[2J"


def scopes(name: str, levels: Levels = Levels(3.2, 41.0, 94.6)) -> Scopes:  # noqa: B008 (frozen)
    files = (f"\xff\xd8{name} {kind}".encode() for kind in ("waveform", "parade", "vectors"))
    return Scopes(*files, levels)


def colour(name: str, picture: str) -> EventColour:
    return EventColour(
        f"\xff\xd8{picture}".encode(), scopes(f"{picture} before"), scopes(f"{name} after")
    )


COLOURS = {"open": colour("open", "one"), "push": colour("push", "two"),
           "slow": colour("slow", "one")}  # fmt: skip
SHEETS = {"tuesday": (SheetRow("s10t01", "s09t02", b"\xff\xd8r", b"\xff\xd8b", b"\xff\xd8a"),)}


def test_scopes_stand_before_and_after_with_words_for_both() -> None:
    views = colour_view.scopes(made.report(colours=COLOURS))
    take, delivered = views["open"]
    assert (take.title, delivered.title) == ("Take", "Delivered")
    assert take.told == "s09t02 · luma 3 to 95 %, half of it below 41 %"
    assert delivered.told == "the middle frame · luma 3 to 95 %, half of it below 41 %"
    assert take.picture is not None
    assert delivered.picture is None
    assert [scope.alt for scope in delivered.scopes] == [
        "waveform of open, as delivered: luma 3 to 95 %, half of it below 41 %",
        "RGB parade of open, as delivered",
        "vectorscope of open, as delivered",
    ]
    assert "hero" not in views


def test_no_picture_is_embedded_twice() -> None:
    page = report_html(made.report(colours=COLOURS, sheets=SHEETS))
    sources = re.findall(r'src="(data:[^"]*)"', page)
    assert len(sources) == len(set(sources))
    # Three stills; of three events two have a picture and scopes of their own before, all after.
    assert len(sources) == 3 + 2 * 4 + 3 * 3 + 3
    assert "the same picture as under open" in page


def test_a_page_that_has_not_all_scopes_says_so() -> None:
    assert colour_view.unscoped(made.report()) == ""
    told = colour_view.unscoped(made.report(colours=COLOURS))
    assert told == "Scopes are shown for 3 of 4 events, to keep the page light."
    assert told in report_html(made.report(colours=COLOURS))


def test_a_match_is_told_with_distance_evidence_and_pictures() -> None:
    (view,) = colour_view.matches(made.report(sheets=SHEETS))
    assert (view.session, view.reference, view.before, view.after) == (
        "tuesday", "monday", "7.9", "2.0"
    )  # fmt: skip
    assert dict(view.facts) == {
        "Confidence": "86 %",
        "Evidence": "common places",
        "Compared": "1,840 areas",
        "Takes": "s10t01 – s09t02",
        "Beyond the CDL": "a small smooth table",
    }
    (row,) = view.rows
    assert [words for words, _ in row.pictures] == [
        "s09t02, reference", "s10t01, before", "s10t01, after"
    ]  # fmt: skip


def test_why_there_is_no_match_is_told() -> None:
    match = made.replace(
        made.report().matches["tuesday"], cdl=CDL(), confidence=0.0, takes=(), residual=None,
        reason="the sessions show nothing in common",
    )  # fmt: skip
    told = made.report(matches={"tuesday": match}, sheets={})
    (view,) = colour_view.matches(told)
    assert view.reason == "the sessions show nothing in common"
    assert "Takes" not in dict(view.facts)
    assert "the sessions show nothing in common" in report_html(told)


def test_many_pairs_are_counted_rather_than_listed() -> None:
    pairs = tuple((f"a{n}", f"b{n}") for n in range(20))
    match = made.replace(made.report().matches["tuesday"], takes=(*pairs, pairs[0]))
    (view,) = colour_view.matches(made.report(matches={"tuesday": match}))
    assert dict(view.facts)["Takes"].endswith("a7 – b7 and 12 more")


def test_names_of_takes_are_no_markup() -> None:
    row = made.replace(SHEETS["tuesday"][0], ours=HOSTILE, theirs=HOSTILE)
    match = made.replace(
        made.report().matches["tuesday"], takes=((HOSTILE, HOSTILE),), reason=HOSTILE
    )
    plan = made.plan()
    event = made.replace(plan.events[0], take=HOSTILE)
    told = made.report(
        plan=made.replace(plan, events=(event, *plan.events[1:])),
        matches={HOSTILE: match},
        sheets={HOSTILE: (row,)},
        colours=COLOURS,
    )
    page = report_html(told)
    assert "<script" not in page
    assert not re.search("[\u202a-\u202e\x1b]", page)


@pytest.mark.parametrize(
    ("grade", "words"),
    [
        (Grade(), ("untouched",)),
        (Grade(input=Space.HLG), ("from rec2100-hlg to Rec.709",)),
        (Grade(residual=made.RESIDUAL), ("matched: a small smooth table",)),
        (
            Grade(match=CDL(saturation=1.1), residual=made.RESIDUAL),
            ("matched: saturation 1.1, and a small smooth table",),
        ),
    ],
)
def test_what_was_done_to_colour_is_one_line_each(grade: Grade, words: tuple[str, ...]) -> None:
    assert phrases.grade(grade, {}) == words


@pytest.mark.parametrize(
    ("grade", "words"),
    [
        (Grade(match=made.MATCH), "matched to session monday: "),
        (Grade(match=made.MATCH.scaled(0.85)), "matched to session monday at 85 %: "),
        (Grade(match=made.MATCH.scaled(1 / 3)), "matched to session monday at 33.3 %: "),
        (Grade(residual=made.RESIDUAL), "matched to session monday: a small"),
        (Grade(match=CDL(slope=(1.04, 1.0, 0.94))), "matched: "),
        (Grade(residual=made.replace(made.RESIDUAL, sha256="8" * 64)), "matched: "),
    ],
)
def test_a_match_is_known_again_at_any_strength(grade: Grade, words: str) -> None:
    assert phrases.grade(grade, made.report().matches)[0].startswith(words)
