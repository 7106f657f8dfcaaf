"""What a mark tells its detector: options by name, which are known and what they hold."""

from __future__ import annotations

from collections.abc import Mapping

from finisher.problems import DocumentError, Problem, nearest

_LIMIT = 2**32
"""Seeds of numpy's legacy generator, which the codes draw their keys' places by, end below it."""


def only(options: Mapping[str, str], known: tuple[str, ...]) -> None:
    """Refuse what a detector has no option for.

    Raises:
        DocumentError: for the first option that is not known.
    """
    for option in options:
        if option not in known:
            message = f"the detector has no option {option!r}"
            raise DocumentError(
                Problem("bad-detector-option", message, hint=nearest(option, known))
            )


def whole_number(options: Mapping[str, str], name: str, default: int) -> int:
    """An option that is a whole number from 0 to 2³² - 1.

    Raises:
        DocumentError: when it is anything else.
    """
    text = options.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal() and int(text) < _LIMIT):
        message = f"{name} must be a whole number below {_LIMIT}, not {text!r}"
        raise DocumentError(Problem("bad-detector-option", message))
    return int(text)
