"""Sounds are listened to once the edit is settled, each once, and what can't be placed says why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.planning import index, taken, timeline
from tests.voices import RATE, Voice, line, speak

from finisher.channels import Layout
from finisher.event import Event, Gap, Loop, Sounding
from finisher.facts import CredentialFacts, FileFacts, Integrity, TakeFacts
from finisher.hearing import AlignmentFacts, SoundFacts
from finisher.ingest import hearing
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Filling, Layer, Role, Timeline

LATE = 12_345
"""Samples into the take at which its line begins."""


@dataclass
class Heard:
    store: Store
    takes: dict[str, TakeFacts]
    layers: dict[str, FileFacts]
    sounds: dict[str, Path]

    def align(self, line: Timeline) -> AlignmentFacts:
        return hearing.alignments(line, self.takes, self.layers, self.sounds, self.store)["vo"]


def kept(path: Path, sound: NDArray[np.float64], channels: int = 2) -> SoundFacts:
    np.repeat(sound[:, None], channels, axis=1).astype(np.float32).tofile(path)
    layout = Layout.STEREO if channels == 2 else Layout.SURROUND
    return SoundFacts(len(sound), channels, RATE, layout=layout)


@pytest.fixture(scope="module")
def spoken() -> NDArray[np.float64]:
    return speak(line(np.random.default_rng(1), 9), Voice(seed=1))


@pytest.fixture
def heard(tmp_path: Path, spoken: NDArray[np.float64]) -> Heard:
    rng = np.random.default_rng(2)
    native = 0.003 * rng.normal(size=6 * RATE)
    native[LATE : LATE + len(spoken)] += spoken
    sounds = {"take:t1": tmp_path / "native.f32", "layer:vo": tmp_path / "vo.f32"}
    own = kept(sounds["take:t1"], native)
    voice = kept(sounds["layer:vo"], np.concatenate([np.zeros(4_800), spoken]), 6)
    takes = {"t1": taken("t1", index(144), sound=own), "t2": taken("t2", index(144))}
    layers = {"vo": FileFacts("vo.wav", "0" * 64, 1, voice, CredentialFacts(Integrity.ABSENT))}
    return Heard(Store(tmp_path / "store"), takes, layers, sounds)


def edit(*events: Event, at: int = 2 * RATE, reach: int = RATE, start: int = 0) -> Timeline:
    layer = Layer("vo", "vo.wav", Role.DIALOGUE, at, source_in=start, replaces=("a",), align=reach)
    return replace(timeline(Gap(48), *events), layers=(layer,))


def test_a_performance_is_placed_in_the_programme(heard: Heard) -> None:
    # The event shows its take from frame 6 at 2 s: sample 12 000 of the take is at 96 000.
    found = heard.align(edit(Event("a", "t1", Span(6, 120))))
    assert found.refused == ""
    assert found.at == pytest.approx(96_000 - 12_000 + LATE - 4_800, abs=2)
    found = heard.align(edit(Event("a", "t1", Span(6, 120)), start=4_800))
    assert found.at == pytest.approx(96_000 - 12_000 + LATE, abs=2)


def test_what_was_heard_is_kept_and_the_edit_may_move(heard: Heard) -> None:
    first = heard.align(edit(Event("a", "t1", Span(6, 120))))
    for path in heard.sounds.values():
        path.write_bytes(b"")  # nothing is listened to again
    assert heard.align(edit(Event("a", "t1", Span(6, 120)))) == first
    files = list(heard.store.root.rglob("*.json"))
    for path in files:
        heard.store.write("hearing", path.stem, [{"at": "nowhere"}])
    assert "silent" in heard.align(edit(Event("a", "t1", Span(6, 120)))).refused


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (Event("a", "t1", Span(0, 48), speed=Fraction(1, 2)), "retimed or looped"),
        (Event("a", "t1", Span(0, 48), loop=Loop(2, None)), "retimed or looped"),
        (Event("a", "t2", Span(0, 48)), "take t2 has no sound"),
        (Event("b", "t1", Span(0, 48)), "replaces no event"),
        (Event("a", "t1", Span(0, 120)), "later than asked"),
    ],
)
def test_what_cannot_be_placed_says_why(heard: Heard, event: Event, reason: str) -> None:
    reach = 100 if reason == "later than asked" else RATE
    found = heard.align(edit(event, reach=reach))
    assert reason in found.refused
    if reach == RATE:
        assert (found.at, found.confidence) == (2 * RATE, 1.0)


def test_only_room_tones_that_are_named_are_looked_for(heard: Heard) -> None:
    plain = timeline(Event("a", "t1", Span(0, 48)))
    assert hearing.tones(plain, heard.takes, heard.sounds, heard.store) == {}
    for name, found in (("t1", True), ("t2", False)):
        named = timeline(Event("a", "t2", Span(0, 48), sound=Sounding(room_tone=name)))
        tones = hearing.tones(named, heard.takes, heard.sounds, heard.store)
        assert (name in tones) is found
        if found:
            assert tones["t1"].level_dbfs == pytest.approx(20 * np.log10(0.003), abs=0.5)


def test_only_music_that_goes_round_has_its_tempo_measured(heard: Heard, tmp_path: Path) -> None:
    beat = np.zeros(RATE // 2)
    beat[:2_400] = np.random.default_rng(3).normal(size=2_400) * np.exp(-np.arange(2_400) / 500)
    heard.sounds["layer:bed"] = tmp_path / "bed.f32"
    sound = kept(tmp_path / "bed.f32", np.tile(0.2 * beat, 24))
    facts = {"bed": replace(heard.layers["vo"], sound=sound)}
    bed = Layer("bed", "bed.wav", Role.MUSIC, fit=Filling.LOOP)
    whole = replace(timeline(Event("a", "t1", Span(0, 48))), layers=(bed,))
    (found,) = hearing.tempos(whole, facts, heard.sounds, heard.store).values()
    assert found.bpm == pytest.approx(120, rel=1e-3)
    for change in (
        {"fit": Filling.TRIM},
        {"role": Role.AMBIENCE},
        {"source_out": 5 * RATE},
        {"source_in": 99 * RATE},
    ):
        other = replace(whole, layers=(replace(bed, **change),))
        assert hearing.tempos(other, facts, heard.sounds, heard.store) == {}
