"""The only door to moviepy: its effects over pictures that come and go as arrays.

None of its readers and writers takes part, so neither colour nor timing is left to it. Its clock
is in seconds as floats; here frame k is asked for at k / rate and known again by rounding.
"""

from __future__ import annotations

import hashlib
import importlib
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import Json
from finisher.effects import KNOWN, Effect, Kind
from finisher.geometry import Raster
from finisher.problems import DocumentError, MediaError, Problem, RenderError
from finisher.timecode import Rate

Pixels = NDArray[np.uint8]
"""(height, width, 3) display-encoded RGB."""


@dataclass(frozen=True, slots=True)
class Footage:
    """A clip that lies ready: `picture` hands out frame 0 to `count` - 1, in any order."""

    picture: Callable[[int], Pixels]
    count: int
    raster: Raster
    rate: Rate


def version() -> str:
    """The version of moviepy at work."""
    import moviepy  # noqa: PLC0415 (half a second that only effects are worth)

    return str(moviepy.__version__)


def source_of(effect: Effect, folder: Path) -> str:
    """SHA-256 of the file an effect of one's own is written in; what it imports is not followed.

    Loads the file: whoever calls this was allowed to run it.

    Raises:
        DocumentError: when there is no such effect.
    """
    try:
        source = inspect.getsourcefile(_class_of(effect, folder))
        return hashlib.sha256(Path(source or "").read_bytes()).hexdigest()
    except (OSError, TypeError) as error:
        raise _no_effect(effect, f"its source can't be read: {error}") from error


def worked(effects: Sequence[Effect], footage: Footage, folder: Path) -> Iterator[Pixels]:
    """Every frame with the effects on it, one after the other, in order.

    What comes out smaller or larger than the frame, moved or partly transparent, is seen centred
    on black, as moviepy's own compositions do.

    Args:
        effects: as planned, places and lengths in pixels of the footage.
        footage: the pictures to work on.
        folder: where modules of one's own are looked for, after Python's usual places.

    Raises:
        DocumentError: when an effect can't be found or made.
        RenderError: when one fails, gives no picture, or changes how long the clip is.
    """
    clip = _clip(footage)
    for effect in effects:
        made = _made(effect, folder, footage)
        with _blaming(effect):
            clip = clip.with_effects([made])
        _check_length(effect, clip, footage)
    last = effects[-1]
    with _blaming(last):
        clip = _composed(clip, footage.raster)
    for number in range(footage.count):
        with _blaming(last):
            frame = clip.get_frame(float(footage.rate.seconds(number)))
        yield _whole(frame, footage.raster, last)


def _clip(footage: Footage) -> Any:
    """The footage as a clip of moviepy's."""
    from moviepy import VideoClip  # noqa: PLC0415 (see `version`)

    rate = float(footage.rate.fraction)

    def at(seconds: float) -> Pixels:
        return footage.picture(min(max(round(seconds * rate), 0), footage.count - 1))

    clip = VideoClip(at, duration=float(footage.rate.seconds(footage.count)))
    return clip.with_fps(rate)


def _made(effect: Effect, folder: Path, footage: Footage) -> Any:
    """An effect with its parameters, ready to be applied once."""
    kind = _class_of(effect, folder)
    known = KNOWN.get(effect.name)
    given = {
        name: value if known is None else _value(known.parameters[name].kind, value, footage.rate)
        for name, value in effect.parameters
    }
    if effect.name == "HeadBlur":
        given = _in_reach(given, footage.raster)
    try:
        return kind(**given)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _no_effect(effect, f"{type(error).__name__}: {error}") from error


def _in_reach(given: dict[str, Any], raster: Raster) -> dict[str, Any]:
    """A blur's place held to where it just leaves the picture: further out moviepy fails."""

    def held(at: Callable[[float], float], extent: int) -> Callable[[float], float]:
        radius = given["radius"]
        return lambda seconds: min(max(at(seconds), -radius), extent + radius)

    return given | {
        "fx": held(given["fx"], raster.width),
        "fy": held(given["fy"], raster.height),
    }


