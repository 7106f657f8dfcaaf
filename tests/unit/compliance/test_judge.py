from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.compliance.shown import AI, CAMERA, COMPOSITE, audit, source

from finisher.compliance.judge import APART, EARLY, held, judge
from finisher.compliance.model import (
    Act,
    Ask,
    ByHand,
    Carries,
    Kind,
    Labelled,
    Mark,
    Passes,
    Policy,
    Rule,
    When,
)
from finisher.findings import FileAudit, Finding, Status, Verdict, Weight

TODAY = date(2026, 11, 21)
MARKS = tuple(Mark)


def policy(*rules: Rule) -> Policy:
    return Policy(
        "law", "A law", Kind.LAW, "Somebody", "what", TODAY, timedelta(days=30), (), (), (), rules
    )


def ruled(ask: Ask, when: When = When.AI, weight: Weight = Weight.REQUIRED) -> Policy:
    return policy(Rule("rule", "It is asked.", ask, weight, when))


def outcome(asked: Policy, found: FileAudit, today: date = TODAY) -> Finding:
    (check,) = judge(asked, found, today).checks
    assert check.id == "law/rule"
    return check


def marked(marks: frozenset[Mark]) -> FileAudit:
    """A file with generated sources that carries just these marks."""
    return audit(
        AI if Mark.CREDENTIALS in marks else COMPOSITE,
        sources=(source(AI),),
        iptc=AI if Mark.METADATA in marks else None,
        aigc="1" if Mark.LABEL in marks else None,
    )


@given(
    st.frozensets(st.sampled_from(MARKS)),
    st.lists(st.sampled_from(MARKS), min_size=1, max_size=3, unique=True),
    st.data(),
)
def test_marks_pass_just_where_enough_of_them_are_there(
    there: frozenset[Mark], wanted: list[Mark], data: st.DataObject
) -> None:
    least = data.draw(st.integers(1, len(wanted)))
    asked = ruled(Carries(tuple(wanted), least))
    good = len(there & set(wanted)) >= least
    assert outcome(asked, marked(there)).status is (Status.PASSED if good else Status.FAILED)
    # Taking all of them away, or adding all, decides it.
    assert outcome(asked, marked(there - set(wanted))).status is Status.FAILED
    assert outcome(asked, marked(there | set(wanted))).status is Status.PASSED


@given(
    st.sampled_from(["1", "2", "3", "4", "", None]),
    st.lists(st.sampled_from(["1", "2", "3"]), min_size=1, unique=True),
)
def test_a_label_passes_just_where_it_says_what_is_asked(
    said: str | None, degrees: list[str]
) -> None:
    found = audit(AI, aigc=said)
    good = said in degrees
    check = outcome(ruled(Labelled(tuple(degrees))), found)
    assert check.status is (Status.PASSED if good else Status.FAILED)


STATUSES = st.sampled_from(Status)


@given(st.dictionaries(st.sampled_from(["decodes", "upright", "rate"]), STATUSES, min_size=1))
def test_checks_of_the_audit_pass_just_where_all_of_them_do(made: dict[str, Status]) -> None:
    asked = ruled(Passes(("decodes", "upright", "rate")), When.ALWAYS)
    status = outcome(asked, audit(AI, checks=made)).status
    good = len(made) == 3 and set(made.values()) == {Status.PASSED}
    assert (status is Status.PASSED) == good
    if Status.FAILED in made.values():
        assert status is Status.FAILED
    elif len(made) < 3:
        assert status is Status.NOT_CHECKED


@pytest.mark.parametrize("act", list(Act))
@pytest.mark.parametrize("found", [audit(AI), audit(CAMERA), marked(frozenset(MARKS))])
def test_what_only_a_person_finds_out_is_never_passed(act: Act, found: FileAudit) -> None:
    check = outcome(ruled(ByHand(act), When.ALWAYS, Weight.ADVISORY), found)
    assert check.status is Status.NOT_CHECKED
    assert check.codes == (f"by-hand.{act}",)


def test_an_advisory_rule_warns_where_a_required_one_fails() -> None:
    ask = Carries((Mark.METADATA,), 1)
    assert outcome(ruled(ask), audit(AI)).status is Status.FAILED
    assert outcome(ruled(ask, weight=Weight.ADVISORY), audit(AI)).status is Status.WARNED


def test_a_rule_for_ai_stays_open_while_nobody_says_how_it_was_made() -> None:
    asked = ruled(Carries((Mark.CREDENTIALS,), 1))
    silent = audit(COMPOSITE, sources=(source(None),))
    check = outcome(asked, silent)
    assert (check.status, check.severity) == (Status.NOT_CHECKED, Weight.REQUIRED)
    assert not held(silent, [asked], TODAY).passed


def test_a_rule_for_ai_is_not_for_films_that_are_known_to_be_shot() -> None:
    shot = audit(COMPOSITE, sources=(source(CAMERA),), verdict=Verdict.INTACT)
    asked = ruled(Carries((Mark.CREDENTIALS,), 1))
    check = outcome(asked, shot)
    assert (check.status, check.severity) == (Status.NOT_CHECKED, Weight.ADVISORY)
    assert APART in check.codes
    assert held(shot, [asked], TODAY).passed


def test_a_lookalikes_word_does_not_switch_rules_off() -> None:
    """Strip a generated film, sign it as shot: the claim reads well and counts for nothing."""
    lookalike = audit(CAMERA, verdict=Verdict.INTACT_UNTRUSTED)
    assert not held(lookalike, [ruled(Carries((Mark.CREDENTIALS,), 1))], TODAY).passed


@pytest.mark.parametrize("status", list(Status))
def test_a_rule_about_people_is_for_files_that_name_some(status: Status) -> None:
    asked = ruled(Passes(("consent",)), When.PEOPLE)
    assert APART in outcome(asked, audit(AI)).codes
    check = outcome(asked, audit(AI, checks={"consent": status}))
    assert check.status is status
    assert check.severity is Weight.REQUIRED


@given(st.integers(-400, 400))
def test_a_rule_weighs_from_its_day_on(days: int) -> None:
    since = TODAY + timedelta(days=days)
    asked = policy(Rule("rule", "Later.", Carries((Mark.LABEL,), 1), Weight.REQUIRED, since=since))
    check = outcome(asked, audit(AI))
    early = days > 0
    assert check.status is (Status.WARNED if early else Status.FAILED)
    assert (EARLY in check.codes) is early
    assert held(audit(AI), [asked], TODAY).passed is early


@given(st.integers(0, 4000), st.integers(1, 3660))
def test_a_page_is_stale_once_it_is_older_than_it_keeps(age: int, keeps: int) -> None:
    page = replace(ruled(ByHand(Act.SEE)), keeps=timedelta(days=keeps))
    today = TODAY + timedelta(days=age)
    assert judge(page, audit(AI), today).stale is (age > keeps)
    assert page.stale(page.stale_from)
    assert not page.stale(page.stale_from - timedelta(days=1))


def test_a_page_held_against_its_sources_on_a_day_to_come_is_not_believed() -> None:
    page = ruled(ByHand(Act.SEE))
    # Where somebody lives it may be tomorrow already.
    for ahead, stale in ((0, False), (1, False), (2, True), (400, True)):
        written = replace(page, checked=TODAY + timedelta(days=ahead))
        assert judge(written, audit(AI), TODAY).stale is stale


def test_judging_again_replaces_what_was_said() -> None:
    asked = ruled(Carries((Mark.CREDENTIALS,), 1))
    once = held(audit(AI), [asked], TODAY)
    assert held(once, [asked], TODAY) == once
    assert held(once, [], TODAY) == audit(AI)
