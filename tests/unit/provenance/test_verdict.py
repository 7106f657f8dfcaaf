import copy
from dataclasses import replace

import pytest
from tests.unit.provenance.vendors import (
    ACTIONS,
    CAPTURE,
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

from finisher.c2pa.reading import Obstacle, Obstructed, Reading, read
from finisher.c2pa.signing import SigningRequest, sign
from finisher.facts import CredentialFacts, Integrity
from finisher.findings import Status, Verdict, Weight
from finisher.promises import PromisedTake
from finisher.provenance.completeness import Source
from finisher.provenance.credentials import source
from finisher.provenance.verdict import judge


class Desk:
    """A finished film, the takes it was made of, and everybody's roots."""

    def __init__(self, folder):
        self.folder = folder
        self.maker, self.house = vendor(), vendor("Finishing House")
        self.anchors = self.maker.root + self.house.root
        self.takes = [take(folder / f"t{n}.mp4", self.maker, n) for n in (1, 2)]
        self.export = assembly(folder / "export.mp4", self.house, self.takes)
        self.expected = tuple(
            PromisedTake(p.stem, p.name, f"sha of {p.stem}", urn(p), 1) for p in self.takes
        )

    def sources(self):
        return {p.stem: source(p, f"sha of {p.stem}") for p in self.takes}


def urn(path):
    return read(path).store["active_manifest"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return Desk(tmp_path_factory.mktemp("desk"))


def audit(desk, path, anchors=None, **more):
    return judge(read(path, anchors if anchors is not None else desk.anchors), **more)


def status(found, name):
    return next(check.status for check in found.checks if check.id == name)


def test_a_good_export_is_intact_where_its_signer_is_known(desk):
    found = audit(desk, desk.export, expected=desk.expected)
    assert found.verdict is Verdict.INTACT
    assert all(c.status is Status.PASSED for c in found.checks if c.severity is Weight.REQUIRED)
    assert found.active.anchor == "a given trust list"
    assert found.active.actions == ("c2pa.created", "c2pa.placed")
    assert [i.title for i in found.ingredients] == ["t1.mp4", "t2.mp4"]
    assert {i.issuer for i in found.ingredients} == {"Dream Machine"}
    assert [i.sha256 for i in found.ingredients] == ["sha of t1", "sha of t2"]


def test_without_anchors_it_is_intact_untrusted_and_says_why_in_one_line(desk):
    found = audit(desk, desk.export, anchors="")
    assert found.verdict is Verdict.INTACT_UNTRUSTED
    (trust,) = [c for c in found.checks if c.id == "trust-signer"]
    assert trust.status is Status.WARNED
    assert "C2PA trust list" in trust.detail
    assert "\n" not in trust.detail
    assert found.active.anchor is None


def test_trusting_the_makers_is_not_trusting_the_house(desk):
    found = audit(desk, desk.export, anchors=desk.maker.root)
    assert found.verdict is Verdict.INTACT_UNTRUSTED
    only_house = audit(desk, desk.export, anchors=desk.house.root)
    assert only_house.verdict is Verdict.INTACT


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (flipped, "assertion.bmffHash.mismatch"),
        (relabelled, "assertion.hashedURI.mismatch"),
    ],
)
@pytest.mark.parametrize("trusting", [True, False])
def test_a_take_that_was_changed_before_it_went_in_is_tampering(
    tmp_path, desk, spoil, code, trusting
):
    bad = spoil(desk.takes[0], tmp_path / "bad.mp4")
    export = assembly(tmp_path / "export.mp4", desk.house, [bad, desk.takes[1]])
    again = assembly(tmp_path / "again.mp4", desk.house, [export])
    anchors = desk.anchors if trusting else ""
    for path in (export, again):
        # The SDK sees nothing wrong: that is what this audit is for.
        assert read(path, anchors).state == ("Trusted" if trusting else "Valid")
        found = audit(desk, path, anchors=anchors)
        assert found.verdict is Verdict.TAMPERED
        assert status(found, "ingredients-recorded") is Status.FAILED
        assert any(code in ingredient.recorded for ingredient in found.ingredients)


def appended(data):
    return data + (16).to_bytes(4, "big") + b"mdat" + bytes(8)


def one_byte(data):
    return data + b"\0"


def truncated(data):
    return data[:-10]


def garbage(data):
    return data + b"\x7f\xff\xff\xffjunk" + bytes(60)


