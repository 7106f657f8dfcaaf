"""Labels in metadata: what is written is read, what others write is found, nothing is believed."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.media.labelled import IPTC, LABEL, TC260, film, meta, png, sound

from finisher.media import xmp
from finisher.media.boxes import walk
from finisher.media.stated import Stated, stated
from finisher.problems import MediaError

AI = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
CAMERA = "http://cv.iptc.org/newscodes/digitalsourcetype/digitalCapture"


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_what_is_written_is_read_and_nothing_moves(tmp_path: Path, suffix: str) -> None:
    path = film(tmp_path / f"a{suffix}", AIGC=LABEL)
    before, facts = path.read_bytes(), walk(path)
    xmp.append(path, xmp.packet(AI, 'finisher "1" & <more>'))
    assert path.read_bytes().startswith(before)
    assert stated(path) == Stated(LABEL, AI)
    found = walk(path)
    assert found.tracks == facts.tracks
    assert found.moov_first
    assert (found.spare.packets, found.spare.private, found.spare.trailing) == (1, (), 0)
    with av.open(str(path)) as media:
        assert sum(1 for _ in media.decode(video=0)) == 3


@pytest.mark.parametrize(
    "inner",
    [
        f'<rdf:Description {IPTC} I:DigitalSourceType="{AI}"/>',
        f"<rdf:Description {IPTC} I:DigitalSourceType='{AI}'/>",
        f"<d {IPTC}><I:DigitalSourceType>{AI}</I:DigitalSourceType></d>",
        f'<d {IPTC}><I:DigitalSourceType rdf:resource="{AI}"/></d>',
        f"<d {IPTC}><I:DigitalSourceType><rdf:li>{AI}</rdf:li></I:DigitalSourceType></d>",
        f"<d {IPTC}><I:DigitalSourceType>\n{AI}\n</I:DigitalSourceType></d>",
        f'<d {IPTC} I:DigitalSourceType="{CAMERA}"/><d {IPTC} I:DigitalSourceType="{AI}"/>',
        f'<d {IPTC} I:DigitalSourcefileType="{AI}"/>',
    ],
)
def test_a_source_type_is_found_however_it_is_written(inner: str) -> None:
    assert xmp.source_type(meta(inner)) == AI
    assert xmp.source_type(meta(inner).decode().encode("utf-16-le")) == AI


@pytest.mark.parametrize(
    "inner",
    [
        f'<d xmlns:I="http://example.com/" I:DigitalSourceType="{AI}"/>',
        f'<d {IPTC} I:DigitalSourceTypeOfOthers="{AI}"/>',
        f"<d {IPTC}><I:DigitalSourceType/></d>",
        f"<d {IPTC}><I:DigitalSourceType></I:DigitalSourceType></d>",
        "",
    ],
)
def test_what_is_something_else_is_not_taken_for_one(inner: str) -> None:
    assert xmp.source_type(meta(inner)) is None


def test_labels_of_pictures_stand_in_their_packets(tmp_path: Path) -> None:
    escaped = LABEL.replace('"', "&quot;")
    packet = meta(f'<d {TC260} {IPTC} I:DigitalSourceType="{AI}"><T:AIGC>{escaped}</T:AIGC></d>')
    assert stated(png(tmp_path / "a.png", packet)) == Stated(LABEL, AI)


@pytest.mark.parametrize("name", ["a.m4a", "a.mp3", "a.flac"])
def test_sounds_carry_labels_too(tmp_path: Path, name: str) -> None:
    assert stated(sound(tmp_path / name, AIGC=LABEL)).aigc == LABEL


def test_a_packet_in_the_user_data_of_a_film_counts(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mov", faststart="")
    data = bytearray(path.read_bytes())
    packet = meta(f'<d {IPTC} I:DigitalSourceType="{AI}"/>')
    box = (8 + len(packet)).to_bytes(4) + b"XMP_" + packet
    user, moov = data.index(b"udta") - 4, data.index(b"moov") - 4
    data[user + 8 : user + 8] = box
    for at in (user, moov):
        data[at : at + 4] = (int.from_bytes(data[at : at + 4]) + len(box)).to_bytes(4)
    path.write_bytes(data)
    assert stated(path).source_type == AI


def test_what_is_no_media_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"no film at all")
    with pytest.raises(MediaError):
        stated(tmp_path / "a.mp4")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_packet_stops_a_reader(noise: bytes, at: int) -> None:
    whole = xmp.packet(AI, "finisher")
    broken = whole[:at] + noise + whole[at:]
    assert isinstance(xmp.source_type(broken), str | None)
    assert isinstance(xmp.aigc(broken), str | None)


@pytest.mark.parametrize(
    "often",
    [" I:DigitalSourceType=", "<I:DigitalSourceType>", "<I:DigitalSourceType ", 'xmlns:x="'],
)
def test_a_packet_made_to_take_long_does_not(often: str) -> None:
    hostile = f"<d {IPTC} {often * 100_000}".encode()
    started = time.process_time()
    assert xmp.source_type(hostile) is None
    # Without a limit on what is looked at, the second of them takes minutes.
    assert time.process_time() - started < 2


def test_beginnings_without_an_end_are_not_followed_for_ever(tmp_path: Path) -> None:
    path = png(tmp_path / "a.png", b"<rdf:RDF" * 1_000_000)
    started = time.process_time()
    assert stated(path) == Stated()
    assert time.process_time() - started < 2  # each of a million would be searched to the end


def test_a_label_beyond_all_measure_is_cut(tmp_path: Path) -> None:
    assert len(stated(film(tmp_path / "a.mp4", AIGC="x" * 20_000)).aigc or "") == 8192


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = film(tmp_path_factory.mktemp("whole") / "a.mp4", AIGC=LABEL)
    xmp.append(path, xmp.packet(AI, "finisher"))
    return path


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0), st.integers(0, 255)), min_size=1, max_size=12))
def test_damaged_bytes_give_labels_or_a_media_error_and_nothing_else(
    whole: Path, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(whole.read_bytes())
    for at, value in changes:
        data[at % len(data)] = value
    path = whole.with_name("damaged.mp4")
    path.write_bytes(data)
    with contextlib.suppress(MediaError):
        told = stated(path)
        for label in (told.aigc, told.source_type):
            assert label is None or (0 < len(label) <= 8192 and "\0" not in label)
