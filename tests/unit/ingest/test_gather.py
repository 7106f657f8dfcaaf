from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from tests import barcode
from tests.planning import timeline

from finisher.event import Event as Use
from finisher.event import Sounding
from finisher.facts import Integrity
from finisher.geometry import Box, Raster
from finisher.ingest.gather import Gathered, gather
from finisher.pipeline.workers import Serial
from finisher.problems import DocumentError, Exit, MachineError, MediaError, Where
from finisher.progress import Advanced, Event, Finished, Started, silent
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Filling, Layer, Mark, Role, Take, Timeline

COUNT = 16


@dataclass
class Inline(Serial):
    """Does the work at once and remembers what it was asked to do."""

    asked: list[str] = field(default_factory=list)

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.asked.append(Path(args[0].path).name)
        return super().submit(fn, *args, **kwargs)


@dataclass
class Desk:
    folder: Path
    store: Store
    line: Timeline
    workers: Inline

    def gather(self, line: Timeline | None = None, anchors: str | None = None) -> Gathered:
        return gather(line or self.line, self.store, self.workers, anchors, silent)


def wave(path: Path, seconds: float = 0.5) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48_000, layout="stereo")
        t = np.arange(int(48_000 * seconds)) / 48_000
        mono = (0.3 * 32767 * np.sin(2 * np.pi * 440 * t)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.repeat(mono, 2)[None], layout="stereo")
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def sounding(path: Path, picture: Path, sound: Path) -> None:
    """One file of a picture and a sound."""
    with (
        av.open(str(picture)) as one,
        av.open(str(sound)) as two,
        av.open(str(path), "w", format="mov") as out,
    ):
        sources = [(one, one.streams.video[0]), (two, two.streams.audio[0])]
        targets = [out.add_stream_from_template(stream) for _, stream in sources]
        for (reading, stream), target in zip(sources, targets, strict=True):
            for packet in reading.demux(stream):
                if packet.dts is not None:
                    packet.stream = target
                    out.mux(packet)


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("media")
    barcode.write_take(folder / "plain.mp4", COUNT)
    barcode.write_take(folder / "other.mp4", COUNT + 4)
    wave(folder / "score.wav")
    sounding(folder / "sounding.mov", folder / "plain.mp4", folder / "score.wav")
    return folder


@pytest.fixture
def desk(media: Path, tmp_path: Path) -> Desk:
    folder = tmp_path / "project"
    shutil.copytree(media, folder)
    takes = (
        Take("t1", str(folder / "plain.mp4"), where=Where("edl.json", "/takes/t1")),
        Take("t2", str(folder / "sounding.mov"), where=Where("edl.json", "/takes/t2")),
    )
    bed = Layer("bed", str(folder / "score.wav"), Role.MUSIC, where=Where("edl.json", "/audio/0"))
    line = replace(
        timeline(Use("a", "t1", Span(0, 8)), takes=takes),
        layers=(bed,),
        path=str(folder / "edl.json"),
        canvas=Raster(barcode.WIDTH, barcode.HEIGHT),
    )
    return Desk(folder, Store(tmp_path / "store"), line, Inline())


def test_everything_an_edit_names_is_measured(desk: Desk) -> None:
    found = desk.gather()
    assert sorted(desk.workers.asked) == ["plain.mp4", "score.wav", "sounding.mov"]
    plain, other = found.facts.takes["t1"], found.facts.takes["t2"]
    assert len(plain.index) == len(other.index) == COUNT
    assert plain.sound is None
    assert other.sound is not None
    assert other.sound.samples == 24_000
    assert plain.credentials.integrity is Integrity.ABSENT
    assert plain.bytes == (desk.folder / "plain.mp4").stat().st_size
    assert found.facts.layers["bed"].sound.samples == 24_000
    assert sorted(found.sounds) == ["layer:bed", "take:t2"]
    # Stereo floats.
    assert all(path.stat().st_size == 24_000 * 8 for path in found.sounds.values())
    assert np.load(found.sketches["t1"]).shape == (COUNT, 90, 160, 4)


def test_what_sounds_tell_of_the_settled_edit_is_among_the_facts(desk: Desk) -> None:
    event = Use("a", "t1", Span(0, 8), sound=Sounding(room_tone="t2"))
    voice = replace(desk.line.layers[0], id="vo", role=Role.DIALOGUE, replaces=("a",), align=480)
    beat = replace(desk.line.layers[0], fit=Filling.LOOP)
    line = replace(desk.line, items=(event,), layers=(beat, voice))
    facts = desk.gather(line).facts
    assert list(facts.tones) == ["t2"]
    assert facts.tempos == {}  # half a second of a tone has none
    assert "take t1 has no sound" in facts.alignments["vo"].refused


def test_what_was_measured_is_not_measured_again(desk: Desk) -> None:
    first = desk.gather()
    desk.workers.asked.clear()
    second = desk.gather()
    assert desk.workers.asked == []
    assert (first.remembered, second.remembered) == (0, 3)
    assert second.facts == first.facts
    assert (second.sounds, second.sketches) == (first.sounds, first.sketches)


