from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.unit.provenance.vendors import ACTIONS, claim, film, vendor

from finisher.c2pa.sidecars import sidecar
from finisher.c2pa.signing import SigningRequest, sign
from finisher.pipeline.beside import drop, outdated, spare
from finisher.pipeline.names import Destination
from finisher.problems import DocumentError, Exit


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two films with their credentials beside them, in a folder each."""
    folder = tmp_path_factory.mktemp("beside")
    me = vendor("Me")
    for seed, name in enumerate(("one", "other")):
        (folder / name).mkdir()
        raw = film(folder / f"{name}.mp4", seed=seed)
        request = SigningRequest(claim(name), me.signer, attributed=ACTIONS, beside=True)
        sign(raw, folder / name / "film.mp4", request)
    return folder


def there(made: Path, folder: Path, media: str | None, store: str | None) -> Path:
    """`film.mp4` and `film.c2pa` of the films named."""
    if media is not None:
        shutil.copy(made / media / "film.mp4", folder)
    if store is not None:
        shutil.copy(made / store / "film.c2pa", folder)
    return folder / "film.mp4"


def refused(media: Path, *, unsigned: bool) -> bool:
    place = Destination(media, sidecarred=not unsigned)
    try:
        spare([place], unsigned=unsigned)
    except DocumentError:
        return True
    return False


@pytest.mark.parametrize("unsigned", [False, True])
@pytest.mark.parametrize(
    ("media", "store", "spared"),
    [
        ("one", "one", False),
        ("one", None, False),
        (None, None, False),
        ("one", "other", True),
        (None, "one", True),
    ],
)
def test_only_a_films_own_credentials_are_replaced(
    media: str | None, store: str | None, spared: bool, unsigned: bool, made: Path, tmp_path: Path
) -> None:
    path = there(made, tmp_path, media, store)
    assert refused(path, unsigned=unsigned) is spared
    assert outdated(Destination(path)) is (store is not None and not spared)


def test_credentials_of_a_namesake_are_left_to_it(made: Path, tmp_path: Path) -> None:
    path = there(made, tmp_path, "one", "one")
    path.rename(tmp_path / "film.mov")
    assert refused(path, unsigned=False)
    # Even where both are the same film: the other would be left without any.
    shutil.copy(tmp_path / "film.mov", path)
    assert refused(path, unsigned=False)
    assert not outdated(Destination(path))
    # A namesake that they are not made for has no part in it.
    (tmp_path / "film.mov").write_bytes((made / "other" / "film.mp4").read_bytes())
    assert not refused(path, unsigned=False)


def test_a_file_that_only_has_the_name_is_left_alone(made: Path, tmp_path: Path) -> None:
    path = there(made, tmp_path, "one", None)
    sidecar(path).write_bytes(b"my notes")
    with pytest.raises(DocumentError) as caught:
        spare([Destination(path, sidecarred=True)], unsigned=False)
    (problem,) = caught.value.problems
    assert (problem.code, caught.value.exit) == ("output-exists", Exit.USAGE)
    assert problem.where is not None
    assert problem.where.file == str(sidecar(path))
    assert not outdated(Destination(path))


def test_an_export_that_embeds_its_own_leaves_what_lies_there(made: Path, tmp_path: Path) -> None:
    path = there(made, tmp_path, "one", "other")
    spare([Destination(path)], unsigned=False)
    assert not outdated(Destination(path))


def test_what_is_outdated_is_dropped_and_nothing_else(made: Path, tmp_path: Path) -> None:
    path = there(made, tmp_path, "one", "one")
    assert not outdated(Destination(path, sidecarred=True))
    drop(Destination(path))
    assert list(tmp_path.iterdir()) == [path]
