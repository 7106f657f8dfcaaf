"""Source types at any action count: at ingest, below the claim, and for what they leave open."""

from __future__ import annotations

from typing import Any

import pytest

from finisher.c2pa.reading import Reading
from finisher.findings import Status
from finisher.plan.source_types import OPEN
from finisher.provenance import chain, credentials, disclosure, origins

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
CAMERA, COMPOSITE, AI = (
    _IPTC + word for word in ("digitalCapture", "composite", "compositeWithTrainedAlgorithmicMedia")
)
Store = dict[str, Any]


def actions(*made: tuple[str, str | None], created: bool = True) -> Store:
    listed = [
        {"action": f"c2pa.{name}"} | ({"digitalSourceType": kind} if kind else {})
        for name, kind in made
    ]
    return {"label": "c2pa.actions.v2", "data": {"actions": listed}, "created": created}


def claim(*assertions: Store, parts: tuple[Store, ...] = ()) -> Store:
    bound = {"label": "c2pa.hash.bmff.v3", "data": {}}
    return {"assertions": [*assertions, bound], "ingredients": list(parts)}


def part(urn: str, relationship: str = "componentOf", **more: str) -> Store:
    return {
        "title": urn,
        "label": urn,
        "active_manifest": urn,
        "relationship": relationship,
    } | more


def store(**manifests: Store) -> Store:
    return {"active_manifest": "top", "manifests": manifests}


CAPTURED = claim(actions(("created", CAMERA)))
FILLED = claim(actions(("created", CAMERA), ("edited", AI)))
OPENED = claim(actions(("opened", None), ("edited", AI)), parts=(part("shot", "parentOf"),))
LATER = claim(actions(("created", CAMERA)), actions(("edited", AI)))
GATHERED = claim(actions(("created", CAMERA)), actions(("created", AI), created=False))
METADATA = claim(
    actions(("created", CAMERA)),
    {"label": "cawg.metadata", "data": {"Iptc4xmpExt:DigitalSourceType": AI}},
)


@pytest.mark.parametrize("made", [FILLED, OPENED, LATER, GATHERED, METADATA])
def test_a_models_part_counts_wherever_a_take_states_it(made: Store) -> None:
    alone = store(top=made, shot=CAPTURED)
    assert credentials.of(Reading(alone, "Valid", embedded=True)).source_type == AI
    # Two levels down, under a claim that keeps quiet about it.
    edit = claim(actions(("created", COMPOSITE), ("placed", None)), parts=(part("take"),))
    quiet = claim(actions(("created", COMPOSITE), ("placed", None)), parts=(part("edit"),))
    film = store(top=quiet, edit=edit, take=made, shot=CAPTURED)
    assert credentials.of(Reading(film, "Valid", embedded=True)).source_type == AI
    found = disclosure.ai(film, chain.links(film), ())
    assert found.status is Status.FAILED
    assert "take" in found.detail
    loud = {**film, "manifests": {**film["manifests"], "top": {**quiet, **claim(actions(
        ("created", AI), ("placed", None)), parts=(part("edit"),))}}}  # fmt: skip
    assert disclosure.ai(loud, chain.links(loud), ()).status is Status.PASSED


def test_what_an_owner_states_of_its_ingredient_counts() -> None:
    film = store(
        top=claim(actions(("created", CAMERA)), parts=(part("take", digitalSourceType=AI),)),
        take=CAPTURED,
    )
    assert disclosure.ai(film, chain.links(film), ()).status is Status.FAILED


def test_a_claim_that_tells_of_its_own_edit_discloses_it() -> None:
    film = store(top=FILLED)
    found = disclosure.ai(film, (), ())
    assert (found.status, found.measured) == (Status.PASSED, AI)
    assert "the claim says" in found.detail


def test_a_disclosure_needs_a_word_that_readers_know() -> None:
    quiet = claim(actions(("created", "urn:x:TRAINEDALGORITHMICMEDIA")), parts=(part("take"),))
    film = store(top=quiet, take=FILLED)
    assert disclosure.ai(film, chain.links(film), ()).status is Status.FAILED


@pytest.mark.parametrize(
    ("take", "words"),
    [
        (claim(actions(("created", CAMERA), ("edited", COMPOSITE))), "nobody answers"),
        (claim(actions(("created", COMPOSITE))), "nothing that it was made of"),
        (claim(actions(("created", CAMERA), ("edited", "http://x/y"))), "no digital source type"),
    ],
)
def test_what_leaves_a_models_part_open_is_told(take: Store, words: str) -> None:
    above = claim(actions(("created", COMPOSITE)), parts=(part("take"),))
    for film in (store(top=take), store(top=above, take=take)):
        found = disclosure.ai(film, chain.links(film), ())
        assert (found.status, found.codes) == (Status.PASSED, (OPEN,))
        assert words in found.detail
    assert not origins.doubts(film | {"manifests": {"top": above, "take": CAPTURED}}, ())


def test_an_origin_that_is_a_parents_is_the_edits() -> None:
    edit = claim(actions(("opened", None)), parts=(part("shot", "parentOf"),))
    assert origins.source_type(store(top=edit, shot=CAPTURED), "top") == CAMERA
    assert origins.source_type(store(top=edit), "top") is None


def test_an_update_that_tells_of_a_model_is_the_claims_word() -> None:
    update = claim(actions(("edited.metadata", AI)), parts=(part("film", "parentOf"),))
    update["assertions"] = update["assertions"][:1]
    both = store(top=update, film=CAPTURED)
    assert origins.claimed(both) == AI
    assert origins.claimed(store(top=CAPTURED)) == CAMERA
