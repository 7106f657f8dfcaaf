"""Judge a file's provenance from what reading it gave; pure, and never by the SDK's summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finisher.c2pa.reading import Obstacle, Obstructed, Outcome, Reading
from finisher.findings import ActiveManifest, Finding, Ingredient, Status, Verdict, Weight
from finisher.promises import PromisedTake
from finisher.provenance import binding, chain, completeness, disclosure, origins, proofs, trust
from finisher.provenance.codes import MEDIA_BINDINGS, MISSING, breaking
from finisher.provenance.completeness import Source

__all__ = ["CredentialAudit", "Source", "judge"]

_OFFLINE = "revocation of certificates (nothing is fetched from the network)"


@dataclass(frozen=True, slots=True)
class CredentialAudit:
    """The verdict on a file's provenance and everything it rests on."""

    verdict: Verdict
    checks: tuple[Finding, ...]
    active: ActiveManifest | None = None
    ingredients: tuple[Ingredient, ...] = ()
    not_checked: tuple[str, ...] = ()


def judge(
    outcome: Outcome,
    expected: Sequence[PromisedTake] = (),
    sources: Mapping[str, Source] | None = None,
) -> CredentialAudit:
    """The verdict on what `finisher.c2pa.reading.read` gave for a file.

    Args:
        outcome: the reading; the lists it was made with say who is trusted.
        expected: the files known to have gone in, from the promises inside it or from an EDL.
        sources: those of them that lie on disk, read afresh, by `PromisedTake.id`.
    """
    if outcome is None:
        return _absent("no manifest is embedded", ())
    if isinstance(outcome, Obstructed):
        return _obstructed(outcome)
    return _judge(outcome, expected, sources or {})


def _judge(
    reading: Reading, expected: Sequence[PromisedTake], sources: Mapping[str, Source]
) -> CredentialAudit:
    """The verdict on a store that could be read."""
    store = reading.store
    links = chain.links(store)
    media = chain.about_media(store)
    parts = chain.links(media)
    whole = (
        _present(reading),
        Finding("manifest-single", Status.PASSED, "one manifest store"),
        _media(store),
        _claim(reading),
        _reachable(reading, links),
        _recorded(store, links),
        completeness.agree(store, links, expected, sources),
        _now(reading, links),
    )
    complete = completeness.complete(media, parts, expected, sources)
    trusted, vouched = trust.signer(store)
    time = trust.time(store, vouched)
    other = (
        *complete,
        *completeness.unchanged(expected, sources),
        *_redacted(store),
        disclosure.actions(media, parts),
        disclosure.ai(store, parts, completeness.still(expected, sources)),
        *disclosure.mining(media),
        *completeness.marked(links),
        trusted,
        *trust.takes(store, links),
        time,
    )
    return CredentialAudit(
        verdict=_verdict(whole, complete, trusted),
        checks=whole + other,
        active=_active(store, vouched, trusted),
        ingredients=completeness.ingredients(media, links, expected, sources),
        not_checked=_not_checked(store, links, sources),
    )


def _verdict(whole: Sequence[Finding], complete: Sequence[Finding], trusted: Finding) -> Verdict:
    """The worst that the findings allow."""
    if any(check.status is Status.FAILED for check in whole):
        return Verdict.TAMPERED
    if any(check.status is Status.FAILED for check in complete):
        return Verdict.INCOMPLETE
    return Verdict.INTACT if trusted.status is Status.PASSED else Verdict.INTACT_UNTRUSTED


def _absent(detail: str, more: tuple[Finding, ...]) -> CredentialAudit:
    """Nothing to judge."""
    check = Finding("manifest-present", Status.FAILED, detail, codes=("claim.missing",))
    return CredentialAudit(Verdict.ABSENT, (check, *more))


def _obstructed(found: Obstructed) -> CredentialAudit:
    """The verdict where a store can't be read."""
    codes = (str(found.obstacle),)
    match found.obstacle:
        case Obstacle.REMOTE:
            told = Finding(
                "remote-not-fetched",
                Status.WARNED,
                "the file only names an address of credentials, and addresses are not followed",
                Weight.ADVISORY,
                codes,
            )
            audit = _absent("no manifest is embedded", (told,))
            return CredentialAudit(
                audit.verdict, audit.checks, not_checked=("credentials kept elsewhere",)
            )
        case Obstacle.FOREIGN:
            told = Finding(
                "sidecar-foreign",
                Status.WARNED,
                f"a manifest lies beside the file and is not of it: {found.detail}",
                Weight.ADVISORY,
                codes,
            )
            return _absent("no manifest is embedded, and the one beside it is not of it", (told,))
        case Obstacle.UNSUPPORTED:
            return _absent(f"this format carries no credentials: {found.detail}", ())
        case Obstacle.SEVERAL:
            check = Finding("manifest-single", Status.FAILED, found.detail, codes=codes)
            return CredentialAudit(Verdict.TAMPERED, (check,))
        case Obstacle.DAMAGED:
            check = Finding("manifest-readable", Status.FAILED, found.detail, codes=codes)
            return CredentialAudit(Verdict.TAMPERED, (check,))
        case Obstacle.UNREADABLE:
            check = Finding("manifest-readable", Status.FAILED, found.detail, codes=codes)
            return CredentialAudit(Verdict.UNREADABLE, (check,))


def _present(reading: Reading) -> Finding:
    """A manifest is there."""
    where = "embedded" if reading.embedded else "beside the file, and made for it"
    return Finding("manifest-present", Status.PASSED, f"a manifest is {where}")


