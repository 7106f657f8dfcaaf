"""`finish watermark`: a mark learnt from takes, and how often it is found where it is not."""

from __future__ import annotations

import json
from argparse import Namespace
from pathlib import Path

from finisher.canonical import Json
from finisher.cli.session import Session, put, say
from finisher.console.table import show_table
from finisher.pipeline import calibrating, learning
from finisher.pipeline.learning import Lesson
from finisher.problems import DocumentError, Exit, Problem
from finisher.sighting import Plane
from finisher.watermark.calibration import Calibration, TakeTried


def watermark(words: Namespace, session: Session) -> Exit:
    """Learn a mark, or calibrate its detection."""
    run = {"learn": _learn, "calibrate": _calibrate}[words.act]
    return run(words, session)


def _learn(words: Namespace, session: Session) -> Exit:
    """Learn a mark; write it with a picture to confirm it by; print what an edit says of it."""
    if words.mark is not None or words.box is not None:
        message = "--mark and --box are for finish watermark calibrate"
        raise DocumentError(Problem("usage", message))
    mark: Path = words.output or Path("mark.png")
    picture = mark.with_suffix(".confirm.png")
    learning.check(mark, picture, words.takes)
    circumstances = session.settings, session.workers, session.listen
    lesson = learning.learn(words.takes, words.first, *circumstances)
    learning.write(lesson, mark, picture)
    if words.json:
        put(_learnt(lesson, mark, picture))
    else:
        _show(lesson, mark, picture)
    return Exit.OK


def _entry(lesson: Lesson, mark: Path) -> dict[str, Json]:
    """What an edit list says of the mark: the file's name stands for it."""
    box: list[Json] = list(lesson.learnt.told.box.whole())
    where: dict[str, Json] = {"track": "scan"} if lesson.jumps else {"box": box}
    return {mark.stem: {"kind": "visible", "template": mark.as_posix(), **where}}


def _learnt(lesson: Lesson, mark: Path, picture: Path) -> dict[str, object]:
    """`finisher/learnt@1`."""
    told = lesson.learnt.told
    return {
        "schema": "finisher/learnt@1",
        "mark": str(mark),
        "sha256": lesson.sha256,
        "sheet": str(picture),
        "raster": [told.raster.width, told.raster.height],
        "coherence": told.coherence,
        "plane": told.plane.value,
        "takes": [
            {"file": str(take.path), "sha256": take.sha256, "agrees": round(part, 4)}
            for take, part in zip(lesson.takes, lesson.support, strict=True)
        ],
        "missing": [str(take.path) for take in lesson.missing],
        "others": [
            {
                "box": [area.x, area.y, area.width, area.height],
                "coherence": round(area.coherence, 4),
                "plane": area.plane.value,
            }
            for area in lesson.others
        ],
        "jumps": [
            {
                "file": str(file),
                "places": [
                    {"from": place.start, "to": place.end, "box": list(place.box.whole())}
                    for place in places
                ],
            }
            for file, places in lesson.jumps.items()
        ],
        "watermarks": _entry(lesson, mark),
    }


def _show(lesson: Lesson, mark: Path, picture: Path) -> None:
    told = lesson.learnt.told
    rows = [
        (take.path.name, f"{part:.2f}", "does not show it" if take in lesson.missing else "")
        for take, part in zip(lesson.takes, lesson.support, strict=True)
    ]
    show_table("Learnt from takes", ("take", "agrees", ""), rows)
    seen = learning.PLANES[told.plane]
    say(f"coherence {told.coherence:.2f} over {len(rows)} takes of {told.raster}, in {seen}")
    if told.plane is not Plane.LUMA:
        say("it is told by its colour: in black and white it is not found")
    _show_jumps(lesson)
    for area in lesson.others:
        place = f"{area.x},{area.y} {area.width}x{area.height}"
        say(f"they agree at {place} too ({area.coherence:.2f}): is there a second mark?")
    say(f"look at {picture} before you use it")
    say(json.dumps(_entry(lesson, mark), ensure_ascii=False)[1:-1])
    say(f"{mark}  SHA-256 {lesson.sha256}")


def _show_jumps(lesson: Lesson) -> None:
    """Where each take shows a mark that jumps."""
    if not lesson.jumps:
        return
    say("it jumps: it was learnt at one of its places")
    rows = [
        (file.name, f"{one.start} to {one.end}", ",".join(str(side) for side in one.box.whole()))
        for file, places in lesson.jumps.items()
        for one in places
    ]
    show_table("It stands", ("take", "pictures", "box"), rows)


def _calibrate(words: Namespace, session: Session) -> Exit:
    """Measure false positives; write them for edits to name."""
    if words.mark is None or words.first is not None:
        message = "finish watermark calibrate needs --mark and takes no --first"
        raise DocumentError(Problem("usage", message, hint="--mark marks/corner.png"))
    output: Path = words.output or Path("calibration.json")
    inputs = [*words.takes, words.mark]
    calibrating.check(output, inputs)
    circumstances = session.settings, session.workers, session.listen
    found = calibrating.calibrate(words.takes, words.mark, words.box, *circumstances)
    calibrating.write(found, output, inputs)
    if words.json:
        put({**found.document(), "written": str(output)})
    else:
        _show_rates(found)
        say(str(output))
    return Exit.OK


def _show_rates(found: Calibration) -> None:
    rows = [_row(take) for take in found.takes]
    head = ("take", "", "other places", "found", "unmarked tests", "found")
    show_table("False positives", head, rows)
    say(found.words)
    for take in found.takes:
        if take.copies:
            say(f"counted once, being the same film: {', '.join((take.name, *take.copies))}")
    if found.worst is not None:
        say(f"most in {found.worst.name}")


def _row(take: TakeTried) -> tuple[str, ...]:
    away, here = take.elsewhere, take.unmarked
    kind = "carries it" if take.marked else "does not carry it"
    if take.plain:
        kind = "has no texture: does not count"
    counts = (away.samples, away.found, here.samples, here.found)
    return (take.name, kind, *map(str, counts))
