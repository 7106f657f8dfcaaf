"""Keys that a program holds: the protocol, the sample programs, a token."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from tests.unit.provenance.vendors import ACTIONS, claim, film, vendor

from finisher.c2pa.reading import read
from finisher.c2pa.signing import SigningRequest, sign
from finisher.command import Limits
from finisher.problems import DocumentError, Exit, FinisherError, MachineError
from finisher.provenance.identity import from_command, from_function

SAMPLES = Path(__file__).resolve().parents[3] / "samples" / "signers"
SOFTHSM = next(
    (
        path
        for path in map(
            Path, ("/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so")
        )
        if path.exists()
    ),
    None,
)

# A wrapper as somebody would write it, in the protocol's own words.
PROGRAM = """
import json, sys
from pathlib import Path
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
folder = Path(sys.argv[1])
(folder / "asked.json").write_text(json.dumps(sys.argv[2:]))
if sys.argv[2:] == ["--signer-info"]:
    print((folder / "info.json").read_text())
    sys.exit()
key = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), None)
sys.stdout.buffer.write(key.sign(sys.stdin.buffer.read(), ec.ECDSA(hashes.SHA256())))
"""


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@pytest.fixture(scope="module")
def me():
    return vendor("Vault")


@pytest.fixture
def vault(tmp_path, me):
    """A program, with key and chain beside it."""
    (tmp_path / "key.pem").write_bytes(pem(me.key))
    (tmp_path / "chain.pem").write_bytes(me.chain)
    (tmp_path / "vault.py").write_text(PROGRAM)
    info = {"alg": "Es256", "sign_cert": me.chain.decode(), "tsa_url": "http://127.0.0.1:9/"}
    (tmp_path / "info.json").write_text(json.dumps(info))
    return (sys.executable, str(tmp_path / "vault.py"), str(tmp_path))


def state(folder, identity, root):
    raw, out = film(folder / "raw.mp4"), folder / "out.mp4"
    sign(raw, out, SigningRequest(claim("out"), identity.signer, attributed=ACTIONS))
    return read(out, root).state


def told(call, *arguments):
    with pytest.raises(FinisherError) as error:
        call(*arguments)
    (problem,) = error.value.problems
    return problem.code, error.value.exit


def test_a_program_that_says_who_signs(tmp_path, vault, me):
    identity = from_command(vault, None, Limits())
    assert (identity.name, identity.development) == ("Vault signer (Vault)", False)
    assert state(tmp_path, identity, me.root) == "Trusted"
    assert json.loads((tmp_path / "asked.json").read_text()) == []


def test_a_certificate_given_is_told_to_the_program_as_the_first_form_has_it(tmp_path, vault, me):
    cert = tmp_path / "chain.pem"
    identity = from_command(vault, cert, Limits())
    assert not (tmp_path / "asked.json").exists()
    assert state(tmp_path, identity, me.root) == "Trusted"
    asked = json.loads((tmp_path / "asked.json").read_text())
    assert asked[:1] + asked[2:] == ["--reserve-size", "--alg", "es256", "--sign-cert", str(cert)]
    assert int(asked[1]) >= 10_000


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ("no json", "signer-answer"),
        ("[]", "signer-answer"),
        ('{"alg": "es256"}', "signer-answer"),
        ('{"alg": "rot13", "sign_cert": ""}', "signer-answer"),
        ('{"alg": ["es256"], "sign_cert": ""}', "signer-answer"),
        ("[" * 100_000, "signer-answer"),
        ('{"alg": "es256", "sign_cert": "none"}', "certificate-unreadable"),
    ],
)
def test_a_program_that_does_not_say_who_signs(tmp_path, vault, info, code):
    (tmp_path / "info.json").write_text(info)
    assert told(from_command, vault, None, Limits())[0] == code


def test_an_algorithm_that_is_not_the_keys(tmp_path, vault, me):
    (tmp_path / "info.json").write_text(
        json.dumps({"alg": "ps256", "sign_cert": me.chain.decode()})
    )
    assert told(from_command, vault, None, Limits()) == ("key-unsuitable", Exit.USAGE)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("exit(4)", "command-failed"),
        ("pass", "signer-answer"),
        ("print('x' * 100_000)", "command-overflow"),
        ("print('x' * 64, end='')", "signature-mismatch"),
        ("import time; time.sleep(30)", "command-timeout"),
    ],
)
def test_a_program_that_does_not_sign_leaves_nothing(tmp_path, me, code, problem):
    cert = tmp_path / "chain.pem"
    cert.write_bytes(me.chain)
    identity = from_command((sys.executable, "-c", code), cert, Limits(seconds=1.0))
    raw, out = film(tmp_path / "raw.mp4"), tmp_path / "out.mp4"
    request = SigningRequest(claim("out"), identity.signer)
    assert told(sign, raw, out, request) == (problem, Exit.ENVIRONMENT)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["chain.pem", "raw.mp4"]


@pytest.mark.skipif(os.name != "posix", reason="sends itself a signal")
def test_who_is_interrupted_while_a_program_signs_does_not_wait_for_it(tmp_path, me):
    cert, told = tmp_path / "chain.pem", tmp_path / "pid"
    cert.write_bytes(me.chain)
    code = f"import os, time; open({str(told)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    identity = from_command((sys.executable, "-c", code), cert, Limits())
    request = SigningRequest(claim("out"), identity.signer)
    raw, out = film(tmp_path / "raw.mp4"), tmp_path / "out.mp4"

    def interrupt():
        while not (told.exists() and told.read_text()):
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    began = time.monotonic()
    thread = Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        sign(raw, out, request)
    assert time.monotonic() - began < 8  # not the ten seconds the SDK would be given at most
    thread.join()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
    assert not out.exists()


def test_a_signature_of_another_key_is_caught_before_there_is_a_file(tmp_path, vault):
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pem").write_bytes(pem(other))
    identity = from_command(vault, None, Limits())
    assert told(identity.signer.sign, b"data") == ("signature-mismatch", Exit.ENVIRONMENT)


def test_a_program_that_is_missing_is_told_before_anything_is_rendered(tmp_path, me):
    (tmp_path / "chain.pem").write_bytes(me.chain)
    for cert in (None, tmp_path / "chain.pem"):
        assert told(from_command, ("no-such-vault",), cert, Limits())[0] == "command-missing"


def test_an_interrupt_in_a_function_that_signs_comes_through(tmp_path, me):
    (tmp_path / "chain.pem").write_bytes(me.chain)

    def interrupted(_):
        raise KeyboardInterrupt

    identity = from_function(tmp_path / "chain.pem", interrupted, "es256")
    raw = film(tmp_path / "raw.mp4")
    with pytest.raises(KeyboardInterrupt):
        sign(raw, tmp_path / "out.mp4", SigningRequest(claim("out"), identity.signer))
    assert not (tmp_path / "out.mp4").exists()


def test_an_algorithm_given_for_a_function_must_be_its_keys(tmp_path, me):
    (tmp_path / "chain.pem").write_bytes(me.chain)
    with pytest.raises(DocumentError, match="es384"):
        from_function(tmp_path / "chain.pem", me.signer.sign, "es384")


@pytest.mark.skipif(
    shutil.which("openssl") is None or os.name != "posix", reason="needs a shell and openssl"
)
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("es384", ec.generate_private_key(ec.SECP384R1())),
        ("ps256", rsa.generate_private_key(65537, 2048)),
    ],
)
def test_the_sample_program_signs_with_a_key_in_a_file(tmp_path, monkeypatch, name, key):
    mine = vendor("File", key=key)
    (tmp_path / "key.pem").write_bytes(pem(key))
    (tmp_path / "chain.pem").write_bytes(mine.chain)
    for variable, value in (
        ("SIGNER_KEY", tmp_path / "key.pem"),
        ("SIGNER_CHAIN", tmp_path / "chain.pem"),
        ("SIGNER_ALG", name),
    ):
        monkeypatch.setenv(variable, str(value))
    program = (str(SAMPLES / "openssl.sh"),)
    assert state(tmp_path, from_command(program, None, Limits()), mine.root) == "Trusted"


@pytest.mark.skipif(
    SOFTHSM is None or not all(map(shutil.which, ("softhsm2-util", "pkcs11-tool", "openssl"))),
    reason="needs SoftHSM (softhsm2), pkcs11-tool (opensc) and openssl",
)
@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("es256", ec.generate_private_key(ec.SECP256R1())),
        ("ps256", rsa.generate_private_key(65537, 2048)),
    ],
)
def test_the_sample_program_signs_with_a_key_on_a_token(tmp_path, monkeypatch, name, key):
    mine = vendor("Token", key=key)
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(f"directories.tokendir = {tmp_path}/tokens\n")
    (tmp_path / "chain.pem").write_bytes(mine.chain)
    for variable, value in (
        ("SOFTHSM2_CONF", tmp_path / "softhsm2.conf"),
        ("P11_MODULE", SOFTHSM),
        ("P11_TOKEN", "studio"),
        ("P11_KEY", "07"),
        ("P11_PIN", "4711"),
        ("SIGNER_CHAIN", tmp_path / "chain.pem"),
        ("SIGNER_ALG", name),
    ):
        monkeypatch.setenv(variable, str(value))
    once = tmp_path / "once.pem"
    once.write_bytes(pem(key))
    for words in (
        ("--init-token", "--free", "--label", "studio", "--so-pin", "0815", "--pin", "4711"),
        ("--import", once, "--token", "studio", "--label", "c2pa", "--id", "07", "--pin", "4711"),
    ):
        subprocess.run(["softhsm2-util", *words], check=True, capture_output=True)
    once.unlink()
    program = (str(SAMPLES / "pkcs11.sh"),)
    identity = from_command(program, None, Limits())
    assert state(tmp_path, identity, mine.root) == "Trusted"
    monkeypatch.setenv("P11_PIN", "9999")
    with pytest.raises(MachineError, match="CKR_PIN_INCORRECT"):
        identity.signer.sign(b"data")


@pytest.mark.skipif(os.name != "posix", reason="mode bits mean nothing here")
def test_the_sample_programs_can_be_run():
    for name in ("openssl.sh", "pkcs11.sh"):
        assert (SAMPLES / name).stat().st_mode & stat.S_IXUSR
