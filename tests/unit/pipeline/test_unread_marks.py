"""A delivery whose detector failed is not remembered: the next run asks it again."""

from dataclasses import replace

import pytest

from finisher.audit.hidden_evidence import HiddenSample
from finisher.audit.hidden_marks import judge_hidden
from finisher.pipeline.deliver import unread
from finisher.promises import PromisedHidden
from finisher.timecode import Span
from finisher.watermark.detector import Evidence, Reading

MARK = PromisedHidden(
    "a",
    "h",
    "odd",
    "1011",
    "picture",
    (Span(0, 9),),
    (64, 64),
    (0, 0, 64, 64),
    (0, 0, 64, 64),
    True,
)


@pytest.mark.parametrize(
    ("mark", "sample", "again"),
    [
        (MARK, HiddenSample((Evidence(Reading.UNREADABLE, "blind", reason="busy"),)), True),
        (MARK, HiddenSample((), "torch is not installed"), True),
        (MARK, HiddenSample((Evidence(Reading.FOUND, "blind", p=1e-9),)), False),
        (MARK, HiddenSample((Evidence(Reading.FOUND, "blind", p=0.01),)), False),
        (MARK, HiddenSample((Evidence(Reading.ABSENT, "blind", p=0.5),)), False),
        (replace(MARK, found=False, reason="no payload"), HiddenSample(), False),
        (replace(MARK, spans=()), HiddenSample(), False),
    ],
)
def test_only_what_a_detector_could_not_read_is_asked_again(mark, sample, again):
    assert unread([mark], [judge_hidden(mark, sample, copied=False)]) is again