def twice(data):
    start, end = store_box(data)
    return data + data[start:end]


def claim_flipped(data):
    # The claim's own title: the signature covers it directly.
    at = data.rindex(b"dc:title")
    return data[: at + 10] + bytes([data[at + 10] ^ 1]) + data[at + 11 :]


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (appended, "integrity-media"),
        (one_byte, "integrity-media"),
        (truncated, "manifest-readable"),
        (garbage, "manifest-readable"),
        (twice, "manifest-single"),
        (claim_flipped, "integrity-claim"),
    ],
)
def test_changes_after_signing_are_tampering(tmp_path, desk, change, check):
    changed = tmp_path / "changed.mp4"
    changed.write_bytes(change(desk.export.read_bytes()))
    found = audit(desk, changed)
    assert found.verdict is Verdict.TAMPERED
    assert status(found, check) is Status.FAILED


def test_a_byte_of_the_media_is_tampering(tmp_path, desk):
    found = audit(desk, flipped(desk.export, tmp_path / "flipped.mp4"))
    assert found.verdict is Verdict.TAMPERED
    assert status(found, "integrity-media") is Status.FAILED
    assert status(found, "integrity-claim") is Status.PASSED


def test_a_store_moved_to_another_film_is_tampering(tmp_path, desk):
    data, other = desk.export.read_bytes(), film(tmp_path / "other.mp4", 7).read_bytes()
    start, end = store_box(data)
    moved = tmp_path / "moved.mp4"
    moved.write_bytes(other + data[start:end])
    assert audit(desk, moved).verdict is Verdict.TAMPERED


def test_a_copy_by_a_tool_that_knows_nothing_of_credentials_is_absent(tmp_path, desk):
    found = audit(desk, stripped(desk.export, tmp_path / "copy.mp4"))
    assert found.verdict is Verdict.ABSENT
    assert status(found, "manifest-present") is Status.FAILED


def test_a_take_stripped_before_it_went_in_makes_the_chain_incomplete(tmp_path, desk):
    bare = stripped(desk.takes[0], tmp_path / "t1.mp4")
    export = assembly(tmp_path / "export.mp4", desk.house, [bare, desk.takes[1]])
    found = audit(desk, export, expected=desk.expected)
    assert found.verdict is Verdict.INCOMPLETE
    assert status(found, "ingredients-complete") is Status.FAILED
    # Nobody who was not told what went in can know.
    alone = audit(desk, export)
    assert alone.verdict is Verdict.INTACT
    assert status(alone, "ingredients-marked") is Status.WARNED
    assert status(alone, "ingredients-complete") is Status.NOT_CHECKED


def test_a_take_left_out_makes_the_chain_incomplete(tmp_path, desk):
    export = assembly(tmp_path / "export.mp4", desk.house, desk.takes[:1])
    assert audit(desk, export, expected=desk.expected).verdict is Verdict.INCOMPLETE


def test_a_promise_that_denies_the_credentials_of_a_take_at_hand_is_caught(tmp_path, desk):
    bare = stripped(desk.takes[0], tmp_path / "t1.mp4")
    export = assembly(tmp_path / "export.mp4", desk.house, [bare, desk.takes[1]])
    denying = (replace(desk.expected[0], manifest=None), desk.expected[1])
    assert audit(desk, export, expected=denying).verdict is Verdict.INTACT
    found = audit(desk, export, expected=denying, sources=desk.sources())
    assert found.verdict is Verdict.INCOMPLETE


def test_takes_at_hand_confirm_the_record(desk):
    found = audit(desk, desk.export, expected=desk.expected, sources=desk.sources())
    assert found.verdict is Verdict.INTACT
    assert status(found, "ingredients-rechecked") is Status.PASSED
    assert [i.source_rechecked for i in found.ingredients] == ["same", "same"]


def test_a_take_that_changed_on_disk_since_is_told_and_not_held_against_the_export(desk):
    sources = {**desk.sources(), "t1": replace(desk.sources()["t1"], sha256="another")}
    found = audit(desk, desk.export, expected=desk.expected, sources=sources)
    assert found.verdict is Verdict.INTACT
    assert [i.source_rechecked for i in found.ingredients] == ["changed", "same"]


