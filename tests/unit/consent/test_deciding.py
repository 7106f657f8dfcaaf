from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.consent.logs import TODAY, grant, log, revoke

from finisher.consent.deciding import decide
from finisher.consent.model import Act, Log, Outcome, Proof, Row, Use
from finisher.edl.territories import COUNTRIES, ELSEWHERE, GROUPS, expanded
from finisher.problems import Where

SCOPES = ("*", "advertising", "social")
PLACES = ("worldwide", "EU", "DE", "US")
DAYS = st.integers(-2, 2).map(lambda days: TODAY + timedelta(days))
PERSONS = st.sampled_from(["ana", "bo"])


def some(words: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(words), min_size=1, max_size=2, unique=True).map(tuple)


def row(act: Act, person: str = "ana", **rest: object) -> st.SearchStrategy[Row]:
    held = {"begins": DAYS, "until": st.none() | DAYS} if act is Act.GRANT else {}
    return st.builds(
        Row,
        where=st.just(Where("consent.csv")),
        person=st.just(person),
        act=st.just(act),
        day=DAYS,
        scopes=some(SCOPES),
        territories=some(PLACES),
        **({"begins": st.just(TODAY)} | held | rest),
    )


ROWS = st.lists(
    PERSONS.flatmap(lambda name: row(Act.GRANT, name) | row(Act.REVOKE, name)), max_size=7
)
USES = st.builds(Use, st.sampled_from(SCOPES), some(PLACES), st.none() | DAYS)


def made(rows: list[Row]) -> Log:
    return Log("consent.csv", tuple(rows), chained=True)


def granted(rows: list[Row], person: str, use: Use, on: date = TODAY) -> bool:
    return decide(made(rows), person, use, on).granted


def expected(rows: list[Row], person: str, use: Use, place: str) -> bool:
    """The same told by one territory and one row after the other."""
    agreed = False
    for one in rows:
        if one.person != person or place not in expanded(one.territories):
            continue
        touched = "*" in one.scopes or use.scope in one.scopes
        if one.act is Act.REVOKE:
            agreed = agreed and not (touched or use.scope == "*")
        elif touched and one.begins <= TODAY:
            last = max(TODAY, use.until or TODAY)
            agreed = agreed or one.until is None or last <= one.until
    return agreed


@given(ROWS, PERSONS, USES)
@settings(max_examples=80)
def test_every_territory_is_covered_by_one_grant_that_nothing_took_back(
    rows: list[Row], person: str, use: Use
) -> None:
    # One of each kind there is among them: named, in the union alone, named and outside, no code.
    places = expanded(use.territories) & {"DE", "FR", "US", ELSEWHERE}
    assert granted(rows, person, use) is all(expected(rows, person, use, p) for p in places)


@given(ROWS, row(Act.GRANT), USES)
@settings(max_examples=30)
def test_after_a_whole_revocation_nothing_is_granted(rows: list[Row], one: Row, use: Use) -> None:
    taken = Row(Where("consent.csv"), "ana", Act.REVOKE, TODAY, ("*",), ("worldwide",), TODAY)
    assert decide(made([*rows, one, taken]), "ana", use, TODAY).outcome is not Outcome.GRANTED
    assert granted([*rows, taken, one], "ana", use) is granted([one], "ana", use)


@given(row(Act.GRANT), row(Act.GRANT), st.sampled_from(sorted(COUNTRIES)), USES)
@settings(max_examples=60)
def test_a_grant_never_widens_another(one: Row, other: Row, place: str, use: Use) -> None:
    """In one territory two grants cover what the one or the other does, and no more."""
    single = Use(use.scope, (place,), use.until)
    alone = [granted([grant_], "ana", single) for grant_ in (one, other)]
    assert granted([one, other], "ana", single) is any(alone)


@given(ROWS, USES, st.randoms(use_true_random=False))
@settings(max_examples=30)
def test_the_rows_of_others_and_their_order_change_nothing(rows: list[Row], use: Use, dice) -> None:
    mine = [one for one in rows if one.person == "ana"]
    theirs = [one for one in rows if one.person != "ana"]
    mixed = list(mine)
    for one in theirs:
        mixed.insert(dice.randint(0, len(mixed)), one)
    assert decide(made(mixed), "ana", use, TODAY) == decide(made(mine), "ana", use, TODAY)


