import io
import json
import subprocess
import sys

import c2pa
import pytest
from tests.unit.provenance.vendors import (
    ACTIONS,
    CLAIM_SIGNING,
    FIXTURES,
    assembly,
    claim,
    film,
    needs_fixtures,
    store_box,
    take,
    vendor,
)

from finisher.c2pa.reading import Obstacle, Obstructed, Reading, read
from finisher.c2pa.sdk import EKUS, version
from finisher.c2pa.signing import IngredientFile, SigningRequest, sign
from finisher.problems import MediaError, PolicyError, RenderError


@pytest.fixture(scope="module")
def dream():
    return vendor()


@pytest.fixture
def raw(tmp_path):
    return film(tmp_path / "raw.mp4")


@pytest.fixture
def signed(tmp_path, dream):
    return take(tmp_path / "take.mp4", dream)


def request_by(signer, ingredients=(), **more):
    placed = tuple(item.record["label"] for item in ingredients)
    return SigningRequest(
        claim("out", placed=placed), signer, tuple(ingredients), attributed=ACTIONS, **more
    )


def parts_left(folder):
    return [p.name for p in folder.iterdir() if p.name.endswith(".signing")]


def test_a_signed_file_reads_back_and_anchors_decide_on_trust(signed, dream):
    assert read(signed).state == "Valid"
    trusted = read(signed, dream.root)
    assert trusted.state == "Trusted"
    assert trusted.embedded
    assert list(trusted.store["manifests"]) == [trusted.store["active_manifest"]]


def test_a_leaf_for_claim_signing_alone_is_taken(tmp_path, raw):
    only = vendor("Only C2PA", usages=(CLAIM_SIGNING,))
    sign(raw, tmp_path / "out.mp4", request_by(only.signer))
    assert read(tmp_path / "out.mp4", only.root).state == "Trusted"
    assert CLAIM_SIGNING.dotted_string in EKUS


def test_a_file_without_manifest_reads_as_none(raw):
    assert read(raw) is None


def test_what_is_no_media_or_not_there_is_told_apart(tmp_path):
    note = tmp_path / "note.mp4"
    note.write_text("not a film")
    assert read(note).obstacle is Obstacle.UNREADABLE
    assert read(note.rename(tmp_path / "note.txt")).obstacle is Obstacle.UNSUPPORTED
    (tmp_path / "empty.mp4").touch()
    assert read(tmp_path / "empty.mp4").obstacle in {Obstacle.UNREADABLE, Obstacle.UNSUPPORTED}
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        read(tmp_path / "gone.mp4")


def test_the_content_tells_the_format_not_the_name(tmp_path, signed, dream, raw):
    webm = signed.rename(tmp_path / "take.webm")
    urn = read(webm).store["active_manifest"]
    out = tmp_path / "out.mp4"
    record = {"title": "take", "relationship": "componentOf", "label": "t"}
    sign(raw, out, request_by(dream.signer, [IngredientFile(webm, record, urn)]))
    assert urn in read(out).store["manifests"]


def test_more_than_one_store_is_an_outcome(tmp_path, signed):
    data = signed.read_bytes()
    start, end = store_box(data)
    twice = tmp_path / "twice.mp4"
    twice.write_bytes(data + data[start:end])
    assert read(twice).obstacle is Obstacle.SEVERAL


def test_what_can_not_be_parsed_is_damaged_only_if_it_held_a_store(tmp_path, signed, raw):
    for name, path, obstacle in (
        ("signed", signed, Obstacle.DAMAGED),
        ("plain", raw, Obstacle.UNREADABLE),
    ):
        broken = tmp_path / f"{name}.broken.mp4"
        # A box that claims to be longer than the file.
        broken.write_bytes(path.read_bytes() + b"\x7f\xff\xff\xffjunk" + bytes(100))
        outcome = read(broken)
        assert isinstance(outcome, Obstructed)
        assert outcome.obstacle is obstacle


def test_an_address_in_a_file_is_not_followed(tmp_path, raw, dream):
    remote = tmp_path / "remote.mp4"
    signer = c2pa.Signer.from_callback(
        dream.signer.sign, c2pa.C2paSigningAlg.ES256, dream.signer.chain, None
    )
    context = c2pa.Context.from_dict({"verify": {"verify_after_sign": False}})
    with c2pa.Builder(claim("remote"), context) as builder:
        builder.set_no_embed()
        builder.set_remote_url("http://127.0.0.1:9/elsewhere.c2pa")
        with raw.open("rb") as reading, remote.open("w+b") as writing:
            builder.sign(signer, "video/mp4", reading, writing)
    assert read(remote).obstacle is Obstacle.REMOTE


def test_signing_in_place_is_refused_and_leaves_the_file(raw, dream):
    before = raw.read_bytes()
    with pytest.raises(RenderError, match="onto itself"):
        sign(raw, raw, request_by(dream.signer))
    assert raw.read_bytes() == before


def test_signing_what_is_signed_would_lose_its_credentials(tmp_path, signed, dream):
    with pytest.raises(PolicyError, match="already carries"):
        sign(signed, tmp_path / "out.mp4", request_by(dream.signer))
    assert not (tmp_path / "out.mp4").exists()


