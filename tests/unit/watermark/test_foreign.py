"""Whatever a package's detector does, our types come out of it, or one problem that says why."""

from __future__ import annotations

import ctypes
import math
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from finisher.problems import FinisherError, MachineError, MediaError, Problem
from finisher.timeline import Carrier
from finisher.watermark.detector import Capability, Declared, Detector, Evidence, Reading
from finisher.watermark.foreign import admitted

DECLARED = Declared("01" * 24, (320, 256))
STATED = Capability("odd", "1", Carrier.PICTURE, 48)
FOUND = Evidence(Reading.FOUND, "blind", matched=48, bits=48, p=1e-12, correlation=0.9, pictures=3)


class Odd:
    def __init__(self, capability: object = STATED, says: object = (FOUND,)) -> None:
        self.capability = capability
        self.says = says
        self.reason: object = None

    def available(self) -> object:
        return self.reason

    def open(self, options: object) -> None:
        pass

    def detect(self, *_: object) -> object:
        return self.says() if callable(self.says) else self.says

    def close(self) -> None:
        pass


def raising(error: BaseException) -> Callable[[], object]:
    def fail(*_: object) -> object:
        raise error

    return fail


def taken(capability: object = STATED, says: object = (FOUND,)) -> Detector:
    return admitted("odd", lambda: lambda: Odd(capability, says))


def why(says: object) -> str:
    with pytest.raises(MachineError) as caught:
        taken(says=says).detect([], DECLARED)
    (problem,) = caught.value.problems
    assert problem.code == "detector-failed"
    return problem.message


@pytest.mark.parametrize(
    ("capability", "words"),
    [
        (type("Thin", (), {"id": "odd"})(), "not a Capability"),
        (None, "nothing"),
        (replace(STATED, version=1.0), "its version is a float"),
        (replace(STATED, carrier="picture"), "its carrier is a str"),
        (replace(STATED, bits=-3), "its count of bits is -3"),
        (replace(STATED, network="no"), "its network is a str"),
    ],
)
def test_a_capability_that_is_none_is_a_broken_package(capability: object, words: str) -> None:
    with pytest.raises(MachineError, match=words) as caught:
        taken(capability)
    assert caught.value.problems[0].code == "broken-detector"


def test_figures_of_numpy_become_our_own() -> None:
    stated = replace(STATED, bits=np.int32(48), network=np.True_)
    known = taken(stated).capability
    assert (type(known.bits), known.network) == (int, True)
    given = replace(
        FOUND, matched=np.int64(48), p=np.float32(0.25), correlation=np.float32(1.0000001)
    )
    (told,) = taken(says=iter([given])).detect([], DECLARED)
    assert told == replace(FOUND, matched=48, p=0.25, correlation=1.0)
    assert {type(told.matched), type(told.p), type(told.correlation)} == {int, float}


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (None, "it gave nothing"),
        ((), "no evidence"),
        ("found", "a str"),
        ([{"reading": "found"}], "a dict where Evidence belongs"),
        ([FOUND] * 17, "too much"),
        ((replace(FOUND, p="tiny"),), "its p is 'tiny'"),
        ((replace(FOUND, p=-5.0),), "its p is -5.0, not from 0 to 1"),
        ((replace(FOUND, p=math.nan),), "its p is nan"),
        ((replace(FOUND, correlation=math.nan),), "its correlation is nan"),
        ((replace(FOUND, matched=4800),), "of 48 bits it matched 4800"),
        ((replace(FOUND, bits=-3),), "its count of bits is -3"),
        ((replace(FOUND, pictures=2.5),), "its count of pictures is 2.5"),
        ((replace(FOUND, reading="found"),), "its reading is a str"),
        ((replace(FOUND, variant="aligned <b>"),), "its variant is none of"),
        ((replace(FOUND, reason=7),), "its reason is a int"),
        (raising(SystemExit(0)), "it ended with SystemExit"),
        (raising(KeyboardInterrupt()), "it ended with KeyboardInterrupt"),
        (raising(FinisherError("no problems at all")), "it ended with FinisherError"),
    ],
)
def test_a_reading_that_can_not_be_is_none(says: object, words: str) -> None:
    assert words in why(says)


def test_what_our_own_errors_say_passes() -> None:
    weights = MediaError(Problem("detector-weights", "there are none"))
    with pytest.raises(MediaError, match="there are none"):
        taken(says=raising(weights)).detect([], DECLARED)


@pytest.mark.parametrize("error", [SystemExit(0), KeyboardInterrupt(), OSError("no library")])
def test_a_package_that_ends_while_it_loads_ends_nothing(error: BaseException) -> None:
    with pytest.raises(MachineError, match=type(error).__name__) as caught:
        admitted("odd", raising(error))
    assert caught.value.problems[0].code == "broken-detector"


def test_reasons_are_one_short_line() -> None:
    odd = Odd()
    detector = admitted("odd", lambda: lambda: odd)
    assert detector.available() is None
    odd.reason = "no\x1b[31m GPU\n" + "x" * 999
    told = detector.available()
    assert told is not None
    assert told.startswith("no [31m GPU xxx")
    assert len(told) == 300
    odd.reason = 7
    assert detector.available() == "odd: its reason not to be used is a int, not text"
    odd.available = raising(RuntimeError("boom"))  # type: ignore[method-assign]
    assert detector.available() == "odd: it ended with RuntimeError: boom"


def test_closing_that_fails_takes_nothing_back(caplog: pytest.LogCaptureFixture) -> None:
    odd = Odd()
    odd.close = raising(SystemExit(3))  # type: ignore[method-assign]
    admitted("odd", lambda: lambda: odd).close()
    assert caplog.messages == ["odd: it ended with SystemExit: 3, when it was closed"]


def test_nothing_a_package_prints_reaches_stdout(capfd: pytest.CaptureFixture[str]) -> None:
    def speaks() -> object:
        sys.stdout.write("by Python\n")
        os.write(1, b"by the system\n")
        if sys.platform == "linux":
            ctypes.CDLL(None).puts(b"by C")
        return (FOUND,)

    os.write(1, b"before\n")
    taken(says=speaks).detect([], DECLARED)
    os.write(1, b"after\n")
    out, err = capfd.readouterr()
    assert out == "before\nafter\n"
    assert {"by Python", "by the system"} <= set(err.splitlines())
    assert "by C" in err or sys.platform != "linux"


def test_a_real_interrupt_stays_one_whatever_is_made_of_it() -> None:
    def swallows() -> object:
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            raise ImportError("half loaded") from None
        return (FOUND,)

    heard: list[int] = []

    def stop(number: int, _frame: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            taken(says=swallows).detect([], DECLARED)
        assert heard == [signal.SIGINT]
    finally:
        signal.signal(signal.SIGINT, before)


def test_handlers_of_signals_are_ours_again() -> None:
    def meddles() -> object:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return (FOUND,)

    before = signal.getsignal(signal.SIGINT)
    taken(says=meddles).detect([], DECLARED)
    assert signal.getsignal(signal.SIGINT) is before


def test_an_error_whose_text_fails_is_told_by_its_name() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise ValueError

    assert why(raising(Mute())) == "odd: it ended with Mute"
