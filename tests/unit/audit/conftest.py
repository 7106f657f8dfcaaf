"""A finished programme in miniature: moving picture, sound at a known level, and its promises."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from finisher.audit.measure import cell_means
from finisher.media.encode_sound import encode
from finisher.pledge.sounding import sounding
from finisher.presets.model import Audio, AudioCodec, Loudness
from finisher.promises import PromisedCut, PromisedSound, Promises

RATE = 24
FRAMES = 72
WIDTH, HEIGHT = 256, 144
SAMPLES = 48_000 * FRAMES // RATE


@dataclass(frozen=True)
class Programme:
    frames: list[np.ndarray]
    sound: np.ndarray
    promises: Promises


def luma(frame: int) -> np.ndarray:
    """Two shots of drifting waves, the second brighter: every frame differs from its neighbours."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    second = frame >= FRAMES // 2
    phase = frame * (0.35 if second else 0.5)
    wave = np.sin(x / 23 + phase) * np.cos(y / 31 - phase / 2)
    return np.clip((150 if second else 90) + 45 * wave, 16, 235).astype(np.uint8)


def tone(seconds_of_samples: int = SAMPLES, level: float = 0.25) -> np.ndarray:
    t = np.arange(seconds_of_samples) / 48_000
    one = level * np.sin(2 * np.pi * 997 * t)
    return np.stack([one, one]).astype(np.float32)


def with_content(promised: PromisedSound, sound: np.ndarray, path: Path) -> PromisedSound:
    """The promise of a programme's sound, (channels, samples), as it comes out of the encoder."""
    spec = Audio(AudioCodec.AAC, 192_000, layout=promised.layout)
    encode([np.ascontiguousarray(sound.T)], spec, path, skip=1024)
    return sounding(promised, path, skip=1024)


@pytest.fixture(scope="session")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Programme:
    frames = [luma(i) for i in range(FRAMES)]
    # 997 Hz in both channels: -3.01 dB for a sine, +3.01 dB for two channels (EBU Tech 3341).
    level = 20 * np.log10(0.25)
    prints = np.stack([np.rint(cell_means(frame)) for frame in frames]).astype(np.uint8)
    sound = PromisedSound("aac", SAMPLES, silent=False, loudness=Loudness(level, 0.3, -1.0))
    path = tmp_path_factory.mktemp("promised") / "sound.nut"
    promises = Promises(
        title="t", preset="p", edl_sha256="0" * 64, width=WIDTH, height=HEIGHT, rate="24",
        frames=FRAMES, codec="h264", pixel_format="yuv420p", edit_list=False,
        cuts=(PromisedCut(0, "one"), PromisedCut(FRAMES // 2, "two")),
        fingerprints=prints.tobytes(),
        sound=with_content(sound, tone(), path),
        marks=(), templates={}, takes=(), looks=(),
    )  # fmt: skip
    return Programme(frames, tone(), promises)


def write(
    path: Path,
    frames: list[np.ndarray],
    sound: np.ndarray | None,
    skip: int = 1024,
    flags: str = "+faststart+negative_cts_offsets",
    **options: str,
) -> Path:
    """Encode as a delivery is: no edit list, sound fed from sample `skip` of the programme."""
    settings = {"movflags": flags, "use_editlist": "0"} | options
    with av.open(str(path), "w", options=settings) as out:
        video = out.add_stream("libx264", rate=RATE, options={"crf": "20", "preset": "veryfast"})
        video.height, video.width = frames[0].shape
        video.pix_fmt = "yuv420p"
        video.sample_aspect_ratio = Fraction(1)
        for name in ("color_range", "colorspace", "color_primaries", "color_trc"):
            setattr(video.codec_context, name, 1)
        audio = None
        if sound is not None:
            # The packets that the promise is made of: another encode has other levels at its ends.
            quiet = {"aac_tns": "0", "aac_pns": "0"}
            audio = out.add_stream("aac", rate=48_000, layout="stereo", options=quiet)
            audio.bit_rate = 192_000
        for number, plane in enumerate(frames):
            yuv = np.full((plane.shape[0] * 3 // 2, plane.shape[1]), 128, np.uint8)
            yuv[: plane.shape[0]] = plane
            frame = av.VideoFrame.from_ndarray(yuv, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            out.mux(video.encode(frame))
        out.mux(video.encode(None))
        if audio is not None and sound is not None:
            fed = np.ascontiguousarray(sound[:, skip:])
            for start in range(0, fed.shape[1], 1024):
                block = np.ascontiguousarray(fed[:, start : start + 1024])
                piece = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                piece.sample_rate, piece.pts = 48_000, start
                piece.time_base = Fraction(1, 48_000)
                out.mux(audio.encode(piece))
            out.mux(audio.encode(None))
    return path


@pytest.fixture(scope="session")
def writer() -> Callable[..., Path]:
    return write


@pytest.fixture(scope="session")
def delivery(tmp_path_factory: pytest.TempPathFactory, programme: Programme) -> Path:
    folder = tmp_path_factory.mktemp("delivery")
    return write(folder / "programme.mp4", programme.frames, programme.sound)


@pytest.fixture
def promised(programme: Programme) -> Callable[..., Promises]:
    return lambda **changes: replace(programme.promises, **changes)
