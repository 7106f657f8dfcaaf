from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.farm.openjd import Step, text


def test_each_deliverable_is_a_step_of_its_units() -> None:
    template = json.loads(text("Otters", [Step("tall", 1, 3), Step("wide", 4, 4)], "a.jobs.json"))
    assert template["specificationVersion"] == "jobtemplate-2023-09"
    assert [step["name"] for step in template["steps"]] == ["tall", "wide"]
    ranges = [
        step["parameterSpace"]["taskParameterDefinitions"][0]["range"] for step in template["steps"]
    ]
    assert ranges == ["1-3", "4-4"]
    run = template["steps"][0]["script"]["actions"]["onRun"]
    assert [run["command"], *run["args"]] == [
        "{{Param.Finish}}", "unit", "{{Param.Jobs}}", "--number", "{{Task.Param.Unit}}",
    ]  # fmt: skip
    assert template["parameterDefinitions"][0]["default"] == "a.jobs.json"


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


@given(st.lists(st.sampled_from(["{", "{{", "}}", "Param.Finish", "\n", "\t", "x", "é"])) | NAMES)
def test_any_title_is_a_name_that_runners_take(title: str | list[str]) -> None:
    name = json.loads(text("".join(title), [Step("tall", 1, 2)], "a.jobs.json"))["name"]
    assert 1 <= len(name) <= 128
    assert not {"{", "}"} & set(name)
    assert name.isprintable()


@pytest.mark.parametrize("title", ["Otters", "{{and}} more\n" * 20, "}}{{{", "", " ", "é\x7f"])
def test_runners_take_it(title: str) -> None:
    model = pytest.importorskip("openjd.model", reason="needs the extra `farm`")
    written = text(title, [Step("x" * 90, 1, 1), Step("wide", 2, 9)], "a.json")
    template = model.decode_job_template(template=json.loads(written))
    kinds = model.ParameterValueType
    values = {
        "Jobs": model.ParameterValue(type=kinds.PATH, value="a.json"),
        "Finish": model.ParameterValue(type=kinds.STRING, value="finish"),
    }
    job = model.create_job(job_template=template, job_parameter_values=values)
    spaces = [model.StepParameterSpaceIterator(space=s.parameterSpace) for s in job.steps]
    tasks = [[task["Unit"].value for task in space] for space in spaces]
    assert tasks == [["1"], [str(n) for n in range(2, 10)]]
