from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import barcode

from finisher.media.index import picture_shape
from finisher.media.reader import PictureReader
from finisher.problems import Exit, MediaError

COUNT = 80
OPEN_GOP = "open-gop=1:keyint=24:min-keyint=24:bframes=3:b-adapt=0:scenecut=0"
TAKES = {
    "closed.mp4": {"g": "24", "bf": "3"},
    "long.mp4": {"g": "9999", "bf": "2"},
    "intra.mp4": {"g": "1"},
    "short.mp4": {"g": "3", "bf": "1"},
    "open.mp4": {"x264-params": OPEN_GOP},
    "open.mkv": {"x264-params": OPEN_GOP},
    "open.ts": {"x264-params": OPEN_GOP},
}


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int]]:
    """Each take with the number of its first picture."""
    folder = tmp_path_factory.mktemp("reader")
    made = {}
    for name, options in TAKES.items():
        barcode.write_take(folder / name, COUNT, options=options)
        made[name] = (folder / name, 0)
    for name in ("long.mp4", "open.mp4"):
        made[f"cut {name}"] = (barcode.copied(folder / name, folder / f"cut-{name}", cut=30), 30)
    return made


NAMES = [*TAKES, "cut long.mp4", "cut open.mp4"]


def numbers(take: tuple[Path, int], ordinals: Sequence[int]) -> list[int]:
    path, first = take
    with PictureReader(path, picture_shape(path).index) as reader:
        return [barcode.number(picture) - first for picture in reader.pictures(ordinals)]


@pytest.mark.parametrize("name", NAMES)
def test_forwards_backwards_and_anywhere_the_pictures_asked_for_come(
    name: str, takes: dict[str, tuple[Path, int]]
) -> None:
    count = len(picture_shape(takes[name][0]).index)
    dice = random.Random(name)
    forwards = list(range(count))
    anywhere = [dice.randrange(count) for _ in range(14)]
    held = [7] * 3 + [8, 8, 9] + [2, 2, 1, 1]
    for ordinals in (forwards, forwards[::-1], anywhere, held, [count - 1, 0, count - 1]):
        assert numbers(takes[name], ordinals) == ordinals


@settings(max_examples=25)
@given(ordinals=st.lists(st.integers(0, COUNT - 1), min_size=1, max_size=12))
def test_any_order_is_kept(ordinals: list[int], takes: dict[str, tuple[Path, int]]) -> None:
    assert numbers(takes["open.mp4"], ordinals) == ordinals


@pytest.mark.parametrize("threads", [1, 2])
def test_decoding_threads_change_nothing(threads: int, takes: dict[str, tuple[Path, int]]) -> None:
    path, _ = takes["closed.mp4"]
    ordinals = [5, 6, 60, 61, 3, 2, 1, 70]
    with PictureReader(path, picture_shape(path).index, threads) as reader:
        assert [barcode.number(p) for p in reader.pictures(ordinals)] == ordinals


def test_one_reader_goes_on_where_it_was(takes: dict[str, tuple[Path, int]]) -> None:
    path, _ = takes["open.mp4"]
    with PictureReader(path, picture_shape(path).index) as reader:
        found = [barcode.number(p) for part in ([3, 4], [50], [4, 3], [51]) for p in
                 reader.pictures(part)]  # fmt: skip
    assert found == [3, 4, 50, 4, 3, 51]


def test_a_long_reverse_decodes_blocks_and_not_each_picture_anew(
    takes: dict[str, tuple[Path, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    seeks = []
    seek = PictureReader._seek
    monkeypatch.setattr(
        PictureReader, "_seek", lambda self, pts: (seeks.append(pts), seek(self, pts))[1]
    )
    assert numbers(takes["long.mp4"], range(COUNT - 1, -1, -1)) == list(range(COUNT - 1, -1, -1))
    # 80 pictures in blocks of 16: five times from the only key picture.
    assert len(seeks) == 5


def test_reading_on_needs_no_seek(
    takes: dict[str, tuple[Path, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, _ = takes["closed.mp4"]
    seeks = []
    seek = PictureReader._seek
    monkeypatch.setattr(
        PictureReader, "_seek", lambda self, pts: (seeks.append(pts), seek(self, pts))[1]
    )
    with PictureReader(path, picture_shape(path).index) as reader:
        assert [barcode.number(p) for p in reader.pictures([0, 0, 1, 3, 20, 23, 26])] == [
            0, 0, 1, 3, 20, 23, 26,
        ]  # fmt: skip
        assert len(seeks) == 1
        # Far ahead it is cheaper to start at the key picture there.
        assert [barcode.number(p) for p in reader.pictures([75])] == [75]
        assert len(seeks) == 2


def test_a_picture_that_cannot_be_decoded_is_an_error_and_no_other_picture(
    tmp_path: Path,
) -> None:
    barcode.write_take(tmp_path / "t.mp4", 24, options={"g": "1"})
    index = picture_shape(tmp_path / "t.mp4").index
    with av.open(str(tmp_path / "t.mp4")) as container:
        packets = [(p.pos, p.size) for p in container.demux(video=0) if p.size]
    at, size = packets[12]
    data = bytearray((tmp_path / "t.mp4").read_bytes())
    data[at : at + size] = bytes(size)
    (tmp_path / "t.mp4").write_bytes(data)
    with PictureReader(tmp_path / "t.mp4", index) as reader:
        assert [barcode.number(p) for p in reader.pictures([10, 11])] == [10, 11]
        with pytest.raises(MediaError) as caught:
            list(reader.pictures([12]))
    assert caught.value.exit is Exit.MEDIA
    assert caught.value.problems[0].code == "picture-lost"


def test_a_take_of_another_rate_is_read_as_exactly(tmp_path: Path) -> None:
    barcode.write_take(tmp_path / "t.mp4", 40, rate=Fraction(30000, 1001), options={"bf": "3"})
    assert numbers((tmp_path / "t.mp4", 0), [0, 39, 17, 18, 16]) == [0, 39, 17, 18, 16]
