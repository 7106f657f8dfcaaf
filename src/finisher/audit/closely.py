"""What of a finished file is looked at closely: frames kept whole, and what is found in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finisher.audit.aids import ALONE, Aids
from finisher.audit.hidden_evidence import (
    LATE,
    PICTURES,
    Asking,
    Heard,
    HiddenSample,
    asked,
    asked_in,
    frames_of_hidden,
    hindrance,
    measure_hidden,
    overhear,
)
from finisher.audit.mark_evidence import Compared, MarkSample, measure_marks
from finisher.audit.mark_frames import (
    Frames,
    Stretch,
    chosen_frames,
    kept_in,
    references_with,
    spread,
    stretches_of,
)
from finisher.audit.turns import Turn, turns
from finisher.ffmpeg.pictures import Kept
from finisher.geometry import Raster
from finisher.media.index import PictureShape
from finisher.progress import Listener
from finisher.promises import PromisedHidden, Promises
from finisher.provenance.chain import SoftBinding
from finisher.sighting import Plane
from finisher.timecode import Span
from finisher.watermark import detectors
from finisher.watermark.adapters.trustmark import payload_of
from finisher.watermark.detector import Capability, Declared, Sight


@dataclass(frozen=True, slots=True, eq=False)
class LookedFor:
    """What is looked for besides what a file promises, and with what."""

    bindings: tuple[SoftBinding, ...] = ()
    aids: Aids = ALONE
    clock: Callable[[], float] = time.monotonic
    """Seconds that only ever grow, by which detectors are given their time."""


NOTHING = LookedFor()


@dataclass(frozen=True, slots=True)
class Binding:
    """A soft binding of the file's manifest, and what can read it."""

    alg: str
    """Its registered name."""
    detector: str = ""
    payload: str = ""
    """The bits that it reads as."""
    reason: str = ""
    """Why it can't be read; empty where it can."""


@dataclass(frozen=True, slots=True, eq=False)
class Closely:
    """A plan for one file: which frames are kept where, and what is looked for in them."""

    promises: Promises | None
    raster: Raster
    looked_for: LookedFor
    folder: Path
    stretches: tuple[Stretch, ...]
    compared: Compared
    hidden_frames: tuple[tuple[int, ...], ...]
    bindings: tuple[Binding, ...]
    bindings_frames: tuple[int, ...]

    @property
    def kept(self) -> tuple[Kept, ...]:
        """What is to be written while the file is decoded."""
        planes = [Kept(self._plane_frames(plane), self._raw(plane), plane) for plane in Plane]
        return (*planes, Kept(self._rgb_frames, self._rgb, None))

    def _raw(self, plane: Plane) -> Path:
        return self.folder / f"{plane}.raw"

    @property
    def _rgb(self) -> Path:
        return self.folder / "rgb.raw"

    def _plane_frames(self, plane: Plane) -> tuple[int, ...]:
        """Frames kept of a plane: those of its marks, in luma those of all, to be shown."""
        if self.promises is None or not any(one.frames for one in self.stretches):
            return ()
        if plane is Plane.LUMA:
            own = [one.frames for one in self.stretches]
            return chosen_frames([*own, *self.compared.frames()])
        of = [mark.plane for mark in self.promises.marks]
        if plane not in of:
            return ()
        own = [one.frames for one in self.stretches if of[one.mark] is plane]
        return chosen_frames([*own, *self.compared.frames(plane)])

    @property
    def _rgb_frames(self) -> tuple[int, ...]:
        return chosen_frames([*self.hidden_frames, self.bindings_frames])

    @property
    def _rgb_kept(self) -> Frames | None:
        """The frames kept in red, green and blue; the file is decoded by now."""
        return kept_in(self._rgb, self._rgb_frames, (self.raster.height, self.raster.width, 3))

    def marks(self) -> tuple[MarkSample, ...]:
        """What was seen of each promised mark; the file is decoded by now."""
        if self.promises is None or not self.stretches:
            return ()
        shape = (self.raster.height, self.raster.width)
        kept = {
            plane: frames
            for plane in Plane
            if (frames := kept_in(self._raw(plane), self._plane_frames(plane), shape)) is not None
        }
        return measure_marks(self.promises, self.stretches, self.compared, kept)

    def hidden(self, path: Path, listen: Listener) -> tuple[HiddenSample, ...]:
        """What was read of each promised hidden mark; the file is decoded by now."""
        if self.promises is None or not self.promises.hidden:
            return ()
        marks, aids = self.promises.hidden, self.looked_for.aids
        with turns(asked(marks, self.hidden_frames, aids), listen, self.looked_for.clock) as each:
            samples = measure_hidden(marks, self.hidden_frames, self._rgb_kept, aids, each)
            return overhear(marks, samples, Heard(path, self.promises.rate), aids, each)

    def bound(self, listen: Listener) -> tuple[HiddenSample, ...]:
        """What was read of each soft binding; the file is decoded by now."""
        readable = sum(not one.reason for one in self.bindings)
        with turns(readable, listen, self.looked_for.clock) as each:
            return tuple(
                self._binding(one, None if one.reason else each.next()) for one in self.bindings
            )

    def _binding(self, one: Binding, turn: Turn | None) -> HiddenSample:
        """What was read of one soft binding; without a turn there is no time, or no detector."""
        kept, reason = self._rgb_kept, one.reason
        if not reason and (kept is None or not self.bindings_frames):
            reason = "no picture was there to look at"
        if reason or kept is None or turn is None:
            return HiddenSample((), reason or LATE, one.detector)
        options = self.looked_for.aids.opening(one.alg, one.detector)
        asking = Asking(
            one.detector, options, Declared(one.payload, (self.raster.width, self.raster.height))
        )
        sample = asked_in(asking, map(Sight, kept.of(self.bindings_frames)), turn)
        turn.end()
        return sample


