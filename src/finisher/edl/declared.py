"""What the document declares: takes, sessions, deliverables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from finisher.edl.color import declared_tags, patches
from finisher.edl.draft import Draft
from finisher.edl.events import cdl_of, check_look
from finisher.edl.marks import names
from finisher.edl.source import pointer_to
from finisher.problems import nearest
from finisher.timeline import Deliverable, Session, Take

_NAMED = re.compile(r"scene[ _-]?([0-9]+[A-Za-z]?)[ _-]?take[ _-]?[0-9]+", re.IGNORECASE)


def scene_of(file: str) -> str | None:
    """The scene a file name such as `scene09_take02.mp4` tells."""
    match = _NAMED.search(PurePosixPath(file).stem)
    return match[1] if match else None


def takes(draft: Draft) -> tuple[Take, ...]:
    """The declared takes."""
    found = []
    edit = draft.document
    nowhere = "watermarks" in edit.model_fields_set and not edit.watermarks
    for name, document in draft.document.takes.items():
        pointer = pointer_to("/takes", name)
        session = document.session
        if session is not None and session not in draft.names.sessions:
            hint = nearest(session, draft.names.sessions) or 'declare it under "sessions"'
            message = f'there is no session "{session}"'
            draft.wrong("unknown-session", f"{pointer}/session", message, hint)
        marks, hidden = names(draft, document.watermark, f"{pointer}/watermark")
        found.append(
            Take(
                id=name,
                path=draft.path(document.file, f"{pointer}/file"),
                session=session,
                scene=document.scene or scene_of(document.file),
                marks=tuple(marks),
                cameos=tuple(dict.fromkeys(document.cameos)),
                color=declared_tags(document.color),
                steady=document.steady,
                generated=document.generated,
                hidden=tuple(hidden),
                marks_told=nowhere or "watermark" in document.model_fields_set,
                where=draft.where(pointer),
            )
        )
    return tuple(found)


def sessions(draft: Draft) -> tuple[Session, ...]:
    """The declared sessions; a match must lead to one with takes, and not back to itself."""
    found = []
    matches = {name: entry.match for name, entry in draft.document.sessions.items()}
    for name, document in draft.document.sessions.items():
        pointer = pointer_to("/sessions", name)
        check_look(draft, document.look, f"{pointer}/look")
        if document.match is not None:
            _check_match(draft, name, document.match, matches)
        found.append(
            Session(
                id=name,
                match=document.match,
                look=document.look,
                cdl=cdl_of(document.cdl),
                strength=float(document.strength),
                patches=patches(draft, name, document, pointer),
                where=draft.where(pointer),
            )
        )
    return tuple(found)


def _check_match(draft: Draft, name: str, match: str, matches: Mapping[str, str | None]) -> None:
    """Report a match that leads nowhere or round in a circle."""
    pointer = f"{pointer_to('/sessions', name)}/match"
    if match not in draft.names.sessions:
        hint = nearest(match, draft.names.sessions)
        draft.wrong("unknown-session", pointer, f'there is no session "{match}"', hint)
        return
    if match not in draft.names.peopled:
        message = f'session "{match}" has no takes to match'
        draft.wrong("empty-session", pointer, message, 'a take names its session with "session"')
    chain = [name]
    while (following := matches.get(chain[-1])) is not None:
        if following == name:
            message = f"sessions match in a circle: {' → '.join([*chain, name])}"
            draft.wrong("match-cycle", pointer, message)
            return
        if following in chain:  # a circle further on, reported where it lies
            return
        chain.append(following)


def deliverables(draft: Draft) -> tuple[Deliverable, ...]:
    """The deliveries asked for; one of each preset, as files are named by it."""
    found: list[Deliverable] = []
    for index, document in enumerate(draft.document.deliverables):
        pointer = f"/deliverables/{index}"
        if any(other.preset == document.preset for other in found):
            message = f'another deliverable has the preset "{document.preset}"'
            hint = "their files would have the same name: make a preset that inherits it"
            draft.wrong("duplicate-deliverable", f"{pointer}/preset", message, hint)
        overrides = tuple(_flat(document.model_extra or {}, ""))
        found.append(Deliverable(document.preset, overrides, draft.where(pointer)))
    return tuple(found)


def _flat(value: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    """Overrides with dotted keys: `{"video": {"crf": 20}}` is `video.crf`."""
    for key, member in value.items():
        if key.startswith("x-"):
            continue
        if isinstance(member, Mapping):
            yield from _flat(member, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", tuple(member) if isinstance(member, list) else member
