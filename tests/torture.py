"""Takes of every awkward kind, made small and numbered, with what must become of each."""

from __future__ import annotations

import shutil
import struct
import subprocess
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tests import barcode

from finisher.ffmpeg import program

PICTURES = 60
X264_OPEN = "open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0:scenecut=0"
X265_OPEN = "open-gop=1:keyint=12:min-keyint=12:bframes=3:scenecut=0:log-level=none"
X265_RADL = "keyint=12:min-keyint=12:open-gop=0:radl=2:bframes=3:scenecut=0:log-level=none"
RADL_FROM = 10
"""The picture that `radl.mp4` shows first after its first group: two before its key picture."""
LOSSY = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "10")
TAGS = ("-color_range", "tv", "-colorspace", "bt709")
VARIABLE = [t for t in range(90) if t % 5 not in (1, 3)]
HELD = [t for t in range(90) if not 10 <= t < 58]


class Outcome(StrEnum):
    """What may become of a take: nothing else is allowed, least of all a wrong picture."""

    EXACT = "exact"
    REPAIRED = "repaired"
    REFUSED = "refused"


@dataclass(frozen=True)
class Case:
    """A take, the part of it that an edit uses, and what the edit must show."""

    id: str
    words: str
    make: Callable[[Path], Path]
    """Makes the take in a folder, which holds `base.mp4` and its like."""
    outcome: Outcome
    codes: tuple[str, ...] = ()
    """Codes of the repairs that must be listed, or of the refusal: any one of them."""
    law: Callable[[int], int] = lambda frame: frame
    """The number shown at a frame of the take, counted at the edit's rate."""
    span: tuple[int, int] = (7, 31)
    rate: str = "24"
    level: float = 1.0
    """How bright the bars are."""
    hold: int = 0
    """Frames the last picture is held for."""


def run(*arguments: str | Path) -> None:
    """Run the embedded ffmpeg."""
    words = [str(argument) for argument in arguments]
    subprocess.run([program.executable(), "-v", "error", "-y", *words], check=True, timeout=60)


def bases(folder: Path) -> None:
    """The takes that others are made of."""
    barcode.write_take(folder / "base.mp4", PICTURES, options={"g": "12", "bf": "3"})
    barcode.write_take(folder / "onekey.mp4", PICTURES, options={"g": "9999", "bf": "2"})
    barcode.write_take(folder / "open.mp4", PICTURES, options={"x264-params": X264_OPEN})
    options = {"x265-params": X265_OPEN}
    barcode.write_take(folder / "cra.mp4", PICTURES, codec="libx265", options=options)
    options = {"x265-params": X265_RADL}
    barcode.write_take(folder / "radl.mp4", PICTURES, codec="libx265", options=options)
    sounds = [
        ("tone.wav", "sine=frequency=440:sample_rate=48000:duration=3"),
        ("short.wav", "sine=frequency=440:sample_rate=48000:duration=1.8"),
    ]
    for name, source in sounds:
        run("-f", "lavfi", "-i", source, folder / name)


def existing(name: str) -> Callable[[Path], Path]:
    """A base as it is."""
    return lambda folder: folder / name


def written(name: str, count: int = PICTURES, **options: object) -> Callable[[Path], Path]:
    """A take of its own, as `tests.barcode` writes it."""

    def make(folder: Path) -> Path:
        barcode.write_take(folder / name, count, **options)  # type: ignore[arg-type]
        return folder / name

    return make


def copied(source: str, name: str, cut: int = 0, **options: str) -> Callable[[Path], Path]:
    """The packets of a base in another file."""
    return lambda folder: barcode.copied(folder / source, folder / name, cut=cut, options=options)


def converted(
    name: str, *words: str, before: tuple[str, ...] = (), source: str = "base.mp4"
) -> Callable[[Path], Path]:
    """What ffmpeg makes of a base; words that begin with @ name files of the folder."""

    def make(folder: Path) -> Path:
        named = [str(folder / word[1:]) if word.startswith("@") else word for word in words]
        run(*before, "-i", folder / source, *named, folder / name)
        return folder / name

    return make


