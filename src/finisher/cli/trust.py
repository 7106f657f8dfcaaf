"""`finish trust`: list, install and remove the lists of whom to trust."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from finisher.c2pa.trust import Kind
from finisher.canonical import Json
from finisher.cli.session import Session, put, say
from finisher.console.table import show_table
from finisher.fetch import fetch
from finisher.pipeline import trust as kept
from finisher.pipeline.trust import Installed
from finisher.problems import DocumentError, Exit, MediaError, Problem, Where
from finisher.regular import regular
from finisher.report.words import plural

_FOR = {"signers": Kind.SIGNERS, "time-stamps": Kind.TIME}


def trust(words: Namespace, session: Session) -> Exit:
    """List what is installed, after installing or removing a list where asked."""
    data = session.settings.data
    if words.act is not None and words.list is None:
        hint = f"`finish trust {words.act} {'FILE|URL' if words.act == 'install' else 'NAME'}`"
        raise DocumentError(Problem("usage", f"trust {words.act}: which list?", hint=hint))
    if words.act == "install":
        kept.install(_content(words.list), words.list, words.name, _FOR.get(words.use), data)
    elif words.act == "remove":
        kept.remove(words.list, data)
    today = datetime.now(UTC).date().isoformat()
    found = kept.installed(data)
    if words.json:
        put({"schema": "finisher/trust@1", "lists": [_document(one, today) for one in found]})
    elif not found:
        say("no trust list is installed")
    else:
        rows = [_row(one, today) for one in found]
        show_table("Trust lists", ("name", "vouches for", "holds", "date", "from", "SHA-256"), rows)
    return Exit.OK


def _content(source: str) -> bytes:
    """What is at an address, or in a file."""
    if "://" in source:
        return fetch(source, kept.MOST_BYTES)
    path = Path(source)
    try:
        with regular(path).open("rb") as stream:
            content = stream.read(kept.MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise MediaError(Problem("media-missing", reason, Where(source))) from error
    if len(content) > kept.MOST_BYTES:
        message = f"larger than {kept.MOST_BYTES} bytes"
        raise DocumentError(Problem("trust-list-bad", message, Where(source)))
    return content


def _document(one: Installed, today: str) -> dict[str, Json]:
    return {
        "name": one.name,
        "kind": str(one.kind),
        "source": one.source,
        "sha256": one.sha256,
        "date": one.date,
        "certificates": len(one.expires),
        "expired": one.expired(today),
    }


def _row(one: Installed, today: str) -> tuple[str, ...]:
    gone = one.expired(today)
    held = plural(len(one.expires), "certificate") + (f", {gone} of them run out" if gone else "")
    use = "time-stamps" if one.kind is Kind.TIME else "signers"
    return one.name, use, held, one.date, one.source, one.sha256
