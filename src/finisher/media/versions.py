"""Which libraries do the picture work; part of every content key."""

from __future__ import annotations

import av


def libraries() -> dict[str, str]:
    """Versions of PyAV and of FFmpeg's libraries inside it."""
    found = {name: ".".join(map(str, version)) for name, version in av.library_versions.items()}
    return {"av": av.__version__, **found}


def encoders() -> dict[str, bool]:
    """Which of the encoders that presets may ask for this build has."""
    asked = ("libx264", "prores_ks", "dnxhd", "libvpx-vp9", "aac", "libopus", "pcm_s24le")
    return {name: name in av.codecs_available for name in asked}
