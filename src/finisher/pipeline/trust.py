"""Trust lists: installed for good, or given for one run; which certificates vouch for whom."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from finisher.c2pa.trust import Anchors, Kind, certificates, written
from finisher.canonical import from_json, to_json
from finisher.findings import TrustList
from finisher.problems import DocumentError, MachineError, Problem, Where, nearest
from finisher.regular import regular

MOST_BYTES = 8 << 20
"""Of a list; the official ones hold some tens of kilobytes."""
_FOLDER, _SUFFIX = "trust", ".json"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SCHEMA = "finisher/trust-list@1"


@dataclass(frozen=True, slots=True)
class Installed:
    """A list kept on this machine."""

    name: str
    kind: Kind
    """Whom it may vouch for: signers or time-stamp authorities, never both."""
    source: str
    """Where it came from: a file's name, or an address."""
    sha256: str
    date: str
    """When it was installed: YYYY-MM-DD."""
    expires: tuple[str, ...]
    """The last day of each of its certificates."""
    pem: str
    schema: str = _SCHEMA

    def expired(self, today: str) -> int:
        """How many of its certificates have run out."""
        return sum(day < today for day in self.expires)

    @property
    def told(self) -> TrustList:
        """The list as an audit tells of it."""
        return TrustList(self.name, self.sha256, self.date, len(self.expires))


def files(data: Path) -> Iterator[Path]:
    """The files of all installed lists."""
    yield from sorted((data / _FOLDER).glob(f"*{_SUFFIX}"))


def installed(data: Path) -> tuple[Installed, ...]:
    """All installed lists, by name.

    Raises:
        MachineError: when one can't be read: without it, what it vouches for would look untrusted.
    """
    return tuple(map(_read, files(data)))


