"""What an edit list says of colour beyond CDLs: declared tags, patches, a configuration."""

from __future__ import annotations

from finisher.edl.document import AreaDoc, ColorDoc, OcioDoc, SessionDoc
from finisher.edl.draft import Draft
from finisher.edl.times import frames
from finisher.geometry import Box
from finisher.look import ColorTags
from finisher.problems import nearest
from finisher.timeline import Area, ColorConfig, Patch

_RANGES = {"limited": "tv", "full": "pc", None: None}


def declared_tags(document: ColorDoc | None) -> ColorTags | None:
    """What counts in place of a file's tags; None where nothing is said."""
    if document is None:
        return None
    said = ColorTags(
        _RANGES[document.range], document.matrix, document.primaries, document.transfer
    )
    return None if said == ColorTags() else said


def patches(draft: Draft, session: str, document: SessionDoc, pointer: str) -> tuple[Patch, ...]:
    """Pairs of areas: one of the session's takes, the other of its reference's."""
    if document.patches and document.match is None:
        message = f'session "{session}" has patches and is matched to none'
        draft.wrong("patch-session", f"{pointer}/patches", message, 'add "match"')
        return ()
    found = []
    for index, patch in enumerate(document.patches):
        place = f"{pointer}/patches/{index}"
        ours = _area(draft, patch.ours, session, f"{place}/ours")
        theirs = _area(draft, patch.theirs, document.match, f"{place}/theirs")
        if ours is not None and theirs is not None:
            found.append(Patch(ours, theirs))
    return tuple(found)


def _area(draft: Draft, document: AreaDoc, session: str | None, pointer: str) -> Area | None:
    """An area of a take that is of the session; None after reporting what is wrong with it."""
    at = draft.time(frames, document.at, f"{pointer}/at")
    take = draft.document.takes.get(document.take)
    if take is None:
        if document.take not in draft.names.takes:
            message = f'there is no take "{document.take}"'
            hint = nearest(document.take, draft.names.takes)
            draft.wrong("unknown-take", f"{pointer}/take", message, hint)
        return None
    if take.session != session:
        message = f'take "{document.take}" is not of session "{session}"'
        hint = f'its session is "{take.session}"' if take.session else "it has no session"
        draft.wrong("patch-session", f"{pointer}/take", message, hint)
        return None
    x, y, width, height = document.box
    if min(x, y) < 0 or min(width, height) < 1:
        message = "a box is x, y, width, height, in pixels of the take and not empty"
        draft.wrong("empty-box", f"{pointer}/box", message)
        return None
    return None if at is None else Area(document.take, at, Box(x, y, width, height))


def config(draft: Draft, document: OcioDoc | None) -> ColorConfig | None:
    """The configuration to look for named looks in."""
    if document is None:
        return None
    path = document.config
    if not path.startswith("ocio://"):
        path = draft.path(path, "/ocio/config")
    return ColorConfig(path, document.space, draft.where("/ocio"))
