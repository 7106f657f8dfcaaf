from __future__ import annotations

import pickle
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests import barcode
from tests.planning import facts, preset, taken, timeline

from finisher.event import Event, Transition, TransitionKind
from finisher.facts import ConformedCopy
from finisher.ffmpeg import program
from finisher.geometry import Raster
from finisher.ingest.conformed import conform
from finisher.look import CDL
from finisher.media.index import picture_shape
from finisher.plan.assemble import plan
from finisher.pledge.originals import Originals, originals
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import HiddenMark, Take


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("originals") / "take.mp4"
    barcode.write_take(path, 40)
    return path


def seen(
    path: Path, *events: Event, raster: Raster | None = None, copy: ConformedCopy | None = None
) -> Originals:
    takes = (Take("t1", str(path), hidden=("m",)), Take("t2", str(path)))
    line = replace(timeline(*events, takes=takes), hidden=(HiddenMark("m", "odd", "1"),))
    one = replace(
        taken("t1", picture_shape(path).index, raster=Raster(barcode.WIDTH, barcode.HEIGHT)),
        path=str(path),
        copy=copy,
    )
    known = facts(("t1", one), ("t2", one))
    return originals(plan(line, preset(raster=raster), known), known)


def number(picture: np.ndarray) -> int:
    """The number a picture carries, whatever its size."""
    width = picture.shape[1]
    middles = [picture[picture.shape[0] // 2, (2 * b + 1) * width // (2 * barcode.BITS)].mean()
               for b in range(barcode.BITS)]  # fmt: skip
    return sum(1 << bit for bit, level in enumerate(middles) if level > 127)


def test_frames_get_the_takes_own_picture_neither_graded_nor_cut(path: Path) -> None:
    dark = CDL(slope=(0.1, 0.1, 0.1))
    found = seen(path, Event("a", "t1", Span(5, 15), cdl=dark), raster=Raster(180, 320))
    carried = pickle.loads(pickle.dumps(found))  # noqa: S301 (our own)
    pictures = carried.pictures("a", [0, 4, 9], (160, 90))
    assert {frame: number(picture) for frame, picture in pictures.items()} == {0: 5, 4: 9, 9: 14}
    assert {picture.shape for picture in pictures.values()} == {(90, 160, 3)}
    assert max(int(picture.max()) for picture in pictures.values()) > 240


def test_a_turned_takes_pictures_come_from_its_copy_by_the_copys_own_clock(
    path: Path, tmp_path: Path
) -> None:
    turned = tmp_path / "turned.mp4"
    arguments = ("-display_rotation", "180", "-i", str(path), "-c", "copy", str(turned))
    subprocess.run([program.executable(), "-v", "error", *arguments], check=True)
    own = picture_shape(turned)
    shape, copy = conform(turned, own, "turned", Store(tmp_path / "store"))
    assert copy is not None
    # Else the take's own times would find the copy's pictures just as well.
    assert own.index.pts != shape.index.pts
    pictures = seen(turned, Event("a", "t1", Span(5, 15)), copy=copy).pictures(
        "a", [0, 4, 9], (160, 90)
    )
    upright = {frame: number(picture[::-1, ::-1]) for frame, picture in pictures.items()}
    assert upright == {0: 5, 4: 9, 9: 14}


def test_only_pictures_that_stand_alone_are_handed_out(path: Path) -> None:
    mixed = Transition(TransitionKind.DISSOLVE, 6)
    found = seen(
        path, Event("a", "t1", Span(0, 12)), Event("b", "t1", Span(16, 30), transition=mixed)
    )
    assert sorted(found.pictures("a", range(26), (160, 90))) == list(range(9))
    assert sorted(found.pictures("b", range(26), (160, 90))) == list(range(15, 26))
    assert found.pictures("c", [0], (160, 90)) == {}


def test_takes_without_hidden_marks_are_left_alone(path: Path) -> None:
    assert seen(path, Event("a", "t2", Span(0, 12))) == Originals({}, {})