def test_a_record_that_hides_what_the_take_itself_shows_is_tampering(desk):
    bad = desk.sources()["t1"]
    broken = replace(
        bad,
        credentials=replace(
            bad.credentials, integrity=Integrity.BROKEN, codes=("assertion.bmffHash.mismatch",)
        ),
    )
    found = audit(
        desk, desk.export, expected=desk.expected, sources={**desk.sources(), "t1": broken}
    )
    assert found.verdict is Verdict.TAMPERED
    assert status(found, "ingredients-rechecked") is Status.FAILED


def test_a_look_alike_under_the_same_name_is_tampering(desk):
    own = desk.sources()["t1"]
    other = replace(own.credentials, fingerprint="of another manifest")
    fake = replace(own, credentials=other)
    found = audit(desk, desk.export, expected=desk.expected, sources={**desk.sources(), "t1": fake})
    assert found.verdict is Verdict.TAMPERED


def test_a_look_alike_that_signed_the_film_again_is_never_trusted(tmp_path, desk):
    bare = stripped(desk.export, tmp_path / "bare.mp4")
    again = tmp_path / "again.mp4"
    alike = vendor("Finishing House")
    request = SigningRequest(claim("export", CAPTURE), alike.signer, attributed=ACTIONS)
    sign(bare, again, request)
    found = audit(desk, again)
    assert found.active.issuer == "Finishing House"
    assert found.active.anchor is None
    assert found.verdict is Verdict.INTACT_UNTRUSTED
    told = audit(desk, again, expected=desk.expected)
    assert told.verdict is Verdict.INCOMPLETE


def test_a_claim_that_does_not_tell_of_a_generative_part_fails_disclosure(tmp_path, desk):
    export = assembly(tmp_path / "export.mp4", desk.house, desk.takes, source_type=CAPTURE)
    found = audit(desk, export)
    assert status(found, "ai-disclosure") is Status.FAILED
    assert status(audit(desk, desk.export), "ai-disclosure") is Status.PASSED


def test_an_ai_take_known_only_from_its_file_counts_for_disclosure(tmp_path, desk):
    camera = take(tmp_path / "camera.mp4", desk.maker, 8, CAPTURE)
    export = assembly(tmp_path / "export.mp4", desk.house, [camera], source_type=CAPTURE)
    assert status(audit(desk, export), "ai-disclosure") is Status.PASSED
    facts = CredentialFacts(Integrity.INTACT, "urn:x", source_type="…/trainedAlgorithmicMedia")
    found = audit(desk, export, sources={"t": Source("sha", facts)})
    assert status(found, "ai-disclosure") is Status.FAILED


def test_a_take_whose_credentials_can_not_be_read_is_told_as_such_in_the_export(tmp_path, desk):
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(twice(desk.takes[0].read_bytes()))
    export = assembly(tmp_path / "export.mp4", desk.house, [bad, desk.takes[1]])
    found = audit(desk, export)
    assert found.verdict is Verdict.TAMPERED
    assert found.ingredients[0].recorded == ("manifest.inaccessible",)


def test_a_file_the_sdk_can_not_parse_goes_in_by_name(tmp_path, desk):
    odd = tmp_path / "odd.wav"
    odd.write_bytes(b"RIFF\x24\0\0\0WAVEfmt ")
    export = assembly(tmp_path / "export.mp4", desk.house, [odd, desk.takes[1]])
    found = audit(desk, export)
    assert found.verdict is Verdict.INTACT
    assert [i.title for i in found.ingredients] == ["odd.wav", "t2.mp4"]
    assert found.ingredients[0].recorded == ()


def test_an_invented_record_without_manifest_counts_as_nothing(tmp_path, desk):
    raw = film(tmp_path / "raw.mp4")
    good = [{"code": "claimSignature.validated", "url": "self#jumbf=/c2pa/urn:c2pa:invented/x"}]
    manifest = claim("export", placed=("i",))
    manifest["ingredients"] = [
        {
            "title": "t1.mp4",
            "format": "video/mp4",
            "relationship": "componentOf",
            "label": "i",
            "validation_results": {
                "activeManifest": {"success": good, "informational": [], "failure": []}
            },
        }
    ]
    out = tmp_path / "out.mp4"
    sign(raw, out, SigningRequest(manifest, desk.house.signer, attributed=ACTIONS))
    found = audit(desk, out, expected=desk.expected[:1])
    assert found.ingredients[0].manifest is None
    assert found.verdict is Verdict.INCOMPLETE


