"""What single words of the command line must look like, and the values they stand for."""

from __future__ import annotations

import math
import re
from argparse import ArgumentTypeError
from pathlib import Path
from urllib.parse import urlsplit


def jobs(text: str) -> int:
    """A number of workers, from 1.

    Raises:
        ArgumentTypeError: for anything else.
    """
    count = int(text) if text.isascii() and text.isdigit() else 0
    if not 1 <= count <= 512:
        raise ArgumentTypeError(f"a whole number from 1 to 512, not {text!r}")
    return count


def listed(text: str) -> str:
    """A list by commas that names something: an empty variable of a script must open no gate.

    Raises:
        ArgumentTypeError: for one that names nothing.
    """
    if not text.replace(",", " ").strip():
        raise ArgumentTypeError("it names nothing; leave the option out, or name what is asked for")
    return text


def numbers(text: str) -> tuple[int, int]:
    """A number from 1, or two with a dash between: the first and the last.

    Raises:
        ArgumentTypeError: for anything else.
    """
    first, dash, last = text.partition("-")
    if not all(part.isascii() and part.isdigit() for part in (first, last if dash else first)):
        raise ArgumentTypeError(f"a number or two with a dash between, not {text!r}")
    span = int(first), int(last if dash else first)
    if not 1 <= span[0] <= span[1]:
        raise ArgumentTypeError(f"numbers from 1 that don't fall, not {text!r}")
    return span


def milliseconds(text: str) -> int:
    """A length of silence, from 20 ms to a minute.

    Raises:
        ArgumentTypeError: for anything else.
    """
    length = int(text) if text.isascii() and text.isdigit() else 0
    if not 20 <= length <= 60_000:
        raise ArgumentTypeError(f"a whole number from 20 to 60000, not {text!r}")
    return length


def part(text: str) -> tuple[str, str]:
    """Two times with two dots between; either may be empty.

    Raises:
        ArgumentTypeError: for anything else.
    """
    first, dots, last = text.partition("..")
    if not dots or not (first or last):
        raise ArgumentTypeError(f"IN..OUT, IN.. or ..OUT, not {text!r}")
    return first, last


def farm(text: str) -> str:
    """The address of a scheduler, `HOST:PORT`.

    Raises:
        ArgumentTypeError: for anything else.
    """
    address = re.fullmatch(r"dask://((?:[\w.-]+|\[[0-9A-Fa-f:]+\]):\d{1,5})", text)
    if address is None:
        raise ArgumentTypeError(f"dask://HOST:PORT, not {text!r}")
    return address[1]


def amount(text: str) -> float:
    """Days or gigabytes: finite, and not below nothing.

    Raises:
        ArgumentTypeError: for anything else.
    """
    try:
        amount = float(text)
    except ValueError:
        amount = math.nan
    if not (math.isfinite(amount) and amount >= 0):
        raise ArgumentTypeError(f"a number from 0 up, not {text!r}")
    return amount


def address(text: str) -> str:
    """A web address, which names nobody's password.

    Raises:
        ArgumentTypeError: for anything else.
    """
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known, parts = None, urlsplit("")
    if not known or not text.isascii() or not text.isprintable() or " " in text:
        raise ArgumentTypeError("a web address that begins with http:// or https://")
    if parts.username is not None or parts.password is not None:
        raise ArgumentTypeError("a web address without a name or password in it")
    return text


def folder_address(text: str) -> str:
    """The web address of a folder: none of a question, and nothing that XMP would have escaped.

    Raises:
        ArgumentTypeError: for anything else.
    """
    if not set(text).isdisjoint("?#&<>\"'"):
        raise ArgumentTypeError("the web address of a folder, without ? # & < > or quotes")
    return address(text)


def weights(text: str) -> tuple[str, str]:
    """A detector's name and the path of what it needs, with = between.

    Raises:
        ArgumentTypeError: for anything else.
    """
    name, equals, path = text.partition("=")
    if not (name.strip() and equals and path):
        raise ArgumentTypeError(f"DETECTOR=PATH, not {text!r}")
    return name.strip(), str(Path(path).absolute())