def test_a_changed_file_and_it_alone_is_measured_again(desk: Desk) -> None:
    desk.gather()
    desk.workers.asked.clear()
    shutil.copyfile(desk.folder / "other.mp4", desk.folder / "plain.mp4")
    found = desk.gather()
    assert desk.workers.asked == ["plain.mp4"]
    assert len(found.facts.takes["t1"].index) == COUNT + 4


def test_the_same_content_elsewhere_is_known_and_bears_its_own_path(desk: Desk) -> None:
    desk.gather()
    desk.workers.asked.clear()
    moved = desk.folder / "moved.mp4"
    (desk.folder / "plain.mp4").rename(moved)
    line = replace(desk.line, takes=(replace(desk.line.takes[0], path=str(moved)),))
    found = desk.gather(line)
    assert desk.workers.asked == []
    assert found.facts.takes["t1"].path == str(moved)


def test_two_takes_of_one_content_keep_their_names(desk: Desk) -> None:
    shutil.copyfile(desk.folder / "plain.mp4", desk.folder / "copy.mp4")
    copy = Take("t3", str(desk.folder / "copy.mp4"))
    line = replace(desk.line, takes=(*desk.line.takes, copy))
    for _ in range(2):
        takes = desk.gather(line).facts.takes
        assert [Path(takes[name].path).name for name in ("t1", "t3")] == ["plain.mp4", "copy.mp4"]


def test_all_that_is_wrong_with_the_files_is_told_in_one_go(desk: Desk) -> None:
    (desk.folder / "score.wav").unlink()
    (desk.folder / "plain.mp4").write_bytes(b"no film")
    (desk.folder / "sounding.mov").write_bytes(b"")
    gone = Take("t3", str(desk.folder / "gone.mp4"), where=Where("edl.json", "/takes/t3"))
    with pytest.raises(MediaError) as caught:
        desk.gather(replace(desk.line, takes=(*desk.line.takes, gone)))
    assert caught.value.exit is Exit.MEDIA
    assert [(p.code, str(p.where)) for p in caught.value.problems] == [
        ("media-unreadable", "edl.json: /takes/t1"),
        ("media-empty", "edl.json: /takes/t2"),
        ("media-missing", "edl.json: /takes/t3"),
        ("media-missing", "edl.json: /audio/0"),
    ]
    assert "plain.mp4" in caught.value.problems[0].message


def test_a_take_and_a_layer_of_one_missing_file_are_both_told(desk: Desk) -> None:
    path = str(desk.folder / "gone.mov")
    line = replace(
        desk.line,
        takes=(replace(desk.line.takes[0], path=path), desk.line.takes[1]),
        layers=(replace(desk.line.layers[0], path=path),),
    )
    with pytest.raises(MediaError) as caught:
        desk.gather(line)
    places = [p.where.pointer for p in caught.value.problems if p.where]
    assert places == ["/takes/t1", "/audio/0"]


class Killed(Executor):
    """Workers that the system kills: at once, or before they are asked."""

    def __init__(self, *, early: bool) -> None:
        self.early = early

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        del fn, args, kwargs
        lost = BrokenProcessPool("a child process terminated abruptly")
        if self.early:
            raise lost
        future: Future[Any] = Future()
        future.set_exception(lost)
        return future


@pytest.mark.parametrize("early", [True, False])
def test_a_worker_that_was_killed_is_the_machine_s(early: bool, desk: Desk) -> None:
    with pytest.raises(MachineError) as caught:
        gather(desk.line, desk.store, Killed(early=early), None, silent)
    (problem,) = caught.value.problems
    assert problem.code == "worker-lost"
    assert "--jobs 1" in (problem.hint or "")


def test_files_that_cannot_be_read_are_told_together_and_the_others_kept(desk: Desk) -> None:
    (desk.folder / "plain.mp4").write_bytes(b"no film")
    (desk.folder / "score.wav").write_bytes(b"no sound")
    with pytest.raises(MediaError) as caught:
        desk.gather()
    assert len(caught.value.problems) == 2
    desk.workers.asked.clear()
    with pytest.raises(MediaError):
        desk.gather()
    assert sorted(desk.workers.asked) == ["plain.mp4", "score.wav"]


