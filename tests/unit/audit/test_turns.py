"""Detectors of hidden marks get their time, and no more; a file is not unreadable for them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finisher.audit import apart, hidden_evidence
from finisher.audit.aids import ALONE, Aids
from finisher.audit.apart import AuditJob, audit_apart
from finisher.audit.hidden_evidence import HiddenSample, hindrance, measure_hidden
from finisher.audit.mark_frames import Frames
from finisher.audit.turns import A_MARK, FEWEST, MOST, STAGE, turns
from finisher.canonical import Json, to_json
from finisher.confined import Limits
from finisher.findings import FileAudit, Verdict
from finisher.problems import MediaError, Problem
from finisher.progress import Advanced, Event, Finished, Listener, Started, silent
from finisher.promises import PromisedHidden
from finisher.timecode import Span
from finisher.watermark import detectors
from finisher.watermark.detector import Evidence, Reading, Sight

PICTURE = np.zeros((64, 64, 3), np.uint8)
WHOLE = (0.0, 0.0, 64.0, 64.0)
MARK = PromisedHidden(
    "one", "m", "blind_watermark", "10" * 24, "picture", (Span(0, 16),), (64, 64), WHOLE, WHOLE,
    found=True,
)  # fmt: skip
KEPT = Frames(np.stack([PICTURE + frame for frame in range(16)]), {n: n for n in range(16)})


class Clock:
    """Time that goes on by as much as each look takes."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def read(
    monkeypatch: pytest.MonkeyPatch, seconds: float, marks: int = 1, found: Evidence | None = None
) -> tuple[list[HiddenSample], list[list[int]], list[Event]]:
    """Look for marks with a detector that takes so long for each picture."""
    clock, told = Clock(), list[Event]()
    shown: list[list[int]] = []

    def look(*asked: Iterator[Sight]) -> object:
        shown.append([])
        for sight in asked[2]:
            clock.now += seconds
            shown[-1].append(int(sight.picture[0, 0, 0]))
        return (found or Evidence(Reading.ABSENT, "blind", 20, 48, 0.6),)

    monkeypatch.setattr(detectors, "look", look)
    with turns(marks, told.append, clock) as each:
        samples = measure_hidden([MARK] * marks, [range(16)] * marks, KEPT, ALONE, each)
    return list(samples), shown, told


def test_a_mark_that_a_few_pictures_settle_costs_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    sure = Evidence(Reading.FOUND, "blind", 48, 48, 1e-10)
    (sample,), shown, _ = read(monkeypatch, 1, found=sure)
    assert sample.found == (sure,)
    assert shown == [[0, 4, 8, 12]]


@pytest.mark.parametrize(
    "found",
    [
        Evidence(Reading.ABSENT, "blind", 20, 48, 0.6),
        Evidence(Reading.FOUND, "blind", 48, 48, 1e-8),
        Evidence(Reading.FOUND, "aligned", 48, 48, 1e-12),
        Evidence(Reading.INVERTED, "blind", 0, 48, 1e-12),
    ],
)
def test_what_they_do_not_settle_is_looked_for_in_all(
    monkeypatch: pytest.MonkeyPatch, found: Evidence
) -> None:
    (sample,), shown, _ = read(monkeypatch, 1, found=found)
    assert sample.found == (found,)
    assert sorted(shown[-1]) == list(range(16))


def test_a_mark_whose_time_is_over_is_left_out_and_not_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (sample,), shown, _ = read(monkeypatch, FEWEST / 8)
    assert (sample.found, sample.reason) == ((), "left out for time")
    assert list(map(len, shown)) == [4, 4]  # eight pictures fill the time
    sure = Evidence(Reading.FOUND, "aligned", 48, 48, 1e-12)
    (sample,), _, _ = read(monkeypatch, FEWEST / 8, found=sure)
    assert sample.found == (sure,)


def test_many_marks_share_their_time_and_none_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    samples, shown, told = read(monkeypatch, 40, marks=40)
    assert {sample.reason for sample in samples} == {"left out for time"}
    # One picture is always looked at to its end, and no other once the turn is over.
    looked = [frames for frames in shown if frames]
    assert len(looked) == MOST // 40 + 1
    assert all(len(frames) == 1 for frames in looked)
    assert (told[0], told[-1]) == (Started(STAGE, 40), Finished(STAGE))
    steps = [event for event in told if isinstance(event, Advanced)]
    assert sum(step.amount for step in steps) == 40
    assert sum(step.amount == 0 for step in steps) == len(looked)


