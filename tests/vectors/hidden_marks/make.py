"""Makes vectors.json with the packages whose marks are read.

Run in an environment of its own; imwatermark imports torch only for a code that is not used here:
`pip install invisible-watermark==0.2.0 --no-deps; pip install blind-watermark==0.4.4 PyWavelets
opencv-python-headless; python tests/vectors/hidden_marks/make.py`
"""

import base64
import json
import sys
import types
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
for absent in ("torch", "onnxruntime"):
    sys.modules.setdefault(absent, types.ModuleType(absent))

import cv2  # noqa: E402 (after the stand-ins)
import numpy as np  # noqa: E402
from blind_watermark import WaterMark, bw_notes  # noqa: E402
from drawing import picture, shaken  # noqa: E402
from imwatermark import WatermarkDecoder, WatermarkEncoder  # noqa: E402

SDXL = "101100111110110010010000011110111011000110011110"
FLUX = "001010101111111010000111100111001111010100101110"
CASES = (
    # name, detector, payload, picture, passwords of picture and payload
    ("sdxl", "imwatermark.dwtDct", SDXL, 0, (1, 1)),
    ("flux without its leading zeros", "imwatermark.dwtDct", FLUX[2:], 1, (1, 1)),
    ("four bytes", "imwatermark.dwtDctSvd", "01110100011001010111001101110100", 2, (1, 1)),
    ("sdxl", "imwatermark.dwtDctSvd", SDXL, 3, (1, 1)),
    ("plain passwords", "blind_watermark", SDXL, 4, (1, 1)),
    ("other passwords", "blind_watermark", "1101001110001011010011100101", 5, (2024, 77)),
)
STRENGTHS = (0, 4, 9)


def embed(detector: str, payload: str, rgb: np.ndarray, passwords: tuple[int, int]) -> np.ndarray:
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    if detector == "blind_watermark":
        mark = WaterMark(password_img=passwords[0], password_wm=passwords[1], processes=1)
        mark.read_img(img=bgr)
        mark.read_wm([bit == "1" for bit in payload], mode="bit")
        return np.ascontiguousarray(mark.embed().astype(np.uint8)[..., ::-1])
    encoder = WatermarkEncoder()
    encoder.set_watermark("bits", [int(bit) for bit in payload])
    return np.ascontiguousarray(encoder.encode(bgr, detector.split(".")[1])[..., ::-1])


def decode(detector: str, length: int, rgb: np.ndarray, passwords: tuple[int, int]) -> str:
    bgr = np.ascontiguousarray(rgb[..., ::-1])
    if detector == "blind_watermark":
        mark = WaterMark(password_img=passwords[0], password_wm=passwords[1], processes=1)
        bits = mark.extract(embed_img=bgr, wm_shape=length, mode="bit")
        return "".join(str(int(bit >= 0.5)) for bit in bits)
    bits = WatermarkDecoder("bits", length).decode(bgr, detector.split(".")[1])
    return "".join(str(int(bit)) for bit in bits)


def main() -> None:
    bw_notes.close()
    vectors = []
    for name, detector, payload, kind, passwords in CASES:
        marked = embed(detector, payload, picture(kind), passwords)
        coded = cv2.imencode(".png", marked[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])[1]
        decoded = {
            str(strength): decode(detector, len(payload), shaken(marked, strength), passwords)
            for strength in STRENGTHS
        }
        vectors.append(
            {
                "name": name,
                "detector": detector,
                "payload": payload,
                "picture": kind,
                "password_img": passwords[0],
                "password_wm": passwords[1],
                "png": base64.b64encode(coded.tobytes()).decode(),
                "decoded": decoded,
            }
        )
    packages = ("invisible-watermark", "blind-watermark", "PyWavelets", "numpy", "opencv-python")
    versions = {name: version(name) for name in packages}
    document = {"versions": versions, "vectors": vectors}
    (HERE / "vectors.json").write_text(json.dumps(document, indent=1) + "\n")
    for vector in vectors:
        agreeing = {
            strength: sum(a == b for a, b in zip(bits, vector["payload"], strict=True))
            for strength, bits in vector["decoded"].items()
        }
        sys.stdout.write(f"{vector['detector']} {vector['name']}: {agreeing}\n")


if __name__ == "__main__":
    main()
