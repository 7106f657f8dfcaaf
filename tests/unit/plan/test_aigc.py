"""AIGC labels and training choices of what goes in: which are carried, and what is warned of."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning import facts, index, preset, taken, timeline

from finisher.event import Event
from finisher.facts import Facts
from finisher.plan import aigc
from finisher.plan.assemble import plan
from finisher.plan.model import Plan
from finisher.plan.training import widened
from finisher.presets.model import Container, ContainerFormat
from finisher.problems import Severity
from finisher.timecode import Span


def label(strength: object, producer: str = "studio") -> str:
    return json.dumps({"Label": strength, "ContentProducer": producer, "ProduceID": "7"})


SURE, MAYBE = label("1"), label("2")


def known(**labels: str | None) -> Facts:
    return facts(*((n, replace(taken(n, index(48)), aigc=text)) for n, text in labels.items()))


def planned(found: Facts, training: tuple[tuple[str, str, str], ...] = ()) -> Plan:
    line = timeline(Event("a", "t1", Span(0, 9)), Event("b", "t2", Span(0, 9)))
    return plan(replace(line, training=training), preset(), found)


def codes(made: Plan) -> list[str]:
    return [problem.code for problem in made.warnings]


@pytest.mark.parametrize(
    ("text", "strength"),
    [
        *((label("1"), 1), (label(3), 3), ('{"AIGC": ' + label("2") + "}", 2)),
        *(("no json", None), ("[1]", None), ('{"Label": "4"}', None), ("{}", None), ("1", None)),
        ('{"Label": {}}', None),
    ],
)
def test_a_label_is_read_as_the_standard_has_it(text: str, strength: int | None) -> None:
    found = aigc.parse(text)
    assert (None if found is None else found.strength) == strength


@given(st.text(max_size=200))
def test_no_text_stops_the_reader(text: str) -> None:
    found = aigc.parse(text)
    assert found is None or found.strength in (1, 2, 3)


def test_the_strongest_is_carried_and_the_others_are_told_of() -> None:
    made = planned(known(t1=MAYBE, t2=SURE))
    assert aigc.carried(made) == (SURE, MAYBE)
    assert codes(made) == ["aigc-several"]
    assert "take 't2'" in made.warnings[0].message
    assert made.warnings[0].severity is Severity.WARNING


def test_of_equally_strong_labels_the_first_is_carried_and_each_but_once() -> None:
    other = label("1", "another")
    assert aigc.ordered([None, other, SURE, other]) == (other, SURE)
    assert codes(planned(known(t1=SURE, t2=SURE))) == []


def test_a_damaged_label_is_told_and_carried_where_there_is_no_other() -> None:
    made = planned(known(t1="AIGC=yes", t2=None))
    assert aigc.carried(made) == ("AIGC=yes",)
    assert codes(made) == ["aigc-malformed"]
    assert aigc.carried(planned(known(t1="AIGC=yes", t2=MAYBE)))[0] == MAYBE


NO_TRAINING = ("ai_training", "notAllowed", "")
ON_TERMS = ("data_mining", "constrained", "for research")


@pytest.mark.parametrize(
    ("given", "lost"),
    [
        ((), (NO_TRAINING, ON_TERMS)),
        ((NO_TRAINING,), (ON_TERMS,)),
        ((NO_TRAINING, ON_TERMS), ()),
        ((NO_TRAINING, ("data_mining", "notAllowed", "")), ()),
        ((NO_TRAINING, ("data_mining", "allowed", "")), (ON_TERMS,)),
        ((NO_TRAINING, ("data_mining", "constrained", "for anything")), (ON_TERMS,)),
    ],
)
def test_what_a_file_rules_out_is_kept_or_warned_of(
    given: tuple[tuple[str, str, str], ...], lost: tuple[tuple[str, str, str], ...]
) -> None:
    stated = (("ai_inference", "allowed", ""), NO_TRAINING, ON_TERMS)
    assert widened(stated, given) == lost
    found = known(t1=None, t2=None)
    take = found.takes["t1"]
    takes = found.takes | {
        "t1": replace(take, credentials=replace(take.credentials, training=stated))
    }
    made = planned(replace(found, takes=takes), given)
    assert codes(made) == (["training-choice-wider"] if lost else [])
    assert made.training == given


def test_webm_states_no_digital_source_type_and_says_so() -> None:
    line = timeline(Event("a", "t1", Span(0, 9)))
    webm = replace(preset(), container=Container(ContainerFormat.WEBM))
    made = plan(line, webm, known(t1=None, t2=None))
    assert codes(made) == ["source-type-uncarried"]


def test_files_that_contradict_themselves_are_told() -> None:
    found = known(t1=None, t2=None)
    address = "http://cv.iptc.org/newscodes/digitalsourcetype/"
    take = found.takes["t1"]
    claimed = replace(take.credentials, source_type=address + "digitalCapture")

    def with_stated(stated: str) -> Facts:
        told = replace(take, credentials=claimed, stated_source=stated)
        return replace(found, takes=found.takes | {"t1": told})

    assert codes(planned(with_stated("trainedAlgorithmicMedia"))) == ["source-type-contradicts"]
    assert codes(planned(with_stated(address + "digitalCapture/"))) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [("digitalCapture", ["source-type-contradicts"]), ("trainedAlgorithmicMedia", []), ("", [])],
)
def test_what_the_edit_declares_is_planned_and_held_against_what_a_file_says(
    source: str, told: list[str]
) -> None:
    found = known(t1=None, t2=None)
    take = found.takes["t1"]
    stated = replace(take, stated_source=source or None)
    line = timeline(Event("a", "t1", Span(0, 9)), Event("b", "t2", Span(0, 9)))
    takes = (replace(line.takes[0], generated=True), line.takes[1])
    made = plan(
        replace(line, takes=takes), preset(), replace(found, takes=found.takes | {"t1": stated})
    )
    assert [one.generated for one in made.takes] == [True, False]
    assert codes(made) == told
