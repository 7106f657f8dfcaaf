"""A manifest whose every string is an attack on whoever shows it."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

from tests.tampering import forge
from tests.tampering.forge import Part, Terms

ATTACKS = (
    "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "\u202egnp.exe\u2066\u200f\u2028",
    '<script>alert(1)</script>"><img src=x onerror=alert(2)>',
    "]]><x/><!--&amp;&#0;",
    '=HYPERLINK("http://example.invalid")\r\n::error::fooled',
    "{{ 7*7 }}{% raw %}",
    "a\x00b\x08c\x7fd\x85e",
    "\ufffe\uffff\U0001f4a9" + "\u0301" * 40,
)
# Everything a terminal may act on: controls but tab and line feed, and marks that turn text round.
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def signed(media: Path, folder: Path, long: int = 0) -> Path:
    """Media signed by somebody whose every word is hostile; with `long`, words of that length."""
    folder.mkdir()
    said = "".join(ATTACKS) + "A" * long
    by = forge.maker("\x1b[31m\u202e<script>x</script>]]>")
    title = Part({"title": said, "relationship": "componentOf", "label": "x"})
    manifest = forge.claim(said, f"http://example.invalid/{said}", ("x",))
    manifest["claim_generator_info"] = [{"name": said, "version": said}]
    actions = manifest["assertions"][0]["data"]["actions"]
    actions[1]["description"] = said
    actions.append({"action": f"com.example.{said}", "softwareAgent": {"name": said}})
    actions.append({"action": f"c2pa.{said}"})
    manifest["assertions"] += [
        {"label": "org.example.x", "data": {said: said}},
        {"label": "org.finisher.promises", "data": {"title": said, said: [said]}},
        {"label": "c2pa.soft-binding", "data": {"alg": said, "blocks": []}},
    ]
    terms = Terms(parts=(title,), verify=False)
    return forge.sign(media, folder / "hostile.mp4", by, manifest, replace(terms, attributed=()))


class Elements(HTMLParser):
    """The elements and attributes of a page as a browser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.active: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.active += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        self.active += [
            f"{tag} {name}={value}"
            for name, value in attrs
            if name in ("href", "src") and (value or "").startswith(("http", "javascript", "x"))
        ]
