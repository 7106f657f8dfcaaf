"""The words of the command line, and what they mean as typed values."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from finisher import __version__
from finisher.cli import forms
from finisher.cli.auditing_words import audit_words
from finisher.cli.common_words import anchor_word, common_words
from finisher.cli.consent_words import consent_words, takes_words
from finisher.cli.looking_words import loop_words, match_words, prep_words
from finisher.cli.making_words import edit_words, plan_words, render_words, scope_words, unit_words
from finisher.cli.signing_words import contradiction, signing_of
from finisher.cli.trust_words import trust_words
from finisher.cli.watermark_words import watermark_words
from finisher.pipeline.settings import Settings, cache_folder, data_folder
from finisher.problems import DocumentError, Problem

COMMANDS = {
    "render": "render an edit's deliverables: plan, render, sign, audit, report (the default)",
    "plan": "show what a render would do, frame by frame",
    "check": "find everything wrong with an edit that can be known without rendering",
    "probe": "show what is measured of takes: frames, tags, sound, credentials",
    "match": "show what makes sessions agree in colour, write it as a CDL or cube",
    "loop": "find where a take loops unseen, show the seams, write the choice into an edit",
    "watermark": "learn a mark from takes that share it; measure how often one is found by chance",
    "audit": "prove or disprove what finished files claim; the exit code is the gate",
    "consent": "log what persons agreed to or took back, or show what is logged",
    "takes": "find earlier exports that show a person or let them speak",
    "prep": "trim and split dialogue recordings into numbered lines",
    "presets": "list presets, or show one",
    "policies": "list what laws and platforms ask of a file, or show one's page",
    "schema": "print the JSON Schema of the EDL, of presets, policies, audits or publish.json",
    "init": "begin a project",
    "doctor": "check that this machine has what finisher needs",
    "cache": "show what is kept between runs, and prune it",
    "trust": "list whom to trust, install such a list, or remove one",
    "unit": "render units that `plan --openjd` wrote down; what a farm's machines run",
}


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are problems like all others."""

    def error(self, message: str) -> NoReturn:
        """Refuse a command line.

        Raises:
            DocumentError: always.
        """
        raise DocumentError(
            Problem("usage", f"{self.prog}: {message}", hint=f"`{self.prog} --help` lists all")
        )


def parse(given: Sequence[str]) -> argparse.Namespace:
    """A command line's words, checked against each other.

    Raises:
        DocumentError: for a command line that can't be understood, or contradicts itself.
        SystemExit: when only help or the version was asked for.
    """
    words = parser().parse_args(given)
    contradiction = _contradiction(words)
    if contradiction is not None:
        raise DocumentError(Problem("usage", contradiction, hint="keep one of them"))
    return words


def _contradiction(words: argparse.Namespace) -> str | None:
    """What can't be meant at once."""
    if words.command == "render" and (found := contradiction(words)) is not None:
        return found
    if words.command == "render" and words.draft and words.policy:
        return "--draft with --policy"
    if words.command == "plan" and words.openjd is not None and words.no_cache:
        return "--openjd with --no-cache"
    if words.command == "audit" and words.json and words.format not in (None, "json"):
        return f"--json with --format {words.format}"
    if words.command == "prep" and words.trim and words.pause is not None:
        return "--trim with --pause"
    return None


def wants_json(given: Sequence[str]) -> bool:
    """Whether a command line, right or wrong, asks for one JSON document."""
    short = not {"--json", "--format=json"}.isdisjoint(given)
    return short or ("--format", "json") in pairwise(given)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = _Parser(
        prog="finish",
        description="Finish AI-generated footage: an edit list becomes a graded, mixed, signed "
        "and audited deliverable. `finish EDL` is short for `finish render EDL`.",
        epilog="exit codes: 0 ok, 1 a check of a delivered or audited file failed, 2 usage, EDL or "
        "preset wrong, 3 media missing or unreadable, 4 render failed, 5 blocked by policy, "
        "6 environment, 130 interrupted",
    )
    top.add_argument("--version", action="version", version=f"finisher {__version__}")
    words = top.add_subparsers(dest="command", metavar="COMMAND", required=True)
    made = {
        name: words.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        for name, text in COMMANDS.items()
    }
    for name in ("render", "plan", "check"):
        edit_words(made[name])
    for name in ("render", "plan"):
        scope_words(made[name])
    render_words(made["render"])
    plan_words(made["plan"])
    audit_words(made["audit"])
    _small_words(made)
    return top


def _small_words(made: Mapping[str, argparse.ArgumentParser]) -> None:
    """The commands of a few words."""
    made["probe"].add_argument("files", nargs="+", type=Path, metavar="FILE")
    anchor_word(made["probe"])
    loop_words(made["loop"])
    watermark_words(made["watermark"])
    match_words(made["match"])
    prep_words(made["prep"])
    consent_words(made["consent"])
    takes_words(made["takes"])
    made["presets"].add_argument("name", nargs="?", metavar="NAME", help="show this one")
    made["policies"].add_argument("name", nargs="?", metavar="NAME", help="show this one")
    made["schema"].add_argument("document", choices=("edl", "preset", "policy", "audit", "publish"))
    made["init"].add_argument("folder", type=Path, metavar="DIR")
    made["cache"].add_argument(
        "--older-than",
        type=forms.amount,
        metavar="DAYS",
        help="remove what was not used for so long",
    )
    made["cache"].add_argument(
        "--max-size",
        type=forms.amount,
        metavar="GB",
        help="remove what was used longest ago, above this",
    )
    for name in (
        "probe",
        "loop",
        "watermark",
        "match",
        "prep",
        "presets",
        "policies",
        "doctor",
        "cache",
    ):
        common_words(made[name])
    trust_words(made["trust"])
    unit_words(made["unit"])


def settings(words: argparse.Namespace, cache: Path | None = None) -> Settings:
    """The circumstances a command line asks for; `cache` stands in where nothing is kept."""

    def said(name: str, default: object = None) -> object:
        return getattr(words, name, default)

    roots = said("root", [])
    return Settings(
        cache=cache or cache_folder(),
        data=data_folder(),
        signing=signing_of(words),
        anchors=_path(said("trust_anchors")),
        roots=tuple(roots) if isinstance(roots, list) else (),
        jobs=words.jobs,
        strict=bool(said("strict")),
        allow_tampered=bool(said("allow_tampered_take")),
        allow_code=bool(said("allow_code")),
        draft=bool(said("draft")),
        part=_times(said("part")),
        policies=str(said("policy") or ""),
        allow_upload=bool(said("allow_upload")),
        weights=_pairs(said("weights")),
    )


def _times(value: object) -> tuple[str, str] | None:
    return (str(value[0]), str(value[1])) if isinstance(value, tuple) else None


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    pairs = value if isinstance(value, list) else []
    return tuple((str(name), str(path)) for name, path in pairs)


def _path(value: object) -> Path | None:
    return value if isinstance(value, Path) else None
