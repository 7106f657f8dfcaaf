import json
import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.report.plain import REPLACED, escaped, name_of, plain


def test_escape_sequences_and_direction_overrides_leave_a_mark() -> None:
    assert plain("a\x1b[31mred\x07") == f"a{REPLACED}[31mred{REPLACED}"
    assert plain("take\u202egpm.exe\u2066x\u200f") == f"take{REPLACED}gpm.exe{REPLACED}x{REPLACED}"
    assert plain("\udc80") == REPLACED
    assert plain("\ufffe") == REPLACED


def test_line_breaks_and_tabs_become_spaces() -> None:
    assert plain("a\r\nb\tc\u2028d") == "a  b c d"


def test_text_in_other_scripts_stays_as_it_is() -> None:
    for text in ("Hafen – Szene 9", "می‌خواهم", "港", "👩‍🚀", "é"):
        assert plain(text) == text


def test_long_text_is_cut_with_an_ellipsis() -> None:
    assert plain("x" * 10**6, 5) == "xxxx…"
    assert plain("xxxxx", 5) == "xxxxx"


@settings(max_examples=150)
@given(st.text())
def test_nothing_that_steers_survives_and_every_character_gives_one(text: str) -> None:
    shown = plain(text)
    assert len(shown) == len(text)
    assert plain(shown) == shown
    left = {unicodedata.category(c) for c in shown if c not in "\u200c\u200d"}
    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_absolute_paths_lose_their_folders() -> None:
    assert name_of("/home/someone/secret/take.mp4") == "take.mp4"
    assert name_of("C:\\Users\\someone\\take.mp4") == "take.mp4"
    assert name_of("takes/one.mp4") == "takes/one.mp4"


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_json_is_escaped_and_means_the_same(text):
    document = json.dumps({text: [text]}, ensure_ascii=False, indent=1)
    shown = escaped(document)
    assert json.loads(shown) == json.loads(document)
    assert all(plain(c) == c for c in shown if c != "\n")
