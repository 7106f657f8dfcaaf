"""Whatever a file does: its sound is put right, repaired by name, or refused in words."""

from __future__ import annotations

import random
import struct
import subprocess
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.channels import Layout, pan
from finisher.ffmpeg import program
from finisher.media.decode_sound import SoundShape, conform
from finisher.media.index import picture_shape
from finisher.problems import FinisherError, MediaError

RATE = 48_000
LENGTH = 48_000
Mono = NDArray[np.float64]


def made() -> Mono:
    """A second of noise that fits itself at one place alone, dull enough for any codec."""
    rng = np.random.default_rng(1)
    spectrum = np.fft.rfft(rng.normal(size=LENGTH))
    spectrum[3_000:] = 0
    noise = np.fft.irfft(spectrum, LENGTH)
    return 0.2 * noise / np.abs(noise).max() * np.linspace(0.4, 1.0, LENGTH)


SOUND = made()


def head(data: int, *, channels: int = 1, rate: int = RATE, block: int | None = None) -> bytes:
    """A WAVE head of 16-bit samples, which may say what it likes."""
    width = 2 * channels
    said = (1, channels, rate, rate * width, width if block is None else block, 16)
    chunk = b"fmt " + struct.pack("<IHHIIHH", 16, *said)
    size = min(36 + data, 0xFFFF_FFFF)
    return b"RIFF" + struct.pack("<I", size) + b"WAVE" + chunk + b"data" + struct.pack("<I", data)


def pcm(channels: int = 1) -> bytes:
    steps = np.rint(SOUND * 32_767).astype("<i2")
    return np.repeat(steps[:, None], channels, axis=1).tobytes()


class Bench:
    """Files made from one sound, in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wav = self.write("sound.wav", head(2 * LENGTH) + pcm())
        self.picture = self.made(
            "v.mp4", "-f", "lavfi", "-i", "color=s=32x32:r=24:d=2", "-c:v", "mpeg4", "-g", "12"
        )

    def write(self, name: str, data: bytes) -> Path:
        (self.folder / name).write_bytes(data)
        return self.folder / name

    def made(self, name: str, *words: str | Path) -> Path:
        path = self.folder / name
        command = [program.executable(), "-v", "error", "-y", *map(str, words), str(path)]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        return path

    def coded(self, name: str, *words: str) -> Path:
        return self.made(name, "-i", self.wav, *words)

    def shot(self, name: str, *words: str, before: tuple[str, ...] = ()) -> Path:
        """Picture and sound; `before` delays what it stands before."""
        late = ("-itsoffset", "0.5")
        first, second = ("picture" in before) * late, ("sound" in before) * late
        inputs = (*first, "-i", self.picture, *second, "-i", self.wav)
        return self.made(name, *inputs, "-map", "0:v", "-map", "1:a", "-c:v", "copy", *words)

    def cut(self, path: Path, name: str, part: float) -> Path:
        data = path.read_bytes()
        return self.write(name, data[: int(part * len(data))])

    def broken(self, path: Path, name: str, place: int, damage: bytes) -> Path:
        data = bytearray(path.read_bytes())
        data[place : place + len(damage)] = damage
        return self.write(name, bytes(data))

    def wide(self, layout: str, channels: int) -> Path:
        """The sound in a layout's second channel alone."""
        words = "|".join(f"c{i}={'c0' if i == 1 else '0*c0'}" for i in range(channels))
        return self.coded(f"{layout}.wav", "-af", f"pan={layout}|{words}", "-c:a", "pcm_f32le")


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bad"))


@dataclass(frozen=True)
class Put:
    """Where the sound must lie, in samples, and what must be told of it."""

    at: int = 0
    within: int = 0
    length: int | None = LENGTH
    slack: int = 0
    missing: int = 0
    errors: bool = False
    picture: bool = False
    """Whether it is placed against its own first picture."""


def aac(bench: Bench) -> Path:
    return bench.coded("a.m4a", "-c:a", "aac", "-b:a", "128k")


def zipped(bench: Bench) -> Path:
    with zipfile.ZipFile(bench.folder / "z.mp3", "w") as archive:
        archive.write(bench.wav)
    return bench.folder / "z.mp3"


