"""How well the session match undoes a known drift, on natural stills: seeded, prints a table.

    python benchmarks/session_match.py STILLS [--trials N] [--scale S] [--seed N]
        [--labelled] [--blocks-only] [--only crops,diff] [--families cdl,film]

Scenarios: `same` (equal pictures), `crops` (one scene, other framing, half of them mirrored),
`beside` (left and right parts of one picture: one place, nothing in common), `half` (half of the
scenes shared), `diff` (no scene shared). Two families of drift: a CDL, and one that no CDL can
undo (exposure, temperature, tint, S-curve, coloured lift, gamma, saturation, twisted hue, noise).
Figures are mean ΔE2000 between corrected and undrifted pictures, and the share of takes that a
method leaves more than 0.1 worse than it found them.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.color import match as matching
from finisher.color.fit import Colours, fit, graded
from finisher.color.match import match
from finisher.color.pictures import Pictures, letterbox
from finisher.color.science import cielab, delta_e, encoded, linear, oklab
from finisher.look import CDL

Floats = NDArray[np.float64]
SCENARIOS = ("same", "crops", "beside", "half", "diff")
WIDTH = 256


def stills(folder: Path) -> list[Floats]:
    """Every picture of a folder, upright ones cut to their middle, 384 pixels wide."""
    pictures = []
    for path in sorted(folder.glob("*.png")):
        image = cv2.imread(str(path))[..., ::-1]
        height, width = image.shape[:2]
        if height > width:
            image = image[(height - width * 2 // 3) // 2 :][: width * 2 // 3]
        pictures.append(cv2.resize(image, (384, 256), interpolation=cv2.INTER_AREA) / 255.0)
    return pictures


def cdl_drift(rng: np.random.Generator, scale: float) -> Callable[[Floats], Floats]:
    """A random CDL."""
    cdl = CDL(
        tuple(np.exp(rng.normal(0, 0.06 * scale, 3))),
        tuple(rng.normal(0, 0.015 * scale, 3)),
        tuple(np.exp(rng.normal(0, 0.08 * scale, 3))),
        float(np.exp(rng.normal(0, 0.10 * scale))),
    )
    return lambda rgb: np.clip(graded(cdl, rgb), 0, 1)


def _from_oklab(lab: Floats) -> Floats:
    """Oklab back to display-encoded RGB, unclipped."""
    cones = np.array(
        [
            [1.0, 0.3963377774, 0.2158037573],
            [1.0, -0.1055613458, -0.0638541728],
            [1.0, -0.0894841775, -1.2914855480],
        ]
    )
    back = np.array(
        [
            [4.0767416621, -3.3077115913, 0.2309699292],
            [-1.2684380046, 2.6097574011, -0.3413193965],
            [-0.0041960863, -0.7034186147, 1.7076147010],
        ]
    )
    return encoded((lab @ cones.T) ** 3 @ back.T)


def film_drift(rng: np.random.Generator, scale: float) -> Callable[[Floats], Floats]:
    """A drift no CDL can undo."""
    exposure = 2 ** rng.normal(0, 0.15 * scale)
    warm, tint = rng.normal(0, 0.06 * scale), rng.normal(0, 0.025 * scale)
    curve, gamma = rng.normal(0, 0.12 * scale), np.exp(rng.normal(0, 0.07 * scale))
    lift = rng.normal(0, 0.012 * scale, 3)
    saturation = np.exp(rng.normal(0, 0.10 * scale))
    turn, twist, phase = rng.normal(0, 2 * scale), rng.normal(0, 2.5 * scale), rng.uniform(0, 6.28)

    def drift(rgb: Floats) -> Floats:
        gains = exposure * np.array([1 + warm, 1 - tint, 1 - warm])
        code = np.clip(encoded(np.clip(linear(rgb) * gains, 0, None)), 0, 1)
        code = code + curve * code * (1 - code) * (2 * code - 1) + lift * (1 - code)
        lab = oklab(np.clip(code, 0, 1) ** gamma)
        chroma, hue = np.hypot(lab[..., 1], lab[..., 2]), np.arctan2(lab[..., 2], lab[..., 1])
        hue = hue + np.radians(turn + twist * np.sin(hue + phase))
        chroma = chroma * saturation
        turned = np.stack([lab[..., 0], chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)
        return np.clip(_from_oklab(turned), 0, 1)

    return drift


FAMILIES = {"cdl": cdl_drift, "film": film_drift}


def crop(picture: Floats, rng: np.random.Generator, side: str) -> Floats:
    """A window of a picture as one session framed it."""
    height, width = picture.shape[:2]
    if side == "whole":
        window = picture
    elif side in ("left", "right"):
        x = 0 if side == "left" else width // 2
        window = picture[:, x : x + width // 2]
    else:
        share = rng.uniform(0.6, 0.85)
        h, w = int(height * share), int(width * share)
        y, x = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
        window = picture[y : y + h, x : x + w]
        if side == "mirrored" and rng.random() < 0.5:
            window = window[:, ::-1]
    high = max(8, round(WIDTH * window.shape[0] / window.shape[1]))
    return np.clip(cv2.resize(np.ascontiguousarray(window), (WIDTH, high)), 0, 1)


def take(frames: list[Floats], name: str, rng: np.random.Generator) -> Pictures:
    """Frames as a decoder would hand them over, with a little noise."""
    noisy = np.stack(frames) * 255 + rng.normal(0, 0.6, np.stack(frames).shape)
    codes = np.clip(np.round(noisy), 0, 255).astype(np.uint8)
    return Pictures(name, None, codes, letterbox(codes))


def session(
    pictures: list[Floats], scenario: str, family: str, scale: float, rng: np.random.Generator
) -> tuple[list[Pictures], list[Pictures], list[Floats]]:
    """Our takes (drifted), their takes, and our takes as they were before the drift."""
    order = rng.permutation(len(pictures))
    drift = FAMILIES[family](rng, scale)
    a = order[:6]
    b = {"half": [*order[:3], *order[6:9]], "diff": order[6:12]}.get(scenario, a)
    ways = {"same": ("whole", "whole"), "beside": ("left", "right")}
    way = ways.get(scenario, ("crop", "mirrored"))
    truth = [crop(pictures[k], rng, way[0]) for k in a]
    ours = [take([drift(picture)], f"a{k}", rng) for k, picture in zip(a, truth, strict=True)]
    theirs = [take([crop(pictures[k], rng, way[1])], f"b{k}", rng) for k in b]
    return ours, theirs, truth


def named(takes: list[Pictures]) -> list[Pictures]:
    """Takes whose names tell the scene they show."""
    return [replace(one, scene=one.take[1:]) for one in takes]


def error(cdl: CDL, ours: list[Pictures], truth: list[Floats]) -> Floats:
    """Mean ΔE2000 of each take after a correction."""
    return np.array(
        [
            delta_e(
                cielab(np.clip(graded(cdl, one.frames[0][::2, ::2] / 255.0), 0, 1)),
                cielab(was[::2, ::2]),
            ).mean()
            for one, was in zip(ours, truth, strict=True)
        ]
    )


def oracle(ours: list[Pictures], truth: list[Floats]) -> CDL:
    """The CDL fitted on true pixel pairs: the best any CDL can do."""
    mine = np.concatenate([one.frames[0][::8, ::8].reshape(-1, 3) / 255.0 for one in ours])
    was = np.concatenate([picture[::8, ::8].reshape(-1, 3) for picture in truth])
    return fit(Colours(mine, was, np.ones(len(mine))), 1e4, CDL(), 0.05)


def main() -> None:
    """Print one row per drift family and scenario."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stills", type=Path)
    parser.add_argument("--trials", type=int, default=8)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default=",".join(SCENARIOS))
    parser.add_argument("--families", default="cdl,film")
    parser.add_argument("--labelled", action="store_true", help="takes carry their scene's name")
    parser.add_argument("--blocks-only", action="store_true", help="recognise no common place")
    choice = parser.parse_args()
    pictures = stills(choice.stills)
    if choice.blocks_only:
        matching.same_places = lambda pairs: []  # noqa: ARG005
    print(
        f"{'drift':6}{'scenario':10}{'none':>7}{'match':>7}{'oracle':>8}{'worst':>8}"
        f"{'worse':>7}{'conf':>6}{'pairs':>7}{'before':>8}{'after':>7}{'s':>6}"
    )
    for family in choice.families.split(","):
        for scenario in choice.only.split(","):
            rows = []
            for trial in range(choice.trials):
                rng = np.random.default_rng([choice.seed, trial, SCENARIOS.index(scenario)])
                ours, theirs, truth = session(pictures, scenario, family, choice.scale, rng)
                if choice.labelled:
                    ours, theirs = named(ours), named(theirs)
                started = time.perf_counter()
                facts = match("a", "b", ours, theirs)
                took = time.perf_counter() - started
                none, now = error(CDL(), ours, truth), error(facts.cdl, ours, truth)
                best = error(oracle(ours, truth), ours, truth)
                rows.append(
                    [
                        none.mean(),
                        now.mean(),
                        best.mean(),
                        now.mean() - none.mean(),
                        (now > none + 0.1).mean(),
                        facts.confidence,
                        facts.pairs,
                        facts.distance_before,
                        facts.distance_after,
                        took,
                    ]
                )
            table = np.array(rows)
            m = table.mean(axis=0)
            print(
                f"{family:6}{scenario:10}{m[0]:7.2f}{m[1]:7.2f}{m[2]:8.2f}"
                f"{table[:, 3].max():+8.2f}{100 * m[4]:6.0f}%{m[5]:6.2f}{m[6]:7.0f}"
                f"{m[7]:8.2f}{m[8]:7.2f}{m[9]:6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
