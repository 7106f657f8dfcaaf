"""Whole files: a sound delivery passes, each way of spoiling one fails its own check."""

import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from tests.unit.provenance.vendors import claim, film, vendor

from finisher.audit.audit import audit, check, required
from finisher.audit.measure import measure, plane_size
from finisher.c2pa.signing import SigningRequest, sign
from finisher.findings import Status, Verdict
from finisher.geometry import Raster
from finisher.presets.model import Loudness
from finisher.problems import MediaError
from finisher.progress import silent
from finisher.promises import LABEL, PromisedSound
from finisher.provenance.promised import to_assertion


def statuses(promises, path):
    return {f.id: f.status for f in check(promises, measure(path, promises, silent))[0]}


def failed(promises, path):
    return {name for name, status in statuses(promises, path).items() if status is Status.FAILED}


@pytest.fixture(scope="module")
def found(programme, delivery):
    return measure(delivery, programme.promises, silent)


def test_a_good_delivery_passes_every_check(programme, found):
    findings, _ = check(programme.promises, found)
    assert {f.id: f.status for f in findings if f.status is not Status.PASSED} == {}
    assert len(findings) > 15


def test_every_required_figure_is_set_against_a_promise(programme, found):
    for finding in check(programme.promises, found)[0]:
        assert finding.detail
        if finding.id not in {"decodes", "container-slack"}:
            assert finding.promised is not None, finding.id
            assert finding.measured is not None, finding.id


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"width": 1920}, {"raster", "display"}),
        ({"codec": "prores"}, {"codec"}),
        ({"pixel_format": "yuv422p10le"}, {"pixel-format"}),
        ({"rate": "25"}, {"rate"}),
        ({"rate": "nonsense"}, {"rate"}),
        ({"frames": 71}, {"frame-count"}),
        ({"sound": None}, {"sound-track", "tracks"}),
    ],
)
def test_each_broken_promise_fails_its_own_check(promised, found, changes, expected):
    findings, _ = check(promised(**changes), found)
    assert {f.id for f in findings if f.status is Status.FAILED} == expected


@pytest.mark.parametrize(
    ("loudness", "expected"),
    [
        (Loudness(-14.0, 0.5, -1.0), {"loudness"}),
        (Loudness(-12.04, 0.5, -12.5), {"true-peak"}),
    ],
)
def test_loudness_and_peak_are_held_to(promised, found, loudness, expected):
    sound = PromisedSound("aac", 144_000, silent=False, loudness=loudness)
    findings, _ = check(promised(sound=sound), found)
    assert {f.id for f in findings if f.status is Status.FAILED} == expected


def test_meters_that_disagree_are_not_believed(programme, found):
    heard = replace(found.sound, second_integrated=found.sound.integrated + 0.15)
    findings, _ = check(programme.promises, replace(found, sound=heard))
    assert {f.id for f in findings if f.status is Status.FAILED} == {"meters-agree"}


def test_sound_late_by_the_priming_is_found(tmp_path, writer, programme):
    late = writer(tmp_path / "late.mp4", programme.frames, programme.sound, skip=0)
    assert failed(programme.promises, late) == {"sound-length", "sound-content"}


def test_edit_lists_and_a_late_index_are_found(tmp_path, writer, programme):
    plain = writer(
        tmp_path / "plain.mp4",
        programme.frames,
        programme.sound,
        flags="+disable_chpl",
        use_editlist="1",
    )
    assert failed(programme.promises, plain) >= {"no-edit-list", "moov-first"}


def test_fragments_are_found(tmp_path, writer, programme):
    path = tmp_path / "frag.mp4"
    writer(path, programme.frames, programme.sound, flags="frag_keyframe+empty_moov")
    assert "not-fragmented" in failed(programme.promises, path)


def test_a_dropped_and_a_repeated_frame_are_found(tmp_path, writer, programme):
    frames = programme.frames
    short = writer(tmp_path / "short.mp4", frames[:20] + frames[21:], programme.sound)
    assert "frame-count" in failed(programme.promises, short)
    twice = frames[:20] + frames[19:20] + frames[21:]
    repeated = writer(tmp_path / "twice.mp4", twice, programme.sound)
    assert "picture-order" in failed(programme.promises, repeated)


def test_a_missing_sound_track_is_found(tmp_path, writer, programme, promised):
    mute = writer(tmp_path / "mute.mp4", programme.frames, None)
    assert failed(programme.promises, mute) == {"sound-track", "tracks"}
    assert failed(promised(sound=None), mute) == set()