def floats(bench: Bench) -> Path:
    path = bench.coded("nan.wav", "-c:a", "pcm_f32le")
    data = bytearray(path.read_bytes())
    place = data.index(b"data") + 8 + 4 * 100
    data[place : place + 12] = struct.pack("<fff", float("nan"), float("inf"), 5.0)
    return bench.write("nan.wav", bytes(data))


def covered(bench: Bench) -> Path:
    still = bench.made("c.png", "-f", "lavfi", "-i", "color=s=32x32", "-frames:v", "1")
    words = ("-map", "0", "-map", "1", "-c:a", "libmp3lame", "-disposition:v", "attached_pic")
    return bench.made("cover.mp3", "-i", bench.wav, "-i", still, *words, "-c:v", "copy")


def holed(bench: Bench) -> Path:
    """Half a second of sound, a quarter of none, and the rest, all at their times."""
    cut = "aselect='not(between(t,0.5,0.7499))'"
    return bench.coded("hole.mkv", "-af", f"asetnsamples=1200,{cut}", "-c:a", "pcm_s16le")


def joined(bench: Bench, rate: int) -> Path:
    one, two = (
        bench.coded(f"{r}.aac", "-ar", str(r), "-c:a", "aac").read_bytes() for r in (RATE, rate)
    )
    return bench.write(f"joined{rate}.aac", one + two)


def copied(bench: Bench) -> Path:
    whole = bench.shot("whole.mp4", "-c:a", "aac")
    return bench.made("copied.mp4", "-ss", "0.61", "-i", whole, "-c", "copy")


def tagged(bench: Bench) -> Path:
    """An MP3 behind a tag of 4 KiB."""
    tag = b"ID3\x03\x00\x00" + bytes([0, 0, 31, 118]) + bytes(31 * 128 + 118)
    return bench.write("tag.mp3", tag + bench.coded("t.mp3", "-c:a", "libmp3lame").read_bytes())


