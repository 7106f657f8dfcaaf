import time
from datetime import UTC, datetime

import c2pa
import pytest
from cryptography import x509
from tests.unit.provenance.vendors import (
    AI,
    AI_COMPOSITE,
    FIXTURES,
    assembly,
    claim,
    film,
    flipped,
    needs_fixtures,
    relabelled,
    store_box,
    stripped,
    take,
    vendor,
)

from finisher.c2pa.reading import Obstacle, Obstructed
from finisher.facts import CredentialFacts, Integrity
from finisher.problems import MediaError
from finisher.provenance.credentials import facts, of, reading, source

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/composite"


@pytest.fixture(scope="module")
def dream():
    return vendor()


@pytest.fixture(scope="module")
def good(tmp_path_factory, dream):
    return take(tmp_path_factory.mktemp("good") / "take.mp4", dream)


def test_a_good_take_is_intact_whoever_signed_it(good, dream):
    unknown = facts(good)
    assert unknown.integrity is Integrity.INTACT
    assert unknown.trusted is False
    assert unknown.codes == ("signingCredential.untrusted",)
    assert unknown.manifest.startswith("urn:c2pa:")
    assert (unknown.issuer, unknown.generator) == ("Dream Machine", "Dream 3")
    assert unknown.source_type == AI
    known = facts(good, dream.root)
    assert known.trusted is True
    assert known.codes == ()


def test_a_take_whose_signer_ran_out_since_is_intact(tmp_path):
    # Long enough for the SDK to sign on a busy machine, short enough to wait for.
    brief = vendor("Brief", seconds=2, start=datetime.now(UTC))
    path = take(tmp_path / "take.mp4", brief)
    end = x509.load_pem_x509_certificate(brief.chain).not_valid_after_utc
    # A certificate is good to the end of its last second.
    time.sleep((end - datetime.now(UTC)).total_seconds() + 1.1)
    found = facts(path, brief.root)
    assert found.integrity is Integrity.INTACT
    assert "signingCredential.expired" in found.codes
    assert found.trusted is False


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (flipped, "assertion.bmffHash.mismatch"),
        (relabelled, "assertion.hashedURI.mismatch"),
    ],
)
def test_a_changed_take_is_broken(tmp_path, good, dream, spoil, code):
    found = facts(spoil(good, tmp_path / "spoilt.mp4"), dream.root)
    assert found.integrity is Integrity.BROKEN
    assert code in found.codes


def test_a_take_with_a_broken_part_inside_is_broken(tmp_path, good, dream):
    part = flipped(good, tmp_path / "part.mp4")
    inner = assembly(tmp_path / "inner.mp4", dream, [part])
    outer = assembly(tmp_path / "outer.mp4", dream, [inner])
    found = facts(outer, dream.root)
    assert found.trusted is True
    assert found.integrity is Integrity.BROKEN
    assert "assertion.bmffHash.mismatch" in found.codes
    assert found.ingredients == 2


def test_a_generative_part_inside_shows_through(tmp_path, good, dream):
    hiding = assembly(tmp_path / "hiding.mp4", dream, [good], source_type=COMPOSITE)
    assert facts(hiding).source_type == AI
    telling = assembly(tmp_path / "telling.mp4", dream, [good])
    assert facts(telling).source_type == AI_COMPOSITE


def test_a_film_without_credentials_has_none(tmp_path, good):
    assert facts(film(tmp_path / "film.mp4")) == CredentialFacts(Integrity.ABSENT)
    assert facts(stripped(good, tmp_path / "copy.mp4")) == CredentialFacts(Integrity.ABSENT)


def test_two_stores_are_broken(tmp_path, good):
    data = good.read_bytes()
    start, end = store_box(data)
    (tmp_path / "twice.mp4").write_bytes(data + data[start:end])
    assert facts(tmp_path / "twice.mp4").integrity is Integrity.BROKEN


