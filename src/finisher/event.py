"""An event and its laws: length, frame map, loop, extension, transition, handles; and the gap.

Positions inside an event are counted in programme frames from the event's first frame; source
frames are counted at the programme's rate from the take's first displayed frame.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from finisher.effects import Effect
from finisher.geometry import Fit
from finisher.look import CDL
from finisher.problems import Where
from finisher.retime import Ramp
from finisher.timecode import Span


class Seam(StrEnum):
    """How one pass of a loop meets the next."""

    CUT = "cut"
    BLEND = "blend"
    PINGPONG = "pingpong"
    AUTO = "auto"
    """Where in the range it shows least, by a cut or a blend: settled once the take is measured.
    Until then it counts as a cut of the whole range."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A source range played over and over: `times` passes in all, or `until` an exact length.

    A pass of a ping-pong loop is one way there and back: 2d - 2 frames of a range of d.
    """

    times: int | None
    until: int | None
    seam: Seam = Seam.CUT
    frames: int = 0


class Prolongation(StrEnum):
    """What fills the frames an event is extended by."""

    HOLD = "hold"
    PINGPONG = "pingpong"
    SLOW = "slow"
    INTERPOLATE = "interpolate"
    """Slowed down like `SLOW`, with pictures along the motion between the take's own."""


_SLOWING = (Prolongation.SLOW, Prolongation.INTERPOLATE)


@dataclass(frozen=True, slots=True)
class Extend:
    """Frames an event is longer by; none of them is the generator's own motion.

    Held frames and those that go back are appended; to slow down or interpolate, the last `frames`
    of the event (all, where it has fewer) are spread over twice their time, from the first of them
    to the last.
    """

    frames: int
    by: Prolongation


class TransitionKind(StrEnum):
    """How the incoming picture takes over."""

    DISSOLVE = "dissolve"
    DIP = "dip"
    WIPE = "wipe"
    BLEND = "blend"
    """Both pictures brought to where their motion meets, and mixed there."""


Color = tuple[int, int, int]
"""Red, green and blue, display-encoded Rec.709, 0 to 255."""


class Align(StrEnum):
    """Where a transition lies against its cut."""

    CENTER = "center"
    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True)
