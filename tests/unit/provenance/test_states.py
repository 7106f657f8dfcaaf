"""What a verdict rests on: codes and bytes, never a summary; updates, redactions, later losses."""

import copy
from dataclasses import replace

import c2pa
import pytest
from tests.unit.provenance.vendors import (
    AI,
    assembly,
    film,
    flipped,
    stripped,
    take,
    vendor,
)

from finisher.c2pa.reading import Obstacle, Obstructed, read
from finisher.facts import Integrity
from finisher.findings import Status, Verdict
from finisher.promises import PromisedTake
from finisher.provenance import chain
from finisher.provenance.completeness import Source
from finisher.provenance.credentials import facts, of, reading, source
from finisher.provenance.verdict import judge


class Made:
    """A finished film of two takes, and everybody's roots."""

    def __init__(self, folder):
        self.maker, self.house = vendor(), vendor("Finishing House")
        self.anchors = self.maker.root + self.house.root
        self.takes = [take(folder / f"t{n}.mp4", self.maker, n) for n in (1, 2)]
        self.export = assembly(folder / "export.mp4", self.house, self.takes)
        self.expected = tuple(
            PromisedTake(p.stem, p.name, f"sha of {p.stem}", facts(p).manifest, 1)
            for p in self.takes
        )


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    return Made(tmp_path_factory.mktemp("films"))


def check(found, name):
    return next((check for check in found.checks if check.id == name), None)


@pytest.mark.parametrize("state", ["Trusted", "Valid", "Invalid", "", "Perfect"])
def test_the_sdks_summary_decides_nothing(tmp_path, films, state):
    spoilt = read(flipped(films.export, tmp_path / "bad.mp4"), films.anchors)
    good, bare = read(films.export, films.anchors), read(films.export)
    for outcome, verdict in (
        (good, Verdict.INTACT),
        (bare, Verdict.INTACT_UNTRUSTED),
        (spoilt, Verdict.TAMPERED),
    ):
        said = replace(outcome, state=state, store={**outcome.store, "validation_state": state})
        assert judge(said) == judge(outcome)
        assert judge(said).verdict is verdict
        assert of(said) == of(outcome)


@pytest.mark.parametrize("results", [None, {}, [], {"activeManifest": {"failure": []}}])
def test_silence_is_no_success_whatever_the_summary_says(films, results):
    outcome = read(films.export, films.anchors)
    silent = {**outcome.store, "validation_results": results, "validation_state": "Trusted"}
    assert judge(replace(outcome, store=silent, state="Trusted")).verdict is Verdict.TAMPERED


def updated(path, to, by, anchors):
    """The same film with an update manifest on top: it says more, and binds no media."""
    trusted = {"trust": {"user_anchors": anchors}}
    manifest = {
        "claim_generator_info": [{"name": "updater"}],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [{"action": "c2pa.edited.metadata"}]}}
        ],
    }
    signer = c2pa.Signer.from_callback(
        by.signer.sign, c2pa.C2paSigningAlg.ES256, by.signer.chain, None
    )
    with (
        c2pa.Builder(manifest, c2pa.Context.from_dict(trusted)) as builder,
        path.open("rb") as source_file,
        to.open("w+b") as made,
    ):
        builder.set_intent(c2pa.C2paBuilderIntent.UPDATE)
        builder.sign(signer, "video/mp4", source_file, made)
    return to


def test_an_update_speaks_for_the_media_of_what_it_adds_to(tmp_path, films):
    path = updated(films.export, tmp_path / "updated.mp4", films.maker, films.anchors)
    outcome = read(path, films.anchors)
    assert chain.subject(outcome.store) == read(films.export).store["active_manifest"]
    assert len(chain.updates(outcome.store)) == 2
    found = judge(outcome, films.expected)
    assert found.verdict is Verdict.INTACT
    assert check(found, "ingredients-complete").status is Status.PASSED
    assert check(found, "actions").status is Status.PASSED
    assert found.active.source_type.endswith("compositeWithTrainedAlgorithmicMedia")
    # Whoever updates must be trusted, and so must whoever is updated.
    for root in (films.maker.root, films.house.root):
        assert judge(read(path, root)).verdict is Verdict.INTACT_UNTRUSTED
    spoilt = judge(read(flipped(path, tmp_path / "bad.mp4"), films.anchors))
    assert spoilt.verdict is Verdict.TAMPERED


def test_credentials_that_are_named_and_not_there_are_missing(films):
    outcome = read(films.export, films.anchors)
    store = copy.deepcopy(outcome.store)
    gone = store["manifests"].pop(films.expected[0].manifest)
    assert gone
    found = judge(replace(outcome, store=store, stores=()))
    assert found.verdict is Verdict.INCOMPLETE
    assert check(found, "ingredients-complete").codes == ("ingredient.manifest.missing",)


def test_what_was_taken_out_is_told(films):
    outcome = read(films.export, films.anchors)
    store = copy.deepcopy(outcome.store)
    place = f"self#jumbf=/c2pa/{films.expected[0].manifest}/c2pa.assertions/c2pa.metadata"
    store["manifests"][store["active_manifest"]]["redactions"] = [place, 5]
    found = judge(replace(outcome, store=store))
    assert found.verdict is Verdict.INTACT
    assert check(found, "redactions").status is Status.WARNED
    assert place in check(found, "redactions").detail
    assert check(judge(outcome), "redactions") is None