def filtered(name: str, graph: str, *words: str) -> Callable[[Path], Path]:
    """A base through a filter, encoded again."""
    return converted(name, "-vf", graph, *(words or (*LOSSY, *TAGS)))


def turned(name: str, graph: str, *display: str) -> Callable[[Path], Path]:
    """Pictures that lie on their side, and a display matrix that stands them upright."""

    def make(folder: Path) -> Path:
        lying = filtered(f"lying-{name}", graph)(folder)
        run(*display, "-i", lying, "-c", "copy", folder / name)
        return folder / name

    return make


def damaged(
    source: str, name: str, change: Callable[[bytearray], bytearray]
) -> Callable[[Path], Path]:
    """A base with its bytes changed."""

    def make(folder: Path) -> Path:
        content = bytearray((folder / source).read_bytes())
        (folder / name).write_bytes(change(content))
        return folder / name

    return make


def then(
    first: Callable[[Path], Path], name: str, change: Callable[[bytearray], bytearray]
) -> Callable[[Path], Path]:
    """A made take with its bytes changed, under another name."""

    def make(folder: Path) -> Path:
        source = first(folder)
        return damaged(source.name, name, change)(folder)

    return make


def renamed(folder: Path) -> Path:
    """A name that means something to every tool but the file system."""
    return Path(shutil.copy(folder / "base.mp4", folder / "it's 100% [café] #1.mp4"))


def two_sizes(name: str) -> Callable[[Path], Path]:
    """Pictures of two sizes, one after the other in one file; Matroska's header tells of one."""

    def make(folder: Path) -> Path:
        parts = folder / "wide.ts", folder / "small.ts"
        run("-i", folder / "base.mp4", "-c", "copy", parts[0])
        run("-i", folder / "base.mp4", "-vf", "scale=160:90", *LOSSY,
            "-output_ts_offset", "4", parts[1])  # fmt: skip
        joined = folder / "sizes.ts"
        joined.write_bytes(b"".join(part.read_bytes() for part in parts))
        if name != joined.name:
            run("-i", joined, "-c", "copy", folder / name)
        return folder / name

    return make


def from_second_key(source: str, name: str, skip: int = 0) -> Callable[[Path], Path]:
    """The packets from the second key picture on, or without the first few where told so."""

    def make(folder: Path) -> Path:
        with av.open(str(folder / source)) as reading, av.open(str(folder / name), "w") as out:
            stream = reading.streams.video[0]
            target = out.add_stream_from_template(stream)
            keys = 0
            for number, packet in enumerate(reading.demux(stream)):
                keys += packet.is_keyframe
                if packet.dts is not None and (number >= skip if skip else keys > 1):
                    packet.stream = target
                    out.mux(packet)
        return folder / name

    return make


def inside_a_group(folder: Path) -> Path:
    """MPEG-4 whose first pictures lack their key: its decoder makes something up for them."""
    filtered("asp.mp4", "null", "-c:v", "mpeg4", "-q:v", "2", "-bf", "0", "-g", "12", *TAGS)(folder)
    return from_second_key("asp.mp4", "asp.mkv", skip=5)(folder)


def doubled_times(folder: Path) -> Path:
    """Two pictures that claim one time of display: the clock of Matroska is made too coarse."""
    run("-i", folder / "base.mp4", "-c", "copy", "-bsf:v", "setts=ts='max(0,floor(TS/1024)*512)'",
        folder / "doubled.mkv")  # fmt: skip
    return folder / "doubled.mkv"


def empty(folder: Path) -> Path:
    """No bytes at all."""
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def with_box(content: bytearray) -> bytearray:
    """An unknown box after the others (ISO/IEC 14496-12, 4.2)."""
    return content + struct.pack(">I4s16s", 32, b"uuid", bytes(range(16))) + bytes(8)


def without_index(content: bytearray) -> bytearray:
    """An AVI whose index is noise."""
    at = content.rfind(b"idx1")
    noise = np.random.default_rng(1).integers(0, 256, len(content) - at - 8, np.uint8)
    return content[: at + 8] + noise.tobytes()