def damaged(bench: Bench, name: str, damage: int, *words: str) -> Path:
    """The sound with random bytes in the middle of its file."""
    whole = bench.coded(name, *words)
    size = whole.stat().st_size
    return bench.broken(whole, f"d{damage}-{name}", size // 2, random.Random(2).randbytes(damage))


# What sums its frames up is never heard wrong; how much a container's own damage costs differs.
SUMMED: dict[str, Callable[[Bench], Path]] = {
    "2000 bytes in flac": lambda b: damaged(b, "d.flac", 2_000),
    "10 bytes in flac": lambda b: damaged(b, "d.flac", 10),
    "a byte in flac": lambda b: damaged(b, "d.flac", 1),
    "flac in mp4": lambda b: damaged(b, "fl.mp4", 2_000, "-c:a", "flac"),
    "flac in matroska": lambda b: damaged(b, "fl.mka", 10, "-c:a", "flac"),
    "wavpack": lambda b: damaged(b, "d.wv", 10, "-c:a", "wavpack"),
}


# Where the reader of MP3 and AAC honours what their containers say of priming, to the sample.
GOOD: dict[str, tuple[Callable[[Bench], Path], Put]] = {
    "late in mp4": (
        lambda b: b.shot("l.mp4", "-c:a", "aac", before=("sound",)),
        Put(24_000, length=72_000, picture=True),
    ),
    "late in mkv": (
        lambda b: b.shot("l.mkv", "-c:a", "aac", before=("sound",)),
        # Matroska rounds times to a millisecond, and keeps what fills AAC's last frame.
        Put(24_000, within=48, length=72_000, slack=1_100, picture=True),
    ),
    "picture late": (
        lambda b: b.shot("p.mp4", "-c:a", "aac", before=("picture",)),
        Put(-24_000, length=24_000, picture=True),
    ),
    "transport stream from 1.4 s": (
        lambda b: b.shot("t.ts", "-c:a", "aac", "-c:v", "mpeg2video"),
        # Its clock ticks at 90 kHz, of which a sample is 1.875; and it keeps the last frame.
        Put(0, within=1, slack=1_100, picture=True),
    ),
    "copied from 0.61 s": (copied, Put(-29_280, within=1_100, length=None, picture=True)),
    "shorter than its picture": (
        lambda b: b.shot("s.mkv", "-c:a", "pcm_s16le"),
        Put(picture=True),
    ),
    "with a hole": (holed, Put(within=48, length=48_000)),
    "truncated wav": (lambda b: b.cut(b.wav, "t.wav", 0.5), Put(length=23_989, missing=24_011)),
    "truncated mp3": (
        lambda b: b.cut(b.coded("m.mp3", "-c:a", "libmp3lame"), "t2.mp3", 0.5),
        Put(length=24_000, slack=1_200, missing=24_000),
    ),
    "truncated flac": (
        lambda b: b.cut(b.coded("f.flac"), "t.flac", 0.5),
        # What is louder takes more bytes: half of them hold the first quarter.
        Put(length=12_288, missing=35_712, errors=True),
    ),
    "60 corrupt bytes in aac": (
        lambda b: b.broken(
            aac(b), "c.m4a", aac(b).read_bytes().index(b"mdat") + 3000, b"\xff" * 60
        ),
        Put(errors=True),
    ),
    "8 kHz": (lambda b: b.coded("8k.wav", "-ar", "8000"), Put()),
    "192 kHz": (lambda b: b.coded("192k.wav", "-ar", "192000"), Put()),
    "24 bit": (lambda b: b.coded("24.wav", "-c:a", "pcm_s24le"), Put()),
    "8 bit": (lambda b: b.coded("8.wav", "-c:a", "pcm_u8"), Put()),
    "doubles": (lambda b: b.coded("64.wav", "-c:a", "pcm_f64le"), Put()),
    "mu-law": (lambda b: b.coded("mu.wav", "-c:a", "pcm_mulaw"), Put()),
    # Blocks of ADPCM are filled up, and nothing states by how much.
    "adpcm": (lambda b: b.coded("ad.wav", "-c:a", "adpcm_ms"), Put(slack=2_048)),
    "opus": (lambda b: b.coded("o.ogg", "-c:a", "libopus"), Put()),
    "opus in webm": (lambda b: b.coded("o.webm", "-c:a", "libopus"), Put(slack=960)),
    # Its encoder leaves the last short block out.
    "vorbis": (lambda b: b.coded("v.ogg", "-c:a", "libvorbis"), Put(slack=128)),
    "alac": (lambda b: b.coded("al.m4a", "-c:a", "alac"), Put()),
    "flac": (lambda b: b.coded("whole.flac"), Put()),
    "mp3 with its delay": (lambda b: b.coded("d.mp3", "-c:a", "libmp3lame"), Put()),
    "m4a with its delay": (aac, Put()),
    # Raw AAC and AC-3 don't say how late their encoder made them: 1024 and 256 samples here.
    "raw aac": (lambda b: b.coded("raw.aac", "-c:a", "aac"), Put(1_024, slack=2_048)),
    "raw ac3": (lambda b: b.coded("raw.ac3", "-c:a", "ac3"), Put(256, slack=1_536)),
    "mp3 behind a tag": (tagged, Put()),
    "cover art": (covered, Put()),
    "two sounds": (
        lambda b: b.made(
            "2.m4a", "-i", b.wav, "-f", "lavfi", "-i", "sine=d=1", "-map", "0", "-map", "1"
        ),
        Put(),
    ),
    "big-endian": (lambda b: b.coded("be.aiff"), Put()),
    "rf64": (lambda b: b.coded("rf.wav", "-rf64", "always"), Put()),
    "head of a stream": (lambda b: b.write("st.wav", head(0xFFFF_FFFF) + pcm()), Put()),
    "head of no length": (lambda b: b.write("no.wav", head(0) + pcm()), Put()),
    "head that claims more": (
        lambda b: b.write("more.wav", head(6 * LENGTH) + pcm()),
        Put(missing=96_000),
    ),
    # What lies behind the sound a head states is not the sound's.
    "head that claims less": (
        lambda b: b.write("less.wav", head(LENGTH) + pcm()),
        Put(length=24_000),
    ),
    "odd block": (lambda b: b.write("odd.wav", head(2 * LENGTH, block=3) + pcm()), Put()),
    "an odd byte behind": (lambda b: b.write("byte.wav", b.wav.read_bytes() + b"x"), Put()),
    "no samples": (lambda b: b.write("none.wav", head(0)), Put(length=0)),
    "7.1": (lambda b: b.wide("7.1", 8), Put()),
    "5.1": (lambda b: b.wide("5.1", 6), Put()),
    "2.1": (lambda b: b.wide("2.1", 3), Put()),
    "quad": (lambda b: b.wide("quad", 4), Put()),
    "unnamed six": (lambda b: b.write("six.wav", head(12 * LENGTH, channels=6) + pcm(6)), Put()),
    "unnamed sixteen": (
        lambda b: b.write("xvi.wav", head(32 * LENGTH, channels=16) + pcm(16)),
        Put(),
    ),
    "channels that change": (
        lambda b: b.write(
            "ch.aac",
            b.coded("c1.aac", "-c:a", "aac").read_bytes()
            + b.coded("c2.aac", "-ac", "2", "-c:a", "aac").read_bytes(),
        ),
        Put(1_024, length=2 * LENGTH, slack=4_096),
    ),
}

REFUSED: dict[str, tuple[Callable[[Bench], Path], str, str]] = {
    "truncated m4a": (lambda b: b.cut(aac(b), "t.m4a", 0.5), "media-unreadable", ""),
    "page": (lambda b: b.write("p.mp3", b"<!DOCTYPE html>"), "media-unreadable", "a page"),
    "message": (lambda b: b.write("m2.mp3", b'{"error": 1}'), "media-unreadable", "message"),
    "empty": (lambda b: b.write("e.mp3", b""), "media-empty", ""),
    "archive": (zipped, "sound-undecodable", "unpack it"),
    "noise": (lambda b: b.write("n.wav", random.Random(1).randbytes(5000)), "media-unreadable", ""),
    "zeros": (lambda b: b.write("0.wav", bytes(5000)), "media-unreadable", ""),
    "rate that changes": (lambda b: joined(b, 44_100), "sound-rate-changes", "one sampling rate"),
    "a sample a second": (
        lambda b: b.write("1.wav", head(2 * LENGTH, rate=1) + pcm()),
        "sound-rate",
        "",
    ),
    "no rate": (
        lambda b: b.write("r0.wav", head(2 * LENGTH, rate=0) + pcm()),
        "media-unreadable",
        "",
    ),
    "no channels": (
        lambda b: b.write("c0.wav", head(2 * LENGTH, channels=0) + pcm()),
        "sound-undecodable",
        "",
    ),
    "folder": (lambda b: b.folder, "media-missing", ""),
    "nowhere": (lambda b: b.folder / "nowhere.wav", "media-missing", ""),
}


def conformed(path: Path, origin: Fraction | None, folder: Path) -> tuple[SoundShape, Mono]:
    """A file's sound, folded down, its sides summed to what one of them was."""
    shape = conform(path, origin, folder / "out.f32")
    assert shape is not None
    sound = np.fromfile(folder / "out.f32", np.float32).reshape(-1, len(shape.layout.channels))
    assert len(sound) == shape.samples
    return shape, (sound @ np.array(pan(shape.layout, Layout.STEREO))).sum(axis=1)


def place(sound: Mono) -> int:
    """Where the sound begins in what was made of it."""
    size = 1 << 18
    fit = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(SOUND, size)), size)
    best = int(np.argmax(fit))
    return best if best < size // 2 else best - size


