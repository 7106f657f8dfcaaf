"""The box walker: what real muxers write, and what hostile bytes get."""

import contextlib
import dataclasses
import os
import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finisher.audit.structure import check_slack
from finisher.findings import Status
from finisher.media import boxes
from finisher.media.boxes import Edit, TrackFacts, start, walk
from finisher.media.spare import C2PA_UUID
from finisher.media.xmp import XMP_UUID
from finisher.problems import MediaError

ROOT = Path(__file__).resolve().parents[3]
FIXTURES = Path(os.environ.get("FINISHER_FIXTURES", ROOT.parent / "shared" / "fixtures"))


def clip(path: Path, **options: str) -> Path:
    """Twelve pictures with B-frames and a second of stereo AAC."""
    with av.open(str(path), "w", options=options) as out:
        video = out.add_stream("libx264", rate=24, options={"preset": "medium"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.sample_aspect_ratio = Fraction(1)
        for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
            setattr(video.codec_context, name, 1)
        audio = out.add_stream("aac", rate=48_000, layout="stereo")
        for number in range(12):
            plane = np.random.default_rng(number).integers(16, 235, (72, 64), np.uint8)
            frame = av.VideoFrame.from_ndarray(plane, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 24)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        for at in range(0, 24_576, 1024):
            piece = av.AudioFrame.from_ndarray(np.zeros((2, 1024), np.float32), "fltp", "stereo")
            piece.sample_rate, piece.pts, piece.time_base = 48_000, at, Fraction(1, 48_000)
            out.mux(audio.encode(piece))
        out.mux(audio.encode(None))
    return path


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return clip(tmp_path_factory.mktemp("plain") / "a.mp4")


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    return clip(
        tmp_path_factory.mktemp("delivered") / "a.mp4",
        movflags="+faststart+negative_cts_offsets+use_metadata_tags",
        use_editlist="0",
    )


def test_a_delivery_without_edit_lists(delivered):
    facts = walk(delivered)
    assert facts.moov_first
    assert not facts.fragmented
    video, sound = facts.track("vide"), facts.track("soun")
    assert video.edits == sound.edits == ()
    assert (video.codec, video.samples, video.width, video.height) == ("avc1", 12, 64, 48)
    assert video.uniform
    assert video.steady
    assert Fraction(video.timescale, video.step) == 24
    assert video.aspect == 1
    assert video.color == boxes.Nclx(1, 1, 1, full_range=False)
    assert start(video, facts.timescale) == start(sound, facts.timescale) == 0
    assert (sound.codec, sound.sound_rate, sound.channels) == ("mp4a", 48_000, 2)


def test_an_ordinary_file_has_edit_lists_that_put_it_in_place(plain):
    facts = walk(plain)
    assert not facts.moov_first
    video = facts.track("vide")
    assert video.first > 0, "B-frames delay the first picture"
    assert video.edits[0].media_time == video.first
    assert facts.track("soun").edits[0].media_time == 1024
    assert all(start(track, facts.timescale) == 0 for track in facts.tracks)


def test_without_its_edit_list_the_picture_starts_late(tmp_path):
    facts = walk(clip(tmp_path / "late.mp4", use_editlist="0"))
    assert start(facts.track("vide"), facts.timescale) > 0


def test_fragments_are_seen(tmp_path):
    assert walk(clip(tmp_path / "f.mp4", movflags="frag_keyframe+empty_moov")).fragmented


def test_empty_edits_delay_a_track():
    track = TrackFacts(timescale=48_000, edits=(Edit(500, -1), Edit(1000, 1024)))
    assert start(track, 1000) == Fraction(1, 2)


def test_private_boxes_and_slack_are_counted(tmp_path, delivered):
    path = tmp_path / "more.mp4"
    store = struct.pack(">I4s", 40, b"uuid") + C2PA_UUID + bytes(4) + b"manifest\0" + bytes(3)
    other = struct.pack(">I4s", 24, b"uuid") + bytes(16)
    free = struct.pack(">I4s", 108, b"free") + bytes(100)
    path.write_bytes(delivered.read_bytes() + store + other + free)
    facts = walk(path)
    assert (facts.spare.stores, len(facts.spare.private)) == (1, 1)
    assert facts.spare.free == walk(delivered).spare.free + 100


def boxed(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), kind) + content


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (boxed(b"free", b"\xff\xd8\xff" + b"x" * 200), {"filled": 203, "free": 203}),
        (boxed(b"skip", bytes(99)), {"filled": 0, "free": 99}),
        (struct.pack(">I4sQ", 1, b"free", 66) + bytes(49) + b"y", {"filled": 1, "free": 50}),
        (boxed(b"uuid", C2PA_UUID + bytes(4) + b"merkle\0" + bytes(500)), {"stores": 0}),
        (boxed(b"abcd", b"nobody reads this"), {"private": ("abcd",)}),
        (boxed(b"uuid", XMP_UUID + b"<x:xmpmeta/>"), {"packets": 1, "private": ()}),
        (b"tail", {"trailing": 4}),
    ],
)
def test_whatever_lies_beside_what_players_read_is_told(tmp_path, delivered, more, said):
    path = tmp_path / "more.mp4"
    path.write_bytes(delivered.read_bytes() + more)
    found, before = walk(path).spare, walk(delivered).spare
    told = dataclasses.asdict(found)
    told |= {"filled": found.filled - before.filled, "free": found.free - before.free}
    assert {name: told[name] for name in said} == said


