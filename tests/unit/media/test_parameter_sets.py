from __future__ import annotations

from pathlib import Path

import av
import pytest
from tests import barcode

from finisher.geometry import Raster
from finisher.media.encode import encode
from finisher.media.parameter_sets import joined, read
from finisher.presets.model import Video, VideoCodec
from finisher.timecode import Rate


def head(folder: Path, number: int, profile: str = "high") -> bytes:
    """The head of a unit whose parameter sets go by a number."""
    path = folder / f"{number}{profile}.mov"
    video = Video(VideoCodec.H264, profile, "yuv420p", "ultrafast", 20, b_frames=0)
    pictures = (barcode.picture(barcode.draw(i)) for i in range(3))
    raster = Raster(barcode.WIDTH, barcode.HEIGHT)
    encode(pictures, video, raster, Rate.parse("24"), path, parameter_set=number)
    with av.open(str(path)) as container:
        return bytes(container.streams.video[0].codec_context.extradata or b"")


def test_sets_are_read_with_their_numbers(tmp_path: Path) -> None:
    for number in (0, 1, 5, 31):
        sets = read(head(tmp_path, number))
        assert sets.ids == {number}
        assert (sets.profile, len(sets.sequence), len(sets.picture)) == (100, 1, 1)


def test_a_head_joined_with_itself_is_itself(tmp_path: Path) -> None:
    one = head(tmp_path, 0)
    assert joined([one]) == joined([one, one]) == one


def test_heads_stand_side_by_side(tmp_path: Path) -> None:
    source, own = head(tmp_path, 0, "main"), head(tmp_path, 1)
    whole = read(joined([source, own]))
    assert whole.ids == {0, 1}
    assert whole.sequence == (*read(source).sequence, *read(own).sequence)
    assert whole.profile == 100
    assert whole.level == max(read(source).level, read(own).level)
    assert joined([source, own]) == joined([joined([source, own]), source])


def test_one_number_for_two_sets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one number"):
        joined([head(tmp_path, 0, "main"), head(tmp_path, 0)])


def test_what_is_cut_short_is_refused(tmp_path: Path) -> None:
    # The last four bytes say the chroma format; a head without them is another whole head.
    one = head(tmp_path, 0)
    for length in range(len(one) - 4):
        with pytest.raises(ValueError, match=r"record|parameter set"):
            read(one[:length])


@pytest.mark.parametrize("data", [b"", b"\0" * 40, b"\x01" + b"\xff" * 40, b"\0\0\0\x01\x67\x64"])
def test_what_is_no_head_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"record|parameter set"):
        read(data)
