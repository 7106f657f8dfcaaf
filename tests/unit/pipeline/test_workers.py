from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

import pytest

from finisher.pipeline import workers
from finisher.pipeline.workers import LocalWorkers, usable_cores
from finisher.problems import MediaError, Problem, Where


def test_no_process_starts_until_there_is_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def started(*_: object, **__: object) -> ProcessPoolExecutor:
        raise AssertionError("a pool was started")

    monkeypatch.setattr(workers, "ProcessPoolExecutor", started)
    with LocalWorkers(3):
        pass
    LocalWorkers().shutdown(wait=False, cancel_futures=True)


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


def test_cores_are_those_this_process_may_use() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)