@given(ROWS, USES)
@settings(max_examples=30)
def test_a_decision_holds_until_the_day_it_tells_and_no_longer(rows: list[Row], use: Use) -> None:
    use = Use(use.scope, use.territories)
    decision = decide(made(rows), "ana", use, TODAY)
    if decision.granted and decision.until is not None:
        assert granted(rows, "ana", use, decision.until)
        later = decide(made(rows), "ana", use, decision.until + timedelta(days=1))
        assert later.outcome is Outcome.EXPIRED or later.granted  # another grant had yet to begin


ANYTHING = Use()
ADS = Use("advertising", ("DE",))
TWO = Use("*", ("US", "FR"))


@pytest.mark.parametrize(
    ("acts", "use", "outcome", "words"),
    [
        ([], ANYTHING, Outcome.MISSING, "does not name"),
        ([grant("bo")], ANYTHING, Outcome.MISSING, "does not name"),
        ([grant()], ANYTHING, Outcome.GRANTED, "agreed on 2026-01-02 to any use in worldwide"),
        ([revoke()], ANYTHING, Outcome.REVOKED, "granted nothing"),
        ([grant(), revoke()], ADS, Outcome.REVOKED, "revoked it on 2026-02-03"),
        ([grant(), revoke(scope="social")], ADS, Outcome.GRANTED, "agreed"),
        ([grant(), revoke(scope="social")], ANYTHING, Outcome.REVOKED, "revoked"),
        ([grant(), revoke(territory="US")], ADS, Outcome.GRANTED, "agreed"),
        ([grant(), revoke(territory="EU")], ADS, Outcome.REVOKED, "revoked"),
        ([grant(scope="social")], ADS, Outcome.OUT_OF_SCOPE, "agreed to social, not to advert"),
        ([grant(scope="advertising")], ANYTHING, Outcome.OUT_OF_SCOPE, "not to any use"),
        ([grant(territory="US;FR")], ADS, Outcome.OUT_OF_TERRITORY, "for US, FR, not for DE"),
        ([grant(territory="EU")], ADS, Outcome.GRANTED, "in EU"),
        ([grant(territory="EU")], Use("*", ("EU", "US")), Outcome.OUT_OF_TERRITORY, "for US"),
        ([grant(territory="EU")], ANYTHING, Outcome.OUT_OF_TERRITORY, "223 other territories"),
        ([grant(territory="EU"), grant(territory="US")], TWO, Outcome.GRANTED, "in US"),
        ([grant(until="2026-11-20")], ADS, Outcome.EXPIRED, "ended on 2026-11-20"),
        ([grant(until="2026-11-21")], ADS, Outcome.GRANTED, "until 2026-11-21"),
        ([grant(**{"from": "2026-11-22"})], ADS, Outcome.NOT_YET, "begins on 2026-11-22"),
        ([grant(date="2026-11-22")], ADS, Outcome.NOT_YET, "begins on 2026-11-22"),
        (
            [grant(until="2027-01-01")],
            Use("*", ("DE",), date(2027, 6, 1)),
            Outcome.EXPIRED,
            "ends on 2027-01-01, and the release lasts until 2027-06-01",
        ),
        # A revocation counts from its row on, whatever day stands in it.
        ([grant(), revoke(date="2099-01-01")], ADS, Outcome.REVOKED, "revoked"),
        ([grant(), revoke(), grant(scope="advertising")], ADS, Outcome.GRANTED, "advertising"),
    ],
)  # fmt: skip
def test_what_a_log_says(acts, use: Use, outcome: Outcome, words: str) -> None:
    decision = decide(log(*acts), "ana", use, TODAY)
    assert decision.outcome is outcome
    assert words in decision.words


def test_a_grant_whose_document_is_another_proves_nothing() -> None:
    (one,) = log(grant(evidence="a.pdf", evidence_sha256="a" * 64)).rows
    for proof, is_granted in ((Proof.CHANGED, False), (Proof.ABSENT, True), (Proof.HELD, True)):
        found = decide(made([replace(one, proof=proof)]), "ana", ADS, TODAY)
        assert found.granted is is_granted
        assert is_granted or found.outcome is Outcome.UNPROVEN


def test_the_row_that_decides_is_told() -> None:
    acts = [grant(), grant("bo"), revoke(), grant(scope="social")]
    found = log(*acts)
    assert decide(found, "ana", ADS, TODAY).row == found.rows[2]
    assert decide(found, "ana", Use("social"), TODAY).row == found.rows[3]


def test_there_are_249_countries_and_27_of_them_are_the_union() -> None:
    assert (len(COUNTRIES), len(GROUPS["EU"])) == (249, 27)
    assert GROUPS["EU"] < COUNTRIES < GROUPS["worldwide"]
    assert expanded(COUNTRIES) != expanded(["worldwide"])
