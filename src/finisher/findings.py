"""What an audit says: findings that set the promised against the measured, and verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from finisher.canonical import Json

# fmt: off
CHECKS = frozenset((
    "manifest-present", "manifest-single", "manifest-readable", "remote-not-fetched",
    "integrity-media", "integrity-claim", "store-reachable",
    "ingredients-recorded", "ingredients-now", "ingredients-rechecked", "ingredients-complete",
    "ingredients-marked", "edit-agrees", "actions", "ai-disclosure", "source-type-agrees",
    "aigc-label", "training-choice", "trust-signer", "time-stamp",
    "promises", "readable", "decodes", "frame-count", "picture-content", "picture-copied",
    "picture-order",
    "cuts-in-place", "codec", "pixel-format", "raster", "rate", "color-tags", "square-pixels",
    "upright", "display",
    "no-hdr-metadata", "tracks", "tracks-enabled", "container", "container-slack", "moov-first",
    "no-edit-list", "not-fragmented", "sound-track", "sound-length", "starts-together",
    "loudness", "true-peak", "meters-agree", "silence", "sound-content", "sound-offset",
    "trust-takes", "sources-unchanged", "redactions", "sidecar-foreign",
    "stems-sum", "watermarks", "limit-size", "consent",
))
# fmt: on
"""Ids of all checks, as `--require` may name them; a test holds the list to the source."""


class Status(StrEnum):
    """The outcome of one check."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    NOT_CHECKED = "not-checked"


class Weight(StrEnum):
    """Whether a check decides the exit code."""

    REQUIRED = "required"
    ADVISORY = "advisory"


class Verdict(StrEnum):
    """The state of a file's provenance, best first; a report shows the worst of several."""

    INTACT = "intact"
    INTACT_UNTRUSTED = "intact-untrusted"
    INCOMPLETE = "incomplete"
    ABSENT = "absent"
    TAMPERED = "tampered"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison: what was promised, what was measured, and what follows."""

    id: str
    status: Status
    detail: str
    severity: Weight = Weight.REQUIRED
    codes: tuple[str, ...] = ()
    promised: Json = None
    measured: Json = None


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A file that went into the audited one, as its manifest records it and as it reads now."""

    title: str
    depth: int
    manifest: str | None
    """URN of the ingredient's own active manifest, None when it came without one."""
    recorded: tuple[str, ...]
    """Failure codes the signer recorded at ingest."""
    now: tuple[str, ...]
    """Failure codes found when reading now."""
    source_rechecked: str = "not-checked"
    """`same`, `changed` or `not-checked`: the file itself, where it lies on disk."""
    issuer: str | None = None
    source_type: str | None = None
    sha256: str | None = None
    generator: str | None = None
    """The program that made its claim."""
    trusted: bool = False
    """Whether its signer is on a given trust list; its issuer is a mere name otherwise."""
    anchor: str | None = None
    """The lists that vouch for its signer, None where they can't be told."""


@dataclass(frozen=True, slots=True)
class ActiveManifest:
    """The claim that speaks for the audited file."""

    urn: str
    generator: str
    issuer: str | None
    common_name: str | None
    anchor: str | None
    """Which given trust list the signer chains to, None when to none."""
    time: str | None
    time_trusted: bool
    source_type: str | None
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """For how long a mark is there; frames of the programme."""

    confirmed: int
    """Frames of stretches in which it was found."""
    predicted: int
    """Frames that should show it, whole and alone."""
    total: int
    """Frames of its event."""
    seconds: float
    """What `confirmed` lasts."""


@dataclass(frozen=True, slots=True)
class MarkFinding:
    """One declared watermark, visible or hidden, on one event of the finished file."""

    event: str
    mark: str
    verdict: str
    detail: str
    score: float | None = None
    threshold: float | None = None
    z: float | None = None
    retention: float | None = None
    """Part of the strength it has in the take that is left, what the grade does to it apart."""
    frames: int = 0
    """How many the evidence rests on."""
    box: tuple[float, float, float, float] | None = None
    kind: str = "visible"
    """`visible`, `hidden` or `sound`."""
    fidelity: float | None = None
    """Correlation of its surroundings with the take's, graded and framed alike: -1 to 1."""
    control: float | None = None
    """The same of areas beside it."""
    false_positives: str | None = None
    """How often this threshold is passed where no mark is, and on what footage."""
    coverage: Coverage | None = None
    span: tuple[int, int] | None = None
    """First programme frame concerned, and the frame after the last."""
    detector: str | None = None
    """What read a hidden mark: its name and version, and the C2PA algorithm where it has one."""
    matched: tuple[int, int] | None = None
    """Bits of the payload that agree, and how many there are."""
    p: float | None = None
    """Probability that bits nobody embedded agree as well."""
    variant: str | None = None
    """How a hidden mark was read: `blind`, or with the take's geometry and colour."""
    allowed: str | None = None
    """Why the edit lets it be cut or lost."""


@dataclass(frozen=True, slots=True)
class MarkPicture:
    """A mark and what is around it, as JPEG files, enlarged; a line runs around the mark."""

    event: str
    mark: str
    frame: int
    """Programme frame that both show."""
    shown: bytes
    """Of the finished file."""
    foretold: bytes | None
    """Of the take, framed and graded alike; None where no take was at hand."""


@dataclass(frozen=True, slots=True)
class TrustList:
    """Certificates of signers somebody chose to trust: a file given, or a list installed."""

    name: str
    sha256: str
    """Of the list's file."""
    date: str
    """When it was installed or, for a file given, last changed: YYYY-MM-DD."""
    certificates: int


@dataclass(frozen=True, slots=True)
class PolicyAudit:
    """What a law or a platform asks of a file, as one dated page of data has it.

    Information, not legal advice.
    """

    id: str
    title: str
    date: str
    """When the page was last held against its sources: YYYY-MM-DD."""
    stale: bool
    """Whether that is longer ago than the page says it keeps."""
    sources: tuple[str, ...]
    checks: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class FileAudit:
    """Everything an audit found out about one file."""

    name: str
    bytes: int
    sha256: str
    verdict: Verdict
    checks: tuple[Finding, ...]
    active: ActiveManifest | None = None
    ingredients: tuple[Ingredient, ...] = ()
    watermarks: tuple[MarkFinding, ...] = ()
    labels: dict[str, Json] = field(default_factory=dict)
    not_checked: tuple[str, ...] = ()
    policies: tuple[PolicyAudit, ...] = ()
    """Those it was held against; none unless asked for."""
    pictures: tuple[MarkPicture, ...] = ()
    """Evidence of visible marks, those that fared worst first."""

    @property
    def passed(self) -> bool:
        """Whether no required check failed.

        One that was required but not made counts as failed, and a file on which nothing at all
        could be checked has proven nothing.
        """
        asked = (check for policy in self.policies for check in policy.checks)
        checks = (*self.checks, *asked)
        required = [check for check in checks if check.severity is Weight.REQUIRED]
        good = (Status.PASSED, Status.WARNED)
        return (
            self.verdict is not Verdict.UNREADABLE
            and bool(required)
            and all(check.status in good for check in required)
        )
