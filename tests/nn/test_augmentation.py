"""Augmentation of the discriminator's images: what it moves, what it keeps, and that gradients pass through it."""

import itertools
import math

import numpy as np
import pytest
from helpers.tiny import build

from gancli.core.backend import tf
from gancli.core.errors import OptionError
from gancli.models import regularization
from gancli.nn.regularization import adaptive, augmentation

SIDE = 16
IMAGES = np.random.default_rng(0).uniform(-1, 1, (12, SIDE, SIDE, 3)).astype(np.float32)


def stream(seed=0):
    return tf.random.Generator.from_seed(seed)


def matrices(*rows):
    return tf.constant([rows] * len(IMAGES), tf.float32)


# --- DiffAugment


def test_color_moves_the_mean_by_less_than_half_and_bounds_the_contrast():
    found = augmentation.color(tf.constant(IMAGES), stream()).numpy()
    moved = found.mean((1, 2, 3)) - IMAGES.mean((1, 2, 3))
    assert np.abs(moved).max() < 0.5
    assert np.unique(moved.round(4)).size == len(IMAGES)
    gray = np.repeat(IMAGES[..., :1], 3, axis=3)
    found = augmentation.color(tf.constant(gray), stream()).numpy()
    np.testing.assert_allclose(found[..., 0], found[..., 2], atol=1e-6)
    ratio = found.std((1, 2, 3)) / gray.std((1, 2, 3))
    assert 0.5 <= ratio.min() < ratio.max() <= 1.5


def test_translation_moves_by_whole_pixels_into_zeros():
    found = augmentation.translation(tf.constant(IMAGES), stream()).numpy()
    shifts, most = [], SIDE // 8
    for image, moved in zip(IMAGES, found, strict=True):
        padded = np.pad(image, ((most, most), (most, most), (0, 0)))
        for y, x in itertools.product(range(-most, most + 1), repeat=2):
            if np.array_equal(np.roll(padded, (y, x), (0, 1))[most:-most, most:-most], moved):
                shifts.append((y, x))
    assert len(shifts) == len(IMAGES)
    assert len(set(shifts)) > 4