def _check(name: str, codes: tuple[str, ...], good: str, bad: str) -> Finding:
    """A finding that fails on any code that says that something was changed."""
    broken = breaking(codes)
    if broken:
        return Finding(name, Status.FAILED, f"{bad}: {', '.join(broken)}", codes=broken)
    return Finding(name, Status.PASSED, good)


def _is_media(code: str) -> bool:
    """Whether a code speaks of the media rather than of the claim."""
    plain = code.removeprefix(MISSING)
    return plain.startswith(MEDIA_BINDINGS) or plain == "hard-binding.match"


def _media(store: chain.Document) -> Finding:
    """Picture and sound are those that were signed."""
    codes = tuple(filter(_is_media, chain.active_failures(store) + proofs.unproven(store)))
    return _check(
        "integrity-media", codes, "the media are those that were signed", "the media were changed"
    )


def _claim(reading: Reading) -> Finding:
    """The claim and its assertions are as they were signed."""
    store = reading.store
    codes = chain.active_failures(store) + proofs.unproven(store)
    codes = tuple(c for c in codes if not _is_media(c) and not c.startswith(f"{MISSING}ingredient"))
    codes += (binding.MALFORMED,) if binding.malformed(reading) else ()
    return _check(
        "integrity-claim", codes, "the claim is as it was signed", "the claim was changed"
    )


def _reachable(reading: Reading, links: tuple[chain.Link, ...]) -> Finding:
    """No manifest lies in the store that nothing refers to; such a one could hide a failure."""
    name = "store-reachable"
    store = reading.store
    known = {chain.active(store), *(link.manifest for link in links)}
    stray = tuple(urn for urn in chain.urns(store) if urn not in known)
    if stray:
        detail = f"the store holds manifests that nothing refers to: {', '.join(stray)}"
        return Finding(name, Status.FAILED, detail, codes=(binding.UNLISTED,))
    doubled = binding.strays(reading)
    if doubled:
        detail = f"manifests that lie there twice, or unseen: {', '.join(doubled)}"
        return Finding(name, Status.FAILED, detail, codes=(binding.DOUBLED,))
    return Finding(name, Status.PASSED, "every manifest belongs to the chain")


def _recorded(store: chain.Document, links: tuple[chain.Link, ...]) -> Finding:
    """Nothing that went in, at any depth, was recorded as changed when it went in."""
    bad = [link for link in links if breaking(link.recorded)]
    codes = tuple(dict.fromkeys(c for link in bad for c in breaking(link.recorded)))
    issuer, name, _ = chain.signature(store, chain.active(store))
    signer = name or issuer or "the signer"
    if bad:
        names = ", ".join(link.title for link in bad)
        detail = f"already changed when it went in: {names} ({', '.join(codes)})"
        return Finding("ingredients-recorded", Status.FAILED, detail, codes=codes)
    detail = f"no ingredient was found changed when it went in, as recorded by {signer}"
    return Finding("ingredients-recorded", Status.PASSED, detail)


def _now(reading: Reading, links: tuple[chain.Link, ...]) -> Finding:
    """No manifest below the active one fails now."""
    store = reading.store
    own = chain.active_failures(store)
    codes = tuple(c for c in chain.failures(store) if c not in own)
    codes += tuple(c for link in links for c in link.now if c not in codes)
    codes += tuple(c for c in proofs.unproven(store) if c.startswith(f"{MISSING}ingredient"))
    if binding.replaced(reading):
        codes = tuple(dict.fromkeys((*codes, binding.REPLACED)))
    return _check(
        "ingredients-now", codes, "no ingredient's claim was changed", "an ingredient was changed"
    )


def _redacted(store: chain.Document) -> tuple[Finding, ...]:
    """Nothing that was said before was taken out; whoever does so legally says it."""
    taken = chain.redactions(store)
    if not taken:
        return ()
    detail = f"taken out since it was first signed: {', '.join(taken)}"
    codes = ("assertion.redacted",)
    return (Finding("redactions", Status.WARNED, detail, Weight.ADVISORY, codes),)


def _active(store: chain.Document, vouched: trust.Vouched, trusted: Finding) -> ActiveManifest:
    """The claim that speaks for the file."""
    urn = chain.active(store)
    issuer, name, stamped = chain.signature(store, urn)
    media = chain.subject(store)
    return ActiveManifest(
        urn=urn,
        generator=chain.generator(store, urn) or "",
        issuer=issuer,
        common_name=name,
        anchor=(vouched.lists or "given anchors") if trusted.status is Status.PASSED else None,
        time=stamped,
        time_trusted=vouched.time,
        source_type=origins.claimed(store),
        actions=tuple(dict.fromkeys(action.name for action in chain.actions(store, media))),
    )


def _not_checked(
    store: chain.Document, links: tuple[chain.Link, ...], sources: Mapping[str, Source]
) -> tuple[str, ...]:
    """What nobody looked at, and so never counts as passed."""
    told = [_OFFLINE]
    told.append("imperceptible watermarks that no manifest declares")
    if links and not sources:
        told.append("the files that went in: their state is as their signers recorded it")
    owners = (chain.active(store), *(link.manifest for link in links))
    if any(
        label.startswith("cawg.identity")
        for urn in owners
        for label in chain.assertion_labels(store, urn)
    ):
        told.append("identity assertions (CAWG)")
    return tuple(told)
