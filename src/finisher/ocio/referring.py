"""What a configuration's look refers to: files, by way of other looks, spaces and transforms."""

from __future__ import annotations

from collections.abc import Iterator

from PyOpenColorIO import (
    COLORSPACE_ALL,
    COLORSPACE_DIR_FROM_REFERENCE,
    COLORSPACE_DIR_TO_REFERENCE,
    SEARCH_REFERENCE_SPACE_ALL,
    TRANSFORM_DIR_FORWARD,
    TRANSFORM_DIR_INVERSE,
    ColorSpace,
    ColorSpaceTransform,
    Config,
    DisplayViewTransform,
    FileTransform,
    GroupTransform,
    LookTransform,
    Transform,
)

Met = tuple[str, str]
"""Something a look leads to: what it is, and its name."""


class Stray(Exception):
    """Why a look leads where it must not, with the code of the problem."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the two apart for whoever knows the look."""
        super().__init__(message)
        self.code = code


def spaces(config: Config) -> list[ColorSpace]:
    """Every colour space, inactive ones too."""
    return list(config.getColorSpaces(SEARCH_REFERENCE_SPACE_ALL, COLORSPACE_ALL))


def space(config: Config, name: str) -> ColorSpace | None:
    """The colour space of that name or alias; a role is neither."""
    found = config.getColorSpace(name)
    if found is None:
        return None
    known = {one.lower() for one in (found.getName(), *found.getAliases())}
    return found if name.lower() in known else None


def sources(config: Config, look: str, finished: str) -> tuple[str, ...]:
    """Files that a look between finished pictures names, variables unresolved, in order met.

    Raises:
        Stray: it leads through a display view, or to a space or look that isn't there.
    """
    files: dict[str, None] = {}
    met: set[Met] = set()
    pending: list[Met] = [("space", finished), ("look", look)]
    home = config.getColorSpace(finished).getReferenceSpaceType()
    while pending:
        kind, name = pending.pop()
        if (kind, name) in met:
            continue
        met.add((kind, name))
        if kind == "file":
            files[name] = None
        elif kind == "look":
            pending += _of_look(config, name)
        else:
            pending += _of_space(config, name, home)
    return tuple(files)


def _of_look(config: Config, name: str) -> Iterator[Met]:
    """What a look leads to."""
    found = config.getLook(name)
    if found is None:
        raise Stray("ocio-unreadable", f"refers to a look {name!r} that is not there")
    yield "space", found.getProcessSpace()
    yield from _of_transform(found.getTransform())
    yield from _of_transform(found.getInverseTransform())


def _of_space(config: Config, name: str, home: object) -> Iterator[Met]:
    """What a colour space or a named transform leads to."""
    named = config.getNamedTransform(name)
    if named is not None:
        for way in (TRANSFORM_DIR_FORWARD, TRANSFORM_DIR_INVERSE):
            yield from _of_transform(named.getTransform(way))
        return
    found = config.getColorSpace(name)
    # Configurations of old stand the default role in for a name they don't know.
    known = found is not None and (space(config, name) is not None or config.hasRole(name))
    if not known:
        raise Stray("ocio-space", f"refers to a colour space {name!r} that is not there")
    if found.getReferenceSpaceType() != home:
        message = (
            f"leads to {name!r} through a display view, as one of the two spaces is the scene's "
            "and the other a display's"
        )
        raise Stray("ocio-view", message)
    for way in (COLORSPACE_DIR_TO_REFERENCE, COLORSPACE_DIR_FROM_REFERENCE):
        yield from _of_transform(found.getTransform(way))


def _of_transform(transform: Transform | None) -> Iterator[Met]:
    """What a transform names."""
    if isinstance(transform, GroupTransform):
        for part in transform:
            yield from _of_transform(part)
    elif isinstance(transform, FileTransform):
        yield "file", transform.getSrc()
    elif isinstance(transform, ColorSpaceTransform):
        yield "space", transform.getSrc()
        yield "space", transform.getDst()
    elif isinstance(transform, LookTransform):
        yield "space", transform.getSrc()
        yield "space", transform.getDst()
        for name in transform.getLooks().replace("|", ",").replace(":", ",").split(","):
            if name.strip(" +-"):
                yield "look", name.strip(" +-")
    elif isinstance(transform, DisplayViewTransform):
        raise Stray("ocio-view", "goes through a display view, which finished pictures never do")