def part(share: float) -> Callable[[bytearray], bytearray]:
    """The first part of a file."""
    return lambda content: content[: int(len(content) * share)]


def at_rate(rate: str) -> Callable[[int], int]:
    """The picture on screen at each frame of 24 a second."""
    return lambda frame: int(frame * Fraction(rate) / 24)


def timed(times: list[int]) -> Callable[[int], int]:
    """The last picture at or before a frame."""
    return lambda frame: bisect_right(times, frame) - 1


def subtitled(folder: Path) -> Path:
    """A take with a subtitle track."""
    (folder / "words.srt").write_text("1\n00:00:00,000 --> 00:00:01,000\nWords\n")
    return converted(
        "subtitled.mp4", "-i", "@words.srt", "-c:v", "copy", "-c:s", "mov_text"
    )(folder)  # fmt: skip


def covered(folder: Path) -> Path:
    """A take with cover art."""
    run("-i", folder / "base.mp4", "-frames:v", "1", folder / "cover.png")
    return converted(
        "covered.mp4", "-i", "@cover.png", "-map", "0", "-map", "1", "-c:v:0", "copy",
        "-c:v:1", "png", "-disposition:v:1", "attached_pic",
    )(folder)  # fmt: skip


def still(suffix: str, *words: str) -> Callable[[Path], Path]:
    """One picture in a file of its own: number 21."""
    return filtered(f"still.{suffix}", "select=eq(n\\,21)", "-frames:v", "1", *words)


SIDE = "scale=240:180:flags=area,setsar=4/3"
HALF = "format=rgba,colorchannelmixer=aa=0.5"
HDR = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=none"
E, R, X = Outcome.EXACT, Outcome.REPAIRED, Outcome.REFUSED
CONFORM, COLOUR, RATE = ("picture-conform",), ("colour-conform",), ("rate-conform",)
SOUND = ("-c:v", "copy", "-c:a", "aac")
NTSC = {"rate": Fraction(24000, 1001), "options": {"g": "12"}}

