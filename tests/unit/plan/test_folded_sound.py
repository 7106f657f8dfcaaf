"""Sounds heard with fewer channels than their files have: each is told, once, and no other."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.sounding import SECOND, Heard, event, layer_facts, planned

from finisher.channels import Layout
from finisher.event import NativeSound, Sounding
from finisher.hearing import SoundFacts
from finisher.timeline import Layer, Role


def wide(channels: int) -> SoundFacts:
    return SoundFacts(10 * SECOND, channels, 48_000, layout=Layout.SURROUND)


@pytest.mark.parametrize(
    ("channels", "layout", "told"),
    [
        (
            6,
            Layout.STEREO,
            "5.1 folded down to stereo by ITU-R BS.775, its low-frequency channel left out",
        ),
        (
            8,
            Layout.STEREO,
            (
                "5.1 folded down to stereo by ITU-R BS.775, its low-frequency channel left out; "
                "8 channels summed into 5.1 before"
            ),
        ),
        (
            3,
            Layout.STEREO,
            "3 channels folded down to stereo by ITU-R BS.775, any low-frequency channel left out",
        ),
        (8, Layout.SURROUND, "8 channels summed into 5.1"),
        (6, Layout.SURROUND, None),
    ],
)
def test_channels_that_are_given_up_are_told(
    channels: int, layout: Layout, told: str | None
) -> None:
    heard = Heard(sounds={"b": wide(channels)}, layout=layout)
    layer = Layer("music", "m", Role.MUSIC)
    file = replace(layer_facts(SECOND), sound=wide(channels))
    _, problems = planned(
        event("1", "a", 0, 48),
        event("2", "b", 0, 48),
        event("3", "b", 60, 96),
        layers=(layer,),
        files={"music": file},
        heard=heard,
    )
    found = [p.message for p in problems if p.code == "sound-folded"]
    assert found == ([] if told is None else [f"take b: {told}", f"layer music: {told}"])


def test_what_is_not_heard_is_not_told() -> None:
    muted = event("1", "b", 0, 48, sound=Sounding(NativeSound.MUTE))
    _, problems = planned(muted, heard=Heard(sounds={"b": wide(6)}))
    assert not problems
