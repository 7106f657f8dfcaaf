"""Rules on actions: each breach is found, and nothing that is right is called one."""

import pytest

from finisher.provenance.rules import breaches

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CREATED = {"action": "c2pa.created", "digitalSourceType": AI}
PARTS = [{"label": "part", "relationship": "componentOf"}]
PARENT = [{"label": "parent", "relationship": "parentOf"}]


def naming(label):
    return {"ingredients": [{"url": f"self#jumbf=c2pa.assertions/{label}", "hash": ""}]}


def manifest(*actions, ingredients=(), created=True, more=()):
    data = {"actions": list(actions)}
    listed = {"label": "c2pa.actions.v2", "data": data, "created": created}
    return {"assertions": [listed, *more], "ingredients": list(ingredients)}


PLACED = {"action": "c2pa.placed", "parameters": naming("part")}
BOUND = [{"label": "c2pa.soft-binding", "data": {}}]


@pytest.mark.parametrize(
    "found",
    [
        manifest(CREATED),
        manifest(CREATED, PLACED, ingredients=PARTS),
        manifest({"action": "c2pa.opened", "parameters": naming("parent")}, ingredients=PARENT),
        manifest(CREATED, {"action": "c2pa.transcoded"}),
        manifest(CREATED, {"action": "c2pa.resized.proportional"}),
        manifest(CREATED, {"action": "c2pa.watermarked.bound"}, more=BOUND),
        manifest(CREATED, {"action": "c2pa.watermarked.unbound"}),
        manifest(CREATED, {"action": "com.example.polished", "parameters": {"com.example.by": 2}}),
        manifest(CREATED | {"when": "2026-11-20T10:00:00Z"}),
        manifest(CREATED | {"when": "2026-11-20T10:00:00.25+01:00"}),
        manifest({"action": "c2pa.created", "digitalSourceType": AI.replace("http:", "https:")}),
        manifest(
            {
                "action": "c2pa.created",
                "digitalSourceType": "http://c2pa.org/digitalsourcetype/empty",
            }
        ),
    ],
)
def test_what_is_right_is_no_breach(found):
    assert breaches(found) == ()


@pytest.mark.parametrize(
    ("found", "words", "grave"),
    [
        (manifest(), "no action says where", True),
        (manifest({"action": "c2pa.edited"}, CREATED), "no action says where", True),
        (manifest(CREATED, CREATED), "more than one", True),
        (manifest({"action": "c2pa.created"}), "without a digital source type", True),
        (manifest(CREATED, {"action": "c2pa.placed"}), "names no ingredient", True),
        (manifest(CREATED, PLACED), "that is not there", False),
        (
            manifest({"action": "c2pa.opened", "parameters": naming("part")}, ingredients=PARTS),
            "names a part",
            True,
        ),
        (
            manifest(
                CREATED,
                {"action": "c2pa.transcoded", "parameters": {"ingredient": {"url": "x/part"}}},
                ingredients=PARTS,
            ),
            "names a part",
            True,
        ),
        (manifest(CREATED, {"action": "c2pa.watermarked.bound"}), "without a soft binding", True),
        (manifest(CREATED, {"action": "c2pa.watermarked"}, more=BOUND), "deprecated", False),
        (manifest(CREATED, {"action": "c2pa.color_adjustments"}), "deprecated", False),
        (manifest(CREATED, {"action": "c2pa.lutApplied"}), "does not know: c2pa.lutApplied", False),
        (manifest(CREATED, {"action": "polished"}), "does not know: polished", False),
        (manifest(CREATED, {}), "unnamed", False),
        (manifest(CREATED | {"digitalSourceType": AI + "2"}), "source type that there", False),
        (manifest(CREATED | {"digitalSourceType": "http://x.org/" + AI}), "source type", False),
        (manifest(CREATED | {"digitalSourceType": 3}), "source type that there", False),
        (manifest(CREATED | {"when": "yesterday"}), "an instant that there is not", False),
        (manifest(CREATED | {"when": "2026-11-20"}), "an instant that there is not", False),
        (manifest(CREATED | {"parameters": {"lut": "warm"}}), "without an owner: lut", False),
        (manifest(CREATED, created=False), "gathered", False),
    ],
)
def test_each_breach_is_found(found, words, grave):
    (breach,) = (b for b in breaches(found) if words in b.words)
    assert breach.grave is grave


def test_data_of_any_kind_is_read():
    for odd in ({}, {"assertions": 3}, {"assertions": [3, {"label": "c2pa.actions", "data": []}]}):
        assert next(b.grave for b in breaches(odd))
    odd = manifest({"action": 3, "parameters": [], "when": 4, "digitalSourceType": []})
    assert breaches(odd)