def _read(path: Path) -> Installed:
    """One installed list."""
    try:
        found = from_json(Installed, json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        reason = error.strerror or "unreadable"
        raise MachineError(Problem("trust-list-damaged", reason, Where(str(path)))) from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        hint = f"`finish trust remove {path.stem}`, and install it again"
        problem = Problem("trust-list-damaged", "not a list that reads", Where(str(path)), hint)
        raise MachineError(problem) from error
    return found


def text(data: Path, given: Path | None) -> str | None:
    """Every list that counts in a run, as one text: those installed, and the one given.

    Raises:
        DocumentError: when the one given can't be read or holds no certificate.
        MachineError: when an installed one can't be read.
    """
    lists = [Anchors(one.name, one.kind, one.pem) for one in installed(data)]
    if given is not None:
        lists.append(Anchors(_plain(given.name), Kind.ANY, _given(given)))
    return written(lists)


def lists(data: Path, given: Path | None) -> tuple[TrustList, ...]:
    """Every list that counts in a run, as an audit tells of it.

    Raises:
        DocumentError, MachineError: as `text`.
    """
    told = [one.told for one in installed(data)]
    if given is not None:
        pem = _given(given)
        sha256 = hashlib.sha256(given.read_bytes()).hexdigest()
        changed = datetime.fromtimestamp(given.stat().st_mtime, UTC).date().isoformat()
        told.append(TrustList(_plain(given.name), sha256, changed, len(certificates(pem))))
    return tuple(told)


def _given(path: Path) -> str:
    """The certificates of a list given for one run."""
    where = Where(str(path))
    try:
        content = regular(path).read_text(encoding="ascii", errors="strict")
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DocumentError(
            Problem("anchors-unreadable", f"trust anchors can't be read: {reason}", where)
        ) from error
    try:
        _expiries(content, where)
    except DocumentError as error:
        raise DocumentError(
            Problem("anchors-empty", "the file holds no PEM certificate that reads", where)
        ) from error
    return content


def install(
    content: bytes, source: str, name: str | None, kind: Kind | None, data: Path
) -> Installed:
    """Keep a list, whole or not at all; the same one may be installed again.

    Without a name it is called as its source is; without a kind it is one of time-stamp
    authorities where its name has the word TSA, and one of signers otherwise.

    Raises:
        DocumentError: when it holds no certificates, one that does not read, or a private key; when
            another list of that name is installed.
        MachineError: when it can't be kept, or the one of that name can't be read.
    """
    where = Where(source)
    stem = source.rpartition("/")[2].rpartition("\\")[2].partition("?")[0]
    called = name if name is not None else _plain(Path(stem).stem).lower()
    if not _NAME.fullmatch(called):
        hint = "--name: small letters, digits, and . _ - between them"
        raise DocumentError(
            Problem("trust-list-name", f"{called!r} can't be a list's name", hint=hint)
        )
    if b"PRIVATE KEY" in content:
        raise DocumentError(Problem("trust-list-private", "there is a private key in it", where))
    pem = content.decode("ascii", "replace")
    expires = _expiries(pem, where)
    words = re.split(r"[^a-z0-9]+", called)
    guessed = Kind.TIME if "tsa" in words else Kind.SIGNERS
    found = Installed(
        name=called,
        kind=kind or guessed,
        source=source if "://" in source else stem,
        sha256=hashlib.sha256(content).hexdigest(),
        date=datetime.now(UTC).date().isoformat(),
        expires=expires,
        pem="\n".join(certificates(pem)) + "\n",
    )
    path = data / _FOLDER / f"{called}{_SUFFIX}"
    if path.exists():
        _refuse_other(_read(path), found)
    _keep(found, path)
    return found


def _refuse_other(kept: Installed, found: Installed) -> None:
    """Whom to trust changes only by intent: a list replaces none but itself.

    Raises:
        DocumentError: when it is another.
    """
    if (kept.sha256, kept.kind) != (found.sha256, found.kind):
        message = f"a list {found.name!r} of other content or use is installed, from {kept.source}"
        hint = f"`finish trust remove {found.name}` first, or --name"
        raise DocumentError(Problem("trust-list-taken", message, hint=hint))


def _keep(found: Installed, path: Path) -> None:
    """Write a list."""
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(to_json(found), indent=1), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        reason = f"can't be written: {error.strerror}"
        raise MachineError(Problem("trust-unwritable", reason, Where(str(path)))) from error
    finally:
        part.unlink(missing_ok=True)


def remove(name: str, data: Path) -> None:
    """Forget a list.

    Raises:
        DocumentError: when none of that name is installed.
        MachineError: when it can't be removed.
    """
    known = [path.stem for path in files(data)]
    if name not in known:
        hint = nearest(name, known) or "`finish trust` lists them"
        raise DocumentError(
            Problem("unknown-trust-list", f"no list {name!r} is installed", hint=hint)
        )
    path = data / _FOLDER / f"{name}{_SUFFIX}"
    try:
        path.unlink()
    except OSError as error:
        reason = f"can't be removed: {error.strerror}"
        raise MachineError(Problem("trust-unwritable", reason, Where(str(path)))) from error


def _expiries(pem: str, where: Where) -> tuple[str, ...]:
    """The last day of each certificate.

    Raises:
        DocumentError: when there is none, or one does not read.
    """
    from cryptography import x509  # noqa: PLC0415 (only runs that are given lists need it)

    days = []
    for number, block in enumerate(certificates(pem), 1):
        try:
            found = x509.load_pem_x509_certificate(block.encode())
        except ValueError as error:
            message = f"certificate {number} does not read: {error}"
            raise DocumentError(Problem("trust-list-bad", message, where)) from error
        days.append(found.not_valid_after_utc.date().isoformat())
    if not days:
        raise DocumentError(Problem("trust-list-bad", "there is no PEM certificate in it", where))
    return tuple(days)


def _plain(name: str) -> str:
    """A file's name as a list may be called."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name)[:64].lstrip("._-") or "list"
