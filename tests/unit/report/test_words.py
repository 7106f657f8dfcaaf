import pytest
from tests.unit.report import made

from finisher.findings import Finding, Status, Verdict, Weight
from finisher.report.words import group_of, grouped, headline, passes, plural, worst


@pytest.mark.parametrize(
    ("check", "group"),
    [("integrity-media", "Credentials"), ("ingredients-complete", "Credentials"),
     ("time-stamp", "Credentials"), ("loudness", "Sound"), ("true-peak", "Sound"),
     ("frame-count", "Picture"), ("color-tags", "Picture"), ("starts-together", "Sound"),
     ("no-edit-list", "Container"), ("something-new", "Other checks")],
)  # fmt: skip
def test_checks_find_their_heading(check: str, group: str) -> None:
    assert group_of(check) == group


def test_what_went_wrong_comes_first_and_nothing_is_lost() -> None:
    checks = made.checks()
    groups = grouped(checks)
    assert sorted(c.id for _, found in groups for c in found) == sorted(c.id for c in checks)
    credentials = dict(groups)["Credentials"]
    assert [str(c.status) for c in credentials] == ["not-checked", "warned", "passed", "passed"]


def test_the_worst_verdict_of_all_pairs_is_the_later_of_the_two() -> None:
    order = list(Verdict)
    for a, first in enumerate(order):
        for b, second in enumerate(order):
            assert worst((first, second)) is order[max(a, b)]
    with pytest.raises(ValueError, match="empty"):
        worst(())


def test_an_unreadable_file_or_one_never_checked_does_not_pass() -> None:
    audit = made.audit()
    assert passes(audit)
    assert not passes(made.replace(audit, verdict=Verdict.UNREADABLE))
    assert not passes(made.replace(audit, checks=()))


def test_headlines() -> None:
    audit = made.audit()
    assert headline(audit) == "Everything promised was found in the file, with remarks."
    fine = (Finding("picture", Status.PASSED, "", promised=1),)
    assert (
        headline(made.replace(audit, checks=fine)) == "Everything promised was found in the file."
    )
    foreign = (Finding("integrity", Status.PASSED, ""),)
    assert headline(made.replace(audit, checks=foreign)) == "The file passed."
    wrong = (*fine, Finding("a", Status.FAILED, ""), Finding("b", Status.NOT_CHECKED, ""),
             Finding("c", Status.FAILED, "", Weight.ADVISORY))  # fmt: skip
    assert headline(made.replace(audit, checks=wrong)) == "2 required checks did not pass."


def test_plurals() -> None:
    assert [plural(n, "pass") for n in (1, 2)] == ["1 pass", "2 passes"]
    assert plural(1200, "frame") == "1,200 frames"
