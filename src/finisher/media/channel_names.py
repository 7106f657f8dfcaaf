"""What the channels of a file's sound track are called."""

from __future__ import annotations

from pathlib import Path

from finisher.channels import Layout
from finisher.media.index import open_media

# The surrounds of 5.1 go by both names: AAC knows them at the back only.
_SURROUNDS = {"BL": "SL", "BR": "SR"}
_UNNAMED_PAIR = ("NONE", "NONE")
"""Two channels of which nothing is said are left and right to every player."""


def channel_names(path: Path) -> tuple[str, ...]:
    """Names of the first sound track's channels, in order; none where there is no such track.

    Those of 5.1 are as `Layout.SURROUND` has them, wherever the file says that its surrounds are.

    Raises:
        MediaError: when the file can't be opened.
    """
    with open_media(path) as container:
        if not container.streams.audio:
            return ()
        layout = container.streams.audio[0].codec_context.layout
        names = tuple(channel.name for channel in layout.channels)
    if names == _UNNAMED_PAIR:
        return Layout.STEREO.channels
    beside = tuple(_SURROUNDS.get(name, name) for name in names)
    return beside if beside == Layout.SURROUND.channels else names
