"""The door to moviepy: every effect in the table runs, exactly as long, over known pictures."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from moviepy import Effect as Base
from moviepy.video import fx
from numpy.typing import NDArray

from finisher.canonical import Json
from finisher.effects import ELSEWHERE, KNOWN, Effect, tonal
from finisher.geometry import Raster
from finisher.moviepy import Footage, source_of, worked
from finisher.problems import DocumentError, RenderError
from finisher.timecode import Rate

Pixels = NDArray[np.uint8]
SIZE = Raster(64, 36)
COUNT = 24
NTSC = Rate.parse("24000/1001")
HERE = Path(__file__).parent


def picture(number: int) -> Pixels:
    """A picture that differs from frame to frame, and from left to right and top to bottom."""
    y, x = np.mgrid[0 : SIZE.height, 0 : SIZE.width]
    return np.stack([3 * x + number, 5 * y + number, 20 + 0 * x + 7 * number], -1).astype(np.uint8)


def laid(*effects: Effect, folder: Path = HERE, rate: Rate = NTSC) -> list[Pixels]:
    return list(worked(effects, Footage(picture, COUNT, SIZE, rate), folder))


def one(name: str, **parameters: Json) -> list[Pixels]:
    return laid(Effect(name, tuple(sorted(parameters.items()))))


def test_the_table_holds_every_effect_of_moviepy_once() -> None:
    """A new one in moviepy must be decided on, not passed over."""
    there = {name for name in fx.__all__ if inspect.isclass(getattr(fx, name))}
    assert KNOWN.keys() | ELSEWHERE.keys() == there
    assert not KNOWN.keys() & ELSEWHERE.keys()


@pytest.mark.parametrize("name", KNOWN)
def test_parameters_are_those_of_the_class(name: str) -> None:
    kind = getattr(fx, name)
    if dataclasses.is_dataclass(kind):
        fields = {field.name: field for field in dataclasses.fields(kind)}
        needed = {n for n, f in fields.items() if f.default is dataclasses.MISSING}
        there = set(fields)
    else:
        given = inspect.signature(kind).parameters
        there = set(given)
        needed = {n for n, p in given.items() if p.default is inspect.Parameter.empty}
    asked = {n for n, parameter in KNOWN[name].parameters.items() if parameter.required}
    assert KNOWN[name].parameters.keys() <= there
    # Without a size of its own nothing is resized: that one we ask for although moviepy does not.
    assert asked - {"new_size"} == needed


CASES: dict[str, tuple[dict[str, Json], Callable[[list[Pixels]], bool]]] = {
    "BlackAndWhite": ({}, lambda out: bool((np.ptp(out[3], axis=2) == 0).all())),
    "Blink": (
        {"duration_on": 4, "duration_off": 4},
        lambda out: bool((out[1] == picture(1)).all()) and out[5].max() == 0,
    ),
    "Crop": (
        {"x1": 16, "y1": 8, "width": 32, "height": 20},
        lambda out: (
            bool((out[4][8:28, 16:48] == picture(4)[8:28, 16:48]).all()) and out[4][:8].max() == 0
        ),
    ),
    "EvenSize": ({}, lambda out: all((out[i] == picture(i)).all() for i in range(COUNT))),
    "FadeIn": (
        {"duration": 12},
        lambda out: out[0].max() == 0 and bool((out[12] == picture(12)).all()),
    ),
    "FadeOut": (
        {"duration": 12, "final_color": [255, 0, 0]},
        lambda out: bool((out[11] == picture(11)).all()) and out[23][0, 0, 0] > 200,
    ),
    "FreezeRegion": (
        {"t": 2, "region": [0, 0, 32, 36]},
        lambda out: (
            bool((out[9][:, :32] == picture(2)[:, :32]).all())
            and bool((out[9][:, 32:] == picture(9)[:, 32:]).all())
        ),
    ),
    "GammaCorrection": ({"gamma": 2.0}, lambda out: bool((out[6] <= picture(6)).all())),
    "HeadBlur": (
        {"fx": [[0, 10.0], [23, 50.0]], "fy": 18, "radius": 6, "intensity": 4},
        lambda out: (
            bool((out[0][:, 20:] == picture(0)[:, 20:]).all())
            and bool((out[23][:, :40] == picture(23)[:, :40]).all())
        ),
    ),
    "InvertColors": ({}, lambda out: bool((out[8] == 255 - picture(8)).all())),
    "LumContrast": (
        {"lum": 10},
        lambda out: bool((out[0] >= picture(0)).all()) and (out[0] > picture(0)).mean() > 0.9,
    ),
    "Margin": ({"left": 4}, lambda out: bool((out[0][:, 2:] == picture(0)[:, :62]).all())),
    "MaskColor": (
        {"color": [30, 40, 27], "threshold": 200, "stiffness": 4},
        lambda out: out[1].mean() < picture(1).mean(),
    ),
    "MirrorX": ({}, lambda out: all((out[i] == picture(i)[:, ::-1]).all() for i in range(COUNT))),
    "MirrorY": ({}, lambda out: all((out[i] == picture(i)[::-1]).all() for i in range(COUNT))),
    "MultiplyColor": (
        {"factor": 0.5},
        lambda out: bool((np.abs(out[2] - picture(2) * 0.5) <= 1).all()),
    ),
    "Painting": ({}, lambda out: bool((out[0] != picture(0)).any())),
    "Resize": (
        {"new_size": [[0, 1.0], [23, 2.0]]},
        lambda out: bool((out[0] == picture(0)).all()) and np.ptp(out[23][..., 0]) < 110,
    ),
    "Rotate": (
        {"angle": 180},
        lambda out: all((out[i] == picture(i)[::-1, ::-1]).all() for i in range(COUNT)),
    ),
    "Scroll": (
        {"w": 32, "x_speed": 24000 / 1001},
        lambda out: bool((out[7][:, 16:48] == picture(7)[:, 7:39]).all()),
    ),
    "SlideIn": (
        {"duration": 8, "side": "left"},
        lambda out: (
            out[0].max() == 0
            and bool((out[4][:, :32] == picture(4)[:, 32:]).all())
            and bool((out[20] == picture(20)).all())
        ),
    ),
    "SlideOut": ({"duration": 8, "side": "right"}, lambda out: out[22][:, :40].max() == 0),
    "SuperSample": (
        {"d": 2, "n_frames": 5},
        lambda out: bool((np.abs(out[9].astype(int) - picture(9)) <= 1).all()),
    ),
}


def test_every_known_effect_has_a_case() -> None:
    assert CASES.keys() == KNOWN.keys()


@pytest.mark.parametrize("name", CASES)
def test_an_effect_does_what_its_name_says_in_as_many_frames(name: str) -> None:
    parameters, holds = CASES[name]
    out = one(name, **parameters)
    assert len(out) == COUNT
    assert all(frame.shape == (36, 64, 3) and frame.dtype == np.uint8 for frame in out)
    assert holds(out)


def test_effects_follow_one_another() -> None:
    both = laid(Effect("MirrorX"), Effect("InvertColors"))
    assert (both[3] == 255 - picture(3)[:, ::-1]).all()


@pytest.mark.parametrize("name", [name for name in KNOWN if tonal(Effect(name))])
def test_tonal_effects_leave_everything_in_its_place(name: str) -> None:
    """A mark is looked for where it was."""
    at = 16  # past the fade in, before the fade out is far
    parameters, _ = CASES[name]
    out, before = (
        frame.astype(float).mean(axis=2) for frame in (one(name, **parameters)[at], picture(at))
    )
    # A gamma of 2 bends the line between the two, no more.
    assert np.corrcoef(out.ravel(), before.ravel())[0, 1] > 0.95


class Twice(Base):
    def apply(self, clip):  # type: ignore[no-untyped-def]
        return clip.with_duration(2 * clip.duration)


class Grey(Base):
    def apply(self, clip):  # type: ignore[no-untyped-def]
        return clip.image_transform(lambda frame: frame[..., 0])


class Brittle(Base):
    def apply(self, clip):  # type: ignore[no-untyped-def]
        raise KeyError(f"no such thing in {clip}")


CODE = """
import numpy as np
from moviepy import Effect

