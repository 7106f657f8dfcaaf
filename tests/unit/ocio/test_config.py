from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from finisher.ocio import config
from finisher.problems import DocumentError, Where
from finisher.timeline import ColorConfig

PINNED = "ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.4"
HEAD = """ocio_profile_version: 2
{head}search_path: {search}
strictparsing: {strict}
roles:
  default: display
  scene_linear: linear
displays:
  screen:
    - !<View> {{name: plain, colorspace: display}}
colorspaces:
  - !<ColorSpace>
    name: linear
    from_scene_reference: !<ExponentTransform> {{value: [1, 1, 1, 1]}}
  - !<ColorSpace>
    name: display
    aliases: [finished]
    to_scene_reference: !<ExponentTransform> {{value: [2, 2, 2, 1]}}
  - !<ColorSpace>
    name: numbers
    isdata: true
looks:
"""
LOOKS = {
    "doubled": "process_space: linear\n    transform: !<CDLTransform> {slope: [2, 2, 2]}",
    "halved": "process_space: display\n    transform: !<FileTransform> {src: half.spi1d}",
    "shot": "process_space: display\n    transform: !<FileTransform> {src: $SHOT.spi1d}",
    "lost": "process_space: display\n    transform: !<FileTransform> {src: nowhere.cube}",
    "broken": "process_space: display\n    transform: !<FileTransform> {src: broken.cube}",
    "outside": "process_space: display\n    transform: !<FileTransform> {src: ../secret.spi1d}",
    "absolute": "process_space: display\n    transform: !<FileTransform> {src: /etc/passwd}",
    "linked": "process_space: display\n    transform: !<FileTransform> {src: linked.spi1d}",
    "both": "process_space: display\n    transform: !<GroupTransform>\n      children:\n"
    "        - !<FileTransform> {src: half.spi1d}\n"
    "        - !<LookTransform> {src: display, dst: display, looks: shot}",
    "viewed": "process_space: display\n    transform: !<DisplayViewTransform> "
    "{src: linear, display: screen, view: plain}",
    "strange": "process_space: display\n    transform: !<ColorSpaceTransform> "
    "{src: display, dst: unheard}",
    "circle": "process_space: display\n    transform: !<LookTransform> "
    "{src: display, dst: display, looks: circle}",
}


def halving(gain: float = 0.5) -> str:
    return f"Version 1\nFrom 0.0 1.0\nLength 2\nComponents 1\n{{\n0.0\n{gain}\n}}\n"


def show(folder: Path, search: str = '"luts"', head: str = "", strict: str = "true") -> Path:
    folder = folder / "show"
    (folder / "luts").mkdir(parents=True, exist_ok=True)
    path = folder / "show.ocio"
    looks = "".join(
        f"  - !<Look>\n    name: {name}\n    {rest}\n"
        for name, rest in LOOKS.items()
        if strict == "true" or name != "circle"
    )
    path.write_text(HEAD.format(search=search, head=head, strict=strict) + looks)
    (folder / "luts" / "half.spi1d").write_text(halving())
    (folder / "luts" / "one.spi1d").write_text(halving(0.25))
    (folder / "luts" / "broken.cube").write_text("LUT_3D_SIZE 2\n0 0 0\n")
    (folder.parent / "secret.spi1d").write_text(halving())
    if not (folder / "luts" / "linked.spi1d").is_symlink():
        (folder / "luts" / "linked.spi1d").symlink_to(folder.parent / "secret.spi1d")
    return path


def opened(path: Path | str, space: str = "display") -> config.Opened:
    return config.opened(ColorConfig(str(path), space, Where("edl.json", "/ocio")))


def grey(found: config.Opened, look: str) -> float:
    (value,) = set(config.cube(found, look, 3)[1, 1, 1].tolist())
    return float(value)


def told(path: Path | str, look: str | None = None, space: str = "display") -> tuple[str, str, str]:
    with pytest.raises(DocumentError) as caught:
        config.cube(opened(path, space), look or "doubled", 3)
    (problem,) = caught.value.problems
    assert problem.where is not None
    return problem.code, problem.where.file, str(problem)


def test_a_look_goes_from_finished_pictures_to_finished_pictures(tmp_path: Path) -> None:
    found = opened(show(tmp_path))
    assert set(found.looks) == set(LOOKS)
    # Doubled in linear light, of a gamma of 2: the root of two times as much.
    assert np.isclose(grey(found, "doubled"), 0.5 * 2**0.5, atol=1e-6)
    assert np.isclose(grey(found, "halved"), 0.25, atol=1e-6)
    assert np.isclose(grey(opened(show(tmp_path), "finished"), "halved"), 0.25, atol=1e-6)


def test_the_files_of_a_look_are_known_with_every_place_they_could_lie(tmp_path: Path) -> None:
    folder = show(tmp_path, '"nearer:luts"', "environment: {SHOT: one}\n").parent
    found = opened(folder / "show.ocio")
    assert config.files(found, "doubled") == ()
    half = tuple(folder / place / "half.spi1d" for place in ("nearer", "luts"))
    assert config.files(found, "halved") == half
    one = {folder / place / "one.spi1d" for place in ("nearer", "luts")}
    assert set(config.files(found, "both")) == {*half, *one}
    assert np.isclose(grey(found, "both"), 0.5 * 0.5 * 0.25, atol=1e-6)


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    path = show(tmp_path)
    assert np.isclose(grey(opened(path), "halved"), 0.25, atol=1e-6)
    (path.parent / "luts" / "half.spi1d").write_text(halving(0.1))
    assert np.isclose(grey(opened(path), "halved"), 0.05, atol=1e-6)


