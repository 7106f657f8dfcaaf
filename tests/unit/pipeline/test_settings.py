from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.unit.provenance.vendors import vendor

from finisher.c2pa.trust import Kind, certificates, lists_of
from finisher.pipeline.housekeeping import prune, sizes
from finisher.pipeline.project import begin
from finisher.pipeline.settings import Settings, cache_folder, data_folder
from finisher.pipeline.stages import Stopwatch
from finisher.problems import DocumentError
from finisher.progress import Advanced, Event, Finished, Started
from finisher.store import Store


def anchored(path: Path) -> Settings:
    return Settings(path.parent, path.parent, anchors=path)


def test_anchors_are_read_as_text_or_refused(tmp_path: Path) -> None:
    assert Settings(tmp_path, tmp_path).anchor_text() is None
    pem = tmp_path / "trust.pem"
    for content, code in (
        (None, "anchors-unreadable"),
        (b"\xff\xfe", "anchors-unreadable"),
        (b"no certificate", "anchors-empty"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "anchors-empty"),
    ):
        if content is not None:
            pem.write_bytes(content)
        with pytest.raises(DocumentError) as caught:
            anchored(pem).anchor_text()
        assert caught.value.problems[0].code == code
    root = vendor().root
    pem.write_text(root, encoding="ascii")
    (found,) = lists_of(anchored(pem).anchor_text())
    assert (found.name, found.kind) == ("trust.pem", Kind.ANY)
    assert certificates(found.pem) == certificates(root)


def test_folders_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINISHER_CACHE", "/somewhere/cache")
    monkeypatch.setenv("FINISHER_DATA", "/somewhere/data")
    assert cache_folder() == Path("/somewhere/cache")
    assert data_folder() == Path("/somewhere/data")
    monkeypatch.setenv("FINISHER_CACHE", "")
    assert cache_folder().name == "finisher"


def test_a_store_is_pruned_by_age_then_by_size(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name, age in (("a" * 64, 40), ("b" * 64, 20), ("c" * 64, 1)):
        path = store.make("units", name, ".mov", lambda p: p.write_bytes(bytes(1000)))
        # The seal beside an entry tells when it was last used; its own dates are never touched.
        seal = path.with_name(path.name + ".sum")
        used = seal.stat().st_mtime - age * 86_400
        os.utime(seal, (used, used))
    assert sizes(store) == {"units": (3, 3000)}
    assert prune(store, None, None) == 0
    assert prune(store, 30, None) == 1000
    assert prune(store, None, 1500e-9) == 1000
    assert [entry.path.stem for entry in store.entries()] == ["c" * 64]


def test_a_stopwatch_passes_everything_on_and_times_stages() -> None:
    heard: list[Event] = []
    clock = Stopwatch(heard.append)
    events = [Started("picture", 3), Advanced("picture", 3), Finished("picture"), Finished("odd")]
    for event in events:
        clock(event)
    assert heard == events
    assert [time.stage for time in clock.times] == ["picture"]
    assert clock.times[0].seconds >= 0


def test_a_new_project_is_laid_out_once(tmp_path: Path) -> None:
    edl = begin(tmp_path / "film")
    assert (tmp_path / "film" / "takes").is_dir()
    edl.write_text("{}", encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        begin(tmp_path / "film")
    assert caught.value.problems[0].code == "project-exists"
    assert edl.read_text(encoding="utf-8") == "{}"
