"""Loudness as promised: a target, or none to be had."""

from __future__ import annotations

import pytest

from finisher.audit.hear import MeasuredSound
from finisher.audit.sound import _levels
from finisher.findings import Status
from finisher.presets.model import Loudness
from finisher.promises import PromisedSound

TARGET = Loudness(-14.0, 0.1, -1.0)


def statuses(level: float | None, *, unmeasurable: bool) -> dict[str, Status]:
    promised = PromisedSound("aac", 96_000, False, TARGET, unmeasurable=unmeasurable)
    found = MeasuredSound(48_000, 2, 96_000, level, -70.0, level, -70.0)
    return {finding.id: finding.status for finding in _levels(promised, found)}


@pytest.mark.parametrize(
    ("level", "unmeasurable", "status"),
    [
        (-14.05, False, Status.PASSED),
        (-14.2, False, Status.FAILED),
        (None, False, Status.FAILED),
        (None, True, Status.NOT_CHECKED),
        (-14.0, True, Status.FAILED),
    ],
)
def test_a_loudness_is_reached_or_there_is_none_to_reach(
    level: float | None, unmeasurable: bool, status: Status
) -> None:
    found = statuses(level, unmeasurable=unmeasurable)
    assert found["loudness"] is status
    assert found["true-peak"] is Status.PASSED
