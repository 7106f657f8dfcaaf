"""Commands about the house itself: presets, schema, init, doctor, cache."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.console.problems import show_problems
from finisher.console.table import show_table
from finisher.pipeline import project
from finisher.pipeline.housekeeping import prune, sizes
from finisher.presets import shelf
from finisher.presets.model import Preset
from finisher.problems import DocumentError, Exit, Problem
from finisher.store import Store

# Loaded when asked for: `finish presets` must not wait for what describes audits.
_SCHEMAS = {
    "edl": ("finisher.edl.schema", "json_schema"),
    "preset": ("finisher.presets.shelf", "preset_schema"),
    "policy": ("finisher.compliance.shelf", "policy_schema"),
    "audit": ("finisher.report.audit_schema", "audit_schema"),
    "publish": ("finisher.report.publish_schema", "publish_schema"),
}


def presets(words: Namespace, session: Session) -> Exit:
    """List presets, or show one as it resolves."""
    del session
    if words.name is not None:
        preset = shelf.find(words.name, Path.cwd())
        put({"schema": "finisher/resolved-preset@1", **_members(to_json(preset))})
        return Exit.OK
    found: list[Preset] = []
    problems: list[Problem] = []
    for name in shelf.names(Path.cwd()):
        try:
            found.append(shelf.find(name, Path.cwd()))
        except DocumentError as error:
            problems += error.problems
    show_problems(problems)
    if words.json:
        put({"schema": "finisher/presets@1", "presets": [to_json(preset) for preset in found]})
    else:
        width = max((len(preset.name) for preset in found), default=0)
        say("\n".join(f"{preset.name:{width}}  {preset.description}" for preset in found))
    return Exit.USAGE if problems else Exit.OK


def _members(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def schema(words: Namespace, session: Session) -> Exit:
    """Print a JSON Schema."""
    del session
    home, name = _SCHEMAS[words.document]
    made: Callable[[], Mapping[str, object]] = getattr(import_module(home), name)
    put(made())
    return Exit.OK


def init(words: Namespace, session: Session) -> Exit:
    """Begin a project."""
    del session
    say(str(project.begin(words.folder)))
    return Exit.OK


def doctor(words: Namespace, session: Session) -> Exit:
    """Check the machine."""
    # Only a look at the machine loads all that is looked at.
    from finisher.pipeline import doctor as checkup  # noqa: PLC0415

    found = checkup.examine(session.settings)
    if words.json:
        put({"schema": "finisher/doctor@1", "checks": [to_json(check) for check in found]})
    else:
        rows = [("ok" if check.ok else "MISSING", check.name, check.detail) for check in found]
        show_table("This machine", ("", "what", "found"), rows)
    return Exit.OK if all(check.ok for check in found) else Exit.ENVIRONMENT


def cache(words: Namespace, session: Session) -> Exit:
    """Show the store, pruning it first where asked."""
    store = Store(session.settings.cache)
    freed = prune(store, words.older_than, words.max_size)
    held = sizes(store)
    if words.json:
        kinds = {kind: {"files": count, "bytes": size} for kind, (count, size) in held.items()}
        put({"schema": "finisher/cache@1", "path": str(store.root), "freed": freed, "kinds": kinds})
        return Exit.OK
    rows = [(kind, str(count), f"{size / 1e6:.1f} MB") for kind, (count, size) in held.items()]
    show_table(str(store.root), ("kind", "files", "size"), rows)
    if words.older_than is not None or words.max_size is not None:
        say(f"{freed / 1e6:.1f} MB freed")
    return Exit.OK
