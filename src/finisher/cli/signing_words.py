"""Words that say who signs, and how; and what they mean."""

from __future__ import annotations

import argparse
from pathlib import Path

from finisher.cli import forms
from finisher.command import words_of
from finisher.console.passphrase import ask
from finisher.pipeline.settings import Signing

_HOW = ("signer_cmd", "sidecar", "remote_manifest", "time_stamp")


def signing_words(words: argparse.ArgumentParser) -> None:
    """Who answers for what is delivered."""
    words.add_argument(
        "--sign-cert", type=Path, metavar="PEM", help="certificate chain, leaf first"
    )
    words.add_argument("--sign-key", type=Path, metavar="PEM", help="the leaf's private key")
    words.add_argument(
        "--signer-cmd",
        type=words_of,
        default=(),
        metavar="CMD",
        help="a program that holds the key, as c2patool's --signer-path: bytes in, signature out",
    )
    words.add_argument(
        "--time-stamp",
        type=forms.address,
        metavar="URL",
        help="ask this time-stamp authority (RFC 3161), so that signatures outlast certificates",
    )
    words.add_argument(
        "--sidecar",
        action="store_true",
        help="put Content Credentials into a .c2pa file beside the export, not into it",
    )
    words.add_argument(
        "--remote-manifest",
        type=forms.folder_address,
        metavar="URL",
        help="as --sidecar, and note in the export that you will put that file into this folder",
    )
    words.add_argument("--no-sign", action="store_true", help="deliver without Content Credentials")


def signing_of(words: argparse.Namespace) -> Signing:
    """Who signs, and how, by a command line that may have none of these words."""
    json = bool(getattr(words, "json", False)) or getattr(words, "progress", None) == "json"
    return Signing(
        cert=getattr(words, "sign_cert", None),
        key=getattr(words, "sign_key", None),
        off=bool(getattr(words, "no_sign", False)),
        command=tuple(getattr(words, "signer_cmd", ())),
        sidecar=bool(getattr(words, "sidecar", False)),
        address=getattr(words, "remote_manifest", None),
        time_stamp=getattr(words, "time_stamp", None),
        ask=None if json else ask,
    )


def contradiction(words: argparse.Namespace) -> str | None:
    """What can't be meant at once of who signs, and how."""
    if words.signer_cmd and words.sign_key:
        return "--signer-cmd with --sign-key"
    if not words.no_sign:
        return None
    if words.sign_cert or words.sign_key:
        return "--no-sign with --sign-cert or --sign-key"
    asked = [name for name in _HOW if getattr(words, name)]
    return f"--no-sign with --{asked[0].replace('_', '-')}" if asked else None
