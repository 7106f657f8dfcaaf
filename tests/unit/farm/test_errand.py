from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from tests import barcode
from tests.errands import JOB, code_of

from finisher.farm import ground
from finisher.farm.errand import Errand, errand, rendered, run
from finisher.farm.ground import check, ground_of, versions
from finisher.problems import MachineError
from finisher.render import quality
from finisher.render.kitchen import Whereabouts
from finisher.render.unit import KIND, SUFFIX, UnitJob, render_unit
from finisher.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def order(store: Store, tmp_path: Path) -> Errand:
    take = tmp_path / "take.mp4"
    barcode.write_take(take, 6)
    common = ground_of(store)
    return errand(JOB, Whereabouts({"one": take}, {}, store.root), common)


def test_an_errand_ends_in_the_store_and_can_be_run_again(order: Errand, store: Store) -> None:
    path = run(rendered, order)
    assert path == store.get(KIND, JOB.key, SUFFIX)
    before = path.read_bytes(), path.stat().st_mtime_ns
    assert run(rendered, order) == run(render_unit, order) == path
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_paths_of_an_errand_mean_the_same_in_any_folder(
    order: Errand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    near = Whereabouts({"one": Path("take.mp4")}, {}, Path("store"))
    assert errand(JOB, near, order.ground) == order


def test_where_a_score_decides_the_crf_it_is_found_and_kept(
    order: Errand, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = replace(JOB, video=replace(JOB.video, crf=None, vmaf=90.0))
    scored = errand(job, order.whereabouts, order.ground)
    path = run(rendered, scored)
    choice = quality.known(job, store)
    assert choice is not None
    assert path == store.get(KIND, quality.chosen(job, choice).key, SUFFIX)

    def choose(*_: object) -> None:
        raise AssertionError("it was looked for again")

    monkeypatch.setattr(quality, "choose", choose)
    assert run(rendered, scored) == path


def test_a_store_keeps_its_name(store: Store, tmp_path: Path) -> None:
    assert ground_of(store) == ground_of(store)
    assert ground_of(store).name != ground_of(Store(tmp_path / "another")).name


def test_another_store_at_the_same_path_is_noticed(order: Errand, store: Store) -> None:
    (entry,) = (one for one in store.entries() if one.kind == ground.KIND)
    store.remove(entry)
    for _ in ("without a name", "with one of its own"):
        with pytest.raises(MachineError) as caught:
            run(rendered, order)
        assert code_of(caught) == "farm-blind"
        ground_of(store)
    assert store.get(KIND, JOB.key, SUFFIX) is None


def test_a_store_that_is_not_there_is_not_made(order: Errand, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    lost = replace(order, whereabouts=replace(order.whereabouts, store=elsewhere))
    with pytest.raises(MachineError) as caught:
        run(rendered, lost)
    assert code_of(caught) == "farm-blind"
    assert not elsewhere.exists()


def test_a_store_that_can_only_be_read_is_noticed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    common = ground_of(store)
    check(common, store.root)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(ground.tempfile, "TemporaryFile", refuse)
    with pytest.raises(MachineError, match="Permission denied") as caught:
        check(common, store.root)
    assert code_of(caught) == "farm-blind"


def test_a_take_that_is_not_seen_is_named(order: Errand) -> None:
    take = order.whereabouts.takes["one"]
    take.rename(take.with_name("moved.mp4"))
    with pytest.raises(MachineError, match=r"take\.mp4") as caught:
        run(rendered, order)
    assert code_of(caught) == "farm-blind"


def test_other_libraries_are_refused_by_name(order: Errand) -> None:
    other = replace(order.ground, versions=versions() | {"av": "17.0.0", "libx": "9"})
    with pytest.raises(MachineError, match=r"av .*, not 17\.0\.0; libx none, not 9") as caught:
        run(rendered, replace(order, ground=other))
    assert code_of(caught) == "farm-differs"


def test_a_unit_of_another_key_is_refused(order: Errand, store: Store) -> None:
    with pytest.raises(MachineError, match="in another way") as caught:
        run(rendered, replace(order, key="0" * 64))
    assert code_of(caught) == "farm-differs"
    assert store.get(KIND, JOB.key, SUFFIX) is None


def test_threads_of_one_process_take_turns(order: Errand) -> None:
    inside: list[int] = []
    seen: list[int] = []

    def work(job: UnitJob, whereabouts: Whereabouts) -> None:
        del job, whereabouts
        inside.append(1)
        seen.append(len(inside))
        time.sleep(0.02)
        inside.pop()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: run(work, order), range(8)))
    assert seen == [1] * 8
