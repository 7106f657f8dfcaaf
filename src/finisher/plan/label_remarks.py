"""What is to be said of the labels that files carry: several, damaged, or opened by the edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finisher.plan import aigc
from finisher.plan.model import PlannedLayer, PlannedTake
from finisher.plan.source_types import generative, term
from finisher.plan.training import widened
from finisher.presets.model import ContainerFormat, Preset
from finisher.problems import Problem, Severity, Where
from finisher.timeline import Timeline

Files = Sequence[tuple[str, PlannedTake | PlannedLayer]]


def label_remarks(
    timeline: Timeline,
    preset: Preset,
    takes: Sequence[PlannedTake],
    layers: Sequence[PlannedLayer],
) -> Iterator[Problem]:
    """Warnings about the labels of the files that go in, and of the one that comes out."""
    files: list[tuple[str, PlannedTake | PlannedLayer]] = [
        *((f"take {take.id!r}", take) for take in takes),
        *((f"layer {layer.id!r}", layer) for layer in layers),
    ]
    yield from _uncarried(preset)
    yield from _several(files)
    yield from _damaged(files)
    yield from _contradicting(files)
    yield from _widened(timeline, files)


def _uncarried(preset: Preset) -> Iterator[Problem]:
    """A container without a place for a digital source type."""
    if preset.container.format is ContainerFormat.WEBM and not preset.draft:
        message = f"{preset.name}: webm has no place for a digital source type, and states none"
        yield Problem("source-type-uncarried", message, severity=Severity.NOTE)


def _several(files: Files) -> Iterator[Problem]:
    """A finished file has room for one AIGC label; those of others are told apart."""
    labels = aigc.ordered(file.aigc for _, file in files)
    if len(labels) < 2:
        return
    name, first = next((name, file) for name, file in files if file.aigc == labels[0])
    yield Problem(
        "aigc-several",
        f"{len(labels)} different AIGC labels go in and a file has one: that of {name} is carried, "
        "the others stand in the promises",
        Where(first.path),
        severity=Severity.WARNING,
    )


def _damaged(files: Files) -> Iterator[Problem]:
    """Labels that are not as the standard has them."""
    for name, file in files:
        if file.aigc is not None and aigc.parse(file.aigc) is None:
            yield Problem(
                "aigc-malformed",
                f"{name}: its AIGC label is not as GB 45438-2025 has it; it counts as one",
                Where(file.path),
                severity=Severity.WARNING,
            )


def _contradicting(files: Files) -> Iterator[Problem]:
    """Files of which credentials, metadata and edit say different things."""
    for name, file in files:
        said = [
            ("credentials", file.credentials.source_type),
            ("metadata", file.stated_source),
        ]
        words = {term(source): f"its {who} say {term(source)}" for who, source in said if source}
        told = list(words.values())
        if words and file.generated and not any(map(generative, words)):
            told.append("the edit says that a model made it")
        if len(told) > 1:
            yield Problem(
                "source-type-contradicts",
                f"{name}: {', '.join(told)}; it counts as generated if any of that says so",
                Where(file.path),
                severity=Severity.WARNING,
            )


def _widened(timeline: Timeline, files: Files) -> Iterator[Problem]:
    """Files whose makers ruled out what the export leaves open."""
    for name, file in files:
        lost = widened(file.credentials.training, timeline.training)
        if not lost:
            continue
        said = ", ".join(f"{use} {choice}" for use, choice, _ in lost)
        yield Problem(
            "training-choice-wider",
            f"{name}: its credentials say {said}; the export leaves that open",
            Where(file.path),
            hint='the edit\'s "training" states it for the export',
            severity=Severity.WARNING,
        )
