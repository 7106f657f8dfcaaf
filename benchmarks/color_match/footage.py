"""Sessions made of natural pictures: who shows what, as framed, drifted and decoded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import drifts
import numpy as np
from numpy.typing import NDArray

from finisher.color.pictures import Pictures, left_out

Floats = NDArray[np.float64]
SCENARIOS = ("same", "framing", "half", "none")
WIDTH = 256
NOISE = 0.6
"""Standard deviation in codes of what a camera, a generator or an encoder leaves."""


@dataclass(frozen=True)
class Trial:
    """Our takes, drifted; the reference's; and ours as they were."""

    ours: list[Pictures]
    theirs: list[Pictures]
    truth: list[list[Floats]]
    """By take, its frames 0 to 1."""


def stills(folder: Path, first: int, last: int) -> list[Floats]:
    """Photographs by number, 384 pixels wide; upright ones are cut to their middle."""
    found = []
    for number in range(first, last + 1):
        image = cv2.imread(str(folder / f"kodim{number:02d}.png"))[..., ::-1]
        height, width = image.shape[:2]
        if height > width:
            image = image[(height - width * 2 // 3) // 2 :][: width * 2 // 3]
        found.append(cv2.resize(image, (384, 256), interpolation=cv2.INTER_AREA) / 255.0)
    return found


def clip(path: Path, frames: int) -> list[Floats]:
    """The first frames of a clip, of `WIDTH`."""
    found = []
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            high = round(picture.height * WIDTH / picture.width / 2) * 2
            small = picture.reformat(width=WIDTH, height=high, format="rgb24", interpolation="AREA")
            found.append(small.to_ndarray() / 255.0)
            if len(found) == frames:
                break
    return found


def cast(scenario: str, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Which of six pictures each of a session's six takes shows.

    `same` and `framing`: all six, one take each. `half`: four scenes a session, two of them
    common, where one common and one other scene have two takes: half of the takes have a
    counterpart. `none`: three scenes a session, two takes each.
    """
    k = [int(v) for v in rng.permutation(6)]
    match scenario:
        case "half":
            return [k[0], k[1], k[2], k[3], k[0], k[2]], [k[0], k[1], k[4], k[5], k[1], k[4]]
        case "none":
            return k[:3] * 2, k[3:] * 2
        case _:
            return k, k


def framed(picture: Floats, rng: np.random.Generator) -> Floats:
    """A window of a picture, 60 to 85 % wide and high, half of the time mirrored."""
    height, width = picture.shape[:2]
    share = rng.uniform(0.6, 0.85)
    h, w = int(height * share), int(width * share)
    y, x = rng.integers(0, height - h + 1), rng.integers(0, width - w + 1)
    window = picture[y : y + h, x : x + w]
    return window[:, ::-1] if rng.random() < 0.5 else window


def sized(picture: Floats) -> Floats:
    """A picture at the width of samples."""
    high = round(WIDTH * picture.shape[0] / picture.shape[1])
    return np.clip(cv2.resize(np.ascontiguousarray(picture), (WIDTH, high)), 0, 1)


def take(name: str, scene: object, frames: list[Floats], rng: np.random.Generator) -> Pictures:
    """Frames as a decoder hands them over: with noise, in eight bits."""
    noisy = np.stack(frames) * 255
    codes = np.clip(np.rint(noisy + rng.normal(0, NOISE, noisy.shape)), 0, 255).astype(np.uint8)
    return Pictures(name, str(scene), codes, left_out(codes))


def still_trial(
    pictures: list[Floats], scenario: str, level: float, rng: np.random.Generator
) -> Trial:
    """One pair of sessions of stills."""
    mine, yours = cast(scenario, rng)
    if scenario == "same":
        truth, other = [sized(pictures[k]) for k in mine], [sized(pictures[k]) for k in yours]
    else:
        truth = [sized(framed(pictures[k], rng)) for k in mine]
        other = [sized(framed(pictures[k], rng)) for k in yours]
    drift = drifts.drift_of(level, truth, rng)
    ours = [take(f"a{n}", mine[n], [drift(picture)], rng) for n, picture in enumerate(truth)]
    theirs = [take(f"b{n}", yours[n], [picture], rng) for n, picture in enumerate(other)]
    return Trial(ours, theirs, [[picture] for picture in truth])


def clip_trial(clips: list[list[Floats]], level: float, rng: np.random.Generator) -> Trial:
    """Sessions of moving clips: the first halves are the reference, the second ones drifted."""
    halves = [(frames[: len(frames) // 2], frames[len(frames) // 2 :]) for frames in clips]
    truth = [second for _, second in halves]
    drift = drifts.drift_of(level, [second[0] for second in truth], rng)
    ours = [
        take(f"a{n}", n, [drift(frame) for frame in second], rng) for n, second in enumerate(truth)
    ]
    theirs = [take(f"b{n}", n, first, rng) for n, (first, _) in enumerate(halves)]
    return Trial(ours, theirs, truth)
