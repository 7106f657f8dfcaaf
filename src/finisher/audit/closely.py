"""What of a finished file is looked at closely: frames kept whole, and what is found in them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
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
from finisher.timecode import Span
from finisher.watermark import detectors
from finisher.watermark.adapters.trustmark import payload_of
from finisher.watermark.detector import Declared, Sight

_MOST_BINDINGS = 16


@dataclass(frozen=True, slots=True, eq=False)
class LookedFor:
    """What is looked for besides what a file promises, and with what."""

    bindings: tuple[SoftBinding, ...] = ()
    aids: Aids = ALONE
    clock: Callable[[], float] = time.monotonic
    """Seconds that only ever grow, by which detectors are given their time."""


NOTHING = LookedFor()


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
    bindings_frames: tuple[int, ...]

    @property
    def kept(self) -> tuple[Kept, ...]:
        """What is to be written while the file is decoded."""
        return (
            Kept(self._luma_frames, self._luma),
            Kept(self._rgb_frames, self._rgb, rgb=True),
        )

    @property
    def _luma(self) -> Path:
        return self.folder / "luma.raw"

    @property
    def _rgb(self) -> Path:
        return self.folder / "rgb.raw"

    @property
    def _luma_frames(self) -> tuple[int, ...]:
        own = [stretch.frames for stretch in self.stretches]
        return chosen_frames([*own, *self.compared.frames] if any(own) else [])

    @property
    def _rgb_frames(self) -> tuple[int, ...]:
        return chosen_frames([*self.hidden_frames, self.bindings_frames])

    def marks(self) -> tuple[MarkSample, ...]:
        """What was seen of each promised mark; the file is decoded by now."""
        if self.promises is None or not self.stretches:
            return ()
        shape = (self.raster.height, self.raster.width)
        kept = kept_in(self._luma, self._luma_frames, shape)
        return measure_marks(self.promises, self.stretches, self.compared, kept)

    def hidden(self, path: Path, listen: Listener) -> tuple[HiddenSample, ...]:
        """What was read of each promised hidden mark; the file is decoded by now."""
        if self.promises is None or not self.promises.hidden:
            return ()
        marks, aids = self.promises.hidden, self.looked_for.aids
        kept = kept_in(self._rgb, self._rgb_frames, (self.raster.height, self.raster.width, 3))
        with turns(asked(marks, self.hidden_frames, aids), listen, self.looked_for.clock) as each:
            samples = measure_hidden(marks, self.hidden_frames, kept, aids, each)
            return overhear(marks, samples, Heard(path, self.promises.rate), aids, each)

    def bindings(self, listen: Listener) -> tuple[HiddenSample, ...]:
        """What was read of each soft binding; the file is decoded by now."""
        kept = kept_in(self._rgb, self._rgb_frames, (self.raster.height, self.raster.width, 3))
        bindings, aids = self.looked_for.bindings, self.looked_for.aids
        told = []
        readable = [binding for binding in bindings if not _readable(binding, aids)[2]]
        with turns(len(readable), listen, self.looked_for.clock) as each:
            for binding in bindings:
                turn = each.next() if binding in readable else None
                told.append(self._binding(binding, kept, turn))
        return tuple(told)

    def _binding(
        self, binding: SoftBinding, kept: Frames | None, turn: Turn | None
    ) -> HiddenSample:
        """What was read of one soft binding; without a turn there is no time, or no detector."""
        detector, payload, reason = _readable(binding, self.looked_for.aids)
        if not reason and (kept is None or not self.bindings_frames):
            reason = "no picture was there to look at"
        if reason or kept is None or turn is None:
            return HiddenSample((), reason or LATE, detector)
        options = self.looked_for.aids.opening(binding.alg, detector)
        asking = Asking(
            detector, options, Declared(payload, (self.raster.width, self.raster.height))
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
    spared = sum(map(len, compared.frames))
    readable = [b for b in looked_for.bindings if not _readable(b, aids)[2]]
    whole = (Span(0, len(shape.index)),) if len(shape.index) else ()
    return Closely(
        here,
        raster,
        looked_for,
        folder,
        stretches_of(marks, raster, seed, spared),
        compared,
        frames_of_hidden(hidden, raster, seed, aids),
        spread(whole, PICTURES, f"{seed}/bindings") if readable else (),
    )


def _readable(binding: SoftBinding, aids: Aids) -> tuple[str, str, str]:
    """The detector that reads a soft binding, the payload it names, and why neither helps."""
    known = detectors.capabilities()
    name = next((name for name, one in known.items() if one.c2pa == binding.alg), None)
    if name is None:
        return "", "", "no detector of it is installed"
    payload = payload_of(binding.alg, binding.value)
    if payload is None:
        return name, "", "what its manifest says it reads as is in no form that is known"
    return name, payload, hindrance(name, aids)


def _same_raster(promises: Promises, shape: PictureShape) -> bool:
    return (promises.width, promises.height) == (shape.raster.width, shape.raster.height)
