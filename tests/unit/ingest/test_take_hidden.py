from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pytest
from tests import barcode
from tests.planning import timeline

from finisher.event import Event
from finisher.geometry import Raster
from finisher.ingest import hidden
from finisher.ingest import take as takes
from finisher.ingest.gather import gather
from finisher.ingest.hidden import Source, contents, read, recalled, to_find
from finisher.pipeline.workers import Serial
from finisher.progress import silent
from finisher.sighting import HiddenFacts
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Carrier, HiddenMark, Take
from finisher.watermark import detectors
from finisher.watermark.detector import Capability, Declared, Evidence, Hearing, Reading, Sight

RASTER = Raster(64, 48)
BITS = "1011" * 12


@dataclass
class Reader:
    """A detector that says what it is told to."""

    says: tuple[Evidence, ...] = (Evidence(Reading.FOUND, "blind", p=1e-9),)
    network: bool = False
    version: str = "1"
    opened: dict[str, str] = field(default_factory=dict)
    sights: list[tuple[tuple[int, ...], tuple[int, ...]]] = field(default_factory=list)
    heard: list[tuple[int, ...]] = field(default_factory=list)
    fails: bool = False

    @property
    def capability(self) -> Capability:
        return Capability(
            "odd", self.version, Carrier.PICTURE, None, "com.example.odd", network=self.network
        )

    def available(self) -> str | None:
        return None

    def open(self, options: Mapping[str, str]) -> None:
        self.opened = dict(options)

    def detect(self, seen: Iterable[Sight] | Hearing, declared: Declared) -> tuple[Evidence, ...]:
        if self.fails:
            raise RuntimeError("tensors of the wrong shape")
        if isinstance(seen, Hearing):
            self.heard.append(seen.samples.shape)
        else:
            for sight in seen:
                assert sight.aligned is not None
                self.sights.append((sight.picture.shape, sight.aligned.shape))
        assert declared.payload == BITS
        return self.says

    def close(self) -> None:
        pass


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> Reader:
    made = Reader()
    monkeypatch.setattr(detectors, "found", lambda _: made)
    monkeypatch.setattr(detectors, "names", lambda: ("odd",))
    return made


def source(sound: Path | None = None) -> Source:
    def pictures() -> Iterator[np.ndarray]:
        for _ in range(3):
            yield np.zeros((RASTER.height, RASTER.width, 3), np.uint8)

    return Source(RASTER, pictures, sound, 2)


def mark(**more: object) -> HiddenMark:
    return replace(HiddenMark("unseen", "odd", BITS), **more)


def asked(one: HiddenMark, folder: Path, from_: Source, *, upload: bool = False) -> HiddenFacts:
    store = Store(folder)
    return read(to_find(one, store, upload=upload), "take", from_, store)


def test_a_payload_that_is_read_is_found(reader: Reader, tmp_path: Path) -> None:
    found = asked(mark(canvas=Raster(32, 24), options=(("key", "7"),)), tmp_path, source())
    assert found == HiddenFacts("odd 1 (com.example.odd)", found=True, p=1e-9)
    assert reader.opened == {"key": "7"}
    assert reader.sights == [((48, 64, 3), (24, 32, 3))] * 3


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        ((Evidence(Reading.ABSENT, "blind", p=0.4),), ""),
        ((Evidence(Reading.INVERTED, "aligned", p=1e-8),), "its bits are the other way round"),
        ((Evidence(Reading.UNREADABLE, "blind", reason="too small"),), "too small"),
    ],
)
def test_what_is_not_found_is_told_with_its_reason(
    says: tuple[Evidence, ...], reason: str, reader: Reader, tmp_path: Path
) -> None:
    reader.says = says
    found = asked(mark(), tmp_path, source())
    assert (found.found, found.reason) == (False, reason)


def test_a_detector_that_fails_ends_nothing(reader: Reader, tmp_path: Path) -> None:
    reader.fails = True
    found = asked(mark(), tmp_path, source())
    assert not found.found
    assert "tensors of the wrong shape" in found.reason


def test_a_detector_that_is_not_there_is_the_reason(tmp_path: Path) -> None:
    found = asked(mark(detector="never-heard-of"), tmp_path, source())
    assert not found.found
    assert "never-heard-of" in found.reason


def test_without_a_payload_nothing_is_looked_for(reader: Reader, tmp_path: Path) -> None:
    found = asked(mark(payload=""), tmp_path, source())
    assert not found.found
    assert "payload" in found.reason
    assert not reader.sights


def test_nothing_is_uploaded_unless_it_is_allowed(reader: Reader, tmp_path: Path) -> None:
    reader.network = True
    assert "--allow-upload" in asked(mark(), tmp_path, source()).reason
    assert not reader.sights
    assert asked(mark(), tmp_path, source(), upload=True).found


