"""How well visible marks are told: found where they are, nowhere else, and judged rightly.

    python benchmarks/watermark_visible.py STILLS CLIPS TAKES [--quick] [--half 0|1] [--cache DIR]

Every take carries four logos in its corners, at 12, 25, 25 and 50 per cent, is encoded once as a
generator would (x264 crf 16), changed and encoded again; a second set carries none. Takes are cut
into halves by what they show: thresholds were set on half 0, and half 1 is what is judged.
"""

from __future__ import annotations

import argparse
import pickle
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import gettempdir

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cv2
import numpy as np
from numpy.typing import NDArray
from tests import marking
from tests.marking import Picture, Placed

from finisher.sighting import MarkFacts, Plane
from finisher.watermark.evidence import contrast, elsewhere, presence, turned
from finisher.watermark.fidelity import compare
from finisher.watermark.rules import LOST_BELOW, found, judge
from finisher.watermark.seen import Fidelity, Seen
from finisher.watermark.template import AnyTemplate, read_template, views
from finisher.watermark.unaided import told_alone

UNMARKED = ("crf 18", "crf 28", "AV1 crf 38", "side crop 9:16", "letterbox 540x960")
_BAR = 30
"""Codes that no pixel of a bar's rows reaches."""
ROOM = 1.0
"""Widths and heights of a mark around it that are foretold."""


VIEWS = {name: views(read_template(marking.template(name))) for name in marking.LOGOS}
"""Templates by logo, in each plane that it is looked for in."""
Planes = dict[Plane, list[NDArray[np.uint8]]]
"""A file's pictures by plane."""


@dataclass(frozen=True)
class Laid:
    """A mark in an export, and its surroundings as foretold."""

    logo: str
    opacity: float
    box: Placed
    region: tuple[int, int, int, int]
    expected: dict[Plane, NDArray[np.uint8]]
    """In luma, and in chroma where the mark is looked for there."""
    source_box: Placed
    done: str = ""
    """What was done to destroy it."""


@dataclass(frozen=True)
class Export:
    take: str
    group: str
    half: int
    change: str
    path: Path
    source: Path
    marks: tuple[Laid, ...]


def region(box: Placed, size: tuple[int, int]) -> tuple[int, int, int, int]:
    x, y, wide, high = box
    left, top = max(0, int(x - ROOM * wide)), max(0, int(y - ROOM * high))
    right = min(size[0], int(np.ceil(x + wide + ROOM * wide)))
    bottom = min(size[1], int(np.ceil(y + high + ROOM * high)))
    return left, top, right - left, bottom - top


def whole(box: Placed, size: tuple[int, int]) -> bool:
    x, y, wide, high = box
    return x >= 0 and y >= 0 and x + wide <= size[0] and y + high <= size[1]


def cut(planes: list[NDArray[np.uint8]], where: tuple[int, int, int, int]) -> NDArray[np.uint8]:
    x, y, wide, high = where
    return np.stack([p[y : y + high, x : x + wide] for p in planes])


def laid(
    marks: list[tuple[str, float, Placed]],
    boxes: list[Placed],
    frames: list[Picture],
    done: list[str] | None = None,
) -> tuple[Laid, ...]:
    size = frames[0].shape[1], frames[0].shape[0]
    wanted = {view.plane for name, _, _ in marks for view in VIEWS[name]}
    planes = {plane: [marking.plane_of(f, plane) for f in frames] for plane in wanted}
    out = []
    for number, ((name, opacity, before), box) in enumerate(zip(marks, boxes, strict=True)):
        if whole(box, size):
            near = region(box, size)
            out.append(
                Laid(
                    name,
                    opacity,
                    box,
                    near,
                    {view.plane: cut(planes[view.plane], near) for view in VIEWS[name]},
                    before,
                    done[number] if done else "",
                )
            )
    return tuple(out)


def kept(path: Path, frames: list[Picture], coder: marking.Coder) -> None:
    if not path.exists():
        part = path.with_suffix(".part")
        marking.encode(part, frames, coder)
        part.rename(path)


def halves(takes: list[marking.Footage]) -> dict[str, int]:
    groups = list(dict.fromkeys(t.group for t in takes))
    return {group: number % 2 for number, group in enumerate(groups)}


def marks_of(number: int, size: tuple[int, int]) -> list[tuple[str, float, Placed]]:
    names = list(marking.LOGOS)
    opacities = (0.12, 0.25, 0.25, 0.5)
    out = []
    for which in range(4):
        name = names[(number * 3 + which) % len(names)]
        at = (which + number) % 4
        out.append((name, opacities[which], marking.corner(name, size, at)))
    return out


