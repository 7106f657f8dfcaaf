"""Which list vouches for whom: told by the SDK, kept apart by finisher."""

import shutil
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import c2pa
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.provenance import vendors
from tests.unit.provenance.vendors import assembly, claim, film, take, vendor

from finisher.c2pa.reading import read
from finisher.c2pa.sdk import EKUS
from finisher.c2pa.trust import (
    Anchors,
    Kind,
    authority_lists,
    certificates,
    lists_of,
    signer_lists,
    trust_settings,
    written,
)
from finisher.findings import Status, Verdict
from finisher.provenance.verdict import judge

PEM = serialization.Encoding.PEM


@pytest.fixture(scope="module")
def house():
    return vendor("Finishing House")


@pytest.fixture(scope="module")
def maker():
    return vendor("Dream Machine")


@pytest.fixture(scope="module")
def export(tmp_path_factory, house, maker):
    folder = tmp_path_factory.mktemp("export")
    return assembly(folder / "export.mp4", house, [take(folder / "t.mp4", maker)])


def check(found, name):
    return next(check for check in found.checks if check.id == name)


def judged(path, *lists):
    return judge(read(path, written(lists)))


def test_lists_travel_as_one_text_that_is_pem_to_others(house, maker):
    lists = (
        Anchors("house", Kind.SIGNERS, house.root),
        Anchors("clock-1", Kind.TIME, maker.root),
        Anchors("both", Kind.ANY, house.root + maker.root),
    )
    text = written(lists)
    assert [(one.name, one.kind) for one in lists_of(text)] == [(o.name, o.kind) for o in lists]
    assert written(lists_of(text)) == text
    assert len(x509.load_pem_x509_certificates(text.encode())) == 4
    assert written(()) is None
    assert lists_of(None) == ()
    (unnamed,) = lists_of(house.root)
    assert (unnamed.name, unnamed.kind) == ("", Kind.ANY)


def test_a_certificate_of_two_lists_stands_once_under_both(house, maker):
    text = written(
        [Anchors("a", Kind.SIGNERS, house.root), Anchors("b", Kind.TIME, house.root + maker.root)]
    )
    groups = {a["trust_uri"]: a["trust_anchors"] for a in trust_settings(text, EKUS)["anchors"]}
    assert {name: certificates(pem) for name, pem in groups.items()} == {
        "signers a, time b": certificates(house.root),
        "time b": certificates(maker.root),
    }
    assert "anchors" not in trust_settings(None, EKUS)


@given(st.text(max_size=200))
def test_words_of_strangers_name_no_list(text):
    for told in (text, f"{text}found in [{text}] trust anchors", f"{text}, trust list: {text}"):
        for one in (*signer_lists(told), *authority_lists(told)):
            assert one.kind in set(Kind)
    # Whatever an authority calls itself, the list that the SDK found it on stands behind it.
    (told,) = authority_lists(f"cert trusted: {text}, trust list: any x, trust list: time real")
    assert told.name == "real"


def test_the_list_that_vouches_is_told_by_name(export, house, maker):
    lists = (Anchors("others", Kind.SIGNERS, maker.root), Anchors("ours", Kind.ANY, house.root))
    found = judged(export, *lists)
    assert found.verdict is Verdict.INTACT
    assert found.active.anchor == "ours"
    assert "ours" in check(found, "trust-signer").detail
    (part,) = found.ingredients
    assert (part.trusted, part.anchor) == (True, "others")
    assert check(found, "trust-takes").status is Status.PASSED


def test_trusting_the_house_is_not_trusting_its_takes(export, house):
    found = judged(export, Anchors("ours", Kind.ANY, house.root))
    assert found.verdict is Verdict.INTACT
    told = check(found, "trust-takes")
    assert told.status is Status.WARNED
    assert "Dream Machine" in told.detail
    assert not found.ingredients[0].trusted


