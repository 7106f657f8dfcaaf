"""Words of the commands on persons: the log of consents, and what earlier exports show of them."""

from __future__ import annotations

import argparse
from pathlib import Path


def consent_words(words: argparse.ArgumentParser) -> None:
    """Whose consent, to what, and by which document."""
    words.add_argument("act", choices=("grant", "revoke", "show"), help="what to log, or to look")
    words.add_argument("person", nargs="?", metavar="PERSON", help="as edit lists name them")
    words.add_argument(
        "--log",
        type=Path,
        default=Path("consent.csv"),
        metavar="CSV",
        help="the log (default: consent.csv)",
    )
    words.add_argument(
        "--scope",
        default="",
        metavar="WORDS",
        help="uses, separated by semicolons; * for any (to revoke: all, unless named)",
    )
    words.add_argument(
        "--territory",
        default="",
        metavar="CODES",
        help="ISO 3166 codes, EU or worldwide, by semicolons (to revoke: all, unless named)",
    )
    words.add_argument(
        "--date", default="", metavar="DATE", help="the day of the act (default: today, by UTC)"
    )
    words.add_argument(
        "--from", dest="begins", default="", metavar="DATE", help="the first day that it holds"
    )
    words.add_argument("--until", default="", metavar="DATE", help="the last day that it holds")
    words.add_argument(
        "--evidence", type=Path, metavar="FILE", help="the signed document, in the log's folder"
    )
    words.add_argument("--note", default="", metavar="TEXT", help="what else is to be said")
    _json_word(words)


def takes_words(words: argparse.ArgumentParser) -> None:
    """Who is looked for in earlier exports."""
    words.add_argument("act", choices=("recall",), help="list exports that show or hear a person")
    words.add_argument("person", metavar="PERSON", help="as edit lists name them")
    words.add_argument(
        "--consent", type=Path, metavar="CSV", help="say of each what this log of consents says"
    )
    _json_word(words)


def _json_word(words: argparse.ArgumentParser) -> None:
    words.add_argument(
        "--json", action="store_true", help="print one JSON document and nothing else"
    )
