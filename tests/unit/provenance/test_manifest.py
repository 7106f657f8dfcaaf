import json
import os
import random
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.provenance.plans import LOOK, plan, promises, taken
from tests.unit.provenance.vendors import AI, CAPTURE, film, stripped, take, vendor

from finisher.c2pa.reading import read
from finisher.effects import Effect
from finisher.event import TransitionKind
from finisher.facts import CredentialFacts, Integrity
from finisher.findings import Status, Verdict
from finisher.geometry import Box
from finisher.look import CDL, Grade, Residual
from finisher.media import xmp
from finisher.media.stated import stated
from finisher.plan.model import (
    Mix,
    Piece,
    PlannedLayer,
    PlannedMark,
    Shot,
    SoundTrack,
    Unit,
    Working,
)
from finisher.problems import PolicyError
from finisher.provenance import chain
from finisher.provenance.edits import seconds
from finisher.provenance.identity import development
from finisher.provenance.manifest import LABEL, manifest
from finisher.provenance.promised import from_assertion
from finisher.provenance.rules import KNOWN
from finisher.provenance.signing import Manner, Thumbnails, signed
from finisher.provenance.sources import AI_COMPOSITE, COMPOSITE, HUMAN_EDITS, of_plan
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


def test_whatever_changes_content_says_by_what_and_nothing_else_does():
    mechanical = {"c2pa.placed", "c2pa.transcoded", "c2pa.resized.proportional"}
    found = actions()
    assert {a["action"] for a in found if "digitalSourceType" not in a} == mechanical
    assert {a["digitalSourceType"] for a in found[1:] if "digitalSourceType" in a} == {HUMAN_EDITS}
    assert request().manifest["claim_generator_info"][0]["specVersion"] == "2.4.0"
    assert request().manifest["assertions"][0]["data"]["allActionsIncluded"] is True
    custom = {name for a in found for name in a.get("parameters", {})} - {"ingredientIds"}
    assert custom
    assert all(name.startswith("org.finisher.") for name in custom)


def test_every_use_is_placed_where_it_lies():
    placed = named("placed")
    uses = [
        (a["parameters"]["ingredientIds"][0], a["changes"][0]["region"][0]["time"]["start"])
        for a in placed
    ]
    # Frames 9, where a dissolve begins, and 18 at 24000/1001 frames a second, to the nanosecond.
    assert uses == [
        ("take-t1", "0"),
        ("layer-bed", "0"),
        ("take-t2", "0.375375"),
        ("take-t1", "0.75075"),
    ]


def test_in_a_transition_both_takes_are_placed():
    (leaving, _), (coming,) = placed_as("take-t1", plan()), placed_as("take-t2", plan())
    assert times(leaving)[1] == pytest.approx(11 * 1001 / 24000)
    assert times(coming)[0] == pytest.approx(9 * 1001 / 24000)


def test_a_programme_closed_into_a_loop_shows_its_first_event_at_both_ends():
    made = plan()
    last = Mix(TransitionKind.DISSOLVE, Shot(2, 3), Shot(0, 0), 0, 1)
    units = (made.units[0], Unit(12, (*made.units[1].pictures[:-1], last)))
    assert [times(a)[0] for a in placed_as("take-t1", replace(made, units=units))] == [
        0.0,
        pytest.approx(18 * 1001 / 24000),
        pytest.approx(24 * 1001 / 24000),
    ]


def test_one_content_is_one_ingredient_whatever_it_goes_by():
    first, second = taken("t1", "urn:c2pa:one", AI), replace(taken("t2"), sha256="1" * 64)
    made = plan(first, second)
    made = replace(made, layers=(replace(made.layers[0], sha256="1" * 64),))
    found = request(made)
    assert [i.record["label"] for i in found.ingredients] == ["take-t1"]
    placed = placed_as("take-t1", made)
    assert [times(a)[0] for a in placed] == pytest.approx([0, 0, 9 * 1001 / 24000, 0.75075])
    assert len(named("placed", made)) == 4


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
        sound=replace(made.sound, tracks=(), loudness=None),
    )
    assert [a["action"] for a in actions(plain)] == [
        "c2pa.created",
        *["c2pa.placed"] * 3,
        "c2pa.edited",
        "c2pa.transcoded",
    ]


