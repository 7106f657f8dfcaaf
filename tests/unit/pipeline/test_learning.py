"""Learning and calibrating from files: what is written, and what is refused."""

import json
import time
from argparse import Namespace
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests import marking

from finisher.cli import main, options, watermark
from finisher.geometry import Box, Raster
from finisher.pipeline import calibrating, glances, learning
from finisher.pipeline.learning import Looked
from finisher.pipeline.settings import Settings
from finisher.pipeline.workers import Serial
from finisher.problems import WORKER_LOST, DocumentError, MachineError, MediaError
from finisher.progress import silent
from finisher.sighting import MarkPlace, Plane
from finisher.watermark import calibration, kinship, learn
from finisher.watermark.calibration import Calibration, TakeTried, Tried
from finisher.watermark.learnt import Learnt, Told, learnt_png, read_learnt, sheet_png

SIZE = (320, 180)
BOX = (240.0, 140.0, 72.0, 18.0)


def scene(seed: int) -> np.ndarray:
    dice = np.random.default_rng(seed)
    total = np.zeros((240, 400, 3), np.float32)
    for sigma, gain in ((2, 20), (6, 80), (20, 400)):
        noise = dice.standard_normal((240, 400, 1)).astype(np.float32)
        total += gain * cv2.GaussianBlur(noise, (0, 0), sigma)[..., None]
    return np.clip(120 + total, 20, 230).astype(np.uint8)


def frames(seed: int, opacity: float = 0.5) -> list[np.ndarray]:
    wide = scene(seed)
    out = [wide[2 * i : 2 * i + 180, 5 * i : 5 * i + 320].copy() for i in range(12)]
    return marking.burnt(out, "white star", BOX, opacity) if opacity else out


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("takes")
    paths = [folder / f"t{seed}.mp4" for seed in range(4)]
    for seed, path in enumerate(paths):
        marking.encode(path, frames(seed), marking.h264(18))
    return paths


@lru_cache
def seen(seed: int) -> tuple:
    shown = frames(seed)
    planes = {plane: [marking.plane_of(frame, plane) for frame in shown] for plane in Plane}
    fields = {plane: learn.averaged(codes) for plane, codes in planes.items()}
    first = {plane: codes[0] for plane, codes in planes.items()}
    return fields, (kinship.scene(first[Plane.LUMA]),), first, shown[0]


def looked(name: str, seed: int, **changes: object) -> Looked:
    fields, scenes, planes, colour = seen(seed)
    values = (Path(name), name, Raster(*SIZE), fields, scenes, (0, 0, 0, 0), planes, colour)
    names = ("path", "sha256", "raster", "fields", "scenes", "bars", "planes", "colour")
    return Looked(**(dict(zip(names, values, strict=True)) | changes))


def run(words: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, dict]:
    code = main.main([*words, "--json", "--jobs", "1", "--progress", "none"])
    return code, json.loads(capsys.readouterr().out)


