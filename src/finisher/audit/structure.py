"""The container and its tags against what was promised: pure comparisons."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from finisher.audit.measure import Measured
from finisher.audit.webm import check_webm
from finisher.canonical import Json
from finisher.findings import Finding, Status, Weight
from finisher.look import ColorTags
from finisher.media.boxes import ContainerFacts, TrackFacts, start
from finisher.promises import Promises
from finisher.timecode import Rate

COLOR = ColorTags("tv", "bt709", "bt709", "bt709")
"""What every delivery is tagged as."""
SLACK = 64
"""Bytes of free space that go unmentioned; players and signers leave a few."""
TOGETHER = Fraction(1, 1000)
"""Seconds within which picture and sound start together: coarser time scales round by less."""

HDR = frozenset(("dvcC", "dvvC", "dvwC", "hvcE", "mdcv", "clli", "SmDm", "CoLL"))
"""Boxes that have a player show the picture as Dolby Vision or HDR10, whatever its tags say."""

_MOST_NAMED = 8
_WEBM = ("vp9",)
"""Codecs that are delivered in WebM."""
_NAMES = {"dnxhd": "dnxhr"}
"""What promises call a codec that decoders go on calling by its older name."""

_UPRIGHT = (1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)  # 16.16 bits, the last column 2.30
_H273 = (1, 1, 1)  # code points of bt709 primaries, transfer and matrix


def compare(name: str, promised: Json, measured: Json, what: str) -> Finding:
    """A check that passes when the measured is the promised."""
    same = promised == measured
    detail = f"{what}: {measured}" if same else f"{what}: {measured}, promised {promised}"
    return Finding(
        name,
        Status.PASSED if same else Status.FAILED,
        detail,
        promised=promised,
        measured=measured,
    )


def check_structure(promises: Promises, measured: Measured) -> tuple[Finding, ...]:
    """Every check of codec, raster, tags, timing and layout."""
    shape, container = measured.shape, measured.container
    return (
        compare("codec", promises.codec, _NAMES.get(shape.codec, shape.codec), "picture codec"),
        compare("raster", f"{promises.width}x{promises.height}", str(shape.raster), "picture size"),
        compare("pixel-format", promises.pixel_format, shape.pixel_format, "pixel format"),
        compare("square-pixels", "1", str(shape.sample_aspect), "sample aspect ratio"),
        compare("upright", 0, shape.rotation, "degrees of rotation"),
        _color(shape.tags, container),
        _clean(measured.complaints),
        *_structure(promises, measured),
    )


def _structure(promises: Promises, measured: Measured) -> Iterator[Finding]:
    """Checks of the container, by its kind."""
    if measured.matroska is not None and promises.codec in _WEBM:
        return check_webm(promises, measured.matroska, measured.shape.index)
    return _layout(promises, measured.container)


def _color(tags: ColorTags, container: ContainerFacts | None) -> Finding:
    """Tags as a decoder sees them, and the container's own where it has any."""
    names = ("range", "matrix", "primaries", "transfer")
    wanted: dict[str, Json] = {name: getattr(COLOR, name) for name in names}
    found: dict[str, Json] = {name: getattr(tags, name) for name in names}
    video = container.track("vide") if container is not None else None
    stated = video.color if video is not None else None
    same = found == wanted
    if stated is not None:
        codes = (stated.primaries, stated.transfer, stated.matrix)
        found["colr"] = list(codes)
        same = same and codes == _H273 and not stated.full_range
    if video is not None and video.described.count("colr") > 1:
        found["colr"], same = "more than one", False
    told = ", ".join(str(found[name] or "not stated") for name in names)
    return Finding(
        "color-tags",
        Status.PASSED if same else Status.FAILED,
        f"colour is tagged {told}",
        promised=wanted,
        measured=found,
    )


def _clean(complaints: tuple[str, ...]) -> Finding:
    """The whole file decodes without complaint."""
    if not complaints:
        return Finding("decodes", Status.PASSED, "the whole file decodes without complaint")
    detail = f"the decoder complained {len(complaints)} times, first: {complaints[0][:200]}"
    return Finding("decodes", Status.FAILED, detail, measured=len(complaints))


