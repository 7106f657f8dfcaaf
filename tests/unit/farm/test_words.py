from __future__ import annotations

import pytest

from finisher.cli.options import parse
from finisher.problems import DocumentError


@pytest.mark.parametrize("address", ["here:8786", "10.0.0.7:1", "[::1]:8786", "a-b.c_d:65535"])
def test_a_farm_is_a_host_and_a_port(address: str) -> None:
    assert parse(["render", "edl.json", "--farm", f"dask://{address}"]).farm == address


@pytest.mark.parametrize(
    "address",
    ["here:8786", "dask://here", "tcp://here:1", "dask://a@here:1", "dask://here:1/x", "dask://:1"],
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(DocumentError, match="dask://HOST:PORT"):
        parse(["render", "edl.json", "--farm", address])


@pytest.mark.parametrize(("word", "span"), [("1", (1, 1)), ("2-2", (2, 2)), ("7-12", (7, 12))])
def test_units_are_told_by_a_number_or_two(word: str, span: tuple[int, int]) -> None:
    assert parse(["unit", "film.jobs.json", "--number", word]).number == span


@pytest.mark.parametrize("word", ["0", "3-2", "x", "", "-1", "1-", "1-2-3", "²", "9" * 5000])
def test_other_numbers_are_refused(word: str) -> None:
    with pytest.raises(DocumentError, match="--number"):
        parse(["unit", "film.jobs.json", f"--number={word}"])


def test_what_is_handed_out_needs_a_store_that_stays() -> None:
    with pytest.raises(DocumentError, match="--openjd with --no-cache"):
        parse(["plan", "edl.json", "--openjd", "film.json", "--no-cache"])
