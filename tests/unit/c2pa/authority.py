"""A time-stamp authority on this machine: openssl behind a small web server."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OPENSSL = shutil.which("openssl")

_CONFIGURATION = """
[time]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority:
    """Its certificates, and the answers it gives."""

    def __init__(
        self,
        folder: Path,
        *,
        began: datetime | None = None,
        days: int = 30,
        usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.TIME_STAMPING,
    ) -> None:
        self.folder = folder
        folder.mkdir(parents=True)
        began = began or datetime.now(UTC) - timedelta(days=1)
        keys = [rsa.generate_private_key(65537, 2048) for _ in range(2)]
        root = _certificate("root", keys[0], keys[0], (began, days), ca=True)
        leaf = _certificate("clock", keys[1], keys[0], (began, days), ca=False, usage=usage)
        self.root = root.public_bytes(serialization.Encoding.PEM).decode()
        self.certificates = folder / "root.pem"
        self.certificates.write_text(self.root)
        (folder / "clock.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
        secret = keys[1].private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        (folder / "clock.key").write_bytes(secret)
        (folder / "time.cnf").write_text(_CONFIGURATION.format(folder=folder))
        (folder / "serial").write_text("01\n")

    def answer(self, question: bytes) -> bytes:
        """The reply to a time-stamp query."""
        asked, reply = self.folder / "query", self.folder / "reply"
        asked.write_bytes(question)
        words = ["-queryfile", asked, "-signer", self.folder / "clock.pem", "-out", reply]
        words += ["-inkey", self.folder / "clock.key", "-chain", self.certificates]
        words += ["-config", self.folder / "time.cnf", "-section", "time"]
        _openssl("ts", "-reply", *words)
        return reply.read_bytes()

    def other(self) -> bytes:
        """A good reply to another question."""
        asked = self.folder / "other"
        words = ["-digest", "ab" * 32, "-sha256", "-cert", "-out", asked]
        _openssl("ts", "-query", *words)
        return self.answer(asked.read_bytes())

    def seconded(self, reply: bytes) -> bytes:
        """The reply of another, its time signed again by this one."""
        given, token, time = (self.folder / name for name in ("given", "token", "time"))
        given.write_bytes(reply)
        _openssl("ts", "-reply", "-in", given, "-token_out", "-out", token)
        _openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", token, "-out", time)
        words = ["-sign", "-binary", "-nodetach", "-cades", "-outform", "DER", "-in", time]
        words += ["-econtent_type", "id-smime-ct-TSTInfo", "-certfile", self.certificates]
        words += ["-signer", self.folder / "clock.pem", "-inkey", self.folder / "clock.key"]
        _openssl("cms", *words, "-out", token)
        granted = bytes.fromhex("3003020100")
        body = granted + token.read_bytes()
        return b"\x30\x82" + len(body).to_bytes(2, "big") + body


def _openssl(*words: object) -> None:
    subprocess.run([OPENSSL, *words], check=True, capture_output=True)


def _certificate(name, key, issuer_key, validity, *, ca, usage=None):
    began, days = validity
    naming = [
        x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Clock House"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )
        for common in (name, "root")
    ]
    uses = x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca, key_cert_sign=ca, crl_sign=ca,
        key_encipherment=False, data_encipherment=False, key_agreement=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    builder = (
        x509.CertificateBuilder()
        .subject_name(naming[0])
        .issuer_name(naming[1])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(began)
        .not_valid_after(began + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(uses, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
    )
    if not ca:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


@contextmanager
def serving(answer: Callable[[bytes], bytes | int]) -> Iterator[str]:
    """The address of a server that answers every POST so; a number is a status, with no reply."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            given = answer(self.rfile.read(int(self.headers["Content-Length"])))
            status, reply = (given, b"") if isinstance(given, int) else (200, given)
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/tsa?key=not-to-be-told"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
