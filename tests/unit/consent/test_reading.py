from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.consent.logs import NAME, grant, log, revoke, written

from finisher.consent.model import Act
from finisher.consent.reading import COLUMNS, FIRST, parse
from finisher.consent.writing import line
from finisher.problems import DocumentError, PolicyError

HEAD = "person,act,date,scope,territory,from,until,evidence,evidence_sha256,note"
SHA = "a" * 64


def problems(text: str | bytes) -> list[tuple[str, int | None, int | None]]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(DocumentError) as caught:
        parse(data, NAME)
    places = [(p.code, p.where) for p in caught.value.problems]
    return [(code, where and where.line, where and where.column) for code, where in places]


def test_a_row_says_who_did_what_where_for_what_and_how_long() -> None:
    row = log(
        grant("ana", "advertising; social", "EU;US", until="2027-12-31", note="by mail"),
    ).rows[0]
    assert (row.person, row.act, row.day) == ("ana", Act.GRANT, date(2026, 1, 2))
    assert (row.scopes, row.territories) == (("advertising", "social"), ("EU", "US"))
    assert (row.begins, row.until) == (date(2026, 1, 2), date(2027, 12, 31))
    assert row.note == "by mail"
    assert {"DE", "US"} < row.everywhere
    assert (str(row.where), len(row.link)) == ("consent.csv:2:1", 64)


def test_a_revocation_that_says_nothing_takes_back_all() -> None:
    row = log(grant(), revoke()).rows[1]
    assert (row.scopes, row.territories, row.until) == (("*",), ("worldwide",), None)


def test_a_spreadsheets_own_file_is_read_and_known_to_have_no_links() -> None:
    text = f"\ufeffx-case,{HEAD}\r\n7,ana,grant,2026-01-02,*,worldwide,,,,,\r\n"
    found = parse(text.encode("utf-8"), NAME)
    assert not found.chained
    assert found.persons == ("ana",)
    assert log(grant()).chained


def test_names_are_one_person_however_their_letters_are_composed() -> None:
    assert log(grant("Zoe\u0308"), grant("Zo\u00eb"), grant("zo\u00eb")).persons == ("Zoë", "zoë")


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (",grant,2026-01-02,*,DE,,,,,", 1),
        ("ana,granted,2026-01-02,*,DE,,,,,", 5),
        ("ana,grant,02.01.2026,*,DE,,,,,", 11),
        ("ana,grant,2026-02-30,*,DE,,,,,", 11),
        ("ana,grant,,*,DE,,,,,", 11),
        ("ana,grant,2026-01-02,,DE,,,,,", 22),
        ("ana,grant,2026-01-02,*,,,,,,", 24),
        ("ana,grant,2026-01-02,*,de,,,,,", 24),
        ("ana,grant,2026-01-02,*,XX,,,,,", 24),
        ("ana,grant,2026-01-02,*,DE,2026-05-01,2026-04-30,,,", 38),
        ("ana,grant,2026-01-02,*,DE,,2026-01-01,,,", 28),
        ("ana,revoke,2026-01-02,*,DE,,2026-05-01,,,", 5),
        (f"ana,grant,2026-01-02,*,DE,,,../paper.pdf,{SHA},", 29),
        (f"ana,grant,2026-01-02,*,DE,,,https://a.b/c,{SHA},", 29),
        ("ana,grant,2026-01-02,*,DE,,,paper.pdf,,", 29),
        ("ana,grant,2026-01-02,*,DE,,,paper.pdf,abc,", 39),
        ("ana,grant,2026-01-02,*,DE,,,,,\x1b[31m", 31),
    ],
)
def test_a_cell_that_means_nothing_is_told_with_its_place(row: str, column: int) -> None:
    if "../" in row:  # its form is right: whether it leads out is the disk's to say
        assert parse(f"{HEAD}\n{row}\n".encode(), NAME).rows
    else:
        assert problems(f"{HEAD}\n{row}\n") == [("consent-row", 2, column)]


