from __future__ import annotations

from dataclasses import replace

from tests.unit.provenance.plans import plan, promises

from finisher.audit.edit import agrees
from finisher.consent.people import recognisable
from finisher.findings import Status
from finisher.promises import PromisedRelease, Promises


def film(*names: str, sha256: str = "e" * 64, scope: str = "social", log: str = "") -> Promises:
    """The promises of a film that shows some persons."""
    made = replace(promises(plan()), edl_sha256=sha256)
    people = tuple(sorted(recognisable(name, sha256, made.title) for name in names))
    first, *rest = made.takes
    release = PromisedRelease(scope, ("DE",), None, log) if names else None
    return replace(made, takes=(replace(first, people=people), *rest), release=release)


def told(file: Promises, edit: Promises) -> str:
    found = agrees(file, edit)
    return "" if found.status is Status.PASSED else found.detail


def test_a_film_of_other_persons_is_not_the_edits() -> None:
    assert told(film("ana", "bo"), film("bo", "ana")) == ""
    assert told(film("ana"), film("bo")) == "another choice of persons"
    assert "persons" in told(film(), film("ana"))
    assert "persons" in told(film("ana"), film())


def test_an_edit_list_written_anew_is_held_to_how_many_there_are() -> None:
    assert told(film("ana", sha256="a" * 64), film("ana")) == ""
    assert "persons" in told(film("ana", sha256="a" * 64), film("ana", "bo"))


def test_a_film_for_another_release_is_not_the_edits() -> None:
    assert told(film("ana"), film("ana", scope="*")) == "another release"
    assert told(film("ana", log="a" * 64), film("ana", log="b" * 64)) == ""