CASES = (
    Case("T01", "closed GOP, B pictures", existing("base.mp4"), E),
    Case("T02", "open GOP", existing("open.mp4"), E),
    Case("T03", "one key picture", existing("onekey.mp4"), E),
    Case("T04", "pre-roll hidden by an edit list", copied("onekey.mp4", "cut.mp4", 20), E,
         law=lambda f: f + 20),
    Case("T05", "variable rate", written("vfr.mp4", len(VARIABLE), times=VARIABLE), R, RATE,
         law=timed(VARIABLE)),
    Case("T06", "24000/1001", written("ntsc.mov", **NTSC), E, rate="24000/1001"),
    Case("T07", "transport stream that starts late",
         copied("base.mp4", "late.ts", output_ts_offset="10"), E),
    Case("T08", "sound longer than the picture",
         converted("longer.mp4", "-i", "@tone.wav", *SOUND), E),
    Case("T09", "sound shorter than the picture",
         converted("shorter.mp4", "-i", "@short.wav", *SOUND), E),
    Case("T10", "sound that starts late",
         converted("after.mp4", "-itsoffset", "0.3", "-i", "@short.wav", *SOUND), E),
    Case("T12", "pixels that are not square", filtered("wide.mp4", SIDE), R, CONFORM),
    Case("T13", "turned by a quarter",
         turned("turned.mp4", "transpose=clock", "-display_rotation", "90"), R, CONFORM),
    Case("T14", "odd size, 4:4:4",
         filtered("odd.mp4", "scale=321:181,setsar=1,format=yuv444p"), R, CONFORM),
    Case("T15", "full range",
         filtered("full.mp4", "scale=out_range=pc,format=yuv420p", *LOSSY,
                  "-color_range", "pc", "-colorspace", "bt709"), R, COLOUR),
    Case("T15b", "full range, pixels that are not square",
         filtered("fullwide.mp4", f"{SIDE},scale=out_range=pc,format=yuv420p", *LOSSY,
                  "-color_range", "pc", "-colorspace", "bt709"), R, CONFORM),
    Case("T16", "Rec.601 matrix",
         filtered("sd.mp4", "scale=out_color_matrix=bt601", *LOSSY,
                  "-color_range", "tv", "-colorspace", "smpte170m"), R, COLOUR),
    Case("T17", "no tags",
         filtered("untagged.mp4", "setparams=range=unknown:colorspace=unknown"
                  ":color_primaries=unknown:color_trc=unknown", *LOSSY), R, COLOUR),
    Case("T18", "PQ, Rec.2020",
         filtered("hdr.mp4", "format=yuv420p10le,setparams=colorspace=bt2020nc"
                  ":color_primaries=bt2020:color_trc=smpte2084", "-c:v", "libx265", "-preset",
                  "ultrafast", "-x265-params", HDR), R, ("hdr-conform",)),
    Case("T18b", "a logarithmic curve",
         filtered("log.mp4", "setparams=color_trc=log100", *LOSSY, "-color_trc", "log100"),
         X, ("not-conformable",)),
    Case("T21", "two sounds and a timecode",
         converted("two.mov", "-i", "@tone.wav", "-i", "@short.wav", "-map", "0", "-map", "1",
                   "-map", "2", "-c:v", "copy", "-timecode", "01:00:00:00"), E),
    Case("T22", "cover art", covered, E),
    Case("T23", "fragments",
         copied("base.mp4", "frags.mp4", movflags="frag_keyframe+empty_moov"), E),
    Case("T24", "fragments, broken off",
         then(copied("base.mp4", "frags.mp4", movflags="frag_keyframe+empty_moov"), "short.mp4",
              part(0.6)), X, ("media-damaged",)),
    Case("T25", "no bytes", empty, X, ("media-empty",)),
    Case("T26", "another size on the way, transport stream", two_sizes("sizes.ts"), X,
         ("picture-changed", "picture-lost", "media-damaged")),
    Case("T26b", "another size on the way, Matroska", two_sizes("sizes.mkv"), X,
         ("picture-changed", "picture-lost")),
    Case("T27", "interlaced",
         filtered("fields.mp4", "setfield=tff,fieldorder=tff", "-flags", "+ildct+ilme", *LOSSY,
                  "-x264opts", "tff=1", *TAGS), R, CONFORM),
    Case("T28", "one picture", written("one.mp4", 1), E, span=(0, 1)),
    Case("T29", "60 pictures a second", written("sixty.mp4", 90, rate=Fraction(60)), R, RATE,
         law=at_rate("60")),
    Case("T30", "VP9 with alpha",
         filtered("alpha.webm", HALF, "-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-cpu-used",
                  "8", "-deadline", "realtime", "-auto-alt-ref", "0"), X, ("not-conformable",)),
    Case("T30b", "ProRes 4444 with alpha",
         filtered("alpha.mov", HALF, "-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt",
                  "yuva444p10le", *TAGS), R, CONFORM, level=0.5),
    Case("T30c", "RGB with alpha",
         filtered("argb.mov", HALF, "-c:v", "qtrle", "-pix_fmt", "argb"), R, CONFORM, level=0.5),
    Case("T31", "AV1",
         written("av1.mkv", codec="libsvtav1", options={"crf": "6", "preset": "8", "g": "12"}), E),
    Case("T32", "ProRes 422 HQ, 10 bits",
         filtered("prores.mov", "format=yuv422p10le", "-c:v", "prores_ks", "-profile:v", "3",
                  *TAGS), E),
    Case("T32b", "DNxHR HQ",
         filtered("dnxhr.mov", "format=yuv422p", "-c:v", "dnxhd", "-profile:v", "dnxhr_hq",
                  *TAGS), E),
    Case("T32c", "DNxHR 444, 10 bits",
         filtered("dnx444.mov", "format=yuv444p10le", "-c:v", "dnxhd", "-profile:v", "dnxhr_444",
                  *TAGS), E),
    Case("T33", "a name full of signs", renamed, E),
    Case("T34", "negative composition offsets",
         copied("base.mp4", "negative.mp4", movflags="negative_cts_offsets"), E),
    Case("T35", "two pictures of one time", doubled_times, X, ("picture-times",)),
    Case("T37", "a hold of two seconds", written("hold.mp4", len(HELD), times=HELD), R, RATE,
         law=timed(HELD), span=(5, 70)),
    Case("T38", "HEVC, open GOP", existing("cra.mp4"), E),
    Case("T38b", "HEVC from a later key picture, whose leading pictures lack their past",
         from_second_key("cra.mp4", "cra.mkv"), R, CONFORM, law=lambda f: f + 12),
    Case("T38c", "H.264 from a recovery point, whose leading pictures lack their past",
         from_second_key("open.mp4", "recovery.mkv"), R, CONFORM, law=lambda f: f + 12),
    Case("T38d", "HEVC from a later key picture, whose leading pictures need no past",
         from_second_key("radl.mp4", "radl.mkv"), E, law=lambda f: f + RADL_FROM),
    Case("T38e", "H.264 that begins inside a group of pictures",
         from_second_key("base.mp4", "inside.ts", skip=5), R, CONFORM, law=lambda f: f + 12),
    Case("T38f", "MPEG-4 that begins inside a group of pictures", inside_a_group, R, CONFORM,
         law=lambda f: f + 12),
    Case("T43", "16 pictures a second", written("sixteen.mp4", 40, rate=Fraction(16)), R, RATE,
         law=at_rate("16")),
    Case("T43b", "30000/1001 in 24", written("thirty.mp4", rate=Fraction(30000, 1001)), R, RATE,
         law=at_rate("30000/1001")),
    Case("T46", "10 bits",
         filtered("ten.mp4", "format=yuv420p10le", "-c:v", "libx265", "-preset", "ultrafast",
                  "-crf", "8", "-x265-params", "log-level=none", *TAGS), E),
    Case("T47", "an unknown box at the end", damaged("base.mp4", "box.mp4", with_box), E),
    Case("T48", "turned, with pixels that are not square",
         turned("both.mp4", "transpose=clock,scale=180:240:flags=area,setsar=3/4",
                "-display_rotation", "90"), R, CONFORM),
    Case("T49", "mirrored", turned("mirrored.mp4", "hflip", "-display_hflip"), R, CONFORM),
    Case("T50", "subtitles", subtitled, E),
    Case("T51", "AVI",
         filtered("plain.avi", "null", "-c:v", "mpeg4", "-q:v", "2", "-bf", "0", "-g", "12"),
         R, COLOUR),
    Case("T51b", "AVI whose index is noise",
         then(filtered("indexed.avi", "null", "-c:v", "mpeg4", "-q:v", "2", "-g", "12"),
              "noise.avi", without_index), R, COLOUR),
    Case("T52", "transport stream with 192-byte packets",
         converted("blu.m2ts", "-c", "copy", "-mpegts_m2ts_mode", "1"), E),
    Case("T53", "192-byte packets, broken off",
         then(converted("whole.m2ts", "-c", "copy", "-mpegts_m2ts_mode", "1"), "cut.m2ts",
              lambda content: content[:192 * 61 + 77]), X, ("media-damaged",)),
    Case("T54", "PNG", still("png"), R, COLOUR, law=lambda _: 21, span=(0, 1), hold=11),
    Case("T55", "JPEG", still("jpg", "-q:v", "2"), R, COLOUR, law=lambda _: 21, span=(0, 1),
         hold=11),
    Case("T56", "a pattern of numbered pictures", lambda folder: folder / "shot_%04d.png", X,
         ("media-missing",)),
)  # fmt: skip
"""Pictures. Cases of sound alone stand where sound is tested: T11, T19, T20, T36 and T39 to T41.

Late sound, holes, mono, surround and other rates: `tests/unit/media/test_decode_sound.py`; takes
without sound: `tests/unit/plan/test_sound.py`; hot mixes: `tests/unit/sound/test_limiter.py`;
loops (T44): `tests/unit/loops`; marks and credentials (T45, T47): `test_render.py`.
"""
