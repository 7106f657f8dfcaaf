"""What all tests share: isolation from the user's folders, and Hypothesis's pace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parents[1]

# The same examples every time, so that a red run can be looked at; `long` explores.
settings.register_profile(
    "default",
    deadline=None,
    max_examples=50,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "long", parent=settings.get_profile("default"), max_examples=2000, derandomize=False
)
settings.load_profile(os.environ.get("FINISHER_HYPOTHESIS", "default"))


@pytest.fixture(scope="session", autouse=True)
def _own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or writes the user's cache, data or presets."""
    folder = tmp_path_factory.mktemp("home")
    os.environ["FINISHER_CACHE"] = str(folder / "cache")
    os.environ["FINISHER_DATA"] = str(folder / "data")
    os.environ["XDG_CONFIG_HOME"] = str(folder / "config")
    os.environ["NO_COLOR"] = "1"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The top of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def fixtures() -> Path:
    """Media made by others; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("FINISHER_FIXTURES", REPOSITORY.parent / "shared" / "fixtures"))
    if not folder.is_dir():
        pytest.skip("needs the fixtures folder (FINISHER_FIXTURES)")
    return folder
