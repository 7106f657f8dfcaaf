"""Who signs and how, by the command; and a key that must not show, whatever goes wrong."""

from __future__ import annotations

import base64
import json
import os
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.acceptance.studio import Ran, build, edl, finish, write_edl
from tests.unit.provenance.test_commanded import PROGRAM
from tests.unit.provenance.vendors import Vendor, vendor

from finisher.c2pa.reading import Obstacle, read

PASSPHRASE = "a passphrase that must not show"  # noqa: S105 - it opens a key of this test
NOBODY = "http://127.0.0.1:9/"
QUIET = ("--json", "--progress", "none")


@pytest.fixture(scope="module")
def me() -> Vendor:
    return vendor("Studio")


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory, me: Vendor) -> Iterator[Path]:
    """A project with keys of every kind in `keys`, and folders of its own for what is kept."""
    top = tmp_path_factory.mktemp("ways")
    before = {name: os.environ.get(name) for name in ("FINISHER_CACHE", "FINISHER_DATA")}
    os.environ["FINISHER_CACHE"] = str(top / "kept" / "cache")
    os.environ["FINISHER_DATA"] = str(top / "kept" / "data")
    folder = build(top / "otters")
    value = edl()
    value["takes"].pop("b")
    value["events"] = [{"id": "only", "take": "a", "in": 14, "out": 26, "focus": [0.9, 0.5]}]
    write_edl(folder, value)
    keys = top / "keys"
    keys.mkdir()
    plain = _pem(me.key, None)
    (keys / "chain.pem").write_bytes(me.chain)
    (keys / "other.pem").write_bytes(vendor("Other").chain)
    for name, data, mode in (
        ("key.pem", plain, 0o600),
        ("exposed.pem", plain, 0o644),
        ("cut.pem", plain[:150], 0o600),
        ("locked.pem", _pem(me.key, PASSPHRASE.encode()), 0o600),
        ("info.json", json.dumps({"alg": "es256", "sign_cert": me.chain.decode()}).encode(), 0o600),
        ("vault.py", PROGRAM.encode(), 0o600),
    ):
        (keys / name).write_bytes(data)
        (keys / name).chmod(mode)
    yield folder
    for name, was in before.items():
        os.environ.pop(name) if was is None else os.environ.update({name: was})


def _pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None) -> bytes:
    secrecy = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secrecy)


def _command(*words: object) -> str:
    return shlex.join(map(str, (sys.executable, *words)))


def test_a_program_signs_beside_the_film_and_the_film_says_where(studio: Path, me: Vendor) -> None:
    keys = studio.parent / "keys"
    words = ("edl.json", *QUIET, "--signer-cmd", _command(keys / "vault.py", keys))
    words += ("--remote-manifest", "https://example.org/credentials/")
    ran = finish(studio, *words)
    assert ran.code == 0, ran.err
    (one,) = ran.document["deliverables"]
    film, beside = studio / "edl.tiny.mp4", studio / "edl.tiny.c2pa"
    assert one["signed_by"] == "Studio signer (Studio)"
    assert one["sidecar"] == str(beside)
    assert f"to be delivered with it: {beside}" in ran.err
    assert one["audit"]["files"][0]["verdict"] == "intact-untrusted"
    noted = read(film)
    assert noted.obstacle is Obstacle.REMOTE
    assert noted.detail.endswith("https://example.org/credentials/edl.tiny.c2pa")
    found = read(film, me.root, beside)
    assert found.store["active_manifest"] in found.store["manifests"]
    assert "signingCredential.trusted" in {
        status["code"] for status in found.store["validation_results"]["activeManifest"]["success"]
    }