def closely(
    promises: Promises | None,
    shape: PictureShape,
    seed: str,
    looked_for: LookedFor,
    folder: Path,
) -> Closely:
    """Choose what is looked at in a file that is about to be decoded."""
    raster, aids = shape.raster, looked_for.aids
    here = promises if promises is not None and _same_raster(promises, shape) else None
    marks = here.marks if here is not None else ()
    hidden: Sequence[PromisedHidden] = here.hidden if here is not None else ()
    kept = references_with(aids.references, raster) if marks else {}
    compared = Compared(aids.references, kept)
    spared = sum(map(len, compared.frames()))
    bindings = _bindings(looked_for.bindings, aids)
    whole = (Span(0, len(shape.index)),) if len(shape.index) else ()
    return Closely(
        here,
        raster,
        looked_for,
        folder,
        stretches_of(marks, raster, seed, spared),
        compared,
        frames_of_hidden(hidden, raster, seed, aids),
        bindings,
        () if all(one.reason for one in bindings) else spread(whole, PICTURES, f"{seed}/bindings"),
    )


def _bindings(bindings: Sequence[SoftBinding], aids: Aids) -> tuple[Binding, ...]:
    """What can read each of them."""
    known = detectors.capabilities() if bindings else {}
    return tuple(_binding(one, known, aids) for one in bindings)


def _binding(one: SoftBinding, known: Mapping[str, Capability], aids: Aids) -> Binding:
    name = next((name for name, able in known.items() if able.c2pa == one.alg), None)
    if name is None:
        return Binding(one.alg, reason="no detector of it is installed")
    payload = payload_of(one.alg, one.value)
    if payload is None:
        reason = "what its manifest says it reads as is in no form that is known"
        return Binding(one.alg, name, reason=reason)
    return Binding(one.alg, name, payload, hindrance(name, aids))


def _same_raster(promises: Promises, shape: PictureShape) -> bool:
    return (promises.width, promises.height) == (shape.raster.width, shape.raster.height)