class Shift(Effect):
    def __init__(self, by):
        self.by = by

    def apply(self, clip):
        return clip.image_transform(lambda frame: np.roll(frame, self.by, axis=1))
"""


def test_an_effect_of_ones_own_is_found_in_the_folder_and_named_by_its_text(tmp_path: Path) -> None:
    (tmp_path / "wobbly_shift.py").write_text(CODE)
    shift = Effect("wobbly_shift.Shift", (("by", 3),))
    out = laid(shift, folder=tmp_path)
    assert (out[2] == np.roll(picture(2), 3, axis=1)).all()
    before = source_of(shift, tmp_path)
    (tmp_path / "wobbly_shift.py").write_text(CODE + "# changed\n")
    assert source_of(shift, tmp_path) != before


@pytest.mark.parametrize(
    ("name", "parameters", "code"),
    [
        ("no_such_module.Thing", {}, "effect-unusable"),
        ("finisher.effects.Nothing", {}, "effect-unusable"),
        ("finisher.effects.Effect", {}, "effect-unusable"),
    ],
)
def test_what_is_no_effect_is_a_fault_of_the_document(
    name: str, parameters: dict[str, Json], code: str
) -> None:
    with pytest.raises(DocumentError) as caught:
        one(name, **parameters)
    assert caught.value.problems[0].code == code


class Leaving(Base):
    def apply(self, clip):  # type: ignore[no-untyped-def]
        raise SystemExit(f"0 {clip}")


class Forgetful(Base):
    def apply(self, clip):  # type: ignore[no-untyped-def]
        clip.with_effects([])


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (Leaving, "effect-failed"),
        (Forgetful, "effect-failed"),
        (Twice, "effect-duration"),
        (Grey, "effect-failed"),
        (Brittle, "effect-failed"),
    ],
)
def test_an_effect_that_goes_wrong_is_told_by_its_name(
    kind: type, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finisher.moviepy._class_of", lambda *_: kind)
    with pytest.raises(RenderError) as caught:
        one("own.Thing")
    assert caught.value.problems[0].code == code
    assert "own.Thing" in caught.value.problems[0].message


@pytest.mark.parametrize("text", ["import sys; sys.exit(7)", "raise BaseException('no')"])
def test_a_module_that_leaves_is_a_module_that_can_not_be_used(tmp_path: Path, text: str) -> None:
    name = f"leaver{len(text)}"
    (tmp_path / f"{name}.py").write_text(text)
    with pytest.raises(DocumentError):
        laid(Effect(f"{name}.X"), folder=tmp_path)


@pytest.mark.parametrize("place", [-500, -20, 64 + 20, 900])
def test_a_blur_that_leaves_the_picture_is_gone(place: int) -> None:
    out = one("HeadBlur", fx=place, fy=18, radius=6, intensity=4)
    # Where it just leaves, a column of pixels may still be touched.
    assert (out[3][:, 2:-2] == picture(3)[:, 2:-2]).all()
