"""Small films, sounds and pictures with labels in their metadata."""

from __future__ import annotations

import zlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

LABEL = '{"Label":"1","ContentProducer":"studio"}'
IPTC = 'xmlns:I="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"'
TC260 = 'xmlns:T="http://www.tc260.org.cn/ns/AIGC/1.0/"'


def film(path: Path, faststart: str = "+faststart", **metadata: str) -> Path:
    """Three pictures with metadata."""
    with av.open(str(path), "w", options={"movflags": f"{faststart}+use_metadata_tags"}) as out:
        out.metadata.update(metadata)
        stream = out.add_stream("libx264", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(3):
            plane = np.full((72, 64), 60 + number, np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(plane, "yuv420p")))
        out.mux(stream.encode(None))
    return path


def sound(path: Path, **metadata: str) -> Path:
    """A tenth of a second of silence."""
    codec = {".mp3": "libmp3lame", ".m4a": "aac", ".flac": "flac"}[path.suffix]
    options = {"movflags": "use_metadata_tags"} if path.suffix == ".m4a" else {}
    with av.open(str(path), "w", options=options) as out:
        out.metadata.update(metadata)
        stream = out.add_stream(codec, rate=48_000, layout="mono")
        for at in range(0, 4608, 1152):
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 1152), np.int16), "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def png(path: Path, packet: bytes) -> Path:
    """A picture of one pixel with a packet."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(kind + data)
        return len(data).to_bytes(4) + kind + data + crc.to_bytes(4)

    head = chunk(b"IHDR", b"\0\0\0\x02\0\0\0\x02\x08\0\0\0\0")
    text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet)
    data = chunk(b"IDAT", zlib.compress(b"\0\0\0\0\0\0"))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + head + data + text + chunk(b"IEND", b""))
    return path


def meta(inner: str) -> bytes:
    return f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>{inner}</rdf:RDF></x:xmpmeta>".encode()