def _layout(promises: Promises, container: ContainerFacts | None) -> Iterator[Finding]:
    """Checks of the container's boxes."""
    video = container.track("vide") if container is not None else None
    if container is None or video is None:
        yield Finding("container", Status.FAILED, "neither MP4 nor MOV, or damaged")
        return
    kinds = ", ".join(sorted(track.kind for track in container.tracks))
    yield compare("tracks", "vide" if promises.sound is None else "soun, vide", kinds, "tracks")
    yield _switched_on(container)
    yield _display(promises, video)
    marked = ", ".join(sorted(HDR.intersection(video.described))) or "none"
    yield compare("no-hdr-metadata", "none", marked, "boxes that speak of HDR")
    yield _rate(promises, video)
    order = "moov, mdat" if container.moov_first else "mdat, moov"
    yield compare("moov-first", "moov, mdat", order, "order of index and media")
    kind = "fragmented" if container.fragmented else "whole"
    yield compare("not-fragmented", "whole", kind, "index")
    if not promises.edit_list:
        edits = sum(len(track.edits) for track in container.tracks)
        yield compare("no-edit-list", 0, edits, "entries of edit lists")
    yield _starts(container, video)
    yield _slack(container)


def _switched_on(container: ContainerFacts) -> Finding:
    """Players present every track, and sound at its full volume."""
    off = [
        track.kind
        for track in container.tracks
        if (header := track.header) is None
        or not header.enabled
        or (track.kind == "soun" and header.volume != 1)
    ]
    detail = f"switched off or turned down: {', '.join(off)}" if off else "every track is on"
    return Finding(
        "tracks-enabled",
        Status.FAILED if off else Status.PASSED,
        detail,
        promised=[],
        measured=list(off),
    )


def _display(promises: Promises, video: TrackFacts) -> Finding:
    """Players show the whole picture at its own size: neither moved, stretched, turned nor cut."""
    header = video.header
    size = (header.width, header.height) if header is not None else (0, 0)
    plain = (
        header is not None
        and header.matrix == _UPRIGHT
        and size == (promises.width, promises.height)
        and "clap" not in video.described
    )
    told = "x".join(f"{float(side):g}" for side in size)
    return Finding(
        "display",
        Status.PASSED if plain else Status.FAILED,
        f"shown at {told}, {'as it is' if plain else 'or moved, stretched or cut'}",
        promised=f"{promises.width}x{promises.height}",
        measured={
            "size": told,
            "matrix": list(header.matrix) if header is not None else None,
            "aperture": "clap" in video.described,
        },
    )


def _rate(promises: Promises, video: TrackFacts) -> Finding:
    """Every picture stays for the same time, and that is the promised rate."""
    found = Fraction(video.timescale, video.step) if video.step else None
    try:
        wanted = Rate.parse(promises.rate).fraction
    except ValueError:
        wanted = None
    steady = video.uniform and video.steady
    good = steady and found is not None and found == wanted
    told = f"{found} frames a second" if found is not None else "no frame rate"
    return Finding(
        "rate",
        Status.PASSED if good else Status.FAILED,
        f"{told}, {'all' if steady else 'not all'} for equally long",
        promised=promises.rate,
        measured={"rate": None if found is None else str(found), "steady": steady},
    )


def _starts(container: ContainerFacts, video: TrackFacts) -> Finding:
    """Picture and sound start together, at the programme's beginning."""
    sound = container.track("soun")
    starts = {"picture": start(video, container.timescale)}
    if sound is not None:
        starts["sound"] = start(sound, container.timescale)
    late = max(abs(instant) for instant in starts.values())
    told = " and ".join(f"{name} at {float(instant):.4f} s" for name, instant in starts.items())
    return Finding(
        "starts-together",
        Status.PASSED if late <= TOGETHER else Status.FAILED,
        told,
        promised=0,
        measured={name: str(instant) for name, instant in starts.items()},
    )


def check_slack(container: ContainerFacts | None) -> tuple[Finding, ...]:
    """What lies in a file beside what players read; needs no promises."""
    return (_slack(container),) if container is not None else ()


def _slack(container: ContainerFacts) -> Finding:
    """Free space in which something could hide, boxes of unknown use, bytes behind the last."""
    spare = container.spare
    told = [f"{spare.free} bytes of free space"]
    if spare.filled:
        told.append(f"{spare.filled} of them filled")
    if spare.looks_like:
        told.append(f"what is there looks like {', '.join(spare.looks_like)}")
    if spare.private:
        told.append(f"private boxes: {', '.join(spare.private[:_MOST_NAMED])}")
    if spare.trailing:
        told.append(f"{spare.trailing} bytes behind the last box")
    hidden = spare.filled > SLACK or spare.looks_like or spare.private or spare.trailing
    return Finding(
        "container-slack",
        Status.WARNED if hidden or spare.free > SLACK else Status.PASSED,
        "; ".join(told),
        Weight.ADVISORY,
        measured={
            "free": spare.free,
            "filled": spare.filled,
            "private_boxes": len(spare.private),
            "trailing": spare.trailing,
        },
    )
