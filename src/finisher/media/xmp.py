"""XMP packets: the digital source type and AIGC label a file states there, written and read.

Layout after ISO 16684-1 and the XMP Specification Part 3 (storage in files); the properties are
`DigitalSourceType` of the IPTC Extension schema and `AIGC` of TC260's (GB 45438-2025). Packets
of others are searched as text, never parsed as XML: one value is looked for, and no entity can
do harm where none is expanded.
"""

from __future__ import annotations

import html
import re
import struct
from itertools import islice
from pathlib import Path
from xml.sax.saxutils import quoteattr

XMP_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Type of the `uuid` box that holds a packet (XMP Specification Part 3, 1.1.3 MPEG-4)."""
LARGEST = 4 << 20
"""Bytes of a packet that are looked at; real ones have some kilobytes."""

_IPTC_EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
_TC260 = "http://www.tc260.org.cn/ns/AIGC/1.0/"
_GENERATIVE = ("trained", "compositesynthetic")
_LONGEST = 10_000
"""Characters of a value; AIGC labels are some hundred characters of JSON."""
_MOST = 64
"""Places where a value is looked for; a packet has one or two."""
_BODY = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:Iptc4xmpExt="{schema}"
    xmp:CreatorTool={tool}
    Iptc4xmpExt:DigitalSourceType={source}/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def packet(source_type: str, tool: str) -> bytes:
    """A packet that states a digital source type and the program that made the file."""
    text = _BODY.format(schema=_IPTC_EXT, tool=quoteattr(tool), source=quoteattr(source_type))
    return text.encode()


def append(path: Path, content: bytes) -> None:
    """Put a packet at the end of an MP4 or MOV file, in a box of its own.

    Nothing that stands before it moves, so that no table of the file needs another figure.

    Raises:
        OSError: when the file can't be written.
    """
    with path.open("ab") as stream:
        stream.write(struct.pack(">I4s", 24 + len(content), b"uuid") + XMP_UUID + content)


def source_type(content: bytes) -> str | None:
    """The digital source type that packets state; of several one that speaks of a model.

    The value as it stands there: an address, or the bare word.
    """
    values = _values(content, _IPTC_EXT, "DigitalSource(?:[Ff]ile)?Type")
    return next(filter(_generative, values), values[0] if values else None)


def aigc(content: bytes) -> str | None:
    """The AIGC label that packets state, JSON as it stands there."""
    return next(iter(_values(content, _TC260, "AIGC")), None)


def _generative(value: str) -> bool:
    return any(word in value.casefold() for word in _GENERATIVE)


def _values(content: bytes, schema: str, name: str) -> list[str]:
    """The values of a property: as attribute, as text, as reference or in a list."""
    text = _decoded(content[:LARGEST])
    schema = re.escape(schema.rstrip("/"))
    prefixes = re.findall(rf"""xmlns:([A-Za-z_][\w.-]{{0,63}})\s*=\s*["']{schema}/?["']""", text)
    found: list[str] = []
    for prefix in [*dict.fromkeys(prefixes)][:_MOST]:
        full = rf"{re.escape(prefix)}:{name}"
        matches = re.finditer(rf"""\s{full}\s*=\s*(["'])|<({full})\b""", text)
        for match in islice(matches, _MOST):
            rest = text[match.end() : match.end() + _LONGEST]
            quote, element = match.groups()
            found += [rest.partition(quote)[0]] if quote else _within(rest, element)
    return [html.unescape(raw).strip() for raw in found if raw.strip() and "<" not in raw]


def _within(rest: str, element: str) -> list[str]:
    """The values in an element, given what follows its name: text, list items, a reference."""
    attributes, _, content = rest.partition(">")
    values = re.findall(r"""rdf:resource\s*=\s*["']([^"'<>]*)""", attributes)
    if not attributes.endswith("/"):
        values += re.split(r"<[^<>]*>", content.partition(f"</{element}")[0])
    return values


def _decoded(content: bytes) -> str:
    """A packet's text: UTF-8, unless a zero stands beside its first bracket."""
    at = content[:64].find(b"<")
    if at >= 0 and content[at + 1 : at + 2] == b"\0":
        return content[at:].decode("utf-16-le", "replace")
    if at > 0 and content[at - 1 : at] == b"\0":
        return content[at - 1 :].decode("utf-16-be", "replace")
    return content.decode("utf-8", "replace")
