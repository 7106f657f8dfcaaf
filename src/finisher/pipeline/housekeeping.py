"""How large the store is, and making it smaller."""

from __future__ import annotations

import time
from collections import defaultdict

from finisher.store import Store

_DAY = 86_400


def sizes(store: Store) -> dict[str, tuple[int, int]]:
    """Files and bytes of each kind."""
    found: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for entry in store.entries():
        count, size = found[entry.kind]
        found[entry.kind] = (count + 1, size + entry.bytes)
    return dict(sorted(found.items()))


def prune(store: Store, older_than_days: float | None, max_gigabytes: float | None) -> int:
    """Remove what was not used for so long, then what was used longest ago; bytes freed.

    What was left half made a day ago or longer goes as well. Nothing that is removed is lost: it
    is made again when it is wanted.

    Raises:
        MachineError: when the store can't be written.
    """
    if older_than_days is None and max_gigabytes is None:
        return 0
    # The clock decides only what is thrown away, never what is made.
    now = time.time()  # noqa: TID251
    swept = store.sweep(now - _DAY)
    freed = 0
    entries = sorted(store.entries(), key=lambda entry: entry.used)
    total = sum(entry.bytes for entry in entries)
    oldest = now - older_than_days * _DAY if older_than_days is not None else None
    most = max_gigabytes * 1e9 if max_gigabytes is not None else None
    for entry in entries:
        stale = oldest is not None and entry.used < oldest
        crowded = most is not None and total - freed > most
        if stale or crowded:
            store.remove(entry)
            freed += entry.bytes
    return swept + freed
