"""Write the looks of this folder from their formulas.

    python luts/make_looks.py

All take Rec.709 display-encoded RGB and give the same, so they can stand anywhere in a chain
of finished SDR pictures. Every step is smooth and the grey ramp stays monotone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

HERE = Path(__file__).resolve().parent
SIZE = 33
Rgb = npt.NDArray[np.float64]
LUMA = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True)
class Look:
    """A named formula and the words its file carries."""

    name: str
    title: str
    about: tuple[str, ...]
    formula: Callable[[Rgb], Rgb]


def _luma(rgb: Rgb) -> Rgb:
    return np.asarray((rgb @ LUMA)[..., None])


def _move(rgb: Rgb, by: Rgb) -> Rgb:
    """Move each channel by ``by``, weighted 4c(1 - c): 0 and 1 stay, so nothing can clip."""
    return np.asarray(rgb + 4 * rgb * (1 - rgb) * by)


def _contrast(rgb: Rgb, amount: float, pivot: float) -> Rgb:
    """A soft S about ``pivot``: the slope in the middle grows, the ends ease off."""
    return _move(rgb, amount * (rgb - pivot))


def _split(rgb: Rgb, shadow: Rgb, light: Rgb) -> Rgb:
    """Tint shadows and lights by luma."""
    y = _luma(rgb)
    return _move(rgb, 2 * (1 - y) ** 2 * shadow + 2 * y**1.5 * light)


def _saturate(rgb: Rgb, gain: Rgb) -> Rgb:
    """Spread the channels from their luma (gain above 1) or draw them to it."""
    return _move(rgb, (rgb - _luma(rgb)) * (gain - 1))


def warm_harbour(rgb: Rgb) -> Rgb:
    """Late sun: warm lights, calm teal shadows, a gentle S; greens a little drier."""
    out = _contrast(rgb, 0.135, 0.45)
    out = _split(out, np.array([-0.018, 0.004, 0.014]), np.array([0.040, 0.012, -0.044]))
    green = np.maximum(out[..., 1:2] - np.maximum(out[..., :1], out[..., 2:]), 0)
    return _saturate(out, 1.10 - 0.50 * green / (green + 0.25))


def night_tide(rgb: Rgb) -> Rgb:
    """Blue hour: cooler and deeper middle tones; warm colours keep their warmth."""
    warm = np.maximum(rgb[..., :1] - rgb[..., 2:], 0)
    cool = 1 / (1 + 5.0 * warm)
    out = _move(rgb, -0.020 - 0.032 * cool)
    tint = np.array([-0.036, -0.004, 0.032])
    out = _split(out, tint * (0.30 + 0.70 * cool), tint * 0.55 * cool)
    out = _saturate(out, 0.94 - 0.24 * cool)
    return _contrast(out, 0.075, 0.40)


def silver_quay(rgb: Rgb) -> Rgb:
    """Black and white: skin and brick a little lighter, sky a little darker, a soft toe."""
    grey = np.asarray((rgb @ np.array([0.34, 0.55, 0.11]))[..., None])
    return np.repeat(_contrast(grey, 0.20, 0.45), 3, axis=-1)


def pale_noon(rgb: Rgb) -> Rgb:
    """Pastel: low contrast, open shadows, pale colours; lights a little creamy."""
    out = _contrast(_move(rgb, np.asarray(0.045)), -0.10, 0.5)
    colour = out.max(axis=-1, keepdims=True) - out.min(axis=-1, keepdims=True)
    out = _saturate(out, 0.86 - 0.30 * colour)
    out = _split(out, np.array([-0.006, 0.002, 0.010]), np.array([0.012, 0.003, -0.012]))
    return np.asarray(out + 0.035 * (1 - out) ** 3)


LOOKS = (
    Look(
        "warm-harbour",
        "Warm Harbour",
        ("Warm lights, calm teal shadows, a gentle S-curve; skin stays skin.",),
        warm_harbour,
    ),
    Look(
        "night-tide",
        "Night Tide",
        ("Blue hour: cooler, deeper middle tones; lit windows and skin keep their warmth.",),
        night_tide,
    ),
    Look(
        "silver-quay",
        "Silver Quay",
        ("Black and white: lighter skin, darker sky, soft toe and shoulder.",),
        silver_quay,
    ),
    Look(
        "pale-noon",
        "Pale Noon",
        ("Pastel: low contrast, open shadows, pale colours, lights a little creamy.",),
        pale_noon,
    ),
)


def lattice(size: int = SIZE) -> Rgb:
    """Every grid colour in file order, red running fastest."""
    step = np.linspace(0, 1, size)
    blue, green, red = np.meshgrid(step, step, step, indexing="ij")
    return np.stack([red, green, blue], axis=-1).reshape(-1, 3)


def text(look: Look) -> str:
    """The look as a plain .cube file."""
    rows = look.formula(lattice())
    head = [f"# {line}" for line in look.about]
    head += [
        "# In: Rec.709, display-encoded, full range RGB. Out: the same.",
        "# Made by luts/make_looks.py. CC0 1.0.",
        f'TITLE "{look.title}"',
        f"LUT_3D_SIZE {SIZE}",
        "DOMAIN_MIN 0.0 0.0 0.0",
        "DOMAIN_MAX 1.0 1.0 1.0",
    ]
    body = [f"{r:.7f} {g:.7f} {b:.7f}" for r, g, b in rows.tolist()]
    return "\n".join(head + body) + "\n"


def main() -> None:
    """Write each look beside this script."""
    for look in LOOKS:
        part = HERE / f"{look.name}.part"
        part.write_text(text(look), encoding="ascii", newline="\n")
        part.replace(HERE / f"{look.name}.cube")


if __name__ == "__main__":
    main()