def test_cutout_makes_a_square_hole_of_half_the_side_around_a_point_of_the_image():
    images = np.ones((200, SIDE, SIDE, 1), np.float32)
    holes = augmentation.cutout(tf.constant(images), stream()).numpy()[..., 0] == 0
    height, width = holes.any(2).sum(1), holes.any(1).sum(1)
    np.testing.assert_array_equal(holes.sum((1, 2)), height * width)  # rectangles
    assert {height.max(), width.max()} == {SIDE // 2}
    assert {height.min(), width.min()} == {SIDE // 4}


def test_diffaug_is_that_of_its_seed_and_of_its_operations_alone():
    once, again, other = (augmentation.diffaug(tf.constant(IMAGES), stream(seed)).numpy() for seed in (1, 1, 2))
    assert np.array_equal(once, again)
    assert not np.allclose(once, other)
    moved = augmentation.diffaug(tf.constant(IMAGES), stream(1), ["translation"])
    assert np.array_equal(moved, augmentation.translation(tf.constant(IMAGES), stream(1)))
    assert augmentation.diffaug(tf.cast(IMAGES, tf.bfloat16), stream()).dtype == tf.bfloat16


AUGMENTATIONS = {
    "diffaug": lambda images: augmentation.diffaug(images, stream(3)),
    "ada": lambda images: adaptive.augment(images, stream(3), tf.constant(0.9)),
    "resampled": lambda images: adaptive.resampled(images, matrices((0.7, 0.4, 0.1), (-0.3, 0.9, 0.2))),
}


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_gradients_pass_through_to_the_images(name):
    change, images = AUGMENTATIONS[name], tf.constant(IMAGES)
    weights, along = (np.random.default_rng(seed).normal(size=IMAGES.shape).astype(np.float32) for seed in (1, 2))
    with tf.GradientTape() as tape:
        tape.watch(images)
        value = tf.reduce_sum(weights * change(images))
    slope = tf.reduce_sum(tape.gradient(value, images) * along)
    up, down = (np.sum(weights * change(images + step * along), dtype=np.float64) for step in (0.1, -0.1))
    assert abs(float(slope)) > 1
    assert float(slope) == pytest.approx((up - down) / 0.2, rel=1e-3, abs=1e-2)  # linear for fixed random numbers


@pytest.mark.parametrize("wish", ["", "colour", "color,color", "cutout,flip"])
def test_operations_that_there_are_not_are_refused(wish):
    with pytest.raises(OptionError, match="expected some of color,translation,cutout"):
        build("gan", augment="diffaug", diffaug=wish)


# --- adaptive augmentation


def test_ada_of_probability_0_is_the_identity_bit_for_bit_and_of_1_is_not():
    assert np.array_equal(adaptive.augment(tf.constant(IMAGES), stream(), tf.constant(0.0)), IMAGES)
    changed = adaptive.augment(tf.constant(IMAGES), stream(), tf.constant(1.0)).numpy()
    assert np.abs(changed - IMAGES).mean((1, 2, 3)).min() > 0.1
    assert np.isfinite(changed).all()


def test_flips_and_quarter_turns_are_exact():
    flipped = adaptive.resampled(tf.constant(IMAGES), matrices((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    np.testing.assert_allclose(flipped, IMAGES[:, :, ::-1], atol=1e-5)
    turn = adaptive._rotation(tf.fill([len(IMAGES)], math.pi / 2), 1.0)[:, :2]
    np.testing.assert_allclose(adaptive.resampled(tf.constant(IMAGES), turn), np.rot90(IMAGES, 1, (1, 2)), atol=1e-4)


def test_a_move_of_whole_pixels_is_that_of_numpy_with_mirrored_edges():
    moved = adaptive.resampled(tf.constant(IMAGES), matrices((1.0, 0.0, 6 / SIDE), (0.0, 1.0, -2 / SIDE))).numpy()
    mirrored = np.pad(IMAGES, ((0, 0), (4, 4), (4, 4), (0, 0)), "symmetric")
    np.testing.assert_allclose(moved, mirrored[:, 3 : 3 + SIDE, 7 : 7 + SIDE], atol=1e-5)


def test_any_geometry_leaves_an_image_of_one_color_as_it_is():
    flat = np.full((6, 10, 14, 3), 0.25, np.float32)
    chance = adaptive._Chance(stream(), 6, tf.constant(1.0))
    np.testing.assert_allclose(adaptive.resampled(flat, adaptive._geometry(chance, 10 / 14)), flat, atol=1e-5)


def test_a_turn_of_an_image_that_is_not_square_keeps_circles_round():
    y, x = np.mgrid[:24, :32]
    disk = ((y - 11.5) ** 2 + (x - 15.5) ** 2 < 64).astype(np.float32)[None, ..., None]

    def moved(aspect):
        turned = adaptive.resampled(disk, adaptive._rotation(tf.constant([0.7]), aspect)[:, :2]).numpy()
        return np.abs(turned - disk)[:, 2:-2, 6:-6].mean()  # without the mirrored edges

    assert moved(24 / 32) < 0.04 < 2 * 0.04 < moved(1.0)


def test_gray_pictures_stay_gray_and_colors_turn_around_them():
    gray = np.repeat(IMAGES[..., :1], 3, axis=3)
    chance = adaptive._Chance(stream(), len(IMAGES), tf.constant(1.0))
    found = adaptive._recolored(tf.constant(gray), chance).numpy()
    np.testing.assert_allclose(found[..., :1] + 0 * found, found, atol=1e-4)
    lone = adaptive._recolored(tf.constant(IMAGES[..., :1]), chance).numpy()
    for before, after in zip(IMAGES[..., 0], lone[..., 0], strict=True):  # brightness, contrast, inversion: linear
        assert abs(np.corrcoef(before.ravel(), after.ravel())[0, 1]) == pytest.approx(1, abs=1e-5)


def test_events_happen_with_their_probability():
    chance = adaptive._Chance(stream(), 20_000, tf.constant(0.4))
    assert np.mean(chance.sign() < 0) == pytest.approx(0.2, abs=0.02)
    assert np.mean(chance.uniform(1.0) != 0) == pytest.approx(0.4, abs=0.02)
    assert np.std(chance.normal(2.0)) == pytest.approx(2 * 0.4**0.5, rel=0.05)
    assert np.mean(chance.turns() != 0) == pytest.approx(0.3, abs=0.02)


def test_the_probability_follows_the_sign_of_outputs_within_0_and_1():
    def adjusted(probability, sign):
        return float(adaptive.adjusted(probability, tf.constant(sign), target=0.6, images=1000, batch=50))

    assert adjusted(0.5, 0.9) == pytest.approx(0.55)
    assert adjusted(0.5, 0.1) == pytest.approx(0.45)
    assert adjusted(0.5, 0.6) == 0.5
    assert adjusted(0.98, 1.0) == 1
    assert adjusted(0.02, -1.0) == 0


def test_a_model_s_probability_follows_its_discriminator():
    model = build("gan", augment="ada")
    step, batch = regularization.after_discriminator_step, model.options.batch_size
    sure, unsure = tf.fill((8, 1), 0.4), tf.fill((8, 1), -0.4)
    told = [float(step(model, model.discriminator, sure, unsure)["ada_probability"]) for _ in range(2)]
    assert told == pytest.approx([batch / regularization.ADA_IMAGES, 2 * batch / regularization.ADA_IMAGES])
    assert float(step(model, model.discriminator, sure, sure, middle=0.5)["ada_probability"]) == pytest.approx(told[0])
    assert float(step(model, model.discriminator, unsure, sure, paired=True)["ada_probability"]) == 0
    assert float(model.variables()["state/ada_probability"]) == 0
