"""Pictures as a page carries them: inside itself, and told in words."""

from __future__ import annotations

import base64
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PictureView:
    """A picture of a page."""

    source: str
    alt: str


def embedded(jpeg: bytes, alt: str) -> PictureView:
    """A JPEG file inside the page; the words are to be safe text already."""
    return PictureView(f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode('ascii')}", alt)
