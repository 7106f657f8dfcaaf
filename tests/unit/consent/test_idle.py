from __future__ import annotations

import pytest
from tests.unit.consent.logs import TODAY, grant, log, revoke

from finisher.consent.asking import Appearance, over, remarks, unconsented
from finisher.consent.idle import alike, concerning, last
from finisher.consent.model import Use
from finisher.problems import Severity, Where
from finisher.timeline import Release

HERE = Where("edl.json", "/takes/a", 7, 10)
SHOWN = (Appearance("ana", "take 'a'", HERE),)


@pytest.mark.parametrize(
    ("act", "told", "hint"),
    [
        (revoke("anna"), "granted nothing", "did you mean 'ana'?"),
        (
            revoke(scope="Advertising"),
            "granted 'advertising', not 'Advertising'",
            "did you mean 'advertising'? Capitals count",
        ),
        (
            revoke(scope="advertizing"),
            "granted 'advertising', not",
            "did you mean 'advertising'?",
        ),
        (revoke(territory="US"), "granted it for 'EU', not for 'US'", None),
        (revoke(scope="advertising", territory="US;CA"), "not for 'US', 'CA'", None),
    ],
)
def test_a_revocation_that_meets_no_grant_is_told_with_what_was_granted(
    act: dict[str, str], told: str, hint: str | None
) -> None:
    (found,) = last(log(grant(scope="advertising", territory="EU"), act))
    assert (found.code, found.severity) == ("consent-idle", Severity.WARNING)
    assert told in found.message
    assert found.hint == hint
    assert found.where == Where("consent.csv", "", 3, 1)


@pytest.mark.parametrize(
    "act",
    [
        revoke(),
        revoke(scope="advertising"),
        revoke(scope="other;advertising"),
        revoke(territory="DE"),
        revoke(territory="worldwide"),
        grant("bo"),
    ],
)
def test_one_that_takes_anything_back_is_not(act: dict[str, str]) -> None:
    assert last(log(grant(scope="advertising", territory="EU"), act)) == ()


def test_a_grant_of_any_use_is_touched_by_every_scope() -> None:
    assert last(log(grant(), revoke(scope="social"))) == ()


def test_scope_and_place_have_to_meet_in_one_grant_above() -> None:
    acts = grant(scope="social", territory="DE"), grant(scope="advertising", territory="US")
    (found,) = last(log(*acts, revoke(scope="social", territory="US")))
    assert "granted it for 'DE', not for 'US'" in found.message
    # What is granted below is not taken back either.
    assert len(concerning(log(revoke(), acts[0]), {"ana"})) == 1


def test_a_render_is_told_of_its_persons_and_of_names_like_theirs() -> None:
    acts = (grant(), grant("bo", "social"), revoke("bo", "film"), revoke("anna"), revoke("cyril"))
    assert [p.where for p in concerning(log(*acts), {"ana"})] == [Where("consent.csv", "", 5, 1)]
    told = remarks(SHOWN, log(*acts), Use(), TODAY)
    assert [(p.code, p.severity) for p in told] == [("consent-idle", Severity.WARNING)]
    assert "'anna' granted nothing" in told[0].message
    # Somebody else of a like name, who did grant something, is none of this film's business.
    others = (grant(), grant("anna", "social"), revoke("anna", "film"))
    assert concerning(log(*others), {"ana"}) == ()


def test_many_words_are_not_all_told() -> None:
    (found,) = last(log(grant(scope="a;b;c;d;e;f;g"), revoke(scope="x")))
    assert "'a', 'b', 'c', 'd', 'e' and 2 more, not 'x'" in found.message


def test_a_scope_that_differs_by_capitals_alone_is_hinted() -> None:
    use = Use("ADVERTISING", ("DE",))
    (found,) = unconsented(SHOWN, log(grant(scope="advertising")), use, TODAY)
    assert found.code == "consent-scope"
    assert found.hint == "did you mean 'advertising'? Capitals count"
    (found,) = unconsented(SHOWN, log(grant(scope="social")), use, TODAY)
    assert "release" in (found.hint or "")
    assert alike("same", ["same"]) == "did you mean 'same'?"


def test_a_release_that_is_over_is_told() -> None:
    where = Where("edl.json", "/release", 9, 2)
    (found,) = over(Release(until=TODAY.replace(day=20), where=where), TODAY)
    assert (found.code, found.severity, found.where) == ("release-over", Severity.WARNING, where)
    assert over(Release(until=TODAY), TODAY) == over(Release(), TODAY) == ()
