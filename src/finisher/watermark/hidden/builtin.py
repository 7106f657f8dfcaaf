"""The detectors that need nothing but finisher: dwtDct, dwtDctSvd and blind_watermark."""

from __future__ import annotations

from collections.abc import Mapping

from finisher.timeline import Carrier
from finisher.watermark.detector import Capability
from finisher.watermark.hidden.codes import BlindWatermark, Code, ImWatermark
from finisher.watermark.hidden.decoder import BlockDetector
from finisher.watermark.options import only, whole_number

_KEYS = ("password_img", "password_wm")


def dwt_dct() -> BlockDetector:
    """The dwtDct of imwatermark, which diffusers put into SDXL's pictures."""
    return BlockDetector(_capability("imwatermark.dwtDct", "0.2.0"), _plain(singular=False))


def dwt_dct_svd() -> BlockDetector:
    """The dwtDctSvd of imwatermark."""
    return BlockDetector(_capability("imwatermark.dwtDctSvd", "0.2.0"), _plain(singular=True))


def blind_watermark() -> BlockDetector:
    """The code of blind_watermark, with its two passwords, 1 unless told."""
    return BlockDetector(_capability("blind_watermark", "0.4.4"), _keyed)


def _capability(name: str, version: str) -> Capability:
    """`version` is that of the package whose marks are read."""
    return Capability(name, version, Carrier.PICTURE, None)


class _Plain:
    """Makes a code without keys."""

    def __init__(self, code: Code) -> None:
        self._code = code

    def __call__(self, options: Mapping[str, str]) -> Code:
        only(options, ())
        return self._code


def _plain(*, singular: bool) -> _Plain:
    return _Plain(ImWatermark(singular))


def _keyed(options: Mapping[str, str]) -> Code:
    only(options, _KEYS)
    image, payload = (whole_number(options, key, 1) for key in _KEYS)
    return BlindWatermark(image, payload)
