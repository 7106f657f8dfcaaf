from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from tests.unit.consent.logs import NAME, TODAY, grant, log, revoke, written
from tests.unit.provenance.plans import plan, promises

from finisher.consent.finding import check
from finisher.consent.people import promised, recognisable
from finisher.consent.reading import parse
from finisher.findings import Finding, Status, Weight
from finisher.promises import PromisedRelease, Promises


def film(*names: str, **release: object) -> Promises:
    """The promises of a film that shows some persons."""
    made = promises(plan())
    people = tuple(recognisable(name, made.edl_sha256, made.title) for name in names)
    first, *rest = made.takes
    terms = {"scope": "*", "territories": ("DE",), "until": None, "log": ""} | release
    return replace(
        made, takes=(replace(first, people=people), *rest), release=PromisedRelease(**terms)
    )


def one(found: tuple[Finding, ...]) -> Finding:
    (finding,) = found
    assert finding.id == "consent"
    return finding


def test_a_file_that_names_nobody_has_nothing_to_be_checked() -> None:
    assert check(promises(plan()), None, TODAY) == ()
    assert check(promises(plan()), log(grant()), TODAY) == ()


def test_without_a_log_nothing_is_known_and_that_is_said() -> None:
    found = one(check(film("ana", "bo"), None, TODAY))
    assert (found.status, found.severity) == (Status.NOT_CHECKED, Weight.ADVISORY)
    assert "2 persons" in found.detail


def test_that_all_agreed_is_told_without_their_names() -> None:
    acts = log(grant("bo", until="2027-05-05"), grant(territory="EU", until="2027-01-01"))
    found = one(check(film("ana", "bo"), acts, TODAY))
    assert (found.status, found.severity) == (Status.PASSED, Weight.REQUIRED)
    assert found.detail == "2 persons are named, and in the log as having agreed until 2027-01-01"
    assert "agreed until" not in one(check(film("ana"), log(grant()), TODAY)).detail


@pytest.mark.parametrize(
    ("acts", "code"),
    [
        ([grant(), revoke()], "consent.revoked"),
        ([grant(until="2026-11-20")], "consent.expired"),
        ([grant("bo")], "consent.missing"),
        ([grant(territory="US")], "consent.out-of-territory"),
        ([grant(scope="social")], "consent.out-of-scope"),
    ],
)
def test_who_did_not_fails_the_file(acts, code: str) -> None:
    found = one(check(film("ana"), log(*acts), TODAY))
    assert (found.status, found.codes) == (Status.FAILED, (code,))


def test_a_release_that_lasts_longer_than_the_consent_fails() -> None:
    acts = log(grant(until="2027-01-01"))
    assert one(check(film("ana", until="2027-01-01"), acts, TODAY)).status is Status.PASSED
    assert one(check(film("ana", until="2027-01-02"), acts, TODAY)).status is Status.FAILED
    assert one(check(film("ana"), acts, date(2027, 1, 2))).status is Status.FAILED


def test_a_log_that_lost_what_the_file_was_made_by_fails_it() -> None:
    acts = [grant("bo"), grant(), revoke("bo")]
    whole = log(*acts)
    made = film("ana", log=whole.rows[1].link, linked=True)
    assert one(check(made, whole, TODAY)).status is Status.PASSED
    shorter = one(check(made, log(acts[0]), TODAY))
    other = one(check(made, log(*acts[1:]), TODAY))
    unlinked = one(check(made, replace(whole, chained=False), TODAY))
    for found in (shorter, other, unlinked):
        assert (found.status, found.codes) == (Status.FAILED, ("consent.log-altered",))


def test_an_altered_log_fails_the_file() -> None:
    altered = parse(written([grant(), grant("bo")]).replace(b"-01-02", b"-01-01", 1), NAME)
    found = one(check(film("ana"), altered, TODAY))
    assert (found.status, found.codes) == (Status.FAILED, ("consent.log-altered",))


def test_a_person_is_known_in_one_film_alone_and_by_any_composition() -> None:
    made = film("Zo\u00eb")
    assert recognisable("Zoe\u0308", made.edl_sha256, made.title) in promised(made)
    assert recognisable("Zo\u00eb", made.edl_sha256, "another title") not in promised(made)
    assert recognisable("Zo\u00eb", "f" * 64, made.title) not in promised(made)
