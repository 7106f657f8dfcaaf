"""Test material only: pictures with hidden marks in them, as the packages would make them.

Equal to the packages' own output but for ties; what stands here is for tests and benchmarks and
no part of the program.
"""

import cv2
import numpy as np

SDXL = "101100111110110010010000011110111011000110011110"
FLUX = "1010101111111010000111100111001111010100101110"
"""46 bits: its leading zeros are lost on the way."""

_TRANSFORM = np.array(
    [
        [(0.5 if k == 0 else np.sqrt(0.5)) * np.cos(np.pi * (2 * i + 1) * k / 8) for i in range(4)]
        for k in range(4)
    ]
)


def _analysed(plane):
    a, b, c, d = plane[0::2, 0::2], plane[0::2, 1::2], plane[1::2, 0::2], plane[1::2, 1::2]
    return (a + b + c + d) / 2, (a + b - c - d) / 2, (a - b + c - d) / 2, (a - b - c + d) / 2


def _joined(low, down, across, both):
    plane = np.empty((low.shape[0] * 2, low.shape[1] * 2))
    plane[0::2, 0::2] = (low + down + across + both) / 2
    plane[0::2, 1::2] = (low + down - across - both) / 2
    plane[1::2, 0::2] = (low - down + across - both) / 2
    plane[1::2, 1::2] = (low - down - across + both) / 2
    return plane


def _cut(low):
    rows, columns = low.shape[0] // 4, low.shape[1] // 4
    cut = low[: rows * 4, : columns * 4].reshape(rows, 4, columns, 4)
    return cut.swapaxes(1, 2).reshape(-1, 4, 4).copy(), (rows, columns)


def _put(blocks, low, grid):
    rows, columns = grid
    filled = low.copy()
    whole = blocks.reshape(rows, columns, 4, 4).swapaxes(1, 2).reshape(rows * 4, columns * 4)
    filled[: rows * 4, : columns * 4] = whole
    return filled


def _moved(values, bits, step):
    return (values // step + 0.25 + 0.5 * bits) * step


def imwatermark(rgb, payload, *, singular):
    """One picture with the mark of dwtDctSvd, or of dwtDct."""
    planes = cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV)
    rows, columns = rgb.shape[0] // 4 * 4, rgb.shape[1] // 4 * 4
    low, down, across, both = _analysed(planes[:rows, :columns, 1].astype(float))
    blocks, grid = _cut(low)
    count = np.arange(len(blocks))
    bits = np.array([int(bit) for bit in payload])[count % len(payload)]
    if singular:
        left, values, right = np.linalg.svd(blocks)
        values[:, 0] = _moved(values[:, 0], bits, 36)
        blocks = np.einsum("nij,nj,njk->nik", left, values, right)
    else:
        flat = blocks.reshape(-1, 16)
        chosen = np.abs(flat[:, 1:]).argmax(1) + 1
        value = flat[count, chosen]
        flat[count, chosen] = np.where(value >= 0, 1, -1) * _moved(np.abs(value), bits, 36)
        blocks = flat.reshape(-1, 4, 4)
    # The package hands the two middle bands back the other way round.
    planes[:rows, :columns, 1] = _joined(_put(blocks, low, grid), across, down, both)
    return cv2.cvtColor(planes, cv2.COLOR_YUV2RGB)


def blind_watermark(rgb, payload, password_img=1, password_wm=1):
    """One picture with the mark of blind_watermark; its sides must be even."""
    bits = np.array([int(bit) for bit in payload])
    np.random.RandomState(password_wm).shuffle(bits)
    planes = cv2.cvtColor(rgb.astype(np.float32), cv2.COLOR_RGB2YUV)
    marked = []
    for channel in range(3):
        low, *bands = _analysed(planes[..., channel].astype(float))
        blocks, grid = _cut(low)
        random = np.random.RandomState(password_img).random(size=(len(blocks), 16))
        order = random.argsort(axis=1)
        said = bits[np.arange(len(blocks)) % len(bits)]
        turned = (_TRANSFORM @ blocks @ _TRANSFORM.T).reshape(-1, 16)
        shuffled = np.take_along_axis(turned, order, 1).reshape(-1, 4, 4)
        left, values, right = np.linalg.svd(shuffled)
        values[:, 0] = _moved(values[:, 0], said, 36)
        values[:, 1] = _moved(values[:, 1], said, 20)
        moved = np.einsum("nij,nj,njk->nik", left, values, right).reshape(-1, 16)
        np.put_along_axis(turned, order, moved, 1)
        blocks = _TRANSFORM.T @ turned.reshape(-1, 4, 4) @ _TRANSFORM
        marked.append(_joined(_put(blocks, low, grid), *bands))
    whole = cv2.cvtColor(np.stack(marked, 2).astype(np.float32), cv2.COLOR_YUV2RGB)
    return np.clip(whole, 0, 255).astype(np.uint8)


def embedded(detector, rgb, payload):
    """One picture with the mark that a detector of that name reads."""
    if detector == "blind_watermark":
        return blind_watermark(rgb, payload)
    return imwatermark(rgb, payload, singular=detector.endswith("Svd"))
