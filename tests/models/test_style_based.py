"""StyleGAN and StyleGAN2 beside their equations: modulation, noise, mixing, path length, sizes of networks."""

import itertools

import numpy as np
import pytest
from helpers.tiny import build

from gancli import models
from gancli.core.backend import keras, tf
from gancli.core.errors import OptionError
from gancli.models import config
from gancli.nn.architectures.dcgan import ladder
from gancli.nn.architectures.style_based import (
    convolutions,
    discriminators,
    filtered,
    mapping,
    path_length,
    random_layers,
    rates,
    styles,
    synthesis,
)

FIR = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


@pytest.fixture(scope="module")
def model():
    """stylegan2 with noise of strength .5."""
    made = build("stylegan2", precision="float32", batch_size=4, ema=0.0)
    for variable in made.generator.model.trainable_variables:
        if variable.name == "strength":
            variable.assign(0.5)
    return made


def correlated(maps, kernel):
    """Each sum of products of a kernel (k, k, inputs, outputs) inside the maps (side, side, inputs)."""
    size = len(kernel)
    side = len(maps) - size + 1
    taps = itertools.product(range(size), range(size))
    return sum(maps[i : i + side, j : j + side] @ kernel[i, j] for i, j in taps)


def padded(maps, before, after):
    return np.pad(maps, ((before, after), (before, after), (0, 0)))


def filtered_by_hand(maps, before, after, gain=1.0):
    return correlated(padded(maps, before, after), gain * FIR[:, :, None, None] * np.eye(maps.shape[-1]))


def up_by_hand(maps, kernel):
    """Zeros between the pixels, the kernel turned, the filter."""
    side = len(maps)
    spread = np.zeros((2 * side - 1, 2 * side - 1, maps.shape[-1]))
    spread[::2, ::2] = maps
    return filtered_by_hand(correlated(padded(spread, 2, 2), kernel[::-1, ::-1]), 1, 1, gain=4.0)


@pytest.mark.parametrize("direction", ["", "up"])
def test_a_modulated_convolution_is_one_with_a_kernel_for_each_image(direction):
    maps, style = numbers(3, 4, 4, 2), numbers(3, 2, seed=1)
    layer = convolutions.modulated(5, deviation=0.5, gain=1.5, direction=direction, side=8 if direction else None)
    found = layer(maps, style)
    kernels = style[:, None, None, :, None] * np.asarray(layer.kernel)  # equation 1
    kernels /= np.sqrt((kernels**2).sum((1, 2, 3), keepdims=True) + 1e-8)  # equation 3
    by_hand = up_by_hand if direction else lambda one, kernel: correlated(padded(one, 1, 1), kernel)
    expected = [1.5 * by_hand(one, kernel) for one, kernel in zip(maps, kernels, strict=True)]
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_demodulated_maps_have_deviation_one_whatever_the_style():
    layer = convolutions.modulated(64, deviation=0.01)
    found = layer(numbers(4, 32, 32, 16), np.exp(numbers(4, 16, seed=1)))
    np.testing.assert_allclose(tf.math.reduce_std(found[:, 1:-1, 1:-1], (1, 2, 3)), 1.0, atol=0.1)


def test_a_modulated_product_to_pixels_is_a_convolution_of_one_pixel():
    maps, style = numbers(2, 3, 3, 4), numbers(2, 4, seed=1)
    layer = convolutions.modulated(3, 1, deviation=1.0, gain=2.0, demodulate=False, use_bias=True)
    found = layer(maps, style)
    layer.bias.assign([1.0, 2.0, 3.0])
    expected = np.einsum("nhwi,ni,io->nhwo", maps, 2.0 * style, np.asarray(layer.kernel)[0, 0])
    np.testing.assert_allclose(layer(maps, style), expected + np.array([1, 2, 3]), atol=1e-5)
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("side", [6, 7])
def test_resampling_by_the_filter(side):
    """A larger map of an odd side is that of the next one, cut off; a smaller one that of the map with an edge of 0."""
    maps, kernel = numbers(1, side, side, 2), numbers(3, 3, 2, 3, seed=1)
    small = filtered_by_hand(maps[0], 2, 2 + side % 2)
    np.testing.assert_allclose(
        filtered.down_convolution(maps, kernel)[0], correlated(small, kernel)[::2, ::2], atol=1e-4
    )
    np.testing.assert_allclose(filtered.half(maps)[0], filtered_by_hand(maps[0], 1, 1 + side % 2)[::2, ::2], atol=1e-5)
    large = up_by_hand(maps[0], np.pad(np.eye(2)[None, None], ((1, 1), (1, 1), (0, 0), (0, 0))))
    np.testing.assert_allclose(filtered.double(maps, 2 * side - 1)[0], large[: 2 * side - 1, : 2 * side - 1], atol=1e-5)
    odd = filtered.up_convolution(maps, kernel, 2 * side - 1)[0]
    np.testing.assert_allclose(odd, up_by_hand(maps[0], kernel)[: 2 * side - 1, : 2 * side - 1], atol=1e-4)
    assert np.allclose(filtered.double(np.ones((1, side, side, 1), np.float32), 2 * side)[0, 2:-2, 2:-2], 1.0)