def test_signing_what_is_signed_is_fine_when_it_goes_in_as_an_ingredient(tmp_path, signed, dream):
    record = {"title": "take", "relationship": "componentOf", "label": "t"}
    out = tmp_path / "out.mp4"
    sign(signed, out, request_by(dream.signer, [IngredientFile(signed, record)]))
    assert read(signed).store["active_manifest"] in read(out).store["manifests"]


def test_an_ingredient_that_lost_its_manifest_since_ingest_stops_the_signature(
    tmp_path, raw, dream
):
    other = film(tmp_path / "other.mp4", 5)
    record = {"title": "other", "relationship": "componentOf", "label": "o"}
    lost = IngredientFile(other, record, "urn:c2pa:was-there-at-ingest")
    with pytest.raises(PolicyError, match=r"other\.mp4"):
        sign(raw, tmp_path / "out.mp4", request_by(dream.signer, [lost]))
    assert not (tmp_path / "out.mp4").exists()
    assert parts_left(tmp_path) == []


class VaultSealedError(Exception):
    pass


def test_what_the_signing_function_raises_comes_through(tmp_path, raw, dream, caplog):
    def refuse(_):
        raise VaultSealedError("secret detail")

    broken = type(dream.signer)("es256", dream.signer.chain, refuse)
    out = tmp_path / "out.mp4"
    out.write_bytes(b"the export of yesterday")
    with pytest.raises(VaultSealedError):
        sign(raw, out, request_by(broken))
    assert out.read_bytes() == b"the export of yesterday"
    assert parts_left(tmp_path) == []
    assert "secret detail" not in caplog.text


def test_a_wrong_signature_is_refused_and_nothing_is_left(tmp_path, raw, dream):
    broken = type(dream.signer)("es256", dream.signer.chain, lambda _: b"\x01" * 64)
    with pytest.raises(RenderError):
        sign(raw, tmp_path / "out.mp4", request_by(broken))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["raw.mp4"]


def test_a_claim_too_large_for_the_sdk_is_refused_in_words(tmp_path, raw, dream):
    manifest = claim("large")
    manifest["assertions"].append({"label": "org.example.large", "data": {"x": "a" * (1 << 20)}})
    with pytest.raises(RenderError, match="1 MiB"):
        sign(raw, tmp_path / "out.mp4", SigningRequest(manifest, dream.signer))


def test_thumbnails_go_in(tmp_path, raw, dream):
    manifest = claim("shown")
    manifest["thumbnail"] = {"format": "image/jpeg", "identifier": "claim.jpg"}
    out = tmp_path / "out.mp4"
    picture = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
    sign(raw, out, SigningRequest(manifest, dream.signer, resources={"claim.jpg": picture}))
    assert picture in out.read_bytes()


def test_formats_that_can_not_be_signed_are_media_errors(tmp_path, dream):
    film = tmp_path / "film.mkv"
    film.write_bytes(b"\x1a\x45\xdf\xa3" + bytes(200))
    with pytest.raises(MediaError):
        sign(film, tmp_path / "out.mkv", request_by(dream.signer))


def test_a_missing_ingredient_is_a_media_error_that_names_it(tmp_path, raw, dream):
    gone = IngredientFile(tmp_path / "gone.mp4", {"title": "g", "label": "g"})
    with pytest.raises(MediaError, match=r"gone\.mp4"):
        sign(raw, tmp_path / "out.mp4", request_by(dream.signer, [gone]))


def test_hostile_text_passes_as_the_data_it_is(tmp_path, raw, dream):
    title = '\x1b[31m"><script>\u202egnp.exe\n{}%s'
    out = tmp_path / "out.mp4"
    sign(raw, out, SigningRequest(claim(title), dream.signer, attributed=ACTIONS))
    store = read(out).store
    assert store["manifests"][store["active_manifest"]]["title"] == title


def test_the_sdk_is_not_loaded_until_it_is_needed():
    code = "import sys, finisher.c2pa; sys.exit('c2pa' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert version().startswith("0.")


def test_a_store_shared_by_two_generations_is_kept_once(tmp_path, signed, dream):
    first = assembly(tmp_path / "first.mp4", dream, [signed])
    second = assembly(tmp_path / "second.mp4", dream, [first, signed])
    assert len(read(second).store["manifests"]) == 3


@needs_fixtures
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("video1.mp4", Reading),
        ("CA.jpg", Reading),
        ("sample1_signed.wav", Reading),
        ("video1_no_manifest.mp4", type(None)),
        ("sample1.wav", type(None)),
        ("id3v23_compression_underflow.mp3", type(None)),
        ("nested_moov_1000.mp4", Obstructed),
        ("sample3.invalid.wav", Obstructed),
    ],
)
def test_files_of_others(name, kind):
    assert isinstance(read(FIXTURES / "c2pa" / name), kind)


def test_the_manifest_handed_over_is_left_alone(tmp_path, raw, dream):
    manifest = claim("same")
    before = json.dumps(manifest)
    sign(raw, tmp_path / "out.mp4", SigningRequest(manifest, dream.signer))
    assert json.dumps(manifest) == before
    assert io.BytesIO(raw.read_bytes()).read(8)[4:] == b"ftyp"
