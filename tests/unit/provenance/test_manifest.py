import json
import os
import random
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.provenance.plans import plan, promises, taken
from tests.unit.provenance.vendors import AI, CAPTURE, film, stripped, take, vendor

from finisher.c2pa.reading import read
from finisher.facts import CredentialFacts, Integrity
from finisher.findings import Status, Verdict
from finisher.plan.model import Piece, PlannedLayer, Shot, SoundTrack, Unit
from finisher.problems import PolicyError
from finisher.provenance import chain
from finisher.provenance.disclosure import KNOWN
from finisher.provenance.identity import development
from finisher.provenance.manifest import LABEL, manifest, seconds
from finisher.provenance.promised import from_assertion
from finisher.provenance.signing import Thumbnails, signed
from finisher.provenance.sources import AI_COMPOSITE, COMPOSITE
from finisher.provenance.verdict import judge
from finisher.timecode import Span
from finisher.timeline import Role

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "manifest.json"


def request(made=None):
    made = made or plan()
    return manifest(made, promises(made), "1.0.0")


def actions(made=None):
    return request(made).manifest["assertions"][0]["data"]["actions"]


def named(name, made=None):
    return [a for a in actions(made) if a["action"] == f"c2pa.{name}"]


def test_the_claim_is_the_one_last_looked_at():
    found = request()
    document = {
        "manifest": found.manifest,
        "ingredients": [
            {"path": i.path, "record": i.record, "manifest": i.manifest} for i in found.ingredients
        ],
        "attributed": list(found.attributed),
    }
    if os.environ.get("FINISHER_UPDATE_GOLDEN") == "1":
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        GOLDEN.write_text(text, encoding="utf-8")
    assert document == json.loads(GOLDEN.read_text(encoding="utf-8"))


def times(action):
    region = action["changes"][0]
    time = region["region"][0]["time"]
    return float(time["start"]), float(time["end"]), region.get("description")


def placed_as(label, made):
    return [a for a in named("placed", made) if a["parameters"]["ingredientIds"] == [label]]


def sounding(*tracks):
    made = plan()
    return replace(made, sound=replace(made.sound, tracks=(*made.sound.tracks, *tracks)))


def test_a_replacement_is_placed_wherever_it_sounds():
    pieces = (
        # Three passes of a loop that overlap in their crossfades, and one line of its own.
        *(Piece("layer:line", 0, at, 4_240) for at in (4_800, 8_800, 12_800)),
        Piece("layer:line@21/20", 0, 30_000, 4_800),
    )
    made = sounding(SoundTrack("line", Role.DIALOGUE, 0.0, pieces))
    line = PlannedLayer(
        "line",
        "audio/line.wav",
        "c" * 64,
        Role.DIALOGUE,
        CredentialFacts(Integrity.INTACT, "urn:c2pa:line", source_type=AI),
    )
    made = replace(made, layers=(*made.layers, line))
    placed = [
        a for a in named("placed", made) if a["parameters"]["ingredientIds"] == ["layer-line"]
    ]
    assert [times(a) for a in placed] == [
        (0.1, round(17_040 / 48_000, 9), None),
        (0.625, 0.725, None),
    ]
    part = next(p for p in request(made).ingredients if p.path == "audio/line.wav")
    assert part.manifest == "urn:c2pa:line"
    assert part.record["relationship"] == "componentOf"


def test_a_take_that_is_heard_before_it_is_seen_is_placed_twice():
    # Event push is seen from frame 9, in a dissolve, to 18; its sound begins a fifth of a second
    # before and ends with it.
    start = plan().rate.samples(9) - 9_600
    end = plan().rate.samples(18)
    native = SoundTrack("native", None, 0.0, (Piece("take:t2", 0, start, end - start),))
    made = sounding(native)
    placed = placed_as("take-t2", made)
    alone, seen = sorted(map(times, placed))
    assert alone == (
        pytest.approx(start / 48_000),
        pytest.approx((start + 9_600) / 48_000),
        "its sound alone",
    )
    assert seen[2] is None


def test_a_take_that_lends_the_tone_of_its_room_is_an_ingredient_of_its_own():
    tone = SoundTrack("room-tone", Role.AMBIENCE, 0.0, (Piece("take:t3", 0, 4_800, 9_600),))
    made = sounding(tone)
    made = replace(made, takes=(*made.takes, taken("t3", "urn:c2pa:three")))
    (placed,) = placed_as("take-t3", made)
    assert times(placed) == (0.1, 0.3, "its sound alone")


