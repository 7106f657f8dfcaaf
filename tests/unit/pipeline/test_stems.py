"""Stems are laid beside a film as a whole, remembered by content and put back."""

from __future__ import annotations

from pathlib import Path

import pytest

from finisher.pipeline.names import Destination
from finisher.pipeline.stems import lay, put, recall, remember
from finisher.problems import MachineError
from finisher.store import Store

KEY = "ab" * 32


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def place(tmp_path: Path) -> Destination:
    (tmp_path / "out").mkdir()
    return Destination(tmp_path / "out" / "film.mov", stemmed=True)


@pytest.fixture
def made(store: Store) -> dict[str, Path]:
    """Stems as the store holds them."""
    return {
        name: store.make("sound", KEY, f".{name}.wav", lambda p, n=name: p.write_text(n) and None)
        for name in ("dialogue", "mix")
    }


def there(place: Destination) -> dict[str, str]:
    return {path.name: path.read_text() for path in place.stems.iterdir()}


def test_the_folder_is_replaced_as_a_whole(place: Destination, made: dict[str, Path]) -> None:
    place.stems.mkdir()
    (place.stems / "music.wav").write_text("of an earlier cut")
    assert lay(made, place) == (place.stems / "dialogue.wav", place.stems / "mix.wav")
    assert there(place) == {"dialogue.wav": "dialogue", "mix.wav": "mix"}
    assert [path.name for path in place.media.parent.iterdir()] == ["film.stems"]


def test_without_stems_there_is_no_folder(place: Destination, made: dict[str, Path]) -> None:
    lay(made, place)
    assert lay({}, place) == ()
    assert not place.stems.exists()


def test_what_is_no_stem_is_never_replaced(place: Destination, made: dict[str, Path]) -> None:
    place.stems.mkdir()
    (place.stems / "notes.txt").write_text("mine")
    with pytest.raises(MachineError):
        lay(made, place)
    assert there(place) == {"notes.txt": "mine"}


def test_stems_are_put_back_where_they_were_changed(
    store: Store, place: Destination, made: dict[str, Path]
) -> None:
    lay(made, place)
    remember(store, KEY, made)
    kept = recall(store, KEY)
    assert kept is not None
    assert put(store, kept, place) is False
    (place.stems / "mix.wav").write_text("mixed")
    (place.stems / "music.wav").write_text("too many")
    assert put(store, kept, place) is True
    assert there(place) == {"dialogue.wav": "dialogue", "mix.wav": "mix"}


def test_what_the_store_lost_is_not_put_back(
    store: Store, place: Destination, made: dict[str, Path]
) -> None:
    remember(store, KEY, made)
    kept = recall(store, KEY)
    assert kept is not None
    made["mix"].write_text("rot")
    assert put(store, kept, place) is None
    assert not place.stems.exists()
    # Those that lie in place still do.
    assert recall(store, "cd" * 32) is None
