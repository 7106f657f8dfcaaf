"""Named looks of an OpenColorIO configuration: found, checked, and evaluated into cubes.

Nothing but the configuration decides what comes out: no environment, no default role, no display
view, and no file outside its folder.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyOpenColorIO import (
    ENV_ENVIRONMENT_LOAD_PREDEFINED,
    TRANSFORM_DIR_FORWARD,
    BuiltinConfigRegistry,
    ClearAllCaches,
    Config,
    Context,
    LookTransform,
)
from PyOpenColorIO import Exception as OcioError
from PyOpenColorIO import ExceptionMissingFile as OcioMissing

from finisher.ocio import referring
from finisher.ocio.looks import content_of, fit_content
from finisher.ocio.referring import Stray
from finisher.ocio.through import through
from finisher.problems import DocumentError, Problem, Where, listed, nearest
from finisher.timeline import ColorConfig

_BUILTIN = "ocio://"
_LARGEST = 16 << 20
"""Bytes a configuration may have; the largest that OpenColorIO brings has 200 kB."""
_ANCHOR = re.compile(rb"(?:^|[\s\[{,])&[\w-]")
"""A YAML anchor. OpenColorIO writes none, and an alias that leads to itself kills the process."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A configuration, its context, and the space finished pictures are in."""

    config: Config
    context: Context
    declared: ColorConfig
    content: bytes
    """Its text, or the name of one that OpenColorIO brings."""
    folder: Path | None
    """Where its files must lie; None for one that has none."""

    @property
    def looks(self) -> tuple[str, ...]:
        """Names of its looks; those that OpenColorIO would take for several are none."""
        names = (look.getName() for look in self.config.getLooks())
        return tuple(name for name in names if not re.search(r"[,:|]|^[+-]", name))


