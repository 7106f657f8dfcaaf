"""Marks that jump: are their places in a take found, each to the picture?

Drawn logos jump over natural stills under a moving camera and natural clips, 6 to 96 pictures at a
place, encoded; a stretch counts as found when a place within four pixels begins and ends within one
picture of it. Where a mark is hardly lighter or darker than its scene there is nothing in luma to
find it by: those stretches are counted apart. Unmarked takes must give no place. With `--keep` the
takes are made once. `python benchmarks/watermark_jumping.py --keep FOLDER --logo "white star"`
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests import marking

from finisher.sighting import MarkPlace
from finisher.watermark.scan import Scan
from finisher.watermark.template import read_template

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = Path(os.environ.get("FINISHER_FIXTURES", ROOT.parent / "shared" / "fixtures"))
SIZE = (1280, 720)
CODERS = (marking.h264(23), marking.h264(28), marking.hevc(28), marking.av1(38))
CLIPS = ("bigbuckbunny", "cockatoo", "bikes")
UNSEEN = 4.0
"""Codes of luma below which a mark does not show in it: encoders spend no bits on less."""
Picture = NDArray[np.uint8]
Truth = tuple[int, int, int, int]


def scenes(count: int, every: int) -> Iterator[tuple[str, list[Picture]]]:
    """Every so-many-th of the stills and clips."""
    ways = ("pan", "zoom", "pan", "locked")
    stills = sorted((FIXTURES / "stills").glob("*.png"))
    for number in range(0, len(stills) + len(CLIPS), every):
        if number < len(stills):
            still = cv2.cvtColor(cv2.imread(str(stills[number])), cv2.COLOR_BGR2RGB)
            way = ways[number % 4]
            yield f"{stills[number].stem} {way}", marking.walked(still, SIZE, count, way)
        else:
            name = CLIPS[number - len(stills)]
            yield name, marking.decoded(FIXTURES / "clips" / f"{name}.mp4", 5, count, SIZE)


def jumping(
    frames: list[Picture], name: str, opacity: float, dice: np.random.Generator
) -> tuple[list[Picture], list[Truth]]:
    """A logo at one place after the other, and where it stood when."""
    wide, high = marking.corner(name, SIZE, 0)[2:]
    out: list[Picture] = []
    truth: list[Truth] = []
    while len(out) < len(frames):
        start = len(out)
        length = int(np.exp(dice.uniform(np.log(6), np.log(97))))
        end = start + length if start + length + 6 <= len(frames) else len(frames)
        while True:
            x = int(dice.integers(8, int(SIZE[0] - wide) - 8))
            y = int(dice.integers(8, int(SIZE[1] - high) - 8))
            if not truth or abs(x - truth[-1][2]) > wide or abs(y - truth[-1][3]) > high:
                break
        out += marking.burnt(frames[start:end], name, (x, y, wide, high), opacity)
        truth.append((start, end, x, y))
    return out, truth


def hit(stretch: Truth, places: tuple[MarkPlace, ...]) -> bool:
    start, end, x, y = stretch
    return any(
        abs(place.start - start) <= 1
        and abs(place.end - end) <= 1
        and abs(place.box.x - x) <= 4
        and abs(place.box.y - y) <= 4
        for place in places
    )


def right(truth: list[Truth], places: tuple[MarkPlace, ...], count: int) -> int:
    """Pictures for which the place that was found is where the mark is."""
    good = 0
    for at in range(count):
        _, _, x, y = next(one for one in truth if one[0] <= at < one[1])
        here = [place for place in places if place.start <= at < place.end]
        good += any(abs(p.box.x - x) <= 4 and abs(p.box.y - y) <= 4 for p in here)
    return good


def contrast(stretch: Truth, name: str, opacity: float, frames: list[Picture]) -> float:
    """Mean codes of luma by which a mark changes the pictures it stands on, where it is."""
    start, end, x, y = stretch
    wide, high = marking.corner(name, SIZE, 0)[2:]
    lit, alpha = marking.drawn(name, (x, y, wide, high), SIZE)
    there = alpha[..., 0] > alpha.max() / 2
    weights = np.array([0.2126, 0.7152, 0.0722]) * 219
    part = opacity * alpha[there][:, 0]
    added = opacity * (lit[there] @ weights) + 16 * part
    changes = [
        np.abs(added - part * marking.luma(frames[at])[there]).mean()
        for at in range(start, end, max(1, (end - start) // 4))
    ]
    return float(np.mean(changes))


@dataclass
class Tally:
    """What was counted at one opacity."""

    takes: int = 0
    pictures: int = 0
    seconds: float = 0.0
    seen: list[bool] = field(default_factory=list)
    """Of each stretch that shows in luma, whether it was found."""
    unseen: list[bool] = field(default_factory=list)
    right: int = 0
    wrong: int = 0
    strangers: int = 0

    def words(self, opacity: float) -> str:
        cost = f"{1000 * self.seconds / max(1, self.pictures):.0f} ms a picture"
        if not opacity:
            return f"unmarked: places in {self.strangers} of {self.takes} takes; {cost}"
        missed = self.pictures - self.right - self.wrong
        return (
            f"{opacity}: {sum(self.seen)} of {len(self.seen)} stretches to the picture (and "
            f"{sum(self.unseen)} of {len(self.unseen)} below {UNSEEN:g} codes); of "
            f"{self.pictures} pictures {self.right} right, {missed} missed, {self.wrong} wrong; "
            f"{cost}"
        )


def take(
    path: Path, frames: list[Picture], name: str, opacity: float, number: int
) -> tuple[list[Picture], list[Truth], list[float]]:
    """A take's luma planes, what stands where, and its contrast; made where it is not yet."""
    dice = np.random.default_rng([number, round(opacity * 100)])
    marked, truth = jumping(frames, name, opacity, dice) if opacity else (frames, [])
    if not path.exists():
        marking.encode(path, marked, CODERS[number % len(CODERS)])
    return marking.lumas(path), truth, [contrast(one, name, opacity, frames) for one in truth]


