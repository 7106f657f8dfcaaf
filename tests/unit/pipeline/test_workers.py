from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from finisher.pipeline import workers
from finisher.pipeline.workers import LocalWorkers, Serial, usable_cores
from finisher.problems import MachineError, MediaError, Problem, Where


def test_no_process_starts_until_there_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[int | None] = []

    def noted(most: int | None = None, *_: object, **__: object) -> ProcessPoolExecutor:
        started.append(most)
        raise MachineError(Problem("test", "no pool is wanted here"))

    monkeypatch.setattr(workers, "ProcessPoolExecutor", noted)
    with LocalWorkers(3) as pool:
        assert started == []
        with pytest.raises(MachineError):
            pool.submit(os.getpid)
    LocalWorkers().shutdown(wait=False, cancel_futures=True)
    assert started == [3]


def refuse(path: str) -> None:
    raise MediaError([Problem("media-empty", "the file is empty", Where(path), "look"),
                      Problem("other", "too")])  # fmt: skip


def test_work_is_done_elsewhere_and_errors_come_back_whole() -> None:
    with LocalWorkers(1) as pool:
        assert pool.submit(os.getpid).result() != os.getpid()
        with pytest.raises(MediaError) as caught:
            pool.submit(refuse, "a.mp4").result()
    first, second = caught.value.problems
    assert (first.code, first.where, first.hint) == ("media-empty", Where("a.mp4"), "look")
    assert second.code == "other"


def test_a_serial_executor_works_here_and_now_and_goes_on_after_errors() -> None:
    with Serial() as pool:
        assert pool.submit(os.getpid).result(0) == os.getpid()
        failed = pool.submit(refuse, "a.mp4")
        assert isinstance(failed.exception(0), MediaError)
        assert list(pool.map(abs, [-1, 2])) == [1, 2]


def test_an_interrupt_stops_a_serial_executor_at_once() -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Serial().submit(interrupt)


def test_cores_are_those_this_process_may_use() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


PARENT = """
import os, sys, time
from finisher.pipeline.workers import LocalWorkers

if __name__ == "__main__":
    pool = LocalWorkers(1)
    print(pool.submit(os.getpid).result(), flush=True)
    pool.submit(time.sleep, 600)
    time.sleep(600)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_workers_end_with_their_parent_however_it_went(how: int, tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.send_signal(how)
    parent.wait()
    # The worker holds standard output open for as long as it lives: the end of file is its end.
    with parent.stdout as held:
        ready, _, _ = select.select([held], [], [], 20)
        ended = bool(ready) and held.read() == b""
    if not ended:
        os.kill(worker, signal.SIGKILL)
    assert ended
