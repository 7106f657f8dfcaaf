"""Note in a film's XMP packet where on the web its credentials lie.

The SDK can note an address too, but moves chunk offsets when it replaces a packet that stands
behind the media, after which the film no longer decodes.
"""

from __future__ import annotations

import re
import struct
from pathlib import Path
from typing import IO
from xml.sax.saxutils import quoteattr

from finisher.c2pa.films import Box, boxes

_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
"""Type of the `uuid` box that holds an XMP packet."""
_LARGEST = 1 << 20
_DESCRIPTION = re.compile(r"<rdf:Description\b")
_BARE = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
    '  <rdf:Description rdf:about=""/>\n'
    " </rdf:RDF>\n</x:xmpmeta>\n"
    '<?xpacket end="r"?>'
)


def note(film: Path, address: str) -> None:
    """Write an address into an unsigned MP4 or MOV: into the packet at its end, or a new one.

    C2PA 2.2, section 11.4: `dcterms:provenance` names where the store is. Nothing that stands
    before the packet moves.

    Raises:
        OSError: when the file can't be written.
        ValueError: when it is no sequence of boxes.
    """
    with film.open("r+b") as stream:
        at, packet = _last_packet(stream)
        noted = f'xmlns:dcterms="http://purl.org/dc/terms/" dcterms:provenance={quoteattr(address)}'
        text = _DESCRIPTION.sub(lambda found: f"{found[0]} {noted}", packet or _BARE, count=1)
        content = text.encode()
        stream.seek(at)
        stream.truncate()
        stream.write(struct.pack(">I4s", 24 + len(content), b"uuid") + _XMP + content)


def _last_packet(stream: IO[bytes]) -> tuple[int, str]:
    """Where the packet at the end begins and what it says; the file's end where there is none."""
    found = boxes(stream)
    last = found[-1] if found else Box(b"", 0, 0)
    if last.kind != b"uuid" or not len(_XMP) < last.size < _LARGEST:
        return last.end, ""
    stream.seek(last.start + 8)
    kind, text = stream.read(len(_XMP)), stream.read(last.size - 8 - len(_XMP))
    packet = text.decode("utf-8", "replace")
    if kind != _XMP or not _DESCRIPTION.search(packet):
        return last.end, ""
    return last.start, packet
