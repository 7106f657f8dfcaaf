"""Words of the commands on an edit: render, plan, check, and the units of a farm."""

from __future__ import annotations

import argparse
from pathlib import Path

from finisher.cli import forms
from finisher.cli.common_words import (
    anchor_word,
    code_word,
    common_words,
    policy_word,
    root_word,
    telling_words,
    upload_word,
)
from finisher.cli.signing_words import signing_words


def edit_words(words: argparse.ArgumentParser) -> None:
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
    root_word(words)
    words.add_argument("--strict", action="store_true", help="any repair of the input is an error")
    words.add_argument(
        "--allow-tampered-take",
        action="store_true",
        help="go on with takes whose credentials are broken; recorded in the export",
    )
    code_word(words)
    upload_word(words)
    anchor_word(words)
    common_words(words)


def scope_words(words: argparse.ArgumentParser) -> None:
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


def render_words(words: argparse.ArgumentParser) -> None:
    """Where a render goes, and who makes and signs it."""
    words.add_argument(
        "-o",
        "--output",
        metavar="PATH",
        help="a file for one deliverable, a folder for several (default: beside the EDL)",
    )
    words.add_argument("--dry-run", action="store_true", help="plan everything, render nothing")
    signing_words(words)
    policy_word(words)
    words.add_argument(
        "--farm",
        type=forms.farm,
        metavar="dask://HOST:PORT",
        help="let the workers of this dask scheduler render the units; they need the same store",
    )


def plan_words(words: argparse.ArgumentParser) -> None:
    """What a plan is written as."""
    words.add_argument(
        "--openjd",
        type=Path,
        metavar="FILE",
        help="write an Open Job Description template that renders all units, and its jobs file",
    )


def unit_words(words: argparse.ArgumentParser) -> None:
    """What a scheduler says; how many work at once is its own business."""
    words.add_argument("file", type=Path, metavar="JOBS", help="the jobs file")
    words.add_argument(
        "--number",
        type=forms.numbers,
        required=True,
        metavar="N[-M]",
        help="which unit, counted from 1, or from which to which",
    )
    telling_words(words)
