"""Units rendered by a dask cluster and by Open Job Description runs, some of them killed at it."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests import barcode
from tests.acceptance.studio import Ran, build, edl, finish, write_edl
from tests.errands import JOB, code_of

from finisher.farm import cluster
from finisher.farm.cluster import Farm, hire
from finisher.pipeline.workers import Serial
from finisher.problems import MachineError
from finisher.render.kitchen import Whereabouts
from finisher.render.unit import UnitJob, render_unit
from finisher.store import Store

PRESET = """
description = "Quick, and slow enough to be stopped at"
raster = [360, 640]
rate = "source"
[video]
codec = "h264"
profile = "high"
pixel_format = "yuv420p"
speed = "medium"
crf = 20
[audio]
codec = "aac"
bit_rate = 128000
[container]
format = "mp4"
edit_list = false
"""
"""Without a highest rate: under one, x264's bytes depend on what the process's memory held before,
and the same unit comes out otherwise now and then, wherever it is encoded."""
UNITS = 4
PATIENCE = 60
"""Seconds that anything here may take on a busy machine; most takes one or two."""


def until(holds: Callable[[], Any], what: str) -> Any:
    """What comes to hold, before patience ends."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.02)
    raise AssertionError(f"in {PATIENCE} s there was never {what}")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of several units, with all of it measured once."""
    folder = build(tmp_path_factory.mktemp("farm") / "otters")
    value = edl()
    takes = {name: {"file": take["file"]} for name, take in value["takes"].items()}
    events = [{"take": "ab"[n % 2], "in": n, "out": n + 54} for n in range(UNITS)]
    write_edl(
        folder,
        {key: value[key] for key in ("schema", "title", "rate", "canvas", "audio")}
        | {"takes": takes, "events": events, "deliverables": [{"preset": "slow"}]},
    )
    (folder / "presets" / "slow.toml").write_text(PRESET)
    ran(finish_in(folder / "measured", folder, "check", "edl.json"))
    return folder


def finish_in(store: Path, folder: Path, *words: str) -> Ran:
    """Run the command with a store of its own."""
    before = os.environ.get("FINISHER_CACHE")
    os.environ["FINISHER_CACHE"] = str(store)
    try:
        return finish(folder, *words)
    finally:
        if before is not None:
            os.environ["FINISHER_CACHE"] = before


def ran(done: Ran) -> Ran:
    """A run that ended well."""
    assert done.code == 0, done.err
    return done


@pytest.fixture
def project(studio: Path, tmp_path: Path) -> Path:
    """The project, and in it a store in which everything is measured and nothing rendered."""
    shutil.copytree(studio, tmp_path / "project")
    return tmp_path / "project"


def units(store: Path) -> dict[str, bytes]:
    """What is rendered, by name."""
    return {path.name: path.read_bytes() for path in (store / "units").glob("??/[!.]*.mov")}


def same_pictures(made: dict[str, bytes], alone: dict[str, bytes]) -> None:
    """The same units of the same pictures: x264 may spend a tenth of a code otherwise."""
    assert made.keys() == alone.keys()
    for name, data in made.items():
        here, there = lumas(data), lumas(alone[name])
        assert here.shape == there.shape
        assert np.abs(here - there).mean(axis=(1, 2)).max() < 1.0


def lumas(data: bytes) -> NDArray[np.int16]:
    """The luma of every picture of a unit."""
    with av.open(io.BytesIO(data)) as container:
        frames = [frame.to_ndarray()[: frame.height] for frame in container.decode(video=0)]
    return np.array(frames, np.int16)


def under_way(store: Path) -> int:
    """How many units have been begun, and hold something by now."""
    return sum(path.stat().st_size > 0 for path in (store / "units").glob("??/.making-*.mov"))


@pytest.fixture(scope="module")
def rendered(studio: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its units as this machine's own processes render them."""
    folder = tmp_path_factory.mktemp("alone") / "project"
    shutil.copytree(studio, folder)
    ran(finish_in(folder / "measured", folder, "edl.json", "--no-sign"))
    assert len(units(folder / "measured")) == UNITS
    return folder


@pytest.fixture(scope="module")
def alone(rendered: Path) -> dict[str, bytes]:
    """Those units."""
    return units(rendered / "measured")


def launched(*words: str, **more: Any) -> subprocess.Popen[bytes]:
    """A process in a group of its own."""
    return subprocess.Popen([sys.executable, "-m", *words], start_new_session=True, **more)


@contextmanager
def process(*words: str, **more: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends here with all it started."""
    started = launched(*words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **more)
    try:
        yield started
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        started.wait()


@contextmanager
def scheduler(folder: Path, **more: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A dask scheduler's address, `HOST:PORT`, and its process."""
    file = folder / "scheduler.json"
    words = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
    # A unit may cost two workers; the third ends it.
    env = os.environ | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "2"} | more
    with process("distributed.cli.dask_scheduler", *words, env=env) as started:
        until(file.exists, "a scheduler")
        yield json.loads(file.read_text())["address"].removeprefix("tcp://"), started