def rgb(path: Path) -> list[Picture]:
    return marking.decoded(path, 0, 1000, _size(path))


def _size(path: Path) -> tuple[int, int]:
    plane = marking.planes(path)[0]
    return plane.shape[1], plane.shape[0]


def exports(options: argparse.Namespace, kind: str) -> Iterator[Export]:
    """Everything of one kind: `benign`, `unmarked` or `destroyed`; made once and kept."""
    takes = list(marking.footage(options.stills, options.clips, options.takes))
    half = halves(takes)
    for number, take in enumerate(takes):
        if options.half is not None and half[take.group] != options.half:
            continue
        if options.quick and number % 4 > 1:
            continue
        yield from exports_of(options.cache, number, take, half[take.group], kind)


def exports_of(
    cache: Path, number: int, take: marking.Footage, half: int, kind: str
) -> Iterator[Export]:
    stem = f"{number:02} {take.name}"
    index = cache / f"{stem} {kind}.pickle"
    if index.exists():
        yield from pickle.loads(index.read_bytes())  # noqa: S301 - written below
        return
    source = cache / f"{stem} {'unmarked' if kind == 'unmarked' else 'source'}.mp4"
    if not source.exists():
        raw = take.make()
        size = raw[0].shape[1], raw[0].shape[0]
        for name, opacity, box in marks_of(number, size) if kind != "unmarked" else ():
            raw = marking.burnt(raw, name, box, opacity)
        kept(source, raw, marking.h264(16))
    frames = rgb(source)
    size = frames[0].shape[1], frames[0].shape[0]
    made = []
    for change, expected, shown, done, coder in changes(kind, frames, marks_of(number, size)):
        path = cache / f"{stem} {kind} {change.replace(':', '-')}.mp4"
        kept(path, shown, coder)
        there = laid(marks_of(number, size), expected[1], expected[0], done)
        name = "destroyed" if kind == "destroyed" else change
        made.append(Export(take.name, take.group, half, name, path, source, there))
    index.with_suffix(".part").write_bytes(pickle.dumps(made))
    index.with_suffix(".part").rename(index)
    yield from made


def changes(
    kind: str, frames: list[Picture], marks: list[tuple[str, float, Placed]]
) -> Iterator[tuple[str, marking.Changed, list[Picture], list[str], marking.Coder]]:
    """What is made of a take: a name, what was foretold, what is shown, and how it is coded."""
    boxes = [box for _, _, box in marks]
    if kind == "destroyed":
        names = [name for name in marking.DESTROYED if name != "mirror"]
        for turn in range(len(names)):
            shown, done = frames, []
            for which, box in enumerate(boxes):
                done.append(names[(turn + 3 * which) % len(names)])
                shown = marking.DESTROYED[done[-1]](shown, box)
            yield str(turn), (frames, boxes), shown, done, marking.h264((18, 23, 28)[turn % 3])
        shown = marking.DESTROYED["mirror"](frames, boxes[0])
        yield "mirror", (frames, boxes), shown, ["mirror"] * len(boxes), marking.h264(23)
        return
    for name, (change, coder) in marking.BENIGN.items():
        if kind == "benign" or name in UNMARKED:
            changed = change(frames, boxes)
            yield name, changed, changed[0], [], coder


@dataclass(frozen=True)
class Row:
    """A mark on an export: what was measured of it, and the verdicts."""

    take: str
    change: str
    logo: str
    opacity: float
    done: str
    source: MarkFacts
    foretold: float
    """Its strength after the edit, before the encoder."""
    export: MarkFacts
    fidelity: Fidelity | None
    delivered: str
    """The verdict of the audit that has the takes at hand."""
    bare: str
    """The verdict on the file alone."""
    why: str
    """The reason of the first, in words."""
    cpu: float


def inside(mark: Laid) -> Placed:
    x, y, wide, high = mark.box
    return x - mark.region[0], y - mark.region[1], wide, high


def promised(mark: Laid, sources: list[MarkFacts]) -> tuple[AnyTemplate, MarkFacts]:
    """A mark's template in the plane that it is promised in, and what its take shows there."""
    both = list(zip(VIEWS[mark.logo], sources, strict=True))
    there = [pair for pair in both if pair[1].found] or both
    luma, chroma = there[0], there[-1]
    codes = (
        [
            foretold(mark, view) * contrast(mark.expected[view.plane], view, inside(mark))
            for view, _ in (luma, chroma)
        ]
        if luma is not chroma
        else [1.0, 1.0]
    )
    return chroma if codes[1] > 2 * codes[0] else luma