def test_edits_without_an_action_of_their_own_are_told_by_name():
    told = {a.get("description", "") for a in named("edited")}
    assert told == {"black bars", "looped", "transition: dissolve", "black"}


def test_transitions_and_black_are_told_with_their_place():
    (joined,) = [a for a in named("edited") if a.get("description") == "transition: dissolve"]
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


def test_colour_is_told_by_the_hashes_of_what_it_was_adjusted_with():
    (adjusted,) = named("adjustedColor")
    assert adjusted["description"] == "a CDL; look warm"
    assert adjusted["parameters"]["org.finisher.look"] == {"name": "warm", "sha256": "5" * 64}
    assert re.fullmatch("[0-9a-f]{64}", adjusted["parameters"]["org.finisher.cdl"])
    assert "org.finisher.match" not in adjusted["parameters"]
    made = plan()
    moved = replace(made.events[1].grade, look=replace(LOOK, path="/elsewhere/warm.cube"))
    events = (made.events[0], replace(made.events[1], grade=moved), made.events[2])
    assert named("adjustedColor", replace(made, events=events)) == [adjusted]


def test_events_graded_otherwise_are_told_apart_and_those_alike_together():
    made = plan()
    cool = Grade(match=CDL(saturation=1.1), residual=Residual("/r.cube", "7" * 64, 0.5))
    events = tuple(
        replace(made.events[1], id=f"e{n}", record=Span(n, n + 1), grade=grade)
        for n, grade in enumerate((cool, made.events[1].grade, cool))
    )
    found = named("adjustedColor", replace(made, events=events, units=()))
    assert [len(a["changes"]) for a in found] in ([2, 1], [1, 2])
    assert any("org.finisher.match" in a["parameters"] for a in found)


def test_speeds_and_repairs_are_told_in_words():
    assert named("changedSpeed")[0]["description"] == "1/2 of its speed"


def test_scaling_in_proportion_is_no_change_of_content():
    (scaled,) = named("resized.proportional")
    assert "digitalSourceType" not in scaled


def test_speech_in_place_of_a_takes_own_is_dubbed_where_it_is_heard():
    line = PlannedLayer(
        "line", "audio/line.wav", "c" * 64, Role.DIALOGUE, CredentialFacts(Integrity.ABSENT),
        replaces=("push",),
    )  # fmt: skip
    start = plan().rate.samples(10)
    track = SoundTrack("line", Role.DIALOGUE, 0.0, (Piece("layer:line", 0, start - 480, 4_800),))
    made = sounding(track)
    (dubbed,) = named("dubbed", replace(made, layers=(*made.layers, line)))
    assert times(dubbed)[0] == pytest.approx(start / 48_000)
    assert times(dubbed)[1] == pytest.approx((start + 4_320) / 48_000)
    assert dubbed["digitalSourceType"] == HUMAN_EDITS
    voice = replace(line, aigc='{"Label":"1"}')
    (spoken,) = named("dubbed", replace(made, layers=(*made.layers, voice)))
    assert spoken["digitalSourceType"] == AI_COMPOSITE
    music = replace(line, role=Role.MUSIC)
    assert named("dubbed", replace(made, layers=(*made.layers, music))) == []


def test_the_mix_is_described():
    ducked = SoundTrack(
        "room-tone", Role.AMBIENCE, 0.0, (Piece("take:t2@21/20", 0, 0, 9_600),),
        ducked=(Span(0, 4_800),),
    )  # fmt: skip
    native = SoundTrack("native", None, 0.0, (Piece("take:t1", 0, 0, 9_600),))
    assert named("mixed", sounding(ducked, native))[0]["description"] == (
        "the takes' own sound, ambience, music; held down under speech; stretched, its pitch kept"
    )