def _class_of(effect: Effect, folder: Path) -> Any:
    """The class of an effect.

    Raises:
        DocumentError: when there is none, or it is no effect of moviepy's kind.
    """
    from moviepy import Effect as Base  # noqa: PLC0415 (see `version`)
    from moviepy.video import fx  # noqa: PLC0415

    if not effect.own:
        return getattr(fx, effect.name)
    module, _, name = effect.name.rpartition(".")
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
    try:
        # What a module prints must not get into a document on stdout.
        with redirect_stdout(sys.stderr):
            found = getattr(importlib.import_module(module), name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise _no_effect(effect, f"{type(error).__name__}: {error}") from error
    if not (isinstance(found, type) and issubclass(found, Base)):
        raise _no_effect(effect, "it is no subclass of moviepy.Effect")
    return found


def _no_effect(effect: Effect, reason: str) -> DocumentError:
    return DocumentError(Problem("effect-unusable", f"effect {effect.name!r}: {reason}"))


def _value(kind: Kind, value: Json, rate: Rate) -> Any:
    """A planned value as moviepy takes it: times in seconds, curves as functions of seconds."""
    match kind, value:
        case Kind.TIME, int():
            return float(rate.seconds(value))
        case ((Kind.CURVE | Kind.CURVE_ACROSS | Kind.CURVE_DOWN), list()):
            return _curve(value, rate)
        case ((Kind.CURVE_ACROSS | Kind.CURVE_DOWN), _):
            return lambda _seconds: value
        case ((Kind.COLOR | Kind.BOX), list()):
            return tuple(value)
    return value


def _curve(keys: list[Any], rate: Rate) -> Callable[[float], float]:
    """Straight lines between keys of (frame, value), level outside."""
    times = [float(rate.seconds(frame)) for frame, _ in keys]
    values = [float(value) for _, value in keys]

    def at(seconds: float) -> float:
        return float(np.interp(seconds, times, values))

    return at


def _check_length(effect: Effect, clip: Any, footage: Footage) -> None:
    """Refuse an effect after which there is no clip, or one of another length."""
    from moviepy import VideoClip  # noqa: PLC0415 (see `version`)

    if not isinstance(clip, VideoClip):
        message = f"effect {effect.name!r} gives back no clip, but {type(clip).__name__}"
        raise RenderError(Problem("effect-failed", message, hint="its apply returns a clip"))
    seconds = clip.duration
    count = None if seconds is None else round(seconds * float(footage.rate.fraction))
    if count != footage.count:
        words = "without end" if count is None else f"{count} frames long"
        raise RenderError(
            Problem(
                "effect-duration",
                f"effect {effect.name!r} makes {footage.count} frames {words}",
                hint='time is the event\'s own: "speed", "ramp", "loop", "freeze", "extend"',
            )
        )


def _composed(clip: Any, raster: Raster) -> Any:
    """A clip that is moved or partly transparent laid over black; any other as it is."""
    from moviepy import CompositeVideoClip  # noqa: PLC0415 (see `version`)

    unmoved = clip.pos(0) == (0, 0)
    if clip.mask is None and unmoved:
        return clip
    placed = clip.with_position("center") if unmoved else clip
    return CompositeVideoClip([placed], size=(raster.width, raster.height)).with_duration(
        clip.duration
    )


def _whole(frame: object, raster: Raster, effect: Effect) -> Pixels:
    """A frame of the raster's size: what is smaller or larger is centred on black."""
    found = np.asarray(frame)
    if found.ndim != 3 or found.shape[2] != 3 or not np.isfinite(found).all():
        message = f"effect {effect.name!r} gives no picture in red, green and blue"
        raise RenderError(Problem("effect-failed", message))
    pixels = found if found.dtype == np.uint8 else np.clip(np.rint(found), 0, 255).astype(np.uint8)
    if pixels.shape[:2] == (raster.height, raster.width):
        return pixels
    whole = np.zeros((raster.height, raster.width, 3), np.uint8)
    height, width = (min(a, b) for a, b in zip(pixels.shape[:2], whole.shape[:2], strict=True))
    _middle(whole, height, width)[:] = _middle(pixels, height, width)
    return whole


def _middle(pixels: Pixels, height: int, width: int) -> Pixels:
    """The middle of a picture, as a view."""
    top, left = (pixels.shape[0] - height) // 2, (pixels.shape[1] - width) // 2
    return pixels[top : top + height, left : left + width]


@contextmanager
def _blaming(effect: Effect) -> Iterator[None]:
    """Turn whatever an effect raises into a problem that names it."""
    try:
        yield
    except (RenderError, DocumentError, MediaError, KeyboardInterrupt):
        raise
    except BaseException as error:  # code of one's own may leave as it likes: SystemExit too
        message = f"effect {effect.name!r} failed: {type(error).__name__}: {error}"
        raise RenderError(Problem("effect-failed", message)) from error
