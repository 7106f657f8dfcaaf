"""Words that several commands take."""

from __future__ import annotations

import argparse
from pathlib import Path

from finisher.cli import forms
from finisher.console.progress import Mode


def code_word(words: argparse.ArgumentParser) -> None:
    """Leave to run code of one's own."""
    words.add_argument(
        "--allow-code",
        action="store_true",
        help="run effects of your own that the edit names, with all the rights you have",
    )


def upload_word(words: argparse.ArgumentParser) -> None:
    """Leave to show what is looked at to others."""
    words.add_argument(
        "--allow-upload",
        action="store_true",
        help="let detectors of hidden marks that need it send pictures and sound elsewhere",
    )


def root_word(words: argparse.ArgumentParser) -> None:
    """Where else media may lie."""
    words.add_argument(
        "--root",
        action="append",
        default=[],
        type=Path,
        metavar="DIR",
        help="a folder outside the EDL's own that media may come from",
    )


def anchor_word(words: argparse.ArgumentParser) -> None:
    """Whom to trust."""
    words.add_argument(
        "--trust-anchors", type=Path, metavar="PEM", help="certificates of signers to trust"
    )


def policy_word(words: argparse.ArgumentParser) -> None:
    """What else a file is held against."""
    words.add_argument(
        "--policy",
        type=forms.listed,
        metavar="LIST",
        help="hold files against what laws and platforms ask, by name or file, by commas: "
        "eu,youtube (`finish policies` lists them)",
    )


def telling_words(words: argparse.ArgumentParser) -> None:
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


def common_words(words: argparse.ArgumentParser) -> None:
    """How a command works."""
    telling_words(words)
    words.add_argument("--jobs", type=forms.jobs, metavar="N", help="worker processes")
    words.add_argument(
        "--no-cache", action="store_true", help="keep nothing between runs, use nothing kept"
    )