@pytest.mark.parametrize(
    ("obstacle", "integrity"),
    [
        (Obstacle.REMOTE, Integrity.ABSENT),
        (Obstacle.UNSUPPORTED, Integrity.ABSENT),
        (Obstacle.UNREADABLE, Integrity.ABSENT),
        (Obstacle.SEVERAL, Integrity.BROKEN),
        (Obstacle.DAMAGED, Integrity.BROKEN),
    ],
)
def test_what_stands_in_the_way_is_told(obstacle, integrity):
    found = of(Obstructed(obstacle, "…"))
    assert found.integrity is integrity
    assert found.codes == (str(obstacle),)
    assert found.trusted is None


def test_a_source_is_known_by_everything_its_manifest_says(tmp_path, good, dream):
    other = take(tmp_path / "other.mp4", dream)
    assert source(good, "a").credentials.fingerprint == source(good, "b").credentials.fingerprint
    assert source(good, "a").credentials.fingerprint != source(other, "a").credentials.fingerprint
    assert source(film(tmp_path / "film.mp4"), "a").credentials.fingerprint is None


def test_a_store_beside_a_file_counts_only_when_it_is_made_for_it(tmp_path, dream):
    bare = film(tmp_path / "bare.mp4")
    context = c2pa.Context.from_dict({"verify": {"verify_after_sign": False}})
    signer = c2pa.Signer.from_callback(
        dream.signer.sign, c2pa.C2paSigningAlg.ES256, dream.signer.chain, None
    )
    with c2pa.Builder(claim("bare"), context) as builder:
        builder.set_no_embed()
        with bare.open("rb") as source_file:
            store = builder.sign(signer, "video/mp4", source_file)
    assert reading(bare) is None
    (tmp_path / "bare.c2pa").write_bytes(store)
    found = reading(bare, dream.root)
    assert not found.embedded
    assert of(found).integrity is Integrity.INTACT
    other = film(tmp_path / "other.mp4", 5)
    (tmp_path / "other.c2pa").write_bytes(store)
    foreign = reading(other, dream.root)
    assert foreign.obstacle is Obstacle.FOREIGN
    assert of(foreign).integrity is Integrity.ABSENT
    (tmp_path / "other.c2pa").write_bytes(b"nothing of the kind")
    foreign = reading(other, dream.root)
    assert foreign.obstacle is Obstacle.FOREIGN
    assert of(foreign).integrity is Integrity.ABSENT


def test_a_missing_file_is_a_media_error(tmp_path):
    with pytest.raises(MediaError):
        facts(tmp_path / "gone.mp4")


@needs_fixtures
@pytest.mark.parametrize(
    ("name", "integrity"),
    [
        ("video1.mp4", Integrity.INTACT),
        ("CA.jpg", Integrity.INTACT),
        ("legacy_ingredient_hash.jpg", Integrity.INTACT),
        ("sample1_signed.wav", Integrity.INTACT),
        ("CACAE-uri-CA.jpg", Integrity.BROKEN),
        ("XCA.jpg", Integrity.BROKEN),
        ("sample1.wav", Integrity.ABSENT),
        ("nested_moov_1000.mp4", Integrity.ABSENT),
    ],
)
def test_files_of_others(name, integrity):
    assert facts(FIXTURES / "c2pa" / name).integrity is integrity


@needs_fixtures
@pytest.mark.parametrize("name", ["C2PA-TRUST-LIST.pem", "test_cert_root_bundle.pem"])
def test_lists_of_anchors_change_trust_and_nothing_else(name):
    anchors = (FIXTURES / "c2pa" / name).read_text()
    path = FIXTURES / "c2pa" / "CA.jpg"
    assert facts(path, anchors).integrity is facts(path).integrity is Integrity.INTACT
    assert facts(path, anchors).trusted is (name == "test_cert_root_bundle.pem")


def test_a_file_beside_a_take_that_is_no_store_by_its_size_is_not_read(tmp_path):
    bare = film(tmp_path / "take.mp4")
    with (tmp_path / "take.c2pa").open("wb") as huge:
        huge.truncate(3 << 30)
    found = reading(bare)
    assert isinstance(found, Obstructed)
    assert found.obstacle is Obstacle.FOREIGN
