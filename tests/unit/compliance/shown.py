"""Audits that show just what a test says."""

from __future__ import annotations

import json

from finisher.findings import ActiveManifest, FileAudit, Finding, Ingredient, Status, Verdict

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI = IPTC + "compositeWithTrainedAlgorithmicMedia"
CAMERA = IPTC + "digitalCapture"
COMPOSITE = IPTC + "composite"


def claim(source_type: str | None) -> ActiveManifest:
    return ActiveManifest(
        "urn:c2pa:1", "finisher 1", "Somebody", None, None, None, False, source_type, ()
    )


def source(
    source_type: str | None, now: tuple[str, ...] = (), title: str = "take.mp4"
) -> Ingredient:
    return Ingredient(title, 1, "urn:c2pa:2", (), now, source_type=source_type)


def audit(
    own: str | None = None,
    *,
    sources: tuple[Ingredient, ...] = (),
    iptc: str | None = None,
    aigc: object = None,
    verdict: Verdict = Verdict.INTACT_UNTRUSTED,
    checks: dict[str, Status] | None = None,
) -> FileAudit:
    labels: dict[str, object] = {}
    if iptc is not None:
        labels["iptc"] = iptc
    if aigc is not None:
        labels["aigc"] = aigc if isinstance(aigc, dict) else json.dumps({"Label": aigc})
    found = {"manifest-present": Status.PASSED} | (checks or {})
    return FileAudit(
        "film.mp4",
        10,
        "a" * 64,
        verdict,
        tuple(Finding(name, status, "as made up") for name, status in found.items()),
        active=claim(own) if own is not None else None,
        ingredients=sources,
        labels=labels,  # type: ignore[arg-type]
    )
