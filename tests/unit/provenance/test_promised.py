import json
import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.provenance.plans import plan, promises

from finisher.channels import Layout
from finisher.presets.model import Loudness
from finisher.promises import (
    PromisedCut,
    PromisedExcerpt,
    PromisedHidden,
    PromisedLevels,
    PromisedMark,
    PromisedSound,
    PromisedTake,
    Promises,
    pack,
)
from finisher.provenance.promised import FINGERPRINT_BUDGET, from_assertion, to_assertion
from finisher.timecode import Span

TEXT = st.text(max_size=20)
COUNT = st.integers(0, 10**9)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
OPTIONAL = st.none() | TEXT


def spans(frames):
    ends = st.tuples(st.integers(0, frames), st.integers(0, frames))
    return ends.map(sorted).filter(lambda pair: pair[0] < pair[1])


def mark(frames):
    return st.builds(
        lambda span, **rest: PromisedMark(spans=(Span(*span),) if span else (), **rest),
        st.none() | spans(frames),
        event=TEXT, mark=TEXT, box=st.tuples(NUMBER, NUMBER, NUMBER, NUMBER),
        template_sha256=TEXT, source_score=NUMBER, source_strength=NUMBER, may_crop=OPTIONAL,
        may_lose=OPTIONAL, calibration=OPTIONAL, visible=st.floats(0, 1),
        verified=st.none() | st.booleans(), moved=st.booleans(), take_strength=NUMBER,
    )  # fmt: skip


def hidden(frames):
    box = st.tuples(NUMBER, NUMBER, NUMBER, NUMBER)
    return st.builds(
        lambda span, **rest: PromisedHidden(spans=(Span(*span),), **rest),
        spans(frames),
        event=TEXT, mark=TEXT, detector=TEXT, payload=st.text("01", max_size=9),
        carrier=st.sampled_from(("picture", "sound")), canvas=st.tuples(COUNT, COUNT),
        crop=box, place=box, found=st.booleans(), reason=TEXT, may_lose=OPTIONAL,
    )  # fmt: skip


def test_a_mark_promised_by_earlier_versions_is_read() -> None:
    data = to_assertion(promises(plan()))
    old = dict(data["marks"][0])
    (span,) = old.pop("spans")
    found = from_assertion(data | {"marks": [old | span]})
    assert found.marks == promises(plan()).marks


@st.composite
def sound(draw):
    """A sound track, with levels and excerpts or as promised before there were any."""
    samples, channels = draw(st.integers(0, 9_600)), draw(st.integers(1, 6))
    size = samples // 480 * channels
    levels = st.builds(
        PromisedLevels,
        st.just(480),
        st.just(channels),
        st.binary(min_size=size, max_size=size),
    )
    excerpt = st.builds(
        PromisedExcerpt, st.integers(0, 5), st.integers(0, samples - 1), st.binary(max_size=960)
    )
    return PromisedSound(
        draw(TEXT),
        samples,
        draw(st.booleans()),
        draw(
            st.none() | st.builds(Loudness, st.floats(-70, 0), st.floats(0, 10), st.floats(-20, 0))
        ),
        draw(st.sampled_from(Layout)),
        draw(st.none() | levels),
        draw(st.lists(excerpt, max_size=3).map(tuple)) if samples else (),
        draw(OPTIONAL),
        draw(st.booleans()),
    )


def built(frames):
    return st.builds(
        Promises,
        TEXT, TEXT, TEXT, COUNT, COUNT, TEXT, st.just(frames), TEXT, TEXT, st.booleans(),
        cuts=st.dictionaries(st.integers(0, max(0, frames - 1)), TEXT, max_size=min(frames, 3)).map(
            lambda cuts: tuple(PromisedCut(*cut) for cut in sorted(cuts.items()))
        ),
        fingerprints=st.binary(min_size=frames * 64, max_size=frames * 64),
        sound=st.none() | sound(),
        marks=st.lists(mark(frames), max_size=2 if frames else 0).map(tuple),
        hidden=st.lists(hidden(frames), max_size=2 if frames else 0).map(tuple),
        undeclared=st.lists(TEXT, max_size=2, unique=True).map(tuple),
        templates=st.just({}),
        takes=st.lists(
            st.builds(PromisedTake, TEXT, TEXT, TEXT, OPTIONAL, COUNT),
            max_size=3,
            unique_by=lambda take: take.id,
        ).map(tuple),
        looks=st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
        repairs=st.lists(TEXT, max_size=2).map(tuple),
    )  # fmt: skip


@settings(max_examples=40, deadline=None)  # a busy machine is no failure
@given(st.integers(0, 4).flatmap(built))
def test_promises_come_back_as_they_were_given(given_promises):
    data = json.loads(json.dumps(to_assertion(given_promises)))
    assert from_assertion(data) == given_promises


def lists(value):
    if isinstance(value, dict):
        for item in value.values():
            yield from lists(item)
    if isinstance(value, list):
        yield value
        for item in value:
            yield from lists(item)


def test_no_list_holds_numbers_alone():
    # The SDK's reader gives such a list back as base64 of bytes, whatever the numbers were.
    for found in lists(to_assertion(promises(plan()))):
        assert not any(isinstance(item, int | float) for item in found)


def test_templates_come_back_under_their_own_hash():
    made = promises(plan())
    assert from_assertion(to_assertion(made)).templates == made.templates


def test_a_template_can_not_stand_in_for_another():
    data = to_assertion(promises(plan()))
    data["templates"] = ["AAAA"]
    found = from_assertion(data)
    assert found.marks[0].template_sha256 not in found.templates


