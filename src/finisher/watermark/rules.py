"""The rules that turn a mark's evidence into a verdict, with what each threshold means."""

from __future__ import annotations

from enum import StrEnum

from finisher.facts import MarkFacts

HIT = 0.42
"""A score above this is a mark. Off-position scores of unmarked and marked pictures exceed it,
together with `Z`, about once in ten thousand; at the marked place of unmarked exports the highest
of 301 was 0.245."""
Z = 4.0
"""Standard deviations above the rest of the same picture: rules out locked-off structure."""
LOST_BELOW, DEGRADED_BELOW = 0.25, 0.60
"""Part of its strength a mark must keep: blurring and covering leave less than a quarter even
where an outline still matches; ordinary encoding keeps nine tenths, strong grades about half."""
FEWEST_FRAMES = 4
"""With fewer frames moving content does not average out."""
SMALLEST_SIDE = 12.0
"""Pixels: a smaller mark has too few edges to tell from noise."""
WHOLE = 0.999
"""Part of a mark inside the picture that counts as all of it."""


class MarkVerdict(StrEnum):
    """What became of a declared mark."""

    INTACT = "intact"
    DEGRADED = "degraded"
    LOST = "lost"
    CROPPED = "cropped"
    NOT_FOUND_IN_SOURCE = "not-found-in-source"
    NOT_CHECKABLE = "not-checkable"


def found(score: float, z: float) -> bool:
    """Whether a score at a predicted place means that the mark is there."""
    return score > HIT and z > Z


def verdict(
    source: MarkFacts, export: MarkFacts | None, visible: float, frames: int
) -> tuple[MarkVerdict, str]:
    """Judge a mark by its evidence in the take and in the export; the first rule that fits wins.

    `visible` is the part of it inside the export's picture, 0 to 1; `frames` how many frames of
    the export the evidence rests on; `export` is None when nothing could be measured there.
    """
    if not source.found:
        return (
            MarkVerdict.NOT_FOUND_IN_SOURCE,
            f"its take does not show it (score {source.score:.2f}, z {source.z:.1f})",
        )
    if visible < WHOLE:
        return MarkVerdict.CROPPED, f"{visible:.0%} of it lies inside the picture"
    if export is None or frames < FEWEST_FRAMES:
        return (
            MarkVerdict.NOT_CHECKABLE,
            f"{frames} usable frames; {FEWEST_FRAMES} are needed, and a legible template",
        )
    if not export.found:
        return (
            MarkVerdict.LOST,
            f"not at its place (score {export.score:.2f}, threshold {HIT}; z {export.z:.1f})",
        )
    kept = retention(source, export)
    if kept is None:
        return MarkVerdict.INTACT, f"found with score {export.score:.2f}; its strength is unknown"
    told = f"score {export.score:.2f}, {kept:.0%} of its strength in the take"
    if kept < LOST_BELOW:
        return MarkVerdict.LOST, f"only a trace: {told}"
    if kept < DEGRADED_BELOW:
        return MarkVerdict.DEGRADED, told
    return MarkVerdict.INTACT, told


def retention(source: MarkFacts, export: MarkFacts) -> float | None:
    """Strength kept from take to export; None when the take's was not measured."""
    return export.strength / source.strength if source.strength > 0 else None
