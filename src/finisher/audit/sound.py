"""The sound against what was promised, by two meters that must agree."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from finisher.audit.hear import MeasuredSound
from finisher.audit.measure import Measured
from finisher.audit.sound_content import check_content, check_offset
from finisher.audit.structure import compare
from finisher.canonical import Json
from finisher.findings import Finding, Status, Weight
from finisher.presets.model import Loudness
from finisher.promises import PromisedSound, Promises
from finisher.timecode import SAMPLE_RATE

AGREE_LU = 0.1
"""LU by which the two meters may differ: each is exact to 0.1 LU by EBU Tech 3341."""
PEAK_MARGIN_DB = 0.1
"""dB a meter may read above the limit: interpolators of true peak differ by that much."""
PACKET = 1024
"""Samples of an AAC packet: the last one is filled up with silence."""
_AUDIBLE = -70.0

# Sample entries of the containers by the codec a promise names.
_ENTRIES = {"aac": ("mp4a",), "opus": ("opus",), "pcm_s24le": ("in24", "lpcm", "ipcm")}


def check_sound(promises: Promises, measured: Measured) -> tuple[Finding, ...]:
    """Every check of the sound track."""
    promised, found = promises.sound, measured.sound
    if promised is None:
        return (compare("sound-track", 0, int(found is not None), "sound tracks"),)
    if found is None:
        detail = "no sound track, or one that does not decode"
        return (Finding("sound-track", Status.FAILED, detail, promised=promised.codec),)
    return (
        _track(promised, measured, found),
        _length(promised, found),
        check_content(promised, found),
        check_offset(promised, found),
        *_levels(promised, found),
    )


def _track(promised: PromisedSound, measured: Measured, found: MeasuredSound) -> Finding:
    """Codec, rate and channels, by number and by name."""
    entry = _entry(measured)
    wanted = promised.layout.channels
    good = (
        entry in _ENTRIES.get(promised.codec, ())
        and found.rate == SAMPLE_RATE
        and found.channels == len(wanted)
        and found.names == wanted
    )
    named = " ".join(found.names) or "not named"
    return Finding(
        "sound-track",
        Status.PASSED if good else Status.FAILED,
        f"{entry or 'unknown codec'}, {found.rate} Hz, {found.channels} channels ({named})",
        promised={"codec": promised.codec, "rate": SAMPLE_RATE, "channels": list(wanted)},
        measured={"entry": entry, "rate": found.rate, "channels": list(found.names)},
    )


def _entry(measured: Measured) -> str | None:
    """What the container calls the sound's codec."""
    if measured.matroska is not None:
        return measured.matroska.sound_codec or None
    container = measured.container
    track = container.track("soun") if container is not None else None
    return track.codec if track is not None else None


def _length(promised: PromisedSound, found: MeasuredSound) -> Finding:
    """As many samples as promised, but for the filling of the last packet.

    A track that lies late by the encoder's priming is longer by a whole packet, so this tells
    sound in place from sound 21 ms late in files without an edit list.
    """
    room = PACKET if promised.codec == "aac" else 1
    beyond = found.samples - promised.samples
    return Finding(
        "sound-length",
        Status.PASSED if 0 <= beyond < room else Status.FAILED,
        f"{found.samples} samples, {promised.samples} promised",
        promised=promised.samples,
        measured=found.samples,
    )


def _levels(promised: PromisedSound, found: MeasuredSound) -> Iterator[Finding]:
    """Loudness and true peak."""
    if promised.silent:
        yield _silence(found)
        yield Finding("loudness", Status.NOT_CHECKED, "a silent programme", Weight.ADVISORY)
        return
    target = promised.loudness
    if target is None:
        detail = f"no loudness is promised; {_told(found.integrated)} LUFS"
        yield Finding(
            "loudness",
            Status.NOT_CHECKED,
            detail,
            Weight.ADVISORY,
            measured=_both(found.integrated, found.second_integrated),
        )
        return
    yield _none_to_have(found) if promised.unmeasurable else _loudness(target, found)
    yield _agreement(found)
    yield _peak(target, found)


def _silence(found: MeasuredSound) -> Finding:
    """A track promised silent is."""
    peak = found.second_true_peak
    silent = found.integrated is None and (peak is None or peak < _AUDIBLE)
    return Finding(
        "silence",
        Status.PASSED if silent else Status.FAILED,
        f"silence is promised; true peak {_told(peak)} dBTP",
        measured=_both(found.true_peak, peak),
    )


def _none_to_have(found: MeasuredSound) -> Finding:
    """A programme promised to be too quiet for a loudness has none."""
    readings = (found.integrated, found.second_integrated)
    if readings == (None, None):
        detail = "nothing in it is loud enough to have a loudness (ITU-R BS.1770)"
        return Finding("loudness", Status.NOT_CHECKED, detail, Weight.ADVISORY)
    return Finding(
        "loudness",
        Status.FAILED,
        f"{_told(found.integrated)} LUFS, where nothing was to be loud enough for a loudness",
        measured=_both(*readings),
    )


_SHORTEST = Fraction(2, 5)
"""Seconds: one gating block, without which there is no loudness."""


def _loudness(target: Loudness, found: MeasuredSound) -> Finding:
    """Both meters read the target within its tolerance."""
    readings = (found.integrated, found.second_integrated)
    if readings == (None, None) and found.samples < _SHORTEST * found.rate:
        detail = "a programme of less than 400 ms has no loudness (ITU-R BS.1770)"
        return Finding("loudness", Status.NOT_CHECKED, detail, Weight.ADVISORY)
    good = all(
        level is not None and abs(level - target.target_lufs) <= target.tolerance_lu
        for level in readings
    )
    return Finding(
        "loudness",
        Status.PASSED if good else Status.FAILED,
        f"{_told(found.integrated)} LUFS ({_told(found.second_integrated)} by a second meter), "
        f"target {target.target_lufs:g} ± {target.tolerance_lu:g}",
        promised={"lufs": target.target_lufs, "tolerance": target.tolerance_lu},
        measured=_both(*readings),
    )


def _agreement(found: MeasuredSound) -> Finding:
    """The two meters agree; otherwise neither can be believed."""
    own, second = found.integrated, found.second_integrated
    apart = abs(own - second) if own is not None and second is not None else None
    if own is None and second is None:
        return Finding("meters-agree", Status.PASSED, "both meters read silence")
    good = apart is not None and apart <= AGREE_LU
    return Finding(
        "meters-agree",
        Status.PASSED if good else Status.FAILED,
        f"the meters differ by {_told(apart)} LU",
        promised=AGREE_LU,
        measured=None if apart is None else round(apart, 3),
    )


def _peak(target: Loudness, found: MeasuredSound) -> Finding:
    """No true peak above the limit, by the stricter of the meters."""
    readings = [level for level in (found.true_peak, found.second_true_peak) if level is not None]
    highest = max(readings, default=None)
    good = highest is None or highest <= target.true_peak_dbtp + PEAK_MARGIN_DB
    return Finding(
        "true-peak",
        Status.PASSED if good else Status.FAILED,
        f"{_told(highest)} dBTP, at most {target.true_peak_dbtp:g}",
        promised=target.true_peak_dbtp,
        measured=_both(found.true_peak, found.second_true_peak),
    )


def _both(own: float | None, second: float | None) -> Json:
    """Both meters' readings for a document."""
    return {
        "own": None if own is None else round(own, 3),
        "ffmpeg": None if second is None else round(second, 3),
    }


def _told(level: float | None) -> str:
    return "no" if level is None else f"{level:.2f}"