def test_what_one_mark_leaves_is_the_others() -> None:
    clock = Clock()
    with turns(3, silent, clock) as each:
        first = each.next()
        assert first is not None
        assert first.until == A_MARK
        clock.now = 10.0
        second = each.next()
        assert second is not None
        assert second.until == 10 + (3 * A_MARK - 10) / 2


def test_a_turn_among_very_many_is_no_shorter() -> None:
    clock = Clock()
    with turns(1000, silent, clock) as each:
        turn = each.next()
        assert turn is not None
        assert turn.until == A_MARK
        clock.now = MOST - 1
        turn = each.next()
        assert turn is not None
        assert turn.until == MOST
        clock.now = MOST
        assert each.next() is None


def test_no_stage_is_told_of_where_nothing_is_looked_for() -> None:
    told: list[Event] = []
    with turns(0, told.append, Clock()) as each:
        assert each.until == FEWEST
    assert told == []


def test_too_little_memory_is_no_fault_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def look(*_: object) -> object:
        raise MemoryError

    monkeypatch.setattr(detectors, "look", look)
    with turns(1, silent, Clock()) as each:
        (sample,) = measure_hidden([MARK], [range(16)], KEPT, ALONE, each)
    assert "not enough memory" in sample.reason


@pytest.mark.parametrize(
    "change",
    [
        {"canvas": (1, 1)},
        {"canvas": (63, 64)},
        {"canvas": (16384, 16384)},
        {"crop": (0.0, 0.0, 1.0, 64.0), "place": (0.0, 0.0, 65.0, 64.0)},
        {"place": (0.0, 0.0, 64.0, 0.5)},
    ],
)
def test_places_that_no_picture_comes_from_cost_nothing(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, tuple[float, ...]]
) -> None:
    monkeypatch.setattr(hidden_evidence, "aligned", lambda *_: pytest.fail("was made"))
    with turns(1, silent, Clock()) as each:
        (sample,) = measure_hidden(
            [replace(MARK, **change)],  # type: ignore[arg-type]
            [range(16)], KEPT, ALONE, each,
        )  # fmt: skip
    assert sample.reason == "what is promised of its place is not credible"


def test_takes_own_pictures_are_held_by_their_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hidden_evidence, "_HELD", 2 * PICTURE.size)
    asked: list[int] = []

    class Originals:
        def pictures(self, *wanted: list[int]) -> dict[int, object]:
            asked.append(len(wanted[1]))
            return {}

    def look(*given: Iterator[Sight]) -> object:
        list(given[2])
        return ()

    monkeypatch.setattr(detectors, "look", look)
    with turns(1, silent, Clock()) as each:
        aids = Aids(originals=Originals())  # type: ignore[arg-type]
        measure_hidden([MARK], [range(4)], KEPT, aids, each)
    assert asked == [2, 2]


def test_a_file_is_audited_without_detectors_that_end_its_reader(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    audited = FileAudit("film.mp4", 4, "0" * 64, Verdict.INTACT, (), None, (), ())
    jobs: list[AuditJob] = []
    told: list[Event] = []
    events: list[Event] = [Started(STAGE, 1)]

    def run(_: object, job: AuditJob, __: Limits, listen: Listener) -> Json:
        jobs.append(job)
        if len(jobs) > 1:
            return {"audit": to_json(audited), "promises": None}
        for event in events:
            listen(event)
        raise MediaError(Problem("parser-timeout", "no progress in 60 s"))

    monkeypatch.setattr(apart, "run", run)
    found, _ = audit_apart(AuditJob(path), told.append)
    assert found.verdict is Verdict.INTACT
    assert jobs[0].aids.unasked == ""
    assert "no progress in 60 s" in hindrance("blind_watermark", jobs[1].aids)
    assert told[-1] == Finished(STAGE, "stopped")
    # What dies anywhere else died of the file.
    jobs.clear()
    events.append(Finished(STAGE))
    with pytest.raises(MediaError, match="no progress"):
        audit_apart(AuditJob(path))
    assert len(jobs) == 1
