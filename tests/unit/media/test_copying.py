from __future__ import annotations

import hashlib
from pathlib import Path

import av
import numpy as np
import pytest
from tests import barcode

from finisher.facts import CodingFacts
from finisher.media.coding import coding
from finisher.media.copying import copy, digest_of
from finisher.media.index import picture_shape
from finisher.problems import RenderError
from finisher.timecode import Rate

R24 = Rate.parse("24")


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Groups of 24 with three B-frames between."""
    path = tmp_path_factory.mktemp("takes") / "take.mp4"
    x264 = "keyint=24:min-keyint=24:scenecut=0:bframes=3:b-adapt=0"
    barcode.write_take(path, 80, options={"x264-params": x264})
    return path


def facts(path: Path) -> CodingFacts | None:
    return coding(path, picture_shape(path).index)


def decoded(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray() for frame in container.decode(video=0)]


def test_a_take_is_known_by_how_it_is_coded(take: Path) -> None:
    found = facts(take)
    assert found is not None
    assert found.entries == (0, 24, 48, 72)
    assert sorted(found.order) == list(range(80))
    assert found.order[:5] == (0, 4, 2, 1, 3)
    assert found.numbers == (0,)
    assert found.tags.matrix == found.tags.primaries == found.tags.transfer == "bt709"
    with av.open(str(take)) as container:
        sizes = [packet.size for packet in container.demux(video=0) if packet.size]
    assert list(found.sizes) == sizes


@pytest.mark.parametrize("to", ["take.mkv", "take.mov"])
def test_other_containers_keep_their_sets_at_the_head(to: str, take: Path, tmp_path: Path) -> None:
    found = facts(barcode.copied(take, tmp_path / to))
    assert found is not None
    assert found.order == (facts(take) or found).order


def test_what_has_no_head_can_not_be_copied(take: Path, tmp_path: Path) -> None:
    assert facts(barcode.copied(take, tmp_path / "take.ts")) is None


def test_another_codec_can_not_be_copied(tmp_path: Path) -> None:
    barcode.write_take(
        tmp_path / "a.mp4", 8, codec="libx265", options={"x265-params": "log-level=none"}
    )
    assert facts(tmp_path / "a.mp4") is None


def test_pictures_that_an_edit_list_hides_are_no_entries(take: Path, tmp_path: Path) -> None:
    path = barcode.copied(take, tmp_path / "cut.mp4", cut=10)
    found = facts(path)
    assert found is not None
    assert found.entries == (14, 38, 62)
    assert found.order.count(-1) == 10


@pytest.mark.parametrize("ordinals", [range(24, 48), range(80), range(48, 53), range(72, 73)])
def test_copied_pictures_decode_to_the_same_bits(
    ordinals: range, take: Path, tmp_path: Path
) -> None:
    index = picture_shape(take).index
    assert copy(take, index, ordinals, R24, tmp_path / "c.mov") == len(ordinals)
    whole, part = decoded(take), decoded(tmp_path / "c.mov")
    assert len(part) == len(ordinals)
    for ordinal, picture in zip(ordinals, part, strict=True):
        assert np.array_equal(picture, whole[ordinal])


def test_the_digest_is_that_of_the_coded_pictures(take: Path, tmp_path: Path) -> None:
    index = picture_shape(take).index
    copy(take, index, range(24, 48), R24, tmp_path / "c.mov")
    with av.open(str(tmp_path / "c.mov")) as container:
        data = b"".join(bytes(packet) for packet in container.demux(video=0))
    assert digest_of(take, index, range(24, 48)) == hashlib.sha256(data).hexdigest()


def test_a_stretch_that_is_not_in_one_piece_is_refused(take: Path, tmp_path: Path) -> None:
    index = picture_shape(take).index
    # Picture 3 is decoded after 4, which the stretch leaves out.
    with pytest.raises(RenderError):
        copy(take, index, range(24, 28), R24, tmp_path / "c.mov")


@pytest.mark.parametrize(
    "x264",
    [
        "mastering-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50)",
        "frame-packing=3",
        "sar=2/1",
    ],
)
def test_pictures_that_say_how_they_are_to_be_shown_are_not_copied(
    x264: str, tmp_path: Path
) -> None:
    barcode.write_take(tmp_path / "a.mp4", 30, options={"x264-params": x264})
    assert facts(tmp_path / "a.mp4") is None
