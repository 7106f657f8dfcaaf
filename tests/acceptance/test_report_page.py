from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.acceptance.studio import build, finish

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome") or shutil.which("chrome")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("report") / "otters")
    assert finish(folder, "edl.json").code == 0
    return folder / "edl.tiny.report.html"


def test_the_page_asks_nobody_for_anything(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.findall(r"""(?:src|href|action)\s*=\s*["']?(?!data:|\#)[^"'\s>]+""", text)
    assert not re.findall(r"url\((?!data:|\#)", text)
    assert "<script" not in text
    policy = re.search(r'Content-Security-Policy"\s+content="([^"]*)"', text)
    assert policy is not None
    assert "default-src &#39;none&#39;" in policy[1] or "default-src 'none'" in policy[1]


def test_every_event_is_shown_with_its_pictures(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for event in ("first", "second", "third"):
        assert event in text
    assert text.count("data:image/jpeg;base64,") >= 9


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_chromium_shows_it_without_a_complaint(page: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            str(CHROMIUM),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--enable-logging=stderr",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "first" in done.stdout
    # The policy forbids every request; one that was tried would be a complaint here.
    assert "CONSOLE" not in done.stderr
