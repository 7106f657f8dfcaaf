"""Heads of FLAC frames say where they belong, and what is none says nothing."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame

from finisher.media.flac_head import first_sample

FACTS = bytes([16, 0, 16, 0]) + bytes(30)


def test_every_frame_of_a_long_sound_is_found_where_it_was_put(tmp_path: Path) -> None:
    path = tmp_path / "a.flac"
    with av.open(path, "w") as out:
        stream = out.add_stream("flac", rate=8_000, layout="mono")
        stream.codec_context.options = {"frame_size": "64"}
        frame = AudioFrame.from_ndarray(np.zeros((1, 400_000), np.int16), "s16", "mono")
        frame.sample_rate = 8_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    with av.open(path) as file:
        facts = file.streams.audio[0].codec_context.extradata
        packets = [packet for packet in file.demux(audio=0) if packet.size]
        places = [first_sample(bytes(packet), facts or b"") for packet in packets]
    assert len(places) > 2
    assert places == [packet.pts for packet in packets]


@pytest.mark.parametrize(
    ("head", "place"),
    [
        (b"\xff\xf8\xc9\x18\x00", 0),
        (b"\xff\xf8\xc9\x18\x7f", 127 * 4_096),
        (b"\xff\xf8\xc9\x18\xc2\x80", 128 * 4_096),
        (b"\xff\xf9\xc9\x18\xe2\x82\xac", 0x20AC),
        (b"\xff\xf9\xc9\x18\xfe\xbf\xbf\xbf\xbf\xbf\xbf", (1 << 36) - 1),
        (b"\xff\xf9\xc9\x18\xff", None),
        (b"\xff\xf9\xc9\x18\x80", None),
        (b"\xff\xf9\xc9\x18\xc2\x00", None),
        (b"\xff\xf9\xc9\x18\xe2\x82", None),
        (b"\xff\xf9", None),
        (b"RIFF\x00", None),
        (b"", None),
    ],
)
def test_numbers_are_read_as_they_are_coded(head: bytes, place: int | None) -> None:
    assert first_sample(head, FACTS) == place


def test_without_the_streams_facts_frames_of_one_size_have_no_place() -> None:
    assert first_sample(b"\xff\xf8\xc9\x18\x01", b"") is None
    assert first_sample(b"\xff\xf8\xc9\x18\x01", bytes([0, 16, 16, 0]) + bytes(30)) is None
