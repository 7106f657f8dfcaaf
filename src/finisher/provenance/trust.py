"""Who vouches for a signer, and for the time of signing: lists that were given, never names."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.c2pa.trust import Anchors, Kind, authority_lists, signer_lists
from finisher.findings import Finding, Status, Weight
from finisher.provenance import chain
from finisher.provenance.proofs import Evidence, evidence, failures_of, recorded, said_now

UNTRUSTED = (
    "nothing was changed since signing, but nobody on a given trust list vouches for the signer: "
    "for that the signature needs a certificate issued under the C2PA trust list to a product of "
    "its conformance programme"
)
"""What `intact-untrusted` means, in one line."""
EXPIRED = (
    "nothing was changed since signing, but the signer's certificate has run out, and no trusted "
    "time-stamp shows that it was used before"
)
_UNTRUSTED, _EXPIRED = "signingCredential.untrusted", "signingCredential.expired"
_TRUSTED, _TIMED = "signingCredential.trusted", "timeStamp.trusted"
_UNNAMED = "a given trust list"


@dataclass(frozen=True, slots=True)
class Vouched:
    """What stands behind a manifest's signature."""

    signer: bool
    lists: str | None
    """The lists that vouch for the signer, by name; None where none does or none can be named."""
    time: bool
    authority: str | None
    """As `lists`, for who states the time."""
    codes: tuple[str, ...] = ()
    """Why the signer is not trusted."""


def active(store: chain.Document) -> Vouched:
    """What stands behind the active manifest, as found now."""
    urn = chain.active(store)
    return _vouched(evidence(store), urn, chain.active_failures(store), known=False)


def ingredient(told: Evidence, link: chain.Link) -> Vouched:
    """What stands behind an ingredient's own manifest.

    The SDK leaves out of today's results what a record already says. A record of trust therefore
    counts where nothing contradicts it, but tells of no list.
    """
    urn, now = link.manifest, failures_of(told, link.manifest, now=True)
    if said_now(told, urn, _TRUSTED):
        # Found so today, whatever was known of the signer when it went in.
        return _vouched(told, urn, tuple(dict.fromkeys((*link.now, *now))), known=False)
    failures = (*link.recorded, *link.now, *now, *failures_of(told, urn, now=False))
    known = recorded(told, urn, _TRUSTED)
    return _vouched(told, urn, tuple(dict.fromkeys(failures)), known=known)


def _vouched(told: Evidence, urn: str | None, failures: tuple[str, ...], *, known: bool) -> Vouched:
    """What the results say of one manifest; `known` is whether a record calls it trusted."""
    lists = [one for text in said_now(told, urn, _TRUSTED) for one in signer_lists(text)]
    fit = _fit(lists, Kind.SIGNERS)
    against = tuple(c for c in failures if c.startswith("signingCredential."))
    codes = against or ((_UNTRUSTED,) if lists and not fit else ())
    trusted = not codes and (bool(fit) or (known and not lists))
    # For claims of version 1 the SDK trusts any authority and says so in the explanation alone.
    kept = [text for text in said_now(told, urn, _TIMED) if not text.startswith("legacy")]
    clocks = [one for text in kept for one in authority_lists(text)]
    timed = bool(_fit(clocks, Kind.TIME)) if clocks else False
    if kept and not timed:
        # Its word may be all that keeps an expired certificate alive.
        trusted, codes = False, codes or ("timeStamp.untrusted",)
    return Vouched(trusted, _names(fit), timed, _names(_fit(clocks, Kind.TIME)), codes)


def _fit(lists: list[Anchors], kind: Kind) -> list[Anchors]:
    """Lists that may vouch for something of a kind."""
    return [one for one in lists if one.kind in (kind, Kind.ANY)]


def _names(lists: list[Anchors]) -> str | None:
    """Lists by name, each once."""
    names = dict.fromkeys(one.name or _UNNAMED for one in lists)
    return ", ".join(names) or None


def signer(store: chain.Document) -> tuple[Finding, Vouched]:
    """The signer is on a trust list that was given, and so is whoever signed what was updated."""
    found = active(store)
    below = [link for link in chain.links(store) if link.manifest in chain.updates(store)[1:]]
    told = evidence(store)
    others = [ingredient(told, link) for link in below]
    name = "trust-signer"
    if found.signer and all(one.signer for one in others):
        detail = f"the signer is on {found.lists or _UNNAMED}"
        return Finding(name, Status.PASSED, detail, Weight.ADVISORY), found
    codes = found.codes or next((one.codes for one in others if not one.signer), ())
    detail = EXPIRED if _EXPIRED in codes else UNTRUSTED
    return Finding(name, Status.WARNED, detail, Weight.ADVISORY, codes), found


def time(store: chain.Document, found: Vouched) -> Finding:
    """A time-stamp authority on a given list says when it was signed."""
    name = "time-stamp"
    if found.time:
        detail = f"the time of signing is stated by an authority on {found.authority or _UNNAMED}"
        return Finding(name, Status.PASSED, detail, Weight.ADVISORY)
    notes = tuple(c for c in chain.active_notes(store) if c.startswith("timeStamp."))
    if chain.signature(store, chain.active(store))[2] is None:
        detail = "not time-stamped: once the certificate runs out, nothing proves when it was used"
    else:
        detail = "the time of signing is stated by an authority on no given list"
    return Finding(name, Status.WARNED, detail, Weight.ADVISORY, notes)


def takes(store: chain.Document, links: tuple[chain.Link, ...]) -> tuple[Finding, ...]:
    """The signers of what went in are on a given list; most of today's are on none."""
    name = "trust-takes"
    signed = {link.manifest: link for link in links if link.manifest is not None}
    if not signed:
        return ()
    told = evidence(store)
    judged = [(link, ingredient(told, link)) for link in signed.values()]
    unproven = [(link, vouched) for link, vouched in judged if not vouched.signer]
    if not unproven:
        detail = "the signers of all that went in are on a given trust list"
        return (Finding(name, Status.PASSED, detail, Weight.ADVISORY),)
    who = {link.title: chain.signature(store, link.manifest)[0] for link, _ in unproven}
    names = ", ".join(f"{title} ({name or 'unnamed'})" for title, name in who.items())
    codes = tuple(dict.fromkeys(code for _, vouched in unproven for code in vouched.codes))
    detail = f"nobody on a given trust list vouches for the signers of {names}"
    return (Finding(name, Status.WARNED, detail, Weight.ADVISORY, codes),)
