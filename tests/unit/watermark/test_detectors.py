"""Detectors are found by name; one that is broken breaks nothing else."""

from importlib.metadata import EntryPoint

import numpy as np
import pytest

from finisher.problems import DocumentError, MachineError
from finisher.timeline import Carrier
from finisher.watermark import detectors
from finisher.watermark.detector import Capability, Declared, Evidence, Reading, Sight

DECLARED = Declared("01" * 24, (320, 256))


class Stranger:
    capability = Capability("theirs", "3", Carrier.PICTURE, 48, c2pa="org.example.mark")
    closed = False

    def available(self):
        return None

    def open(self, options):
        if "fail" in options:
            raise TypeError("fail was asked for")

    def detect(self, seen, declared):
        if len(list(seen)) > 1 or declared is not DECLARED:
            raise ZeroDivisionError("too many")
        return (Evidence(Reading.FOUND, "blind", p=1e-9),)

    def close(self):
        Stranger.closed = True


class Half:
    capability = Capability("half", "1", Carrier.PICTURE, 48)


def explodes():
    raise OSError("no such library")


@pytest.fixture
def installed(monkeypatch):
    def listed(*, group):
        here = f"{__name__}:"
        pairs = (
            ("theirs", f"{here}Stranger"),
            ("half", f"{here}Half"),
            ("explodes", f"{here}explodes"),
            ("gone", "a_package_that_is_gone:Detector"),
            ("trustmark", f"{here}Stranger"),
        )
        return [EntryPoint(name, value, group) for name, value in pairs]

    monkeypatch.setattr(detectors, "entry_points", listed)
    monkeypatch.setattr(
        EntryPoint,
        "load",
        lambda point: globals()[point.attr] if point.module == __name__ else real(point),
    )


real = EntryPoint.load


@pytest.mark.usefixtures("installed")
def test_ours_come_first_and_keep_their_names():
    names = detectors.names()
    assert names[: len(detectors.OURS)] == tuple(detectors.OURS)
    assert names[len(detectors.OURS) :] == ("explodes", "gone", "half", "theirs")
    assert detectors.found("trustmark").capability.version != "3"


def test_every_detector_of_ours_says_what_it_reads():
    known = detectors.capabilities()
    assert set(detectors.OURS) <= set(known)
    for name in detectors.OURS:
        assert known[name].id == name
        assert not known[name].network
    assert known["audioseal"].carrier is Carrier.SOUND
    assert detectors.title("videoseal") == "videoseal 1 (com.aiwatermark.videoseal.1)"
    assert detectors.title("imwatermark.dwtDct") == "imwatermark.dwtDct 0.2.0"


def test_a_name_nobody_has_leads_to_the_nearest():
    with pytest.raises(DocumentError, match="trustmrk") as caught:
        detectors.found("trustmrk")
    assert caught.value.problems[0].code == "unknown-detector"
    assert caught.value.problems[0].hint == "did you mean 'trustmark'?"
    assert detectors.title("synthid") == "synthid"


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["half", "explodes", "gone"])
def test_a_broken_package_is_an_error_of_its_own(name):
    with pytest.raises(MachineError) as caught:
        detectors.found(name)
    assert caught.value.problems[0].code == "broken-detector"
    assert name not in detectors.capabilities()
    assert "theirs" in detectors.capabilities()
    (told,) = detectors.look(name, {}, [], DECLARED)
    assert told.reading is Reading.UNREADABLE
    assert name in told.reason


@pytest.mark.usefixtures("installed")
def test_a_strangers_detector_is_used_and_closed():
    sight = Sight(np.zeros((256, 320, 3), np.uint8))
    Stranger.closed = False
    (told,) = detectors.look("theirs", {}, [sight], DECLARED)
    assert told.reading is Reading.FOUND
    assert Stranger.closed
    for options, seen, words in (({"fail": "1"}, [], "TypeError"), ({}, [sight] * 2, "too many")):
        Stranger.closed = False
        (told,) = detectors.look("theirs", options, seen, DECLARED)
        assert told.reading is Reading.UNREADABLE
        assert words in told.reason
        assert Stranger.closed
    assert detectors.title("theirs") == "theirs 3 (org.example.mark)"
