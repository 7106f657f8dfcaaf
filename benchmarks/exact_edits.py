"""Random edits of numbered takes, every delivered frame checked.

Takes with closed and open GOPs, a single key frame, 30 frames a second and a variable rate are
cut, retimed, reversed, looped, extended and dissolved at random; the delivered file is decoded by
the ffmpeg process and every frame's number and mixing weight compared with the edit's laws.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.exactness import takes, wrong_frames


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--edits", type=int, default=100)
    words.add_argument("--seed", type=int, default=1000)
    asked = words.parse_args()
    frames = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        paths = takes(Path(folder))
        for seed in range(asked.seed, asked.seed + asked.edits):
            with tempfile.TemporaryDirectory(dir=folder) as place:
                count, wrong = wrong_frames(seed, paths, Path(place))
            frames += count
            if wrong:
                failed += 1
                print(f"seed {seed}: {len(wrong)} of {count} frames are wrong, first {wrong[:5]}")
    print(f"{asked.edits - failed} of {asked.edits} edits exact, {frames} frames compared")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
