import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.provenance.vendors import ACTIONS, claim, film, vendor

from finisher.c2pa.reading import read
from finisher.c2pa.signing import SigningRequest, sign
from finisher.problems import DocumentError, Exit, MachineError
from finisher.provenance.identity import PASSPHRASE, development, from_function, from_pem

posix = pytest.mark.skipif(os.name != "posix", reason="mode bits mean nothing here")


@pytest.fixture(autouse=True)
def no_passphrase(monkeypatch):
    monkeypatch.delenv(PASSPHRASE, raising=False)


def key_bytes(key, passphrase=None):
    secrecy = (
        serialization.BestAvailableEncryption(passphrase)
        if passphrase
        else serialization.NoEncryption()
    )
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secrecy)


def files(folder, by, *, passphrase=None, mode=0o600):
    cert, key = folder / "signer.pem", folder / "signer.key"
    cert.write_bytes(by.chain)
    key.write_bytes(key_bytes(by.key, passphrase))
    key.chmod(mode)
    return cert, key


def test_a_development_identity_signs_and_its_own_root_vouches_for_it(tmp_path):
    me = development(tmp_path / "keys")
    out = tmp_path / "out.mp4"
    request = SigningRequest(claim("out"), me.signer, attributed=ACTIONS)
    sign(film(tmp_path / "raw.mp4"), out, request)
    assert read(out).state == "Valid"
    assert read(out, me.root).state == "Trusted"


def test_a_development_identity_is_named_as_one_everywhere(tmp_path):
    me = development(tmp_path)
    chain = x509.load_pem_x509_certificates((me.signer.chain + me.root).encode())
    assert me.development
    assert me.name == "finisher development identity (not publicly trusted)"
    assert len(chain) == 3
    for certificate in chain:
        assert "O=not publicly trusted" in certificate.subject.rfc4514_string()
        assert "finisher development identity" in certificate.subject.rfc4514_string()


def test_it_stays_the_same(tmp_path):
    assert development(tmp_path).signer.chain == development(tmp_path).signer.chain


def test_it_is_renewed_before_it_runs_out(tmp_path):
    now = datetime.now(UTC)
    first = development(tmp_path, now)
    almost = first.not_after - timedelta(days=31)
    assert development(tmp_path, almost).signer.chain == first.signer.chain
    late = first.not_after - timedelta(days=29)
    assert development(tmp_path, late).not_after > first.not_after


@posix
def test_only_its_owner_can_read_it(tmp_path):
    development(tmp_path / "keys")
    (kept,) = (tmp_path / "keys").iterdir()
    assert kept.stat().st_mode & 0o777 == 0o600


@posix
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_reach_is_refused(tmp_path, mode):
    development(tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.chmod(mode)
    with pytest.raises(MachineError, match="others can read") as told:
        development(tmp_path)
    assert told.value.exit is Exit.ENVIRONMENT


def test_a_damaged_one_says_what_to_do(tmp_path):
    development(tmp_path)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:150])
    with pytest.raises(MachineError, match="delete the file"):
        development(tmp_path)


def test_a_folder_that_can_not_be_made_is_a_machine_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(MachineError, match="--no-sign"):
        development(tmp_path / "file" / "keys")


def test_processes_that_start_together_end_up_with_one(tmp_path):
    code = (
        "import sys, hashlib; from pathlib import Path;"
        "from finisher.provenance.identity import development;"
        "print('ready', flush=True); sys.stdin.readline();"
        "me = development(Path(sys.argv[1]));"
        "print(hashlib.sha256(me.signer.chain.encode()).hexdigest(), me.signer.sign(b'x') != b'')"
    )
    folder = tmp_path / "keys"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    answers = set()
    for process in running:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in running:
        answers.add(process.communicate(timeout=60)[0])
        assert process.returncode == 0
    assert len(answers) == 1
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ed25519.Ed25519PrivateKey.generate(),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["es384", "ed25519", "ps256"],
)
def test_ones_own_key_of_any_allowed_kind_signs(tmp_path, key):
    mine = vendor("Mine", key=key)
    me = from_pem(*files(tmp_path, mine))
    out = tmp_path / "out.mp4"
    request = SigningRequest(claim("out"), me.signer, attributed=ACTIONS)
    sign(film(tmp_path / "raw.mp4"), out, request)
    assert read(out, mine.root).state == "Trusted"
    assert not me.development
    assert me.name == "Mine signer (Mine)"


