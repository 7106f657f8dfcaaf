import json
import os
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from tests.unit.provenance.vendors import FIXTURES, needs_fixtures, vendor

from finisher.c2pa.trust import Kind, lists_of
from finisher.cli.main import main
from finisher.fetch import fetch
from finisher.findings import TrustList
from finisher.pipeline import trust
from finisher.problems import DocumentError, FinisherError, MachineError
from finisher.provenance.identity import from_pem

ROOT = vendor("Somebody").root.encode()
BROKEN = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def code(caught):
    (problem,) = caught.value.problems
    return problem.code


def install(data, content=ROOT, source="lists/Our List.pem", name=None, kind=None):
    return trust.install(content, source, name, kind, data)


def test_a_list_is_kept_with_its_date_and_hash_and_counts_in_every_run(tmp_path):
    assert trust.text(tmp_path, None) is None
    found = install(tmp_path)
    assert (found.name, found.kind, found.source) == ("our-list", Kind.SIGNERS, "Our List.pem")
    assert trust.installed(tmp_path) == (found,)
    (told,) = trust.lists(tmp_path, None)
    assert told == TrustList("our-list", found.sha256, found.date, 1)
    given = tmp_path / "given.pem"
    given.write_bytes(ROOT + vendor("Other").root.encode())
    assert [(one.name, one.kind) for one in lists_of(trust.text(tmp_path, given))] == [
        ("our-list", Kind.SIGNERS),
        ("given.pem", Kind.ANY),
    ]
    assert [one.certificates for one in trust.lists(tmp_path, given)] == [1, 2]
    assert [path.name for path in trust.files(tmp_path)] == ["our-list.json"]


def test_a_list_replaces_none_but_itself_and_removing_forgets(tmp_path):
    install(tmp_path)
    again = install(tmp_path, source="https://example.org/our-list.pem")
    assert trust.installed(tmp_path) == (again,)
    for other in ({"content": ROOT + vendor("Other").root.encode()}, {"kind": Kind.TIME}):
        with pytest.raises(DocumentError) as caught:
            install(tmp_path, **other)
        assert code(caught) == "trust-list-taken"
        assert "finish trust remove our-list" in str(caught.value)
    assert trust.installed(tmp_path) == (again,)
    assert sorted(p.name for p in (tmp_path / "trust").iterdir()) == ["our-list.json"]
    trust.remove("our-list", tmp_path)
    assert trust.installed(tmp_path) == ()
    with pytest.raises(DocumentError) as caught:
        trust.remove("our-list", tmp_path)
    assert code(caught) == "unknown-trust-list"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("https://example.org/C2PA-TSA-TRUST-LIST.pem?raw=1", Kind.TIME),
        ("C2PA-TRUST-LIST.pem", Kind.SIGNERS),
        ("unhintsatall.pem", Kind.SIGNERS),  # the word alone counts
    ],
)
def test_a_list_of_authorities_is_known_by_its_name_unless_told(tmp_path, source, kind):
    assert install(tmp_path, source=source).kind is kind
    assert install(tmp_path / "told", source=source, kind=Kind.TIME).kind is Kind.TIME


@pytest.mark.parametrize(
    ("content", "name", "expected"),
    [
        (b"", None, "trust-list-bad"),
        (b"<html>not found</html>", None, "trust-list-bad"),
        (ROOT + BROKEN, None, "trust-list-bad"),
        (ROOT + b"-----BEGIN PRIVATE KEY-----\n", None, "trust-list-private"),
        (ROOT, "../up", "trust-list-name"),
        (ROOT, "", "trust-list-name"),
    ],
)
def test_what_is_no_list_is_refused_and_leaves_nothing(tmp_path, content, name, expected):
    with pytest.raises(DocumentError) as caught:
        install(tmp_path, content, name=name)
    assert code(caught) == expected
    assert trust.installed(tmp_path) == ()


def test_a_list_that_was_damaged_is_not_passed_over(tmp_path):
    install(tmp_path)
    (tmp_path / "trust" / "our-list.json").write_text("{}", encoding="utf-8")
    with pytest.raises(MachineError) as caught:
        trust.text(tmp_path, None)
    assert code(caught) == "trust-list-damaged"


