import av
import numpy as np
import pytest
from tests.unit.provenance.vendors import ACTIONS, assembly, claim, film, take, vendor

from finisher.c2pa import signing
from finisher.c2pa.addresses import note
from finisher.c2pa.building import IngredientFile
from finisher.c2pa.reading import Obstacle, read
from finisher.c2pa.sidecars import sidecar
from finisher.c2pa.signing import SigningRequest, sign
from finisher.problems import MediaError, PolicyError
from finisher.provenance.credentials import reading


def webm(path):
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libvpx-vp9", rate=24)
        stream.width = stream.height = 64
        picture = np.random.default_rng(4).integers(0, 255, (64, 64, 3), dtype=np.uint8)
        for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
            container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


@pytest.fixture(scope="module")
def me():
    return vendor("Me")


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sidecars")
    film(folder / "raw.mp4")
    webm(folder / "raw.webm")
    return folder


def signed_beside(room, out, me, **words):
    request = SigningRequest(claim("x"), me.signer, attributed=ACTIONS, beside=True, **words)
    return sign(room / f"raw{out.suffix}", out, request)


def codes(outcome, kind="success"):
    return [s["code"] for s in outcome.store["validation_results"]["activeManifest"][kind]]


@pytest.mark.parametrize(
    ("suffix", "binding"),
    [(".mp4", "assertion.bmffHash.match"), (".webm", "assertion.dataHash.match")],
)
def test_a_store_beside_a_film_binds_all_of_it(tmp_path, room, me, suffix, binding):
    out = tmp_path / f"film{suffix}"
    made = signed_beside(room, out, me)
    assert made.sidecar == tmp_path / "film.c2pa" == sidecar(out)
    assert out.read_bytes() == (room / f"raw{suffix}").read_bytes()
    found = read(out, me.root, made.sidecar)
    assert (found.state, found.embedded) == ("Trusted", False)
    assert binding in codes(found)
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted([out.name, "film.c2pa"])
    changed = bytearray(out.read_bytes())
    changed[-20] ^= 1
    for data in (changed, bytes(out.read_bytes()) + b"\0" * 9, out.read_bytes()[:-1]):
        out.write_bytes(data)
        outcome = read(out, me.root, made.sidecar)
        # A film cut short may not even parse: that is no match either.
        assert getattr(outcome, "state", "Invalid") == "Invalid"


def test_a_film_without_room_for_a_store_is_still_refused_one(tmp_path, room, me):
    request = SigningRequest(claim("x"), me.signer)
    with pytest.raises(MediaError):
        sign(room / "raw.webm", tmp_path / "film.webm", request)
    assert list(tmp_path.iterdir()) == []


def test_no_film_appears_when_its_store_can_not(tmp_path, room, me):
    (tmp_path / "film.c2pa").mkdir()
    with pytest.raises(OSError, match=r"film\.c2pa"):
        signed_beside(room, tmp_path / "film.webm", me)
    assert [p.name for p in tmp_path.iterdir()] == ["film.c2pa"]


@pytest.mark.parametrize("suffix", [".mp4", ".webm"])
def test_a_take_brings_the_store_beside_it_along(tmp_path, room, me, suffix):
    maker = vendor("Dream")
    used = tmp_path / f"take{suffix}"
    store = signed_beside(room, used, maker).sidecar
    urn = read(used, None, store).store["active_manifest"]
    record = {"title": "take", "relationship": "componentOf", "label": "t"}
    out = tmp_path / "out.mp4"
    request = SigningRequest(
        claim("out", placed=("t",)),
        me.signer,
        (IngredientFile(used, record, urn),),
        attributed=ACTIONS,
        anchors=f"{me.root}\n{maker.root}",
    )
    sign(room / "raw.mp4", out, request)
    found = read(out, f"{me.root}\n{maker.root}")
    assert found.state == "Trusted"
    assert urn in found.store["manifests"]
    (ingredient,) = found.store["manifests"][found.store["active_manifest"]]["ingredients"]
    assert ingredient["active_manifest"] == urn
    recorded = ingredient["validation_results"]["activeManifest"]
    assert recorded["failure"] == []
    assert any(status["code"].endswith("Hash.match") for status in recorded["success"])


@pytest.mark.parametrize("harm", ["film", "store"])
def test_a_store_beside_a_take_that_is_not_made_for_it_is_no_credential_and_no_secret(
    tmp_path, room, me, harm
):
    used = tmp_path / "take.mp4"
    store = signed_beside(room, used, me).sidecar
    urn = read(used, None, store).store["active_manifest"]
    if harm == "film":
        film(used, seed=8)
    else:
        store.write_bytes(b"no store at all")
    record = {"title": "take", "relationship": "componentOf", "label": "t"}
    for manifest in (None, urn):
        parts = (IngredientFile(used, record, manifest),)
        request = SigningRequest(claim("out", placed=("t",)), me.signer, parts, anchors=me.root)
        out = tmp_path / "out.mp4"
        if harm == "store" and manifest:
            with pytest.raises(PolicyError, match=r"take\.mp4"):
                sign(room / "raw.mp4", out, request)
            continue
        sign(room / "raw.mp4", out, request)
        found = read(out)
        (ingredient,) = found.store["manifests"][found.store["active_manifest"]]["ingredients"]
        (failure,) = ingredient["validation_results"]["activeManifest"]["failure"]
        expected = {"film": "assertion.bmffHash.mismatch", "store": "manifest.inaccessible"}
        assert failure["code"] == expected[harm]