def foretold(mark: Laid, view: AnyTemplate) -> float:
    return presence(mark.expected[view.plane], view, inside(mark)).strength


def judged(mark: Laid, sources: list[MarkFacts], shown: Planes, export: Export) -> Row:
    """One mark through the product's own functions."""
    template, source = promised(mark, sources)
    start = time.process_time()
    seen = looked_at(mark, template, source, shown)
    cpu = time.process_time() - start
    (word, why), (bare, _) = judge(seen), judge(replace(seen, fidelity=None))
    return Row(
        export.take,
        export.change,
        mark.logo,
        mark.opacity,
        mark.done,
        source,
        seen.source.strength,
        seen.export,
        seen.fidelity,
        str(word),
        str(bare),
        why,
        cpu,
    )


def looked_at(mark: Laid, template: AnyTemplate, source: MarkFacts, shown: Planes) -> Seen:
    own, luma = mark.expected[template.plane], mark.expected[Plane.LUMA]
    planes = shown[template.plane]
    found = presence(planes, template, mark.box)
    fidelity = None
    if len(planes) == len(own):
        both = luma, cut(shown[Plane.LUMA], mark.region)
        coloured = None if template.plane is Plane.LUMA else (own, cut(planes, mark.region))
        fidelity = compare(*both, inside(mark), template, coloured)
    return Seen(
        source=replace(source, strength=foretold(mark, template)),
        export=found,
        visible=1.0,
        frames=len(planes),
        alone=told_alone(planes, template, mark.box) if found.found else None,
        turned="" if found.found else turned(planes, template, mark.box),
        fidelity=fidelity,
    )


def rows(options: argparse.Namespace, kind: str) -> list[Row]:
    """Every mark of every export of a kind."""
    out: list[Row] = []
    sources: dict[tuple[Path, str], list[MarkFacts]] = {}
    for export in exports(options, kind):
        wanted = {view.plane for mark in export.marks for view in VIEWS[mark.logo]}
        planes = {plane: marking.planes(export.path, plane) for plane in wanted}
        for mark in export.marks:
            key = export.source, mark.logo
            if key not in sources:
                sources[key] = [
                    presence(marking.planes(export.source, one.plane), one, mark.source_box)
                    for one in VIEWS[mark.logo]
                ]
            out.append(judged(mark, sources[key], planes, export))
    return out


def between_bars(planes: list[NDArray[np.uint8]]) -> tuple[int, int]:
    """The first row below a bar above, and the row at which a bar below begins."""
    lit = np.flatnonzero(np.max([plane.max(axis=1) for plane in planes], axis=0) > _BAR)
    return (int(lit[0]) + 2, int(lit[-1]) - 1) if len(lit) < len(planes[0]) else (0, 1 << 16)


def nothing_there(options: argparse.Namespace) -> tuple[dict[str, list[int]], list[int]]:
    """Unmarked exports: hits and places off the mark by take, hits and tests at its place.

    Places that touch the mark's own and the black bars of a letterbox, whose edges run right
    through the picture, do not take part; all others do.
    """
    off: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    at = [0, 0]
    for export in exports(options, "unmarked"):
        shown = {plane: marking.planes(export.path, plane) for plane in Plane}
        for number, mark in enumerate(export.marks):
            for seen in VIEWS.values():
                at[0] += any(presence(shown[v.plane], v, mark.box).found for v in seen)
                at[1] += 1
            if number < 2:
                top, bottom = between_bars(shown[Plane.LUMA])
                box = mark.box[0], mark.box[1] - top, mark.box[2], mark.box[3]
                hits, places = others(shown, VIEWS[mark.logo], (top, bottom), box)
                off[export.take][0] += hits
                off[export.take][1] += places
    return off, at


def others(
    shown: Planes, views: tuple[AnyTemplate, ...], rows: tuple[int, int], box: Placed
) -> tuple[int, int]:
    """Places off the mark in some rows that pass for it in any plane, and all places."""
    passed = []
    for view in views:
        inner = [np.ascontiguousarray(p[slice(*rows)]) for p in shown[view.plane]]
        passed.append([found(score, z) for score, z in elsewhere(inner, view, box).tolist()])
    return sum(map(any, zip(*passed, strict=True))), len(passed[0])


def carried(found_rows: list[Row]) -> list[Row]:
    """Rows of marks that their takes show, and that the edit itself leaves on screen."""
    seen = [row for row in found_rows if row.source.found]
    left = [row for row in seen if row.foretold >= LOST_BELOW * row.source.strength]
    print(f"{len(found_rows)} exports of marks, {len(seen)} found in their takes; the edit's own")
    print(f"colours leave less than a quarter of {len(seen) - len(left)}, told before rendering")
    return left


