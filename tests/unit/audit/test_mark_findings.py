"""Visible marks of a finished file: what is seen of them, and what follows from it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from finisher.audit.aids import Aids
from finisher.audit.audit import audit, check, required
from finisher.audit.closely import LookedFor
from finisher.audit.mark_findings import pictures_of_marks, unproven
from finisher.audit.measure import measure
from finisher.findings import Status, Weight
from finisher.progress import silent
from finisher.promises import PromisedCopy, PromisedMark
from finisher.timecode import Span
from finisher.watermark.reference import Reference

BOX = (150.0, 100.0, 90.0, 30.0)


def mark_of(opacity_source: float = 0.4, **changes: object) -> PromisedMark:
    base = PromisedMark("one", "corner", (Span(0, 36),), BOX, "", 0.9, opacity_source)
    return replace(base, **changes)


def logo() -> np.ndarray:
    image = np.zeros((60, 180, 4), np.uint8)
    white = (255, 255, 255, 255)
    cv2.putText(image, "GEN AI", (6, 44), cv2.FONT_HERSHEY_SIMPLEX, 1.4, white, 4, cv2.LINE_AA)
    return image


def png() -> bytes:
    return bytes(cv2.imencode(".png", logo())[1])


def marked(frame: np.ndarray, at: tuple[int, int] = (150, 100)) -> np.ndarray:
    """A picture with the mark drawn in at 40 %."""
    alpha = np.zeros((144, 256), np.float32)
    x, y = at
    alpha[y : y + 30, x : x + 90] = cv2.resize(
        logo()[..., 3], (90, 30), interpolation=cv2.INTER_AREA
    )
    alpha *= 0.4 / 255
    return np.rint(frame * (1 - alpha) + 235 * alpha).astype(np.uint8)


@pytest.fixture
def untold(promised):
    """Promises of pictures alone."""
    return lambda **changes: promised(sound=None, **changes)


@pytest.fixture(scope="module")
def film(tmp_path_factory, writer, programme):
    """The programme with the mark in every picture; without its sound, which no mark lies in."""
    path = tmp_path_factory.mktemp("marks") / "marked.mp4"
    return writer(path, list(map(marked, programme.frames)), None)


@pytest.fixture(scope="module")
def bare(tmp_path_factory, writer, programme):
    """The programme without any mark."""
    return writer(tmp_path_factory.mktemp("marks") / "bare.mp4", programme.frames, None)


def test_marks_are_looked_for_where_they_must_be(film, untold):
    marks = (
        mark_of(template_sha256="a"),
        mark_of(
            template_sha256="a", event="two", spans=(Span(36, 72),), box=(20.0, 20.0, 90.0, 30.0)
        ),
        mark_of(template_sha256="a", event="cut", box=(200.0, 100.0, 90.0, 30.0)),
        mark_of(template_sha256="a", event="ok", box=(200.0, 100.0, 90.0, 30.0), may_crop="wide"),
        mark_of(template_sha256="b", event="bare"),
        mark_of(template_sha256="a", event="unseen", source_score=0.1),
        mark_of(template_sha256="a", event="short", spans=(Span(0, 3),)),
        mark_of(template_sha256="a", event="tiny", box=(10.0, 10.0, 20.0, 6.0)),
    )
    promises = untold(marks=marks, templates={"a": png()})
    findings, seen = check(promises, measure(film, promises, silent))
    assert {mark.event: mark.verdict for mark in seen} == {
        "one": "intact",
        "two": "lost",
        "cut": "cropped",
        "ok": "cropped",
        "bare": "not-checkable",
        "unseen": "not-found-in-source",
        "short": "not-checkable",
        "tiny": "not-checkable",
    }
    one = seen[0]
    assert one.score > one.threshold
    assert one.frames == 16
    assert one.retention == pytest.approx(1, abs=0.25)  # encoder, and the grid's blur
    overall = next(f for f in findings if f.id == "watermarks")
    assert overall.status is Status.FAILED
    assert overall.codes[:2] == ("mark.lost", "mark.cropped")

    allowed = replace(promises, marks=(marks[0], marks[3]))
    kept = next(f for f in check(allowed, measure(film, allowed, silent))[0] if "mark" in f.id)
    assert kept.status is Status.WARNED
    assert kept.severity is Weight.REQUIRED


def test_hostile_marks_do_no_harm(bare, untold):
    marks = (
        mark_of(template_sha256="a", spans=(Span(2**62, 2**62 + 50),)),
        mark_of(template_sha256="a", spans=()),
        mark_of(template_sha256="a", box=(0.0, 0.0, 1e300, 1e300)),
        mark_of(template_sha256="junk"),
    )
    promises = untold(marks=marks, templates={"a": b"", "junk": b"not a picture"})
    _, seen = check(promises, measure(bare, promises, silent))
    assert {mark.verdict for mark in seen} <= {"not-checkable", "cropped", "lost"}


def test_marks_that_overlap_each_keep_their_own_frames(bare, untold):
    marks = (
        mark_of(template_sha256="a", spans=(Span(0, 72),)),
        mark_of(template_sha256="a", spans=(Span(60, 72),), event="late"),
    )
    promises = untold(marks=marks, templates={"a": png()})
    _, seen = check(promises, measure(bare, promises, silent, "seed"))
    assert [mark.frames for mark in seen] == [16, 12]


def test_a_file_too_short_for_its_marks_fails_its_count_and_is_still_read(
    tmp_path, writer, programme, untold
):
    short = writer(tmp_path / "short.mp4", programme.frames[:20], None)
    mark = mark_of(template_sha256="a", spans=(Span(40, 72),))
    promises = untold(marks=(mark,), templates={"a": png()})
    findings, seen = check(promises, measure(short, promises, silent))
    assert next(f for f in findings if f.id == "frame-count").status is Status.FAILED
    assert seen[0].verdict == "not-checkable"


JUMPS = ((0, 24, (10, 10)), (24, 48, (150, 100)), (48, 72, (10, 100)))


def jumping() -> tuple[PromisedMark, ...]:
    return tuple(
        mark_of(
            template_sha256="a", spans=(Span(start, end),), box=(float(x), float(y), 90.0, 30.0)
        )
        for start, end, (x, y) in JUMPS
    )


def test_a_mark_that_jumps_is_told_by_its_coverage(tmp_path, writer, programme, untold):
    drawn = JUMPS[:2]
    frames = [
        next((marked(f, at) for start, end, at in drawn if start <= n < end), f)
        for n, f in enumerate(programme.frames)
    ]
    path = writer(tmp_path / "jumps.mp4", frames, None)
    promises = untold(marks=jumping(), templates={"a": png()})
    findings, (one,) = check(promises, measure(path, promises, silent))
    assert one.verdict == "degraded"
    assert one.coverage.confirmed == 48
    assert one.coverage.predicted == 72
    assert one.coverage.seconds == 2.0
    assert one.span == (0, 72)
    assert one.frames == 24
    assert next(f for f in findings if f.id == "watermarks").status is Status.WARNED

    short = untold(marks=jumping()[:2], templates={"a": png()})
    _, (whole,) = check(short, measure(path, short, silent))
    assert whole.verdict == "intact"
    assert whole.coverage.confirmed == whole.coverage.predicted == 48


def test_carried_pictures_prove_marks_without_a_look(bare, untold):
    """The film shows no mark: a digest that agrees is worth more than any filter."""
    copy = PromisedCopy("take", 0, 36, "d" * 64)
    marks = (
        mark_of(template_sha256="a"),
        mark_of(template_sha256="a", event="unseen", verified=False),
        mark_of(template_sha256="a", event="two", spans=(Span(30, 72),)),
    )
    promises = untold(marks=marks, templates={"a": png()}, copies=(copy,))
    found, verdicts = measure(bare, promises, silent), {}
    for digest in ("d" * 64, "e" * 64):
        _, seen = check(promises, replace(found, copies=(digest,)))
        verdicts[digest[0]] = [one.verdict for one in seen]
    assert verdicts["d"][:2] == ["intact-bit-identical", "not-found-in-source"]
    assert verdicts["d"][2] != "intact-bit-identical"
    assert "intact-bit-identical" not in verdicts["e"]


def test_leave_turns_harm_into_a_remark(bare, untold):
    for leave, status in ((None, Status.FAILED), ("a title hides it", Status.WARNED)):
        promises = untold(
            marks=(mark_of(template_sha256="a", may_lose=leave),), templates={"a": png()}
        )
        findings, (one,) = check(promises, measure(bare, promises, silent))
        assert one.verdict == "lost"
        assert one.allowed == leave
        overall = next(f for f in findings if f.id == "watermarks")
        assert (overall.status, overall.severity) == (status, Weight.REQUIRED)


def test_nothing_is_said_of_marks_that_are_never_alone(bare, untold):
    promises = untold(marks=(mark_of(template_sha256="a", spans=()),), templates={"a": png()})
    _, (one,) = check(promises, measure(bare, promises, silent))
    assert one.verdict == "not-checkable"
    assert "nowhere alone" in one.detail


def test_a_mark_that_is_gone_for_a_third_of_the_time_is_there_for_the_rest(
    tmp_path, writer, programme, untold
):
    frames = [
        frame if number < 13 else marked(frame) for number, frame in enumerate(programme.frames)
    ]
    path = writer(tmp_path / "late.mp4", frames, None)
    promises = untold(marks=(mark_of(template_sha256="a"),), templates={"a": png()})
    _, (one,) = check(promises, measure(path, promises, silent))
    assert one.verdict == "degraded"
    assert (one.coverage.confirmed, one.coverage.predicted) == (24, 36)
    assert "in 24 of 36 frames" in one.detail


def test_takes_nobody_spoke_of_are_a_remark_and_no_failure(bare, untold):
    promises = untold(undeclared=("a", "b"))
    findings, (one,) = check(promises, measure(bare, promises, silent))
    assert one.verdict == "not-declared"
    assert "a, b" in one.detail
    assert "watermarks" not in {f.id for f in findings}
    assert unproven((one,), compared=False) == (f"watermarks: {one.detail}",)


def test_required_marks_have_to_be_intact_and_told(film, untold):
    for silent_on, status in (((), Status.PASSED), (("b",), Status.FAILED)):
        promises = untold(
            marks=(mark_of(template_sha256="a"),), templates={"a": png()}, undeclared=silent_on
        )
        found = audit(film, promises=promises)
        check_of = {f.id: f.status for f in found.checks}
        assert check_of["watermarks"] is Status.PASSED
        asked = {f.id: f.status for f in required(found, {"watermarks"}).checks}
        assert asked["watermarks"] is status


def foretold(frames: list[np.ndarray], numbers: tuple[int, ...]) -> Reference:
    """The mark with 40 pixels around it, as it should be."""
    crops = np.stack([marked(frames[n])[60:144, 110:256] for n in numbers])
    return Reference("one", "corner", numbers, (110, 60, 146, 84), BOX, crops)


def test_what_lies_over_a_mark_is_seen_where_its_surroundings_are_known(
    tmp_path, writer, programme, untold
):
    textured = [
        np.clip(f + 25 * np.sin(np.arange(256) / 1.7)[None, :], 16, 235).astype(np.uint8)
        for f in programme.frames
    ]
    promises = untold(marks=(mark_of(template_sha256="a"),), templates={"a": png()})
    aids = LookedFor(aids=Aids(references=(foretold(textured, (3, 10, 17, 24, 31)),)))
    told = {}
    for name in ("kept", "spoiled"):
        frames = list(map(marked, textured))
        if name == "spoiled":
            for frame in frames:
                frame[100:130, 150:240] = cv2.GaussianBlur(frame[100:130, 150:240], (0, 0), 6)
        path = writer(tmp_path / f"{name}.mp4", frames, None)
        measured = measure(path, promises, silent, "", aids)
        _, (told[name],) = check(promises, measured)
        (shown,) = pictures_of_marks(promises, measured, (told[name],))
        assert shown.shown[:3] == shown.foretold[:3] == b"\xff\xd8\xff"
        assert shown.frame in (3, 10, 17, 24, 31)
    assert told["kept"].verdict == "intact"
    assert told["kept"].fidelity > 0.8
    assert told["spoiled"].verdict in ("altered", "lost")
    assert unproven((told["kept"],), compared=True) == ()
    assert "not compared" in unproven((told["kept"],), compared=False)[0]


def test_of_a_mark_nobody_drew_its_place_is_compared(tmp_path, writer, programme, untold):
    textured = [
        np.clip(f + 25 * np.sin(np.arange(256) / 1.7)[None, :], 16, 235).astype(np.uint8)
        for f in programme.frames
    ]
    promises = untold(marks=(mark_of(),))
    aids = LookedFor(aids=Aids(references=(foretold(textured, (3, 10, 17, 24, 31)),)))
    told = {}
    for name in ("kept", "covered"):
        frames = list(map(marked, textured))
        if name == "covered":
            for frame in frames:
                frame[100:130, 150:240] = 180
        path = writer(tmp_path / f"{name}.mp4", frames, None)
        _, (told[name],) = check(promises, measure(path, promises, silent, "", aids))
    assert told["kept"].verdict == "not-checkable"
    assert told["kept"].fidelity > 0.9
    assert told["covered"].verdict == "altered"


def test_hostile_numbers_of_marks_keep_their_bounds(bare, untold):
    many = tuple(
        mark_of(template_sha256="a", event=str(n), spans=(Span(0, 2), Span(4, 40)))
        for n in range(300)
    )
    promises = untold(marks=many, templates={"a": b"not a picture"})
    _, seen = check(promises, measure(bare, promises, silent))
    assert len(seen) == 300


def test_a_mark_is_held_to_what_the_edit_measures_and_not_to_the_files_word(bare, untold):
    honest = mark_of(template_sha256="a", verified=True)
    forged = replace(honest, verified=False, calibration="never wrong")
    promises = untold(marks=(forged,), templates={"a": png()})
    edit = replace(promises, marks=(honest,))
    alone, (held,) = (
        audit(bare, promises=promises, aids=aids).watermarks for aids in (Aids(), Aids(edit=edit))
    )
    assert [one.verdict for one in alone] == ["not-found-in-source"]
    assert held.verdict == "lost"
    assert held.false_positives != "never wrong"