def test_every_problem_is_told_in_one_go() -> None:
    rows = "ana,gave,never,*,DE,,,,,\nbo,grant,2026-01-02\n,grant,2026-01-02,*,DE,,,,,\n"
    assert problems(f"{HEAD}\n{rows}") == [
        ("consent-row", 2, 5),
        ("consent-row", 2, 10),
        ("consent-log-form", 3, 1),
        ("consent-row", 4, 1),
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", (None, None)),
        ("person,act,date,expires\n", (1, 17)),
        ("person,act,date,act\n", (1, 17)),
        ("person,act\n", (1, 1)),
        ("person;act;date\n", (1, 1)),
        ('person,act,date\nana,"grant', (2, 5)),
        (b"person,act,date\n\xff", (None, None)),
    ],
)
def test_a_file_that_is_no_log_is_refused(text: str | bytes, place: tuple[int, int]) -> None:
    assert problems(text) == [("consent-log-form", *place)]


def test_a_row_without_a_link_among_others_is_refused() -> None:
    data = written([grant(), revoke()]) + b"ana,grant,2026-05-05,*,DE,,,,,,\n"
    assert problems(data) == [("consent-row-unchained", 4, 32)]


ACTS = st.lists(
    st.builds(grant, st.sampled_from(["ana", "bo"]), note=st.text('ab," \n', max_size=4))
    | st.builds(revoke, st.sampled_from(["ana", "bo"])),
    min_size=2,
    max_size=6,
)


@given(ACTS, st.data())
@settings(max_examples=60)
def test_a_row_taken_away_or_moved_shows_where_others_follow(acts, data) -> None:
    heading, rows = b"", []
    for act in acts:
        added = line(heading + b"".join(rows), NAME, act)
        if not rows:
            heading, _, added = added.partition(b"\n")
            heading += b"\n"
        rows.append(added)
    assert not parse(heading + b"".join(rows), NAME).flaws
    gone = data.draw(st.integers(0, len(rows) - 2))
    without = rows[:gone] + rows[gone + 1 :]
    assert parse(heading + b"".join(without), NAME).flaws
    assert parse(heading + b"".join([*without, rows[gone]]), NAME).flaws


@pytest.mark.parametrize("change", [("2026-01-02", "2025-01-02"), ("ana", "bo"), ("note", "nota")])
def test_a_changed_value_shows_in_the_row_below(change: tuple[str, str]) -> None:
    text = written([grant(note="note"), grant("cy"), revoke("dan")]).decode()
    head, first, *rest = text.splitlines()
    altered = "\n".join([head, first.replace(*change), *rest]).encode()
    flaws = parse(altered, NAME).flaws
    assert [(flaw.code, flaw.where and flaw.where.line) for flaw in flaws] == [
        ("consent-log-altered", 3)
    ]


def test_quotes_columns_and_line_ends_may_be_written_otherwise() -> None:
    text = written([grant(note="x"), revoke()]).decode()
    quoted = "\r\n".join(
        ",".join(f'"{cell}"' for cell in row.split(",")) for row in text.splitlines()
    )
    rows = parse(text.encode(), NAME).rows
    assert [row.link for row in parse(quoted.encode(), NAME).rows] == [row.link for row in rows]


def test_a_log_begins_with_its_heading_and_a_link_to_nothing() -> None:
    made = line(b"", NAME, grant()).decode().splitlines()
    assert made[0] == ",".join(COLUMNS)
    assert made[1].endswith(FIRST)


def test_nothing_is_appended_to_a_log_that_was_altered() -> None:
    altered = written([grant(), revoke()]).replace(b"2026-01-02", b"2025-01-02")
    with pytest.raises(PolicyError):
        line(altered, NAME, revoke())


def test_a_log_without_links_stays_one() -> None:
    data = f"{HEAD}\nana,grant,2026-01-02,*,DE,,,,,".encode()
    data += line(data, NAME, revoke())
    assert [row.act for row in parse(data, NAME).rows] == [Act.GRANT, Act.REVOKE]
    with pytest.raises(DocumentError, match="no column for: note"):
        line(b"person,act,date,scope,territory\n", NAME, grant(note="x"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "@SUM(A1)", "-2"])
def test_no_formula_is_written(cell: str) -> None:
    with pytest.raises(DocumentError, match="formula"):
        line(b"", NAME, grant(note=cell))


@given(st.data())
@settings(max_examples=80)
def test_any_damage_leaves_a_log_or_says_what_is_wrong(data: st.DataObject) -> None:
    whole = bytearray(written([grant(note='by "mail"'), grant("bo", until="2027-01-01"), revoke()]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))
    told: tuple[object, ...] = ()
    try:
        parse(bytes(whole), NAME)
    except DocumentError as error:
        told = tuple(problem.where for problem in error.problems)
    assert all(told)