def test_a_mark_is_learnt_shown_and_calibrated(
    takes: list[Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("FINISHER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FINISHER_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(main, "LocalWorkers", lambda _: Serial())
    mark, rates = tmp_path / "corner.png", tmp_path / "c.json"
    words = [str(path) for path in takes]
    code, document = run(["watermark", "learn", *words, "-o", str(mark)], capsys)
    assert code == 0
    found = read_learnt(mark.read_bytes())
    assert found is not None
    # The box may miss soft rims and gaps by a few pixels; half a pixel comes from the logo's place.
    for measured, wanted in zip(document["watermarks"]["corner"]["box"], BOX, strict=True):
        assert abs(measured - wanted) <= 4
    assert document["missing"] == []
    assert min(take["agrees"] for take in document["takes"]) > 0.5
    sheet = cv2.imread(document["sheet"])
    assert sheet is not None
    assert sheet.shape[1] > 900
    words = ["watermark", "calibrate", *words, "--mark", str(mark), "-o", str(rates)]
    code, document = run(words, capsys)
    assert code == 0
    read = calibration.read(rates, found and document["measured"]["template"])
    assert all(take.marked for take in read.takes)
    assert read.elsewhere.samples > 1000
    assert read.elsewhere.found == 0
    assert read.unmarked.samples == 0


def coloured() -> np.ndarray:
    """A logo as bright as the middle of the scenes: luma 125 of 255.

    Not too vivid: small takes without tags are read by another matrix than they were coded by.
    """
    image = marking.logo("red glyphs").copy()
    image[..., :3] = (200, 105, 105)
    return image


def test_a_mark_as_bright_as_its_scenes_is_learnt_in_chroma(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FINISHER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FINISHER_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(main, "LocalWorkers", lambda _: Serial())
    monkeypatch.setitem(marking.LOGOS, "rose", coloured)
    box, mark = (240.0, 136.0, 72.0, 25.0), tmp_path / "corner.png"
    paths = [tmp_path / f"t{seed}.mp4" for seed in range(4)]
    for seed, path in enumerate(paths):
        shown = marking.burnt(frames(seed, 0), "rose", box, 0.4)
        marking.encode(path, shown, marking.h264(18))
    words = [str(path) for path in paths]
    code, document = run(["watermark", "learn", *words, "-o", str(mark)], capsys)
    assert (code, document["plane"]) == (0, "cr")
    found = read_learnt(mark.read_bytes())
    assert found is not None
    assert found.told.plane is Plane.CR
    x, y, width, height = document["watermarks"]["corner"]["box"]
    # The letters fill the box but for an eighth of its height above and below.
    assert abs(x + width / 2 - 276) <= 4
    assert abs(y + height / 2 - 148.5) <= 4
    assert width > 50
    rates = ["--mark", str(mark), "-o", str(tmp_path / "c.json")]
    assert run(["watermark", "calibrate", *words, *rates], capsys)[0] == 0
    read = calibration.read(tmp_path / "c.json", document["sha256"])
    assert all(take.marked for take in read.takes)
    assert (read.elsewhere.found, read.elsewhere.samples > 1000) == (0, True)


def jumping(folder: Path) -> tuple[list[Path], list[tuple[float, float, float, float]]]:
    """Takes whose mark jumps among the same places, each in another order, and these places."""
    boxes = [(20.0, 16.0, 84.0, 21.0), (210.0, 80.0, 84.0, 21.0), (30.0, 140.0, 84.0, 21.0)]
    orders = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (1, 0, 2))
    paths = [folder / f"t{seed}.mp4" for seed in range(4)]
    for seed, (path, order) in enumerate(zip(paths, orders, strict=True)):
        shown = long(seed)
        for stretch, which in zip(((0, 18), (18, 40), (40, 60)), order, strict=True):
            here = slice(*stretch)
            shown[here] = marking.burnt(shown[here], "white star", boxes[which], 0.5)
        marking.encode(path, shown, marking.h264(18))
    return paths, boxes


def test_a_mark_that_jumps_is_learnt_where_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FINISHER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("FINISHER_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(main, "LocalWorkers", lambda _: Serial())
    # Of drawn scenes so little is left in averages that each place stands out of them, whatever
    # the time: that is not asked for here.
    likely, asked = learning._likely, iter([True])
    monkeypatch.setattr(
        learning, "_likely", lambda taken: ((), []) if next(asked, False) else likely(taken)
    )
    paths, boxes = jumping(tmp_path)
    mark = tmp_path / "corner.png"
    code, document = run(["watermark", "learn", *map(str, paths), "-o", str(mark)], capsys)
    assert code == 0
    assert document["watermarks"]["corner"]["track"] == "scan"
    found = read_learnt(mark.read_bytes())
    assert found is not None
    # As where it stands still: soft rims and gaps of a few pixels may be missed.
    learnt = found.told.box.whole()
    assert any(all(abs(a - b) <= 6 for a, b in zip(learnt, box, strict=True)) for box in boxes)
    assert [Path(one["file"]).name for one in document["jumps"]] == [path.name for path in paths]
    # Ends of stretches may be off by a few pictures; the stretches themselves are of 18 to 22.
    assert all(len(one["places"]) == 3 for one in document["jumps"])


def test_a_mark_that_is_found_elsewhere_too_jumps_and_its_places_are_no_other_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = {Path("a"): (MarkPlace(0, 20, Box.of(30, 20, 70, 18)),), Path("b"): ()}
    monkeypatch.setattr(learning, "elsewhere", lambda *_: places)
    taken = tuple(looked(name, i) for i, name in enumerate("abcd"))
    signs = (1.0,) * 4
    areas = [
        learn.Area(238, 138, 76, 22, 0.9, signs),
        learn.Area(32, 22, 70, 18, 0.8, signs),  # where it was found to stand
        learn.Area(230, 120, 80, 22, 0.7, signs, Plane.CB),  # reaches into the learnt one
        learn.Area(40, 100, 60, 20, 0.6, signs),
    ]
    circumstances = Settings(tmp_path / "c", tmp_path / "d"), Serial(), silent
    lesson = learning._placed(learning._lesson(taken, areas), *circumstances)
    assert lesson.others == (areas[3],)
    assert watermark._entry(lesson, Path("roving.png"))["roving"]["track"] == "scan"
    monkeypatch.setattr(learning, "elsewhere", lambda *_: {})
    lesson = learning._placed(learning._lesson(taken, areas), *circumstances)
    assert lesson.others == (areas[1], areas[3])
    assert watermark._entry(lesson, Path("c.png"))["c"]["box"] == [238, 138, 76, 22]


def long(seed: int) -> list[np.ndarray]:
    """A longer take, under a camera that moves faster."""
    wide = cv2.resize(scene(seed), (520, 312))
    return [wide[2 * i : 2 * i + 180, 3 * i : 3 * i + 320].copy() for i in range(60)]


def test_the_words_say_that_a_mark_jumps_and_where_it_stands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    place = MarkPlace(4, 22, Box.of(210, 80, 84, 21))
    watermark._show_jumps(Namespace(jumps={Path("night.mp4"): (place,)}))
    told = capsys.readouterr()
    assert all(
        words in told.out + told.err
        for words in ("it jumps", "night.mp4", "4 to 22", "210,80,84,21")
    )


class Breaking(Executor):
    """One whose processes are gone."""

    def submit(self, _: Callable, /, *__: object, **___: object) -> Future:
        raise BrokenExecutor


def test_a_pool_that_breaks_is_told_as_such(tmp_path: Path) -> None:
    with pytest.raises(MachineError) as error:
        glances.each("takes", [tmp_path / "a.mp4"], silent, Breaking(), len)
    assert error.value.problems[0] == WORKER_LOST


def test_what_workers_make_comes_in_the_order_of_the_takes(tmp_path: Path) -> None:
    def late(path: str) -> str:
        time.sleep(0.05 if path.endswith("a.mp4") else 0)
        return Path(path).name

    names = ["a.mp4", "b.mp4", "c.mp4"]
    with ThreadPoolExecutor(3) as workers:
        made = glances.each("takes", [tmp_path / name for name in names], silent, workers, late)
    assert made == names


def test_too_few_takes_are_told_how_many_it_needs(takes: list[Path], tmp_path: Path) -> None:
    circumstances = Settings(tmp_path / "c", tmp_path / "d"), Serial(), silent
    with pytest.raises(DocumentError) as error:
        learning.learn([*takes[:3], takes[0]], None, *circumstances)
    assert error.value.problems[0].code == "too-few-takes"
    assert "4 or more" in str(error.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"sha256": "a"}, "the same file"),
        ({"bars": (12, 12, 0, 0)}, "the same bars"),
        ({"fields": looked("a", 0).fields}, "scenery standing still"),
        ({"scenes": looked("a", 0).scenes}, "the same scene"),
    ],
)
def test_takes_that_are_alike_are_refused_by_name(changes: dict, reason: str) -> None:
    bars = {"bars": (12, 12, 0, 0)} if "bars" in changes else {}
    one, other = looked("a", 0, **bars), looked("b", 1, **changes)
    area = learn.Area(238, 138, 76, 22, 0.9, (1.0, 1.0))
    with pytest.raises(MediaError) as error:
        learning._unrelated([one, other, looked("c", 2)], [area])
    assert len(error.value.problems) == 1
    assert error.value.problems[0].code == "takes-alike"
    assert reason in str(error.value)
    learning._unrelated([looked(name, i) for i, name in enumerate("abc")], [area])


def test_takes_of_another_size_are_refused_by_name() -> None:
    three = [looked(name, i) for i, name in enumerate("abc")]
    with pytest.raises(MediaError) as error:
        learning._same_size([*three, looked("d", 3, raster=Raster(180, 320))])
    assert [p.where.file for p in error.value.problems if p.where] == ["d"]


def learnt_file() -> bytes:
    told = Told(Box.of(4, 4, 8, 8), Raster(*SIZE), (), 0.5)
    edge = np.eye(8, dtype=np.float32)
    return learnt_png(Learnt(edge, edge, edge, told))


def picture_file() -> bytes:
    return bytes(cv2.imencode(".png", np.zeros((8, 8, 3), np.uint8))[1])


def test_earlier_marks_and_sheets_alone_are_written_over(tmp_path: Path) -> None:
    mark, sheet = tmp_path / "c.png", tmp_path / "c.confirm.png"
    ours, sheets, picture = learnt_file(), sheet_png(picture_file()), picture_file()
    for kept, shown, refused in (
        (ours, sheets, None),
        (None, sheets, None),
        (ours, None, None),
        (picture, sheets, mark),
        (sheets, sheets, mark),
        (None, picture, sheet),
        (ours, picture, sheet),
        (ours, ours, sheet),
        (ours, b"mine", sheet),
    ):
        for path, content in ((mark, kept), (sheet, shown)):
            path.unlink(missing_ok=True)
            if content is not None:
                path.write_bytes(content)
        if refused is None:
            learning.check(mark, sheet, [])
            continue
        with pytest.raises(DocumentError) as error:
            learning.check(mark, sheet, [])
        problem = error.value.problems[0]
        assert (problem.code, problem.where and problem.where.file) == (
            "output-exists",
            str(refused),
        )


def test_earlier_calibrations_alone_are_written_over(tmp_path: Path) -> None:
    tried = TakeTried("a.mp4", "ab" * 32, False, Tried(9, 0), Tried(4, 0))
    made, path = Calibration("cd" * 32, "an older rule", (tried,)), tmp_path / "edl.json"
    path.write_text('{"schema": "finisher/edl@1"}')
    with pytest.raises(DocumentError) as error:
        calibrating.write(made, path, [])
    assert error.value.problems[0].code == "output-exists"
    assert "edl@1" in path.read_text()
    path.unlink()
    path.symlink_to(tmp_path / "nowhere.json")
    with pytest.raises(DocumentError):
        calibrating.check(path, [])
    path.unlink()
    calibrating.write(made, path, [])
    calibrating.write(made, path, [])
    with pytest.raises(DocumentError) as error:
        calibrating.write(made, path, [path])
    assert error.value.problems[0].code == "output-is-input"


@pytest.mark.parametrize(
    "words",
    [
        ["learn", "-o", "none/c.png"],
        ["learn", "-o", "theirs.png"],
        ["calibrate", "--mark", "m.png", "-o", "none/c.json"],
        ["calibrate", "--mark", "m.png", "-o", "edl.json"],
    ],
)
def test_outputs_are_refused_before_a_take_is_looked_at(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.chdir(tmp_path)
    for name in ("edl.json", "theirs.png", "m.png"):
        Path(name).write_text("{}")
    monkeypatch.setattr(learning, "learn", never)
    monkeypatch.setattr(calibrating, "calibrate", never)
    act, *more = words
    code, document = run(["watermark", act, *[f"{i}.mp4" for i in range(4)], *more], capsys)
    missing = any("none" in word for word in words)
    wanted = (6, "output-unwritable") if missing else (2, "output-exists")
    assert (code, document["problems"][0]["code"]) == wanted
    assert sorted(path.name for path in tmp_path.iterdir()) == ["edl.json", "m.png", "theirs.png"]


def test_takes_without_texture_are_no_evidence(takes: list[Path], tmp_path: Path) -> None:
    mark, flat = tmp_path / "m.png", tmp_path / "flat.mp4"
    mark.write_bytes(marking.template("white star"))
    grey = np.full((180, 320, 3), 90, np.uint8)
    marking.encode(flat, marking.burnt([grey] * 8, "white star", BOX, 0.5), marking.h264(18))
    circumstances = Settings(tmp_path / "c", tmp_path / "d"), Serial(), silent
    found = calibrating.calibrate([takes[0], flat], mark, Box.of(*map(int, BOX)), *circumstances)
    lively, plain = found.takes
    assert (lively.plain, plain.plain) == (False, True)
    assert found.elsewhere.samples == lively.elsewhere.samples > 0
    assert "not on 1 without texture" in found.words
    with pytest.raises(MediaError) as error:
        calibrating.calibrate([flat], mark, Box.of(*map(int, BOX)), *circumstances)
    assert error.value.problems[0].code == "takes-plain"


def test_a_copied_take_counts_once_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(*_: object) -> list[TakeTried]:
        named = (("a.mp4", "ab"), ("copy.mp4", "ab"))
        return [TakeTried(n, s * 32, False, Tried(9, 0), Tried(4, 0)) for n, s in named]

    monkeypatch.setattr(calibrating, "each", tried)
    mark = tmp_path / "m.png"
    mark.write_bytes(marking.template("white star"))
    circumstances = Settings(tmp_path / "c", tmp_path / "d"), Serial(), silent
    files = [tmp_path / "a.mp4", tmp_path / "copy.mp4"]
    found = calibrating.calibrate(files, mark, Box.of(1, 2, 30, 40), *circumstances)
    assert (found.elsewhere.samples, found.unmarked.samples) == (9, 4)
    assert found.takes[0].copies == ("copy.mp4",)


@pytest.mark.parametrize("box", [Box.of(5, 5, 1, 1), Box.of(5, 5, 60, 11)])
def test_a_box_too_small_for_any_mark_is_refused(box: Box, tmp_path: Path) -> None:
    mark = tmp_path / "m.png"
    mark.write_bytes(marking.template("white star"))
    circumstances = Settings(tmp_path / "c", tmp_path / "d"), Serial(), silent
    with pytest.raises(DocumentError) as error:
        calibrating.calibrate([tmp_path / "none.mp4"], mark, box, *circumstances)
    assert "12 pixels" in error.value.problems[0].message


def test_a_box_that_leaves_no_other_place_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(*_: object) -> list[TakeTried]:
        return [TakeTried("a.mp4", "ab" * 32, True, Tried(0, 0), Tried(0, 0))]

    monkeypatch.setattr(calibrating, "each", tried)
    mark = tmp_path / "m.png"
    mark.write_bytes(marking.template("white star"))
    circumstances = Settings(tmp_path / "c", tmp_path / "d"), Serial(), silent
    with pytest.raises(DocumentError) as error:
        calibrating.calibrate([tmp_path / "a"], mark, Box.of(0, 0, 320, 180), *circumstances)
    assert "no other place" in error.value.problems[0].message


def test_nothing_is_written_over_but_a_learnt_mark(tmp_path: Path) -> None:
    mark = tmp_path / "logo.png"
    mark.write_bytes(b"somebody's picture")
    for path, inputs, code in (
        (mark, [], "output-exists"),
        (mark, [mark], "output-is-input"),
        (tmp_path / "logo.jpg", [], "usage"),
    ):
        with pytest.raises(DocumentError) as error:
            learning.check(path, tmp_path / "logo.confirm.png", inputs)
        assert error.value.problems[0].code == code
    assert mark.read_bytes() == b"somebody's picture"


def test_a_drawn_template_needs_a_box(takes: list[Path], tmp_path: Path) -> None:
    mark = tmp_path / "logo.png"
    circumstances = Settings(tmp_path / "c", tmp_path / "d"), Serial(), silent
    with pytest.raises(DocumentError) as error:
        calibrating.calibrate(takes, mark, None, *circumstances)
    assert error.value.problems[0].code == "template-missing"
    mark.write_bytes(marking.template("white star"))
    with pytest.raises(DocumentError) as error:
        calibrating.calibrate(takes, mark, None, *circumstances)
    assert "--box" in str(error.value)


@pytest.mark.parametrize("text", ["1,2,3", "1,2,3,0", "a,b,c,d", "1,2,-3,4", "1,2,3,4,5"])
def test_a_box_is_four_whole_numbers(text: str) -> None:
    with pytest.raises(DocumentError):
        options.parse(["watermark", "calibrate", "a.mp4", "--mark", "m.png", "--box", text])


def test_words_are_understood() -> None:
    words: Namespace = options.parse(
        ["watermark", "calibrate", "a.mp4", "--mark", "m.png", "--box", "1,2,30,4"]
    )
    assert words.box == Box.of(1, 2, 30, 4)
    assert options.parse(["watermark", "learn", "a.mp4", "--first", "24"]).first == 24
