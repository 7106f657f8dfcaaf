"""A film's own promises say what went in; what lies there now is told, and held against nothing."""

from __future__ import annotations

from finisher.facts import CredentialFacts, Integrity
from finisher.findings import Status
from finisher.promises import PromisedTake
from finisher.provenance.completeness import Source, still, unchanged, went_in

THEN = PromisedTake("a", "a.mp4", "then", "urn:then", 1)
BARE = Source("now", CredentialFacts(Integrity.ABSENT))


def test_a_films_own_promises_win_over_an_edit_measured_again() -> None:
    now = PromisedTake("a", "a.mp4", "now", "urn:now", 1)
    other = PromisedTake("b", "b.mp4", "more", None, 1)
    assert went_in((THEN,), (now, other)) == (THEN, other)


def test_of_the_very_same_file_the_word_read_afresh_counts() -> None:
    hushed = PromisedTake("a", "a.mp4", "then", None, 1)
    assert went_in((hushed,), (THEN,)) == (THEN,)


def test_what_became_of_a_file_is_told() -> None:
    resigned = Source("now", CredentialFacts(Integrity.INTACT, "urn:now"))
    same = Source("now", CredentialFacts(Integrity.INTACT, "urn:then"))
    for source, words in (
        (BARE, "a.mp4 (lost its credentials since)"),
        (resigned, "a.mp4 (has other credentials since)"),
        (same, "a.mp4 (changed since)"),
    ):
        (found,) = unchanged((THEN,), {"a": source})
        assert found.status is Status.WARNED
        assert words in found.detail


def test_a_file_known_to_be_another_says_nothing_of_what_went_in() -> None:
    kept = Source("then", CredentialFacts(Integrity.INTACT, "urn:then"))
    assert still((THEN,), {"a": BARE, "x": BARE}) == (BARE.credentials,)
    assert still((THEN,), {"a": kept}) == (kept.credentials,)