def test_a_silent_programme_is_not_checked_for_loudness(tmp_path, writer, programme, promised):
    quiet = writer(tmp_path / "quiet.mp4", programme.frames, programme.sound * 0)
    sound = PromisedSound("aac", 144_000, silent=True, loudness=Loudness(-14, 0.5, -1))
    result = statuses(promised(sound=sound), quiet)
    assert result["silence"] is Status.PASSED
    assert result["loudness"] is Status.NOT_CHECKED
    assert Status.FAILED not in result.values()


def test_damaged_media_are_told_from_clean(tmp_path, programme, delivery):
    data = bytearray(delivery.read_bytes())
    middle = data.rindex(b"mdat") + 20_000
    data[middle : middle + 400] = bytes(400)
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    assert "decodes" in failed(programme.promises, path)


@pytest.mark.parametrize(
    ("raster", "size"),
    [
        (Raster(1920, 1080), (128, 72)),
        (Raster(1080, 1920), (72, 128)),
        (Raster(1080, 1080), (128, 128)),
        (Raster(4096, 64), (128, 8)),
    ],
)
def test_small_planes_divide_into_cells(raster, size):
    assert plane_size(raster) == size


# Tracks and how players are told to present them -----------------------------------------------


def patched(path, source, kind, at, data, nth=0):
    """A copy with bytes overwritten, counted from the nth box of a kind."""
    content = bytearray(source.read_bytes())
    start = -1
    for _ in range(nth + 1):
        start = content.index(kind, start + 1)
    content[start + at : start + at + len(data)] = data
    path.write_bytes(content)
    return path


@pytest.fixture
def headed(tmp_path, delivery):
    """The delivery with bytes of a track's header overwritten."""

    def made(track, at, data):
        return patched(tmp_path / "a.mp4", delivery, b"tkhd", at, data, track)

    return made


@pytest.mark.parametrize(
    ("track", "at", "data", "expected"),
    [
        (0, 4, bytes(4), "tracks-enabled"),
        (1, 4, bytes(4), "tracks-enabled"),
        (1, 4 + 36, bytes(2), "tracks-enabled"),
        (0, 4 + 40, (2 << 16).to_bytes(4), "display"),
        (0, 4 + 40 + 24, (50 << 16).to_bytes(4), "display"),
        (0, 4 + 76, (512 << 16).to_bytes(4), "display"),
    ],
    ids=["picture off", "sound off", "muted", "stretched", "moved", "another size"],
)
def test_what_players_would_not_present_as_promised_is_found(
    programme, headed, track, at, data, expected
):
    path = headed(track, at, data)
    assert failed(programme.promises, path) - {"square-pixels"} == {expected}


@pytest.mark.parametrize("kind", [b"dvcC", b"clli", b"clap"])
def test_boxes_that_change_what_is_shown_are_found(tmp_path, programme, delivery, kind):
    # `btrt` is of no consequence, so that its place can be another's.
    path = patched(tmp_path / "a.mp4", delivery, b"btrt", 0, kind)
    wanted = "display" if kind == b"clap" else "no-hdr-metadata"
    assert wanted in failed(programme.promises, path)


def test_a_second_colour_tag_is_found(tmp_path, programme, delivery):
    path = patched(tmp_path / "a.mp4", delivery, b"btrt", 0, b"colr")
    assert "color-tags" in failed(programme.promises, path)


def test_a_second_sound_track_and_a_text_track_are_found(programme, found):
    sound = found.container.track("soun")
    doubled = replace(found.container, tracks=(*found.container.tracks, sound))
    findings, _ = check(programme.promises, replace(found, container=doubled))
    assert {f.id for f in findings if f.status is Status.FAILED} == {"tracks"}
    text = replace(found.container, tracks=(*found.container.tracks, replace(sound, kind="text")))
    findings, _ = check(programme.promises, replace(found, container=text))
    assert "tracks" in {f.id for f in findings if f.status is Status.FAILED}


# Provenance and picture together ---------------------------------------------------------------


@pytest.fixture(scope="module")
def dream():
    return vendor()


@pytest.fixture(scope="module")
def signed(tmp_path_factory, dream, programme, delivery):
    """The delivery with its promises inside, signed."""
    path = tmp_path_factory.mktemp("signed") / "out.mp4"
    sign(delivery, path, request(dream, to_assertion(programme.promises)))
    return path


def request(by, promises):
    manifest = claim("out.mp4")
    manifest["assertions"].append({"label": LABEL, "data": promises})
    return SigningRequest(manifest, by.signer, attributed=("c2pa.actions", LABEL))


def test_a_signed_file_is_measured_against_its_own_promises(signed, dream):
    found = audit(signed)
    assert found.verdict is Verdict.INTACT_UNTRUSTED
    assert found.passed, [asdict(c) for c in found.checks if c.status is Status.FAILED]
    assert {"picture-order", "loudness", "manifest-present"} <= {c.id for c in found.checks}
    assert found.active is not None
    trusted = audit(signed, anchors=dream.root)
    assert trusted.verdict is Verdict.INTACT
    assert trusted.passed