def test_sound_is_read_from_its_beginning(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hidden, "_LONGEST", 500)
    np.zeros((800, 2), np.float32).tofile(tmp_path / "sound.f32")
    sounding = mark(carrier=Carrier.SOUND)
    assert asked(sounding, tmp_path, source(tmp_path / "sound.f32")).found
    assert reader.heard == [(500, 2)]
    assert asked(sounding, tmp_path, source()).reason == "the take has no sound"


def test_a_take_is_read_again_when_its_detector_or_weights_change(
    reader: Reader, tmp_path: Path
) -> None:
    barcode.write_take(tmp_path / "take.mp4", 24)
    weights = tmp_path / "weights.pt"
    weights.write_bytes(b"one")
    take = Take("t1", str(tmp_path / "take.mp4"), hidden=("unseen",))
    line = replace(
        timeline(Event("a", "t1", Span(0, 9)), takes=(take,)),
        hidden=(mark(options=(("weights", str(weights)),)),),
    )
    store = Store(tmp_path / "store")

    def gathered() -> tuple[int, HiddenFacts]:
        found = gather(line, store, Serial(), None, silent)
        return found.remembered, dict(found.facts.takes["t1"].hidden)["unseen"]

    assert gathered() == (0, HiddenFacts("odd 1 (com.example.odd)", found=True, p=1e-9))
    assert reader.sights == [((barcode.HEIGHT, barcode.WIDTH, 3),) * 2] * 16
    assert gathered()[0] == 1
    weights.write_bytes(b"two")
    assert gathered()[0] == 0
    reader.version = "2"
    assert gathered() == (0, HiddenFacts("odd 2 (com.example.odd)", found=True, p=1e-9))


def test_a_take_is_asked_again_where_its_detector_failed(reader: Reader, tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = to_find(mark(), store, upload=False)
    for says in (True, False):
        reader.fails = says
        found = read(one, "take", source(), store)
        assert found.found is not says
    reader.fails = True
    assert read(one, "take", source(), store).found
    assert not read(one, "another take", source(), store).found


def test_what_could_not_be_read_is_read_again(reader: Reader, tmp_path: Path) -> None:
    store = Store(tmp_path)
    one = to_find(mark(), store, upload=False)
    reader.says = (Evidence(Reading.UNREADABLE, "blind", reason="the GPU is busy"),)
    assert read(one, "take", source(), store).reason == "the GPU is busy"
    reader.says = (Evidence(Reading.ABSENT, "blind", p=0.5),)
    assert read(one, "take", source(), store) == HiddenFacts(one.detector, found=False, p=0.5)
    reader.says = (Evidence(Reading.FOUND, "blind", p=1e-9),)
    assert not read(one, "take", source(), store).found


def test_what_a_detector_lacks_is_known_before_a_take_is_opened(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(tmp_path)
    monkeypatch.setattr(Reader, "available", lambda _: "torch is not installed")
    lacking = to_find(mark(), store, upload=False)
    known = recalled(lacking, "take", store, sounding=False)
    assert known is not None
    assert (known.found, known.reason) == (False, "torch is not installed")
    monkeypatch.setattr(Reader, "available", lambda _: None)
    assert recalled(to_find(mark(), store, upload=False), "take", store, sounding=False) is None
    assert not reader.sights


def test_a_detector_that_failed_costs_no_second_look_at_the_take(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    barcode.write_take(tmp_path / "take.mp4", 24)
    take = Take("t1", str(tmp_path / "take.mp4"), hidden=("unseen",))
    line = replace(timeline(Event("a", "t1", Span(0, 9)), takes=(take,)), hidden=(mark(),))
    store = Store(tmp_path / "store")
    reader.fails = True
    assert gather(line, store, Serial(), None, silent).remembered == 0
    monkeypatch.setattr(takes, "_look", None)
    assert gather(line, store, Serial(), None, silent).remembered == 0
    reader.fails = False
    found = gather(line, store, Serial(), None, silent)
    assert dict(found.facts.takes["t1"].hidden)["unseen"].found
    assert gather(line, store, Serial(), None, silent).remembered == 1


def test_weights_in_a_folder_count_by_names_and_contents(tmp_path: Path) -> None:
    store, folder = Store(tmp_path / "store"), tmp_path / "models"
    (folder / "deep").mkdir(parents=True)
    options = (("weights", str(folder)), ("model", "Q"))
    seen = [contents(options, store)]
    for name, text in (("deep/decoder.ckpt", "one"), ("deep/decoder.ckpt", "two"), ("b", "two")):
        (folder / name).write_text(text)
        seen.append(contents(options, store))
    (folder / "b").rename(folder / "c")
    seen.append(contents(options, store))
    assert all(one not in seen[:number] for number, one in enumerate(seen))
    assert contents(options, store) == seen[-1]
    assert seen[0][1] == ("model", "Q")
