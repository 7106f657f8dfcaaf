"""The SDK itself: loaded late, never on the network, told what a file is by its content."""

from __future__ import annotations

import io
import mimetypes
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from finisher.c2pa.trust import trust_settings

if TYPE_CHECKING:
    import c2pa

EKUS = (
    "1.3.6.1.4.1.62558.2.1",  # C2PA claim signing
    "1.3.6.1.5.5.7.3.36",  # document signing
    "1.3.6.1.5.5.7.3.4",  # e-mail protection
    "1.3.6.1.4.1.311.76.59.1.9",  # Microsoft's own for C2PA
    "1.3.6.1.5.5.7.3.8",  # time stamping
    "1.3.6.1.5.5.7.3.9",  # OCSP signing
)
"""Extended key usages a signer may have; without a list the SDK takes e-mail protection alone."""

# What a file is is told by its first bytes: a signed take named .webm would otherwise go in
# without its manifest, silently.
_MAGIC = (
    (4, b"ftyp", "video/mp4"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/avi"),
    (8, b"WEBP", "image/webp"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG", "image/png"),
    (0, b"\x1a\x45\xdf\xa3", "video/x-matroska"),
    (0, b"OggS", "application/ogg"),
)

UNKNOWN = "application/octet-stream"


def sdk() -> ModuleType:
    """The SDK, loaded when first needed: commands that touch no file must not wait for it."""
    import c2pa  # noqa: PLC0415

    sdk: ModuleType = c2pa
    return sdk


def version() -> str:
    """The version of the C2PA package at work, read off its metadata without loading it."""
    return metadata.version("c2pa-python")


def context(
    anchors: str | None, attributed: tuple[str, ...] = (), pieces: int | None = None
) -> c2pa.Context:
    """Settings of every call: no network, an explicit list of key usages, given anchors only.

    `pieces` is the size, in KiB, of what media is hashed in; without one it is hashed whole.
    """
    hashing = {"merkle_tree_chunk_size_in_kb": pieces} if pieces is not None else {}
    return sdk().Context.from_dict(
        {
            # By default files of up to half a gigabyte are kept in memory while they are signed.
            "core": {
                "backing_store_memory_threshold_in_mb": 16,
                # A second lock on what a file may make the SDK fetch; time-stamps don't pass here.
                "allowed_network_hosts": [],
                **hashing,
            },
            "trust": trust_settings(anchors, EKUS),
            "verify": {
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
                "verify_after_sign": True,
            },
            "builder": {"created_assertion_labels": list(attributed)},
        }
    )


def media_type(stream: io.BufferedReader, path: Path) -> str:
    """The MIME type by content; unknown content is left to the SDK's own detection."""
    head = stream.read(16)
    stream.seek(0)
    for offset, magic, kind in _MAGIC:
        if head[offset:].startswith(magic):
            return kind
    return mimetypes.guess_type(path.name)[0] or UNKNOWN
