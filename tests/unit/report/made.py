"""A made-up delivery with something of everything, for the report's tests."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from finisher.event import TransitionKind
from finisher.facts import CredentialFacts, Evidence, Integrity, MatchFacts
from finisher.findings import (
    ActiveManifest,
    FileAudit,
    Finding,
    Ingredient,
    MarkFinding,
    Status,
    TrustList,
    Verdict,
    Weight,
)
from finisher.geometry import Box, Fit, Raster, frame
from finisher.look import CDL, ColorTags, Grade, Look, Residual
from finisher.plan.decode import Decoding
from finisher.plan.model import (
    Fill,
    Mix,
    Picture,
    Piece,
    Plan,
    PlannedEvent,
    PlannedLayer,
    PlannedMark,
    PlannedTake,
    Shot,
    SoundPlan,
    SoundTrack,
    Unit,
)
from finisher.presets.model import (
    Audio,
    AudioCodec,
    Container,
    ContainerFormat,
    Loudness,
    Preset,
    Video,
    VideoCodec,
)
from finisher.problems import Problem, Severity, Where
from finisher.report.model import Report, StageTime
from finisher.sound.master import Mastered
from finisher.sound.outline import Envelope
from finisher.timecode import SAMPLE_RATE, Rate, Span
from finisher.timeline import Role

HD = Raster(1920, 1080)
TALL = Raster(1080, 1920)
RATE = Rate(Fraction(24))
MATCH = CDL((1.04, 1.0, 0.93), (0.004, 0.0, -0.006), (1.0, 1.0, 1.02), 0.95)
RESIDUAL = Residual("/home/someone/.cache/finisher/matches/77/table.cube", "7" * 64)
SIGNED = CredentialFacts(Integrity.INTACT, "urn:c2pa:7f1c", "Example Video Model", "generator/2")
UNSIGNED = CredentialFacts(Integrity.ABSENT)
_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/"

TAGS = ColorTags("tv", "bt709", "bt709", "bt709")
READ = Decoding("bt709", "tv")


def sha(letter: str) -> str:
    return letter * 64


def trust_list(name: str = "c2pa") -> TrustList:
    return TrustList(name, sha("c"), "2026-11-20", 30)


def preset() -> Preset:
    return Preset(
        name="social916",
        description="Upright video for social platforms",
        video=Video(VideoCodec.H264, "high", "yuv420p", crf=18),
        audio=Audio(AudioCodec.AAC, 192_000, Loudness(-14.0, 1.0, -1.0)),
        container=Container(ContainerFormat.MP4),
        raster=TALL,
    )


def event(
    name: str, take: str, record: tuple[int, int], source: tuple[int, int], **more: object
) -> PlannedEvent:
    framing = frame(HD, TALL, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
    plain = PlannedEvent(
        id=name,
        take=take,
        record=Span(*record),
        source=Span(*source),
        framing=framing,
        grade=Grade(),
        marks=(),
        may_crop=None,
        own_frames=record[1] - record[0],
        edits=("trimmed",),
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def pictures() -> tuple[Picture, ...]:
    """60 frames of open, 12 of a dissolve lying 6 before the cut, push, a gap, hero from black."""
    shown: list[Picture] = [Shot(0, n) for n in range(54)]
    shown += [
        Mix(TransitionKind.DISSOLVE, Shot(0, 54 + k), Shot(1, 18 + k), k, 12) for k in range(12)
    ]
    shown += [Shot(1, n) for n in range(30, 72)]
    shown += [Fill()] * 12
    shown += [Mix(TransitionKind.DIP, Fill(), Shot(2, 48 + k), k, 8) for k in range(8)]
    # A loop's own seam: the same event on both sides.
    shown += [Mix(TransitionKind.DISSOLVE, Shot(2, 90), Shot(2, 50), k, 4) for k in range(4)]
    shown += [Shot(2, 60 + n % 40) for n in range(132)]
    shown += [Shot(3, n // 2) for n in range(48)]
    return tuple(shown)


def plan(title: str = "Harbour teaser") -> Plan:
    shown = pictures()
    look = Look("warm", "/home/someone/job/luts/warm.cube", sha("9"))
    mark = PlannedMark("corner", Box.of(806, 1742, 180, 60), 1.0)
    cut = PlannedMark("corner", Box.of(980, 1742, 180, 60), 0.556)
    events = (
        event("open", "s09t02", (0, 60), (24, 84), marks=(mark,)),
        event(
            "push",
            "s10t01",
            (60, 108),
            (24, 72),
            grade=Grade(match=MATCH, look=look, residual=replace(RESIDUAL, strength=0.8)),
        ),
        event(
            "hero",
            "s10t01",
            (120, 264),
            (48, 96),
            own_frames=140,
            edits=("trimmed", "looped", "resized", "adjustedColor"),
            grade=Grade(match=MATCH, cdl=CDL(saturation=1.1), look=look),
        ),
        event(
            "slow",
            "s09t02",
            (264, 312),
            (0, 24),
            own_frames=24,
            edits=("trimmed", "changedSpeed"),
            marks=(cut,),
            may_crop="agreed with the artist, 3 November",
        ),
    )
    piece = 48_000 // 24
    sound = SoundPlan(
        312 * piece,
        (
            SoundTrack(
                "native",
                None,
                0.0,
                (
                    Piece("take:s09t02", 0, 0, 60 * piece),
                    Piece("take:s10t01", 0, 60 * piece, 48 * piece),
                    Piece("take:s10t01", 0, 120 * piece, 144 * piece),
                ),
            ),
            SoundTrack(
                "vo",
                Role.DIALOGUE,
                0.0,
                (Piece("layer:vo", 0, 48_000, 172_800),),
                speech=(Span(60_000, 108_000), Span(120_000, 216_000)),
            ),
            SoundTrack(
                "bed",
                Role.MUSIC,
                -8.0,
                (Piece("layer:bed", 0, 0, 312 * piece),),
                ((36_000, 0.0), (48_000, -9.0), (216_000, -9.0), (240_000, 0.0)),
            ),
        ),
        preset().audio.loudness,  # type: ignore[union-attr]
    )
    return Plan(
        title=title,
        edl_path="/home/someone/job/edl.json",
        edl_sha256=sha("e"),
        preset=preset(),
        raster=TALL,
        rate=RATE,
        frames=len(shown),
        events=events,
        takes=(
            PlannedTake(
                "s09t02", "takes/scene09_take02.mp4", sha("a"), HD, SIGNED, None, TAGS, READ
            ),
            PlannedTake(
                "s10t01", "takes/scene10_take01.mp4", sha("b"), HD, UNSIGNED, None, TAGS, READ
            ),
        ),
        layers=(
            PlannedLayer("vo", "audio/line3.wav", sha("c"), Role.DIALOGUE, UNSIGNED),
            PlannedLayer("bed", "audio/score.wav", sha("d"), Role.MUSIC, UNSIGNED),
        ),
        units=tuple(Unit(n, shown[n : n + 48]) for n in range(0, len(shown), 48)),
        sound=sound,
        repairs=(
            Problem(
                "variable-rate",
                "scene09_take02 runs at a variable rate; each frame shows the last picture at or"
                " before its instant",
                Where("/home/someone/job/edl.json", "/takes/s09t02", 8, 5),
                severity=Severity.NOTE,
            ),
            Problem(
                "layer-cut",
                "the bed is cut at the programme's end, 4.2 s short of its own",
                Where("/home/someone/job/edl.json", "/audio/1", 24, 5),
                severity=Severity.NOTE,
            ),
            Problem(
                "no-sound",
                "the take has no sound at half speed; silence stands in",
                Where("/home/someone/job/edl.json", "/events/1/sound", 19, 5),
                severity=Severity.NOTE,
            ),
        ),
        warnings=(
            Problem(
                "short-for-platform",
                "13 s is shorter than the 15 s the platform shows in full",
                severity=Severity.WARNING,
            ),
        ),
    )


def checks() -> tuple[Finding, ...]:
    passed, advisory = Status.PASSED, Weight.ADVISORY
    return (
        Finding("frame-count", passed, "312 frames", promised=312, measured=312),
        Finding("picture-content", passed,
                "cells differ by 0.72 code values on average, by 2.10 at frame 131",
                promised={"event_mean_at_most": 4.0, "frame_at_most": 10.0},
                measured={"mean": 0.72, "worst": 2.1, "worst_frame": 131}),
        Finding("cuts-in-place", passed, "every cut that can be told stands on its frame",
                promised=[60, 120, 264], measured=[60, 120, 264]),
        Finding("color-tags", passed, "colour is tagged tv, bt709, bt709, bt709",
                promised=["tv", "bt709", "bt709", "bt709"],
                measured=["tv", "bt709", "bt709", "bt709"]),
        Finding("loudness", passed, "−14.1 LUFS (−14.1 by a second meter), target −14 ± 1",
                promised={"lufs": -14.0, "tolerance": 1.0},
                measured={"own": -14.102, "ffmpeg": -14.1}),
        Finding("true-peak", passed, "−1.3 dBTP, at most −1", promised=-1.0,
                measured={"own": -1.31, "ffmpeg": -1.3}),
        Finding("sound-track", passed, "AAC, stereo, 48 kHz", promised="aac", measured="aac"),
        Finding("sound-length", passed, "624,640 samples, 624,000 promised", promised=624_000,
                measured=624_640),
        Finding("no-edit-list", passed, "entries of edit lists: 0", promised=0, measured=0),
        Finding("watermarks", Status.WARNED, "One mark is cut by the framing, as agreed",
                advisory, promised="kept whole", measured="55.6 % kept"),
        Finding("integrity-media", passed, "The pictures and sound are those that were signed"),
        Finding("ingredients-now", passed, "Every source's own credentials still hold"),
        Finding("trust-signer", Status.WARNED, "The signer is on no trust list that was given",
                advisory, ("signingCredential.untrusted",)),
        Finding("time-stamp", Status.NOT_CHECKED, "No time-stamp authority was asked", advisory),
    )  # fmt: skip


def audit() -> FileAudit:
    return FileAudit(
        name="harbour.social916.mp4",
        bytes=8_412_903,
        sha256=sha("f"),
        verdict=Verdict.INTACT_UNTRUSTED,
        checks=checks(),
        active=ActiveManifest(
            urn="urn:c2pa:0b6f2c7e-8d0e-4b5f-a1c5-3f9d6a5f7f10",
            generator="finisher 0.1.0",
            issuer="Harbour Pictures",
            common_name="Harbour Pictures finishing",
            anchor=None,
            time="2026-11-20T17:42:09Z",
            time_trusted=False,
            source_type=_TYPE + "compositeWithTrainedAlgorithmicMedia",
            actions=("c2pa.created", "c2pa.placed", "c2pa.color_adjustments", "c2pa.transcoded"),
        ),
        ingredients=(
            Ingredient("scene09_take02.mp4", 1, "urn:c2pa:7f1c", (), (), "same",
                       "Example Video Model", _TYPE + "trainedAlgorithmicMedia", sha("a")),
            Ingredient("storyboard_panel_3.png", 2, "urn:c2pa:11aa", (), (), "not-checked",
                       "Example Image Model", _TYPE + "trainedAlgorithmicMedia"),
            Ingredient("scene10_take01.mp4", 1, None, (), (), "same", sha256=sha("b")),
            Ingredient("line3.wav", 1, None, (), (), "same", sha256=sha("c")),
        ),
        watermarks=(
            MarkFinding("open", "corner", "present", "whole and where it was predicted", 0.93, 0.6,
                        11.2, 0.98, 54, (806.0, 1742.0, 180.0, 60.0)),
            MarkFinding("slow", "corner", "cut", "cut by the framing: agreed with the artist",
                        0.71, 0.6, 6.4, 0.55, 48, (980.0, 1742.0, 180.0, 60.0)),
        ),
        labels={"digital_source_type": "compositeWithTrainedAlgorithmicMedia", "aigc": None},
        not_checked=(
            "invisible watermarks: none was declared",
            "the signer's certificate was not looked up for revocation",
        ),
    )  # fmt: skip


def loudness() -> tuple[tuple[int, float], ...]:
    points = []
    for step in range(4, 131):
        seconds = step / 10
        level = -17 + 4 * math.sin(seconds * 1.9) + 2.5 * math.sin(seconds * 7.1 + 1)
        level -= 24 * math.exp(-((seconds - 4.75) ** 2) / 0.05)
        points.append((step * 4800, level))
    return ((0, -math.inf), *points)


def mastered(**changed: object) -> Mastered:
    """A master of 13 s: two loud seconds in a quiet programme, and silence at its end."""
    levels = [-20.0] * 127
    levels[30:47] = [-12.0] * 17
    levels[100:] = [-120.0] * 27
    told = Mastered(
        path=Path("sound.nut"),
        samples=624_000,
        integrated_lufs=-14.1,
        range_lu=3.2,
        true_peak_dbtp=-1.31,
        gain_db=4.25,
        limiting_db=1.5,
        passes=2,
        reached=True,
        momentary=tuple(levels),
        short_term=(-18.0,) * 101,
        offset=0,
        envelopes=(
            Envelope("dialogue", (-6.0,) * 65 + (-120.0,) * 65),
            Envelope("music", (-18.0,) * 130),
            Envelope("master", (-4.0,) * 60 + (-1.5,) + (-4.0,) * 39 + (-120.0,) * 30),
        ),
    )
    return replace(told, **changed)  # type: ignore[arg-type]


def report(**changed: object) -> Report:
    told = Report(
        plan=plan(),
        audit=audit(),
        output="harbour.social916.mp4",
        version="0.1.0",
        created="2026-11-20T17:42:11Z",
        pictures={"open": (b"\xff\xd8first", b"\xff\xd8middle", b"\xff\xd8last")},
        loudness=loudness(),
        mastered=mastered(),
        ducking=(Span(SAMPLE_RATE * 3 // 4, SAMPLE_RATE * 5),),
        stages=(StageTime("plan", 0.2), StageTime("render", 41.7), StageTime("audit", 6.1)),
        cached_units=3,
        matches={
            "tuesday": MatchFacts(
                "tuesday",
                "monday",
                MATCH,
                0.86,
                7.91,
                2.04,
                1840,
                Evidence.PLACES,
                RESIDUAL,
                (("s10t01", "s09t02"),),
            )
        },
        identity="Signed by Harbour Pictures finishing, a key of your own. To be trusted everywhere"
        " it would take a certificate from an authority on the C2PA trust list.",
    )
    return replace(told, **changed)  # type: ignore[arg-type]
