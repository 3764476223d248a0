"""r3gan: blocks that begin as the identity, sizes of the authors, and what the burn-in changes."""

import itertools
import math

import numpy as np
import pytest
from helpers.tiny import BatchesOf, build, data

from gancli import models
from gancli.core.backend import keras, tf
from gancli.core.errors import OptionError
from gancli.models import config, presets
from gancli.nn.architectures.residual import r3gan
from gancli.nn.layers import grouped_conv, spatial_basis


def test_a_block_begins_as_the_identity():
    maps = keras.Input((5, 5, 8))
    model = keras.Model(maps, r3gan.block(maps, r3gan.Sizes(8, 8, group=4), "a", total=6))
    given = tf.random.stateless_normal((2, 5, 5, 8), (1, 2))
    np.testing.assert_array_equal(model(given), given)
    project, grouped = model.get_layer("a_project"), model.get_layer("a_grouped")
    assert (grouped.groups, grouped.kernel.shape) == (4, (3, 3, 4, 16))
    project.kernel.assign(tf.ones_like(project.kernel))
    assert np.abs(model(given) - given).max() > 0.1


def test_a_grouped_convolution_is_one_of_each_group_with_or_without_kernels_for_it(monkeypatch):
    maps, kernel = tf.random.stateless_normal((2, 5, 5, 4), (1, 2)), tf.random.stateless_normal((3, 3, 2, 6), (3, 4))
    parts = [
        tf.nn.conv2d(maps[..., 2 * group :][..., :2], kernel[..., 3 * group :][..., :3], 1, "SAME")
        for group in range(2)
    ]
    np.testing.assert_allclose(grouped_conv.convolve(maps, kernel), tf.concat(parts, -1), atol=1e-5)
    assert not grouped_conv.has_gradients("float64")  # of TensorFlow 2.21 on a CPU
    monkeypatch.setattr(grouped_conv, "has_gradients", lambda dtype: False)
    np.testing.assert_allclose(grouped_conv.convolve(maps, kernel), tf.concat(parts, -1), atol=1e-5)


def test_kernels_within_blocks_are_scaled_for_the_number_of_blocks():
    maps = keras.Input((4, 4, 64))
    model = keras.Model(maps, r3gan.block(maps, r3gan.Sizes(64, 64), "a", total=16))
    expand, grouped = (np.std(model.get_layer(f"a_{name}").kernel) for name in ("expand", "grouped"))
    gain = math.sqrt(2 / (1 + 0.2**2)) / 2  # 16 to the power of -1/4
    assert expand == pytest.approx(gain / math.sqrt(64), rel=0.03)
    assert grouped == pytest.approx(gain / math.sqrt(9 * 16), rel=0.03)


def test_the_networks_have_the_authors_parameters():
    """Two blocks per level, inner groups of 16; 768 channels, 384 at the last level of 64 pixels."""

    def formula(levels, z_dim):
        blocks = [2 * (width * 2 * width * 2 + 2 * width * 9 * 16 + 2 * 2 * width) for width in levels]
        between = [a * b for a, b in itertools.pairwise(levels) if a != b]
        return sum(blocks) + sum(between) + 16 * levels[0] + 3 * levels[-1] + z_dim * levels[0]

    for side, sizes, levels in ((32, r3gan.Sizes(32, 32), [32] * 4), (64, r3gan.Sizes(16, 32), [32] * 4 + [16])):
        assert r3gan.generator((side, side, 3), 64, sizes).count_params() == formula(levels, 64)
        assert r3gan.discriminator((side, side, 3), sizes).count_params() == formula(levels, 1)
    assert formula([768] * 4, 64) == 20_732_160
    assert formula([768] * 4 + [384, 192, 96], 64) == 23_057_952  # 256 pixels: 23.06 million


