"""The stage that all tests of tampering share."""

from __future__ import annotations

import pytest
from tests.tampering.stage import Stage, build


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """A finished export and everybody who had a part in it; nobody changes it."""
    return build(tmp_path_factory.mktemp("stage") / "project")
