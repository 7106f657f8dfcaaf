from __future__ import annotations

import hashlib
import time
from pathlib import Path

import numpy as np
import pytest

from finisher.color import bake
from finisher.look import CDL, Grade, Look
from finisher.ocio import cubes

DRIFT = CDL((1.06, 0.98, 1.03), (0.01, -0.004, 0.006), (0.96, 1.05, 1.02), 1.08)


def lattice(size: int) -> np.ndarray:
    b, g, r = np.meshgrid(*[np.linspace(0, 1, size, dtype=np.float32)] * 3, indexing="ij")
    return np.stack([r, g, b], axis=-1)


def test_points_of_the_lattice_are_returned_as_they_stand() -> None:
    rng = np.random.default_rng(1)
    cube = rng.random((5, 5, 5, 3), dtype=np.float32)
    assert np.array_equal(bake.apply(cube, lattice(5)), cube)


def test_an_affine_map_is_interpolated_exactly_and_channels_stay_in_place() -> None:
    matrix = np.array([[0.5, 0.2, 0.1], [0.0, 0.7, 0.2], [0.3, 0.0, 0.4]])
    cube = (lattice(9) @ matrix.T + 0.05).astype(np.float32)
    rgb = np.random.default_rng(2).random((4, 6, 11, 3))
    # float32 carries seven digits
    assert np.abs(bake.apply(cube, rgb) - (rgb @ matrix.T + 0.05)).max() < 1e-6


def test_the_written_cube_read_by_another_reader_gives_the_same_colours(tmp_path: Path) -> None:
    cube = cubes.cube(Grade(match=DRIFT), 17)
    path = tmp_path / "drift.cube"
    path.write_text(bake.cube_text(cube))
    look = Look("drift", str(path), hashlib.sha256(path.read_bytes()).hexdigest())
    assert np.abs(cubes.cube(Grade(look=look), 23) - bake.apply(cube, lattice(23))).max() < 5e-7


def test_the_text_is_plain_red_fastest_and_the_same_twice() -> None:
    cube = cubes.cube(Grade(), 3)
    lines = bake.cube_text(cube).splitlines()
    assert lines[:3] == ["LUT_3D_SIZE 3", "DOMAIN_MIN 0 0 0", "DOMAIN_MAX 1 1 1"]
    assert lines[4] == "0.5000000 0.0000000 0.0000000"
    assert len(lines) == 3 + 27
    assert bake.cube_text(-cube * 0) == bake.cube_text(cube * 0)


def test_bytes_stay_bytes_and_are_rounded() -> None:
    codes = np.arange(256, dtype=np.uint8).repeat(3).reshape(16, 16, 3)
    assert np.array_equal(bake.apply(cubes.cube(Grade(), 33), codes), codes)
    with pytest.raises(TypeError):
        bake.apply(cubes.cube(Grade(), 2), codes.astype(np.int16))


def test_values_outside_are_clipped_before_the_look_up() -> None:
    cube = cubes.cube(Grade(), 3)
    assert np.array_equal(bake.apply(cube, np.array([[-1.0, 0.5, 7.0]])), [[0.0, 0.5, 1.0]])


def test_a_baked_cdl_is_closer_than_any_display_can_show() -> None:
    rgb = np.random.default_rng(3).random((20_000, 3)).astype(np.float32)
    coarse = bake.apply(cubes.cube(Grade(match=DRIFT), bake.size_for(Grade(match=DRIFT))), rgb)
    fine = bake.apply(cubes.cube(Grade(match=DRIFT), 129), rgb)
    away = np.abs(np.clip(coarse, 0, 1) - np.clip(fine, 0, 1))
    # A quarter of an eight-bit code on average; near black a power's slope bends within a cell.
    assert away.mean() < 0.25 / 255
    assert np.quantile(away, 0.999) < 1 / 255


def test_a_look_gets_the_finer_cube() -> None:
    assert bake.size_for(Grade(match=DRIFT)) == 33
    assert bake.size_for(Grade(look=Look("x", "x.cube", "0"))) == 65


def test_a_sketch_sized_picture_takes_no_noticeable_time() -> None:
    cube = cubes.cube(Grade(match=DRIFT), 33)
    sketch = np.random.default_rng(4).random((270, 480, 3)).astype(np.float32)
    started = time.process_time()
    bake.apply(cube, sketch)
    # 0.13 Mpx at 1 Mpx/s, four times over for a machine that does other things as well.
    assert time.process_time() - started < 0.52