def test_adain_sets_the_mean_and_deviation_of_each_map():
    scale, bias = numbers(2, 3, seed=1), numbers(2, 3, seed=2)
    found = styles.adaptive_norm(5.0 + 3.0 * numbers(2, 6, 6, 3), scale, bias)
    np.testing.assert_allclose(tf.reduce_mean(found, (1, 2)), bias, atol=1e-5)
    np.testing.assert_allclose(tf.math.reduce_std(found, (1, 2)), np.abs(scale), atol=1e-5)


def test_noise_is_new_in_training_and_constant_at_inference(model):
    z = tf.constant(model.latents([3, 4]))
    assert np.array_equal(model.decode(z), model.decode(z))
    assert np.abs(model.generator(z) - model.generator(z)).max() > 1e-3
    np.testing.assert_allclose(model.decode(z)[:1], model.decode(z[:1]), atol=1e-6)


def test_an_image_is_made_of_the_w_of_its_z(model):
    z = tf.constant(model.latents([0, 1]))
    w = model.to_w(z)
    assert w.shape == (2, model.w_size)
    assert model.style_layers == 4  # of 4 and 8 pixels
    np.testing.assert_allclose(model.from_w(tf.repeat(w[:, None], 4, axis=1)), model.decode(z), atol=1e-6)
    np.testing.assert_allclose(model.to_w(7.0 * z), w, atol=1e-5)  # z is scaled to one length


def test_the_mean_of_w_follows_the_training(model):
    z = tf.constant(model.latents(range(4)))
    before = model.mean_w().numpy()
    mapped = model.generator.model.get_layer("mapping")
    w = mapped(z, training=True)
    np.testing.assert_allclose(model.mean_w(), 0.995 * before + 0.005 * np.mean(w, axis=0), atol=1e-6)
    one = model.from_w(tf.tile(model.mean_w()[None, None], (2, 4, 1)))  # truncation to 0: one image for all seeds
    np.testing.assert_array_equal(one[0], one[1])


def test_styles_are_mixed_from_a_random_layer_on():
    one, other = tf.zeros((6, 2)), tf.ones((6, 2))
    uniform = tf.constant([[0.5, 0.0], [0.5, 0.24], [0.5, 0.26], [0.5, 0.99], [0.95, 0.0], [0.9, 0.5]])
    found = random_layers.crossover(one, other, uniform, layers=5, probability=0.9)
    assert found.shape == (6, 5, 2)
    np.testing.assert_array_equal(tf.reduce_sum(found[:, :, 0], axis=1), [4, 4, 3, 1, 0, 0])
    assert np.array_equal(found[:, :, 0], np.sort(found[:, :, 0], axis=1))


def test_an_image_is_mixed_with_one_of_its_own_and_not_with_its_neighbor():
    layer = styles.layer("Appended")
    rows = layer(tf.zeros((300, 40)), training=True)
    assert not np.any(rows[:300])
    assert abs(np.std(rows[300:]) - 1) < 0.02
    assert layer(tf.zeros((3, 2)), training=False).shape == (3, 2)


def test_the_path_length_of_a_linear_generator():
    matrix, noise = numbers(3, 5, 4 * 6 * 2), numbers(7, 4, 6, 2, seed=1)  # 3 layers, w of 5 numbers

    def linear(w):
        return tf.reshape(tf.einsum("nls,lsp->np", w, matrix), (-1, 4, 6, 2))

    found = path_length.path_lengths(linear, tf.zeros((7, 3, 5)), noise)
    squares = np.einsum("lsp,np->nls", matrix, noise.reshape(7, -1)) ** 2 / 24
    np.testing.assert_allclose(found, np.sqrt(squares.sum(2).mean(1)), rtol=1e-5)
    value, mean = path_length.penalty(tf.constant([1.0, 3.0]), 1.0)
    np.testing.assert_allclose([value, mean], [(0.01**2 + 1.99**2) / 2, 1.01], rtol=1e-5)


