"""Words of the commands that analyse media: match, loop, prep."""

from __future__ import annotations

import argparse
from pathlib import Path

from finisher.cli import forms
from finisher.cli.common_words import anchor_word, root_word


def loop_words(words: argparse.ArgumentParser) -> None:
    """Where in a take loops are looked for."""
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
    anchor_word(words)


def match_words(words: argparse.ArgumentParser) -> None:
    """Which sessions are matched."""
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
    root_word(words)


def prep_words(words: argparse.ArgumentParser) -> None:
    """How recordings are cut."""
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