def test_an_embedded_store_counts_before_one_beside(tmp_path, me):
    used = take(tmp_path / "take.mp4", me)
    sidecar(used).write_bytes(b"no store at all")
    out = assembly(tmp_path / "out.mp4", me, [used])
    assert read(used).store["active_manifest"] in read(out).store["manifests"]


def test_an_address_is_noted_and_the_film_plays_as_before(tmp_path, room, me):
    for number, packet in enumerate((b"", _packet("there before"))):
        noted = tmp_path / f"noted-{number}.mp4"
        noted.write_bytes((room / "raw.mp4").read_bytes() + packet)
        address = "https://example.org/a/x.c2pa"
        note(noted, address)
        note_size = noted.stat().st_size
        outcome = read(noted)
        assert outcome.obstacle is Obstacle.REMOTE
        assert outcome.detail.endswith(address)
        assert pictures(noted) == pictures(room / "raw.mp4")
        assert (b"there before" in noted.read_bytes()) == bool(packet)
        out = tmp_path / f"out-{number}.mp4"
        request = SigningRequest(claim("x"), me.signer, beside=True, address=address)
        sign(noted, out, request)
        assert out.stat().st_size == note_size
        assert read(out, me.root, sidecar(out)).state == "Trusted"


def test_an_address_of_somebody_else_is_not_lost(tmp_path, room, me):
    noted = tmp_path / "raw.mp4"
    noted.write_bytes((room / "raw.mp4").read_bytes())
    note(noted, "https://vendor.example/x.c2pa")
    for words in ({}, {"beside": True}, {"beside": True, "address": "https://example.org/x.c2pa"}):
        with pytest.raises(PolicyError):
            sign(noted, tmp_path / "out.mp4", SigningRequest(claim("x"), me.signer, **words))


def test_what_is_no_film_can_not_be_noted(tmp_path):
    (tmp_path / "note.txt").write_text("no film")
    with pytest.raises(ValueError, match="boxes"):
        note(tmp_path / "note.txt", "https://example.org/")


def _packet(word):
    text = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        f'rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:rights="{word}"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    body = bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + text.encode()
    return (len(body) + 8).to_bytes(4, "big") + b"uuid" + body


def pictures(path):
    with av.open(str(path)) as container:
        return [frame.to_ndarray().tobytes() for frame in container.decode(video=0)]


def test_a_large_film_is_hashed_in_pieces_and_any_byte_of_them_counts(tmp_path, me, monkeypatch):
    monkeypatch.setattr(signing, "_LARGE", 1000)
    monkeypatch.setattr(signing, "_PIECE", 1)
    film(tmp_path / "raw.mp4")
    out = tmp_path / "out.mp4"
    sign(tmp_path / "raw.mp4", out, SigningRequest(claim("x"), me.signer, attributed=ACTIONS))
    assert read(out, me.root).state == "Trusted"
    whole = out.read_bytes()
    assert b"merkle" in whole
    begin = whole.rindex(b"mdat") + 4
    for at in range(begin, begin + 4000, 333):
        out.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert read(out).state == "Invalid"


def test_a_large_film_beside_its_store_has_the_bytes_of_the_render(tmp_path, me, monkeypatch):
    monkeypatch.setattr(signing, "_LARGE", 1000)
    monkeypatch.setattr(signing, "_PIECE", 1)
    raw, out = film(tmp_path / "raw.mp4"), tmp_path / "film.mp4"
    request = SigningRequest(claim("x"), me.signer, attributed=ACTIONS, beside=True)
    sign(raw, out, request)
    assert out.read_bytes() == raw.read_bytes()
    found = reading(out, me.root)
    assert (found.state, found.embedded) == ("Trusted", False)


def test_a_film_with_media_in_several_boxes_is_hashed_whole(tmp_path, me, monkeypatch):
    monkeypatch.setattr(signing, "_LARGE", 100)
    raw, out = film(tmp_path / "raw.mp4"), tmp_path / "out.mp4"
    raw.write_bytes(raw.read_bytes() + (1008).to_bytes(4, "big") + b"mdat" + bytes(1000))
    sign(raw, out, SigningRequest(claim("x"), me.signer, attributed=ACTIONS))
    assert read(out, me.root).state == "Trusted"
