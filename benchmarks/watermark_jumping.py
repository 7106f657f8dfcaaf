"""Marks that jump: are their places in a take found, each to the picture?

Drawn logos jump over natural stills under a moving camera and natural clips, 6 to 96 pictures at a
place, encoded; a stretch counts as found when a place within four pixels begins and ends within one
picture of it. Unmarked takes must give no place. `python benchmarks/watermark_jumping.py`
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
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


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--count", type=int, default=120, help="pictures of a take")
    words.add_argument("--every", type=int, default=1, help="use every n-th scene")
    asked = words.parse_args()
    cv2.setNumThreads(1)
    names = list(marking.LOGOS)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "take.mp4"
        for opacity in (0.25, 0.5, 0.0, 0.12):
            found = stretches = good = pictures = strangers = takes = 0
            took = 0.0
            for number, (scene, frames) in enumerate(scenes(asked.count, asked.every)):
                takes += 1
                dice = np.random.default_rng([number, round(opacity * 100)])
                name = names[number % len(names)]
                marked, truth = jumping(frames, name, opacity, dice) if opacity else (frames, [])
                marking.encode(path, marked, CODERS[number % len(CODERS)])
                lumas = marking.lumas(path)
                wide, high = marking.corner(name, SIZE, 0)[2:]
                scan = Scan(read_template(marking.template(name)), (round(wide), round(high)))
                begun = time.process_time()
                for luma in lumas:
                    scan.add(luma)
                places = scan.places()
                took += time.process_time() - begun
                hits = sum(hit(one, places) for one in truth)
                found, stretches = found + hits, stretches + len(truth)
                pictures += len(lumas)
                good += right(truth, places, len(lumas)) if truth else 0
                strangers += bool(places) and not truth
                print(f"  {opacity} {scene}, {name}: {hits} of {len(truth)}", flush=True)
            cost = 1000 * took / pictures
            if opacity:
                print(
                    f"{opacity}: {found} of {stretches} stretches to the picture, right place in "
                    f"{good / pictures:.3f} of pictures; {cost:.0f} ms a picture",
                    flush=True,
                )
            else:
                print(f"unmarked: places in {strangers} of {takes} takes", flush=True)


if __name__ == "__main__":
    main()
