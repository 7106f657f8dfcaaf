"""Words of the command on trust lists."""

from __future__ import annotations

import argparse


def trust_words(words: argparse.ArgumentParser) -> None:
    """Which list, and what becomes of it."""
    words.add_argument(
        "act", nargs="?", choices=("install", "remove"), help="what to do (default: list them)"
    )
    words.add_argument(
        "list", nargs="?", metavar="FILE|URL|NAME", help="a PEM file or its https address; a name"
    )
    words.add_argument("--name", metavar="NAME", help="what to call it (default: as its file)")
    words.add_argument(
        "--for",
        dest="use",
        choices=("signers", "time-stamps"),
        help="whom it vouches for (default: time-stamps where TSA is in its name, else signers)",
    )
    words.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )
