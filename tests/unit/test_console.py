import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.unit.report import made

from finisher.console.plan import show_plan
from finisher.console.problems import show_problems
from finisher.console.progress import Mode, progress
from finisher.console.summary import show_summary
from finisher.console.table import show_table
from finisher.findings import FileAudit, Finding, PolicyAudit, Status
from finisher.problems import Problem, Severity, Where
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.report.delivery import Delivery

HOSTILE = "x\x1b]0;owned\x07\x1b[2J\u202e\r\n[bold red]:smile:"
STEERING = set("\x07\x1b\u202e\r")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def ticking(step: float) -> Callable[[], float]:
    """A clock on which every look takes `step` seconds."""
    now = -step

    def look() -> float:
        nonlocal now
        now += step
        return now

    return look


def work(listener: Listener) -> None:
    listener(Started("render", 240, "frames"))
    for _ in range(10):
        listener(Advanced("render", 24))
    listener(Finished("render", "4 units cached"))


def heard(mode: Mode, stream: io.StringIO, step: float = 1.0) -> str:
    with progress(mode, stream, ticking(step)) as listener:
        work(listener)
    return stream.getvalue()


def test_plain_progress_is_one_line_a_finished_stage() -> None:
    assert heard(Mode.PLAIN, io.StringIO()) == (
        "render: 240 frames, 11 s, 22 fps, 4 units cached\n"
    )


def test_auto_is_plain_where_there_is_no_terminal() -> None:
    assert heard(Mode.AUTO, io.StringIO()) == heard(Mode.PLAIN, io.StringIO())


def test_no_progress_says_nothing() -> None:
    assert heard(Mode.NONE, io.StringIO()) == ""


def test_json_progress_is_a_document_a_line() -> None:
    lines = [json.loads(line) for line in heard(Mode.JSON, io.StringIO()).splitlines()]
    assert [line["event"] for line in lines] == ["started", *["advanced"] * 10, "finished"]
    assert [line["done"] for line in lines[1:-1]] == list(range(24, 241, 24))
    assert {line["schema"] for line in lines} == {"finisher/progress@1"}
    assert lines[-1] == {
        "schema": "finisher/progress@1", "event": "finished", "stage": "render", "done": 240,
        "total": 240, "unit": "frames", "seconds": 11.0, "note": "4 units cached",
    }  # fmt: skip


def test_json_progress_does_not_flood_whoever_reads_it() -> None:
    lines = heard(Mode.JSON, io.StringIO(), step=0.02).splitlines()
    # Ten steps of 20 ms: one at once, then one every 100 ms, none lost from the final count.
    assert [json.loads(line)["event"] for line in lines].count("advanced") == 2
    assert json.loads(lines[-1])["done"] == 240


def test_a_terminal_gets_bars_and_is_left_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = heard(Mode.AUTO, Terminal())
    assert "✓ " in text
    assert "render: 240 frames, 11 s, 22 fps, 4 units cached" in text
    # The cursor is shown again at the end.
    assert text.rfind("\x1b[?25h") > text.rfind("\x1b[?25l")


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    problem = Problem("x", "wrong")
    shown = {}
    for value in ("", "1"):
        monkeypatch.setenv("NO_COLOR", value)
        stream = Terminal()
        show_problems([problem], stream)
        shown[value] = stream.getvalue()
    assert "\x1b[1;31m" in shown[""]
    assert "31m" not in shown["1"]


def test_an_interrupted_stage_leaves_the_terminal_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    stream = Terminal()

    def interrupted() -> None:
        with progress(Mode.AUTO, stream) as listener:
            listener(Started("render", 10))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert stream.getvalue().rfind("\x1b[?25h") > stream.getvalue().rfind("\x1b[?25l")


@pytest.mark.parametrize("mode", list(Mode))
def test_events_out_of_order_are_borne(mode: Mode) -> None:
    stream = io.StringIO()
    with progress(mode, stream) as listener:
        listener(Advanced("a", 3))
        listener(Finished("b", "nothing to do"))
        listener(Started("a"))
        listener(Started("a", 5, "units"))
        listener(Advanced("a"))
        listener(Finished("a"))
    # What was told is there, however it came; only silence says nothing.
    assert ("nothing to do" in stream.getvalue()) is (mode is not Mode.NONE)


@pytest.mark.parametrize("mode", [Mode.PLAIN, Mode.JSON])
def test_stage_names_and_notes_can_not_steer_a_terminal(mode: Mode) -> None:
    stream = io.StringIO()
    with progress(mode, stream) as listener:
        listener(Finished(HOSTILE, HOSTILE))
    assert not set(stream.getvalue()) & STEERING
    assert stream.getvalue().count("\n") == 1


def shown(*problems: Problem) -> list[str]:
    stream = io.StringIO()
    show_problems(problems, stream)
    return stream.getvalue().splitlines()


def test_a_problem_is_a_line_to_jump_from_with_its_source_and_a_caret(tmp_path: Path) -> None:
    edl = tmp_path / "edl.json"
    edl.write_text('{\n\t"rate": "25.5",\n}\n', encoding="utf-8")
    place = Where(str(edl), "/rate", 2, 10)
    line, source, caret = shown(Problem("rate", "no such rate", place, "write 24"))
    assert line == f"{edl}:2:10: /rate: no such rate (write 24)"
    assert source == '     2 │  "rate": "25.5",'
    assert caret.index("^") == source.index('"25.5"')


def test_the_caret_stands_under_wide_characters_too(tmp_path: Path) -> None:
    (tmp_path / "e").write_text('{"港港": 1}', encoding="utf-8")
    _, source, caret = shown(Problem("x", "y", Where(str(tmp_path / "e"), "", 1, 8)))
    # Each of the two ideographs takes two columns.
    assert caret.index("^") == source.index("1}") + 2