def test_no_time_stamp_is_told(studio: Path) -> None:
    keys = studio.parent / "keys"
    words = ("edl.json", *QUIET, "--time-stamp", NOBODY, "--sign-cert", str(keys / "chain.pem"))
    words += ("--sign-key", str(keys / "key.pem"))
    ran = finish(studio, *words)
    assert ran.code == 0, ran.err
    (one,) = ran.document["deliverables"]
    assert "time-stamp-missing" in {note["code"] for note in one["warnings"]}
    report = json.loads((studio / "edl.tiny.report.json").read_text())
    assert "time-stamp-missing" in {note["code"] for note in report["warnings"]}


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        (("--signer-cmd", "kms --pin secret 'open"), 2, "command-unreadable"),
        (("--signer-cmd", "kms", "--sign-key", "key.pem"), 2, "usage"),
        (("--signer-cmd", "kms", "--no-sign"), 2, "usage"),
        (("--sidecar", "--no-sign"), 2, "usage"),
        (("--time-stamp", "ftp://example.org/"), 2, "usage"),
        (("--time-stamp", "https://me:secret@example.org/"), 2, "usage"),
        (("--remote-manifest", "https://example.org/?file=x"), 2, "usage"),
        (("--signer-cmd", "no-such-program-here"), 6, "command-missing"),
    ],
)
def test_what_can_not_be_meant_is_told_before_anything_is_made(
    studio: Path, words: tuple[str, ...], code: int, problem: str
) -> None:
    ran = finish(studio, "edl.json", *QUIET, *words)
    assert ran.code == code, ran.err
    assert ran.document["problems"][0]["code"] == problem
    assert "secret" not in ran.err + ran.out


def _failures(keys: Path) -> list[tuple[tuple[str, ...], dict[str, str], int]]:
    """Ways to go wrong with a key at hand: words, environment, exit code."""
    chain, key = ("--sign-cert", str(keys / "chain.pem")), str(keys / "key.pem")
    locked = (*chain, "--sign-key", str(keys / "locked.pem"))
    shout = f"import sys; k = open({key!r}).read()"
    return [
        (locked, {"FINISH_KEY_PASSPHRASE": PASSPHRASE + "!"}, 6),
        (locked, {}, 6),
        ((*chain, "--sign-key", str(keys / "exposed.pem")), {}, 6),
        ((*chain, "--sign-key", str(keys / "cut.pem")), {}, 2),
        (("--sign-cert", str(keys / "other.pem"), "--sign-key", key), {}, 2),
        (("--sign-cert", key, "--sign-key", key), {}, 2),
        ((*chain, "--signer-cmd", _command("-c", f"{shout}; sys.exit(k)")), {}, 6),
        ((*chain, "--signer-cmd", _command("-c", f"{shout}; raise KeyError(k)")), {}, 6),
        ((*chain, "--signer-cmd", _command("-c", f"{shout}; print(k)")), {}, 6),
        (("--signer-cmd", _command("-c", f"{shout}; print(k)")), {}, 6),
    ]


def test_a_key_shows_nowhere_whatever_goes_wrong(
    studio: Path, me: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = studio.parent / "keys"
    monkeypatch.setenv("RUST_LOG", "trace")
    told = b""
    assert any(window in (keys / "key.pem").read_bytes() for window in _windows(me.key))
    for words, environment, code in _failures(keys):
        with monkeypatch.context() as context:
            context.delenv("FINISH_KEY_PASSPHRASE", raising=False)
            for name, value in environment.items():
                context.setenv(name, value)
            ran = finish(studio, "edl.json", *QUIET, *words)
        assert ran.code == code, (words, ran.err)
        told += _said(ran)
    monkeypatch.setenv("FINISH_KEY_PASSPHRASE", PASSPHRASE)
    chain, locked = str(keys / "chain.pem"), str(keys / "locked.pem")
    ran = finish(studio, "edl.json", *QUIET, "--sign-cert", chain, "--sign-key", locked)
    assert ran.code == 0, ran.err
    told += _said(ran)
    files = [path for top in (studio, studio.parent / "kept") for path in top.rglob("*")]
    for found in (told, *(path.read_bytes() for path in files if path.is_file())):
        assert PASSPHRASE.encode() not in found
        assert not [window for window in _windows(me.key) if window in found]


def _said(ran: Ran) -> bytes:
    return (ran.out + ran.err).encode()


def _windows(key: ec.EllipticCurvePrivateKey) -> set[bytes]:
    """Every 24 bytes of a private number as it is, in hexadecimal and in a PEM file's base64."""
    number = key.private_numbers().private_value.to_bytes(32, "big")
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    begin = der.index(number)
    # Of the base64 what stands for the private number alone: the public key may well show.
    text = base64.b64encode(der)[-(-begin * 4 // 3) : (begin + 32) * 4 // 3]
    forms = (number, number.hex().encode(), text)
    return {form[i : i + 24] for form in forms for i in range(len(form) - 23)}