class Transition:
    """A transition into an event; it borrows handles and never changes the programme's length."""

    kind: TransitionKind
    frames: int
    align: Align = Align.CENTER
    color: Color | None = None
    """What a dip goes through; None for black."""
    where: Where | None = field(default=None, compare=False)

    @property
    def before(self) -> int:
        """Frames that lie before the cut (OTIO: in offset)."""
        return {Align.CENTER: self.frames // 2, Align.START: 0, Align.END: self.frames}[self.align]

    @property
    def after(self) -> int:
        """Frames that lie after the cut (OTIO: out offset)."""
        return self.frames - self.before


class Conform(StrEnum):
    """What stands at an instant between two pictures of a take: of another rate, or retimed."""

    NEAREST = "nearest"
    """The last picture at or before it."""
    BLEND = "blend"
    """Both, each by how near it is."""
    MOTION = "motion"
    """What stands between them along their motion."""


class NativeSound(StrEnum):
    """What becomes of the sound a take came with."""

    KEEP = "keep"
    MUTE = "mute"
    DUCK = "duck"
    STRETCH = "stretch"
    """Kept, at the event's speed and the take's own pitch."""
    REPLACE = "replace"
    """Silent, for a layer that names the event stands in its place."""


MICRO_FADE = 240
"""Samples of the fade at every cut: 5 ms down and 5 ms up take the click out of it."""


@dataclass(frozen=True, slots=True)
class Sounding:
    """What is done with the native sound of an event."""

    native: NativeSound = NativeSound.KEEP
    gain_db: float = 0.0
    depth_db: float = -9.0
    """How far it goes down while others speak, where it ducks."""
    cut_fade: int = MICRO_FADE
    """Samples over which it fades at its cuts, on either side."""
    room_tone: str | None = None
    """The take whose quietest stretch is heard where its own sound is not; None for silence."""


@dataclass(frozen=True, slots=True)
class Blend:
    """One frame made of two of an event's: in a loop's seam, or between two of its own.

    At step k of n the incoming picture weighs (k + 1) / (n + 1).
    """

    outgoing: Cel
    incoming: Cel
    step: int
    of: int
    motion: bool = False
    """Whether it lies along their motion, or is a plain mix."""


Cel = int | Fraction | Blend
"""One frame of an event: a source frame, a position between two to be blended, or a mix."""


@dataclass(frozen=True, slots=True)
class Event:
    """One use of a take: a source range with its retime, loop, framing, colour and sound."""

    id: str
    take: str
    source: Span
    speed: Fraction = Fraction(1)
    ramp: Ramp | None = None
    """A speed that changes; it stands for `speed`, which is 1 then."""
    conform: Conform = Conform.NEAREST
    loop: Loop | None = None
    extend: Extend | None = None
    transition: Transition | None = None
    fit: Fit = Fit.COVER
    focus: tuple[Fraction, Fraction] = (Fraction(1, 2), Fraction(1, 2))
    may_crop: str | None = None
    keep_visible: tuple[str, ...] = ()
    """Marks of its take that its framing keeps whole by itself."""
    look: str | None = None
    cdl: CDL | None = None
    strength: float | None = None
    sound: Sounding = Sounding()
    j_cut: int = 0
    """Samples by which its native sound is heard before its picture is seen."""
    l_cut: int = 0
    """Samples by which its native sound goes on after its picture."""
    effects: tuple[Effect, ...] = ()
    where: Where | None = field(default=None, compare=False)

    @property
    def retimed(self) -> bool:
        """Whether it plays otherwise than forwards at the take's own speed."""
        return self.speed != 1 or self.ramp is not None

    @property
    def single(self) -> int:
        """Frames of one pass: ceil((out - in) / |speed|), or as long as a ramp takes."""
        if self.ramp is not None:
            return self.ramp.length(len(self.source))
        return -(-len(self.source) * self.speed.denominator // abs(self.speed.numerator))

    @property
    def period(self) -> int:
        """Frames after which a loop comes round."""
        if self.loop is not None and self.loop.seam is Seam.PINGPONG:
            return max(1, 2 * self.single - 2)
        return self.single

    @property
    def unextended(self) -> int:
        """Frames before any extension."""
        if self.loop is None:
            return self.single
        if self.loop.until is not None:
            return self.loop.until
        return self.period * (self.loop.times or 1)

    @property
    def slowed(self) -> int:
        """Frames at its end, before any are added, that an extension slows down."""
        if self.extend is None or self.extend.by not in _SLOWING:
            return 0
        return min(self.unextended, self.extend.frames)

    @property
    def length(self) -> int:
        """Frames the event fills in the programme."""
        return self.unextended + (self.extend.frames if self.extend else 0)

    def source_position(self, position: int) -> Fraction:
        """The frame map of a single pass before any rounding, continued past both ends.

        Inside the pass it keeps to [in, out - 1]; a negative speed starts at out - 1.
        """
        if self.ramp is not None:
            frame = self.source.start + self.ramp.position(position)
        elif self.speed > 0:
            frame = self.source.start + position * self.speed
        else:
            frame = self.source.end - 1 + position * self.speed
        if 0 <= position < self.single:
            return min(Fraction(self.source.end - 1), max(Fraction(self.source.start), frame))
        return frame

    def source_frame(self, position: int) -> int:
        """The source frame of a position: the last at or before it.

        `source_position` rounded down; a constant speed in whole numbers, for long programmes.
        """
        if self.ramp is not None:
            return math.floor(self.source_position(position))
        start, end = self.source.start, self.source.end
        passed = position * self.speed.numerator // self.speed.denominator
        frame = start + passed if self.speed.numerator > 0 else end - 1 + passed
        if start <= frame < end or not 0 <= position < self.single:
            return frame
        return min(end - 1, max(start, frame))

    def _pass(self, position: int) -> int | Fraction:
        """What a single pass shows: a source frame, or a position to be blended."""
        if self.conform is Conform.NEAREST:
            return self.source_frame(position)
        return self.source_position(position)

    def cel(self, position: int) -> Cel:
        """What stands at a position: the event's own frames, or beyond them its handles."""
        if self.extend is not None and position >= self.unextended - self.slowed:
            return self._extended(self.extend, position - self.unextended)
        return self._unextended(position)

    def _unextended(self, position: int) -> Cel:
        """What stands at a position as if nothing were added."""
        if self.loop is None:
            return self._pass(position)
        return self._looped(self.loop, position)

    def _extended(self, extend: Extend, beyond: int) -> Cel:
        """The frame `beyond` positions after the last one of its own."""
        last = self.unextended - 1
        if extend.by in _SLOWING:
            return self._slow(extend, beyond)
        if extend.by is Prolongation.PINGPONG and last > 0:
            turn = (beyond + 1) % (2 * last)
            return self._unextended(last - turn if turn <= last else turn - last)
        return self._unextended(last)

    def _slow(self, extend: Extend, beyond: int) -> Cel:
        """One of the slowed frames, which begin with the first of theirs and end with the last."""
        steps = max(1, self.slowed + extend.frames - 1)
        into = Fraction((self.slowed + beyond) * (self.slowed - 1), steps)
        whole = math.floor(into)
        first = self.unextended - self.slowed + whole
        part = into - whole
        if part == 0 or extend.by is Prolongation.SLOW:
            return self._unextended(first)
        return Blend(
            self._unextended(first),
            self._unextended(first + 1),
            part.numerator - 1,
            part.denominator - 1,
            motion=True,
        )

    def _looped(self, loop: Loop, position: int) -> Cel:
        """A loop's frame: it goes round for ever in both directions."""
        place = position % self.period
        if loop.seam is Seam.PINGPONG:
            return self._pass(place if place < self.single else self.period - place)
        if loop.seam is Seam.BLEND and 0 <= position < self.unextended:
            seam = self._seam_at(loop, position, place)
            if seam is not None:
                return seam
        return self._pass(place)

    def _seam_at(self, loop: Loop, position: int, place: int) -> Blend | None:
        """The blend around the seam a position is next to, None where it is not in one."""
        before = loop.frames // 2
        after = loop.frames - before
        if place >= self.period - before and position + (self.period - place) < self.unextended:
            into = place - self.period
        elif place < after and position >= self.period:
            into = place
        else:
            return None
        return Blend(
            outgoing=self._pass(self.period + into),
            incoming=self._pass(into),
            step=into + before,
            of=loop.frames,
        )


@dataclass(frozen=True, slots=True)
class Gap:
    """Black, silent frames."""

    frames: int
    where: Where | None = field(default=None, compare=False)

    @property
    def length(self) -> int:
        """Frames the gap fills in the programme."""
        return self.frames


Item = Event | Gap
