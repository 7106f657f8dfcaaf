"""One realistic edit to measure rendering with: four takes, six events, two looks, upright.

`lay` makes a folder with the takes, the sound, the looks, the edit list and its presets.
456 frames at 24 a second from 1080p takes (natural clips where the fixtures are there, drawn ones
for the rest, all with grain), two dissolves of 12 frames, a loop played three times, a 33-point
look on every picture, the middle 608x1080 brought to 1080x1920, a score ducked under a line.
`tuned` is the same as one ffmpeg command.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg

ROOT = Path(__file__).resolve().parents[1]
FIXTURES = Path(os.environ.get("FINISHER_FIXTURES", ROOT.parent / "shared" / "fixtures"))
RATE, TAKE_FRAMES = 24, 240
SPEEDS = ("veryfast", "medium")
DISSOLVE = 12
LOOKS = {"day": "warm-harbour", "night": "night-tide"}
SESSIONS = {"t1": "day", "t2": "night", "t3": "day", "t4": "night"}


@dataclass(frozen=True)
class Cut:
    """An event: source frames of a take, how often, and whether it comes in by a dissolve."""

    take: str
    first: int
    end: int
    times: int = 1
    dissolve: bool = False

    @property
    def frames(self) -> int:
        return (self.end - self.first) * self.times


EVENTS = (
    Cut("t1", 24, 104),
    Cut("t2", 48, 120, dissolve=True),
    Cut("t3", 30, 54, times=3),
    Cut("t4", 60, 156),
    Cut("t1", 130, 206, dissolve=True),
    Cut("t2", 130, 190),
)
FRAMES = sum(cut.frames for cut in EVENTS)

_FINISH = "noise=alls=3:allf=t,setsar=1,setparams=range=tv:colorspace=bt709:color_primaries=bt709:"
_FINISH += "color_trc=bt709,format=yuv420p"
_PHOTO = "scale=7680:5120:flags=lanczos,crop=7680:4320,zoompan=z='1+0.0012*on':d=240:"
_PHOTO += "x='iw/2-iw/zoom/2+4*on':y='ih/2-ih/zoom/2':s=1920x1080:fps=24"
_FRACTAL = "mandelbrot=s=960x540:rate=24:maxiter=400:start_scale={scale}:end_scale=0.02:end_pts=240"
_NOISE = ["-f", "lavfi", "-i", "anoisesrc=color=pink:amplitude=0.08:sample_rate=48000:seed={seed}"]


def ffmpeg(*words: str | Path) -> None:
    """Run the embedded ffmpeg to its end.

    Raises:
        subprocess.CalledProcessError: when it fails.
    """
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    subprocess.run([*command, *map(str, words)], stdin=subprocess.DEVNULL, check=True)


def lay(folder: Path) -> Path:
    """Lay the job out and return its edit list; what a run before left there is used again."""
    for name in ("takes", "audio", "luts", "presets"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for look in LOOKS.values():
        shutil.copyfile(ROOT / "luts" / f"{look}.cube", folder / "luts" / f"{look}.cube")
    for number in range(1, 5):
        _take(number, folder / "takes" / f"scene{number:02d}_take01.mp4")
    _sounds(folder / "audio")
    for speed in SPEEDS:
        (folder / "presets" / f"job-{speed}.toml").write_text(preset(speed))
        (folder / "presets" / f"wide-{speed}.toml").write_text(preset(speed, (1920, 1080)))
        (folder / "presets" / f"square-{speed}.toml").write_text(preset(speed, (1080, 1080)))
        (folder / "presets" / f"loud-{speed}.toml").write_text(preset(speed) + LOUDNESS)
    return write_edit(folder / "job.json")


def write_edit(
    path: Path, events: tuple[Cut, ...] = EVENTS, look_of: dict[int, str] | None = None
) -> Path:
    """Write the edit list; `look_of` gives events looks of their own."""
    own = look_of or {}
    listed = []
    for number, cut in enumerate(events):
        event: dict[str, object] = {"id": f"e{number + 1}", "take": cut.take}
        event |= {"in": cut.first, "out": cut.end}
        if cut.times > 1:
            event["loop"] = {"times": cut.times}
        if cut.dissolve:
            event["transition"] = {"kind": "dissolve", "frames": DISSOLVE}
        if number in own:
            event["look"] = own[number]
        listed.append(event)
    document = {
        "schema": "finisher/edl@1",
        "title": "The job",
        "rate": str(RATE),
        "canvas": {"width": 1920, "height": 1080},
        "takes": {
            name: {"file": f"takes/scene{name[1:].zfill(2)}_take01.mp4", "session": session}
            for name, session in SESSIONS.items()
        },
        "sessions": {session: {"look": look} for session, look in LOOKS.items()},
        "events": listed,
        "audio": [
            {"id": "line", "file": "audio/line.wav", "role": "dialogue", "at": "2s"},
            {"id": "score", "file": "audio/score.wav", "role": "music", "at": 0, "gain_db": -6,
             "fade_out": "1s", "duck": {"under": ["dialogue"], "depth_db": -9}},
        ],
    }  # fmt: skip
    path.write_text(json.dumps(document, indent=1))
    return path


LOUDNESS = """
[audio.loudness]
target_lufs = -14.0
tolerance_lu = 0.1
true_peak_dbtp = -1.0
"""


def preset(speed: str, raster: tuple[int, int] = (1080, 1920)) -> str:
    """A preset with nothing but constant quality, the level of sound as mixed."""
    return f"""\