def test_a_list_of_authorities_vouches_for_no_signer(export, house):
    clock = Anchors("clock", Kind.TIME, house.root)
    assert read(export, written([clock])).state == "Trusted"  # the SDK does not ask what it is for
    found = judged(export, clock)
    assert found.verdict is Verdict.INTACT_UNTRUSTED
    assert check(found, "trust-signer").codes == ("signingCredential.untrusted",)
    assert found.active.anchor is None


def authority(folder):
    """A time-stamp authority: its root, and the configuration by which openssl speaks for it."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    now = datetime.now(UTC)
    validity = (now - timedelta(days=5), now + timedelta(days=5))
    root = vendors._certificate("Clock root", root_key, "Clock root", root_key, validity)
    usage = x509.KeyUsage(*(n == 0 for n in range(9)))
    leaf = (
        x509.CertificateBuilder()
        .subject_name(vendors._name("Clock"))
        .issuer_name(root.subject)
        .public_key(key.public_key())
        .serial_number(77)
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()),
            critical=False,
        )
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    (folder / "leaf.pem").write_bytes(leaf.public_bytes(PEM))
    (folder / "root.pem").write_bytes(root.public_bytes(PEM))
    secret = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(secret)
    (folder / "serial").write_text("01", encoding="ascii")
    (folder / "config").write_text(
        f"[tsa]\ndefault_tsa=clock\n[clock]\nserial={folder}/serial\nsigner_cert={folder}/leaf.pem\n"
        f"certs={folder}/root.pem\nsigner_key={folder}/key.pem\nsigner_digest=sha256\n"
        "default_policy=1.2.3.4\ndigests=sha256,sha384,sha512\n",
        encoding="ascii",
    )
    return root.public_bytes(PEM).decode()


class Clock(BaseHTTPRequestHandler):
    """Answers time-stamp requests."""

    folder = None

    def do_POST(self):
        query, reply = self.folder / "query", self.folder / "reply"
        query.write_bytes(self.rfile.read(int(self.headers["content-length"])))
        asked = ["openssl", "ts", "-reply", "-config", self.folder / "config"]
        subprocess.run(
            [*asked, "-queryfile", query, "-out", reply], check=True, capture_output=True
        )
        self.send_response(200)
        self.send_header("content-type", "application/timestamp-reply")
        self.end_headers()
        self.wfile.write(reply.read_bytes())

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def stamped(tmp_path_factory, house):
    """A film with a time-stamp, and the root of who stamped it."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    folder = tmp_path_factory.mktemp("clock")
    Clock.folder, root = folder, authority(folder)
    with HTTPServer(("127.0.0.1", 0), Clock) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        signer = c2pa.Signer.from_callback(
            house.signer.sign, c2pa.C2paSigningAlg.ES256, house.signer.chain, address
        )
        raw, path = film(folder / "raw.mp4"), folder / "stamped.mp4"
        with (
            c2pa.Builder(claim("stamped")) as builder,
            raw.open("rb") as source,
            path.open("w+b") as made,
        ):
            builder.sign(signer, "video/mp4", source, made)
        server.shutdown()
    return path, root


def test_the_time_is_vouched_for_by_lists_of_authorities_alone(stamped, house):
    path, root = stamped
    ours = Anchors("ours", Kind.SIGNERS, house.root)
    found = judged(path, ours, Anchors("clocks", Kind.TIME, root))
    assert found.verdict is Verdict.INTACT
    assert found.active.time_trusted
    assert "clocks" in check(found, "time-stamp").detail
    alone = judged(path, ours)
    assert alone.verdict is Verdict.INTACT  # its certificate still holds
    assert check(alone, "time-stamp").status is Status.WARNED
    # A signers' list that vouches for the time may be all that keeps an expired certificate alive.
    misused = judged(path, ours, Anchors("signers", Kind.SIGNERS, root))
    assert misused.verdict is Verdict.INTACT_UNTRUSTED
    assert not misused.active.time_trusted