def test_a_changed_byte_is_tampering(tmp_path, signed):
    data = bytearray(signed.read_bytes())
    data[data.rindex(b"mdat") + 5000] ^= 1
    path = tmp_path / "flipped.mp4"
    path.write_bytes(data)
    found = audit(path)
    assert found.verdict is Verdict.TAMPERED
    assert not found.passed


def test_truncated_signed_media_stay_tampered_not_merely_unreadable(tmp_path, signed):
    path = tmp_path / "cut.mp4"
    path.write_bytes(signed.read_bytes()[:-3000])
    found = audit(path)
    assert found.verdict in {Verdict.TAMPERED, Verdict.UNREADABLE}
    assert not found.passed


def test_an_unsigned_file_is_absent_and_says_what_was_not_checked(delivery):
    found = audit(delivery)
    assert found.verdict is Verdict.ABSENT
    assert not found.passed
    assert any("carries no promises" in text for text in found.not_checked)


def test_promises_at_hand_serve_a_file_that_carries_none(programme, delivery):
    found = audit(delivery, promises=programme.promises)
    assert found.verdict is Verdict.ABSENT
    broken = {c.id for c in found.checks if c.status is Status.FAILED}
    assert broken == {"manifest-present"}


def test_promises_that_can_not_be_read_fail(tmp_path, dream, delivery):
    path = tmp_path / "out.mp4"
    sign(delivery, path, request(dream, {"schema": "finisher/promises@1", "frames": -4}))
    found = audit(path)
    assert not found.passed
    assert next(c for c in found.checks if c.id == "promises").status is Status.FAILED


def test_a_foreign_signed_film_is_judged_by_its_provenance(tmp_path, dream):
    path = tmp_path / "foreign.mp4"
    sign(film(tmp_path / "raw.mp4"), path, SigningRequest(claim("f"), dream.signer))
    found = audit(path)
    assert found.verdict is Verdict.INTACT_UNTRUSTED
    assert "watermarks" not in {c.id for c in found.checks}
    assert any("promises" in text for text in found.not_checked)


def test_a_watermark_that_only_a_manifest_names_is_never_silently_green(tmp_path, dream):
    binding = {"alg": "com.example.secret", "blocks": [{"scope": {}, "value": "x"}]}
    named = claim("f")
    named["assertions"].append({"label": "c2pa.soft-binding", "data": binding})
    path = tmp_path / "foreign.mp4"
    sign(film(tmp_path / "raw.mp4"), path, SigningRequest(named, dream.signer))
    found = audit(path)
    (one,) = found.watermarks
    assert (one.mark, one.verdict) == ("com.example.secret", "not-checkable")
    assert next(c for c in found.checks if c.id == "watermarks").status is Status.NOT_CHECKED
    assert any("com.example.secret" in text for text in found.not_checked)
    assert not next(
        c for c in required(found, {"watermarks"}).checks if c.id == "watermarks"
    ).status.value.startswith("passed")


@pytest.mark.parametrize("content", [b"", b"not a film at all", b"\0\0\0\x18ftypmp42" + bytes(12)])
def test_what_is_no_media_is_unreadable(tmp_path, content):
    path = tmp_path / "note.mp4"
    path.write_bytes(content)
    found = audit(path)
    assert found.verdict is Verdict.UNREADABLE
    assert not found.passed


def test_a_missing_file_is_an_error(tmp_path):
    with pytest.raises(MediaError):
        audit(tmp_path / "gone.mp4")


def test_a_folder_is_told_from_a_missing_file(tmp_path):
    with pytest.raises(MediaError, match="is a folder"):
        audit(tmp_path)


def test_a_name_that_is_no_text_is_no_obstacle(tmp_path, signed):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.mp4"))
    try:
        path.write_bytes(signed.read_bytes())
    except OSError:
        pytest.skip("this file system has no such names")
    assert audit(path).passed


def test_what_is_never_measured_is_said(signed):
    told = " ".join(audit(signed).not_checked)
    assert "fine detail of the sound" in told
    assert "chroma" in told


def test_takes_that_can_not_be_opened_are_errors(tmp_path, signed):
    with pytest.raises(MediaError):
        audit(signed, takes={"a": tmp_path / "gone.mp4"})


def test_required_checks_can_be_added(signed):
    found = audit(signed)
    assert required(found, frozenset()).passed
    assert required(found, {"loudness"}).passed
    assert not required(found, {"trust-signer"}).passed
    missing = required(found, {"watermarks"})
    assert not missing.passed
    assert next(c for c in missing.checks if c.id == "watermarks").status is Status.NOT_CHECKED