@pytest.mark.parametrize("case", GOOD)
def test_sound_is_put_right_or_repaired_by_name(case: str, bench: Bench, tmp_path: Path) -> None:
    make, put = GOOD[case]
    path = make(bench)
    origin: Fraction | None = None
    if put.picture:
        index = picture_shape(path).index
        origin = index.pts[0] * index.time_base
    shape, sound = conformed(path, origin, tmp_path)
    if len(sound):
        assert abs(place(sound) - put.at) <= put.within
    if put.length is not None:
        assert 0 <= abs(len(sound) - put.length) <= put.slack
    # What a codec's frames leave unsure is missing to the same precision.
    assert abs(shape.missing - put.missing) <= put.slack
    assert (shape.decode_errors > 0) is put.errors
    assert shape.non_finite == 0


@pytest.mark.parametrize("case", SUMMED)
def test_broken_frames_are_told_and_silent_and_all_others_in_place(
    case: str, bench: Bench, tmp_path: Path
) -> None:
    shape, sound = conformed(SUMMED[case](bench), None, tmp_path)
    assert shape.decode_errors > 0
    # The file holds 16 bits: what is whole is what was written, to the step.
    wrong = np.abs(sound - 2 * np.rint(SOUND * 32_767)[: len(sound)] / 32_768) > 1e-6
    assert not sound[wrong].any()
    assert 0 < np.count_nonzero(wrong) < LENGTH // 2
    assert len(sound) == LENGTH
    assert not wrong[-4_000:].any()