def test_a_picture_hidden_in_free_space_is_named(tmp_path, delivered):
    path = tmp_path / "hidden.mp4"
    path.write_bytes(delivered.read_bytes() + boxed(b"free", b"\x89PNG" + b"x" * 20))
    assert walk(path).spare.looks_like == ("a PNG picture",)
    (found,) = check_slack(walk(path))
    assert found.status is Status.WARNED
    assert "a PNG picture" in found.detail
    assert check_slack(walk(delivered))[0].status is Status.PASSED


@pytest.mark.parametrize("head", [bytes(4), b""])
def test_slack_among_metadata_counts(tmp_path, delivered, head):
    path = tmp_path / "meta.mp4"
    handler = boxed(b"hdlr", bytes(24))
    more = boxed(b"meta", head + handler + boxed(b"free", b"x" * 90))
    path.write_bytes(delivered.read_bytes() + more)
    assert walk(path).spare.filled == 90
    path.write_bytes(delivered.read_bytes() + boxed(b"meta", head + handler + b"\0\0\0\xffdamaged"))
    assert walk(path).spare.filled == 0


def test_credentials_without_a_store_are_private_boxes(tmp_path, delivered):
    path = tmp_path / "merkle.mp4"
    more = boxed(b"uuid", C2PA_UUID + bytes(4) + b"merkle\0" + bytes(500))
    path.write_bytes(delivered.read_bytes() + more)
    assert walk(path).spare.private == ("credentials for 'merkle', 527 bytes",)


def test_slack_inside_the_index_counts_too(tmp_path, delivered):
    data = bytearray(delivered.read_bytes())
    at = data.index(b"moov") - 4
    size = int.from_bytes(data[at : at + 4])
    hidden = struct.pack(">I4s", 108, b"free") + bytes(100)
    data[at + size : at + size] = hidden
    data[at : at + 4] = (size + len(hidden)).to_bytes(4)
    path = tmp_path / "hidden.mp4"
    path.write_bytes(data)
    assert walk(path).spare.free == walk(delivered).spare.free + 100


def test_track_headers_say_how_to_present(delivered):
    video, sound = walk(delivered).tracks
    assert video.header.enabled
    assert (video.header.width, video.header.height) == (64, 48)
    assert video.header.matrix[:4] == (1 << 16, 0, 0, 0)
    assert sound.header.volume == 1
    assert {"avcC", "colr"} <= set(video.described)


def test_sixty_four_bit_and_open_ended_sizes_are_read(tmp_path, delivered):
    path = tmp_path / "large.mp4"
    large = struct.pack(">I4sQ", 1, b"free", 26) + bytes(10)
    path.write_bytes(delivered.read_bytes() + large + struct.pack(">I4s", 0, b"free") + bytes(3))
    assert [box.size for box in walk(path).boxes[-2:]] == [26, 11]


def test_a_truncated_file_is_refused(tmp_path, plain):
    path = tmp_path / "cut.mp4"
    path.write_bytes(plain.read_bytes()[:-100])
    with pytest.raises(MediaError, match="claims"):
        walk(path)


def test_a_table_that_claims_more_than_it_holds_is_refused(tmp_path, delivered):
    data = bytearray(delivered.read_bytes())
    at = data.index(b"stts") + 8
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    path = tmp_path / "bomb.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="time table"):
        walk(path)


def test_a_run_of_billions_of_pictures_is_refused(tmp_path, delivered):
    data = bytearray(delivered.read_bytes())
    at = data.index(b"stts") + 12
    data[at : at + 4] = b"\x7f\xff\xff\xff"
    path = tmp_path / "bomb.mp4"
    path.write_bytes(data)
    with pytest.raises(MediaError, match="pictures"):
        walk(path)


@pytest.mark.parametrize("content", [b"", b"hello, this is no film", b"\0\0\0\x08free" * 200_000])
def test_what_is_no_film_is_refused(tmp_path, content):
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(MediaError):
        walk(path)


def test_a_missing_file_is_a_media_error(tmp_path):
    with pytest.raises(MediaError):
        walk(tmp_path / "gone.mp4")


def test_nesting_does_not_recurse():
    path = FIXTURES / "c2pa" / "nested_moov_1000.mp4"
    if not path.exists():
        pytest.skip("third-party fixtures are not here")
    assert walk(path).tracks == ()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_damaged_bytes_give_facts_or_a_media_error_and_nothing_else(tmp_path, delivered, data):
    content = bytearray(delivered.read_bytes())
    # The index comes first in this file, so most damage hits tables.
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, min(len(content), 3000) - 1))
        content[at] = data.draw(st.sampled_from([0, 1, 0x7F, 0x80, 0xFF]))
    path = tmp_path / "damaged.mp4"
    path.write_bytes(content)
    with contextlib.suppress(MediaError):
        facts = walk(path)
        for track in facts.tracks:
            start(track, facts.timescale)
