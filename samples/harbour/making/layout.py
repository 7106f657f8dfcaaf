"""The plan of the harbour: where things stand, in metres (x right, y up, z away)."""

from __future__ import annotations

from making.paint import Rgb

QUAY_LEFT, QUAY_RIGHT = -60.0, -4.0
QUAY_FRONT, QUAY_BACK, QUAY_TOP = 26.0, 36.0, 2.2
HOUSES_RIGHT = -8.0
FACADE_HEIGHT = 13.0
LAMPS = (-46.0, -34.0, -22.5, -12.5, -5.2)
LAMP_Z = 27.0
LIGHT_X, LIGHT_Z, LIGHT_BASE, LIGHT_TALL = 62.0, 225.0, 7.5, 30.0
HERO_X, HERO_Y = -22.0, QUAY_TOP + 1.75
HERO_WIDE, HERO_TALL = 1.7, 1.65
WARM: Rgb = (255, 196, 112)
