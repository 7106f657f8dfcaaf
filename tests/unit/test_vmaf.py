"""Scores of encoded pictures: by number, of the right model, with clear failures."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from finisher.ffmpeg import program
from finisher.ffmpeg.scores import vmaf
from finisher.geometry import Raster
from finisher.media.blend import tag
from finisher.media.reference import picture_bytes, write_reference
from finisher.problems import MachineError, MediaError

RASTER = Raster(320, 176)
FRAMES = 10


def pictures(steps: int = FRAMES) -> list[av.VideoFrame]:
    dice = np.random.default_rng(3)
    wide = cv2.resize(dice.integers(30, 220, (40, 80)).astype(np.float32), (480, 240))
    wide = np.clip(wide + dice.normal(0, 5, wide.shape), 16, 235).astype(np.uint8)
    made = []
    for step in range(steps):
        luma = wide[step : step + 176, 4 * step : 4 * step + 320]
        planes = np.vstack([luma, np.full((88, 320), 128, np.uint8)])
        made.append(av.VideoFrame.from_ndarray(planes, format="yuv420p"))
    return made


def encoded(path: Path, frames: list[av.VideoFrame], rate: Fraction, **options: str) -> Path:
    with av.open(str(path), "w", format="mov") as out:
        stream = out.add_stream("libx264", rate=rate, options=options)
        stream.width, stream.height, stream.pix_fmt = RASTER.width, RASTER.height, "yuv420p"
        for number, frame in enumerate(frames):
            tag(frame)
            frame.pts, frame.time_base = number, 1 / rate
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vmaf") / "true.nut"
    assert write_reference(pictures(), RASTER, "yuv420p", path) == FRAMES
    return path


def test_a_reference_holds_the_very_pictures(reference: Path) -> None:
    with av.open(str(reference)) as source:
        found = [frame.to_ndarray() for frame in source.decode(video=0)]
    for one, other in zip(found, pictures(), strict=True):
        assert (one == other.to_ndarray()).all()


def test_the_score_falls_with_the_crf(reference: Path, tmp_path: Path) -> None:
    means = []
    for crf in ("0", "36", "46"):
        clip = encoded(tmp_path / f"{crf}.mov", pictures(), Fraction(24), crf=crf)
        found = vmaf(clip, reference, FRAMES)
        assert len(found) == FRAMES
        means.append(np.mean(found))
    # Without loss a score is the model's best, a little under 100 where nothing moves.
    assert means[0] > 97
    assert means[0] > means[1] + 5 > means[2] + 20


def test_pictures_are_compared_by_number_whatever_their_times(
    reference: Path, tmp_path: Path
) -> None:
    scores = [
        vmaf(
            encoded(tmp_path / f"{rate.numerator}.mov", pictures(), rate, qp="20", bf="2"),
            reference,
            FRAMES,
        )
        for rate in (Fraction(24), Fraction(30000, 1001), Fraction(12))
    ]
    assert scores[0] == scores[1] == scores[2]


def test_a_picture_late_is_seen(reference: Path, tmp_path: Path) -> None:
    late = [pictures()[0], *pictures()[:-1]]
    clip = encoded(tmp_path / "late.mov", late, Fraction(24), qp="4")
    assert max(vmaf(clip, reference, FRAMES)[1:]) < 60


def test_a_missing_picture_is_no_score(reference: Path, tmp_path: Path) -> None:
    clip = encoded(tmp_path / "short.mov", pictures()[:-1], Fraction(24), qp="20")
    with pytest.raises(MediaError, match="9 pictures could be compared of 10"):
        vmaf(clip, reference, FRAMES)


def test_names_that_graphs_have_a_meaning_for(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "it's, [odd]: a=b; \\ c"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    clip = encoded(folder / "a:b.mov", pictures(), Fraction(24), qp="20")
    assert len(vmaf(clip, reference, FRAMES)) == FRAMES


def test_an_ffmpeg_without_the_filter_is_the_machines(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = encoded(tmp_path / "a.mov", pictures(), Fraction(24), qp="20")
    plain = tmp_path / "ffmpeg"
    plain.write_text(
        '#!/bin/sh\ncase "$*" in *-version*) echo "ffmpeg version 5.0 plain";;\n'
        "*) echo \"No such filter: 'libvmaf'\" >&2; exit 8;; esac\n"
    )
    plain.chmod(0o755)
    monkeypatch.setattr(program, "executable", lambda: str(plain))
    program.version.cache_clear()
    try:
        with pytest.raises(MachineError, match=r"ffmpeg 5\.0 has no libvmaf") as caught:
            vmaf(clip, reference, FRAMES)
    finally:
        program.version.cache_clear()
    assert caught.value.problems[0].code == "no-vmaf"


def test_bytes_of_pictures_are_those_of_their_packets(tmp_path: Path) -> None:
    clip = encoded(tmp_path / "a.mov", pictures(), Fraction(24), qp="20")
    with av.open(str(clip)) as source:
        sizes = [packet.size for packet in source.demux(video=0)]
    assert picture_bytes(clip) == sum(sizes) < clip.stat().st_size
