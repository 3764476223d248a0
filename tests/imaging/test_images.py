"""Images: bytes come back to the bit, grids hold what was put in."""

import io

import numpy as np
from hypothesis import given
from hypothesis.extra import numpy as hnp
from PIL import Image

from gancli.imaging import images


@given(hnp.arrays(np.uint8, (3, 5)))
def test_every_byte_survives_the_way_to_floats_and_back(pixels):
    floats = images.from_uint8(pixels)
    assert float(np.min(floats)) >= -1
    assert float(np.max(floats)) <= 1
    assert np.array_equal(images.to_uint8(floats), pixels)


def test_black_is_minus_one_and_values_outside_are_clipped():
    assert np.array_equal(images.to_uint8([-1.0, 1.0, -3.0, 7.0, 0.0]), [0, 255, 0, 255, 128])
    assert np.array_equal(images.to_unit(np.array([0, 255], np.uint8)), [0.0, 1.0])


def test_a_grid_holds_the_images_row_by_row():
    pixels = np.arange(6, dtype=np.uint8)[:, None, None, None] * np.ones((6, 60, 60, 1), np.uint8)
    whole = images.grid(pixels, shape=(2, 3))
    assert whole.shape == (2 * 62 + 2, 3 * 62 + 2, 1)
    assert whole[10, 10, 0] == 0
    assert whole[10, 2 + 62 + 10, 0] == 1
    assert whole[2 + 62 + 10, 10, 0] == 3
    assert whole[0, 0, 0] == 255


def test_small_images_are_drawn_larger_without_a_new_pixel_value():
    pixels = np.random.default_rng(0).integers(0, 255, (1, 28, 28, 1), np.uint8)
    whole = images.grid(pixels, shape=(1, 1))
    assert np.array_equal(whole[2:-2:2, 2:-2:2], pixels[0])


def test_png_comes_back_to_the_bit_and_gif_holds_every_frame():
    frames = [np.full((20, 20, 3), 40 * index, np.uint8) for index in range(4)]
    assert np.array_equal(images.read_png(images.png(frames[2])), frames[2])
    assert images.read_png(images.png(frames[1][..., :1])).shape == (20, 20, 1)
    assert Image.open(io.BytesIO(images.gif(frames))).n_frames == 4
