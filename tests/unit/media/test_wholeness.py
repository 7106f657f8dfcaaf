from __future__ import annotations

from pathlib import Path

import pytest
from tests import barcode

from finisher.media.index import picture_shape
from finisher.media.wholeness import breaks_off
from finisher.problems import MediaError

VP9 = {"crf": "20", "b": "0", "deadline": "realtime", "cpu-used": "8"}
KINDS = ("take.mp4", "take.mov", "take.mkv", "live.mkv", "take.webm", "take.avi", "take.ts")
KINDS += ("take.m2ts",)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wholeness")
    barcode.write_take(place / "take.mp4", 72, options={"g": "24", "bf": "2"})
    for name in ("take.mov", "take.mkv", "take.ts"):
        barcode.copied(place / "take.mp4", place / name)
    options = {"mpegts_m2ts_mode": "1"}
    barcode.copied(place / "take.mp4", place / "take.m2ts", options=options)
    barcode.copied(place / "take.mp4", place / "live.mkv", options={"live": "1"})
    barcode.write_take(place / "take.webm", 72, codec="libvpx-vp9", options=VP9)
    barcode.write_take(place / "take.avi", 72, codec="mpeg4", options={"b": "1000000"})
    return place


@pytest.mark.parametrize("name", KINDS)
def test_whole_files_do_not_break_off(name: str, folder: Path) -> None:
    assert not breaks_off(folder / name)
    assert len(picture_shape(folder / name).index) == 72


@pytest.mark.parametrize("part", [50, 60, 97])
@pytest.mark.parametrize("name", KINDS)
def test_what_is_cut_off_is_never_a_shorter_take(
    name: str, part: int, folder: Path, tmp_path: Path
) -> None:
    data = (folder / name).read_bytes()
    end = len(data) * part // 100
    # Transport streams are cut inside a packet: between two they are shorter whole ones.
    end += int(name.endswith("ts") and (end % 188 == 0 or end % 192 == 0))
    cut = tmp_path / name
    cut.write_bytes(data[:end])
    with pytest.raises(MediaError) as caught:
        picture_shape(cut)
    assert caught.value.problems[0].code in ("media-damaged", "media-unreadable")


def test_a_lost_packet_of_a_transport_stream_is_told(folder: Path, tmp_path: Path) -> None:
    data = (folder / "take.ts").read_bytes()
    middle = len(data) // 2 // 188 * 188
    holed = tmp_path / "holed.ts"
    holed.write_bytes(data[:middle] + data[middle + 3 * 188 :])
    with pytest.raises(MediaError) as caught:
        picture_shape(holed)
    assert caught.value.problems[0].code == "media-damaged"


def test_what_is_no_container_is_for_others_to_judge(tmp_path: Path) -> None:
    for content in (b"", b"RIFF", b"\x1a\x45\xdf\xa3", b"G" * 700, b"\0" * 64):
        path = tmp_path / "file"
        path.write_bytes(content)
        assert breaks_off(path) is (content[:1] == b"G")
