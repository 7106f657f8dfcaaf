"""A small plan and its promises, with every kind of edit a claim can name."""

from __future__ import annotations

import hashlib
from fractions import Fraction

from tests.unit.provenance.vendors import AI

from finisher.event import TransitionKind
from finisher.facts import CredentialFacts, Integrity
from finisher.geometry import Fit, Raster, frame
from finisher.look import CDL, ColorTags, Grade, Look
from finisher.plan.decode import Decoding
from finisher.plan.model import (
    Fill,
    Mix,
    Piece,
    Plan,
    PlannedEvent,
    PlannedLayer,
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
from finisher.promises import (
    PromisedCut,
    PromisedMark,
    PromisedSound,
    PromisedTake,
    Promises,
)
from finisher.timecode import Rate, Span
from finisher.timeline import Role

LOUDNESS = Loudness(-14.0, 0.5, -1.0)
WIDE, TALL = Raster(64, 64), Raster(36, 64)
PRESET = Preset(
    "social916",
    "upright",
    Video(VideoCodec.H264, "high", "yuv420p", crf=18),
    Audio(AudioCodec.AAC, 192_000, LOUDNESS),
    Container(ContainerFormat.MP4),
)
LOOK = Look("warm", "luts/warm.cube", "5" * 64)
TEMPLATE = b"\x89PNG a mark"

TAGS = ColorTags("tv", "bt709", "bt709", "bt709")


def taken(name, manifest=None, source_type=None, aigc=None):
    integrity = Integrity.INTACT if manifest else Integrity.ABSENT
    facts = CredentialFacts(integrity, manifest, source_type=source_type)
    return PlannedTake(
        name, f"takes/{name}.mp4", name[-1] * 64, WIDE, facts, aigc, TAGS, Decoding("bt709", "tv")
    )


def event(name, take, start, end, edits, *, grade=None, may_crop=None, told=()):
    framing = frame(WIDE, TALL, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
    span = Span(start, end)
    source = Span(0, end - start)
    return PlannedEvent(
        name, take, span, source, framing, grade or Grade(), (), may_crop, end - start, edits,
        told=told,
    )  # fmt: skip


def plan(*takes, sound=True):
    """25 frames at 24000/1001: two takes, three events, a dissolve, black, and a score."""
    takes = takes or (taken("t1", "urn:c2pa:one", AI), taken("t2"))
    first, second = takes[0].id, takes[-1].id
    warm = Grade(cdl=CDL(saturation=0.9), look=LOOK)
    events = (
        event("open", first, 0, 10, ("trimmed", "cropped"), may_crop="the client agreed"),
        event(
            "push",
            second,
            10,
            18,
            ("cropped", "adjustedColor", "edited"),
            grade=warm,
            told=(("adjustedColor", "a CDL; look warm"), ("edited", "black bars")),
        ),
        event(
            "slow",
            first,
            18,
            24,
            ("cropped", "resized.proportional", "changedSpeed", "edited"),
            told=(("changedSpeed", "1/2 of its speed"), ("edited", "looped")),
        ),
    )
    pictures = [Shot(0, n) for n in range(9)]
    pictures += [Mix(TransitionKind.DISSOLVE, Shot(0, 9), Shot(1, 0), n, 2) for n in range(2)]
    pictures += [Shot(1, n) for n in range(7)] + [Shot(2, n // 2) for n in range(6)] + [Fill()]
    score = PlannedLayer(
        "bed", "audio/score.wav", "b" * 64, Role.MUSIC, CredentialFacts(Integrity.ABSENT)
    )
    pieces = (Piece("layer:bed", 0, 0, 24_000), Piece("layer:bed", 0, 24_000, 26_050))
    tracks = (SoundTrack("bed", Role.MUSIC, -8.0, pieces),)
    return Plan(
        title="Harbour teaser",
        edl_path="edl.json",
        edl_sha256="e" * 64,
        preset=PRESET,
        raster=TALL,
        rate=Rate(Fraction(24000, 1001)),
        frames=25,
        events=events,
        takes=takes,
        layers=(score,),
        units=(Unit(0, tuple(pictures[:12])), Unit(12, tuple(pictures[12:]))),
        sound=SoundPlan(50_050, tracks, LOUDNESS) if sound else None,
    )


def promises(made):
    """What a plan's render promises."""
    files = [
        PromisedTake(
            file.id, file.path.rpartition("/")[2], file.sha256, file.credentials.manifest, 1
        )
        for file in (*made.takes, *made.layers)
    ]
    digest = hashlib.sha256(TEMPLATE).hexdigest()
    return Promises(
        title=made.title,
        preset="social916",
        edl_sha256=made.edl_sha256,
        width=36,
        height=64,
        rate="24000/1001",
        frames=made.frames,
        codec="h264",
        pixel_format="yuv420p",
        edit_list=False,
        cuts=tuple(PromisedCut(e.record.start, e.id) for e in made.events),
        fingerprints=bytes(n % 251 for n in range(made.frames * 64)),
        sound=PromisedSound("aac", 50_050, silent=False, loudness=LOUDNESS),
        marks=(
            PromisedMark(
                "open", "corner", (Span(1, 9),), (4.5, 2.0, 8.25, 3.0), digest, 0.97, 31.5, "ok"
            ),
        ),
        templates={digest: TEMPLATE},
        takes=tuple(files),
        looks=(("warm", LOOK.sha256),),
        repairs=("a take has no sound",),
    )
