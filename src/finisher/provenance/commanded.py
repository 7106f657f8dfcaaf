"""A signer that is a program: c2patool's subprocess protocol, which KMS and HSM wrappers speak."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from finisher import command
from finisher.command import Limits
from finisher.problems import MachineError, Problem

ALGORITHMS = frozenset({"es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"})
_RESERVED = 20_000
"""Bytes a wrapper of the older protocol is told there is room for; more than the SDK keeps free."""
_LONGEST = 1 << 13
"""Bytes of a signature: RSA of 65536 bits has as many."""


@dataclass(frozen=True, slots=True)
class Described:
    """What a signing program says of itself."""

    algorithm: str
    chain: str
    """PEM certificates, leaf first."""


def described(words: tuple[str, ...], limits: Limits) -> Described:
    """Ask a program for its algorithm and certificates: it is run with `--signer-info`.

    A time-stamp authority it names is not asked: only the one that is given is.

    Raises:
        MachineError: as `finisher.command.run`, or when the answer is not what it should be.
    """
    answer = command.run((*words, "--signer-info"), b"", limits)
    try:
        told = json.loads(answer)
        name, chain = told["alg"], told["sign_cert"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _answered("with --signer-info it must write JSON with alg and sign_cert") from None
    if not isinstance(name, str) or name.lower() not in ALGORITHMS or not isinstance(chain, str):
        raise _answered(f"alg must be one of {', '.join(sorted(ALGORITHMS))}, sign_cert a text")
    return Described(name.lower(), chain)


def asking(
    words: tuple[str, ...], limits: Limits, stop: Event, given: tuple[str, Path] | None = None
) -> Callable[[bytes], bytes]:
    """A function that has a program sign: bytes on its standard input, their signature back.

    Args:
        words: the program and its first arguments.
        limits: what it may take; its answer is held to the length of a signature.
        stop: set when nobody waits for the signature any more.
        given: algorithm and certificate file where they don't come from the program; it is then
            told them, as the protocol's first form has it: `--reserve-size`, `--alg`,
            `--sign-cert`.
    """
    told: tuple[str, ...] = ()
    if given is not None:
        name, cert = given
        told = ("--reserve-size", str(_RESERVED), "--alg", name, "--sign-cert", str(cert))
    within = Limits(limits.seconds, _LONGEST, limits.withheld)

    def sign(data: bytes) -> bytes:
        signature = command.run((*words, *told), data, within, stop)
        if not signature:
            raise _answered("it wrote no signature")
        return signature

    return sign


def _answered(message: str) -> MachineError:
    """A program that ran well and answered badly."""
    return MachineError(
        Problem(
            "signer-answer",
            f"the signing program: {message}",
            hint="it is asked as c2patool asks its --signer-path",
        )
    )