def test_nothing_of_the_machines_environment_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOT", "half")
    monkeypatch.setenv("OCIO", str(tmp_path / "other.ocio"))
    path = show(tmp_path, head="environment: {SHOT: one}\n")
    assert np.isclose(grey(opened(path), "shot"), 0.125, atol=1e-6)
    code, _, text = told(show(tmp_path), "shot")
    assert code == "ocio-file"
    assert "$SHOT.spi1d" in text


@pytest.mark.parametrize(
    ("look", "code", "word"),
    [
        ("lost", "ocio-file", "nowhere.cube"),
        ("outside", "ocio-outside", "../secret.spi1d"),
        ("absolute", "ocio-outside", "/etc/passwd"),
        ("linked", "ocio-outside", "linked.spi1d"),
        ("viewed", "ocio-view", "display view"),
        ("strange", "ocio-space", "unheard"),
        ("unheard-of", "ocio-unreadable", "unheard-of"),
        ("circle", "ocio-unreadable", "circle"),
    ],
)
def test_looks_that_lead_astray_are_told(tmp_path: Path, look: str, code: str, word: str) -> None:
    path = show(tmp_path)
    found, file, text = told(path, look)
    assert (found, file) == (code, str(path))
    assert word in text


def test_a_broken_file_of_a_look_is_named_with_its_line(tmp_path: Path) -> None:
    code, file, text = told(show(tmp_path), "broken")
    assert code == "look-unreadable"
    assert file.endswith("luts/broken.cube")
    assert "broken.cube:2:1" in text


@pytest.mark.parametrize("search", ['"../luts"', '"luts:/usr/share"', '"$HOME"'])
def test_search_paths_stay_in_the_folder(tmp_path: Path, search: str) -> None:
    path = show(tmp_path, search, "environment: {HOME: /root}\n")
    assert told(path, "halved")[0] == "ocio-outside"
    # What needs no file is not held to them.
    assert np.isclose(grey(opened(path), "doubled"), 0.5 * 2**0.5, atol=1e-6)


def test_a_configuration_that_stands_the_default_role_in_for_what_it_does_not_know(
    tmp_path: Path,
) -> None:
    path = show(tmp_path, strict="false")
    assert told(path, "strange")[0] == "ocio-space"
    assert told(path, space="unheard")[0] == "ocio-space"


@pytest.mark.parametrize(
    ("space", "word"),
    [
        ("displya", "did you mean 'display'?"),
        ("scene_linear", "'scene_linear' is a role: write 'linear'"),
        ("default", "'default' is a role: write 'display'"),
        ("numbers", "data"),
        ("qqq", "it has"),
    ],
)
def test_the_space_is_one_of_its_own(tmp_path: Path, space: str, word: str) -> None:
    code, file, text = told(show(tmp_path), space=space)
    assert (code, file) == ("ocio-space", "edl.json")
    assert word in text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "ocio-unreadable"),
        ("ocio_profile_version: 99\n", "ocio-unreadable"),
        ("<html>", "ocio-unreadable"),
        ("a: [", "ocio-unreadable"),
    ],
)
def test_broken_configurations_are_one_problem(tmp_path: Path, text: str, code: str) -> None:
    path = tmp_path / "broken.ocio"
    path.write_text(text)
    assert told(path)[:2] == (code, str(path))
    path.write_bytes(b"\xff\xfe\x00junk")
    assert told(path)[0] == code
    path.unlink()
    assert told(path)[0] == "ocio-missing"


def test_aliases_that_lead_to_themselves_never_reach_opencolorio(tmp_path: Path) -> None:
    path = show(tmp_path)
    text = path.read_text()
    path.write_text(f"{text}    again: &t !<GroupTransform> {{children: [*t, *t]}}\n")
    code, _, told_of = told(path)
    assert code == "ocio-unreadable"
    assert f"show.ocio:{text.count(chr(10)) + 1}:1" in told_of
    path.write_text(text.replace("name: doubled", "name: doubled\n    description: R&D & so on"))
    assert np.isclose(grey(opened(path), "doubled"), 0.5 * 2**0.5, atol=1e-6)


def test_only_pinned_configurations_of_opencolorio_are_used() -> None:
    for name in ("default", "cg-config-latest", "studio-config-latest"):
        code, _, text = told(f"ocio://{name}")
        assert code == "ocio-moving"
        assert PINNED in text
    assert told("ocio://studio-config-v2.2.0_aces-v1.3_ocio-v2.3")[0] == "ocio-missing"
    found = opened(PINNED, "sRGB - Texture")
    (look,) = found.looks
    assert config.files(found, look) == ()
    # It brings colours that are too pure into reach, and leaves greys alone.
    assert np.isclose(grey(found, look), 0.5, atol=1e-6)
    code, _, text = told(PINNED, look, "sRGB - Display")
    assert code == "ocio-view"
    assert "ACES2065-1" in text