def test_the_command_lists_installs_and_removes(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FINISHER_DATA", str(tmp_path / "data"))
    path = tmp_path / "ours.pem"
    path.write_bytes(ROOT)
    assert main(["trust", "install", str(path), "--name", "ours", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["lists"]
    assert (told["name"], told["kind"], told["certificates"]) == ("ours", "signers", 1)
    assert main(["trust"]) == 0
    assert "ours" in capsys.readouterr().err
    assert main(["trust", "remove", "ours"]) == 0
    assert main(["trust", "remove", "ours"]) == 2
    assert main(["trust", "install"]) == 2
    assert main(["trust", "install", str(tmp_path / "gone.pem")]) == 3
    assert main(["trust", "install", "http://example.org/list.pem"]) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
def test_a_pipe_is_no_file_and_nobody_waits_for_it(tmp_path, monkeypatch):
    monkeypatch.setenv("FINISHER_DATA", str(tmp_path / "data"))
    pipe = tmp_path / "pipe.pem"
    os.mkfifo(pipe)
    assert main(["trust", "install", str(pipe)]) == 3
    with pytest.raises(DocumentError) as caught:
        trust.text(tmp_path, pipe)
    assert code(caught) == "anchors-unreadable"
    assert str(caught.value).endswith("can't be read: not a regular file")
    with pytest.raises(MachineError) as refused:
        from_pem(pipe, pipe)
    assert code(refused) == "identity-unreadable"
    assert main(["consent", "show", "--log", str(pipe)]) == 2


@needs_fixtures
def test_the_official_lists_are_taken(tmp_path):
    for name, kind, least in (
        ("C2PA-TRUST-LIST.pem", Kind.SIGNERS, 20),
        ("C2PA-TSA-TRUST-LIST.pem", Kind.TIME, 10),
    ):
        found = install(tmp_path, (FIXTURES / "c2pa" / name).read_bytes(), name)
        assert found.kind is kind
        assert len(found.expires) >= least


class Server(BaseHTTPRequestHandler):
    """Serves a list, too much, and ways elsewhere."""

    def do_GET(self):
        ways = {"/safe": "/list.pem", "/down": "http://127.0.0.1:1/list.pem"}
        if self.path in ways:
            self.send_response(302)
            self.send_header("location", ways[self.path])
            self.end_headers()
            return
        self.send_response(404 if self.path == "/gone" else 200)
        self.end_headers()
        self.wfile.write(ROOT if self.path == "/list.pem" else bytes(100_000))

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The address of a server, and whom to believe to reach it."""
    folder: Path = tmp_path_factory.mktemp("served")
    one = vendor("localhost")
    secret = one.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "chain.pem").write_bytes(secret + one.chain)
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(folder / "chain.pem")
    theirs = ssl.create_default_context(cadata=one.root)
    # A claim signer's certificate is no server's; what is tried here is not TLS.
    theirs.check_hostname, theirs.verify_mode = False, ssl.CERT_NONE
    with HTTPServer(("127.0.0.1", 0), Server) as server:
        server.socket = ours.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}", theirs
        server.shutdown()


def test_a_file_is_fetched_by_https_and_safe_ways_only(served):
    address, context = served
    assert fetch(f"{address}/list.pem", 1 << 20, context) == ROOT
    assert fetch(f"{address}/safe", 1 << 20, context) == ROOT
    for path, kind, expected in (
        ("/down", DocumentError, "address-unsafe"),
        ("/large", MachineError, "fetch-failed"),
        ("/gone", MachineError, "fetch-failed"),
    ):
        with pytest.raises(kind) as caught:
            fetch(f"{address}{path}", 50_000, context)
        assert code(caught) == expected
    with pytest.raises(MachineError):  # the machine's own certificates don't vouch for it
        fetch(f"{address}/list.pem", 1 << 20)


@pytest.mark.parametrize(
    "address",
    ["http://a.example/x", "file:///etc/passwd", "ftp://a/x", "https://", "https://me@a.example/x",
     "https://[::1/x", "data:,x"],
)  # fmt: skip
def test_other_addresses_are_refused_before_anything_is_sent(address):
    with pytest.raises(FinisherError) as caught:
        fetch(address, 100)
    assert code(caught) == "address-unsafe"