def test_a_picture_nobody_can_deliver_yet_is_still_measured(desk: Desk) -> None:
    with av.open(str(desk.folder / "plain.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 321, 181, "yuv444p10le"
        context = stream.codec_context
        context.color_range, context.colorspace = 1, 9
        context.color_primaries, context.color_trc = 9, 16
        frame = av.VideoFrame(321, 181, "yuv444p10le")
        for plane in frame.planes:
            plane.update(np.full((plane.height, plane.line_size // 2), 512, "<u2"))
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    tags = desk.gather().facts.takes["t1"].tags
    # The plan refuses it in words; ingest must get that far.
    assert (tags.matrix, tags.transfer) == ("bt2020nc", "smpte2084")


def test_a_sound_whose_facts_were_lost_is_heard_again(desk: Desk) -> None:
    desk.gather()
    # Pruning by age may take some entries and leave others.
    for kind in ("sound-facts", "takes", "layers"):
        shutil.rmtree(desk.store.root / kind)
    found = desk.gather()
    sound = found.facts.takes["t2"].sound
    assert sound is not None
    assert sound.samples == 24_000
    assert found.facts.layers["bed"].sound.samples == 24_000


@pytest.mark.parametrize("kind", ["sketches", "samples", "sounds"])
def test_a_measurement_that_was_halved_is_made_again(kind: str, desk: Desk) -> None:
    desk.gather()
    desk.workers.asked.clear()
    lengths = {}
    for path in (desk.store.root / kind).glob("*/*"):
        if path.suffix in (".npy", ".f32"):
            lengths[path] = path.stat().st_size
            os.truncate(path, lengths[path] // 2)
    desk.gather()
    assert "sounding.mov" in desk.workers.asked
    assert {path: path.stat().st_size for path in lengths} == lengths


@pytest.mark.parametrize("kind", ["credentials", "sound-facts"])
def test_records_of_another_shape_are_made_again(kind: str, desk: Desk) -> None:
    first = desk.gather()
    for path in (desk.store.root / kind).glob("*/*.json"):
        desk.store.write(kind, path.stem, {})
    for other in ("takes", "layers"):
        shutil.rmtree(desk.store.root / other)
    assert desk.gather().facts == first.facts


@pytest.mark.parametrize("kind", ["sketches", "samples", "sounds"])
def test_a_measurement_that_was_thrown_away_is_made_again(kind: str, desk: Desk) -> None:
    desk.gather()
    desk.workers.asked.clear()
    shutil.rmtree(desk.store.root / kind)
    found = desk.gather()
    assert "sounding.mov" in desk.workers.asked
    assert all(path.is_file() for path in (*found.sounds.values(), *found.sketches.values()))


def test_facts_that_were_damaged_are_measured_again(desk: Desk) -> None:
    first = desk.gather()
    for path in (desk.store.root / "takes").glob("*/*.json"):
        path.write_text('{"path": 3}', encoding="utf-8")
    desk.workers.asked.clear()
    assert desk.gather().facts == first.facts
    assert sorted(desk.workers.asked) == ["plain.mp4", "sounding.mov"]


def test_a_mark_is_looked_for_and_its_template_counts(desk: Desk) -> None:
    mark = np.zeros((20, 40, 4), np.uint8)
    mark[4:16, 4:36] = 255
    template = desk.folder / "corner.png"
    cv2.imwrite(str(template), mark)
    line = replace(
        desk.line,
        takes=(replace(desk.line.takes[0], marks=("corner",)),),
        marks=(Mark("corner", Box.of(260, 150, 40, 20), str(template)),),
    )
    found = desk.gather(line)
    assert not dict(found.facts.takes["t1"].marks)["corner"].found
    assert found.templates == {"corner": template.read_bytes()}
    desk.workers.asked.clear()
    desk.gather(line)
    assert desk.workers.asked == []
    mark[8:12] = 0
    cv2.imwrite(str(template), mark)
    desk.gather(line)
    assert desk.workers.asked == ["plain.mp4"]


def test_a_template_that_is_missing_is_an_error_in_the_edl(desk: Desk) -> None:
    line = replace(desk.line, marks=(Mark("corner", Box.of(0, 0, 8, 8), "/no/such.png"),))
    with pytest.raises(DocumentError) as caught:
        desk.gather(line)
    assert caught.value.problems[0].code == "template-missing"


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(40), b""])
def test_a_template_that_is_no_picture_is_told_before_measuring(content: bytes, desk: Desk) -> None:
    template = desk.folder / "corner.png"
    template.write_bytes(content)
    where = Where("edl.json", "/watermarks/0")
    line = replace(
        desk.line, marks=(Mark("corner", Box.of(0, 0, 8, 8), str(template), where=where),)
    )
    with pytest.raises(DocumentError) as caught:
        desk.gather(line)
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("bad-template", where)
    assert str(template) in problem.message
    assert desk.workers.asked == []


def test_progress_counts_every_file_once(desk: Desk) -> None:
    for _ in range(2):
        heard: list[Event] = []
        gather(desk.line, desk.store, desk.workers, None, heard.append)
        assert heard[0] == Started("probe", 3, "files")
        assert sum(e.amount for e in heard if isinstance(e, Advanced)) == 3
        assert isinstance(heard[-1], Finished)


def test_a_touched_file_is_hashed_again_and_still_known(desk: Desk) -> None:
    desk.gather()
    desk.workers.asked.clear()
    os.utime(desk.folder / "plain.mp4", (1, 1))
    desk.gather()
    assert desk.workers.asked == []
