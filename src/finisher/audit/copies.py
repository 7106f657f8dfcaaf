"""Pictures carried over from takes: the same bits, or not."""

from __future__ import annotations

from collections.abc import Sequence

from finisher.findings import Finding, Status
from finisher.promises import Promises
from finisher.timecode import Span


def carried(promises: Promises, found: Sequence[str | None]) -> tuple[Span, ...]:
    """The stretches of the programme that were found to be takes' own, bit for bit."""
    return tuple(
        Span(copy.start, copy.start + copy.frames)
        for copy, sha256 in zip(promises.copies, found, strict=False)
        if copy.sha256 == sha256
    )


def check_copies(promises: Promises, found: Sequence[str | None]) -> tuple[Finding, ...]:
    """Whether every stretch promised to be a take's own coded pictures holds just those.

    What is bit-identical keeps all that lies in it, an imperceptible watermark among it.
    """
    if not promises.copies:
        return ()
    frames = sum(copy.frames for copy in promises.copies)
    lost = [
        copy for copy, sha256 in zip(promises.copies, found, strict=True) if copy.sha256 != sha256
    ]
    if lost:
        first = lost[0]
        detail = (
            f"frames [{first.start}, {first.start + first.frames}) are not the coded pictures of "
            f"take {first.take!r} that they were to be"
        )
        status = Status.FAILED
    else:
        detail = (
            f"{frames} frames in {len(promises.copies)} stretches are the takes' own, "
            "bit-identical: whatever marks they carry are intact there"
        )
        status = Status.PASSED
    return (
        Finding(
            "picture-copied",
            status,
            detail,
            promised=frames,
            measured=frames - sum(copy.frames for copy in lost),
        ),
    )
