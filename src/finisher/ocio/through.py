"""Colours sent through OpenColorIO's transforms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyOpenColorIO import BIT_DEPTH_F32, OPTIMIZATION_LOSSLESS, Config, GroupTransform


def through(group: GroupTransform, rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Colours of any leading shape, R, G and B last, through transforms; nothing is clipped."""
    # OpenColorIO is four times as quick on RGBA.
    rgba = np.ones((*rgb.shape[:-1], 4), dtype=np.float32)
    rgba[..., :3] = rgb
    processor = Config.CreateRaw().getProcessor(group)
    # Lossless: the faster default replaces powers by approximations that differ between CPUs.
    processor.getOptimizedCPUProcessor(
        BIT_DEPTH_F32,
        BIT_DEPTH_F32,
        OPTIMIZATION_LOSSLESS,
    ).applyRGBA(rgba)
    return np.ascontiguousarray(rgba[..., :3])
