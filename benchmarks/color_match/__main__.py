"""How well session matches undo a known drift, on natural pictures, beside other tools.

    python benchmarks/color_match STILLS CLIPS [--judge] [--trials N] [--seed N]
        [--ours] [--named] [--blocks] [--only framing@3.5,clips]

Thresholds are set on stills 1 to 6; `--judge` takes 7 to 12 and other seeds. `footage` tells how
six stills make two sessions of six takes, `drifts` what is done to one of them. Other methods see
every second pixel each way: pooled ones all takes of a session at once, those per shot each take
and one of the reference, frame by frame where it moves. color-matcher's rows appear where the
interpreter that runs this has it installed. Figures are mean ΔE2000 to the undrifted pictures
with a 95 % interval over the trials, the 95th percentile over pixels, the share of takes left
more than 0.1 worse than they were, the local gain of the transform (99.9th percentile of its
lattice in the mean trial, and the most any trial has), and the jitter it adds to moving clips.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import footage
import judge
import numpy as np
import peers
from footage import Trial
from numpy.typing import NDArray

from finisher.color import bake
from finisher.color import match as matching
from finisher.color.fit import Colours, fit, graded
from finisher.color.match import Matched, match
from finisher.color.pictures import SAMPLE_FRAMES
from finisher.look import CDL

Floats = NDArray[np.float64]
Result = tuple[list[list[Floats]], tuple[float, float]]
ROWS = (
    *((scenario, 3.5) for scenario in footage.SCENARIOS),
    *((scenario, 0.0) for scenario in footage.SCENARIOS),
    *((scenario, 1.8) for scenario in footage.SCENARIOS),
    *((scenario, 7.0) for scenario in footage.SCENARIOS),
)
UNKNOWN = (float("nan"), float("nan"))


def carried(found: Matched) -> Callable[[Floats], Floats]:
    """What a session match does to any colours, as it is rendered."""

    def carry(rgb: Floats) -> Floats:
        out = graded(found.facts.cdl, rgb)
        if found.table is not None:
            out = out + bake.apply(found.table, rgb)
        return np.clip(out, 0, 1)

    return carry


def pixels(takes: list[list[Floats]]) -> Floats:
    """The pixels of every take's first, middle and last frame."""
    chosen = [
        frames[k].reshape(-1, 3)
        for frames in takes
        for k in sorted({0, len(frames) // 2, len(frames) - 1})
    ]
    return np.concatenate(chosen)


def by_map(carry: Callable[[Floats], Floats], takes: list[list[Floats]]) -> Result:
    """All frames through one map."""
    return [[carry(frame) for frame in frames] for frames in takes], judge.gain(carry)


def ours(trial: Trial, *, named: bool) -> tuple[Matched, float]:
    """finisher's own, from as many samples of a take as it would have, and its CPU seconds."""
    sampled = [
        [
            replace(take, scene=take.scene if named else None, frames=_spread(take.frames))
            for take in takes
        ]
        for takes in (trial.ours, trial.theirs)
    ]
    started = time.process_time()
    return match("a", "b", *sampled), time.process_time() - started


def _spread(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """As many frames as are sampled of a take, spread over it."""
    count = min(SAMPLE_FRAMES, len(frames))
    return frames[[(2 * k + 1) * len(frames) // (2 * count) for k in range(count)]]


def best(truth: list[list[Floats]], mine: list[list[Floats]]) -> tuple[str, Result]:
    """The CDL fitted on true pairs of pixels: the best any CDL does."""
    a, b = pixels(mine)[::4], pixels(truth)[::4]
    cdl = fit(Colours(a, b, np.ones(len(a))), 1e4, CDL(), 0.05)
    return "best CDL", by_map(lambda rgb: graded(cdl, rgb), mine)


def others(mine: list[list[Floats]], yours: list[list[Floats]]) -> Iterator[tuple[str, Result]]:
    """Every other method, pooled and per shot; per frame where takes move."""
    for name, method in peers.METHODS.items():
        yield f"{name}, pooled", by_map(method(pixels(mine), pixels(yours)), mine)
        if name != "nothing":
            shots = [
                [method(pixels([[frame]]), pixels([other]))(frame) for frame in frames]
                for frames, other in zip(mine, yours, strict=True)
            ]
            yield f"{name}, per shot", (shots, UNKNOWN)
    for name in peers.ELSEWHERE if peers.ColorMatcher is not None else ():
        flat = [frame for frames in mine for frame in frames]
        moved = peers.elsewhere(
            name, np.concatenate([f.reshape(-1, 3) for f in flat]), pixels(yours)
        )
        yield f"color-matcher {name}, pooled", (_shaped(moved, mine), UNKNOWN)
        shots = [
            [
                peers.elsewhere(name, frame.reshape(-1, 3), pixels([other])).reshape(frame.shape)
                for frame in frames
            ]
            for frames, other in zip(mine, yours, strict=True)
        ]
        yield f"color-matcher {name}, per shot", (shots, UNKNOWN)


def _shaped(colours: Floats, like: list[list[Floats]]) -> list[list[Floats]]:
    """A long list of colours as frames again."""
    result, start = [], 0
    for frames in like:
        result.append([])
        for frame in frames:
            count = frame.size // 3
            result[-1].append(colours[start : start + count].reshape(frame.shape))
            start += count
    return result


def judged(trials: Iterator[Trial], *, alone: bool, named: bool) -> dict[str, list[list[float]]]:
    """Figures of every method by trial."""
    table: dict[str, list[list[float]]] = defaultdict(list)
    for trial in trials:
        mine = [list(take.frames[:, ::2, ::2] / 255.0) for take in trial.ours]
        yours = [list(take.frames[:, ::2, ::2] / 255.0) for take in trial.theirs]
        truth = [[frame[::2, ::2] for frame in frames] for frames in trial.truth]
        none = judge.judged(mine, truth)
        found, took = ours(trial, named=named)
        rows = [("finisher", by_map(carried(found), mine))]
        rows.append(best(truth, mine))
        rows.extend([("nothing, pooled", by_map(lambda rgb: rgb, mine))] if alone else [])
        rows.extend([] if alone else others(mine, yours))
        for name, (result, gain) in rows:
            told = judge.judged(result, truth)
            worse = float((told.shots > none.shots + judge.WORSE).mean())
            added = told.jitter - none.jitter
            table[name].append([told.mean, told.p95, worse, *gain, added, none.mean, took])
    return table


def show(title: str, table: dict[str, list[list[float]]]) -> None:
    """One Markdown table, best first."""
    print(f"\n### {title}\n\n| method | mean ΔE | p95 | worse | gain | jitter added | s |")
    print("|---|---|---|---|---|---|---|")
    for name, rows in sorted(table.items(), key=lambda item: np.mean(item[1], axis=0)[0]):
        figures = np.array(rows)
        m = figures.mean(axis=0)
        spread = 1.96 * figures[:, 0].std(ddof=1) / np.sqrt(len(figures)) if len(rows) > 1 else 0
        gain = "" if np.isnan(m[3]) else f"{m[3]:.2f} / {figures[:, 4].max():.2f}"
        seconds = f"{m[7]:.1f}" if name == "finisher" else ""
        print(
            f"| {name} | {m[0]:.2f} ± {spread:.2f} | {m[1]:.2f} | {100 * m[2]:.0f} % | {gain} "
            f"| {m[5]:+.2f} | {seconds} |",
            flush=True,
        )


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stills", type=Path)
    parser.add_argument("clips", type=Path)
    parser.add_argument("--judge", action="store_true", help="stills 7 to 12, other seeds")
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--ours", action="store_true", help="leave other tools out")
    parser.add_argument("--named", action="store_true", help="takes carry their scenes' names")
    parser.add_argument("--blocks", action="store_true", help="recognise no common place")
    parser.add_argument("--only", default="", help="rows like framing@3.5, by commas")
    choice = parser.parse_args()
    if peers.ColorMatcher is None and not choice.ours:
        print("color-matcher is not installed here: its rows are left out")
    if choice.blocks:
        matching.same_places = lambda pairs: []  # noqa: ARG005
    first, last = (7, 12) if choice.judge else (1, 6)
    seed = choice.seed + 1000 * choice.judge
    pictures = footage.stills(choice.stills, first, last)
    for number, (scenario, level) in enumerate(ROWS):
        if choice.only and f"{scenario}@{level:g}" not in choice.only.split(","):
            continue
        trials = (
            footage.still_trial(pictures, scenario, level, np.random.default_rng([seed, number, t]))
            for t in range(choice.trials)
        )
        show(
            f"{scenario}, drift of {level:g}", judged(trials, alone=choice.ours, named=choice.named)
        )
    if not choice.only or "clips" in choice.only:
        clips = [footage.clip(path, 24) for path in sorted(choice.clips.glob("*.mp4"))]
        moving = (
            footage.clip_trial(clips, 3.5, np.random.default_rng([seed, 99, t]))
            for t in range(max(1, choice.trials // 5))
        )
        show("moving clips, drift of 3.5", judged(moving, alone=choice.ours, named=choice.named))


if __name__ == "__main__":
    main()
