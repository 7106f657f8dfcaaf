"""Hidden marks of a finished file: who may be asked, what is shown, and what follows from it."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from finisher.audit.aids import ALONE, Aids
from finisher.audit.audit import check
from finisher.audit.closely import LookedFor
from finisher.audit.hidden_evidence import (
    HiddenSample,
    frames_of_hidden,
    hindrance,
    measure_hidden,
)
from finisher.audit.hidden_marks import judge_binding, judge_hidden
from finisher.audit.mark_check import marks_check
from finisher.audit.measure import measure
from finisher.audit.turns import turns
from finisher.findings import Status, Weight
from finisher.geometry import Raster
from finisher.progress import silent
from finisher.promises import PromisedCopy, PromisedHidden
from finisher.provenance.chain import SoftBinding
from finisher.timecode import Span
from finisher.timeline import Carrier
from finisher.watermark import detectors
from finisher.watermark.detector import (
    Capability,
    Declared,
    Evidence,
    Hearing,
    Reading,
    Sight,
)

PAYLOAD = "1011"


def hidden(**changes: object) -> PromisedHidden:
    base = PromisedHidden(
        "one", "secret", "probe", PAYLOAD, "picture", (Span(0, 36),), (128, 72),
        (0.0, 0.0, 128.0, 72.0), (0.0, 0.0, 256.0, 144.0), found=True,
    )  # fmt: skip
    return replace(base, **changes)


def evidence(reading: Reading, variant: str = "blind", p: float | None = 1e-9) -> Evidence:
    return Evidence(reading, variant, 44, 48, p, 0.8, 16)


class Probe:
    """A detector that tells what it was shown."""

    shown: list[object]
    opened: dict[str, str]

    def __init__(self, carrier: Carrier = Carrier.PICTURE, network: bool = False) -> None:
        self.capability = Capability(
            "probe", "3", carrier, None, "com.example.probe", False, network
        )
        Probe.shown, Probe.opened = [], {}

    def available(self) -> str | None:
        return None

    def open(self, options: Mapping[str, str]) -> None:
        Probe.opened = dict(options)

    def detect(self, seen: Iterable[Sight] | Hearing, declared: Declared) -> tuple[Evidence, ...]:
        Probe.shown = [seen] if isinstance(seen, Hearing) else list(seen)
        assert declared.payload == PAYLOAD
        return (evidence(Reading.FOUND),)

    def close(self) -> None:
        Probe.opened["closed"] = "yes"


@pytest.fixture
def probe(monkeypatch):
    """Installs the detector; its arguments may be changed."""
    made = {"arguments": {}}

    def found(name: str) -> Probe:
        if name != "probe":
            return real(name)
        return Probe(**made["arguments"])

    real = detectors.found
    monkeypatch.setattr(detectors, "found", found)
    known = Probe().capability
    monkeypatch.setattr(detectors, "capabilities", lambda: {"probe": known})
    return made["arguments"]


SURE = [
    ((evidence(Reading.FOUND),), "intact"),
    ((evidence(Reading.FOUND, p=1e-5),), "not-checkable"),
    ((evidence(Reading.ABSENT, p=0.3), evidence(Reading.FOUND, "aligned")), "degraded"),
    ((evidence(Reading.INVERTED), evidence(Reading.FOUND, "aligned")), "degraded"),
    ((evidence(Reading.INVERTED), evidence(Reading.ABSENT, "aligned", 0.2)), "altered"),
    ((evidence(Reading.ABSENT, p=0.3),), "lost"),
    ((Evidence(Reading.UNREADABLE, "blind", reason="too small"),), "not-checkable"),
    ((), "not-checkable"),
]


@pytest.mark.parametrize(("found", "verdict"), SURE)
def test_only_what_is_read_blind_is_intact(found: tuple[Evidence, ...], verdict: str):
    one = judge_hidden(hidden(), HiddenSample(found, "", "probe 3"), copied=False)
    assert one.verdict == verdict
    assert (one.kind, one.span, one.detector) == ("hidden", (0, 36), "probe 3")
    if verdict == "degraded":
        assert "recoverable with the source" in one.detail
        assert one.matched == (44, 48)


def test_what_no_take_carried_is_held_against_nobody():
    sample = HiddenSample((evidence(Reading.ABSENT, p=0.5),))
    for changes, verdict in (
        ({"found": False}, "not-found-in-source"),
        ({"found": False, "reason": "no weights"}, "not-checkable"),
        ({"spans": ()}, "not-checkable"),
        ({"spans": (), "carrier": "sound"}, "lost"),
    ):
        assert judge_hidden(hidden(**changes), sample, copied=False).verdict == verdict
    assert judge_hidden(hidden(), sample, copied=True).verdict == "intact-bit-identical"


def test_a_sound_that_is_not_in_the_mix_fails_unless_it_may_be_lost():
    for leave, status in ((None, Status.FAILED), ("dubbed", Status.WARNED)):
        gone = hidden(spans=(), carrier="sound", may_lose=leave)
        (made,) = marks_check([judge_hidden(gone, HiddenSample(), copied=False)])
        assert (made.status, made.severity) == (status, Weight.REQUIRED)


def test_the_takes_own_pictures_lie_beside_those_of_the_file(delivery, promised, probe):
    class Originals:
        def pictures(self, event, frames, size):
            assert event == "one"
            return {frame: np.full((size[1], size[0], 3), frame, np.uint8) for frame in frames[::2]}

    promises = promised(hidden=(hidden(),), sound=None)
    aids = LookedFor(aids=Aids(originals=Originals()))
    findings, (one,) = check(promises, measure(delivery, promises, silent, "seed", aids))
    assert one.verdict == "intact"
    assert next(f for f in findings if f.id == "watermarks").status is Status.PASSED
    sources = [seen.source for seen in Probe.shown]
    assert [source is None for source in sources] == [False, True] * 8
    assert all(source.shape == (72, 128, 3) for source in sources[::2])
    assert probe == {}


def test_the_pictures_are_those_of_the_file(delivery, programme, promised, probe):
    promises = promised(hidden=(hidden(),), sound=None)
    aids = Aids(options={"secret": {"key": "7"}}, weights={"probe": "w.pt"})
    measure(delivery, promises, silent, "seed", LookedFor(aids=aids))
    assert Probe.opened == {"key": "7", "weights": "w.pt", "closed": "yes"}
    assert len(Probe.shown) == 16
    for seen in Probe.shown:
        assert seen.picture.shape == (144, 256, 3)
        assert seen.aligned.shape == (72, 128, 3)
        assert seen.valid.all()
        assert seen.source is None
        # Gray pictures in limited range: 16 of luma is black, 235 white.
        luma = 16 + seen.picture.mean(axis=2) * 219 / 255
        assert min(np.abs(luma - f).mean() for f in programme.frames[:36]) < 2  # crf 20
    assert probe == {}


def test_whoever_sends_pictures_away_is_asked_with_leave_alone(probe):
    probe["network"] = True
    assert "--allow-upload" in hindrance("probe", ALONE)
    assert hindrance("probe", Aids(upload=True)) == ""
    assert "no detector" in hindrance("nobody's", ALONE)
    raster = Raster(256, 144)
    assert frames_of_hidden([hidden()], raster, "s", ALONE) == ((),)
    assert len(frames_of_hidden([hidden()], raster, "s", Aids(upload=True))[0]) == 16


def test_marks_in_sound_are_listened_for(delivery, promised, probe):
    probe["carrier"] = Carrier.SOUND
    promises = promised(hidden=(hidden(carrier="sound", spans=(Span(12, 36),)),))
    _, (one,) = check(promises, measure(delivery, promises, silent))
    assert (one.verdict, one.kind) == ("intact", "sound")
    (heard,) = Probe.shown
    assert heard.samples.shape == (48_000, 2)
    assert heard.rate == 48_000


def test_carried_pictures_need_no_detector(delivery, promised):
    copy = PromisedCopy("take", 0, 36, "d" * 64)
    promises = promised(hidden=(hidden(detector="nobody's"),), copies=(copy,), sound=None)
    measured = measure(delivery, promises, silent)
    _, (one,) = check(promises, replace(measured, copies=("d" * 64,)))
    assert one.verdict == "intact-bit-identical"
    _, (one,) = check(promises, measured)
    assert one.verdict == "not-checkable"


def test_a_soft_binding_nobody_reads_is_told_by_its_name(delivery, promised):
    binding = SoftBinding("com.example.secret", "x", "clip.mp4")
    measured = measure(delivery, promised(), silent, "", LookedFor((binding,)))
    _, (one,) = check(promised(), measured, (binding,))
    assert (one.mark, one.verdict, one.event) == ("com.example.secret", "not-checkable", "")
    assert "clip.mp4" in one.detail
    read = judge_binding(binding, HiddenSample((evidence(Reading.FOUND),), "", "probe 3"))
    assert read.verdict == "intact"


def test_hostile_promises_of_hidden_marks_do_no_harm(delivery, promised, probe):
    marks = (
        hidden(canvas=(1 << 40, 1 << 40)),
        hidden(place=(1e300, 0.0, 1e300, 1.0)),
        hidden(crop=(0.0, 0.0, 0.0, 0.0)),
        hidden(spans=(Span(1 << 40, (1 << 40) + 9),)),
    )
    promises = promised(hidden=marks, rate="nonsense", sound=None)
    _, seen = check(promises, measure(delivery, promises, silent))
    assert {one.verdict for one in seen} == {"not-checkable"}
    many = [hidden(event=str(number)) for number in range(300)]
    with turns(0, silent, time.monotonic) as each:
        told = measure_hidden(many, [()] * 300, None, ALONE, each)
    assert [bool(sample.reason) for sample in told] == [False] * 256 + [True] * 44
    assert probe == {}