def test_created_comes_first_and_all_actions_are_ones_the_specification_knows():
    names = [action["action"] for action in actions()]
    assert names[0] == "c2pa.created"
    assert names.count("c2pa.created") == 1
    assert {name.removeprefix("c2pa.") for name in names} <= KNOWN


def test_every_use_is_placed_where_it_lies():
    placed = named("placed")
    uses = [
        (a["parameters"]["ingredientIds"][0], a["changes"][0]["region"][0]["time"]["start"])
        for a in placed
    ]
    # Frames 10 and 18 at 24000/1001 frames a second, to the nanosecond.
    assert uses == [
        ("take-t1", "0"),
        ("layer-bed", "0"),
        ("take-t2", "0.417083333"),
        ("take-t1", "0.75075"),
    ]


def test_every_file_is_one_ingredient_and_every_ingredient_is_placed():
    found = request()
    labels = [i.record["label"] for i in found.ingredients]
    assert labels == ["take-t1", "take-t2", "layer-bed"]
    assert {a["parameters"]["ingredientIds"][0] for a in named("placed")} == set(labels)
    assert [i.manifest for i in found.ingredients] == ["urn:c2pa:one", None, None]


def test_a_take_that_only_sounds_is_placed_too():
    made = plan(taken("t1"), taken("t2"), taken("t3"))
    shown = Unit(0, tuple(Shot(0, n) for n in range(10)))
    made = replace(made, events=made.events[:1], units=(shown,))
    labels = [a["parameters"]["ingredientIds"] for a in named("placed", made)]
    assert ["take-t3"] in labels


def test_only_edits_that_were_made_are_claimed():
    assert len(named("trimmed")[0]["changes"]) == 1
    assert len(named("cropped")[0]["changes"]) == 2
    assert named("resized") == []
    made = plan()
    plain = replace(
        made,
        events=tuple(replace(e, edits=()) for e in made.events),
        units=(replace(made.units[0], pictures=made.units[0].pictures[:9]),),
        sound=replace(made.sound, tracks=()),
    )
    assert [a["action"] for a in actions(plain)] == [
        "c2pa.created",
        *["c2pa.placed"] * 4,
        "c2pa.transcoded",
    ]


def test_edits_without_an_action_of_their_own_are_told_by_name():
    told = {a.get("description", "") for a in named("edited")}
    assert told == {"", "looped", "transitions", "black"}


def test_transitions_and_black_are_told_with_their_place():
    (joined,) = [a for a in named("edited") if a.get("description") == "transitions"]
    (black,) = [a for a in named("edited") if a.get("description") == "black"]
    assert joined["changes"][0]["region"][0]["time"] == {
        "type": "npt",
        "start": "0.375375",
        "end": "0.458791667",
    }
    assert black["changes"][0]["region"][0]["time"]["start"] == "1.001"


def test_a_crop_that_may_cut_a_mark_says_why():
    changes = named("cropped")[0]["changes"]
    assert [c.get("description") for c in changes] == ["a mark may be cut: the client agreed", None]


def test_sound_is_mixed_mastered_left_out_or_silent():
    assert named("mixed")
    assert "-14 LUFS" in named("mastered")[0]["description"]
    made = plan(sound=False)
    assert named("mixed", made) == []
    assert {"delivered without sound"} <= {a.get("description") for a in named("edited", made)}
    made = plan()
    silent = replace(made, sound=replace(made.sound, tracks=()))
    assert named("mixed", silent) == named("mastered", silent) == []


@pytest.mark.parametrize(
    ("takes", "source_type"),
    [
        ((taken("t1", "urn:1", AI), taken("t2")), AI_COMPOSITE),
        ((taken("t1", "urn:1", CAPTURE), taken("t2", aigc='{"Label":"3"}')), AI_COMPOSITE),
        ((taken("t1", "urn:1", CAPTURE), taken("t2")), COMPOSITE),
        ((taken("t1"), taken("t2")), COMPOSITE),
    ],
)
def test_ai_is_claimed_exactly_where_some_file_says_so(takes, source_type):
    assert named("created", plan(*takes))[0]["digitalSourceType"] == source_type


@given(st.fractions(min_value=0, max_value=10**6))
def test_seconds_are_decimals_within_half_a_nanosecond(instant):
    text = seconds(instant)
    assert set(text) <= set("0123456789.")
    assert abs(Fraction(text) - instant) <= Fraction(1, 2 * 10**9)