def test_a_later_loss_on_disk_is_told_and_not_held_against_the_export(tmp_path, films):
    bare = stripped(films.takes[0], tmp_path / "t1.mp4")
    sources = {
        "t1": source(bare, "another sha"),
        "t2": source(films.takes[1], "sha of t2"),
    }
    found = judge(read(films.export, films.anchors), films.expected, sources)
    assert found.verdict is Verdict.INTACT
    told = check(found, "sources-unchanged")
    assert told.status is Status.WARNED
    assert "t1.mp4 (lost its credentials since)" in told.detail
    good = {p.stem: source(p, f"sha of {p.stem}") for p in films.takes}
    same = judge(read(films.export, films.anchors), films.expected, good)
    assert check(same, "sources-unchanged").status is Status.PASSED


def test_files_of_one_content_are_one_ingredient(films):
    twin = replace(films.expected[0], id="twin", title="copy of t1.mp4", manifest=None)
    found = judge(read(films.export), (*films.expected, twin))
    assert check(found, "ingredients-complete").status is Status.PASSED
    stranger = replace(twin, sha256="of something else")
    found = judge(read(films.export), (*films.expected, stranger))
    assert check(found, "ingredients-complete").status is Status.WARNED


def test_codes_of_trust_and_of_integrity_stand_apart(tmp_path, films):
    good = facts(films.takes[0])
    assert (good.integrity, good.integrity_codes) == (Integrity.INTACT, ())
    assert "signingCredential.untrusted" in good.trust_codes
    bad = facts(flipped(films.takes[0], tmp_path / "bad.mp4"))
    assert bad.integrity is Integrity.BROKEN
    assert "assertion.bmffHash.mismatch" in bad.integrity_codes
    assert not set(bad.integrity_codes) & set(bad.trust_codes)
    assert bad.fingerprint == good.fingerprint
    assert facts(films.takes[1]).fingerprint != good.fingerprint


@pytest.mark.parametrize("obstacle", [Obstacle.REMOTE, Obstacle.UNSUPPORTED])
def test_a_store_beside_a_file_counts_where_none_can_be_inside(
    tmp_path, monkeypatch, films, obstacle
):
    path = tmp_path / "a.mp4"
    path.write_bytes(films.takes[0].read_bytes())
    (tmp_path / "a.c2pa").write_bytes(b"store")
    whole = read(path)

    def fake(_, anchors=None, beside=None):
        del anchors
        return Obstructed(obstacle, "") if beside is None else whole

    monkeypatch.setattr("finisher.provenance.credentials.read", fake)
    assert reading(path) is whole
    assert facts(path).manifest == whole.store["active_manifest"]


def test_a_store_beside_a_file_that_is_not_of_it_is_told(tmp_path):
    path = film(tmp_path / "bare.mp4", 7)
    (tmp_path / "bare.c2pa").write_bytes(b"not a store")
    found = judge(reading(path))
    assert found.verdict is Verdict.ABSENT
    assert check(found, "sidecar-foreign").status is Status.WARNED
    assert facts(path).integrity is Integrity.ABSENT


def test_a_takes_failure_is_seen_in_whichever_list_it_is_recorded(films):
    outcome = read(films.export, films.anchors)
    code = "assertion.hashedURI.mismatch"
    urn = films.expected[1].manifest
    for kind in ("success", "informational", "failure"):
        store = copy.deepcopy(outcome.store)
        (first, _) = store["manifests"][store["active_manifest"]]["ingredients"]
        first["validation_results"] = {
            "activeManifest": {kind: [{"code": code, "url": f"self#jumbf=/c2pa/{urn}/x"}]}
        }
        found = judge(replace(outcome, store=store))
        assert found.verdict is Verdict.TAMPERED, kind
        assert code in check(found, "ingredients-recorded").codes


def test_a_source_known_from_elsewhere_is_no_part_of_the_record(films):
    known = {"other": Source("sha", facts(films.takes[0]))}
    assert judge(read(films.export), sources=known).verdict is Verdict.INTACT_UNTRUSTED
    assert AI in {one.source_type for one in judge(read(films.export)).ingredients}


def test_an_address_that_was_not_followed_is_no_change(films):
    outcome = read(films.export, films.anchors)
    for url, verdict in (
        ("https://example.org/t1.c2pa", Verdict.INTACT),
        ("self#jumbf=/c2pa/urn:c2pa:x", Verdict.TAMPERED),
        ("", Verdict.TAMPERED),
    ):
        store = copy.deepcopy(outcome.store)
        entry = {"code": "manifest.inaccessible", "url": url}
        store["manifests"][store["active_manifest"]]["ingredients"].append(
            {"title": "far.mp4", "validation_results": {"activeManifest": {"failure": [entry]}}}
        )
        found = judge(replace(outcome, store=store))
        assert found.verdict is verdict, url
    entry["url"] = "http://example.org/t1.c2pa"
    found = judge(replace(outcome, store=store))
    assert "far.mp4 lie at an address" in check(found, "ingredients-marked").detail