def test_a_manifest_that_nothing_refers_to_is_tampering(desk):
    reading = read(desk.export, desk.anchors)
    stray = copy.deepcopy(reading.store)
    stray["manifests"]["urn:c2pa:stray"] = {"ingredients": []}
    found = judge(Reading(stray, reading.state, embedded=True))
    assert found.verdict is Verdict.TAMPERED
    assert status(found, "store-reachable") is Status.FAILED


@pytest.mark.parametrize(
    "code",
    ["assertion.bmffHash.match", "claimSignature.validated", "claimSignature.insideValidity"],
)
def test_silence_is_not_success(desk, code):
    reading = read(desk.export, desk.anchors)
    silent = copy.deepcopy(reading.store)
    results = silent["validation_results"]["activeManifest"]
    results["success"] = [entry for entry in results["success"] if entry["code"] != code]
    found = judge(Reading(silent, "Trusted", embedded=True))
    assert found.verdict is Verdict.TAMPERED
    assert any(f"missing:{code}" in c.codes or "missing:hard-binding.match" in c.codes
               for c in found.checks)  # fmt: skip


def test_an_ingredient_that_fails_only_today_is_tampering(desk):
    reading = read(desk.export, desk.anchors)
    store = copy.deepcopy(reading.store)
    delta = store["validation_results"]["ingredientDeltas"][0]["validationDeltas"]
    delta["failure"] = [{"code": "ingredient.manifest.mismatch", "url": ""}]
    found = judge(Reading(store, "Valid", embedded=True))
    assert found.verdict is Verdict.TAMPERED
    assert status(found, "ingredients-now") is Status.FAILED
    assert found.ingredients[0].now == ("ingredient.manifest.mismatch",)


def test_actions_must_account_for_every_ingredient(desk):
    reading = read(desk.export, desk.anchors)
    store = copy.deepcopy(reading.store)
    manifest = store["manifests"][store["active_manifest"]]
    actions = manifest["assertions"][0]["data"]["actions"]
    del actions[-1]
    actions.append({"action": "c2pa.lutApplied"})
    found = judge(Reading(store, "Valid", embedded=True))
    (check,) = [c for c in found.checks if c.id == "actions"]
    assert check.status is Status.WARNED
    assert "t2.mp4" in check.detail
    assert "c2pa.lutApplied" in check.detail
    actions[0]["action"] = "c2pa.edited"
    failed = judge(Reading(store, "Valid", embedded=True))
    assert status(failed, "actions") is Status.FAILED


@pytest.mark.parametrize(
    ("obstacle", "verdict"),
    [
        (Obstacle.REMOTE, Verdict.ABSENT),
        (Obstacle.UNSUPPORTED, Verdict.ABSENT),
        (Obstacle.SEVERAL, Verdict.TAMPERED),
        (Obstacle.DAMAGED, Verdict.TAMPERED),
        (Obstacle.UNREADABLE, Verdict.UNREADABLE),
    ],
)
def test_what_can_not_be_read(obstacle, verdict):
    found = judge(Obstructed(obstacle, "…"))
    assert found.verdict is verdict
    assert any(check.status is Status.FAILED for check in found.checks)
    if obstacle is Obstacle.REMOTE:
        assert status(found, "remote-not-fetched") is Status.WARNED
        assert found.not_checked


def test_what_nobody_looked_at_is_listed(desk):
    alone = audit(desk, desk.export).not_checked
    assert any("revocation" in line for line in alone)
    assert any("as their signers recorded" in line for line in alone)
    with_takes = audit(desk, desk.export, expected=desk.expected, sources=desk.sources())
    assert not any("as their signers recorded" in line for line in with_takes.not_checked)


@needs_fixtures
@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("video1.mp4", Verdict.INTACT),
        ("CA.jpg", Verdict.INTACT),
        ("sample1_signed.wav", Verdict.INTACT),
        ("legacy_ingredient_hash.jpg", Verdict.INTACT),
        ("CACAE-uri-CA.jpg", Verdict.TAMPERED),
        ("XCA.jpg", Verdict.TAMPERED),
        ("video1_no_manifest.mp4", Verdict.ABSENT),
        ("nested_moov_1000.mp4", Verdict.UNREADABLE),
    ],
)
def test_files_of_others(name, verdict):
    anchors = (FIXTURES / "c2pa" / "test_cert_root_bundle.pem").read_text()
    assert judge(read(FIXTURES / "c2pa" / name, anchors)).verdict is verdict
