"""The layers that are computed by other sums: the same numbers as Keras' own, forwards, backwards and twice so."""

import numpy as np
import pytest

from gancli.core.backend import keras, tf
from gancli.nn import optimizers
from gancli.nn.architectures import dcgan
from gancli.nn.layers import strided_conv
from gancli.nn.layers.batch_norm import batch_norm

SHAPES = [(28, 1, 32, 5), (14, 32, 64, 5), (7, 16, 8, 5), (8, 3, 16, 4), (9, 16, 5, 3), (10, 2, 7, 7), (6, 20, 3, 2)]


def normal(*shape):
    return tf.random.stateless_normal(shape, (len(shape), sum(shape)))


def both_slopes(product, first, second):
    """The output, its slopes, and the slopes of a function of these."""
    with tf.GradientTape() as outer:
        outer.watch([first, second])
        with tf.GradientTape() as tape:
            tape.watch([first, second])
            out = product(first, second)
            value = tf.reduce_sum(tf.sin(out))
        slopes = tape.gradient(value, [first, second])
        bend = sum(tf.reduce_sum(slope**2) for slope in slopes)
    return [out, *slopes, *outer.gradient(bend, [first, second])]


def assert_close(found, wanted):
    for ours, theirs in zip(found, wanted, strict=True):
        scale = float(tf.reduce_max(tf.abs(theirs))) + 1e-9
        assert float(tf.reduce_max(tf.abs(ours - theirs))) / scale < 1e-4


@pytest.mark.parametrize(("side", "channels", "maps", "size"), SHAPES)
def test_the_convolution_and_its_slopes_are_tensorflow_s(side, channels, maps, size):
    image, kernel = normal(3, side, side, channels), normal(size, size, channels, maps)
    wanted = both_slopes(lambda x, w: tf.nn.conv2d(x, w, 2, "SAME"), image, kernel)
    assert_close(both_slopes(strided_conv.down, image, kernel), wanted)


@pytest.mark.parametrize(("side", "channels", "maps", "size"), SHAPES)
def test_the_transposed_convolution_and_its_slopes_are_tensorflow_s(side, channels, maps, size):
    half, shape = (side + 1) // 2, (3, side, side, channels)
    inner, kernel = normal(3, half, half, maps), normal(size, size, channels, maps)
    wanted = both_slopes(lambda y, w: tf.nn.conv2d_transpose(y, w, shape, 2, "SAME"), inner, kernel)
    assert_close(both_slopes(lambda y, w: strided_conv.up(y, w, side), inner, kernel), wanted)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
def test_half_precision_stays_near_to_float32(precision):
    image, kernel = normal(8, 7, 7, 16), normal(5, 5, 16, 8)
    exact = both_slopes(strided_conv.down, image, kernel)[:3]
    rough = both_slopes(strided_conv.down, tf.cast(image, precision), tf.cast(kernel, precision))[:3]
    assert {tensor.dtype.name for tensor in rough} == {precision}
    for ours, theirs in zip(rough, exact, strict=True):
        ours, theirs = (np.array(tf.cast(tensor, tf.float32)).ravel() for tensor in (ours, theirs))
        assert np.corrcoef(ours, theirs)[0, 1] > 0.99


def test_the_networks_have_keras_own_weights_and_images():
    ours = dcgan.generator((28, 28, 1), 10, width=4, kernel=5)
    plain = keras.models.clone_model(ours, clone_function=lambda layer: _plain(layer))
    assert [type(layer).__module__.split(".")[0] for layer in plain.layers] == ["keras"] * len(plain.layers)
    plain.set_weights(ours.get_weights())
    z = normal(3, 10)
    np.testing.assert_allclose(ours(z, training=True), plain(z, training=True), atol=1e-5)


def _plain(layer):
    """The Keras layer that one of ours is made from."""
    original = next(kind for kind in type(layer).__mro__ if kind.__module__.startswith("keras."))
    return original.from_config(layer.get_config())


@pytest.mark.parametrize("shape", [(16, 5), (6, 4, 4, 3)])
def test_batch_norm_is_keras_own_in_output_slopes_and_statistics(shape):
    found = []
    for layer in (batch_norm(momentum=0.9, epsilon=1e-3, name="a"), keras.layers.BatchNormalization(momentum=0.9)):
        layer.build(shape)
        layer.gamma.assign(np.linspace(0.5, 2, shape[-1]))
        x = 3 * normal(*shape) + 1
        with tf.GradientTape() as tape:
            tape.watch(x)
            out = layer(x, training=True)
            value = tf.reduce_sum(tf.sin(out))
        slopes = tape.gradient(value, [x, layer.gamma.value, layer.beta.value])
        found.append([out, *slopes, layer.moving_mean.value, layer.moving_variance.value, layer(x, training=False)])
    assert_close(*found)


def test_adam_is_keras_own_over_many_steps():
    rate, beta1, weights = 0.01, 0.5, []
    for optimizer in (optimizers.adam(rate, beta1=beta1), keras.optimizers.Adam(rate, beta_1=beta1)):
        variable = keras.Variable(normal(40, 3))
        optimizer.build([variable])
        for number in range(50):
            optimizer.apply([tf.random.stateless_normal((40, 3), (1, number))], [variable])
        weights.append(variable.value)
    np.testing.assert_allclose(*weights, rtol=2e-5, atol=2e-6)
