"""The transformer as discriminator: attention by NumPy, and what the order of patches means."""

import numpy as np
import pytest
from helpers.tiny import BatchesOf, build, data

from gancli.core.backend import keras, tf
from gancli.core.errors import OptionError
from gancli.inference.export import stock_layers
from gancli.nn.architectures.residual import transformer
from gancli.nn.layers import attention

TINY = {"discriminator": "transformer", "token_size": 8, "transformer_blocks": 1, "heads": 2}


def draw(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def test_a_token_has_mean_0_and_variance_1_and_then_its_gain_and_bias():
    tokens, gain, bias = 5 + 3 * draw(2, 3, 8), draw(8, seed=1), draw(8, seed=2)
    found = attention.token_norm(tf.constant(tokens), gain, bias)
    wanted = (tokens - tokens.mean(-1, keepdims=True)) / tokens.std(-1, keepdims=True) * gain + bias
    np.testing.assert_allclose(found, wanted, atol=1e-5)


def test_attention_is_the_formula_of_its_paper_in_each_head():
    queries, keys, values = (draw(2, 5, 6, seed=seed) for seed in range(3))
    found = attention.attention(*map(tf.constant, (queries, keys, values)), heads=3)
    for head in range(3):
        part = slice(2 * head, 2 * head + 2)
        products = np.exp(queries[..., part] @ keys[..., part].transpose(0, 2, 1) / np.sqrt(2))
        wanted = products / products.sum(-1, keepdims=True) @ values[..., part]
        np.testing.assert_allclose(found[..., part], wanted, rtol=1e-5, atol=1e-6)


def test_patches_may_change_places_if_their_positions_do():
    keras.utils.set_random_seed(0)
    critic = transformer.discriminator((8, 8, 1), transformer.Sizes(8, 1, 2, patch=4))
    positions = critic.get_layer("positions").rows
    positions.assign(draw(*positions.shape))
    image = draw(1, 8, 8, 1, seed=1)
    turned = image[:, ::-1].reshape(1, 2, 4, 8, 1)[:, :, ::-1].reshape(1, 8, 8, 1)  # upper and lower patches exchanged
    before, moved = float(critic(image)[0, 0]), float(critic(turned)[0, 0])
    rows = np.reshape(positions.numpy(), (5, 8))
    positions.assign(rows[[0, 3, 4, 1, 2]].ravel())
    assert float(critic(turned)[0, 0]) == pytest.approx(before, abs=1e-5)
    assert abs(moved - before) > 1e-3


@pytest.mark.parametrize(("side", "tokens"), [(8, 64), (28, 49), (32, 64), (33, 49)])
def test_an_image_has_at_most_eight_patches_along_each_side(side, tokens):
    critic = transformer.discriminator((side, side, 3), transformer.Sizes(8, 1, 2))
    assert critic.get_layer("positions").output.shape == (None, 1 + tokens, 8)
    assert critic.output.shape == (None, 1)


def test_it_has_the_parameters_of_vit_base_but_for_its_last_layer():
    """Patches, class token and positions, twelve blocks, the last norm: Dosovitskiy et al. 2020, of 86,567,656."""
    size, count = 12, 3  # a twelfth of ViT-B's width is enough for the formula, whose value is that of the paper
    critic = transformer.discriminator((48, 48, 3), transformer.Sizes(size, count, 3, patch=16))

    def formula(width, blocks, tokens):
        block = 4 * width * (width + 1) + 2 * 2 * width + 4 * width * (width + 1) + width * (4 * width + 1)
        return (16 * 16 * 3 + 1) * width + (1 + tokens) * width + width + blocks * block + 2 * width

    assert critic.count_params() == formula(size, count, 9) + size + 1
    assert formula(768, 12, 196) == 86_567_656 - 1000 * 769


def test_it_is_exported_with_layers_of_keras_alone():
    keras.utils.set_random_seed(0)
    critic = transformer.discriminator((9, 9, 1), transformer.Sizes(8, 1, 2, patch=4))
    for weight in critic.weights:
        weight.assign(weight + 0.3 * draw(*weight.shape))
    image, stock = draw(2, 9, 9, 1, seed=1), stock_layers.stock_model(critic)
    assert stock_layers.own_layers(stock) == []
    np.testing.assert_allclose(stock(image), critic(image), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("dcgan", {"width": 4, "r1": 1.0, "conditional": True, "feature_matching": True}),
        ("gan", {"units": "8", "r1": 0.0, "spectral_norm": True, "minibatch_kernels": 2}),
    ],
)
def test_a_transformer_takes_the_place_of_the_discriminator(name, options):
    model = build(name, **TINY, **options)
    batch = model.pipeline.make_batch(data(model), tf.range(8))
    assert np.isfinite(list(model.train_step(BatchesOf(batch)).values())).all()
    assert model.discriminator.model.get_layer("block_1_attention").heads == 2


@pytest.mark.parametrize(
    ("name", "options", "told"),
    [
        ("dcgan", {"d_norm": "none"}, "--d-norm none is not for --discriminator transformer"),
        ("gan", {"d_units": "8"}, "--d-units 8 is not for"),
        ("gan", {"heads": 3}, "--heads 3 must divide --token-size 8"),
        ("gan", {"patch": 9}, "--patch 9: the images have 8 pixels"),
    ],
)
def test_options_that_do_not_fit_a_transformer_are_refused(name, options, told):
    with pytest.raises(OptionError, match=told):
        build(name, **{**TINY, **options})