description = "Benchmark, {speed}"
raster = [{raster[0]}, {raster[1]}]

[video]
codec = "h264"
profile = "high"
pixel_format = "yuv420p"
speed = "{speed}"
crf = 18
gop_seconds = "1/2"
b_frames = 2

[audio]
codec = "aac"
bit_rate = 192_000

[container]
format = "mp4"
"""


def encoder(speed: str) -> list[str]:
    """The words that make ffmpeg's encoder do what the preset asks of ours."""
    return [
        "-c:v", "libx264", "-preset", speed, "-crf", "18", "-profile:v", "high", "-g", "12",
        "-bf", "2", "-flags", "+cgop",
        "-x264-params", "open-gop=0:stitchable=1:force-cfr=1:8x8dct=1",
    ]  # fmt: skip


def tuned(folder: Path, speed: str, to: Path) -> list[str]:
    """The yardstick: the whole job as one ffmpeg command, tuned by hand.

    One decoder thread for each of the six inputs and one filter thread. Crop first, the look at
    the smallest raster in 16-bit planar RGB (the cheapest of its paths), the dissolves there too
    (xfade knows no 4:2:0 and would convert every frame twice), and one scale for all. Each
    input is sought half a frame before its first picture and cut by counting; of a dissolve of n
    frames xfade spends the first on the outgoing picture alone, so it is one longer and one
    earlier than the edit's.
    """
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y"]
    words += ["-filter_complex_threads", "1"]
    parts = []
    for number, cut in enumerate(EVENTS):
        before = DISSOLVE // 2 + 1 if cut.dissolve else 0
        leaves = number + 1 < len(EVENTS) and EVENTS[number + 1].dissolve
        after = DISSOLVE // 2 if leaves else 0
        first, count = cut.first - before, cut.end - cut.first + before + after
        words += ["-threads", "1", "-ss", f"{(first - 0.5) / RATE:.6f}"]
        words += ["-t", f"{(count + 2) / RATE:.6f}"]
        words += ["-i", str(folder / "takes" / f"scene{cut.take[1:].zfill(2)}_take01.mp4")]
        look = folder / "luts" / f"{LOOKS[SESSIONS[cut.take]]}.cube"
        again = f",loop=loop={cut.times - 1}:size={count}" if cut.times > 1 else ""
        parts.append(
            f"[{number}:v]trim=end_frame={count}{again},setpts=N/{RATE}/TB,fps={RATE},"
            f"crop=608:1080:656:0,format=gbrp16le,lut3d=file={look}:interp=tetrahedral,"
            f"setsar=1,settb=1/{RATE}[v{number}]"
        )
        parts.append(_heard(number, cut, before, after))
    words += ["-i", str(folder / "audio" / "line.wav"), "-i", str(folder / "audio" / "score.wav")]
    parts += [*_joined(), *_mixed()]
    words += ["-filter_complex", ";".join(parts), "-map", "[v]", "-map", "[a]", *encoder(speed)]
    words += ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"]
    words += ["-c:a", "aac", "-b:a", "192k", "-movflags", "+faststart", str(to)]
    return words