def test_pictures_carried_over_whole_and_without_sound_are_only_repackaged():
    made = plan(sound=False)
    copied = replace(made, units=tuple(replace(unit, copied=True) for unit in made.units))
    assert named("transcoded", copied) == []
    assert len(named("repackaged", copied)) == 1
    half = replace(made, units=(made.units[0], replace(made.units[1], copied=True)))
    assert "takes' own" in named("transcoded", half)[0]["description"]


def test_a_part_of_an_edit_is_told_to_be_one():
    (trimmed,) = [
        a for a in named("trimmed", replace(plan(), part=Span(0, 25))) if "changes" not in a
    ]
    assert trimmed["description"] == "a part of the whole edit"


def test_an_effect_that_may_change_a_mark_says_why_and_one_of_colour_does_not():
    made = plan()
    mark = PlannedMark("corner", Box.of(0, 0, 8, 8), 1.0)

    def reasons(name, action):
        worked = replace(
            made.events[0],
            edits=(action,),
            marks=(mark,),
            working=Working(0, (Shot(0, 0),), made.rate, (Effect(name),)),
        )
        (done,) = named(action, replace(made, events=(worked,), units=()))
        return [change.get("description") for change in done["changes"]]

    assert reasons("MirrorX", "orientation") == ["a mark may be changed: the client agreed"]
    assert reasons("LumContrast", "adjustedColor") == [None]
    assert reasons("FadeIn", "filtered") == [None]


def test_nobody_answers_for_what_code_of_ones_own_does():
    made = plan()
    working = Working(0, (Shot(1, 0),), made.rate, (Effect("mine.Glow"),))
    told = (("edited", "code of its own: mine.Glow"),)
    glowing = replace(made.events[1], working=working, edits=("edited",), told=told)
    events = (made.events[0], glowing, made.events[2])
    (code,) = [
        a for a in named("edited", replace(made, events=events))
        if "mine.Glow" in a.get("description", "")
    ]  # fmt: skip
    assert code["digitalSourceType"] == COMPOSITE


CHOICES = (("ai_training", "notAllowed", ""), ("data_mining", "constrained", "for research"))


def test_choices_on_training_are_an_assertion_the_signer_answers_for():
    found = request(replace(plan(), training=CHOICES))
    (stated,) = [a for a in found.manifest["assertions"] if a["label"] == "cawg.training-mining"]
    assert stated["data"]["entries"] == {
        "cawg.ai_training": {"use": "notAllowed"},
        "cawg.data_mining": {"use": "constrained", "constraint_info": "for research"},
    }
    assert "cawg.training-mining" in found.attributed
    assert all(a["label"] != "cawg.training-mining" for a in request().manifest["assertions"])


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
        ((taken("t1"), replace(taken("t2"), stated_source=AI)), AI_COMPOSITE),
        ((taken("t1"), replace(taken("t2"), stated_source=CAPTURE)), COMPOSITE),
        ((taken("t1"), replace(taken("t2"), generated=True)), AI_COMPOSITE),
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


def busy(events, noise):
    """A programme of many short events, every other graded by itself."""
    made = plan()
    cuts = tuple(
        replace(
            made.events[1],
            id=f"e{n}",
            record=Span(2 * n, 2 * n + 2),
            edits=("adjustedColor",) if n % 2 else ("cropped",),
            grade=Grade(cdl=CDL(saturation=0.5 + n / 10_000), look=LOOK),
        )
        for n in range(events)
    )
    pictures = tuple(Shot(n, k) for n in range(events) for k in range(2))
    long = replace(made, frames=2 * events, events=cuts, units=(Unit(0, pictures),))
    size = 2 * events * 64
    fingerprints = random.Random(1).randbytes(size) if noise else bytes(size)
    return long, replace(promises(long), fingerprints=fingerprints)


