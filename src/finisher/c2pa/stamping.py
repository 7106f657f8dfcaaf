"""Ask a time-stamp authority (RFC 3161) more than once, and know when to go on without it."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from finisher.c2pa.reading import Outcome, Reading

_ADDRESS = re.compile(r"https?://[^\s)]+")
_WRAPPED = re.compile(
    r"^(?:Signature: (?:internal error \()?|Verify: manifest failed validation with: failures:\s*)"
    r"(.*?)(?: \(self#.*|\))?$",
    re.DOTALL,
)


class StampRefused(Exception):
    """No time-stamp was given, and why."""


@dataclass(frozen=True, slots=True)
class TimeStamping:
    """Whom to ask for a time-stamp, and how patiently.

    The SDK asks, and gives up on a silent authority after 30 seconds.
    """

    authority: str
    """Its web address, `http` or `https`."""
    waits: tuple[float, ...] = (0.5, 2.0)
    """Seconds to wait before each further attempt."""
    patience: float = 60.0
    """Seconds after which no further attempt is begun."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    @property
    def host(self) -> str:
        """Who is asked, without what an address may hold of secrets."""
        return urlsplit(self.authority).hostname or "the authority"


def stamped(stamping: TimeStamping, sign: Callable[[str | None], bytes]) -> bytes:
    """What signing with a time-stamp gives, tried again as often as there are waits.

    Args:
        stamping: whom to ask.
        sign: signs with a time-stamp of the authority at this address.

    Raises:
        StampRefused: when every attempt failed, with the last one's reason.
    """
    began = stamping.clock()
    attempts, refusal = 0, ""
    for wait in (*stamping.waits, None):
        attempts += 1
        try:
            return sign(stamping.authority)
        except StampRefused as error:
            refusal = _plainly(str(error), stamping.host)
        if wait is None or stamping.clock() - began + wait > stamping.patience:
            break
        stamping.sleep(wait)
    tries = "1 attempt" if attempts == 1 else f"{attempts} attempts"
    raise StampRefused(f"{stamping.host} gave none in {tries}: {refusal}")


def without(outcome: Outcome) -> bool:
    """Whether a store just signed has no time-stamp that validates."""
    if not isinstance(outcome, Reading):
        return True
    results = outcome.store.get("validation_results", {}).get("activeManifest", {})
    return all(s.get("code") != "timeStamp.validated" for s in results.get("success", ()))


def _plainly(message: str, host: str) -> str:
    """The SDK's words without their wrapping, and without the whole address."""
    found = _WRAPPED.match(message)
    return _ADDRESS.sub(host, found[1] if found else message)
