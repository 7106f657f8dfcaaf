"""Persons of films that are takes: read wherever they stand in a chain."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.provenance.plans import plan, promises

from finisher.c2pa.reading import Reading
from finisher.canonical import from_json, to_json
from finisher.facts import CredentialFacts, Integrity
from finisher.promises import LABEL, PromisedRelease
from finisher.provenance.credentials import of
from finisher.provenance.persons import persons
from finisher.provenance.promised import to_assertion

ANA, BO = "a" * 64, "b" * 64


def promised(*people: str, title: str = "film"):
    """The assertion of a film whose takes show some persons, each take all of them."""
    made = replace(promises(plan()), title=title)
    if people:
        takes = tuple(replace(take, people=people) for take in made.takes)
        release = PromisedRelease("*", ("DE",), None, "")
        made = replace(made, takes=takes, release=release)
    return to_assertion(made)


def store(*promised_):
    """A chain of manifests, each the ingredient of the one before."""
    manifests = {
        f"urn:{number}": {"assertions": [{"label": LABEL, "data": data}]}
        for number, data in enumerate(promised_)
    }
    return {"active_manifest": "urn:0", "manifests": manifests}


def test_persons_are_read_with_what_their_digests_are_salted_with():
    data = promised(ANA, BO)
    found = persons(store(data))
    assert found == ((data["edl_sha256"], "film", (ANA, BO)),)
    assert of(Reading(store(data), "Valid", embedded=True)).persons == found
    facts = CredentialFacts(Integrity.INTACT, persons=found)
    assert from_json(CredentialFacts, to_json(facts)) == facts


def test_a_film_inside_a_film_is_found():
    found = persons(store(promised(), promised(ANA, title="inner"), promised(ANA, title="inner")))
    assert [(title, people) for _, title, people in found] == [("inner", (ANA,))]


def test_who_promises_nobody_or_nonsense_is_no_film_with_persons():
    damaged = {**promised(ANA), "title": 7}
    strange = {**promised(ANA), "takes": [{"people": ["not a digest"]}]}
    assert persons(store(promised(), damaged, strange, None, [], "text")) == ()
    assert persons({"active_manifest": "urn:0", "manifests": {"urn:0": {"assertions": 3}}}) == ()


def test_no_more_are_kept_than_an_edit_may_name():
    takes = [
        {"people": [f"{number:064x}" for number in range(start, start + 900)]} for start in (0, 900)
    ]
    ((_, _, people),) = persons(store({**promised(ANA), "takes": takes}))
    assert len(people) == 1000
