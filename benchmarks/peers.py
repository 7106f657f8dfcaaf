"""The job as moviepy and melt would be asked for it, in the plainest way that shows its frames.

Both deliver the takes' own sound alone: no line, no score, no ducking. That favours them.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

from benchmarks.job import DISSOLVE, EVENTS, LOOKS, RATE, SESSIONS, encoder

MOVIEPY = """
import json, sys
import numpy as np
from moviepy import CompositeVideoClip, VideoFileClip, vfx
from PIL import Image, ImageFilter

cuts, to, speed, params = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]

def lattice(path):
    rows = [line.split() for line in open(path) if line[:1].isdigit()]
    return ImageFilter.Color3DLUT(33, np.array(rows, float).ravel())

looks = {cut["look"]: lattice(cut["look"]) for cut in cuts}

def graded(look):
    return lambda pixels: np.asarray(Image.fromarray(pixels).filter(look))

clips = []
for cut in cuts:
    clip = VideoFileClip(cut["file"]).subclipped(cut["first"] / 24, cut["end"] / 24)
    if cut["times"] > 1:
        clip = clip.with_effects([vfx.Loop(n=cut["times"])])
    clip = clip.cropped(x1=656, y1=0, width=608, height=1080)
    clip = clip.image_transform(graded(looks[cut["look"]])).resized((1080, 1920))
    if cut["fade"]:
        clip = clip.with_effects([vfx.CrossFadeIn(cut["fade"] / 24)])
    clips.append(clip.with_start(cut["start"] / 24))
whole = CompositeVideoClip(clips, size=(1080, 1920)).with_duration(cuts[-1]["stop"] / 24)
whole.write_videofile(to, fps=24, codec="libx264", preset=speed, audio_codec="aac",
                      audio_bitrate="192k", ffmpeg_params=params, logger=None)
"""
_PROFILE = f"""\
description=upright
frame_rate_num={RATE}
frame_rate_den=1
width=1080
height=1920
progressive=1
sample_aspect_num=1
sample_aspect_den=1
display_aspect_num=9
display_aspect_den=16
colorspace=709
"""


def _laid(folder: Path) -> list[dict[str, object]]:
    """Each event with the frames a dissolve borrows, and where it lies in the programme."""
    laid: list[dict[str, object]] = []
    at = 0
    for number, cut in enumerate(EVENTS):
        leaves = number + 1 < len(EVENTS) and EVENTS[number + 1].dissolve
        # A fade that begins at nothing: one frame longer and earlier than the edit's dissolve.
        before = DISSOLVE // 2 + 1 if cut.dissolve else 0
        after = DISSOLVE // 2 if leaves else 0
        laid.append(
            {
                "file": str(folder / "takes" / f"scene{cut.take[1:].zfill(2)}_take01.mp4"),
                "look": str(folder / "luts" / f"{LOOKS[SESSIONS[cut.take]]}.cube"),
                "first": cut.first - before,
                "end": cut.end + after,
                "times": cut.times,
                "fade": DISSOLVE + 1 if cut.dissolve else 0,
                "start": at - before,
                "stop": at + cut.frames,
            }
        )
        at += cut.frames
    return laid


def by_moviepy(folder: Path, speed: str, to: Path) -> list[str]:
    """The job in moviepy: crop, Pillow's look-up, resize, cross-fades."""
    said = encoder(speed)
    params = said[said.index("-crf") :]
    cuts = json.dumps(_laid(folder))
    return [sys.executable, "-c", MOVIEPY, cuts, str(to), speed, *params, "-pix_fmt", "yuv420p"]


def by_melt(folder: Path, speed: str, to: Path) -> list[str] | None:
    """The job as one melt command; None where there is no melt."""
    if shutil.which("melt") is None:
        return None
    profile = folder / "upright.profile"
    profile.write_text(_PROFILE)
    words = ["melt", "-silent", "-profile", str(profile)]
    for cut in _laid(folder):
        first, end = cut["first"], cut["end"]
        clip = [str(cut["file"]), f"in={first}", f"out={int(str(end)) - 1}"]
        clip += ["-attach-cut", "crop", "center=1"]
        clip += ["-attach-cut", "avfilter.lut3d", f"av.file={cut['look']}"]
        clip += ["av.interp=tetrahedral"]
        words += clip * int(str(cut["times"]))
        if cut["fade"]:
            words += ["-mix", str(cut["fade"]), "-mixer", "luma", "-mixer", "mix:-1"]
    words += ["-consumer", f"avformat:{to}", "vcodec=libx264", f"preset={speed}", "crf=18"]
    words += ["g=12", "bf=2", "acodec=aac", "ab=192k", "real_time=-2", "pix_fmt=yuv420p"]
    return [*words, "profile=high"]
