from __future__ import annotations

from pathlib import Path

import pytest
from tests.exactness import takes, wrong_frames


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return takes(tmp_path_factory.mktemp("takes"))


@pytest.mark.parametrize("seed", range(8))
def test_every_frame_of_a_random_edit_is_the_right_one(
    seed: int, numbered: dict[str, Path], tmp_path: Path
) -> None:
    frames, wrong = wrong_frames(seed, numbered, tmp_path)
    assert frames > 0
    assert wrong == []
