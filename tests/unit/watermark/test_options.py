"""Options of a detector: unknown ones are refused, numbers are whole and small enough."""

import pytest

from finisher.problems import DocumentError
from finisher.watermark.options import only, whole_number


def test_what_is_known_may_be_left_out():
    assert only({}, ()) is None
    assert only({"weights": "x"}, ("weights", "model")) is None


def test_what_is_not_known_is_refused_with_the_nearest():
    with pytest.raises(DocumentError, match="no option 'wieghts'") as raised:
        only({"model": "Q", "wieghts": "x"}, ("weights", "model"))
    (problem,) = raised.value.problems
    assert problem.code == "bad-detector-option"
    assert problem.hint is not None
    assert "'weights'" in problem.hint
    with pytest.raises(DocumentError, match="no option 'weights'"):
        only({"weights": "x"}, ())


def test_a_number_is_read_or_its_default_taken():
    assert whole_number({"key": "0"}, "key", 1) == 0
    assert whole_number({"key": "4294967295"}, "key", 1) == 2**32 - 1
    assert whole_number({"other": "7"}, "key", 1) == 1


@pytest.mark.parametrize("text", ["", "-1", "1.0", "0x1", " 1", "1_0", "²", "١", "4294967296"])
def test_anything_else_is_no_number(text):
    with pytest.raises(DocumentError, match="key must be a whole number below 4294967296"):
        whole_number({"key": text}, "key", 1)
