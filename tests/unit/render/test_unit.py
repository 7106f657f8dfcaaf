from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest
from tests import barcode
from tests.planning import facts, preset, taken, timeline

from finisher.contents import sha256_of
from finisher.event import Event as Use
from finisher.event import Gap, Item, Transition, TransitionKind
from finisher.facts import TakeFacts
from finisher.geometry import Fit, Raster, frame
from finisher.look import CDL, Grade
from finisher.media.index import picture_shape
from finisher.pipeline.workers import Serial
from finisher.plan.assemble import plan
from finisher.plan.model import Fill, Mix, Plan, Shot
from finisher.presets.model import Video, VideoCodec
from finisher.problems import MachineError, MediaError
from finisher.progress import Advanced, Event, Finished, Started, silent
from finisher.render import grades, picture, unit
from finisher.render.kitchen import UnitSource, Whereabouts
from finisher.render.picture import jobs, render, whereabouts
from finisher.render.unit import UnitJob, compact, render_unit
from finisher.store import Store
from finisher.timecode import Rate, Span
from finisher.timeline import Take

RASTER = Raster(barcode.WIDTH, barcode.HEIGHT)
HALF = (Fraction(1, 2), Fraction(1, 2))
WHOLE = frame(RASTER, RASTER, Fit.COVER, HALF)
VIDEO = Video(VideoCodec.H264, "high", "yuv420p", "ultrafast", 12)
R24 = Rate.parse("24")
DISSOLVE = TransitionKind.DISSOLVE


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("take") / "t1.mp4"
    barcode.write_take(path, 80, options={"g": "24", "bf": "2"})
    return path


def source(name: str = "one", **change: Any) -> UnitSource:
    return replace(UnitSource(name, "bt709", "tv", WHOLE, None), **change)


def job(*pictures: Any, sources: tuple[UnitSource, ...] = (source(),)) -> UnitJob:
    return UnitJob(sources, tuple(pictures), RASTER, R24, VIDEO)


JOB = job(Shot(0, 1), Shot(0, 2), Fill())


@pytest.mark.parametrize(
    "other",
    [
        job(Shot(0, 1), Shot(0, 3), Fill()),
        job(Shot(0, 1), Shot(0, 2)),
        job(Shot(0, 1), Fill(), Shot(0, 2)),
        job(*JOB.pictures, sources=(source("two"),)),
        job(*JOB.pictures, sources=(source(matrix="smpte170m"),)),
        job(*JOB.pictures, sources=(source(range="pc"),)),
        job(*JOB.pictures, sources=(source(lut="a"),)),
        job(*JOB.pictures, sources=(source(framing=frame(RASTER, RASTER, Fit.PAD, HALF)),)),
        replace(JOB, raster=Raster(64, 64)),
        replace(JOB, rate=Rate.parse("25")),
        replace(JOB, video=replace(VIDEO, crf=13)),
        replace(JOB, video=replace(VIDEO, max_rate=1)),
    ],
)
def test_whatever_changes_a_units_bytes_changes_its_key(other: UnitJob) -> None:
    assert other.key != JOB.key
    assert job(*JOB.pictures).key == JOB.key


def test_a_mixs_kind_and_weights_are_in_the_key() -> None:
    mix = Mix(DISSOLVE, Shot(0, 1), Shot(0, 9), 0, 3)
    others = [replace(mix, step=1), replace(mix, of=4), replace(mix, kind=TransitionKind.WIPE),
              replace(mix, outgoing=mix.incoming, incoming=mix.outgoing)]  # fmt: skip
    assert len({job(m).key for m in (mix, *others)}) == 5
    assert compact(mix) == ["dissolve", [0, 1], [0, 9], 0, 3]


def test_other_libraries_render_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    before = JOB.key
    monkeypatch.setattr("finisher.media.versions.libraries", lambda: {"av": "99"})
    assert JOB.key != before


def numbers(path: Path) -> list[int]:
    with av.open(str(path)) as container:
        return [barcode.number(f) for f in container.decode(video=0)]


def test_a_unit_renders_what_it_lists_once(take: Path, tmp_path: Path) -> None:
    places = Whereabouts({"one": take}, {}, tmp_path)
    found = render_unit(job(Shot(0, 70), Shot(0, 3), Fill(), Shot(0, 3)), places)
    assert numbers(found) == [70, 3, 0, 3]
    before = found.stat().st_ino
    assert render_unit(job(Shot(0, 70), Shot(0, 3), Fill(), Shot(0, 3)), places) == found
    assert found.stat().st_ino == before


