from __future__ import annotations

from dataclasses import replace
from datetime import date

from tests.planning import timeline
from tests.unit.consent.logs import TODAY, grant, log, revoke

from finisher.consent.asking import Appearance, appearances, remarks, unconsented, use_of
from finisher.consent.model import Proof, Use
from finisher.consent.reading import parse
from finisher.event import Event
from finisher.problems import Severity, Where
from finisher.timecode import Span
from finisher.timeline import Layer, Release, Role, Take

HERE = Where("edl.json", "/takes/a", 7, 10)
SHOWN = (
    Appearance("ana", "take 'a'", HERE),
    Appearance("bo", "take 'a'", HERE),
    Appearance("ana", "layer 'vo'", Where("edl.json", "/audio/0")),
)
ANYTHING = Use()


def test_the_persons_of_what_is_used_are_asked_for_in_the_edits_order() -> None:
    line = replace(
        timeline(Event("x", "a", Span(0, 9))),
        takes=(
            Take("a", "a.mp4", cameos=("bo", "Zoe\u0308"), where=HERE),
            Take("b", "b.mp4", cameos=("cy",)),
        ),
        layers=(Layer("vo", "vo.wav", Role.DIALOGUE, cameos=("ana",)),),
    )
    found = appearances(line, {"a"}, {"vo"})
    assert [(one.person, one.what) for one in found] == [
        ("bo", "take 'a'"),
        ("Zo\u00eb", "take 'a'"),
        ("ana", "layer 'vo'"),
    ]
    assert found[0].where == HERE
    assert [one.person for one in appearances(line, {"b"}, ())] == ["cy"]


def test_there_is_one_problem_a_person_with_its_place_and_the_way_out() -> None:
    found = unconsented(SHOWN, log(grant("bo"), revoke("bo")), ANYTHING, TODAY)
    assert [(p.code, p.where, p.severity) for p in found] == [
        ("consent-missing", HERE, Severity.ERROR),
        ("consent-revoked", HERE, Severity.ERROR),
    ]
    assert "'ana' in take 'a', layer 'vo'" in found[0].message
    assert "(consent.csv:3:1)" in found[1].message
    assert all(problem.hint for problem in found)


def test_nobody_agreed_where_there_is_no_log() -> None:
    found = unconsented(SHOWN, None, ANYTHING, TODAY)
    assert {p.code for p in found} == {"consent-missing"}
    assert unconsented((), None, ANYTHING, TODAY) == ()


def test_a_name_like_one_that_is_logged_is_hinted() -> None:
    (found,) = unconsented(SHOWN[:1], log(grant("anna")), ANYTHING, TODAY)
    assert found.hint == "did you mean 'anna'?"


def test_every_way_to_lack_consent_has_a_code() -> None:
    use = Use("advertising", ("DE",))
    acts = {
        "consent-expired": grant(until="2026-03-01"),
        "consent-not-yet": grant(date="2027-01-01"),
        "consent-scope": grant(scope="social"),
        "consent-territory": grant(territory="US"),
    }
    for code, act in acts.items():
        (found,) = unconsented(SHOWN[:1], log(act), use, TODAY)
        assert found.code == code
    changed = log(grant(evidence="a.pdf", evidence_sha256="a" * 64))
    changed = replace(changed, rows=(replace(changed.rows[0], proof=Proof.CHANGED),))
    assert unconsented(SHOWN[:1], changed, use, TODAY)[0].code == "consent-unproven"


def test_an_altered_log_decides_nothing() -> None:
    found = log(grant(), grant("bo"))
    flaw = unconsented(SHOWN, None, ANYTHING, TODAY)[0]
    assert unconsented(SHOWN, found, ANYTHING, TODAY) == ()
    assert unconsented(SHOWN, replace(found, flaws=(flaw,)), ANYTHING, TODAY) == (flaw,)
    assert unconsented((), replace(found, flaws=(flaw,)), ANYTHING, TODAY) == ()


def test_what_is_granted_and_should_be_known_is_told() -> None:
    plain = parse(
        b"person,act,date,scope,territory,until,evidence,evidence_sha256\n"
        b"ana,grant,2026-01-02,*,worldwide,2026-12-20,a.pdf," + b"a" * 64 + b"\n",
        "consent.csv",
    )
    plain = replace(plain, rows=(replace(plain.rows[0], proof=Proof.ABSENT),))
    told = remarks(SHOWN[:1], plain, ANYTHING, TODAY)
    assert [(p.code, p.severity) for p in told] == [
        ("consent-unchained", Severity.WARNING),
        ("consent-evidence-absent", Severity.WARNING),
        ("consent-ends", Severity.WARNING),
    ]
    ending = Use(until=date(2026, 12, 1))
    assert "consent-ends" not in {p.code for p in remarks(SHOWN[:1], plain, ending, TODAY)}
    assert remarks((), plain, ANYTHING, TODAY) == remarks(SHOWN, None, ANYTHING, TODAY) == ()
    assert remarks(SHOWN[:1], log(grant()), ANYTHING, TODAY) == ()


def test_a_release_is_asked_for_as_it_stands() -> None:
    assert use_of(Release()) == ANYTHING
    release = Release("social", ("DE", "FR"), date(2027, 1, 1))
    assert use_of(release) == Use("social", ("DE", "FR"), date(2027, 1, 1))