def test_sound_that_begins_late_says_by_how_much(bench: Bench, tmp_path: Path) -> None:
    late = bench.shot("l2.mkv", "-c:a", "pcm_s16le", before=("sound",))
    slow = bench.shot("l3.mov", "-c:a", "pcm_s16le", "-ar", "8000", before=("sound",))
    assert conform(late, Fraction(0), tmp_path / "o").late == 24_000  # type: ignore[union-attr]
    assert conform(slow, Fraction(0), tmp_path / "o").late == 24_000  # type: ignore[union-attr]
    # A codec's frame is no lateness, what is cut off is none, and a sound file has no picture.
    assert conform(late, Fraction(23, 48), tmp_path / "o").late == 0  # type: ignore[union-attr]
    assert conform(late, Fraction(3, 4), tmp_path / "o").late == 0  # type: ignore[union-attr]
    assert conform(late, None, tmp_path / "o").late == 0  # type: ignore[union-attr]


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_sound_is_refused_in_words(case: str, bench: Bench, tmp_path: Path) -> None:
    make, code, words = REFUSED[case]
    with pytest.raises(MediaError) as caught:
        conform(make(bench), None, tmp_path / "out.f32")
    (problem,) = caught.value.problems
    assert problem.code == code
    assert words in str(problem)
    assert not (tmp_path / "out.f32").exists()


@pytest.mark.parametrize("name", ["v.mp4", "s.srt", "s.mkv"])
def test_what_holds_none_gives_none(name: str, bench: Bench, tmp_path: Path) -> None:
    bench.write("s.srt", b"1\n00:00:00,000 --> 00:00:01,000\nhello\n")
    if name == "s.mkv":
        bench.made(name, "-i", bench.folder / "s.srt")
    assert conform(bench.folder / name, None, tmp_path / "out.f32") is None


def test_values_that_are_no_numbers_are_counted_and_loud_ones_stay(
    bench: Bench, tmp_path: Path
) -> None:
    shape, sound = conformed(floats(bench), None, tmp_path)
    assert shape.non_finite == 2
    assert sound[102] == 10.0


def test_one_sample_is_a_sound(bench: Bench, tmp_path: Path) -> None:
    shape, sound = conformed(bench.write("1s.wav", head(2) + b"\0\x40"), None, tmp_path)
    assert (shape.samples, sound.tolist()) == (1, [1.0])


def test_no_damage_crashes_or_hangs(bench: Bench, tmp_path: Path) -> None:
    dice = random.Random(7)
    short = ("-t", "0.2")
    names = ["w.wav", "w.m4a", "w.mp3", "w.flac", "w.ogg", "w.mkv"]
    whole = [bench.coded(name, *short).read_bytes() for name in names]
    read = 0
    for number in range(200):
        data = bytearray(whole[number % len(whole)])
        for _ in range(dice.choice([1, 3, 20])):
            # Heads are where damage tells.
            data[dice.randrange(dice.choice([64, 600, len(data)]))] = dice.randrange(256)
        path = tmp_path / names[number % len(names)]
        path.write_bytes(data)
        with suppress(FinisherError):
            read += conform(path, None, tmp_path / "out.f32") is not None
    assert 0 < read < 200