@pytest.mark.parametrize("stem", [False, True])
@pytest.mark.parametrize("side", [8, 28, 33])
def test_any_side_is_made_and_judged(side, stem):
    sizes = r3gan.Sizes(2, 4, blocks=1, stem=stem)
    generator = r3gan.generator((side, side, 1), 3, sizes)
    discriminator = r3gan.discriminator((side, side, 1), sizes)
    assert discriminator(generator(tf.ones((2, 3)))).shape == (2, 1)
    assert any(layer.name == f"block_{side}_1" + "_sum" for layer in generator.layers) != stem


def test_the_basis_is_a_map_of_each_channel():
    rows, maps = tf.random.stateless_normal((2, 3), (1, 2)), tf.random.stateless_normal((2, 4, 4, 3), (3, 4))
    there, back = spatial_basis.from_rows(4), spatial_basis.to_rows(4)
    made, summed = there(rows), back(maps)
    np.testing.assert_allclose(made, np.einsum("bc,hwc->bhwc", rows, there.basis), rtol=1e-6)
    np.testing.assert_allclose(summed, np.einsum("bhwc,hwc->bc", maps, back.basis), rtol=1e-5, atol=1e-6)


def test_the_burn_in_lowers_rate_and_penalty_and_raises_beta2():
    model = build("r3gan", burn_in=4, d_steps=2, precision="float32", learning_rate=1e-3, penalty_every=1)
    optimizer = model.discriminator.optimizer

    def at(updates):
        optimizer.iterations.assign(updates)
        return float(optimizer.learning_rate), float(optimizer.beta_2(optimizer.iterations.value))

    assert at(0) == pytest.approx((1e-3, 0.9))
    assert at(4) == pytest.approx((0.625e-3, 0.945))  # halfway, of two updates per step
    assert at(100) == pytest.approx((0.25e-3, 0.99))
    batch = model.pipeline.make_batch(data(model), tf.range(8))
    penalties, found = model.adversarial_config("relativistic", 2).penalties, []
    for updates in (0, 4, 100):
        optimizer.iterations.assign(updates)
        found.append(float(penalties(model.discriminator, batch["image"], -batch["image"])))
    np.testing.assert_allclose(np.array(found) / found[0], [1, 0.55, 0.1], rtol=1e-4)


def test_adam_with_a_changing_beta2_is_the_formula():
    model = build("r3gan", burn_in=2, precision="float32", penalty_every=1, learning_rate=1e-3)
    optimizer, weight = model.discriminator.optimizer, model.discriminator.model.trainable_variables[0]
    start, slopes = weight.numpy().astype(np.float64), np.full(weight.shape, 0.5)
    velocity = np.zeros_like(slopes)
    for step, (rate, beta2) in enumerate([(1e-3, 0.9), (0.625e-3, 0.945), (0.25e-3, 0.99)], start=1):
        optimizer.apply([tf.constant(step * slopes, tf.float32)], [weight])
        velocity = beta2 * velocity + (1 - beta2) * (step * slopes) ** 2
        start -= rate * step * slopes / (np.sqrt(velocity / (1 - beta2**step)) + 1e-7)
    np.testing.assert_allclose(weight, start, atol=1e-6)


def test_a_class_joins_z_and_is_projected():
    model = build("r3gan", conditional=True)
    assert model.generator.model.get_layer("embedding").kernel.shape == (2, 8)
    batch = model.pipeline.make_batch(data(model), tf.range(8))
    assert np.isfinite(list(model.train_step(BatchesOf(batch)).values())).all()


@pytest.mark.parametrize(("name", "width"), [("paper", 768), ("paper-64", 384)])
def test_the_presets_are_valid(name, width):
    chosen = config.from_mapping(models.get("r3gan"), dict(presets.values(models.get("r3gan"), name))).options
    assert (chosen.width, chosen.max_width, chosen.level_blocks, chosen.stem, chosen.r1) == (
        width,
        768,
        2,
        False,
        chosen.r2,
    )


@pytest.mark.parametrize("name", ["spectral_norm", "equalized_lr"])
def test_what_scales_kernels_of_0_is_refused(name):
    with pytest.raises(OptionError, match="kernels of 0"):
        build("r3gan", **{name: True})
