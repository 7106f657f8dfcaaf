"""What audits are lent by whoever runs them."""

from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from finisher.cli import forms, options
from finisher.pipeline.aiding import aids_alone
from finisher.problems import DocumentError


def test_weights_and_leave_come_from_the_command_line(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = options.parse(["audit", "a.mp4", "--weights", "trustmark=w.pt", "--allow-upload"])
    aids = aids_alone(options.settings(words))
    assert aids.upload
    assert aids.opening("any", "trustmark") == {"weights": str(tmp_path / "w.pt")}
    assert aids.opening("any", "videoseal") == {}
    assert not aids_alone(options.settings(options.parse(["audit", "a.mp4"]))).upload


@pytest.mark.parametrize("text", ["", "trustmark", "=w.pt", "trustmark=", " =x"])
def test_weights_name_a_detector_and_a_path(text: str):
    with pytest.raises(ArgumentTypeError):
        forms.weights(text)


def test_weights_for_no_detector_are_refused():
    words = options.parse(["audit", "a.mp4", "--weights", "trustmrk=w.pt"])
    with pytest.raises(DocumentError, match="trustmrk") as caught:
        aids_alone(options.settings(words))
    assert caught.value.problems[0].hint == "did you mean 'trustmark'?"
