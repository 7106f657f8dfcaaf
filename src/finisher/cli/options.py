"""The words of the command line, and what they mean as typed values."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

from finisher import __version__
from finisher.cli import forms
from finisher.console.progress import Mode
from finisher.pipeline.settings import Settings, Signing, cache_folder, data_folder
from finisher.problems import DocumentError, Problem

COMMANDS = {
    "render": "render an edit's deliverables: plan, render, sign, audit, report (the default)",
    "plan": "show what a render would do, frame by frame",
    "check": "find everything wrong with an edit that can be known without rendering",
    "probe": "show what is measured of takes: frames, tags, sound, credentials",
    "match": "show what makes sessions agree in colour, write it as a CDL or cube",
    "loop": "find where a take loops unseen, show the seams, write the choice into an edit",
    "audit": "prove or disprove what finished files claim; the exit code is the gate",
    "prep": "trim and split dialogue recordings into numbered lines",
    "presets": "list presets, or show one",
    "schema": "print the JSON Schema of the EDL or of presets",
    "init": "begin a project",
    "doctor": "check that this machine has what finisher needs",
    "cache": "show what is kept between runs, and prune it",
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
    if words.command == "render" and words.no_sign and (words.sign_cert or words.sign_key):
        return "--no-sign with --sign-cert or --sign-key"
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
        _edit_words(made[name])
    for name in ("render", "plan"):
        _scope_words(made[name])
    _render_words(made["render"])
    _plan_words(made["plan"])
    _audit_words(made["audit"])
    _small_words(made)
    return top


def _edit_words(words: argparse.ArgumentParser) -> None:
    """What every command on an edit takes."""
    words.add_argument("edl", type=Path, metavar="EDL", help="the edit list")
    words.add_argument(
        "-p",
        "--preset",
        action="append",
        default=[],
        metavar="NAME",
        help="what to deliver; may be repeated (default: the EDL's deliverables)",
    )
    _root_word(words)
    words.add_argument("--strict", action="store_true", help="any repair of the input is an error")
    words.add_argument(
        "--allow-tampered-take",
        action="store_true",
        help="go on with takes whose credentials are broken; recorded in the export",
    )
    _code_word(words)
    _anchor_word(words)
    _common_words(words)


def _scope_words(words: argparse.ArgumentParser) -> None:
    """What of an edit is made, and how finished."""
    words.add_argument(
        "--range",
        type=forms.part,
        dest="part",
        metavar="IN..OUT",
        help="make these frames alone; times as in the edit list, either may be left out",
    )
    words.add_argument(
        "--draft",
        action="store_true",
        help="make something small and quick to look at: stamped, neither signed nor audited",
    )


def _render_words(words: argparse.ArgumentParser) -> None:
    words.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="a file for one deliverable, a folder for several (default: beside the EDL)",
    )
    words.add_argument("--dry-run", action="store_true", help="plan everything, render nothing")
    words.add_argument(
        "--sign-cert", type=Path, metavar="PEM", help="certificate chain, leaf first"
    )
    words.add_argument("--sign-key", type=Path, metavar="PEM", help="the leaf's private key")
    words.add_argument("--no-sign", action="store_true", help="deliver without Content Credentials")
    words.add_argument(
        "--farm",
        type=forms.farm,
        metavar="dask://HOST:PORT",
        help="let the workers of this dask scheduler render the units; they need the same store",
    )


def _plan_words(words: argparse.ArgumentParser) -> None:
    words.add_argument(
        "--openjd",
        type=Path,
        metavar="FILE",
        help="write an Open Job Description template that renders all units, and its jobs file",
    )


def _audit_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("files", nargs="+", type=Path, metavar="FILE", help="finished files")
    words.add_argument("--edl", type=Path, help="the edit the files were made from")
    words.add_argument(
        "--root", action="append", default=[], type=Path, metavar="DIR", help=argparse.SUPPRESS
    )
    words.add_argument(
        "--require",
        default="",
        metavar="LIST",
        help="checks that must pass: trusted, complete, watermark, or ids of checks; by commas",
    )
    words.add_argument(
        "--format",
        choices=("text", "json", "junit", "sarif", "html"),
        help="how to tell (default: text; --json is short for --format json)",
    )
    _code_word(words)
    _anchor_word(words)
    _common_words(words)


def _small_words(made: Mapping[str, argparse.ArgumentParser]) -> None:
    """The commands of a few words."""
    made["probe"].add_argument("files", nargs="+", type=Path, metavar="FILE")
    _anchor_word(made["probe"])
    _loop_words(made["loop"])
    _match_words(made["match"])
    _prep_words(made["prep"])
    made["presets"].add_argument("name", nargs="?", metavar="NAME", help="show this one")
    made["schema"].add_argument("document", choices=("edl", "preset"))
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
    for name in ("probe", "loop", "match", "prep", "presets", "doctor", "cache"):
        _common_words(made[name])
    _unit_words(made["unit"])


def _prep_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a dialogue recording")
    words.add_argument(
        "-o", "--output", type=Path, metavar="DIR", help="where the lines go (default: beside it)"
    )
    words.add_argument("--trim", action="store_true", help="take silence off both ends, no more")
    words.add_argument(
        "--pause", type=forms.milliseconds, metavar="MS", help="silence that splits (default: 700)"
    )
    words.add_argument(
        "--below",
        type=forms.amount,
        metavar="DB",
        help="how far below the mean level silence begins (default: 16)",
    )
    words.add_argument("--listen", action="store_true", help="write small copies for listening")
    words.add_argument(
        "--allow-credential-loss",
        action="store_true",
        help="cut recordings with Content Credentials, which the lines don't carry",
    )


def _unit_words(words: argparse.ArgumentParser) -> None:
    """What a scheduler says; how many work at once is its own business."""
    words.add_argument("file", type=Path, metavar="JOBS", help="the jobs file")
    words.add_argument(
        "--number",
        type=forms.numbers,
        required=True,
        metavar="N[-M]",
        help="which unit, counted from 1, or from which to which",
    )
    _telling_words(words)


def _code_word(words: argparse.ArgumentParser) -> None:
    words.add_argument(
        "--allow-code",
        action="store_true",
        help="run effects of your own that the edit names, with all the rights you have",
    )


def _loop_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("take", type=Path, metavar="TAKE", help="the take's file")
    words.add_argument("--in", dest="start", metavar="TIME", help="where the range begins")
    words.add_argument("--out", metavar="TIME", help="where it ends (default: all of it)")
    words.add_argument("--min", metavar="TIME", help="how long a loop is at least")
    words.add_argument("--rate", metavar="RATE", help="frames are counted at (default: its own)")
    words.add_argument("--edl", type=Path, help="the edit list to write to")
    words.add_argument(
        "--event", metavar="ID", help="the event of it: its range, and where the choice goes"
    )
    words.add_argument(
        "--choose", type=int, default=1, metavar="N", help="which loop is written (default: 1)"
    )
    words.add_argument(
        "-o", "--output", type=Path, metavar="PNG", help="the sheet (default: beside the take)"
    )
    _anchor_word(words)


def _match_words(words: argparse.ArgumentParser) -> None:
    words.add_argument("edl", nargs="?", type=Path, metavar="EDL", help="the edit list")
    words.add_argument("--session", metavar="NAME", help="the session (default: all that match)")
    for side, help_ in (
        ("--ours", "takes to be matched, without an EDL"),
        ("--theirs", "takes they are to look like"),
    ):
        words.add_argument(side, nargs="+", action="extend", type=Path, metavar="FILE", help=help_)
    words.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="write the match: .cc, .ccc, .cdl, or .cube",
    )
    words.add_argument(
        "--sheets", type=Path, metavar="DIR", help="where the sheets go (default: beside the EDL)"
    )
    _root_word(words)


def _root_word(words: argparse.ArgumentParser) -> None:
    words.add_argument(
        "--root",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="a folder outside the EDL's own that media may come from",
    )


def _anchor_word(words: argparse.ArgumentParser) -> None:
    words.add_argument(
        "--trust-anchors", type=Path, metavar="PEM", help="certificates of signers to trust"
    )


def _telling_words(words: argparse.ArgumentParser) -> None:
    """How a command tells what it does and did."""
    words.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )
    words.add_argument(
        "--progress",
        choices=[str(mode) for mode in Mode],
        default=str(Mode.AUTO),
        help="how progress is shown on stderr",
    )


def _common_words(words: argparse.ArgumentParser) -> None:
    _telling_words(words)
    words.add_argument("--jobs", type=forms.jobs, metavar="N", help="worker processes")
    words.add_argument(
        "--no-cache", action="store_true", help="keep nothing between runs, use nothing kept"
    )


def settings(words: argparse.Namespace, cache: Path | None = None) -> Settings:
    """The circumstances a command line asks for; `cache` stands in where nothing is kept."""

    def said(name: str, default: object = None) -> object:
        return getattr(words, name, default)

    roots = said("root", [])
    return Settings(
        cache=cache or cache_folder(),
        data=data_folder(),
        signing=Signing(
            _path(said("sign_cert")), _path(said("sign_key")), off=bool(said("no_sign"))
        ),
        anchors=_path(said("trust_anchors")),
        roots=tuple(roots) if isinstance(roots, list) else (),
        jobs=words.jobs,
        strict=bool(said("strict")),
        allow_tampered=bool(said("allow_tampered_take")),
        allow_code=bool(said("allow_code")),
        draft=bool(said("draft")),
        part=_times(said("part")),
    )


def _times(value: object) -> tuple[str, str] | None:
    return (str(value[0]), str(value[1])) if isinstance(value, tuple) else None


def _path(value: object) -> Path | None:
    return value if isinstance(value, Path) else None
