"""Trust lists as one text: which certificates may vouch for signers, for time-stamps, or both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

_BLOCK = re.compile(
    r"-----BEGIN CERTIFICATE-----\s*([A-Za-z0-9+/=\s]+?)\s*-----END CERTIFICATE-----"
)
_HEAD = "finisher-trust-list: "
"""Begins the line between certificates that names the list which follows; PEM allows such lines."""
_UNNAMED = "user_anchors"
"""What the SDK calls certificates that came without a name."""
_SIGNER = re.compile(r"found in \[([^\]]*)\] trust anchors")
_AUTHORITY = ", trust list: "


class Kind(StrEnum):
    """Whom a list may vouch for; the SDK itself takes every certificate for either."""

    SIGNERS = "signers"
    TIME = "time"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Anchors:
    """One list: certificates in PEM under a name of letters, digits, `.`, `_` and `-`."""

    name: str
    kind: Kind
    pem: str


def certificates(pem: str) -> tuple[str, ...]:
    """The certificates of a text, each once and written alike wherever it was found."""
    found: dict[str, None] = {}
    for block in _BLOCK.finditer(pem):
        body = "".join(block[1].split())
        lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
        found[f"-----BEGIN CERTIFICATE-----\n{lines}\n-----END CERTIFICATE-----"] = None
    return tuple(found)


def written(lists: Sequence[Anchors]) -> str | None:
    """Lists as one text, which is PEM to everybody else; None for no lists."""
    parts = [
        f"{_HEAD}{one.kind} {one.name}\n" + "\n".join(certificates(one.pem)) + "\n" for one in lists
    ]
    return "".join(parts) or None


def lists_of(text: str | None) -> tuple[Anchors, ...]:
    """The lists of such a text; certificates before the first name are one of any kind."""
    found = []
    for part in re.split(rf"(?m)^(?={re.escape(_HEAD)})", text or ""):
        kind, name = Kind.ANY, ""
        if part.startswith(_HEAD):
            words = part.partition("\n")[0].removeprefix(_HEAD).split(" ", 1)
            kind, name = Kind(words[0]), words[-1]
        pem = "\n".join(certificates(part))
        if pem:
            found.append(Anchors(name, kind, pem))
    return tuple(found)


def trust_settings(text: str | None, usages: Sequence[str]) -> dict[str, Any]:
    """The SDK's settings for such a text: each certificate under the names of all its lists.

    The SDK says under which name it found a certificate, the first of several; one that stands in
    two lists must therefore stand once, under both.
    """
    config = "\n".join(usages)
    members: dict[str, list[str]] = {}
    for one in lists_of(text):
        for block in certificates(one.pem):
            owners = members.setdefault(block, [])
            label = f"{one.kind} {one.name}" if one.name else _UNNAMED
            if label not in owners:
                owners.append(label)
    groups: dict[str, list[str]] = {}
    for block, owners in members.items():
        groups.setdefault(", ".join(owners), []).append(block)
    anchors = [
        {
            "trust_anchors": "\n".join(blocks),
            "trust_uri": label,
            "trust_kind": "manifest",
            "trust_config": config,
        }
        for label, blocks in groups.items()
    ]
    return {"trust_config": config, **({"anchors": anchors} if anchors else {})}


def signer_lists(explanation: str) -> tuple[Anchors, ...]:
    """The lists the SDK says it found a signer on; their certificates are left out."""
    found = _SIGNER.search(explanation)
    return tuple(_labels(found[1])) if found else ()


def authority_lists(explanation: str) -> tuple[Anchors, ...]:
    """The lists the SDK says it found a time-stamp's authority on.

    Its text holds the authority's own name, which may say anything; the list stands behind it.
    """
    _, told, label = explanation.rpartition(_AUTHORITY)
    return tuple(_labels(label)) if told else ()


def _labels(label: str) -> Iterator[Anchors]:
    """The names and kinds that a group of certificates stands under."""
    for part in label.split(", "):
        kind, _, name = part.partition(" ")
        if part == _UNNAMED:
            yield Anchors("", Kind.ANY, "")
        elif kind in set(Kind) and name:
            yield Anchors(name, Kind(kind), "")