def test_a_key_kept_elsewhere_signs_through_a_function(tmp_path):
    mine = vendor("Elsewhere")
    cert, _ = files(tmp_path, mine)
    me = from_function(cert, mine.signer.sign, "es256")
    out = tmp_path / "out.mp4"
    request = SigningRequest(claim("out"), me.signer, attributed=ACTIONS)
    sign(film(tmp_path / "raw.mp4"), out, request)
    assert read(out, mine.root).state == "Trusted"


def test_an_encrypted_key_opens_with_the_passphrase_of_the_environment(tmp_path, monkeypatch):
    cert, key = files(tmp_path, vendor(), passphrase=b"open sesame")
    with pytest.raises(MachineError, match=PASSPHRASE):
        from_pem(cert, key)
    monkeypatch.setenv(PASSPHRASE, "wrong")
    with pytest.raises(MachineError, match="does not open") as told:
        from_pem(cert, key)
    assert "wrong" not in str(told.value)
    monkeypatch.setenv(PASSPHRASE, "open sesame")
    assert from_pem(cert, key).signer.sign(b"data")


@posix
def test_ones_own_key_must_be_private_too(tmp_path):
    with pytest.raises(MachineError, match="chmod 600"):
        from_pem(*files(tmp_path, vendor(), mode=0o644))


def test_a_missing_file_is_a_machine_error(tmp_path):
    cert, key = files(tmp_path, vendor())
    with pytest.raises(MachineError, match="gone"):
        from_pem(tmp_path / "gone.pem", key)
    with pytest.raises(MachineError, match="gone"):
        from_pem(cert, tmp_path / "gone.key")


def test_files_that_do_not_fit_are_document_errors(tmp_path):
    cert, key = files(tmp_path, vendor())
    other = tmp_path / "other.key"
    other.write_bytes(key_bytes(ec.generate_private_key(ec.SECP256R1())))
    other.chmod(0o600)
    with pytest.raises(DocumentError, match="is not the key"):
        from_pem(cert, other)
    note = tmp_path / "note.key"
    note.write_text("not a key")
    note.chmod(0o600)
    with pytest.raises(DocumentError, match="no private key"):
        from_pem(cert, note)
    with pytest.raises(DocumentError, match="no PEM certificates"):
        from_pem(key, key)


def test_a_key_of_a_kind_c2pa_refuses_is_a_document_error(tmp_path):
    cert, key = files(tmp_path, vendor())
    weak = ec.generate_private_key(ec.SECP256K1())
    key.write_bytes(key_bytes(weak))
    with pytest.raises(DocumentError):
        from_pem(cert, key)


def test_certificates_out_of_time_or_for_something_else_are_refused(tmp_path):
    old = vendor(seconds=60)
    with pytest.raises(MachineError, match="not now"):
        from_pem(*files(tmp_path, old))
    web = vendor(usages=(ExtendedKeyUsageOID.SERVER_AUTH,))
    with pytest.raises(DocumentError, match="not for signing"):
        from_pem(*files(tmp_path, web))


def test_no_key_shows_in_an_identity_or_an_error(tmp_path):
    mine = vendor()
    cert, key = files(tmp_path, mine)
    me = from_pem(cert, key)
    shown = repr(me) + str(me)
    secrets = [line for line in key.read_text().splitlines() if not line.startswith("-")]
    assert not any(line in shown for line in secrets)
    assert "lambda" not in shown
    key.write_bytes(key.read_bytes()[:120])
    with pytest.raises(DocumentError) as told:
        from_pem(cert, key)
    assert not any(line[:20] in str(told.value) for line in secrets)
    assert told.value.__cause__ is None


def test_somebody_at_the_terminal_is_asked_once_and_only_where_it_is_needed(tmp_path, monkeypatch):
    cert, key = files(tmp_path, vendor(), passphrase=b"open sesame")
    asked = []

    def answering(answer):
        def ask(name):
            asked.append(name)
            return answer

        return ask

    assert from_pem(cert, key, ask=answering("open sesame")).signer.sign(b"data")
    assert asked == ["signer.key"]
    with pytest.raises(MachineError, match="does not open") as told:
        from_pem(cert, key, ask=answering("wrong"))
    assert "wrong" not in str(told.value)
    with pytest.raises(MachineError, match="no passphrase was given"):
        from_pem(cert, key, ask=answering(None))
    monkeypatch.setenv(PASSPHRASE, "open sesame")
    del asked[:]
    assert from_pem(cert, key, ask=answering("wrong")).signer.sign(b"data")
    plain = tmp_path / "plain"
    plain.mkdir()
    monkeypatch.delenv(PASSPHRASE)
    assert from_pem(*files(plain, vendor()), ask=answering("wrong"))
    assert asked == []
