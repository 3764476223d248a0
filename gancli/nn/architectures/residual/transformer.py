"""A transformer as discriminator: Vaswani et al. 2017 (arXiv:1706.03762) on patches of an image.

As in ViT (Dosovitskiy et al. 2020, arXiv:2010.11929): patches are embedded linearly, a learned class token goes before
them, learned positions are added, and blocks with normalization first follow; the class token's last state is the input
of `logit`. TransGAN (Jiang et al. 2021, arXiv:2102.07074) and ViTGAN (Lee et al. 2021, arXiv:2107.04589) train such
discriminators against generators that are transformers too.
"""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import Tensor, keras
from gancli.nn.layers.attention import attention_layer, positions_layer, token_norm_layer

PATCHES = 8  # along a side, at most


class Sizes(NamedTuple):
    """Sizes of the transformer: numbers of a token, blocks, heads, and pixels along a patch's side (None: an eighth of
    the image's, rounded up)."""

    width: int
    blocks: int
    heads: int
    patch: int | None = None


def discriminator(shape: tuple[int, int, int], sizes: Sizes) -> keras.Model:
    """float32 (batch, *shape) -> logits (batch, 1). Sides that the patch does not divide get zeros below and right.

    At 224 x 224 x 3 with width 768, 12 blocks, 12 heads and patches of 16, but for the last layer: the 85,798,656
    parameters of ViT-B/16.
    """
    layers = keras.layers
    patch = sizes.patch or -(-shape[0] // PATCHES)
    image = keras.Input(shape, name="image")
    net, rest = image, -shape[0] % patch
    if rest:
        net = layers.ZeroPadding2D(((0, rest), (0, rest)), name="edge")(net)
    net = layers.Conv2D(sizes.width, patch, patch, kernel_initializer="glorot_uniform", name="patches")(net)
    net = positions_layer(name="positions")(net)
    for number in range(1, sizes.blocks + 1):
        net = _block(net, sizes, f"block_{number}")
    net = token_norm_layer(dtype="float32", name="norm")(net)
    token = layers.Flatten(name="class_token")(layers.Cropping1D((0, net.shape[1] - 1), name="first")(net))
    logit = layers.Dense(1, dtype="float32", name="logit")(token)
    return keras.Model(image, logit, name="discriminator")


def _block(net: Tensor, sizes: Sizes, name: str) -> Tensor:
    """Attention between tokens, then a network of one hidden layer on each, both added to their inputs."""
    layers = keras.layers
    part = token_norm_layer(name=f"{name}_norm_1")(net)
    net = layers.Add(name=f"{name}_attended")([net, attention_layer(sizes.heads, name=f"{name}_attention")(part)])
    part = token_norm_layer(name=f"{name}_norm_2")(net)
    part = layers.Dense(4 * sizes.width, activation="gelu", name=f"{name}_hidden")(part)
    return layers.Add(name=f"{name}_sum")([net, layers.Dense(sizes.width, name=f"{name}_output")(part)])
