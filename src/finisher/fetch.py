"""The door to the network: one small file by https, only when somebody names its address."""

from __future__ import annotations

import http.client
import ssl
import time
import urllib.error
import urllib.request
from email.message import Message
from typing import IO
from urllib.parse import urlsplit

from finisher.problems import DocumentError, MachineError, Problem

_SECONDS = 30.0
_BLOCK = 1 << 16


class _SafeRedirects(urllib.request.HTTPRedirectHandler):
    """Follows redirects that stay with https; a page on the way can't weaken the connection."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        try:
            _https(newurl)
        except DocumentError:
            fp.close()
            raise
        # http.client's headers are a message; the annotations of the standard library differ.
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def fetch(address: str, most: int, context: ssl.SSLContext | None = None) -> bytes:
    """What lies at an address, at most so many bytes of it, within 30 s.

    `context` says whose servers are believed, the machine's own certificates unless told.

    Raises:
        DocumentError: when the address, or one it leads to, is none of https.
        MachineError: when it can't be reached, takes too long or holds more.
    """
    _https(address)
    opener = urllib.request.build_opener(
        _SafeRedirects(), urllib.request.HTTPSHandler(context=context)
    )
    until, parts, size = time.monotonic() + _SECONDS, list[bytes](), 0
    try:
        with opener.open(address, timeout=_SECONDS) as answer:
            while block := answer.read1(_BLOCK):
                parts.append(block)
                size += len(block)
                if size > most:
                    raise _unreached(address, f"it holds more than {most} bytes")
                if time.monotonic() > until:
                    raise _unreached(address, f"it took longer than {_SECONDS:.0f} s")
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        if isinstance(error, urllib.error.HTTPError):
            error.close()  # it is the answer as well
        raise _unreached(address, str(reason)) from error
    return b"".join(parts)


def _https(address: str) -> None:
    """Refuse every address but those of https.

    Raises:
        DocumentError: for any other.
    """
    try:
        parts = urlsplit(address)
        fit = parts.scheme == "https" and bool(parts.hostname) and parts.username is None
    except ValueError:
        fit = False
    if not fit:
        hint = "https://… without name or password; or fetch the file yourself and name it"
        raise DocumentError(Problem("address-unsafe", "nothing is fetched from there", hint=hint))


def _unreached(address: str, reason: str) -> MachineError:
    """An address that gave nothing."""
    host = urlsplit(address).hostname
    return MachineError(Problem("fetch-failed", f"nothing was fetched from {host}: {reason}"))
