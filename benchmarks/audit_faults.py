"""Faults put into finished, re-signed exports, and whether the audit finds and names them.

Programmes of four drawn shots with dissolves are delivered, decoded, spoilt in one place, encoded
again (H.264, HEVC or AV1, crf 18 to 28), signed again so that their credentials are whole, and
audited as `finish audit` does. As many untouched ones are encoded again the same way: any failure
of a check of the picture is a false alarm. `python benchmarks/audit_faults.py [--faults 100]`
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.loop_seams import pendulum, swaying, waves
from benchmarks.motion_blend import SCENES

from finisher.audit.audit import audit
from finisher.audit.measure import measure
from finisher.audit.picture import check_picture
from finisher.findings import Finding, Status
from finisher.media.blend import tag
from finisher.pipeline.edit import decide, open_edit
from finisher.pipeline.finish import finish
from finisher.pipeline.master import work_of
from finisher.pipeline.pledges import promises_of
from finisher.pipeline.runs import Request
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import sign, signer
from finisher.pipeline.workers import LocalWorkers
from finisher.plan.model import Plan
from finisher.progress import silent
from finisher.promises import Promises
from finisher.provenance.signing import Thumbnails
from finisher.store import Store
from finisher.timecode import Rate, timecode_of_frame

Picture = NDArray[np.uint8]
DISTINCT = 1.0
"""Codes of luma, on average over the picture, by which a wrong frame differs visibly from the
right one: half of what a neighbour differs by in a slow pan."""
PICTURE = ("frame-count", "picture-content", "picture-order", "cuts-in-place")
"""Checks of what is seen and when."""
KINDS = ("swap", "drop", "double", "freeze")
CODECS = ("libx264", "libx265", "libsvtav1")


@dataclass(frozen=True)
class Programme:
    """A delivered programme: its frames as finished, and everything to sign it again."""

    pictures: list[Picture]
    promises: Promises
    plan: Plan
    path: Path
    settings: Settings


def shots() -> list[list[Picture]]:
    """Shots of many kinds, 60 frames each."""
    made = [[scene(t) for t in range(60)] for scene, _ in SCENES.values()]
    made += [clip[:60] for clip in (swaying(37, 25, 0.1, 61), pendulum(33, 62), waves(63))]
    return made


def write_take(path: Path, pictures: list[Picture], color: tuple[int, int]) -> None:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=Fraction(24), options={"crf": "14"})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        declare(stream.codec_context)
        for number, luma in enumerate(pictures):
            frame = from_luma(luma, color)
            frame.pts, frame.time_base = number, Fraction(1, 24)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def declare(context: VideoCodecContext) -> None:
    """Limited-range BT.709."""
    context.color_range = context.colorspace = 1
    context.color_primaries = context.color_trc = 1


def from_luma(luma: Picture, color: tuple[int, int]) -> av.VideoFrame:
    height, width = luma.shape
    chroma = np.full((height // 2, width), color[0], np.uint8)
    chroma[height // 4 :] = color[1]
    frame = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
    tag(frame)
    return frame


PRESET = """
inherits = "social916"
description = "Small and quick"
raster = [360, 640]
[video]
speed = "veryfast"
crf = 18
"""


def deliver(folder: Path, numbers: list[int], clips: list[list[Picture]]) -> Programme:
    """A programme of four shots with a dissolve and a seam, delivered."""
    (folder / "presets").mkdir(parents=True)
    (folder / "presets" / "tiny.toml").write_text(PRESET)
    takes, events = {}, []
    for place, number in enumerate(numbers):
        write_take(folder / f"t{place}.mp4", clips[number], (120 + 3 * place, 132 - 2 * place))
        takes[f"t{place}"] = {"file": f"t{place}.mp4"}
        event = {"id": f"shot{place}", "take": f"t{place}", "in": 8, "out": 52}
        if place % 2:
            event["transition"] = {"kind": "dissolve", "frames": 8}
        events.append(event)
    document = {
        "schema": "finisher/edl@1",
        "rate": "24",
        "canvas": {"width": 640, "height": 360},
        "takes": takes,
        "events": events,
    }
    edl = folder / "edl.json"
    edl.write_text(json.dumps(document))
    settings = Settings(folder / "cache", folder / "data")
    with LocalWorkers(2) as workers:
        (delivered,) = finish(Request(edl, ("tiny",), None, settings), workers, silent)
        edit = open_edit(edl, ["tiny"], settings, workers, silent)
        plan = decide(edit, edit.presets[0], settings)
        store = Store(settings.cache)
        promised = promises_of(edit, plan, work_of(edit, plan, store), store, silent)
    path = Path(delivered.path)
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray(format="yuv420p") for frame in container.decode(video=0)]
    return Programme(pictures, promised, plan, path, settings)


@dataclass(frozen=True)
class Fault:
    """What was done: which frames are shown, and where it begins."""

    kind: str
    shown: list[int]
    at: int


def spoil(dice: random.Random, programme: Programme) -> Fault:
    """A fault of some kind in which a wrong frame is visibly another than the right one."""
    count = len(programme.pictures)
    while True:
        kind, shown = dice.choice(KINDS), list(range(count))
        at = dice.randrange(2, count - 14)
        if kind == "swap":
            shown[at], shown[at + 1] = shown[at + 1], shown[at]
        elif kind == "drop":
            shown = [*shown[:at], *shown[at + 1 :], count - 1]
        elif kind == "double":
            shown[at + 1] = at
        else:
            length = dice.randrange(3, 12)
            shown[at + 1 : at + 1 + length] = [at] * length
        wrong = [k for k in range(count) if shown[k] != k]
        first = wrong[0]
        if apart(programme, shown[first], first) >= DISTINCT:
            return Fault(kind, shown, first)


def apart(programme: Programme, one: int, other: int) -> float:
    """Mean luma difference of two frames of a programme."""
    height = programme.promises.height
    a, b = (programme.pictures[k][:height].astype(np.int16) for k in (one, other))
    return float(np.abs(a - b).mean())


def encode(pictures: list[Picture], codec: str, crf: int, path: Path) -> None:
    """Encode frames again, as a delivery is laid out."""
    options = {"crf": str(crf), "preset": "8" if codec == "libsvtav1" else "veryfast"}
    if codec == "libx265":
        options["x265-params"] = "log-level=none"
    layout = {"movflags": "+faststart+negative_cts_offsets", "use_editlist": "0"}
    with av.open(str(path), "w", options=layout) as out:
        stream = out.add_stream(codec, rate=Fraction(24), options=options)
        stream.height, stream.width = pictures[0].shape[0] * 2 // 3, pictures[0].shape[1]
        stream.pix_fmt = "yuv420p"
        declare(stream.codec_context)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="yuv420p")
            tag(frame)
            frame.pts, frame.time_base = number, Fraction(1, 24)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def failed(programme: Programme, path: Path) -> list[Finding]:
    """What the picture checks find wrong."""
    found = check_picture(programme.promises, measure(path, None, silent).cells)
    return [check for check in found if check.status is Status.FAILED]


def named(programme: Programme, fault: Fault, wrong: list[Finding]) -> bool:
    """Whether the event and the timecode of the first wrong frame are told."""
    event = next(c.event for c in reversed(programme.promises.cuts) if c.frame <= fault.at)
    labels = {
        timecode_of_frame(frame, Rate.parse(programme.promises.rate))
        for frame in (fault.at - 1, fault.at, fault.at + 1)
    }
    return any(
        event in check.detail and any(label in check.detail for label in labels) for check in wrong
    )


def signed(programme: Programme, path: Path, folder: Path) -> Path:
    """The file with credentials that are whole: what a forger with a key would leave."""
    identity = signer(programme.settings).identity
    if identity is None:
        raise SystemExit("there is nobody to sign")
    target = folder / "signed.mp4"
    sign(
        programme.plan, programme.promises, (path, target), identity, programme.settings,
        Thumbnails(None, {}),
    )  # fmt: skip
    return target


def main() -> None:
    """Spoil, measure, count."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--faults", type=int, default=100)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--show", action="store_true", help="print every finding")
    given = words.parse_args()
    dice, clips = random.Random(given.seed), shots()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        programmes = [
            deliver(folder / f"p{k}", dice.sample(range(len(clips)), 4), clips) for k in range(5)
        ]
        found, told, all_of = Counter(), Counter(), Counter()
        whole = 0
        for number in range(given.faults):
            programme = dice.choice(programmes)
            fault = spoil(dice, programme)
            codec, crf = dice.choice(CODECS), dice.randrange(18, 29)
            path = folder / "spoilt.mp4"
            encode([programme.pictures[k] for k in fault.shown], codec, crf, path)
            audited = audit(signed(programme, path, folder))
            wrong = [c for c in audited.checks if c.status is Status.FAILED and c.id in PICTURE]
            whole += str(audited.verdict).startswith("intact")
            all_of[fault.kind] += 1
            found[fault.kind] += bool(wrong) and not audited.passed
            told[fault.kind] += named(programme, fault, wrong)
            if given.show or not named(programme, fault, wrong):
                label = timecode_of_frame(fault.at, Rate.parse("24"))
                size = apart(programme, fault.shown[fault.at], fault.at)
                print(
                    f"{number} {fault.kind} at {fault.at} ({label}), {size:.1f} codes,",
                    f"{codec} crf {crf}:",
                    [check.detail for check in wrong] or "NOT FOUND",
                )
        for kind in KINDS:
            print(f"{kind:7} found {found[kind]} of {all_of[kind]}, named {told[kind]}")
        print(
            f"found {found.total()}, named {told.total()} of {given.faults}; "
            f"all signed again, credentials whole: {whole}"
        )
        alarms = 0
        for number in range(given.faults):
            programme = programmes[number % len(programmes)]
            codec, crf = CODECS[number % 3], 18 + number % 11
            path = folder / "honest.mp4"
            encode(programme.pictures, codec, crf, path)
            wrong = failed(programme, path)
            alarms += bool(wrong)
            if wrong:
                print("FALSE", number, codec, crf, [check.detail for check in wrong])
        print(f"false alarms: {alarms} of {given.faults}")


if __name__ == "__main__":
    main()
