"""Digital source types: what says that a model had a part, however written, and what does not."""

from __future__ import annotations

import pytest

from finisher.plan.source_types import TERMS, disclosing, generative, known, stated_in

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_C2PA = "http://c2pa.org/digitalsourcetype/"
_AI = ("trainedAlgorithmicMedia", "compositeWithTrainedAlgorithmicMedia", "compositeSynthetic")


@pytest.mark.parametrize("word", [*_AI, "trainedAlgorithmicData"])
@pytest.mark.parametrize(
    "shape",
    ["{}", _IPTC + "{}", _IPTC + "{}/", " urn:x:{} ", _IPTC + "digitalCapture#{}", "x/{}?v=2"],
)
def test_a_models_part_is_understood_however_it_is_written(word: str, shape: str) -> None:
    for written in (word, word.upper(), word.replace("A", "-a"), word.replace("t", "%74")):
        assert generative(shape.format(written))


def test_only_words_that_readers_know_disclose() -> None:
    assert disclosing(_IPTC + _AI[0])
    assert not disclosing(_IPTC + _AI[0].upper())
    assert not disclosing(f"{_IPTC}digitalCapture#{_AI[0]}")


@pytest.mark.parametrize("word", sorted(TERMS))
def test_words_are_known_where_they_are_at_home(word: str) -> None:
    home, other = (_C2PA, _IPTC) if word in ("empty", "trainedAlgorithmicData") else (_IPTC, _C2PA)
    assert known(home + word)
    assert known(home.replace("http:", "https:") + word + "/")
    for strange in (other + word, word, home + word.upper(), home + word + "#x", "x" + home + word):
        assert not known(strange)
    assert generative(home + word) == (word in (*_AI, "trainedAlgorithmicData"))


def test_nothing_says_nothing() -> None:
    assert not known(None)
    assert not generative(None)
    assert not disclosing("")


def test_statements_are_found_wherever_they_stand() -> None:
    data = {
        "actions": [{"digitalSourceType": "a"}, {"changes": [{"digitalSourceType": ["b", 3]}]}],
        "Iptc4xmpExt:DigitalSourceType": {"@id": "c"},
        "digital_source_type": " ",
        "source_type": "d",
        "description": "digitalSourceType",
    }
    assert stated_in(data) == ("a", "b", "c")
    assert stated_in("digitalSourceType") == ()
