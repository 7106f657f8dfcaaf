"""Labels beside the credentials: what metadata say of a model's part, set against the claim."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from finisher.canonical import Json
from finisher.findings import FileAudit, Finding, Status, Weight
from finisher.media.stated import Stated, stated
from finisher.plan import aigc
from finisher.problems import MediaError
from finisher.promises import Promises
from finisher.provenance.sources import disclosing, generative, term

_DISCLOSURE = "ai-disclosure"


@dataclass(frozen=True, slots=True)
class Labels:
    """What a file and those that went into it say of themselves."""

    own: Stated
    sources: tuple[tuple[str, Stated], ...] = ()
    """By the name of the file, those that lie on disk."""


def read_labels(path: Path, takes: Mapping[str, Path]) -> Labels:
    """The labels of a file, and of files that went into it; one that can't be read has none."""
    sources = tuple((take.name, _stated(take)) for take in takes.values())
    return Labels(_stated(path), sources)


def _stated(path: Path) -> Stated:
    with contextlib.suppress(MediaError):
        return stated(path)
    return Stated()


def judged(found: FileAudit, labels: Labels, promises: Promises | None) -> FileAudit:
    """The audit with what its labels say, and with their evidence of a model's part."""
    told: dict[str, Json] = {}
    if labels.own.aigc is not None:
        told["aigc"] = labels.own.aigc
    if labels.own.source_type is not None:
        told["iptc"] = labels.own.source_type
    claimed = found.active.source_type if found.active is not None else None
    checks = (
        *(_disclosed(check, claimed, labels) for check in found.checks),
        *_agreement(found, labels.own, promises),
        *_label(labels, promises),
    )
    return replace(found, checks=checks, labels={**found.labels, **told})


def _disclosed(check: Finding, claimed: str | None, labels: Labels) -> Finding:
    """The check that a model's part is disclosed: failed where labels alone tell of one."""
    if check.id != _DISCLOSURE or check.status is not Status.PASSED or disclosing(claimed):
        return check
    named = [("the file itself", labels.own), *labels.sources]
    telling = [name for name, one in named if one.aigc or generative(one.source_type)]
    if not telling:
        return check
    detail = f"labelled as made by a model, which the claim does not say: {', '.join(telling)}"
    return replace(check, status=Status.FAILED, detail=detail)


def _agreement(found: FileAudit, own: Stated, promises: Promises | None) -> Iterator[Finding]:
    """The claim and the metadata state the same digital source type."""
    name = "source-type-agrees"
    claimed = found.active.source_type if found.active is not None else None
    promised = promises.source_type if promises is not None else None
    if own.source_type is None:
        if promised is not None:
            detail = "the metadata state no digital source type, and should"
            yield Finding(name, Status.FAILED, detail, promised=promised)
        return
    if claimed is None and promised is None:
        return  # nothing speaks besides the metadata
    wanted = promised or claimed
    if term(own.source_type) == term(wanted):
        detail = f"claim and metadata say {term(wanted)}"
        status, weight = Status.PASSED, Weight.REQUIRED
    else:
        detail = f"the claim says {term(wanted)}, the metadata {term(own.source_type)}"
        # Others promised nothing; whether a model's part is kept quiet has a check of its own.
        broken = (Status.FAILED, Weight.REQUIRED), (Status.WARNED, Weight.ADVISORY)
        status, weight = broken[promised is None]
    yield Finding(name, status, detail, weight, promised=wanted, measured=own.source_type)


def _label(labels: Labels, promises: Promises | None) -> Iterator[Finding]:
    """China's AIGC label is there where a file that went in had one, and as strong."""
    name = "aigc-label"
    own = labels.own.aigc
    promised = promises.aigc[:1] if promises is not None else ()
    expected = promised or aigc.ordered(one.aigc for _, one in labels.sources)[:1]
    if not expected:
        if own is not None and aigc.parse(own) is None:
            detail = "the AIGC label is not as the standard has it"
            yield Finding(name, Status.WARNED, detail, Weight.ADVISORY, measured=own)
        elif own is not None:
            yield Finding(name, Status.PASSED, "an AIGC label is carried", measured=own)
        return
    wanted = expected[0]
    status, detail = Status.PASSED, "the AIGC label of what went in is carried"
    if own is None:
        status, detail = Status.FAILED, "a file that went in has an AIGC label, and this one none"
    elif own != wanted and (promised or aigc.strength(own) > aigc.strength(wanted)):
        status, detail = Status.FAILED, "the AIGC label is another than that of what went in"
    yield Finding(name, status, detail, promised=wanted, measured=own)