def _heard(number: int, cut: Cut, before: int, after: int) -> str:
    """An event's own sound, as long as its picture and the half of a dissolve on either side."""
    lead = before - 1 if before else 0
    length = (cut.end - cut.first + lead + after) / RATE
    again = f",aloop=loop={cut.times - 1}:size={int(length * 48000)}" if cut.times > 1 else ""
    start = (before - lead + 0.5) / RATE
    return (
        f"[{number}:a]aformat=sample_rates=48000:channel_layouts=stereo,asetpts=PTS-STARTPTS,"
        f"atrim=start={start:.6f}:duration={length:.6f},asetpts=PTS-STARTPTS{again}[a{number}]"
    )


def _joined() -> list[str]:
    """The dissolves, and everything one after the other."""
    long = (DISSOLVE + 1) / RATE
    first = (EVENTS[0].frames - DISSOLVE // 2 - 1) / RATE
    later = (EVENTS[3].frames - DISSOLVE // 2 - 1) / RATE
    whole = "scale=1080:1920:flags=lanczos:out_color_matrix=bt709:out_range=tv,format=yuv420p"
    return [
        f"[v0][v1]xfade=transition=fade:duration={long:.6f}:offset={first:.6f}[p]",
        f"[v3][v4]xfade=transition=fade:duration={long:.6f}:offset={later:.6f}[q]",
        f"[a0][a1]acrossfade=duration={DISSOLVE / RATE}:curve1=qsin:curve2=qsin[b]",
        f"[a3][a4]acrossfade=duration={DISSOLVE / RATE}:curve1=qsin:curve2=qsin[c]",
        f"[p][v2][q][v5]concat=n=4:v=1:a=0,{whole}[v]",
        "[b][a2][c][a5]concat=n=4:v=0:a=1[n]",
    ]


def _mixed() -> list[str]:
    """The score ducked under the line, and both under the takes' sound."""
    line, score, length = len(EVENTS), len(EVENTS) + 1, FRAMES / RATE
    return [
        f"[{line}:a]adelay=2000:all=1,apad=whole_dur={length},asplit[line][key]",
        f"[{score}:a]volume=-6dB,afade=t=out:st=7:d=1,apad=whole_dur={length}[score]",
        "[score][key]sidechaincompress=threshold=0.03:ratio=4:attack=50:release=450[low]",
        "[n][line][low]amix=inputs=3:normalize=0:duration=first[m]",
        f"[m]apad=whole_dur={length},atrim=duration={length}[a]",
    ]


def _take(number: int, to: Path) -> None:
    """One take of ten seconds: natural where there is something natural, else a fractal."""
    if to.exists():
        return
    clip = {1: "clips/cockatoo.mp4", 2: "clips/bigbuckbunny.mp4", 3: "stills/kodim04.png"}
    natural = FIXTURES / clip.get(number, "none")
    sound = [word.format(seed=number) for word in _NOISE]
    if not natural.exists():
        picture = ["-f", "lavfi", "-i", _FRACTAL.format(scale=3 / number)]
        filters = f"scale=1920:1080:flags=bicubic,{_FINISH}"
    elif number == 3:
        picture, filters = ["-i", str(natural)], f"{_PHOTO},{_FINISH}"
    else:
        picture = ["-stream_loop", "-1", "-i", str(natural)]
        filters = f"fps=24,scale=1920:1080:flags=lanczos,{_FINISH}"
    making = to.with_suffix(".making.mp4")
    ffmpeg(
        *picture, *sound, "-map", "0:v", "-map", "1:a", "-vf", filters,
        "-frames:v", str(TAKE_FRAMES), "-t", str(TAKE_FRAMES / RATE),
        "-c:v", "libx264", "-preset", "fast", "-crf", "21" if natural.exists() else "26",
        "-bf", "3",
        "-g", "250" if number % 2 else "48", "-c:a", "aac", "-b:a", "160k", "-ac", "2", making,
    )  # fmt: skip
    making.replace(to)


def _sounds(folder: Path) -> None:
    """A score of eight seconds, and a line of three that comes and goes like syllables."""
    chord = "0.1*sin(2*PI*220*t)+0.08*sin(2*PI*277.2*t)+0.08*sin(2*PI*329.6*t)"
    spoken = "0.3*sin(2*PI*(140+20*sin(9*t))*t)*max(0\\,sin(2*PI*3*t))"
    for name, form, seconds in (("score", chord, 8), ("line", spoken, 3)):
        to = folder / f"{name}.wav"
        if not to.exists():
            source = f"aevalsrc='{form}|{form}':s=48000:d={seconds}"
            ffmpeg("-f", "lavfi", "-i", source, "-c:a", "pcm_s16le", to)
