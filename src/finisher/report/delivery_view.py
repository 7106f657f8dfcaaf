"""What a page says of one delivery: every line of text decided, safe and final."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finisher.plan.model import Plan
from finisher.problems import Problem
from finisher.report import colour_view, figures, phrases
from finisher.report.colour_view import ScopesView
from finisher.report.model import Encoding, Report
from finisher.report.passages import Passage, into, passages
from finisher.report.pictures import PictureView, embedded
from finisher.report.plain import name_of, plain

_NAME = 120
_LINE = 400
_MOMENTS = ("first", "middle", "last")

Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class EventView:
    """One event's card."""

    number: str
    id: str
    first: str
    after: str
    frames: str
    pictures: tuple[PictureView, ...]
    facts: tuple[Row, ...]
    repairs: tuple[str, ...]
    scopes: tuple[ScopesView, ...]


def _pictures(event_id: str, files: Sequence[bytes]) -> tuple[PictureView, ...]:
    """An event's pictures, embedded."""
    names = _MOMENTS if len(files) == len(_MOMENTS) else tuple(map(str, range(1, len(files) + 1)))
    return tuple(
        embedded(data, f"{name} frame of {plain(event_id, _NAME)}")
        for name, data in zip(names, files, strict=True)
    )


def _event_facts(report: Report, index: int, arrival: Passage | None) -> tuple[Row, ...]:
    """An event's facts, those that say nothing left out."""
    plan = report.plan
    event = plan.events[index]
    shown = next((take for take in plan.takes if take.id == event.take), None)
    first, after = figures.timecodes(event.source, plan.rate)
    file = f" · {plain(name_of(shown.path), _NAME)}" if shown is not None else ""
    rows: list[Row] = [
        ("Take", plain(event.take, _NAME) + file),
        ("Source", f"{first} to {after} · frames {figures.frames(event.source)}"),
        ("Comes in", phrases.arrival(plan, arrival)),
        ("Framing", phrases.framing(event.framing)),
    ]
    if shown is not None:
        rows.append(("Read as", phrases.read_as(shown)))
    if shown is not None and shown.steadied is not None:
        rows.append(("Steadied", f"flicker of {shown.steadied:.1%} taken out"))
    rows += [("Colour", line) for line in phrases.grade(event.grade, report.matches)]
    rows += [("Mark", line) for line in (*phrases.marks(event), *phrases.hidden(event))]
    if event.may_crop:
        rows.append(("May be cut", plain(event.may_crop, _LINE)))
    rows.append(("Edits", phrases.edits(event)))
    copied = phrases.copied(event)
    if copied is not None:
        rows.append(("Copied", copied))
    seam = phrases.seam(event)
    if seam is not None:
        rows.append(("Loop's seam", seam))
    if event.working is not None:
        names = ", ".join(effect.name for effect in event.working.effects)
        rows.append(("Effects", plain(names, _LINE)))
    return tuple(rows)


def events(report: Report) -> tuple[EventView, ...]:
    """Every event's card, in programme order."""
    plan = report.plan
    found = passages(plan)
    scopes = colour_view.scopes(report)
    digits = max(2, len(str(len(plan.events))))
    views = []
    for index, event in enumerate(plan.events):
        first, after = figures.timecodes(event.record, plan.rate)
        views.append(
            EventView(
                number=f"{index + 1:0{digits}}",
                id=plain(event.id, _NAME),
                first=first,
                after=after,
                frames=f"{figures.frames(event.record)} · {len(event.record):,}",
                pictures=_pictures(event.id, report.pictures.get(event.id, ())),
                facts=_event_facts(report, index, into(plan, found, index)),
                repairs=tuple(
                    plain(repair.message, _LINE) for repair in phrases.repairs_of(plan, index)
                ),
                scopes=scopes.get(event.id, ()),
            )
        )
    return tuple(views)


def problems(told: Sequence[Problem]) -> tuple[Row, ...]:
    """Problems with their places."""
    return tuple(
        (
            plain(
                f"{problem.message} ({problem.hint})" if problem.hint else problem.message, _LINE
            ),
            _place(problem),
        )
        for problem in told
    )


def _place(problem: Problem) -> str:
    """Where in which document, without the machine's folders."""
    if problem.where is None:
        return ""
    line = "" if problem.where.line is None else f":{problem.where.line}"
    return plain(f"{name_of(problem.where.file)}{line} {problem.where.pointer}".strip(), _LINE)


def files(plan: Plan) -> tuple[tuple[str, str, str, str], ...]:
    """Kind, name, file and digest of everything that went in."""
    looks = {e.grade.look.sha256: e.grade.look for e in plan.events if e.grade.look is not None}
    rows = [
        *(("take", take.id, take.path, take.sha256) for take in plan.takes),
        *(("sound", layer.id, layer.path, layer.sha256) for layer in plan.layers),
        *(("look", look.name, look.path, look.sha256) for look in looks.values()),
        ("edit list", plan.title, plan.edl_path, plan.edl_sha256),
    ]
    return tuple(
        (kind, plain(name, _NAME), plain(name_of(path), _NAME), plain(digest, 64))
        for kind, name, path, digest in rows
    )


def delivered(report: Report) -> tuple[Row, ...]:
    """The file in a few lines, for the head of the page."""
    plan, preset = report.plan, report.plan.preset
    length = figures.seconds(plan.rate.seconds(plan.frames))
    sound = "none"
    if preset.audio is not None:
        sound = f"{preset.audio.codec.name.replace('_', ' ')}, 48 kHz {preset.audio.layout}"
    video = f"{preset.video.codec.name} {preset.video.profile}, {preset.video.pixel_format}"
    return (
        ("File", f"{plain(report.output, _LINE)} · {figures.size(report.audit.bytes)}"),
        ("Length", f"{length} · {plan.frames:,} frames at {plan.rate} fps"),
        ("Picture", plain(f"{plan.raster.width}×{plan.raster.height} · {video}", _LINE)),
        *_encoded(report.encoding),
        ("Sound", sound),
        ("Preset", plain(f"{preset.name} · {preset.description}", _LINE)),
        ("Made", plain(f"{report.created} · finisher {report.version}", _LINE)),
    )


def _encoded(encoding: Encoding | None) -> tuple[Row, ...]:
    """What the encoder was set to, where that was found for what the preset asks for."""
    if encoding is None or not encoding.units:
        return ()
    crfs = sorted(unit.crf for unit in encoding.units)
    span = f"crf {crfs[0]:g}" + (f" to {crfs[-1]:g}" if crfs[-1] > crfs[0] else "")
    if encoding.vmaf is None:
        return (("Encoded", f"{span}, found for the size asked for"),)
    score = encoding.reached
    found = f"VMAF {figures.number(round(score, 2))}, " if score is not None else ""
    return (("Encoded", f"{found}{figures.number(encoding.vmaf)} asked for · {span}"),)


def stages(report: Report) -> tuple[Row, ...]:
    """How long each stage took."""
    return tuple(
        (plain(stage.stage, _NAME), figures.elapsed(stage.seconds)) for stage in report.stages
    )