def told(text: str, part: float, bar: str) -> None:
    figure = f"{part:8.4f}" if part == 0 or part >= 0.01 else f"{part:8.1e}"
    print(f"{text:64} {figure}   bar {bar}", flush=True)


def report_unmarked(options: argparse.Namespace) -> None:
    off, at = nothing_there(options)
    hits, places = (sum(one[i] for one in off.values()) for i in (0, 1))
    told(f"false positives off position, {places} places", hits / places, "0.0001")
    worst = max(off, key=lambda take: off[take][0] / off[take][1])
    told(f"  worst take: {worst}", off[worst][0] / off[worst][1], "0.0003")
    told(f"unmarked exports at the mark's place, {at[1]} tests", at[0] / at[1], "0.0001")


def report_benign(found_rows: list[Row]) -> None:
    seen = carried(found_rows)
    names = {(row.take, row.logo, row.opacity, row.source.found) for row in found_rows}
    for opacity in (0.12, 0.25, 0.5):
        of = [name for name in names if name[2] == opacity]
        shown = sum(name[3] for name in of)
        print(f"{opacity:.0%}: {shown} of {len(of)} marks are found in their takes")
    present = ("intact", "degraded")
    for opacity, bar in ((0.12, "0.95 (to crf 28)"), (0.25, "0.99"), (0.5, "-")):
        some = [r for r in seen if r.opacity == opacity]
        some = [r for r in some if opacity != 0.12 or r.change != "crf 35"]
        told(
            f"{opacity:.0%} found blind, {len(some)} exports",
            _part(r.export.found for r in some),
            bar,
        )
        there = _part(r.export.found or r.delivered in present for r in some)
        told(f"{opacity:.0%} found, or followed from its take", there, bar)
    strong = [row for row in seen if row.opacity >= 0.25]
    for name, get in (("delivered", lambda r: r.delivered), ("file alone", lambda r: r.bare)):
        words = [get(row) for row in strong]
        told(f"{name}: intact, {len(strong)} exports", _part(w == "intact" for w in words), "0.98")
        told(f"{name}: intact or degraded", _part(w in present for w in words), "0.995")
    for change in marking.BENIGN:
        some = [r for r in strong if r.change == change]
        weak = [r for r in seen if r.change == change and r.opacity < 0.25]
        print(
            f"  {change:20} 12%: {_part(r.export.found for r in weak):.2f}"
            f"  25-50%: {_part(r.export.found for r in some):.3f}"
            f"  intact {_part(r.delivered == 'intact' for r in some):.3f}"
            f"  or degraded {_part(r.delivered in present for r in some):.3f}"
        )


def report_destroyed(found_rows: list[Row]) -> None:
    print("destroyed:")
    seen = carried(found_rows)
    for name, get in (("delivered", lambda r: r.delivered), ("file alone", lambda r: r.bare)):
        intact = sum(get(row) == "intact" for row in seen)
        print(f"  {name}: called intact {intact}   bar 0")
    for done in marking.DESTROYED:
        counts: dict[str, int] = defaultdict(int)
        for row in seen:
            if row.done == done:
                counts[row.delivered] += 1
        print(f"  {done:14}", dict(counts))


def _part(values: Iterable[bool]) -> float:
    known = list(values)
    return sum(known) / len(known) if known else float("nan")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stills", type=Path)
    parser.add_argument("clips", type=Path)
    parser.add_argument("takes", type=Path)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--half", type=int, choices=(0, 1))
    parser.add_argument("--only", choices=("benign", "unmarked", "destroyed"))
    parser.add_argument("--cache", type=Path, default=Path(gettempdir()) / "marks_visible")
    parser.add_argument("--make", action="store_true", help="make the material, measure nothing")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    options.cache.mkdir(parents=True, exist_ok=True)
    if options.make:
        for kind in ("benign", "unmarked", "destroyed"):
            start = time.process_time()
            count = sum(len(e.marks) for e in exports(options, kind))
            print(kind, count, "marks", round(time.process_time() - start), "s", flush=True)
        return
    if options.only in (None, "unmarked"):
        report_unmarked(options)
    if options.only in (None, "benign"):
        benign = rows(options, "benign")
        report_benign(benign)
        told("CPU s a shot beyond decoding", sum(r.cpu for r in benign) / len(benign), "0.15")
    if options.only in (None, "destroyed"):
        report_destroyed(rows(options, "destroyed"))


if __name__ == "__main__":
    main()
