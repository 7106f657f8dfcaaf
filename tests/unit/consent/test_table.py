from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.consent.table import MAX_CELL, NoTable, cells, written

CELL = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\x00"), max_size=12)
ROWS = st.lists(st.lists(CELL, min_size=2, max_size=4), max_size=5)


def texts(table: str) -> list[list[str]]:
    return [[cell.text for cell in row] for row in cells(table)]


@given(ROWS)
@settings(max_examples=100)
def test_what_is_written_reads_the_same_here_and_in_every_csv_reader(rows: list[list[str]]) -> None:
    text = "".join(map(written, rows))
    assert texts(text) == rows
    assert list(csv.reader(io.StringIO(text, newline=""), strict=True)) == rows


@given(st.text('a",\n\r ', max_size=14))
@settings(max_examples=200)
def test_any_text_is_a_table_or_refused_with_a_place_in_it(text: str) -> None:
    refused = None
    try:
        assert all(cells(text))
    except NoTable as error:
        refused = error
    if refused is not None:
        assert 1 <= refused.line <= len(text.splitlines()) + 1
        assert refused.column >= 1


def test_every_cell_knows_where_it_begins() -> None:
    rows = cells('a,"b\nc",d\r\n\r\n"x",y\n')
    places = [[(cell.text, cell.line, cell.column) for cell in row] for row in rows]
    assert places == [[("a", 1, 1), ("b\nc", 1, 3), ("d", 2, 4)], [("x", 4, 1), ("y", 4, 5)]]


def test_a_last_cell_may_be_empty_and_a_last_line_unended() -> None:
    assert texts("a,b\n1,") == [["a", "b"], ["1", ""]]
    assert texts("a,b\n1,\n,2") == [["a", "b"], ["1", ""], ["", "2"]]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ('a,"b\nc', (1, 3)),
        ('a,b"c\n', (1, 4)),
        ('a\n"b"c\n', (2, 4)),
        ("a\n" + "b" * (MAX_CELL + 1), (2, 1)),
    ],
)
def test_what_is_out_of_place_is_told_with_its_place(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(NoTable) as caught:
        cells(text)
    assert (caught.value.line, caught.value.column) == place
