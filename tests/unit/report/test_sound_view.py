"""The report's sound: figures of each event off the master's series, and where its lines go."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.report import made

from finisher.findings import Finding, Status
from finisher.problems import Problem, Severity
from finisher.report.document import report_document
from finisher.report.html import report_html
from finisher.report.readings import integrated, readings, speech
from finisher.report.sound_view import sampled, sound
from finisher.sound import meter
from finisher.timecode import Span


def test_each_event_is_read_off_the_blocks_inside_it() -> None:
    found = {one.event: one for one in readings(made.plan(), made.mastered())}
    assert list(found) == ["open", "push", "hero", "slow"]
    # The event lasts from 0 to 2.5 s: 22 blocks of 400 ms, all at -20 LUFS, and no 3 s.
    quiet = found["open"]
    assert quiet.integrated == pytest.approx(-20.0)
    assert (quiet.momentary, quiet.short_term) == (-20.0, None)
    # From 2.5 to 4.5 s: blocks 25 to 41, of which 12 begin at 3 s or later.
    loud = found["push"]
    power = (12 * 10 ** (-1.2) + 5 * 10 ** (-2.0)) / 17
    assert loud.integrated == pytest.approx(10 * math.log10(power))
    assert loud.momentary == -12.0
    # 5 to 11 s holds whole windows of 3 s, and the peak at 6 s.
    assert (found["hero"].short_term, found["hero"].sample_peak) == (-18.0, -1.5)
    silent = found["slow"]
    assert (silent.integrated, silent.momentary, silent.sample_peak) == (None, None, None)


def test_speech_is_counted_once_and_by_its_part_of_an_event() -> None:
    plan = made.plan()
    assert speech(plan) == (Span(60_000, 108_000), Span(120_000, 216_000))
    shares = [one.speech for one in readings(plan, made.mastered())]
    # open: 48000 samples from 60000 on and none after 120000; push: all of 120000 to 216000.
    assert shares == [Fraction(2, 5), Fraction(1), Fraction(0), Fraction(0)]
    assert plan.sound is not None
    deaf = replace(plan.sound, tracks=tuple(replace(t, speech=()) for t in plan.sound.tracks))
    quiet = readings(replace(plan, sound=deaf), made.mastered())
    assert {one.speech for one in quiet} == {None}


@given(st.lists(st.floats(-90, 0), max_size=60))
def test_gating_is_the_meters_own(levels: list[float]) -> None:
    # The meter takes the power of each 10 ms; blocks of ten equal ones every 100 ms, set apart by
    # four, are what it gates.
    powers = 10 ** ((np.repeat(levels, 40) + 0.691) / 10)
    blocks = meter.sliding(powers, 40)[::10] if len(powers) else np.empty(0)
    expected, found = meter.integrated(powers), integrated(blocks.tolist())
    assert found == (None if expected is None else pytest.approx(expected, abs=1e-6))


def test_the_lanes_show_parts_gains_speech_and_the_limit() -> None:
    seen = sound(made.report())
    assert seen is not None
    assert [lane.label for lane in seen.lanes] == ["dialogue", "music", "as delivered"]
    dialogue, music, whole = seen.lanes
    assert [bar.told for bar in dialogue.speech] == ["0:01.25 to 0:02.25", "0:02.50 to 0:04.50"]
    assert dialogue.gains == ()
    assert [gain.told for gain in music.gains] == ["bed, lowered by up to 9 dB"]
    # 36000 of 624000 samples are 57.69 of 1000; 9 of 24 dB are 37.5 of 100.
    assert music.gains[0].path.startswith("M0.00 0.0 L57.69 0.0 L76.92 37.5 L346.15 37.5")
    # -1 dBTP lies a sixtieth of the half height below full scale.
    assert (whole.limit, music.limit) == ("0.83%", "")
    assert [cut.label for cut in seen.cuts] == ["push", "hero", "slow"]
    assert seen.cuts[0].at == "19.2308%"


def test_an_outline_is_a_mirrored_level() -> None:
    seen = sound(made.report())
    assert seen is not None
    # -18 dBFS of 60 is 0.7 of the half height: from 15 to 85 all along.
    assert seen.lanes[1].outline.startswith("M0 15.0 L")
    assert {point.split()[1] for point in seen.lanes[1].outline[1:-2].split(" L")} == {
        "15.0", "85.0",
    }  # fmt: skip


def test_what_was_done_is_told() -> None:
    late = Finding("sound-offset", Status.FAILED, "late", measured={"samples": 480})
    audit = replace(made.audit(), checks=(*made.checks(), late))
    seen = sound(made.report(audit=audit))
    assert seen is not None
    facts = dict(seen.facts)
    assert facts["Gain"] == "4.25 dB over the whole programme"
    assert facts["Passes"] == "2, each encoded, decoded and measured"
    assert facts["Against the mix"] == "in place to the sample"
    assert facts["Against the picture"] == "480 samples (10 ms) late, by the audit"


def test_without_sound_there_is_nothing_to_see() -> None:
    assert sound(made.report(mastered=None)) is None
    assert sound(made.report(plan=replace(made.plan(), sound=None))) is None
    page = report_html(made.report(mastered=None, stems=()))
    assert 'class="sounds"' not in page
    assert report_document(made.report(mastered=None))["sound"] is None


def test_page_and_document_tell_the_same() -> None:
    told = made.report(stems=("dialogue.wav", "mix.wav"))
    page, document = report_html(told), report_document(told)
    assert page.count('class="outline"') == 3
    assert "dialogue.wav, mix.wav" in page
    assert document["stems"] == ["dialogue.wav", "mix.wav"]
    kept = json.loads(json.dumps(document["sound"], allow_nan=False))
    assert kept["speech"]["vo"] == [[60_000, 108_000], [120_000, 216_000]]
    assert kept["gains"] == {"bed": [[36000, 0.0], [48000, -9.0], [216000, -9.0], [240000, 0.0]]}
    assert kept["outlines"]["music"] == {"step": 4_800, "peaks": [-18.0] * 130}
    assert [one["event"] for one in kept["events"]] == ["open", "push", "hero", "slow"]


def test_what_the_master_warns_of_is_told_with_the_warnings() -> None:
    heavy = Problem(
        "limiting-heavy", "the limiter takes up to 7.1 dB off", severity=Severity.WARNING
    )
    told = made.report(mastered=made.mastered(problems=(heavy,)))
    assert "takes up to 7.1 dB off" in report_html(told)
    assert [one["code"] for one in report_document(told)["warnings"]][-1] == "limiting-heavy"


def test_a_name_of_a_track_is_no_markup() -> None:
    plan = made.plan()
    assert plan.sound is not None
    tracks = tuple(replace(t, id="<script>alert(1)</script>") for t in plan.sound.tracks)
    odd = replace(plan, sound=replace(plan.sound, tracks=tracks))
    assert "<script>" not in report_html(made.report(plan=odd))


@given(st.lists(st.floats(-120, 0), max_size=200), st.integers(1, 50))
def test_thinning_keeps_the_loudest(peaks: list[float], most: int) -> None:
    step, thin = sampled(peaks, most)
    assert len(thin) <= most
    assert step % 4_800 == 0
    assert max(thin, default=None) == max(peaks, default=None)
