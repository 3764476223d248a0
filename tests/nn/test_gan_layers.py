"""Layers of generators and discriminators beside NumPy: what a batch tells, norms, classes, and resampling by 2."""

import numpy as np
import pytest

from gancli.core.backend import keras, tf
from gancli.nn.layers import class_conditional, minibatch_stddev, pixel_norm, resampling
from gancli.nn.layers.batch_norm import batch_norm, instance_norm

random = np.random.default_rng(0)
MAPS = random.normal(size=(8, 4, 6, 3)).astype(np.float32)
CLASSES = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 1, 2, 0, 0]]


# --- minibatch standard deviation


def test_the_statistic_of_equal_images_is_0_and_otherwise_numpy_s():
    twins = np.repeat(MAPS[:1], 8, axis=0)
    np.testing.assert_allclose(minibatch_stddev.statistic(twins), np.full((8, 1), 1e-4), atol=1e-6)
    expected = [MAPS[first::2].std(axis=0).mean() for first in (0, 1)]  # groups of four: every second of eight
    np.testing.assert_allclose(minibatch_stddev.statistic(MAPS, 4)[:, 0], expected * 4, atol=1e-5)
    whole = minibatch_stddev.statistic(MAPS[:7], 4)  # 4 is no divisor of 7
    np.testing.assert_allclose(whole[:, 0], [MAPS[:7].std(axis=0).mean()] * 7, atol=1e-5)


def test_the_statistic_is_one_more_channel_and_reaches_the_logit():
    net = minibatch_stddev.minibatch_stddev(keras.Input(MAPS.shape[1:]), group=4)
    assert net.shape == (None, 4, 6, 4)
    layers = [keras.Input((5,)), keras.layers.Dense(4, name="body"), keras.layers.Dense(1, name="logit")]
    judge = minibatch_stddev.with_minibatch_stddev(keras.Sequential(layers, name="judge"), 8)
    assert judge.get_layer("logit").kernel.shape == (5, 1)
    rows = random.normal(size=(8, 5)).astype(np.float32)
    features = judge.get_layer("body")(rows).numpy()
    kernel, bias = (one.numpy() for one in judge.get_layer("logit").weights)
    expected = features @ kernel[:4] + features.std(axis=0).mean() * kernel[4] + bias
    np.testing.assert_allclose(judge(rows), expected, atol=1e-5)


# --- norms


def test_pixel_norm_divides_by_the_root_of_the_mean_square():
    expected = MAPS / np.sqrt((MAPS**2).mean(axis=-1, keepdims=True))
    np.testing.assert_allclose(pixel_norm.pixel_norm_layer()(MAPS), expected, rtol=1e-5)
    assert np.abs(pixel_norm.pixel_norm(tf.zeros((2, 3)))).max() == 0


def test_instance_norm_is_keras_own():
    ours, theirs = instance_norm(epsilon=1e-3), keras.layers.GroupNormalization(groups=-1, epsilon=1e-3)
    np.testing.assert_allclose(ours(MAPS), theirs(MAPS), atol=1e-5)
    assert [one.name for one in ours.weights] == [one.name for one in theirs.weights]


@pytest.mark.parametrize("training", [True, False])
def test_conditional_batch_norm_of_equal_classes_is_batch_norm(training):
    plain = batch_norm(momentum=0.5, epsilon=1e-5)
    conditional = class_conditional.conditional_batch_norm(momentum=0.5)
    plain(MAPS), conditional([MAPS, CLASSES])
    gain, bias = random.normal(size=(2, 3)).astype(np.float32)
    plain.gamma.assign(gain), plain.beta.assign(bias)
    conditional.gamma.assign(np.tile(gain, (3, 1))), conditional.beta.assign(np.tile(bias, (3, 1)))
    given = [MAPS, CLASSES]
    np.testing.assert_allclose(conditional(given, training=training), plain(MAPS, training=training), atol=1e-5)
    np.testing.assert_allclose(conditional.plain.moving_variance, plain.moving_variance, atol=1e-6)
    conditional.beta.assign([[0, 0, 0], [1, 1, 1], [2, 2, 2]])
    moved = conditional(given, training=training) - plain(MAPS, training=training) + bias
    np.testing.assert_allclose(moved[:, 0, 0, 0], CLASSES @ [0, 1, 2], atol=1e-5)


# --- the projection


def test_the_projection_adds_the_product_of_features_and_the_class_s_row():
    layers = [keras.Input((5,), name="image"), keras.layers.Dense(4, name="body"), keras.layers.Dense(1, name="logit")]
    plain = keras.Sequential(layers, name="judge")
    features = plain.get_layer("body")(MAPS[:, 0, :5, 0]).numpy()
    judge = class_conditional.with_projection(plain, 3)
    rows = judge.get_layer("class_rows").kernel.numpy()
    expected = plain(MAPS[:, 0, :5, 0]).numpy() + np.sum((CLASSES @ rows) * features, axis=1, keepdims=True)
    np.testing.assert_allclose(judge([MAPS[:, 0, :5, 0], CLASSES]), expected, atol=1e-5)


# --- resampling by 2


def bilinear(row):
    """A row at twice the resolution by NumPy, the centers of pixels at halves."""
    at = (np.arange(2 * len(row)) + 0.5) / 2 - 0.5
    return np.interp(at, np.arange(len(row)), row)


def test_resampling_is_that_of_numpy():
    twice = np.repeat(np.repeat(MAPS, 2, axis=1), 2, axis=2)
    assert np.array_equal(resampling.up_nearest(MAPS), twice)
    np.testing.assert_allclose(resampling.down_mean(twice), MAPS, atol=1e-6)
    found = resampling.up_filtered(tf.constant(MAPS)).numpy()
    expected = np.apply_along_axis(bilinear, 2, np.apply_along_axis(bilinear, 1, MAPS))
    np.testing.assert_allclose(found[:, 1:-1, 1:-1], expected[:, 1:-1, 1:-1], atol=1e-5)
    taps = np.array([1, 3, 3, 1]) / 8
    padded = np.pad(MAPS, ((0, 0), (1, 1), (1, 1), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (4, 4), axis=(1, 2))[:, ::2, ::2]
    expected = np.einsum("byxcij,i,j->byxc", windows, taps, taps)
    np.testing.assert_allclose(resampling.down_filtered(tf.constant(MAPS)), expected, atol=1e-5)


@pytest.mark.parametrize("kind", resampling.KINDS)
def test_resampling_keeps_one_color_inside_and_is_a_layer_of_its_kind(kind):
    flat, layer = np.full((2, 8, 8, 3), 0.7, np.float32), resampling.layer(kind)
    found = layer(flat)
    np.testing.assert_allclose(found[:, 2:-2, 2:-2], np.full_like(found[:, 2:-2, 2:-2], 0.7), atol=1e-6)
    assert found.shape == layer.compute_output_shape(flat.shape)
    assert type(layer).from_config(layer.get_config()).kind == kind