@contextmanager
def workers(address: str, folder: Path, count: int = 2, **more: str) -> Iterator[None]:
    """Worker processes that come back when they are killed."""
    words = ["--nworkers", str(count), "--nthreads", "1", "--no-dashboard", "--memory-limit", "0"]
    place, env = ["--local-directory", str(folder / "workers")], os.environ | more
    with process("distributed.cli.dask_worker", f"tcp://{address}", *words, *place, env=env):
        yield


@pytest.fixture(scope="module")
def farm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a cluster of two workers."""
    pytest.importorskip("distributed", reason="needs the extra `farm`")
    folder = tmp_path_factory.mktemp("cluster")
    with scheduler(folder) as (address, _), workers(address, folder):
        yield address


def processes(address: str) -> list[int]:
    """Process ids of the workers."""
    script = f"""if True:
        import os
        from distributed import Client
        with Client("tcp://{address}") as client:
            client.wait_for_workers(2, timeout={PATIENCE})
            print(*client.run(os.getpid).values())
    """
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    return [int(word) for word in done.stdout.split()]


def test_a_cluster_renders_the_same_though_a_worker_is_killed(
    farm: str, project: Path, alone: dict[str, bytes]
) -> None:
    store = project / "measured"
    first, second = processes(farm)
    words = ["edl.json", "--no-sign", "--farm", f"dask://{farm}", "--json", "--progress", "json"]
    with launched(
        "finisher", *words, cwd=project, env=os.environ | {"FINISHER_CACHE": str(store)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as run:  # fmt: skip
        until(lambda: under_way(store) == 2, "two units under way")
        os.kill(first, signal.SIGKILL)
        out, said = run.communicate(timeout=5 * PATIENCE)
    assert run.returncode == 0, said.decode()
    assert f"{UNITS} units rendered, 0 known" in said.decode()
    same_pictures(units(store), alone)
    assert json.loads(out)["passed"] is True
    # The one that was killed has come back.
    pids = until(lambda: len(found := processes(farm)) == 2 and found, "two workers again")
    assert second in pids
    assert first not in pids


def test_a_run_that_is_ended_leaves_what_is_under_way_to_the_cluster(
    farm: str, project: Path, alone: dict[str, bytes]
) -> None:
    store = project / "measured"
    processes(farm)
    words = ["edl.json", "--no-sign", "--farm", f"dask://{farm}", "--json"]
    with launched(
        "finisher", *words, cwd=project, env=os.environ | {"FINISHER_CACHE": str(store)},
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as run:  # fmt: skip
        until(lambda: under_way(store) == 2, "two units under way")
        run.send_signal(signal.SIGTERM)
        out, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130
    assert json.loads(out)["problems"][0]["code"] == "interrupted"
    made = until(lambda: under_way(store) == 0 and units(store), "an end")
    assert made.keys() < alone.keys()


def test_a_cluster_does_nothing_that_is_known(farm: str, rendered: Path, tmp_path: Path) -> None:
    # Elsewhere, so that it is not the very run that was made before.
    folder = tmp_path / "again"
    shutil.copytree(rendered, folder)
    store = folder / "measured"
    before = units(store)
    done = ran(finish_in(store, folder, "edl.json", "--farm", f"dask://{farm}"))
    assert f"0 units rendered, {UNITS} known" in done.err
    assert units(store) == before


@pytest.fixture
def places(tmp_path: Path) -> Whereabouts:
    barcode.write_take(tmp_path / "take.mp4", 6)
    return Whereabouts({"one": tmp_path / "take.mp4"}, {}, tmp_path / "store")


def hired(address: str, places: Whereabouts, here: Executor | None = None) -> Farm:
    return hire(address, Store(places.store), here or Serial())


class Told(Executor):
    """Keeps what it is given to do."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        self.asked.append((function, arguments, named))
        return Future()


def test_only_work_on_units_goes_to_the_cluster(farm: str, places: Whereabouts) -> None:
    here = Told()
    with hired(farm, places, here) as crew:
        path = crew.submit(render_unit, JOB, places).result(PATIENCE)
        assert barcode.levels(path).shape[0] == 2
        crew.submit(sorted, [2, 1], reverse=True)
        crew.submit(len, JOB)
    assert here.asked == [(sorted, ([2, 1],), {"reverse": True}), (len, (JOB,), {})]