def test_a_document_on_one_endless_line_is_shown_around_the_place(tmp_path: Path) -> None:
    (tmp_path / "e").write_text("a" * 10_000 + "!" + "b" * 10_000, encoding="utf-8")
    _, source, caret = shown(Problem("x", "y", Where(str(tmp_path / "e"), "", 1, 10_001)))
    assert len(source) < 120
    assert source[caret.index("^")] == "!"
    assert source.count("…") == 2


@pytest.mark.parametrize(
    "where",
    [None, Where("nowhere.json", "/a", 3, 1), Where("a\0b", "", 1, 1), Where(".", "", 1, 1),
     Where(__file__, "", 10**9, 1), Where(__file__, "", 0, 1), Where("take.mp4")],
)  # fmt: skip
def test_a_place_that_can_not_be_shown_is_only_named(where: Where | None) -> None:
    assert len(shown(Problem("x", "wrong", where))) == 1


def test_warnings_and_notes_say_what_they_are() -> None:
    place = Where("edl.json", "/a")
    (line,) = shown(Problem("x", "odd", place, severity=Severity.WARNING))
    assert line == "edl.json: /a: warning: odd"


def test_problems_can_not_steer_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "e").write_text(HOSTILE, encoding="utf-8")
    lines = shown(Problem("x", HOSTILE, Where(str(tmp_path / "e"), HOSTILE, 1, 3), HOSTILE))
    assert len(lines) == 3
    assert not set("".join(lines)) & STEERING
    assert "[bold red]:smile:" in lines[0]


def delivered(path: str, audit: FileAudit) -> Delivery:
    plan = made.plan()
    return Delivery(
        path, audit.bytes, "out/harbour.report.json", "out/harbour.report.html",
        plan.preset.name, plan.raster, plan.rate, plan.frames, audit, "somebody",
        repairs=plan.repairs, warnings=plan.warnings,
    )  # fmt: skip


def test_the_summary_says_what_was_made_what_was_done_to_it_and_where_to_read_on() -> None:
    stream = io.StringIO()
    delivery = delivered("out/harbour.mp4", made.audit())
    failed = made.replace(made.audit(), checks=())
    show_summary([delivery, delivered(HOSTILE, failed)], stream)
    text = stream.getvalue()
    for told in ("✓ out/harbour.mp4  8.4 MB, 13 s, 1080x1920, 24 fps", "with remarks",
                 "note: the bed is cut", "warning: 13 s is shorter", "not checked: invisible",
                 "report: out/harbour.report.html", "✗ x", "Nothing was checked."):  # fmt: skip
        assert told in text, told
    assert not set(text) & STEERING


def test_the_summary_names_what_keeps_a_file_from_passing_but_not_without_end() -> None:
    stream = io.StringIO()
    checks = [Finding(f"check-{number}", Status.FAILED, "no") for number in range(9)]
    asked = Finding("house/label", Status.NOT_CHECKED, HOSTILE)
    policy = PolicyAudit("house", "House", "2026-01-01", stale=False, sources=(), checks=(asked,))
    few = made.replace(made.audit(), checks=(checks[0],), policies=(policy,))
    many = made.replace(made.audit(), checks=tuple(checks), policies=(policy,))
    show_summary([delivered("few.mp4", few), delivered("many.mp4", many)], stream)
    text = stream.getvalue()
    one, other = text.split("many.mp4")
    assert "check-0: no" in one
    assert "house/label: " in one
    assert "check-7: no" in other
    assert "check-8" not in other
    assert "and 2 more" in other
    assert not set(text) & STEERING


def test_the_summary_warns_of_a_policy_that_is_stale() -> None:
    fresh = PolicyAudit("law", "Law", "2026-11-21", stale=False, sources=(), checks=())
    stale = made.replace(fresh, id="old", date="2020-01-01", stale=True)
    stream = io.StringIO()
    show_summary([delivered("x.mp4", made.replace(made.audit(), policies=(fresh, stale)))], stream)
    assert "warning: policy old, held against its sources on 2020-01-01" in stream.getvalue()
    assert "policy law" not in stream.getvalue()


def test_a_plan_shows_events_units_and_marks() -> None:
    stream = io.StringIO()
    show_plan(made.plan(), {0, 48, 144}, stream)
    text = stream.getvalue()
    for told in ("[60, 108)", "00:00:02:12", "dissolve of 12 frames from open", "55.6 % kept",
                 "agreed with the artist", "the bed is cut"):  # fmt: skip
        assert told in text, told
    units = [line.split() for line in text.splitlines() if line.endswith(("cached", "render "))
             or "to render" in line or " cached" in line]  # fmt: skip
    assert [(line[0] + line[1], line[2]) for line in units] == [
        ("[0,96)", "2"), ("[96,144)", "1"), ("[144,192)", "1"), ("[192,312)", "3")
    ]  # fmt: skip


def test_without_a_store_no_unit_is_called_cached() -> None:
    stream = io.StringIO()
    show_plan(made.plan(), None, stream)
    assert "planned" in stream.getvalue()
    assert "cached" not in stream.getvalue()


def test_tables_keep_every_cell_and_take_no_markup() -> None:
    stream = io.StringIO()
    show_table("[red]t", ["name", "size"], [["[bold]a", HOSTILE], ["b" * 300, "2"]], stream)
    text = stream.getvalue()
    assert "[red]t" in text
    assert "[bold]a" in text
    assert text.count("b") >= 300
    assert not set(text) & STEERING


def test_rich_is_not_loaded_until_something_is_shown() -> None:
    code = (
        "import sys, finisher.console.progress as c\n"
        "with c.progress(c.Mode.JSON) as hear: pass\n"
        "print('rich' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "False\n"
