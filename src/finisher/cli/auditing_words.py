"""Words of the gate."""

from __future__ import annotations

import argparse
from pathlib import Path

from finisher.cli import forms
from finisher.cli.common_words import (
    anchor_word,
    code_word,
    common_words,
    policy_word,
    upload_word,
)


def audit_words(words: argparse.ArgumentParser) -> None:
    """What is audited, and what must hold."""
    words.add_argument("files", nargs="+", type=Path, metavar="FILE", help="finished files")
    words.add_argument("--edl", type=Path, help="the edit the files were made from")
    words.add_argument(
        "--root", action="append", default=[], type=Path, metavar="DIR", help=argparse.SUPPRESS
    )
    words.add_argument(
        "--require",
        type=forms.listed,
        metavar="LIST",
        help="checks that must pass: trusted, complete, watermark, or ids of checks; by commas",
    )
    words.add_argument(
        "--consent",
        type=Path,
        metavar="CSV",
        help="hold files to this log of consents (default: that of --edl)",
    )
    policy_word(words)
    words.add_argument(
        "--weights",
        type=forms.weights,
        action="append",
        default=[],
        metavar="DETECTOR=PATH",
        help="what a detector of hidden marks needs to read them; may be repeated",
    )
    upload_word(words)
    words.add_argument(
        "--format",
        choices=("text", "json", "junit", "sarif", "html"),
        help="how to tell (default: text; --json is short for --format json)",
    )
    code_word(words)
    anchor_word(words)
    common_words(words)