def test_fingerprints_a_claim_has_no_room_for_are_left_out_and_nothing_else():
    # Noise can't be packed: this many bytes are over the budget in any encoding.
    frames = FINGERPRINT_BUDGET // 64
    noise = random.Random(1).randbytes(frames * 64)
    made = replace(promises(plan()), frames=frames, fingerprints=noise)
    data = to_assertion(made)
    assert len(json.dumps(data)) < 1 << 20
    assert from_assertion(data) == replace(made, fingerprints=b"")


def spoilt(path, value):
    data = json.loads(json.dumps(to_assertion(promises(plan()))))
    at = data
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return data


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["schema"], "finisher/promises@2"),
        (["frames"], -1),
        (["frames"], True),
        (["frames"], 25.0),
        (["frames"], 10**8),
        (["frames"], 24),
        (["width"], 1 << 63),
        (["width"], "36"),
        (["title"], None),
        (["title"], "x" * (1 << 17)),
        (["edit_list"], 0),
        (["cuts"], {}),
        (["cuts", 0], [0, "open"]),
        (["cuts", 0, "frame"], "0"),
        (["cuts"], [{"frame": 0, "event": "x"}] * 100_001),
        (["fingerprints"], "not base64!"),
        (["fingerprints"], "ü"),
        (["fingerprints"], pack(bytes(64 * 26))),
        (["fingerprints"], pack(bytes(1 << 26))),
        (["fingerprints"], pack(bytes(64 * 25))[:-8]),
        (["sound"], []),
        (["sound", "loudness"], [1, 2, 3]),
        (["sound", "loudness", "tolerance_lu"], float("nan")),
        (["marks", 0, "box"], [1, 2, 3, 4]),
        (["marks", 0, "box", "x"], None),
        (["marks", 0, "source_score"], float("inf")),
        (["marks", 0, "source_score"], 10**400),
        (["marks", 0, "may_crop"], 1),
        (["cuts"], [{"frame": 5, "event": "x"}, {"frame": 0, "event": "y"}]),
        (["cuts"], [{"frame": 0, "event": "x"}, {"frame": 0, "event": "y"}]),
        (["cuts"], [{"frame": 0, "event": "x"}, {"frame": 25, "event": "y"}]),
        (["sound", "loudness", "tolerance_lu"], 50.0),
        (["sound", "loudness", "tolerance_lu"], -0.1),
        (["sound", "loudness", "target_lufs"], 3.0),
        (["sound", "loudness", "true_peak_dbtp"], 50.0),
        (["marks", 0, "spans", 0, "end"], 26),
        (["marks", 0, "spans", 0, "start"], 1 << 62),
        (["marks", 0, "spans"], [{"start": 1, "end": 3}, {"start": 2, "end": 4}]),
        (["marks"], [to_assertion(promises(plan()))["marks"][0]] * 4097),
        (["takes"], [to_assertion(promises(plan()))["takes"][0]] * 2),
        (["templates"], {"a": "b"}),
        (["templates"], ["###"]),
        (["takes", 0, "manifest"], 7),
        (["looks"], [{"name": "one"}]),
        (["repairs"], [None]),
    ],
)
def test_what_is_no_promise_is_refused(path, value):
    with pytest.raises(ValueError):  # noqa: PT011 - every way of being wrong, by one error
        from_assertion(spoilt(path, value))


@pytest.mark.parametrize("key", sorted(to_assertion(promises(plan()))))
def test_a_promise_with_a_part_missing_is_refused(key):
    data = to_assertion(promises(plan()))
    del data[key]
    if key == "sound":
        assert from_assertion(data).sound is None
        return
    with pytest.raises(ValueError):  # noqa: PT011
        from_assertion(data)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
        max_leaves=10,
    )
)
def test_anything_else_is_refused(data):
    with pytest.raises(ValueError):  # noqa: PT011
        from_assertion(data)


def test_keys_of_later_versions_are_passed_over():
    data = to_assertion(promises(plan()))
    assert from_assertion({**data, "later": 1}) == promises(plan())


def test_a_sound_promised_before_there_were_levels_is_read():
    data = to_assertion(promises(plan()))
    for key in ("layout", "levels", "excerpts"):
        del data["sound"][key]
    found = from_assertion(data).sound
    assert (found.layout, found.levels, found.excerpts) == (Layout.STEREO, None, ())


@pytest.mark.parametrize(
    "changes",
    [
        {"layout": "7.1"},
        {"levels": {"hop": 0, "channels": 2, "values": pack(b"")}},
        {"levels": {"hop": 480, "channels": 0, "values": pack(b"")}},
        {"levels": {"hop": 480, "channels": 2, "values": pack(b"one level")}},
        {"levels": {"hop": 480, "channels": 2, "values": "no pack"}},
        {"levels": []},
        {"excerpts": [{"channel": 0, "start": 1 << 50, "shape": ""}]},
        {"excerpts": [{"channel": 99, "start": 0, "shape": ""}]},
        {"excerpts": [{"channel": 0, "start": 0, "shape": "&"}]},
        {"excerpts": [{"channel": 0, "start": 0, "shape": ""}] * 99},
        {"excerpts": {}},
    ],
)
def test_levels_and_excerpts_of_no_credible_kind_are_refused(changes):
    data = to_assertion(promises(plan()))
    data["sound"] |= changes
    with pytest.raises(ValueError, match=r"promises|pack|Layout|base64|padding"):
        from_assertion(data)