def measure(
    lumas: list[Picture], name: str, truth: list[Truth], contrasts: list[float], tally: Tally
) -> int:
    """Scan a take and count; how many stretches were found."""
    wide, high = marking.corner(name, SIZE, 0)[2:]
    scan = Scan(read_template(marking.template(name)), (round(wide), round(high)))
    begun = time.process_time()
    for luma in lumas:
        scan.add(luma)
    places = scan.places()
    tally.seconds += time.process_time() - begun
    tally.takes, tally.pictures = tally.takes + 1, tally.pictures + len(lumas)
    tally.strangers += bool(places) and not truth
    good = right(truth, places, len(lumas)) if truth else 0
    tally.right += good
    tally.wrong += sum(place.end - place.start for place in places) - good
    for one, codes in zip(truth, contrasts, strict=True):
        (tally.seen if codes >= UNSEEN else tally.unseen).append(hit(one, places))
    return sum(hit(one, places) for one in truth)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--count", type=int, default=96, help="pictures of a take")
    words.add_argument("--every", type=int, default=1, help="use every n-th scene")
    words.add_argument("--logo", choices=marking.LOGOS, help="this one only, not each in turn")
    words.add_argument("--opacity", type=float, nargs="*", default=[0.25, 0.5, 0.0, 0.12])
    words.add_argument("--keep", type=Path, help="a folder in which made takes stay")
    asked = words.parse_args()
    cv2.setNumThreads(1)
    names = [asked.logo] if asked.logo else list(marking.LOGOS)
    tallies = {opacity: Tally() for opacity in asked.opacity}
    with tempfile.TemporaryDirectory() as passing:
        folder = asked.keep or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        for number, (scene, frames) in enumerate(scenes(asked.count, asked.every)):
            name = names[number % len(names)]
            for opacity, tally in tallies.items():
                file = f"{scene} {name if opacity else ''} {opacity:g} {asked.count}.mp4"
                made = take(folder / file.replace(" ", "-"), frames, name, opacity, number)
                hits = measure(made[0], name, *made[1:], tally)
                print(f"  {opacity:g} {scene}, {name}: {hits} of {len(made[1])}", flush=True)
    for opacity, tally in tallies.items():
        print(tally.words(opacity))


if __name__ == "__main__":
    main()
