import os
import signal
import threading
import time
from pathlib import Path

import pytest
from tests.unit import tricks

from finisher.confined import Limits, limits_for, run
from finisher.problems import MachineError, MediaError
from finisher.progress import Advanced, Finished, Started

SOON = Limits(20)


def code(caught):
    (problem,) = caught.value.problems
    return problem.code


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A zombie is dead as well.
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[2] != "Z"


def test_an_answer_and_its_progress_come_back(monkeypatch):
    monkeypatch.setenv("FINISH_KEY_PASSPHRASE", "secret")
    heard = []
    found = run(tricks.answer, ["ü", 1], SOON, heard.append)
    assert found["argument"] == ["ü", 1]
    assert "PATH" in found["names"]
    assert "FINISH_KEY_PASSPHRASE" not in found["names"]
    assert heard[0] == Started("work", 500, "steps")
    assert heard[-1] == Finished("work", "done")
    steps = [event for event in heard if isinstance(event, Advanced)]
    assert sum(event.amount for event in steps) == 500
    assert len(steps) < 50  # many small steps are told as few


@pytest.mark.parametrize(
    ("function", "argument", "limits", "expected"),
    [
        (tricks.crash, None, SOON, "parser-crashed"),
        (tricks.leave, None, SOON, "parser-crashed"),
        (tricks.fail, None, SOON, "parser-crashed"),
        (tricks.talk, 70 << 20, SOON, "parser-crashed"),
        (tricks.nest, None, SOON, "parser-crashed"),
        (tricks.lie, ("Started", {"stage": 5}), SOON, "parser-crashed"),
        (tricks.lie, ("MediaError", [{"code": 1}]), SOON, "parser-crashed"),
        (tricks.lie, ("os.system", "true"), SOON, "parser-crashed"),
        (tricks.abort_for_memory, None, SOON, "parser-memory"),
        (tricks.swell, 3 << 30, Limits(20, memory=1 << 30), "parser-memory"),
        (tricks.sleep, None, Limits(0.3), "parser-timeout"),
        (tricks.begin_to_answer, None, Limits(0.5), "parser-timeout"),
        (tricks.work_without_end, None, Limits(20, longest=0.5), "parser-timeout"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_child_that_comes_to_no_end_is_an_error_and_gone(function, argument, limits, expected):
    began = time.monotonic()
    with pytest.raises(MediaError) as caught:
        run(function, argument, limits)
    assert code(caught) == expected
    assert len(str(caught.value)) < 1000
    assert time.monotonic() - began < 15  # far more than any of them takes, busy machines included


def test_what_the_function_raises_comes_through():
    for argument, kind in (("media", MediaError), ("machine", MachineError)):
        with pytest.raises(kind) as caught:
            run(tricks.refuse, argument, SOON)
        assert code(caught) == "media-missing"


def test_nothing_a_library_prints_reaches_the_terminal(capfd):
    run(tricks.speak, None, SOON)
    out, err = capfd.readouterr()
    assert "for a terminal" not in out + err


def test_processes_of_a_stuck_child_end_with_it(tmp_path):
    told = tmp_path / "pid"
    with pytest.raises(MediaError):
        run(tricks.child_of_its_own, str(told), Limits(2))
    pid = int(told.read_text(encoding="ascii"))
    until = time.monotonic() + 5
    while alive(pid) and time.monotonic() < until:
        time.sleep(0.02)
    assert not alive(pid)


def test_an_interrupt_ends_the_child():
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(tricks.sleep, None, SOON)
    assert time.monotonic() - began < 10


def test_patience_grows_with_the_size_of_files():
    assert limits_for(0).patience == 60
    assert limits_for(500_000_000).patience == 1060
