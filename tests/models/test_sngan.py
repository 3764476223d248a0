"""sngan: the sizes of its residual networks, the bound on its discriminator, and its conditional form."""

import numpy as np
import pytest
from helpers.tiny import build

from gancli import models
from gancli.core.backend import keras, tf
from gancli.core.errors import OptionError
from gancli.models import config, presets
from gancli.nn.architectures.residual import resizing, sngan


def count(model):
    return sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)


def test_the_generator_of_the_paper_has_its_parameters():
    """Table 4: dense 128 -> 4 x 4 x 256, three blocks of 256, BatchNorm, 3 x 3 to the image."""
    block = 2 * (9 * 256 * 256 + 256) + 256 * 256 + 256 + 2 * 2 * 256
    wanted = 129 * 16 * 256 + 3 * block + 2 * 256 + 9 * 256 * 3 + 3
    assert wanted == 4_276_739
    assert count(sngan.generator((32, 32, 3), 128, width=256)) == wanted


def test_the_discriminator_of_the_paper_has_its_parameters_and_sums_over_places():
    """Table 4: two blocks that halve, two that do not, 128 channels each."""
    pair = 9 * 128 * 128 + 128
    wanted = 9 * 3 * 128 + 128 + pair + 4 * 128 + 2 * pair + 129 * 128 + 4 * pair + 129
    model = sngan.discriminator((32, 32, 3), width=128)
    assert count(model) == wanted == 1_053_825
    assert model.get_layer("last_2_sum").output.shape == (None, 8, 8, 128)
    mean, total = (model.get_layer(name).output for name in ("mean", "sum"))
    of_both = keras.Model(model.inputs, [mean, total])(tf.random.stateless_normal((2, 32, 32, 3), (1, 2)))
    np.testing.assert_allclose(64 * of_both[0], of_both[1], rtol=1e-5)


@pytest.mark.parametrize(("side", "last"), [(8, 4), (28, 7), (33, 5), (64, 8)])
def test_any_side_is_doubled_from_four_and_halved_to_eight_or_less(side, last):
    generator = sngan.generator((side, side, 1), 4, width=2, most=4)
    discriminator = sngan.discriminator((side, side, 1), width=2, most=4)
    assert generator.output.shape == (None, side, side, 1)
    assert discriminator.get_layer("last_2_sum").output.shape[1:3] == (last, last)


def test_widths_double_up_to_their_bound():
    assert resizing.widths([4, 8, 16, 32], 32, 128) == [128, 128, 64, 32]
    assert resizing.widths([4, 8, 16], 256, 1) == [256, 256, 256]


def test_every_kernel_of_the_discriminator_has_the_singular_value_1():
    model = build("sngan", width=2, d_width=3, max_width=1)
    pairs = model.discriminator.spectral.normalized()
    assert {len(kernel.shape) for kernel, _ in pairs} == {2, 4}
    for _, value in pairs:
        matrix = np.reshape(value, (-1, value.shape[-1]))
        assert np.linalg.norm(matrix, 2) == pytest.approx(1, abs=0.05)


def test_the_class_sets_gains_of_the_generator_and_is_projected_by_the_discriminator():
    model = build("sngan", width=2, d_width=2, max_width=1, conditional=True)
    assert model.columns == ("image", "label")
    gains = model.generator.model.get_layer("norm_image").gamma
    assert gains.shape == (2, 2)
    z, first, second = tf.constant(model.latents([0, 1])), tf.one_hot([0, 0], 2), tf.one_hot([1, 1], 2)
    gains.assign([[1, 1], [0, 0]])
    assert np.abs(model.generator(z, first) - model.generator(z, second)).max() > 0
    assert model.discriminator.model.get_layer("class_rows").kernel.shape == (2, 2)


def test_the_paper_s_preset_is_valid():
    found = presets.values(models.get("sngan"), "paper")
    chosen = config.from_mapping(models.get("sngan"), dict(found)).options
    assert (chosen.width, chosen.d_width, chosen.d_steps, chosen.beta1, chosen.loss) == (256, 128, 5, 0, "hinge")


def test_a_depth_that_is_too_large_is_refused():
    with pytest.raises(OptionError, match="--depth 3: images of 8x8 are too small"):
        build("sngan", depth=3)