def test_the_penalty_on_path_lengths_has_the_gradient_of_differences():
    """By every weight of the synthesis network, in float64."""
    small = synthesis.skip_synthesis([(4, 3), (7, 2)], 1, 3)

    def wide(part):
        more = {"dtype": "float64"} if isinstance(part, keras.Layer) else {}
        return type(part).from_config(part.get_config() | more)

    w = keras.Input(small.input.shape[1:], dtype="float64")
    network = keras.models.clone_model(small, input_tensors=w, clone_function=wide)
    random = np.random.default_rng(0)
    for weight in network.weights:
        weight.assign(random.normal(0.5, 0.3, weight.shape))
    network = keras.Model(network.input, network.get_layer("image").input)
    w, noise = (tf.constant(random.normal(size=size)) for size in ((2, 4, 3), (2, 7, 7, 1)))
    values = [weight.value for weight in network.trainable_variables]

    def penalty():
        lengths = path_length.path_lengths(lambda rows: network(rows, training=False), w, noise)
        return tf.reduce_mean((lengths - 1.0) ** 2)

    with tf.GradientTape() as tape:
        value = penalty()
    slopes = tape.gradient(value, values, unconnected_gradients="zero")
    directions = [random.normal(size=one.shape) for one in values]
    expected = sum(float(tf.reduce_sum(slope * way)) for slope, way in zip(slopes, directions, strict=True))
    ends = []
    for step in (1e-6, -2e-6):
        for one, way in zip(values, directions, strict=True):
            one.assign_add(step * way)
        ends.append(float(penalty()))
    assert abs(expected) > 0.1
    assert (ends[0] - ends[1]) / 2e-6 == pytest.approx(expected, rel=1e-5)


def test_learning_rates_are_equalized(model):
    found = rates.multipliers(model.generator.model)
    assert found["map_0/kernel"] == pytest.approx(0.01 * np.sqrt(2 / model.z_size))
    assert found["map_0/bias"] == 0.01
    assert found["conv_8/kernel"] == pytest.approx(1 / np.sqrt(9 * 2))
    assert found["noise_conv_8/strength"] == found["constant/maps"] == found["style_conv_8/bias"] == 1.0
    kernel = next(one for one in model.generator.model.trainable_variables if one.path == "style_conv_8/kernel")
    assert np.std(kernel) == pytest.approx(found["style_conv_8/kernel"], rel=0.6)


@pytest.mark.parametrize(
    ("name", "generator", "discriminator"), [("stylegan", 26.2e6, 23.1e6), ("stylegan2", 30.4e6, 29.0e6)]
)
def test_the_preset_has_the_parameters_of_the_paper_at_1024_pixels(name, generator, discriminator):
    cls = models.get(name)
    sizes = config.from_mapping(cls, cls.presets["paper"]).options
    maps = synthesis.sizes(ladder(1024), sizes.width, sizes.max_width)
    with keras.StatelessScope(initialize_variables=False):  # no weight gets a value
        mapped = mapping.mapping(sizes.z_dim, sizes.w_dim, depth=sizes.mapping_layers)
        networks = mapped, cls.synthesis(maps, 3, sizes.w_dim), cls.critic(maps, 3)
        counts = [sum(int(np.prod(one.shape)) for one in network.trainable_variables) for network in networks]
    assert counts[0] + counts[1] == pytest.approx(generator, rel=0.002)
    assert counts[2] == pytest.approx(discriminator, rel=0.002)


def test_the_residual_discriminator_keeps_the_variance_of_its_input():
    network = discriminators.residual([(4, 32), (8, 32), (16, 32)], 3)
    maps = keras.Model(network.input, network.get_layer("sum_8").output)(numbers(8, 16, 16, 3))
    assert 0.3 < np.std(maps) < 1.5


def test_the_learning_rate_is_equalized_once():
    with pytest.raises(OptionError, match="leave out --equalized-lr"):
        build("stylegan", equalized_lr=True)