def test_a_mix_of_mixes_reads_each_side_in_its_own_order(take: Path, tmp_path: Path) -> None:
    # The end of a loop under way while a transition still runs.
    inner = [Mix(DISSOLVE, Shot(0, 40 + k), Shot(1, 10 + k), k, 4) for k in range(4)]
    outer = [Mix(DISSOLVE, m, Shot(0, 1 + k), k, 4) for k, m in enumerate(inner)]
    places = Whereabouts({"one": take}, {}, tmp_path)
    found = render_unit(job(*outer, sources=(source(), source())), places)
    levels = barcode.levels(found)
    for k in range(4):
        weight = (k + 1) / 5
        inside = barcode.bars(40 + k) * (1 - weight) + barcode.bars(10 + k) * weight
        want = inside * (1 - weight) + barcode.bars(1 + k) * weight
        # Two roundings to a code and crf 12: under 0.03 of the range.
        assert abs(levels[k] - want).max() < 0.03


def test_a_unit_whose_take_is_damaged_leaves_nothing_behind(take: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    data = bytearray(take.read_bytes())
    at = data.index(b"mdat") + 4
    data[at + 100 :] = bytes(len(data) - at - 100)
    broken.write_bytes(data)
    store = tmp_path / "store"
    with pytest.raises(MediaError):
        render_unit(job(Shot(0, 5)), Whereabouts({"one": broken}, {}, store))
    assert [p for p in store.rglob("*") if p.is_file()] == []


@dataclass
class Counting(Serial):
    """Does the work at once, in the order it was handed in."""

    lengths: list[int] = field(default_factory=list)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.lengths.append(len(args[0].pictures))
        return super().submit(fn, *args, **kwargs)


def planned(take: Path, *items: Item) -> tuple[Plan, dict[str, TakeFacts]]:
    shape = picture_shape(take)
    sha256 = hashlib.sha256(take.read_bytes()).hexdigest()
    measured = replace(taken("t1", shape.index, raster=RASTER), path=str(take), sha256=sha256)
    known = facts(("t1", measured))
    line = replace(timeline(*items, takes=(Take("t1", str(take)),)), canvas=RASTER)
    return plan(line, replace(preset(), video=VIDEO), known), known.takes


def use(name: str, start: int, end: int, **more: Any) -> Use:
    return replace(Use(name, "t1", Span(start, end)), **more)


def test_jobs_name_only_what_their_unit_shows(take: Path) -> None:
    made, takes = planned(take, use("a", 0, 60), Gap(50), use("b", 10, 70))
    first, black, last = jobs(made, takes, {}, {})
    assert (len(first.sources), len(black.sources), len(last.sources)) == (1, 0, 1)
    assert last.pictures[0] == Shot(0, 10), "events are numbered afresh in every unit"
    assert black.pictures == (Fill(),) * 50


def test_an_earlier_event_does_not_change_a_later_units_key(take: Path) -> None:
    one, takes = planned(take, use("a", 0, 60), use("b", 10, 70))
    two, _ = planned(take, use("x", 0, 50), use("a", 0, 60), use("b", 10, 70))
    assert jobs(one, takes, {}, {})[-1].key == jobs(two, takes, {}, {})[-1].key


def test_only_what_is_not_there_is_rendered_longest_first(take: Path, tmp_path: Path) -> None:
    store, workers = Store(tmp_path), Counting()
    made, takes = planned(take, use("a", 0, 50), use("b", 2, 80), use("c", 5, 65))
    work, places = jobs(made, takes, {}, {}), whereabouts(made, takes, {}, {}, store)
    heard: list[Event] = []
    done = render(work, places, workers, heard.append)
    assert (workers.lengths, done.remembered) == ([78, 60, 50], 0)
    # In the order of the programme, whatever was rendered first.
    assert [numbers(path)[0] for path in done.units] == [0, 2, 5]
    assert heard[0] == Started("picture", 188, "frames")
    assert sum(e.amount for e in heard if isinstance(e, Advanced)) == 188
    assert isinstance(heard[-1], Finished)
    again = render(work, places, workers, silent)
    assert (len(workers.lengths), again.remembered) == (3, 3)
    assert again.units == done.units
    changed, _ = planned(take, use("a", 0, 50), use("b", 1, 79), use("c", 5, 65))
    assert render(jobs(changed, takes, {}, {}), places, workers, silent).remembered == 2
    assert workers.lengths[3:] == [78]


def test_any_executor_gives_the_same_bytes(take: Path, tmp_path: Path) -> None:
    dissolve = Transition(DISSOLVE, 8)
    made, takes = planned(take, use("a", 0, 60), use("b", 10, 70, transition=dissolve))
    packets = []
    for name in ("one", "two"):
        store = Store(tmp_path / name)
        with ThreadPoolExecutor(2) as pool:
            workers: Executor = Counting() if name == "one" else pool
            done = picture.render(
                jobs(made, takes, {}, {}), whereabouts(made, takes, {}, {}, store), workers, silent
            )
        found = []
        for path in done.units:
            with av.open(str(path)) as container:
                found += [bytes(p) for p in container.demux(video=0)]
        packets.append(found)
    assert packets[0] == packets[1]


def test_a_unit_that_fails_stops_the_render_and_what_was_done_is_kept(
    take: Path, tmp_path: Path
) -> None:
    made, takes = planned(take, use("a", 0, 70), use("b", 10, 70))
    first, second = jobs(made, takes, {}, {})
    # A take that vanished between ingest and render.
    lost = replace(second, sources=(source("gone"),))
    places = whereabouts(made, takes, {}, {}, Store(tmp_path / "store"))
    places.takes["gone"] = tmp_path / "gone.mp4"
    with ThreadPoolExecutor(1) as pool, pytest.raises(MediaError, match="no such file"):
        render([first, lost], places, pool, silent)
    with ThreadPoolExecutor(1) as pool:
        assert render([first], places, pool, silent).remembered == 1


def test_a_unit_that_was_damaged_is_rendered_again(take: Path, tmp_path: Path) -> None:
    places = Whereabouts({"one": take}, {}, tmp_path)
    path = render_unit(job(Shot(0, 5), Shot(0, 6)), places)
    whole = path.read_bytes()
    for damaged in (whole[: len(whole) // 2], bytes(len(whole))):
        path.write_bytes(damaged)
        assert render_unit(job(Shot(0, 5), Shot(0, 6)), places) == path
        assert path.read_bytes() == whole


class Killed(Executor):
    """Workers that the system kills."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        del fn, args, kwargs
        future: Future[Any] = Future()
        future.set_exception(BrokenProcessPool("a child process terminated abruptly"))
        return future


def test_a_worker_that_was_killed_is_the_machine_s(take: Path, tmp_path: Path) -> None:
    work = [job(Shot(0, 5)), job(Shot(0, 6))]
    with pytest.raises(MachineError) as caught:
        render(work, Whereabouts({"one": take}, {}, tmp_path), Killed(), silent)
    (problem,) = caught.value.problems
    assert problem.code == "worker-lost"
    assert "--jobs 1" in (problem.hint or "")


def test_one_cube_serves_all_events_of_a_grade(take: Path, tmp_path: Path) -> None:
    store = Store(tmp_path)
    warm, cool = CDL(slope=(1.1, 1.0, 0.9)), CDL(slope=(0.9, 1.0, 1.1))
    made, takes = planned(
        take, use("a", 0, 60, cdl=warm), use("b", 0, 60, cdl=warm), use("c", 0, 60, cdl=cool),
        use("d", 0, 60),
    )  # fmt: skip
    baked = grades.bake((event.grade for event in made.events), store)
    assert set(baked) == {Grade(cdl=warm), Grade(cdl=cool)}
    luts = [work.sources[0].lut for work in jobs(made, takes, baked, {})]
    assert luts[0] == luts[1] != luts[2]
    assert luts[3] is None
    assert set(whereabouts(made, takes, baked, {}, store).luts) == {luts[0], luts[2]}
    again = grades.bake([Grade(cdl=warm)], store)[Grade(cdl=warm)]
    assert (again.key, again.path) == (luts[0], baked[Grade(cdl=warm)].path)
    assert (again.cube == baked[Grade(cdl=warm)].cube).all()


def test_a_take_that_is_another_by_now_is_not_rendered_from(take: Path, tmp_path: Path) -> None:
    there = tmp_path / "t1.mp4"
    there.write_bytes(take.read_bytes())
    store = Store(tmp_path / "store")
    sha256 = sha256_of(there, store)
    one = job(Shot(0, 1), Shot(0, 2), sources=(source(sha256),))
    where = Whereabouts({sha256: there}, {}, store.root, (sha256,))
    barcode.write_take(there, 80, draw=lambda i: barcode.draw(i + 9))
    for _ in range(2):
        with pytest.raises(MediaError) as caught:
            render_unit(one, where)
        assert caught.value.problems[0].code == "media-changed"
    there.write_bytes(take.read_bytes())
    with av.open(str(render_unit(one, where))) as container:
        assert [barcode.number(f) for f in container.decode(video=0)] == [1, 2]


def test_a_take_that_changes_under_the_work_leaves_nothing(
    take: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "t1.mp4"
    there.write_bytes(take.read_bytes())
    store = Store(tmp_path / "store")
    sha256 = sha256_of(there, store)
    one = job(Shot(0, 1), Shot(0, 2), sources=(source(sha256),))

    def meanwhile(count: int, done: UnitJob) -> None:
        assert count == len(done.pictures)
        there.write_bytes(b"another")

    monkeypatch.setattr(unit, "_check", meanwhile)
    with pytest.raises(MediaError):
        render_unit(one, Whereabouts({sha256: there}, {}, store.root, (sha256,)))
    assert store.get(unit.KIND, one.key, unit.SUFFIX) is None
