"""What is said of a source's watermarks in the claim: what was found in it, and nothing else."""

from dataclasses import replace

from tests.unit.provenance.plans import plan, promises

from finisher.promises import PromisedHidden
from finisher.provenance.carrying import carrying
from finisher.provenance.manifest import manifest
from finisher.timecode import Span


def hidden(found: bool) -> PromisedHidden:
    whole = (0.0, 0.0, 64.0, 64.0)
    return PromisedHidden(
        plan().events[0].id, "secret", "dwt", "101", "picture", (Span(0, 2),), (64, 64),
        whole, whole, found,
    )  # fmt: skip


def told(**changes: object) -> dict[str, str]:
    made = replace(promises(plan()), **changes)
    descriptions = {
        part.record["title"]: part.record["description"]
        for part in manifest(plan(), made, "1").ingredients
        if "description" in part.record
    }
    assert len(descriptions) == len(carrying(plan(), made))
    return descriptions


def test_a_mark_that_is_only_declared_is_not_stated():
    (mark,) = promises(plan()).marks
    for verified in (None, False):
        assert told(marks=(replace(mark, verified=verified),)) == {}
    assert told(hidden=(hidden(False),)) == {}


def test_what_was_found_is_stated_of_the_source_it_was_found_in():
    (mark,) = promises(plan()).marks
    take = next(e.take for e in plan().events if e.id == mark.event)
    title = next(t.path for t in plan().takes if t.id == take).rpartition("/")[2]
    both = (replace(mark, verified=True), replace(mark, verified=True, spans=()))
    said = told(marks=both, hidden=(hidden(True),))
    assert said[title].startswith("found in it before the edit: the visible mark 'corner'")
    assert said[title].count("corner") == 1
    assert "the hidden mark 'secret' (dwt)" in " ".join(said.values())


def test_of_many_marks_the_number_is_stated():
    (mark,) = promises(plan()).marks
    many = tuple(replace(mark, mark=f"m{number}", verified=True) for number in range(9))
    assert list(told(marks=many).values()) == ["found in it before the edit: 9 watermarks"]


def test_nothing_else_of_the_claim_speaks_of_watermarks():
    (mark,) = promises(plan()).marks
    made = replace(promises(plan()), marks=(replace(mark, verified=True),))
    document = manifest(plan(), made, "1").manifest
    names = [a["action"] for a in document["assertions"][0]["data"]["actions"]]
    assert not any("watermark" in name for name in names)
