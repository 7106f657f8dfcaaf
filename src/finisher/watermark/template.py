"""A mark's template: what it looks like, and how it lies on a picture's pixel grid."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from finisher.problems import DocumentError, Problem
from finisher.sighting import Plane
from finisher.watermark.learnt import Learnt, read_learnt
from finisher.watermark.planes import Floats, coded, stands_out
from finisher.watermark.png import stated_size, too_large

PlacedBox = tuple[float, float, float, float]
"""x, y, width, height in pixels; fractions count."""

_FINER = 2
"""Times finer than its place a template is kept: what is finer still can't be told there."""


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """A mark as opacity and colour, each plane of shape (height, width)."""

    alpha: Floats
    """0 to 1."""
    colour: Mapping[Plane, Floats]
    """Limited-range code values of each plane."""
    plane: Plane = Plane.LUMA
    """The one it is looked for in; `views` are all that it should be."""

    @property
    def codes(self) -> Floats:
        """Its code values in the plane that it is looked for in."""
        return self.colour[self.plane]


AnyTemplate = Template | Learnt
"""A mark's own picture, or what takes that carry it taught of it."""


def read_template(png: bytes) -> AnyTemplate:
    """Read a template from a PNG file; one without alpha is opaque all over.

    Raises:
        DocumentError: when the data is no picture, absurdly large, or nowhere visible, or is a
            learnt mark that contradicts itself.
    """
    learnt = read_learnt(png)
    if learnt is not None:
        return learnt
    size = stated_size(png)
    if size is None:
        raise DocumentError(Problem("bad-template", "the template is no PNG picture"))
    if too_large(size):
        message = f"the template is {size[0]}x{size[1]}, larger than any mark"
        raise DocumentError(Problem("bad-template", message))
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None:
        raise DocumentError(Problem("bad-template", "the template is a damaged PNG picture"))
    scale = 65535.0 if image.dtype == np.uint16 else 255.0
    values = image.astype(np.float32).reshape(*image.shape[:2], -1) / scale
    channels = values.shape[2]
    alpha = values[..., channels - 1] if channels in (2, 4) else np.ones_like(values[..., 0])
    # OpenCV decodes PNG as blue, green, red.
    rgb = values[..., 2::-1] if channels >= 3 else np.repeat(values[..., :1], 3, axis=2)
    if float(alpha.max()) < 0.02:
        raise DocumentError(Problem("bad-template", "the template is transparent all over"))
    colour = {plane: coded(rgb, plane) for plane in Plane}
    return Template(alpha, colour)


@lru_cache(maxsize=64)
def seen_in(template: AnyTemplate, plane: Plane) -> AnyTemplate | None:
    """The same mark, to be looked for in another plane; None of a learnt one, which knows one."""
    if template.plane is plane:
        return template
    return None if isinstance(template, Learnt) else replace(template, plane=plane)


@lru_cache(maxsize=64)
def views(template: AnyTemplate) -> tuple[AnyTemplate, ...]:
    """A mark in each plane that it is looked for in; where it has colour, that comes last.

    Luma tells it where a grade or an encoder left little colour, chroma where it is as bright as
    what it lies on.
    """
    if isinstance(template, Learnt):
        return (template,)
    plane = stands_out(template.alpha, template.colour)
    return (template,) if plane is None else (template, replace(template, plane=plane))


@lru_cache(maxsize=64)
def sha256(png: bytes) -> str:
    """The digest that a template goes by; one is asked for at every place of its mark."""
    return hashlib.sha256(png).hexdigest()


def mirrored(template: AnyTemplate) -> AnyTemplate:
    """The same mark as a mirror shows it."""
    if isinstance(template, Learnt):
        along = np.ascontiguousarray(-template.along[:, ::-1])
        across, weight = (
            np.ascontiguousarray(plane[:, ::-1]) for plane in (template.across, template.weight)
        )
        return Learnt(along, across, weight, template.told)
    alpha = np.ascontiguousarray(template.alpha[:, ::-1])
    colour = {name: np.ascontiguousarray(one[:, ::-1]) for name, one in template.colour.items()}
    return Template(alpha, colour, template.plane)


