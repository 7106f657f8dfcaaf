"""Marks learnt from takes: is the box found, and are takes that share a background refused?

Drawn logos, and some of them in colours as bright as the scenes, are burnt into natural stills
under a moving camera and natural clips, encoded, and learnt from 4 to 8 unrelated takes: found
means that the intersection of both boxes is more than half of their union, and that the takes agree
as far as a mark must. Then takes that share something else are handed in: one scene under another
camera, a locked camera under other grades, a later part of the same clip, bars, the same file.
`python benchmarks/watermark_learn.py`
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import marking

from finisher.geometry import Raster
from finisher.pipeline.learning import Looked, _unrelated
from finisher.problems import MediaError
from finisher.sighting import Plane
from finisher.watermark import kinship, learn
from finisher.watermark.clearest import agreed, asked

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = Path(os.environ.get("FINISHER_FIXTURES", ROOT.parent / "shared" / "fixtures"))
SIZE = (960, 540)
PICTURES = 14
CLIPS = ("bigbuckbunny", "cockatoo", "bikes")
Picture = NDArray[np.uint8]
COLOURED = {
    "red badge": ("badge", (220, 30, 40)),
    "blue text": ("hairline", (40, 80, 235)),
    "green star": ("white star", (20, 150, 60)),
    "violet diamond": ("diamond", (150, 60, 220)),
    "orange text": ("dark text", (240, 120, 20)),
    "red text": ("red glyphs", (235, 20, 30)),
    "blue glyphs": ("red glyphs", (30, 60, 230)),
}
"""Logos in one colour: the shape's name, and red, green and blue."""


@dataclass(frozen=True)
class Camera:
    """Where a moving camera begins and ends over a still, in parts of its free way."""

    start: tuple[float, float]
    end: tuple[float, float]
    zoom: tuple[float, float]


def tinted(name: str, colour: tuple[int, int, int]) -> Picture:
    """A logo in one colour."""
    image = marking.logo(name).copy()
    image[..., :3] = colour
    return image


def camera(dice: np.random.Generator) -> Camera:
    start, way = dice.uniform(0, 1, 2), dice.uniform(-0.5, 0.5, 2)
    zoom = dice.uniform(1.05, 1.5, 2)
    return Camera(tuple(start), tuple(np.clip(start + way, 0, 1)), tuple(zoom))


def walked(still: Picture, path: Camera) -> list[Picture]:
    rows, columns = still.shape[:2]
    base = max(SIZE[0] / columns, SIZE[1] / rows)
    out = []
    for t in np.linspace(0, 1, PICTURES):
        scale = base * (path.zoom[0] * (1 - t) + path.zoom[1] * t)
        part = np.array(path.start) * (1 - t) + np.array(path.end) * t
        x, y = np.array([columns * scale - SIZE[0], rows * scale - SIZE[1]]) * part
        at = np.array([[scale, 0, -x], [0, scale, -y]])
        out.append(cv2.warpAffine(still, at, SIZE, flags=cv2.INTER_CUBIC))
    return out


def stills() -> list[Picture]:
    paths = sorted((FIXTURES / "stills").glob("*.png"))
    return [cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in paths]


def clip(name: str, start: int) -> list[Picture]:
    return marking.decoded(FIXTURES / "clips" / f"{name}.mp4", start, 42, SIZE)[::3]


def takes(
    dice: np.random.Generator, count: int, pictures: list[Picture]
) -> Iterator[list[Picture]]:
    """Takes that have nothing in common."""
    for which in dice.permutation(len(pictures) + len(CLIPS))[:count]:
        if which < len(pictures):
            yield walked(pictures[which], camera(dice))
        else:
            yield clip(CLIPS[which - len(pictures)], int(dice.integers(0, 60)))


def looked(frames: list[Picture], folder: Path, name: str, scenes: int = 4) -> Looked:
    """What a take tells once it was encoded; without scenes where none are shared, for time."""
    path = folder / "take.mp4"
    marking.encode(path, frames, marking.h264(21))
    seen = {plane: marking.planes(path, plane) for plane in Plane}
    fields = {plane: learn.averaged(codes) for plane, codes in seen.items()}
    first = {plane: codes[0] for plane, codes in seen.items()}
    grays = [cv2.cvtColor(frames[i], cv2.COLOR_RGB2GRAY) for i in (0, 4, 9, -1)[:scenes]]
    scenes = tuple(kinship.scene(gray) for gray in grays)
    bars = kinship.bars(seen[Plane.LUMA])
    return Looked(Path(name), name, Raster(*SIZE), fields, scenes, bars, first, frames[0])


def overlap(area: learn.Area, box: marking.Placed) -> float:
    left, top = max(area.x, box[0]), max(area.y, box[1])
    right = min(area.x + area.width, box[0] + box[2])
    bottom = min(area.y + area.height, box[1] + box[3])
    both = max(0.0, right - left) * max(0.0, bottom - top)
    return both / (area.width * area.height + box[2] * box[3] - both)


def drawn_box(name: str, box: marking.Placed) -> marking.Placed:
    """Where something of a logo is to be seen."""
    _, alpha = marking.drawn(name, box, SIZE)
    ys, xs = np.nonzero(alpha[..., 0] > 0.05)
    return (xs.min(), ys.min(), xs.max() + 1 - xs.min(), ys.max() + 1 - ys.min())


