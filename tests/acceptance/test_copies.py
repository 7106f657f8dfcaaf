"""Spans that nothing changes are carried over: the right frames, the takes' own bits, proven."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests import barcode
from tests.acceptance.numbered import EVENTS, build
from tests.acceptance.studio import Ran, finish

from finisher.audit.audit import audit
from finisher.findings import Status
from finisher.media.index import picture_shape


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("copies"))


@pytest.fixture(scope="module")
def made(project: Path) -> Ran:
    """The project, delivered."""
    ran = finish(project, "edl.json", "--json")
    assert ran.code == 0, ran.err
    return ran


@pytest.fixture(scope="module")
def film(made: Ran) -> Path:
    return Path(made.document["deliverables"][0]["path"])


@pytest.fixture(scope="module")
def plan(project: Path) -> dict[str, Any]:
    return finish(project, "plan", "edl.json", "--json").document


def decoded(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def numbers(plan: dict[str, Any]) -> list[int | None]:
    """The number each programme frame must show; None where two are mixed."""
    first = {event["id"]: 500 if event["take"] == "b" else 0 for event in EVENTS}
    shown = [picture for unit in plan["units"] for picture in unit["pictures"]]
    return [first[p[0]] + p[1] if len(p) == 2 else None for p in shown]


def test_the_plan_says_what_is_copied_and_why_the_rest_is_not(plan: dict[str, Any]) -> None:
    told = {event["id"]: (event["copied"], event["encoded_because"]) for event in plan["events"]}
    # Entries lie at 0, 24, 48, 72, 96; three B-frames wait for the picture after them.
    assert told["mid"][0] == 81 - 24
    # The last three of its frames are in transition.
    assert told["other"][0] == 65 - 24
    assert told["round"] == (72, "")
    assert told["slow"][0] == told["short"][0] == 0
    assert all(why for name, (_, why) in told.items() if name != "round")


def test_every_frame_is_the_right_one_for_two_readers(film: Path, plan: dict[str, Any]) -> None:
    wanted = numbers(plan)
    with av.open(str(film)) as container:
        found = [barcode.number(frame) for frame in container.decode(video=0)]
    bars = barcode.levels(film)
    assert len(found) == len(bars) == len(wanted) == plan["frames"]
    for number, here, levels in zip(wanted, found, bars, strict=True):
        if number is not None:
            assert here == number
            assert np.abs(levels - barcode.bars(number)).max() < 0.05


def test_copied_frames_are_the_take_s_own_bits(
    project: Path, film: Path, plan: dict[str, Any]
) -> None:
    shown = decoded(film)
    takes = {name: decoded(project / "takes" / f"{name}.mp4") for name in ("a", "b")}
    of = {event["id"]: event["take"] for event in EVENTS}
    compared = 0
    for unit in plan["units"]:
        if unit["copied"]:
            for frame, (event, ordinal) in enumerate(unit["pictures"], unit["start"]):
                assert np.array_equal(shown[frame], takes[of[event]][ordinal]), frame
                compared += 1
    assert compared == sum(unit["frames"] for unit in plan["units"] if unit["copied"]) > 150


def test_times_are_uniform(film: Path, plan: dict[str, Any]) -> None:
    with av.open(str(film)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    for times in ([p.dts or 0 for p in packets], sorted(p.pts or 0 for p in packets)):
        assert len({b - a for a, b in pairwise(times)}) == 1
    assert len(packets) == plan["frames"]


def test_the_audit_proves_the_copies(project: Path, made: Ran, plan: dict[str, Any]) -> None:
    (file,) = made.document["deliverables"][0]["audit"]["files"]
    (check,) = [check for check in file["checks"] if check["id"] == "picture-copied"]
    assert check["status"] == "passed"
    assert check["promised"] == sum(u["frames"] for u in plan["units"] if u["copied"])
    assert finish(project, "audit", "edl.same.mp4", "--edl", "edl.json").code == 0


def test_other_bits_in_a_copied_stretch_are_found(
    film: Path, plan: dict[str, Any], tmp_path: Path
) -> None:
    unit = next(unit for unit in plan["units"] if unit["copied"])
    index = picture_shape(film).index
    data = bytearray(film.read_bytes())
    with av.open(str(film)) as container:
        wanted = index.pts[unit["start"] + 1]
        packet = next(p for p in container.demux(video=0) if p.pts == wanted)
        assert packet.pos is not None
        # The last byte of a picture of one colour: nobody would see it.
        data[packet.pos + packet.size - 1] ^= 1
    harmed = tmp_path / "edl.same.mp4"
    harmed.write_bytes(data)
    found = audit(harmed)
    statuses = {check.id: check.status for check in found.checks}
    assert statuses["picture-copied"] is Status.FAILED