def test_an_error_comes_back_whole(farm: str, places: Whereabouts) -> None:
    with hired(farm, places) as crew:
        places.takes["one"].write_bytes(b"no film")
        error = crew.submit(render_unit, JOB, places).exception(PATIENCE)
        assert error is not None
        assert error.problems[0].code == "media-unreadable"
        places.takes["one"].unlink()
        error = crew.submit(render_unit, JOB, places).exception(PATIENCE)
        assert error.problems[0].code == "farm-blind"


def test_a_unit_that_kills_its_workers_is_given_up(farm: str, places: Whereabouts) -> None:
    # A function in a function is sent as it is: workers need not know this file.
    def deadly(job: UnitJob, places: Whereabouts) -> None:
        del job, places
        os._exit(1)

    with hired(farm, places) as crew:
        error = crew.submit(deadly, JOB, places).exception(PATIENCE)
        assert isinstance(error, MachineError)
        assert error.problems[0].code == "worker-lost"
        assert error.problems[0].message.startswith("3 workers")
        # Their successors are well.
        assert crew.submit(render_unit, JOB, places).result(PATIENCE).exists()


def test_what_is_not_wanted_any_more_is_not_begun(farm: str, places: Whereabouts) -> None:
    def busy(job: UnitJob, places: Whereabouts) -> None:
        del job, places
        time.sleep(1)

    def touch(job: UnitJob, places: Whereabouts) -> None:
        del job
        (places.store / "touched").touch()

    with hired(farm, places) as crew:
        held = [crew.submit(busy, JOB, places) for _ in range(6)]
        assert crew.submit(touch, JOB, places).cancel()
        for one in held:
            one.result(PATIENCE)
    assert not (places.store / "touched").exists()


def test_a_scheduler_that_is_lost_is_told(places: Whereabouts, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra `farm`")

    def busy(job: UnitJob, places: Whereabouts) -> None:
        del job, places
        time.sleep(60)

    with scheduler(tmp_path) as (address, started), workers(address, tmp_path, 1):
        crew = hired(address, places)
        waits = crew.submit(busy, JOB, places)
        os.killpg(started.pid, signal.SIGKILL)
        error = waits.exception(PATIENCE)
        crew.shutdown()
    assert isinstance(error, MachineError)
    assert error.problems[0].code == "farm-lost"


def test_a_scheduler_without_workers_is_told(
    places: Whereabouts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed", reason="needs the extra `farm`")
    monkeypatch.setattr(cluster, "_WORKER_SECONDS", 0.1)
    with scheduler(tmp_path) as (address, _), pytest.raises(MachineError) as caught:
        hired(address, places)
    assert code_of(caught) == "farm-empty"


@pytest.mark.parametrize("who", ["worker", "scheduler"])
def test_one_without_this_finisher_is_told(who: str, places: Whereabouts, tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="needs the extra `farm`")
    (tmp_path / "old" / "finisher").mkdir(parents=True)
    (tmp_path / "old" / "finisher" / "__init__.py").write_text('__version__ = "0.0.1"\n')
    old = {"PYTHONPATH": str(tmp_path / "old")}
    first, second = (old, {}) if who == "scheduler" else ({}, old)
    with (
        scheduler(tmp_path, **first) as (address, _),
        workers(address, tmp_path, 1, **second),
        pytest.raises(MachineError, match=who) as caught,
    ):
        hired(address, places)
    assert code_of(caught) == "farm-differs"


def test_a_scheduler_that_does_not_answer_is_told_within_seconds(farm: str, project: Path) -> None:
    del farm  # with dask there to ask
    done = finish_in(project / "measured", project, "edl.json", "--farm", "dask://127.0.0.1:9",
                     "--json")  # fmt: skip
    assert done.code == 6
    assert done.document["problems"][0]["code"] == "farm-unreachable"
    assert "picture" not in done.err


def test_without_dask_the_way_to_get_it_is_told(
    places: Whereabouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MachineError, match=r"pip install .*finisher\[farm\]") as caught:
        hired("127.0.0.1:9", places)
    assert code_of(caught) == "farm-missing"


def test_dask_is_not_loaded_for_other_runs(farm: str, rendered: Path, tmp_path: Path) -> None:
    del farm  # with dask there to be loaded
    folder = tmp_path / "again"
    shutil.copytree(rendered, folder)
    script = """if True:
        import sys
        from finisher.cli.main import main
        code = main(["edl.json", "--no-sign"])
        sys.exit(code or "distributed" in sys.modules or "finisher.farm" in sys.modules)
    """
    env = os.environ | {"FINISHER_CACHE": str(folder / "measured")}
    subprocess.run([sys.executable, "-c", script], cwd=folder, env=env, check=True, timeout=300)


WRAPPED = """#!/bin/sh
echo $$ > "{folder}/pid-$4"
exec "{python}" -m finisher "$@"
"""


@pytest.fixture(scope="module")
def runner() -> str:
    """A runner of Open Job Description templates."""
    found = shutil.which("openjd", path=str(Path(sys.executable).parent))
    if found is None:
        pytest.skip("needs the extra `farm`")
    return found


def test_an_openjd_run_that_is_killed_goes_on_where_it_was(
    runner: str, project: Path, alone: dict[str, bytes], tmp_path: Path
) -> None:
    store, command = project / "measured", tmp_path / "finish"
    command.write_text(WRAPPED.format(folder=tmp_path, python=sys.executable))
    command.chmod(0o755)
    done = ran(finish_in(store, project, "plan", "edl.json", "--openjd", "film.yaml", "--json"))
    assert done.document == {
        "schema": "finisher/openjd@1",
        "template": "film.yaml",
        "jobs": "film.jobs.json",
        "steps": [{"name": "slow", "first": 1, "last": UNITS}],
    }
    # Whatever the command's surroundings say, a unit goes to the store it was planned for.
    env = os.environ | {"FINISHER_CACHE": str(tmp_path / "another")}
    words = [runner, "run", "film.yaml", "-p", f"Finish={command}"]
    with subprocess.Popen(words, cwd=project, env=env, stdout=subprocess.PIPE) as run:
        until((tmp_path / "pid-2").exists, "a second unit")
        until(lambda: under_way(store) == 1, "one under way")
        os.kill(int((tmp_path / "pid-2").read_text()), signal.SIGKILL)
        run.communicate(timeout=PATIENCE)
    assert run.returncode == 1
    before = {path: path.stat().st_mtime_ns for path in (store / "units").glob("??/[!.]*.mov")}
    assert len(before) == 1
    again = subprocess.run(words, cwd=project, env=env, capture_output=True, check=False)
    assert again.returncode == 0, again.stdout.decode()
    assert {path: path.stat().st_mtime_ns for path in before} == before
    same_pictures(units(store), alone)
    found = ran(finish_in(store, project, "edl.json"))
    assert f"0 units rendered, {UNITS} known" in found.err
    assert not (tmp_path / "another").exists()


def test_units_are_rendered_by_their_numbers(project: Path) -> None:
    store = project / "measured"
    ran(finish_in(store, project, "plan", "edl.json", "--openjd", "film.json"))
    done = ran(finish(project, "unit", "film.jobs.json", "--number", "2-3", "--json"))
    made = done.document["units"]
    assert [one["number"] for one in made] == [2, 3]
    assert {Path(one["path"]).stem for one in made} == {one["key"] for one in made}
    assert sorted(units(store)) == sorted(Path(one["path"]).name for one in made)
    path = ran(finish(project, "unit", "film.jobs.json", "--number", "2")).out.strip()
    assert path == made[0]["path"]
    wrong = finish(project, "unit", "film.jobs.json", "--number", f"1-{UNITS + 1}", "--json")
    assert (wrong.code, wrong.document["problems"][0]["code"]) == (2, "usage")
    assert f"units 1 to {UNITS}" in wrong.err


def test_a_template_is_named_as_runners_expect(project: Path) -> None:
    done = finish(project, "plan", "edl.json", "--openjd", "film.job", "--json")
    assert (done.code, done.document["problems"][0]["code"]) == (2, "usage")
    assert not (project / "film.job").exists()


def test_every_deliverable_is_a_step(project: Path) -> None:
    words = ["plan", "edl.json", "--openjd", "film.json", "--json"]
    done = ran(finish_in(project / "measured", project, *words, "-p", "slow", "-p", "tiny"))
    steps = [tuple(step.values()) for step in done.document["steps"]]
    assert steps == [("slow", 1, UNITS), ("tiny", UNITS + 1, 2 * UNITS)]
    assert len(json.loads((project / "film.jobs.json").read_text())["units"]) == 2 * UNITS


def test_what_is_settled_on_whole_files_is_not_handed_out(project: Path) -> None:
    preset = project / "presets" / "slow.toml"
    preset.write_text(preset.read_text().replace("crf = 20", "file_bytes = 900_000"))
    words = ["plan", "edl.json", "--openjd", "film.json", "--json"]
    done = finish_in(project / "measured", project, *words)
    assert (done.code, done.document["problems"][0]["code"]) == (2, "not-available")
    assert not (project / "film.json").exists()


@pytest.mark.parametrize("name", ["edl.json", "film.json"])
def test_a_template_replaces_nothing_but_templates(name: str, project: Path) -> None:
    (project / "film.jobs.json").write_text("[]")
    before = (project / "edl.json").read_bytes()
    done = finish(project, "plan", "edl.json", "--openjd", name, "--json")
    assert (done.code, done.document["problems"][0]["code"]) == (2, "output-taken")
    assert (project / "edl.json").read_bytes() == before
    assert (project / "film.jobs.json").read_text() == "[]"
    assert not (project / "film.json").exists()
