"""Set the files known to have gone in against the ingredients a store lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finisher.facts import CredentialFacts
from finisher.findings import Finding, Ingredient, Status, Weight
from finisher.promises import PromisedTake
from finisher.provenance import chain
from finisher.provenance.codes import breaking


@dataclass(frozen=True, slots=True)
class Source:
    """A file that went in, as it lies on disk now."""

    sha256: str
    credentials: CredentialFacts
    fingerprint: str | None = None
    """`chain.fingerprint` of its active manifest; a look-alike under the same URN differs."""


def complete(
    store: chain.Document,
    links: tuple[chain.Link, ...],
    expected: Sequence[PromisedTake],
    sources: Mapping[str, Source],
) -> tuple[Finding, ...]:
    """Every take known to have had credentials brought them along."""
    name = "ingredients-complete"
    if not expected:
        detail = "no list of what went in: give the edit list to check that nothing is missing"
        return (Finding(name, Status.NOT_CHECKED, detail, Weight.ADVISORY),)
    present = {link.manifest for link in links if link.owner == chain.active(store)}
    lost = [take.title for take in expected if take.manifest and take.manifest not in present]
    lost += [
        take.title
        for take in expected
        if (held := _held(take, sources)) and held not in present and take.title not in lost
    ]
    titles = {link.title for link in links if link.owner == chain.active(store)}
    unlisted = [t.title for t in expected if t.title not in titles and t.manifest not in present]
    if lost:
        detail = f"went in with credentials and lost them: {', '.join(lost)}"
        return (Finding(name, Status.FAILED, detail, codes=("ingredient.missing",)),)
    if unlisted:
        detail = f"went in without credentials and without mention: {', '.join(unlisted)}"
        return (Finding(name, Status.WARNED, detail, codes=("ingredient.unlisted",)),)
    detail = f"all {len(expected)} files that went in are ingredients"
    return (Finding(name, Status.PASSED, detail),)


def _held(take: PromisedTake, sources: Mapping[str, Source]) -> str | None:
    """The manifest that a file on disk, the very one that went in, carries now."""
    source = sources.get(take.id)
    same = source is not None and source.sha256 == take.sha256
    return source.credentials.manifest if source is not None and same else None


def agree(
    store: chain.Document,
    links: tuple[chain.Link, ...],
    expected: Sequence[PromisedTake],
    sources: Mapping[str, Source],
) -> Finding:
    """What is recorded of the files on disk is what they themselves say.

    A record is written by whoever signed; only the files can confirm it.
    """
    name = "ingredients-rechecked"
    recorded = {link.manifest: link.recorded for link in links}
    codes: list[str] = []
    wrong: list[str] = []
    checked = 0
    for take in expected:
        urn, source = _held(take, sources), sources.get(take.id)
        if source is None or urn is None or urn not in recorded:
            continue
        checked += 1
        hidden = [c for c in breaking(source.credentials.codes) if c not in recorded[urn]]
        if source.fingerprint not in {None, chain.fingerprint(store, urn)}:
            hidden.append("ingredient.manifest.differs")
        if hidden:
            wrong.append(take.title)
            codes += hidden
    if wrong:
        detail = f"recorded otherwise than the file itself says: {', '.join(wrong)}"
        return Finding(name, Status.FAILED, detail, codes=tuple(dict.fromkeys(codes)))
    if not checked:
        detail = "none of the signed files that went in was read again"
        return Finding(name, Status.NOT_CHECKED, detail, Weight.ADVISORY)
    return Finding(name, Status.PASSED, f"{checked} signed files say what is recorded of them")


def marked(links: tuple[chain.Link, ...]) -> tuple[Finding, ...]:
    """Every ingredient has credentials of its own; most sounds and many takes have none."""
    bare = [link for link in links if link.manifest is None]
    if not links:
        return ()
    if not bare:
        detail = "every ingredient has credentials of its own"
        return (Finding("ingredients-marked", Status.PASSED, detail, Weight.ADVISORY),)
    names = ", ".join(link.title for link in bare)
    # Results recorded for what has no manifest are the signer's word about nothing.
    codes = ("ingredient.record-without-manifest",) if any(b.claimed for b in bare) else ()
    detail = f"without credentials of their own: {names}"
    return (Finding("ingredients-marked", Status.WARNED, detail, Weight.ADVISORY, codes),)


def ingredients(
    store: chain.Document,
    links: tuple[chain.Link, ...],
    expected: Sequence[PromisedTake],
    sources: Mapping[str, Source],
) -> tuple[Ingredient, ...]:
    """The ingredients as an audit shows them, nearest first."""
    return tuple(_ingredient(store, link, expected, sources) for link in links)


def _ingredient(
    store: chain.Document,
    link: chain.Link,
    expected: Sequence[PromisedTake],
    sources: Mapping[str, Source],
) -> Ingredient:
    """One ingredient with what is known of its file."""
    take = _take(link, expected) if link.owner == chain.active(store) else None
    source = sources.get(take.id) if take is not None else None
    rechecked = "not-checked"
    if take is not None and source is not None:
        rechecked = "same" if source.sha256 == take.sha256 else "changed"
    return Ingredient(
        title=link.title,
        depth=link.depth,
        manifest=link.manifest,
        recorded=link.recorded,
        now=link.now,
        source_rechecked=rechecked,
        issuer=chain.signature(store, link.manifest)[0],
        source_type=chain.source_type(store, link.manifest),
        sha256=take.sha256 if take is not None else None,
    )


def _take(link: chain.Link, expected: Sequence[PromisedTake]) -> PromisedTake | None:
    """The file an ingredient stands for: by its manifest, or by title where it has none."""
    if link.manifest is not None:
        return next((take for take in expected if take.manifest == link.manifest), None)
    bare = (take for take in expected if take.manifest is None)
    return next((take for take in bare if take.title == link.title), None)