@pytest.mark.parametrize(
    ("events", "noise", "placed", "graded"),
    [
        (50, True, 50, 25),
        # Fingerprints that pack badly take up so much that uses are told by file.
        (1500, True, 1, 750),
        # Beyond that colours are told by their looks, and many places are counted.
        (3500, False, 1, 1),
    ],
)
def test_the_longer_a_programme_the_less_closely_it_is_told(events, noise, placed, graded):
    long, promised = busy(events, noise)
    found = manifest(long, promised, "1.0.0").manifest
    assert len(json.dumps(found)) < 1 << 20
    names = [a["action"] for a in found["assertions"][0]["data"]["actions"]]
    # The score, and a take that is in no picture, are placed besides.
    assert (names.count("c2pa.placed") - 2, names.count("c2pa.adjustedColor")) == (placed, graded)
    assert from_assertion(found["assertions"][-1]["data"]).fingerprints


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


def sign(render, out, asked, identity, folder, pictures=None):
    signed((render, out), asked, identity, folder, pictures or Thumbnails(), Manner())


def made_at(folder):
    urn = read(folder / "takes" / "t1.mp4").store["active_manifest"]
    return plan(taken("t1", urn, AI), taken("t2"))


def test_a_signed_claim_passes_its_own_audit_and_brings_its_promises(desk):
    folder, maker, me = desk
    made = made_at(folder)
    out = folder / "out.mp4"
    picture = b"\xff\xd8\xff\xe0 small \xff\xd9"
    sign(
        film(folder / "render.mp4", 3),
        out,
        replace(request(made), anchors=maker.root),
        me,
        folder,
        Thumbnails(picture, {"take-t1": picture + b" of t1"}),
    )
    reading = read(out, me.root + maker.root)
    found = judge(reading, promises(made).takes)
    assert found.verdict is Verdict.INTACT
    weak = {c.id: c.status for c in found.checks if c.status is not Status.PASSED}
    assert set(weak) == {"ingredients-marked", "ingredients-rechecked", "time-stamp"}
    assert from_assertion(chain.assertion(reading.store, LABEL)) == promises(made)
    assert picture + b" of t1" in out.read_bytes()
    # The maker was trusted when the take went in, and the record says so for good.
    assert [i.recorded for i in found.ingredients] == [(), (), ()]


def test_metadata_stay_where_they_are_when_signed_and_are_bound(desk, tmp_path):
    folder, _, me = desk
    made, render = made_at(folder), film(tmp_path / "r.mp4", 4)
    xmp.append(render, xmp.packet(of_plan(made), "finisher"))
    out = tmp_path / "out.mp4"
    sign(render, out, request(made), me, folder)
    data = bytearray(out.read_bytes())
    packet = data.rindex(xmp.XMP_UUID) - 8
    assert bytes(data[packet:]) == render.read_bytes()[-len(data[packet:]) :]
    assert stated(out).source_type == AI_COMPOSITE
    found = judge(read(out))
    assert found.active.source_type == stated(out).source_type
    at = data.index(b"compositeWith", packet)
    data[at] ^= 1
    out.write_bytes(data)
    assert judge(read(out)).verdict is Verdict.TAMPERED


def test_the_signer_answers_for_every_assertion(desk):
    folder, _, me = desk
    out = folder / "attributed.mp4"
    sign(film(folder / "render2.mp4", 3), out, request(made_at(folder)), me, folder)
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
        sign(film(tmp_path / "r.mp4"), tmp_path / "out.mp4", request(made), me, tmp_path)
    assert not (tmp_path / "out.mp4").exists()


def test_hostile_names_stay_data(desk, tmp_path):
    folder, _, me = desk
    odd = 't"\x1b[2J\u202e{}\\'
    made = plan(replace(taken("t2"), id=odd), replace(taken("t2"), id=odd + "2"))
    made = replace(made, title=odd)
    out = tmp_path / "out.mp4"
    sign(film(tmp_path / "r.mp4"), out, request(made), me, folder)
    reading = read(out)
    assert from_assertion(chain.assertion(reading.store, LABEL)).title == odd
    assert judge(reading).verdict is Verdict.INTACT_UNTRUSTED


def test_layers_may_be_generated_too():
    made = plan(taken("t1"), taken("t2"))
    voice = replace(
        made.layers[0], credentials=CredentialFacts(Integrity.INTACT, "urn:v", source_type=AI)
    )
    assert named("created", replace(made, layers=(voice,)))[0]["digitalSourceType"] == AI_COMPOSITE
