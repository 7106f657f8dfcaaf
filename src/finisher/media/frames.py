"""The picture as the doors above pass it on, so that nobody else need know PyAV."""

from __future__ import annotations

from av.video.frame import VideoFrame

__all__ = ["VideoFrame"]
