"""Set the files known to have gone in against the ingredients a store lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from finisher.facts import CredentialFacts
from finisher.findings import Finding, Ingredient, Status, Weight
from finisher.promises import PromisedTake
from finisher.provenance import chain, origins, trust
from finisher.provenance.codes import breaking
from finisher.provenance.proofs import Evidence, evidence


@dataclass(frozen=True, slots=True)
class Source:
    """A file that went in, as it lies on disk now."""

    sha256: str
    credentials: CredentialFacts


def complete(
    store: chain.Document,
    links: tuple[chain.Link, ...],
    expected: Sequence[PromisedTake],
    sources: Mapping[str, Source],
) -> tuple[Finding, ...]:
    """Every take known to have had credentials brought them along."""
    name = "ingredients-complete"
    torn = [link.title for link in links if link.named and link.manifest is None]
    if torn:
        detail = f"credentials that are named and not there, of: {', '.join(torn)}"
        codes = ("ingredient.manifest.missing",)
        return (Finding(name, Status.FAILED, detail, codes=codes),)
    if not expected:
        detail = "no list of what went in: give the edit list to check that nothing is missing"
        return (Finding(name, Status.NOT_CHECKED, detail, Weight.ADVISORY),)
    own = [link for link in links if link.owner == chain.active(store)]
    present = {link.manifest for link in own}
    lost = [take.title for take in expected if take.manifest and take.manifest not in present]
    lost += [
        take.title
        for take in expected
        if (held := _held(take, sources)) and held not in present and take.title not in lost
    ]
    titles = {link.title for link in own}
    # Files of the same content are one ingredient, under the name of the first.
    listed = {t.sha256 for t in expected if t.title in titles or t.manifest in present}
    unlisted = [take.title for take in expected if take.sha256 not in listed]
    if lost:
        detail = f"went in with credentials and lost them: {', '.join(lost)}"
        return (Finding(name, Status.FAILED, detail, codes=("ingredient.missing",)),)
    if unlisted:
        detail = f"went in without credentials and without mention: {', '.join(unlisted)}"
        return (Finding(name, Status.WARNED, detail, codes=("ingredient.unlisted",)),)
    detail = f"all {len(expected)} files that went in are ingredients"
    return (Finding(name, Status.PASSED, detail),)


def went_in(
    promised: Sequence[PromisedTake], edit: Sequence[PromisedTake]
) -> tuple[PromisedTake, ...]:
    """The files known to have gone into a film: those it promises, and others of its edit.

    A film's own promises win: another file that lies there now did not go in, and whether the
    edit names the same files is a question of its own. Of the very same file the edit's word, read
    afresh, counts.
    """
    edited = {take.id: take for take in edit}
    own = {take.id: take for take in promised}
    kept = [
        edited[n] if n in edited and edited[n].sha256 == take.sha256 else take
        for n, take in own.items()
    ]
    return (*kept, *(take for n, take in edited.items() if n not in own))


def still(
    expected: Sequence[PromisedTake], sources: Mapping[str, Source]
) -> tuple[CredentialFacts, ...]:
    """The credentials of files on disk, without those known to be others than went in."""
    strange = others(expected, sources)
    return tuple(one.credentials for name, one in sources.items() if name not in strange)


def others(expected: Sequence[PromisedTake], sources: Mapping[str, Source]) -> frozenset[str]:
    """The ids of files on disk that are others than went in."""
    then = {take.id: take.sha256 for take in expected}
    return frozenset(n for n, one in sources.items() if then.get(n, one.sha256) != one.sha256)


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
        if source.credentials.fingerprint not in {None, chain.fingerprint(store, urn)}:
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


def unchanged(
    expected: Sequence[PromisedTake], sources: Mapping[str, Source]
) -> tuple[Finding, ...]:
    """The files on disk are those that went in, and still carry what they carried then."""
    known = [(take, sources[take.id]) for take in expected if take.id in sources]
    if not known:
        return ()
    told = []
    for take, source in known:
        if source.sha256 == take.sha256:
            continue
        told.append(f"{take.title} ({_since(take, source)})")
    name = "sources-unchanged"
    weight = Weight.ADVISORY
    if told:
        detail = f"not on disk any more as they went in: {', '.join(told)}"
        return (Finding(name, Status.WARNED, detail, weight, ("source.changed",)),)
    detail = f"{len(known)} files on disk are those that went in"
    return (Finding(name, Status.PASSED, detail, weight),)


def _since(take: PromisedTake, source: Source) -> str:
    """What became of a file that is not what went in any more."""
    if take.manifest in {None, source.credentials.manifest}:
        return "changed since"
    lost = source.credentials.manifest is None
    return "lost its credentials since" if lost else "has other credentials since"


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
    elsewhere = ", ".join(link.title for link in bare if link.elsewhere)
    if elsewhere:
        detail += f"; those of {elsewhere} lie at an address, and were not fetched"
    return (Finding("ingredients-marked", Status.WARNED, detail, Weight.ADVISORY, codes),)


def ingredients(
    store: chain.Document,
    links: tuple[chain.Link, ...],
    expected: Sequence[PromisedTake],
    sources: Mapping[str, Source],
) -> tuple[Ingredient, ...]:
    """The ingredients as an audit shows them: each before its own, a tree told by depths."""
    top = min((link.depth for link in links), default=0)
    owned: dict[str, list[chain.Link]] = defaultdict(list)
    for link in links:
        owned[link.owner].append(link)
    waiting = [link for link in reversed(links) if link.depth == top]
    told = evidence(store)
    found, opened = list[Ingredient](), set[str]()
    while waiting:
        link = waiting.pop()
        found.append(_ingredient(store, link, told, expected, sources))
        # A manifest that several share is opened once, where it stands nearest.
        if link.manifest is not None and link.manifest not in opened:
            opened.add(link.manifest)
            waiting += reversed([one for one in owned[link.manifest] if one.depth > link.depth])
    return tuple(found)


def _ingredient(
    store: chain.Document,
    link: chain.Link,
    told: Evidence,
    expected: Sequence[PromisedTake],
    sources: Mapping[str, Source],
) -> Ingredient:
    """One ingredient with what is known of its file."""
    take = _take(link, expected) if link.owner == chain.active(store) else None
    source = sources.get(take.id) if take is not None else None
    vouched = trust.ingredient(told, link) if link.manifest is not None else None
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
        source_type=origins.of_part(store, link),
        sha256=take.sha256 if take is not None else None,
        generator=chain.generator(store, link.manifest),
        trusted=vouched is not None and vouched.signer,
        anchor=vouched.lists if vouched is not None else None,
    )


def _take(link: chain.Link, expected: Sequence[PromisedTake]) -> PromisedTake | None:
    """The file an ingredient stands for: by its manifest, or by title where it has none."""
    if link.manifest is not None:
        return next((take for take in expected if take.manifest == link.manifest), None)
    bare = (take for take in expected if take.manifest is None)
    return next((take for take in bare if take.title == link.title), None)