def judged(these: list[Looked]) -> tuple[list[learn.Area], bool]:
    """Areas that pass for a mark, and whether the takes are refused as alike."""
    limit = learn.enough(max(len(these), learn.FEWEST_TAKES), PICTURES)
    areas = agreed([one.fields for one in these], limit)
    try:
        _unrelated(these, areas)
    except MediaError:
        return list(areas), True
    return list(areas), False


@dataclass(frozen=True)
class Judged:
    """What was made of a few takes: the best area, how far it is the mark's, and whose it is."""

    best: learn.Area
    overlap: float
    alike: bool
    name: str

    @property
    def boxed(self) -> bool:
        return self.overlap > 0.5


def learning(draws: int, many: int, opacities: list[float], names: list[str], folder: Path) -> None:
    """Learn each logo in turn, in each corner, from takes in nothing alike."""
    pictures = stills()
    for opacity in opacities:
        tally: dict[int, list[Judged]] = {}
        for draw in range(draws):
            dice = np.random.default_rng([draw, 7])
            name = names[draw % len(names)]
            box = marking.corner(name, SIZE, draw // len(names) % 4)
            wanted = 8 if draw < many else 4
            these = []
            for number, frames in enumerate(takes(dice, wanted, pictures)):
                marked = marking.burnt(frames, name, box, opacity) if opacity else frames
                these.append(looked(marked, folder, f"{number}", 0))
            truth = drawn_box(name, box)
            for count in (4, 6, 8)[: 1 if wanted == 4 else 3]:
                areas, alike = judged(these[:count])
                best = areas[0] if areas else learn.Area(0, 0, 1, 1, 0.0, ())
                tally.setdefault(count, []).append(Judged(best, overlap(best, truth), alike, name))
        for count, rows in tally.items():
            print(f"{opacity:4} K={count} {tallied(count, rows)}", flush=True)


def tallied(count: int, rows: list[Judged]) -> str:
    """How often the box was found, a mark learnt, and a wrong one learnt."""
    limit = learn.enough(count, PICTURES)
    passed = [
        row for row in rows if row.best.coherence >= asked(row.best.plane, limit) and not row.alike
    ]
    told = [row for row in passed if row.boxed]
    in_planes = Counter(row.best.plane.value for row in told)
    low, middle, high = np.quantile([row.best.coherence for row in rows], [0.05, 0.5, 1])
    missed = Counter(row.name for row in rows) - Counter(row.name for row in told)
    return (
        f"n={len(rows)}: box {sum(row.boxed for row in rows)}, learnt {len(told)} "
        f"({', '.join(f'{plane} {n}' for plane, n in sorted(in_planes.items()))}), "
        f"wrong place {len(passed) - len(told)}, alike {sum(row.alike for row in rows)}, "
        f"coherence q05 {low:.2f} median {middle:.2f} max {high:.2f}"
        f", missed {', '.join(sorted(missed)) or 'none'}"
    )


def barred(frames: list[Picture], high: int) -> list[Picture]:
    out = [frame.copy() for frame in frames]
    for frame in out:
        frame[:high] = frame[-high:] = 0
    return out


def shared(kind: str, draw: int, pictures: list[Picture]) -> list[list[Picture]]:
    """Two takes that share something that is no mark."""
    dice = np.random.default_rng([draw, 11])
    two = list(takes(dice, 2, pictures))
    still = pictures[int(dice.integers(len(pictures)))]
    if kind == "one scene, another camera":
        two = [walked(still, camera(dice)), walked(still, camera(dice))]
    elif kind == "locked camera, another grade":
        locked = marking.walked(still, SIZE, PICTURES, "locked")
        grade = (marking.flat, marking.teal_orange, marking.curved)[draw % 3]
        two = [locked, marking.graded(locked, grade)]
    elif kind == "later in the clip":
        name = CLIPS[draw % 3]
        two = [clip(name, 0), clip(name, 30)]
    elif kind == "bars":
        two = [barred(frames, 40 + 4 * (draw % 9)) for frames in two]
    else:
        two[1] = two[0]
    return two


def backgrounds(draws: int, folder: Path) -> None:
    pictures = stills()
    kinds = ("one scene, another camera", "locked camera, another grade", "later in the clip")
    for kind in (*kinds, "bars", "the same file"):
        refused = 0
        for draw in range(draws):
            these = []
            for number, frames in enumerate(shared(kind, draw, pictures)):
                same = kind == "the same file" and number == 1
                box = marking.corner("white star", SIZE, 0)
                marked = marking.burnt(frames, "white star", box, 0.25)
                these.append(looked(marked, folder, "0" if same else f"{number}"))
            refused += judged(these)[1]
        print(f"{kind}: refused {refused} of {draws}", flush=True)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--draws", type=int, default=42)
    words.add_argument("--many", type=int, default=14, help="draws of up to 8 takes")
    words.add_argument("--shared", type=int, default=10, help="draws of each kind; 0 for none")
    words.add_argument("--opacity", type=float, nargs="+", default=[0.25, 0.12, 0.5, 0.0])
    words.add_argument("--coloured", action="store_true", help="logos as bright as the scenes")
    asked = words.parse_args()
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as name:
        if asked.shared:
            backgrounds(asked.shared, Path(name))
        if asked.draws:
            for logo, (shape, colour) in COLOURED.items():
                marking.LOGOS[logo] = partial(tinted, shape, colour)
            plain = [logo for logo in marking.LOGOS if logo not in COLOURED]
            names = list(COLOURED) if asked.coloured else plain
            learning(asked.draws, asked.many, asked.opacity, names, Path(name))


if __name__ == "__main__":
    main()
