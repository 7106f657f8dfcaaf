"""What an audit shows of AI in a file: whether a model had a part, and which marks say so."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from finisher.canonical import Json
from finisher.compliance.model import Mark
from finisher.findings import FileAudit, Finding, Ingredient, Status, Verdict
from finisher.plan.source_types import OPEN, TERMS, disclosing, generative, known, term

CONSENT = "consent"
"""The audit's check on people: made when the file's edit names some, and only then."""
_BOUND = (Verdict.INTACT, Verdict.INTACT_UNTRUSTED)
_METADATA = ("iptc", "digital_source_type")
"""What the source type of the XMP is called among an audit's labels."""


class Part(StrEnum):
    """Whether a generative model had a part in a file."""

    YES = "yes"
    NO = "no"
    """Every source says otherwise, and who says so is on a trust list."""
    UNKNOWN = "unknown"
    """Some source says nothing, or nobody trusted vouches for what it says."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the file itself says of AI and of people."""

    part: Part
    because: tuple[str, ...]
    """What that is known from, in words."""
    marks: dict[Mark, str]
    """Marks that are there, and what each says."""
    degree: str | None
    """What an AIGC label says: 1, 2 or 3; None where there is none that reads."""
    people: bool
    """Whether the edit names people."""
    findings: dict[str, Finding]
    """The audit's checks by id."""


def evidence(found: FileAudit) -> Evidence:
    """What an audit shows; pure."""
    degree = aigc_degree(found.labels.get("aigc"))
    findings = {check.id: check for check in found.checks}
    saying = tuple(_generated(found, degree, findings))
    if saying:
        part, because = Part.YES, saying
    elif _otherwise(found):
        sources = "the claim and every source name another origin, by signers on a trust list"
        part, because = Part.NO, (sources,)
    else:
        part, because = Part.UNKNOWN, (_open(found),)
    return Evidence(
        part, because, dict(_marks(found, degree)), degree, CONSENT in findings, findings
    )


def aigc_degree(label: Json) -> str | None:
    """What an AIGC label says of its content, None for one that is absent or can't be read."""
    if isinstance(label, str):
        try:
            label = json.loads(label)
        except (ValueError, RecursionError):
            return None
    said = label.get("Label") if isinstance(label, dict) else None
    return said if isinstance(said, str) and said in ("1", "2", "3") else None


def metadata_type(found: FileAudit) -> str | None:
    """The digital source type of the file's XMP, None where the audit names none."""
    stated = (found.labels.get(name) for name in _METADATA)
    return next((text for text in stated if isinstance(text, str)), None)


def _marks(found: FileAudit, degree: str | None) -> Iterator[tuple[Mark, str]]:
    """Marks that can be relied on: credentials count only while they bind."""
    own = found.active.source_type if found.active is not None else None
    if found.verdict in _BOUND and own is not None and disclosing(own):
        yield Mark.CREDENTIALS, own
    stated = metadata_type(found)
    if stated is not None and disclosing(stated):
        yield Mark.METADATA, stated
    if degree is not None:
        yield Mark.LABEL, degree


def _generated(found: FileAudit, degree: str | None, findings: dict[str, Finding]) -> Iterator[str]:
    """All that says that a model had a part; what is claimed against one's interest is believed."""
    if found.active is not None and generative(found.active.source_type):
        yield "the claim says so"
    if parts := [part.title for part in found.ingredients if generative(part.source_type)]:
        yield f"credentials of {', '.join(dict.fromkeys(parts))} say so"
    if generative(metadata_type(found)):
        yield "the metadata say so"
    if degree is not None:
        yield f"an AIGC label says so (Label {degree})"
    told = findings.get("ai-disclosure")
    if told is not None and told.status is Status.FAILED:
        yield "a source says so, which the claim does not"


def _otherwise(found: FileAudit) -> bool:
    """Whether all of the file is known to be made without a generative model.

    Anybody can sign that something comes out of a camera, so nobody's word but that of signers
    on a trust list counts, and one source that says nothing leaves the question open.
    """
    return (
        found.verdict is Verdict.INTACT
        and found.active is not None
        and known(found.active.source_type)
        and not any(_doubts(found))
        and all(map(_vouched, found.ingredients))
        and (bool(found.ingredients) or not _made_of_others(found.active.source_type))
    )


def _vouched(part: Ingredient) -> bool:
    """Whether an ingredient names its origin and nothing at all is held against its credentials."""
    return known(part.source_type) and not part.recorded and not part.now


def _doubts(found: FileAudit) -> Iterator[str]:
    """What is stated and leaves it open: strange words, parts of unknown making."""
    for check in found.checks:
        if OPEN in check.codes:
            yield check.detail
    stated = metadata_type(found)
    if stated is not None and not known(stated) and stated.strip() not in TERMS:
        yield f"the metadata state no digital source type: {stated}"
    label = found.labels.get("aigc")
    if label is not None and aigc_degree(label) is None:
        yield "it has an AIGC label that can't be read"


def _made_of_others(source_type: str | None) -> bool:
    """Whether a source type speaks of several sources, without saying which."""
    return term(source_type).startswith("composite")


def _open(found: FileAudit) -> str:
    """Why it is not known."""
    if found.verdict not in _BOUND:
        return f"nothing in the file says so, and its credentials prove nothing ({found.verdict})"
    if doubt := next(_doubts(found), None):
        return doubt
    silent = [part.title for part in found.ingredients if not known(part.source_type)]
    if silent:
        return f"{', '.join(dict.fromkeys(silent))} say nothing of how they were made"
    return "nothing says so, and nobody on a trust list says otherwise"
