"""Words that say who signs, and how."""

from __future__ import annotations

import argparse
from pathlib import Path


def signing_words(words: argparse.ArgumentParser) -> None:
    """Who answers for what is delivered."""
    words.add_argument(
        "--sign-cert", type=Path, metavar="PEM", help="certificate chain, leaf first"
    )
    words.add_argument("--sign-key", type=Path, metavar="PEM", help="the leaf's private key")
    words.add_argument("--no-sign", action="store_true", help="deliver without Content Credentials")
