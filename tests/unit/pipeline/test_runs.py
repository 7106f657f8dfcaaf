from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from tests.planning import facts, index, taken, timeline
from tests.unit.pipeline.test_written import note
from tests.unit.provenance.vendors import Vendor, vendor

from finisher.c2pa.sidecars import sidecar
from finisher.findings import FileAudit, Finding, Status, Verdict
from finisher.geometry import Raster
from finisher.ingest.gather import Gathered
from finisher.pipeline import finish, memory, runs
from finisher.pipeline.consents import Consents, today
from finisher.pipeline.edit import Edit
from finisher.pipeline.names import Destination, ready
from finisher.pipeline.runs import Holding, Made, Request
from finisher.pipeline.settings import Settings, Signing
from finisher.pipeline.signing import signer
from finisher.pipeline.written import place
from finisher.problems import DocumentError, MachineError
from finisher.report.delivery import Delivery
from finisher.store import Store
from finisher.timecode import Rate
from finisher.timeline import Layer, Role

FILM = b"a film"
SHA256 = hashlib.sha256(FILM).hexdigest()


@dataclass(frozen=True)
class Run:
    """A run that was made: what it was asked for, and what it delivered."""

    request: Request
    store: Store
    place: Destination

    @property
    def data(self) -> Path:
        return self.request.settings.data

    def known(self) -> bool:
        return runs.recall(self.request, self.store) is not None


def remembered(
    folder: Path, *, sidecarred: bool = False, made_from: Sequence[Path] = (), **words: object
) -> Run:
    """A run that is remembered, of one delivery that is written down."""
    settings = Settings(folder / "cache", folder / "data", Signing(**words))  # type: ignore[arg-type]
    settings.data.mkdir()
    store, key = Store(settings.cache), memory.key_of("a delivery")
    spot = Destination(folder / "film.mp4", sidecarred=sidecarred)
    for path in spot.files:
        path.write_bytes(FILM if path == spot.media else path.name.encode())
    checks = (Finding("frames", Status.PASSED, "as promised"),)
    audit = FileAudit(spot.media.name, len(FILM), SHA256, Verdict.INTACT, checks)
    memory.remember(store, key, spot, audit, {})
    beside = str(spot.sidecar) if sidecarred else None
    made = Delivery(
        *(str(spot.media), len(FILM), str(spot.json), str(spot.html), "made"),
        *(Raster(2, 2), Rate.parse("24"), 18, audit, ""),
        sidecar=beside,
    )
    request = Request(folder / "edl.json", (), None, settings)
    holds = Holding(None, signer(settings).key if settings.signing.command else None)
    runs.remember(request, made_from, runs.now(), holds, [Made(key, made)], store)
    note(settings.data, spot.media, SHA256)
    return Run(request, store, spot)


def edit_of(folder: Path) -> Edit:
    """An edit of two takes and a layer, none of them opened."""
    known = facts(("t1", taken("t1", index(20))), ("t2", taken("t2", index(20))))
    line = replace(
        timeline(),
        path=str(folder / "edl.json"),
        layers=(Layer("rain", "sounds/rain.webm", Role.EFFECTS),),
    )
    return Edit(line, (), Gathered(line, known, {}, {}, {}, {}, 0), Consents(today()))


def test_where_credentials_of_its_files_would_lie_a_run_is_made_from_too(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "cache", tmp_path / "data")
    inputs = list(finish._inputs(tmp_path / "edl.json", edit_of(tmp_path), settings))
    for name in ("takes/t1.c2pa", "takes/t2.c2pa", "sounds/rain.c2pa"):
        assert tmp_path / name in inputs
        # There or not, no export puts its own there.
        (tmp_path / name).parent.mkdir(exist_ok=True)
        beside = Destination((tmp_path / name).with_suffix(".mov"), sidecarred=True)
        with pytest.raises(DocumentError) as caught:
            ready([beside], inputs)
        assert caught.value.problems[0].code == "output-is-input"
        assert "taken for credentials" in caught.value.problems[0].message
        ready([replace(beside, sidecarred=False)], inputs)


@pytest.mark.parametrize("was_there", [False, True])
def test_credentials_put_beside_a_take_or_taken_away_are_looked_into(
    was_there: bool, tmp_path: Path
) -> None:
    take = tmp_path / "take.mp4"
    take.write_bytes(b"a take")
    beside = sidecar(take)
    if was_there:
        beside.write_bytes(b"its credentials")
    run = remembered(tmp_path, made_from=(take, beside))
    assert run.known()
    if was_there:
        beside.unlink()
    else:
        beside.write_bytes(b"its credentials")
    assert not run.known()


def test_a_run_that_is_not_written_down_is_looked_into(tmp_path: Path) -> None:
    run = remembered(tmp_path)
    assert run.known()
    place(run.data).unlink()
    assert not run.known()
    note(run.data, run.place.media, "another film at its place")
    assert not run.known()
    note(run.data, run.place.media, SHA256)
    assert run.known()


def test_credentials_of_something_else_are_not_written_over(tmp_path: Path) -> None:
    run = remembered(tmp_path, sidecarred=True)
    assert run.known()
    run.place.sidecar.unlink()
    assert run.known()
    assert run.place.sidecar.read_bytes() == b"film.c2pa"
    run.place.sidecar.write_bytes(b"another film's")
    assert not run.known()
    assert run.place.sidecar.read_bytes() == b"another film's"


def test_credentials_beside_a_film_that_has_none_there_are_looked_into(tmp_path: Path) -> None:
    run = remembered(tmp_path)
    run.place.sidecar.write_bytes(b"whose?")
    assert not run.known()


@pytest.fixture(scope="module")
def people() -> tuple[Vendor, Vendor]:
    return vendor("Ana"), vendor("Ben")


def says(folder: Path, who: Vendor | None) -> tuple[str, ...]:
    """A program that tells who signs, once it knows."""
    told = folder / "info.json"
    told.unlink(missing_ok=True)
    if who is not None:
        told.write_text(json.dumps({"alg": "es256", "sign_cert": who.chain.decode()}))
    code = "import sys; print(open(sys.argv[1]).read())"
    return sys.executable, "-I", "-S", "-c", code, str(told)


def test_a_program_is_asked_who_signs_now(tmp_path: Path, people: tuple[Vendor, Vendor]) -> None:
    ana, ben = people
    run = remembered(tmp_path, command=says(tmp_path, ana))
    assert run.known()
    says(tmp_path, ben)
    assert not run.known()
    says(tmp_path, None)
    with pytest.raises(MachineError) as caught:
        run.known()
    assert caught.value.problems[0].code == "command-failed"
    says(tmp_path, ana)
    assert run.known()
