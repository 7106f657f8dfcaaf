"""Where marks are in the finished file, against where the plan says they are.

Takes whose marks stand still or jump, of 24, 30 and 12 pictures a second, are cut, retimed,
ramped, looped, extended, dissolved, panned, fitted and delivered at other rates and shapes at
random. Every frame of the finished file is decoded by the ffmpeg process: each mark must have its
edges where they are foretold, and nothing may stand where none is foretold.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.placement import judged, random_plan, render, takes


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--plans", type=int, default=200)
    words.add_argument("--seed", type=int, default=1000)
    asked = words.parse_args()
    frames = places = failed = 0
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        made = takes(Path(folder))
        for seed in range(asked.seed, asked.seed + asked.plans):
            decided = random_plan(seed, made)
            with tempfile.TemporaryDirectory(dir=folder) as place:
                tally = judged(decided, render(decided, made, Path(place)))
            frames, places = frames + tally.frames, places + tally.places
            worst = max(worst, tally.worst)
            failed += bool(tally.wrong)
            if tally.wrong:
                print(f"seed {seed}: {len(tally.wrong)} wrong, first: {tally.wrong[0]}")
    print(
        f"{asked.plans - failed} of {asked.plans} plans exact; {frames} frames, {places} places "
        f"measured, the worst {worst:.2f} pixels off"
    )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