@dataclass(frozen=True, slots=True, eq=False)
class PlacedTemplate:
    """A template drawn onto whole pixels of a picture, with room around it."""

    x: int
    y: int
    alpha: Floats
    lit: Floats
    """Alpha times the mark's code values in its plane."""

    def field(self, background: float) -> Floats:
        """What the mark adds to a plane whose code around it is `background`."""
        return self.lit - self.alpha * np.float32(background)


@lru_cache(maxsize=4)
def place(template: Template, box: PlacedBox, room: int) -> PlacedTemplate:
    """Draw a template so that its full extent lies exactly on a box, `room` pixels around it."""
    x, y, (alpha, lit) = _drawn((template.alpha, template.alpha * template.codes), box, room)
    return PlacedTemplate(x, y, alpha, lit)


@dataclass(frozen=True, slots=True, eq=False)
class PlacedField:
    """A learnt mark's gradient on whole pixels of a picture, with room around it."""

    x: int
    y: int
    along: Floats
    across: Floats


@lru_cache(maxsize=4)
def place_learnt(learnt: Learnt, box: PlacedBox, room: int) -> PlacedField:
    """Draw a learnt mark's field onto a box, each gradient counting as far as takes agree on it."""
    planes = (learnt.along * learnt.weight, learnt.across * learnt.weight)
    x, y, (along, across) = _drawn(planes, box, room)
    return PlacedField(x, y, along, across)


def _drawn(
    planes: tuple[Floats, Floats], box: PlacedBox, room: int
) -> tuple[int, int, tuple[Floats, Floats]]:
    """Planes brought onto a box, and where their top left corner lies.

    Where they shrink they are blurred first by what sampling at the smaller size needs; that is at
    little more than the box's size, whatever the template's.
    """
    x, y, width, height = box
    left, top = int(np.floor(x)) - room, int(np.floor(y)) - room
    size = (int(np.ceil(x + width)) - left + room, int(np.ceil(y + height)) - top + room)
    reduced = tuple(_reduced(plane, box) for plane in planes)
    rows, columns = reduced[0].shape
    across, down = width / columns, height / rows
    # Pixel centres lie at half-integers: OpenCV counts from the centre of the first.
    matrix = np.array(
        [
            [across, 0.0, x - left + across / 2 - 0.5],
            [0.0, down, y - top + down / 2 - 0.5],
        ]
    )
    sigmas = softening(across, down)

    def drawn(plane: Floats) -> Floats:
        shift = matrix
        if max(sigmas) > 0:
            edge = int(np.ceil(3 * max(sigmas)))
            sigma_x, sigma_y = (max(sigma, 1e-3) for sigma in sigmas)
            wide = np.pad(plane, edge)
            plane = np.asarray(cv2.GaussianBlur(wide, (0, 0), sigma_x, sigmaY=sigma_y), np.float32)
            shift = matrix - np.array([[0, 0, edge * across], [0, 0, edge * down]])
        return np.asarray(cv2.warpAffine(plane, shift, size, flags=cv2.INTER_LINEAR), np.float32)

    return left, top, (drawn(reduced[0]), drawn(reduced[1]))


def softening(across: float, down: float) -> tuple[float, float]:
    """Sigmas, in pixels of what shrinks by two scales, of the blur that sampling it then needs.

    0 along a side that grows.
    """
    first, second = (0.5 * math.sqrt(max(0.0, 1.0 / scale**2 - 1.0)) for scale in (across, down))
    return first, second


def _reduced(plane: Floats, box: PlacedBox) -> Floats:
    """A plane averaged down to a few times the size of its place, where it is larger."""
    rows, columns = plane.shape
    wide, high = (max(1, int(np.ceil(_FINER * side))) for side in box[2:])
    size = (min(columns, wide), min(rows, high))
    if size == (columns, rows):
        return plane
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