@given(st.integers(0, 10**9))
def test_seconds_that_have_a_decimal_are_exact(number):
    assert Fraction(seconds(Fraction(number, 48_000 // 3))) == Fraction(number, 16_000)


def test_neighbours_are_one_stretch_and_a_long_programme_still_fits():
    made = plan()
    cuts = tuple(
        replace(made.events[0], id=f"e{n}", record=Span(n, n + 1), may_crop=None)
        for n in range(2000)
    )
    long = replace(made, frames=2000, events=cuts, units=())
    assert len(named("cropped", long)[0]["changes"]) == 1
    promised = replace(promises(long), fingerprints=random.Random(1).randbytes(2000 * 64))
    found = manifest(long, promised, "1.0.0").manifest
    assert len(json.dumps(found)) < 1 << 20
    assert from_assertion(found["assertions"][1]["data"]).cuts == promised.cuts


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tmp_path_factory.mktemp("desk")
    (folder / "takes").mkdir()
    (folder / "audio").mkdir()
    maker = vendor()
    take(folder / "takes" / "t1.mp4", maker, 1)
    film(folder / "takes" / "t2.mp4", 2)
    # What is in the file matters not here: sounds mostly come without credentials.
    (folder / "audio" / "score.wav").write_bytes(b"RIFF\x24\0\0\0WAVEfmt ")
    return folder, maker, development(folder / "keys")


def made_at(folder):
    urn = read(folder / "takes" / "t1.mp4").store["active_manifest"]
    return plan(taken("t1", urn, AI), taken("t2"))


def test_a_signed_claim_passes_its_own_audit_and_brings_its_promises(desk):
    folder, maker, me = desk
    made = made_at(folder)
    out = folder / "out.mp4"
    picture = b"\xff\xd8\xff\xe0 small \xff\xd9"
    signed(
        film(folder / "render.mp4", 3),
        out,
        replace(request(made), anchors=maker.root),
        me,
        folder,
        Thumbnails(picture, {"take-t1": picture + b" of t1"}),
    )
    reading = read(out, me.root + maker.root)
    found = judge(reading, promises(made).takes, trust_lists="ours")
    assert found.verdict is Verdict.INTACT
    weak = {c.id: c.status for c in found.checks if c.status is not Status.PASSED}
    assert set(weak) == {"ingredients-marked", "ingredients-rechecked", "time-stamp"}
    assert from_assertion(chain.assertion(reading.store, LABEL)) == promises(made)
    assert picture + b" of t1" in out.read_bytes()
    # The maker was trusted when the take went in, and the record says so for good.
    assert [i.recorded for i in found.ingredients] == [(), (), ()]


def test_the_signer_answers_for_every_assertion(desk):
    folder, _, me = desk
    out = folder / "attributed.mp4"
    signed(film(folder / "render2.mp4", 3), out, request(made_at(folder)), me, folder)
    store = read(out).store
    assertions = store["manifests"][store["active_manifest"]]["assertions"]
    assert len(assertions) == 3
    assert all(a["created"] for a in assertions)


def test_a_take_stripped_between_ingest_and_signing_stops_it(desk, tmp_path):
    folder, _, me = desk
    made = made_at(folder)
    (tmp_path / "takes").mkdir()
    (tmp_path / "audio").mkdir()
    stripped(folder / "takes" / "t1.mp4", tmp_path / "takes" / "t1.mp4")
    film(tmp_path / "takes" / "t2.mp4", 2)
    (tmp_path / "audio" / "score.wav").write_bytes(b"RIFF\x24\0\0\0WAVEfmt ")
    with pytest.raises(PolicyError, match=r"t1\.mp4"):
        signed(film(tmp_path / "r.mp4"), tmp_path / "out.mp4", request(made), me, tmp_path)
    assert not (tmp_path / "out.mp4").exists()


def test_hostile_names_stay_data(desk, tmp_path):
    folder, _, me = desk
    odd = 't"\x1b[2J\u202e{}\\'
    made = plan(replace(taken("t2"), id=odd), replace(taken("t2"), id=odd + "2"))
    made = replace(made, title=odd)
    out = tmp_path / "out.mp4"
    signed(film(tmp_path / "r.mp4"), out, request(made), me, folder)
    reading = read(out)
    assert from_assertion(chain.assertion(reading.store, LABEL)).title == odd
    assert judge(reading).verdict is Verdict.INTACT_UNTRUSTED


def test_layers_may_be_generated_too():
    made = plan(taken("t1"), taken("t2"))
    voice = replace(
        made.layers[0], credentials=CredentialFacts(Integrity.INTACT, "urn:v", source_type=AI)
    )
    assert named("created", replace(made, layers=(voice,)))[0]["digitalSourceType"] == AI_COMPOSITE
