"""Choices on training: what is written is read, and the strictest of a chain speaks."""

from finisher.findings import Status
from finisher.provenance import training
from finisher.provenance.disclosure import mining

CHOICES = (
    ("ai_training", "notAllowed", ""),
    ("ai_inference", "allowed", ""),
    ("data_mining", "constrained", "for research"),
)


def store(*lists, prefix="cawg"):
    """A chain of manifests, each the ingredient of the one before."""
    manifests = {}
    for number, entries in enumerate(lists):
        below = f"urn:{number + 1}" if number + 1 < len(lists) else None
        manifests[f"urn:{number}"] = {
            "assertions": [
                {"label": f"{prefix}.training-mining", "data": {"entries": entries}},
            ],
            "ingredients": [{"title": "x", "active_manifest": below}] if below else [],
        }
    return {"active_manifest": "urn:0", "manifests": manifests}


def entries(*choices, prefix="cawg"):
    made = training.assertion(choices)["entries"]
    return {name.replace("cawg", prefix): value for name, value in made.items()}


def test_what_is_stated_is_read():
    assert training.stated(store(entries(*CHOICES))) == CHOICES


def test_the_older_name_counts_too():
    assert training.stated(store(entries(*CHOICES, prefix="c2pa"), prefix="c2pa")) == CHOICES


def test_what_an_ingredient_rules_out_nobody_above_allows():
    above = entries(("ai_training", "allowed", ""), ("ai_inference", "notAllowed", ""))
    found = {use: choice for use, choice, _ in training.stated(store(above, entries(*CHOICES)))}
    assert found == {
        "ai_training": "notAllowed",
        "ai_inference": "notAllowed",
        "data_mining": "constrained",
    }


def test_what_an_ingredient_rules_out_and_the_claim_does_not_is_told():
    kept = entries(("ai_training", "notAllowed", ""), ("data_mining", "notAllowed", ""))
    assert training.opened(store(kept, entries(*CHOICES))) == ()
    assert [c.status for c in mining(store(kept, entries(*CHOICES)))] == [Status.PASSED]
    (lost,) = mining(store({}, entries(*CHOICES)))
    assert lost.status is Status.WARNED
    assert "ai_training notAllowed, data_mining constrained" in lost.detail
    assert mining(store({}, {})) == mining(store({}, entries(("ai_training", "allowed", "")))) == ()


def test_what_is_no_choice_says_nothing():
    odd = {
        "cawg.ai_training": {"use": "perhaps"},
        "cawg.data_mining": "notAllowed",
        "other.ai_training": {"use": "notAllowed"},
        "cawg.flying": {"use": "notAllowed"},
        "cawg.ai_inference": {"use": "constrained", "constraint_info": 7},
    }
    assert training.stated(store(odd)) == (("ai_inference", "constrained", ""),)
    assert training.stated(store([])) == ()
    assert training.stated({}) == ()
