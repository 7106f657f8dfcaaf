"""How long an edit of ten thousand events takes to plan: from its JSON text to the plan."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.planning import facts, index, preset, taken

from finisher.edl.read import read
from finisher.plan.assemble import plan


def document(events: int, frames: int) -> dict[str, object]:
    """An edit of so many events of a second each take, every fifth with a dissolve."""
    return {
        "schema": "finisher/edl@1",
        "rate": "24",
        "canvas": {"width": 1920, "height": 1080},
        "takes": {f"t{n}": {"file": f"t{n}.mp4"} for n in range(10)},
        "events": [
            {"take": f"t{n % 10}", "in": 8 + n % 40, "duration": frames}
            | ({"transition": {"kind": "dissolve", "frames": 8}} if n % 5 == 4 else {})
            for n in range(events)
        ],
    }


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--events", type=int, default=10_000)
    words.add_argument("--frames", type=int, default=24, help="frames of each event")
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "edl.json"
        path.write_text(json.dumps(document(asked.events, asked.frames), indent=1))
        for n in range(10):
            (Path(folder) / f"t{n}.mp4").write_bytes(b"x")
        start = time.perf_counter()
        timeline = read(path, ())
        done = time.perf_counter()
        measured = facts(*((f"t{n}", taken(f"t{n}", index(120))) for n in range(10)))
        decided = plan(timeline, preset(), measured)
        end = time.perf_counter()
    print(
        f"{asked.events} events, {decided.frames} frames, {len(decided.units)} units: "
        f"read in {done - start:.2f} s, planned in {end - done:.2f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
