"""TrustMark: its decoder alone, from files the user has.

The package's own constructor loads an encoder and a remover besides, and downloads what is
missing. It is never called: the decoder is put together by the package's `load_model` with its
download switched off, or comes as a TorchScript module.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from finisher.problems import DocumentError, MediaError, Problem
from finisher.timeline import Carrier
from finisher.watermark.adapters.networks import (
    WEIGHTS,
    batch,
    checked,
    missing,
    polled,
    scripted,
    torch,
)
from finisher.watermark.detector import (
    Capability,
    Declared,
    Evidence,
    Hearing,
    Picture,
    Sight,
)
from finisher.watermark.hidden.judging import by_sights

_BITS = 100
_SIZES = {"Q": 245, "B": 245, "C": 245, "P": 224}
"""Pixels along a side that each model is asked at."""
_BOUND = re.compile(r"[0-6]\*([01]{40,100})")
_MODEL = "model"


def payload_of(alg: str, value: str) -> str | None:
    """The bits that a soft binding of C2PA names; None for other algorithms and other texts.

    TrustMark writes the number of its error correction, an asterisk and the payload's bits.
    """
    found = _BOUND.fullmatch(value)
    return found[1] if alg.startswith("com.adobe.trustmark.") and found is not None else None


class TrustMarkDetector:
    """Reads 100 bits, of which the payload comes first and error correction after it.

    Options are `weights`, a folder with `trustmark_Q.yaml` and `decoder_Q.ckpt` as the package
    keeps them or a TorchScript module from pictures of -1 to 1 to outputs, and `model`, the
    letter of the model, Q unless told.
    """

    def __init__(self) -> None:
        self._network: Any = None
        self._model = "Q"

    @property
    def capability(self) -> Capability:
        """Error correction takes 32 to 60 of its 100 bits."""
        return Capability(
            "trustmark",
            self._model,
            Carrier.PICTURE,
            _BITS,
            c2pa=f"com.adobe.trustmark.{self._model}",
            weights=True,
        )

    def available(self) -> str | None:
        """Why it can't be used here; the package itself is needed for a folder of models only."""
        return missing("torch")

    def open(self, options: Mapping[str, str]) -> None:
        """Load the decoder.

        Raises:
            DocumentError: for options that are not known.
            MediaError: when there is no decoder at that path.
        """
        path = checked(options, (WEIGHTS, _MODEL))
        self._model = options.get(_MODEL, "Q")
        if self._model not in _SIZES:
            message = f"TrustMark has no model {self._model!r}"
            raise DocumentError(Problem("bad-detector-option", message, hint="Q, B, C or P"))
        if path.is_dir():
            self._network = _decoder_of_package(path, self._model)
        else:
            self._network = scripted(path, "forward")

    def detect(self, seen: Iterable[Sight] | Hearing, declared: Declared) -> tuple[Evidence, ...]:
        """Sum what the network gives for each bit over pictures."""
        return by_sights(partial(polled, self._logits), seen, declared)

    def _logits(self, picture: Picture) -> NDArray[np.float64]:
        """One value a bit, above 0 for a one."""
        side = _SIZES[self._model]
        shaped = batch(_squared(picture, always=self._model == "P"))
        with torch().no_grad():
            small = torch().nn.functional.interpolate(
                shaped, size=(side, side), mode="bilinear", antialias=True
            )
            found = self._network(small * 2 - 1)
        values = np.asarray(found.numpy(), np.float64).ravel()
        if values.size != _BITS:
            message = f"the network gave {values.size} values, not {_BITS}"
            raise MediaError(Problem("detector-weights", message))
        return values

    def close(self) -> None:
        """Let go of the network."""
        self._network = None


def _squared(picture: Picture, *, always: bool) -> Picture:
    """The centre square, of a picture more than twice as long as wide or where always asked."""
    rows, columns = picture.shape[:2]
    short = min(rows, columns)
    if not always and max(rows, columns) <= 2 * short:
        return picture
    top, left = (rows - short) // 2, (columns - short) // 2
    return picture[top : top + short, left : left + short]


def _decoder_of_package(folder: Path, model: str) -> Any:
    """The package's decoder, from two files of a folder."""
    files = folder / f"trustmark_{model}.yaml", folder / f"decoder_{model}.ckpt"
    for file in files:
        if not file.is_file():
            raise MediaError(Problem("detector-weights", f"{folder} has no {file.name}"))
    reason = missing("trustmark")
    if reason is not None:
        hint = "or give a TorchScript module of the decoder"
        raise MediaError(Problem("detector-weights", f"{reason}, which {folder} is for", hint=hint))
    try:
        kind = importlib.import_module("trustmark").TrustMark
        loader = kind.__new__(kind)
        loader.check_and_download = _nothing
        whole = loader.load_model(str(files[0]), str(files[1]), "cpu", _BITS, part="decoder")
    # The package and torch raise whatever they meet in a file that does not fit.
    except Exception as error:
        message = f"{folder} holds no decoder that the package can load: {error}"
        raise MediaError(Problem("detector-weights", message)) from error
    return whole.decoder


def _nothing(*_ignored: object) -> None:
    """Stands where the package would download a file: both are known to lie there."""