def opened(declared: ColorConfig) -> Opened:
    """A configuration ready to be asked for looks.

    Raises:
        DocumentError: it is missing, broken, not pinned, searches outside its folder, or has no
            such space for finished pictures.
    """
    path = Path(declared.path)
    builtin = declared.path.startswith(_BUILTIN)
    content = _pinned(declared).encode() if builtin else _text(declared)
    try:
        config = (
            Config.CreateFromBuiltinConfig(content.decode())
            if builtin
            else Config.CreateFromStream(content.decode("utf-8-sig"))
        )
    except (OcioError, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[0]
        message = f"the OpenColorIO configuration can't be read: {reason}"
        raise _within(declared, "ocio-unreadable", message) from error
    found = Opened(
        config,
        _context(config, None if builtin else path.parent),
        declared,
        content,
        None if builtin else path.parent,
    )
    _require_space(found)
    return found


def _pinned(declared: ColorConfig) -> str:
    """The name of a configuration that OpenColorIO brings and that never changes."""
    name = declared.path.removeprefix(_BUILTIN)
    known = [entry[0] for entry in BuiltinConfigRegistry().getBuiltinConfigs()]
    if name in known:
        return name
    if name == "default" or name.endswith("-latest"):
        message = f"{declared.path} is another configuration with every OpenColorIO"
        hint = f"name one that stays: {', '.join(_BUILTIN + one for one in known)}"
        raise _wrong(declared, "ocio-moving", message, hint)
    message = f"this OpenColorIO brings no configuration {name!r}"
    raise _wrong(declared, "ocio-missing", message, nearest(name, known) or ", ".join(known))


def _text(declared: ColorConfig) -> bytes:
    """A configuration's own text."""
    path = Path(declared.path)
    try:
        if path.stat().st_size > _LARGEST:
            message = "the file is too large for an OpenColorIO configuration"
            raise _within(declared, "ocio-unreadable", message)
        content = path.read_bytes()
    except OSError as error:
        message = f"the OpenColorIO configuration can't be read: {error.strerror or error}"
        raise _within(declared, "ocio-missing", message) from error
    anchor = _ANCHOR.search(content)
    if anchor is not None:
        line = content.count(b"\n", 0, anchor.end()) + 1
        message = "the OpenColorIO configuration uses YAML anchors"
        hint = "write out what they stand for"
        where = Where(declared.path, line=line)
        raise DocumentError(Problem("ocio-unreadable", message, where, hint))
    return content


def _context(config: Config, folder: Path | None) -> Context:
    """A context of the configuration's own variables, whatever the machine's environment says."""
    context = Context()
    context.setEnvironmentMode(ENV_ENVIRONMENT_LOAD_PREDEFINED)
    for name in config.getEnvironmentVarNames():
        context.setStringVar(name, config.getEnvironmentVarDefault(name))
    if folder is not None:
        context.setWorkingDir(str(folder.resolve()))
        for place in config.getSearchPaths():
            context.addSearchPath(place)
    return context


def _require_space(found: Opened) -> None:
    """The space for finished pictures must be one of the configuration's own, by its own name."""
    name, config = found.declared.space, found.config
    space = referring.space(config, name)
    if space is None:
        known = referring.spaces(config)
        names = [one.getName() for one in known]
        aliases = [alias for one in known for alias in one.getAliases()]
        hint = nearest(name, [*names, *aliases]) or f"it has {listed(names)}"
        if config.hasRole(name):
            hint = f"{name!r} is a role: write {config.getColorSpace(name).getName()!r}"
        message = f"the OpenColorIO configuration has no colour space {name!r}"
        raise _wrong(found.declared, "ocio-space", message, hint)
    if space.isData():
        message = f"the space {name!r} is for data that is no colour"
        raise _wrong(found.declared, "ocio-space", message)


def files(found: Opened, look: str) -> tuple[Path, ...]:
    """Every place where a file of a look could lie, in the order they are tried.

    Raises:
        DocumentError: the look leads through a view, to an unknown space, or out of the folder.
    """
    return tuple(path for places in _places(found, look) for path in places)


def cube(found: Opened, look: str, size: int) -> NDArray[np.float32]:
    """A named look on a lattice of `size`³ points over 0 to 1, indexed [b, g, r, channel].

    Raises:
        DocumentError: as `files`, when one of its files is missing or unfit, or when what comes
            out is not finite.
    """
    for places in _places(found, look):
        path = next((path for path in places if path.is_file()), None)
        if path is None:
            message = f"the look {look!r} needs a file that is not there: {places[0].name}"
            raise _within(found.declared, "ocio-file", message)
        fit_content(content_of(path), path)
    # OpenColorIO keeps what it read by its path; the file may have changed since.
    ClearAllCaches()
    space = found.declared.space
    transform = LookTransform(src=space, dst=space, looks=look)
    steps = np.linspace(0.0, 1.0, size, dtype=np.float32)
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    try:
        processor = found.config.getProcessor(found.context, transform, TRANSFORM_DIR_FORWARD)
        result = through(processor.createGroupTransform(), np.stack([r, g, b], axis=-1))
    except (OcioError, OcioMissing, UnicodeDecodeError) as error:
        reason = str(error).strip().splitlines()[0]
        message = f"the look {look!r} can't be evaluated: {reason}"
        raise _within(found.declared, "ocio-unreadable", message) from error
    if not np.isfinite(result).all():
        message = f"the look {look!r} gives values that are not finite numbers"
        raise _within(found.declared, "look-not-finite", message)
    return result


def _places(found: Opened, look: str) -> Iterator[tuple[Path, ...]]:
    """For each file a look needs, where it could lie."""
    try:
        sources = referring.sources(found.config, look, found.declared.space)
    except Stray as stray:
        raise _within(found.declared, stray.code, f"the look {look!r} {stray}") from None
    for source in sources:
        name = found.context.resolveStringVar(source)
        places = [found.context.resolveStringVar(one) for one in found.context.getSearchPaths()]
        yield tuple(_inside(found, place, name) for place in places or [""])


def _inside(found: Opened, place: str, name: str) -> Path:
    """A file of the configuration, which must lie in its folder."""
    folder = found.folder
    if folder is not None:
        path = folder / place / name
        # Judged by what is written as well as by where links lead.
        written = [Path(place), Path(name)]
        plain = not any(part.is_absolute() or ".." in part.parts for part in written)
        if plain and path.resolve().is_relative_to(folder.resolve()):
            return path
    message = f"a look refers to {name!r} under {place or '.'!r}, outside the folder"
    raise _within(found.declared, "ocio-outside", message, "keep its files beside it")


def _wrong(
    declared: ColorConfig, code: str, message: str, hint: str | None = None
) -> DocumentError:
    """A problem at the place that names the configuration."""
    where = declared.where or Where(declared.path)
    return DocumentError(Problem(code, message, where, hint))


def _within(
    declared: ColorConfig, code: str, message: str, hint: str | None = None
) -> DocumentError:
    """A problem in the configuration itself."""
    return DocumentError(Problem(code, message, Where(declared.path), hint))
