import time
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from tests.unit.c2pa.authority import OPENSSL, Authority, serving
from tests.unit.provenance.vendors import ACTIONS, claim, film, vendor

from finisher.c2pa.reading import read
from finisher.c2pa.signing import SigningRequest, sign
from finisher.c2pa.stamping import StampRefused, TimeStamping, stamped

openssl = pytest.mark.skipif(OPENSSL is None, reason="needs the openssl command")


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self):
        self.now = 0.0
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds


def asking(authority, **words):
    clock = Clock()
    return TimeStamping(authority, sleep=clock.sleep, clock=clock, **words), clock


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("tsa") / "good")


@pytest.fixture(scope="module")
def me():
    return vendor("Me")


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    return film(tmp_path_factory.mktemp("stamps") / "raw.mp4")


def signed_with(raw, me, folder, answer, anchors=None):
    with serving(answer) as address:
        stamping, clock = asking(address)
        request = SigningRequest(
            claim("x"), me.signer, attributed=ACTIONS, anchors=anchors, stamping=stamping
        )
        return sign(raw, folder / "out.mp4", request), clock


def codes(path, anchors):
    results = read(path, anchors).store["validation_results"]["activeManifest"]
    return {status["code"] for kind in results.values() for status in kind}


@openssl
def test_a_signature_is_time_stamped(tmp_path, raw, me, house):
    made, clock = signed_with(raw, me, tmp_path, house.answer)
    assert (made.unstamped, clock.slept) == (None, [])
    anchors = f"{me.root}\n{house.root}"
    found = read(tmp_path / "out.mp4", anchors)
    assert found.state == "Trusted"
    assert {"timeStamp.validated", "timeStamp.trusted"} <= codes(tmp_path / "out.mp4", anchors)
    (manifest,) = found.store["manifests"].values()
    stamped_at = datetime.fromisoformat(manifest["signature_info"]["time"])
    assert abs(stamped_at - datetime.now(UTC)) < timedelta(minutes=5)  # both clocks are this one


@openssl
def test_what_was_stamped_in_time_is_no_less_for_an_expired_certificate(tmp_path, raw, house):
    brief = vendor("Brief", seconds=86_401)  # its first day has passed: a second is left
    signed_with(raw, brief, tmp_path, house.answer)
    anchors = f"{brief.root}\n{house.root}"
    time.sleep(2)  # until it has run out; certificates know whole seconds
    assert read(tmp_path / "out.mp4", anchors).state == "Trusted"
    assert "signingCredential.expired" in codes(tmp_path / "out.mp4", brief.root)


@openssl
def test_no_bad_answer_passes_for_a_time_stamp(tmp_path, raw, me, house):
    long_ago = datetime.now(UTC) - timedelta(days=60)
    expired = Authority(tmp_path / "expired", began=long_ago, days=20)
    mailing = Authority(tmp_path / "mailing", usage=ExtendedKeyUsageOID.EMAIL_PROTECTION)
    other = house.other()
    answers = {
        "an error": lambda _: 500,
        "nothing": lambda _: b"",
        "garbage": lambda _: b"garbage",
        "a refusal": lambda _: bytes.fromhex("30053003020102"),
        "another's": lambda _: other,
        "an expired clock's": expired.answer,
        "one that may not keep time": lambda question: mailing.seconded(house.answer(question)),
    }
    for name, answer in answers.items():
        anchors = "\n".join(one.root for one in (me, expired, mailing, house))
        made, clock = signed_with(raw, me, tmp_path, answer, anchors)
        assert made.unstamped is not None, name
        assert "127.0.0.1 gave none in 3 attempts: " in made.unstamped
        assert "not-to-be-told" not in made.unstamped
        assert clock.slept == [0.5, 2.0]
        assert read(tmp_path / "out.mp4", me.root).state == "Trusted"
        assert not any(c.startswith("timeStamp") for c in codes(tmp_path / "out.mp4", anchors))
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["out.mp4"]


@openssl
def test_an_authority_that_comes_to_its_senses_is_heard(tmp_path, raw, me, house):
    asked = []

    def late(question):
        asked.append(question)
        return 503 if len(asked) < 3 else house.answer(question)

    made, clock = signed_with(raw, me, tmp_path, late)
    assert (made.unstamped, clock.slept, len(asked)) == (None, [0.5, 2.0], 3)


@openssl
def test_a_time_that_another_clock_house_vouches_for_counts(tmp_path, raw, me, house):
    other = Authority(tmp_path / "other")
    made, _ = signed_with(raw, me, tmp_path, lambda query: other.seconded(house.answer(query)))
    assert made.unstamped is None
    assert "timeStamp.trusted" in codes(tmp_path / "out.mp4", f"{me.root}\n{other.root}")


def test_nobody_is_asked_for_longer_than_patience_lasts():
    stamping, clock = asking("https://time.example.org/", patience=20.0)
    attempts = []

    def slow(address):
        attempts.append(address)
        clock.now += 18.0
        raise StampRefused("Signature: internal error (timed out at https://time.example.org/x)")

    with pytest.raises(StampRefused) as told:
        stamped(stamping, slow)
    assert (
        str(told.value) == "time.example.org gave none in 2 attempts: timed out at time.example.org"
    )
    assert attempts == ["https://time.example.org/"] * 2


def test_what_the_signer_raises_is_not_taken_for_the_authority(tmp_path, raw, me):
    class VaultSealedError(Exception):
        pass

    def sealed(_):
        raise VaultSealedError

    stamping, clock = asking("http://127.0.0.1:9/")
    signer = type(me.signer)("es256", me.signer.chain, sealed)
    with pytest.raises(VaultSealedError):
        sign(raw, tmp_path / "x.mp4", SigningRequest(claim("x"), signer, stamping=stamping))
    assert clock.slept == []
