"""J- and L-cuts: the sound's cut lies where the edit says, and borrows sound that is there."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sounding import FILM, FRAME, NTSC, SECOND, codes, event, pieces, planned

from finisher.event import MICRO_FADE, Gap, Loop, NativeSound, Seam, Sounding
from finisher.plan.model import Piece
from finisher.problems import Severity
from finisher.timecode import Rate

MUTE = Sounding(NativeSound.MUTE)


def places(found: list[Piece]) -> list[tuple[int, int, int]]:
    """Start, end and source of each piece."""
    return [(p.start, p.start + p.length, p.source_start) for p in found]


def test_a_j_cut_moves_the_cut_of_both_sounds_before_the_pictures() -> None:
    plan, problems = planned(event("1", "a", 0, 24), event("2", "b", 24, 48, j_cut=9_000))
    out, into = pieces(plan)
    assert places([out, into]) == [(0, 39_000, 0), (39_000, 96_000, 39_000)]
    assert out.fade_out == into.fade_in == MICRO_FADE
    assert codes(problems) == ["sound-split"]
    assert "0.188 s before it is seen" in problems[0].message


def test_an_l_cut_moves_it_behind() -> None:
    plan, _ = planned(event("1", "a", 0, 24, l_cut=9_000), event("2", "b", 24, 48))
    assert places(pieces(plan)) == [(0, 57_000, 0), (57_000, 96_000, 57_000)]


def test_with_both_at_one_cut_both_are_heard() -> None:
    plan, _ = planned(event("1", "a", 0, 24, l_cut=6_000), event("2", "b", 24, 48, j_cut=9_000))
    assert places(pieces(plan)) == [(0, 54_000, 0), (39_000, 96_000, 39_000)]


def test_over_a_gap_or_a_silent_event_nothing_gives_way() -> None:
    plan, _ = planned(
        event("1", "a", 0, 24, l_cut=9_000), Gap(24), event("2", "b", 24, 48, j_cut=6_000)
    )
    assert places(pieces(plan)) == [(0, 57_000, 0), (90_000, 144_000, 42_000)]
    plan, _ = planned(event("1", "a", 0, 24, sound=MUTE), event("2", "b", 24, 48, j_cut=48_000))
    assert places(pieces(plan)) == [(0, 96_000, 0)]


def test_every_pass_of_a_loop_gives_way() -> None:
    loop = Loop(4, None)
    plan, _ = planned(event("1", "a", 0, 6, loop=loop), event("2", "b", 24, 48, j_cut=20_000))
    assert places(pieces(plan)) == [
        (0, 12_000, 0),
        (12_000, 24_000, 0),
        (24_000, 28_000, 0),
        (28_000, 96_000, 28_000),
    ]
    plan, _ = planned(event("1", "b", 24, 48, l_cut=20_000), event("2", "a", 0, 6, loop=loop))
    assert places(pieces(plan)) == [
        (0, 68_000, 48_000),
        (68_000, 72_000, 8_000),
        (72_000, 84_000, 0),
        (84_000, 96_000, 0),
    ]


def test_a_blended_seam_that_gives_way_is_cut() -> None:
    loop = Loop(2, None, Seam.BLEND, 8)
    plan, _ = planned(event("1", "b", 24, 48, l_cut=50_000), event("2", "a", 24, 48, loop=loop))
    _, first, second = pieces(plan)
    assert places([first, second]) == [(98_000, 104_000, 98_000), (98_000, 144_000, 50_000)]
    assert second.fade_in == MICRO_FADE


def test_sound_that_only_goes_on_is_not_cut_at_all() -> None:
    plan, _ = planned(
        event("1", "a", 0, 24, l_cut=4_000), event("2", "a", 24, 48, j_cut=9_000), rate=NTSC
    )
    (piece,) = pieces(plan)
    assert piece.length == NTSC.samples(48)


def test_cut_fades_are_the_events_own() -> None:
    plan, _ = planned(
        event("1", "a", 0, 24, sound=Sounding(cut_fade=0)),
        event("2", "b", 24, 48, sound=Sounding(cut_fade=1_000)),
    )
    assert [(p.fade_in, p.fade_out) for p in pieces(plan)] == [(0, 0), (1_000, 1_000)]
    assert [track.id for track in plan.tracks] == ["native"]


@pytest.mark.parametrize(
    ("keys", "takes", "words"),
    [
        (
            {"j_cut": 5_000},
            {},
            "[-1000, 4000) of the sound of take 'b', which has [0, 480000): 1000",
        ),
        ({"l_cut": 5_000}, {"b": 101_000}, "[100000, 105000)"),
        ({"l_cut": 5_000}, {"b": None}, "of the sound of take 'b', which has none"),
        (
            {"j_cut": 3_000},
            {"b": 2_000},
            "[1000, 4000) of the sound of take 'b', which has [0, 2000)",
        ),
    ],
)
def test_too_little_sound_is_a_problem_with_the_numbers(
    keys: dict[str, int], takes: dict[str, int | None], words: str
) -> None:
    _, problems = planned(
        event("1", "a", 0, 24),
        event("2", "b", 2, 50, **keys),
        event("3", "a", 24, 48),
        takes=takes,
    )
    (wrong,) = (p for p in problems if p.severity is Severity.ERROR)
    assert wrong.code == "split-handles"
    assert words in wrong.message


def test_stretched_sound_is_borrowed_stretched() -> None:
    slow = {"speed": Fraction(24, 25), "sound": Sounding(NativeSound.STRETCH)}
    plan, problems = planned(event("1", "a", 0, 24), event("2", "b", 24, 48, j_cut=5_000, **slow))
    _, into = pieces(plan)
    assert (into.source, into.start, into.source_start) == ("take:b@24/25", 43_000, 45_000)
    assert codes(problems) == ["sound-split"]


RATES = [FILM, NTSC, Rate(Fraction(25)), Rate(Fraction(24000, 1001)), Rate(Fraction(60))]


@given(
    rate=st.sampled_from(RATES),
    cuts=st.lists(
        st.tuples(st.integers(12, 40), st.integers(0, 9_000), st.integers(0, 9_000)),
        min_size=2,
        max_size=8,
    ),
)
@settings(max_examples=60)
def test_every_cut_of_the_sound_lies_where_it_was_asked_for(
    rate: Rate, cuts: list[tuple[int, int, int]]
) -> None:
    last = len(cuts) - 1
    items = [
        event(
            str(n),
            "ab"[n % 2],
            30,
            30 + length,
            j_cut=early * (n > 0),
            l_cut=late * (n < last),
        )
        for n, (length, early, late) in enumerate(cuts)
    ]
    found = pieces(planned(*items, rate=rate)[0])
    frame = 0
    for n, (item, piece) in enumerate(zip(items, found, strict=True)):
        start, end = rate.samples(frame), rate.samples(frame + item.length)
        before = items[n - 1].l_cut if n else 0
        after = items[n + 1].j_cut if n < last else 0
        assert piece.start == start + (-item.j_cut or before)
        assert piece.start + piece.length == end + (item.l_cut or -after)
        # Whatever its cuts, sound lies under its own picture.
        assert piece.source_start - piece.start == rate.samples(30) - start
        frame += item.length
    assert FRAME * 24 == SECOND
