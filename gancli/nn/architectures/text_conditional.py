"""Generator and discriminator of Reed et al. 2016 (reedscot/icml2016), and the encoder of style.

For 64 pixels as the authors': 4 -> 8 -> 16 -> 32 -> 64 with a residual block at 4 and at 8. Other sides are halved to
four likewise.
"""

from __future__ import annotations

from gancli.core.backend import Tensor, keras
from gancli.nn.layers import strided_conv
from gancli.nn.layers.batch_norm import batch_norm

LEAK, KERNEL, SMALLEST = 0.2, 4, 4
DEVIATION, MOMENTUM = 0.02, 0.9
RESIDUAL_UP_TO = 8  # side of maps that have a residual block
SQUEEZED = 128  # units that a text is brought to
COARSE = 16  # side of what an encoder of style sees
MIXED = 256  # maps, at least, of what is seen and said together


def sides_of(side: int) -> list[int]:
    """Sides of the maps, from 4 to the image: 64 -> [4, 8, 16, 32, 64]."""
    sides = [side]
    while sides[0] > SMALLEST:
        sides.insert(0, sides[0] // 2)
    return sides


def generator(shape: tuple[int, int, int], z_dim: int, text_size: int, *, width: int) -> keras.Model:
    """z float32 (batch, z_dim) and texts (batch, text_size) -> images (batch, *shape) in [-1, 1].

    width: channels of the largest maps, twice as many at each floor below; the authors' code at 64 pixels: 128.
    """
    layers, sides = keras.layers, sides_of(shape[0])
    z, text = keras.Input((z_dim,), name="z"), keras.Input((text_size,), name="text")
    said = layers.LeakyReLU(negative_slope=LEAK, name="leaky_text")(_dense(SQUEEZED, "squeeze")(text))
    first = width * 2 ** (len(sides) - 2)
    net = layers.Concatenate(name="join")([z, said])
    net = layers.Dense(first * SMALLEST**2, use_bias=False, kernel_initializer=_weights(), name="project")(net)
    net = _norm("norm_project")(layers.Reshape((SMALLEST, SMALLEST, first), name="reshape")(net))
    for floor, side in enumerate(sides[:-1]):
        if side <= RESIDUAL_UP_TO:
            net = _residual(net, f"residual_{side}", rectified=lambda name: layers.ReLU(name=name))
        net = layers.ReLU(name=f"relu_{side}")(net)
        channels = shape[2] if side == sides[-2] else first // 2 ** (floor + 1)
        net = strided_conv.up_layer(
            channels, KERNEL, sides[floor + 1], kernel_initializer=_weights(), name=f"up_{sides[floor + 1]}"
        )(net)
        if side != sides[-2]:
            net = _norm(f"norm_{sides[floor + 1]}")(net)
    image = layers.Activation("tanh", dtype="float32", name="image")(net)
    return keras.Model([z, text], image, name="generator")


def discriminator(shape: tuple[int, int, int], *, width: int) -> keras.Model:
    """Images float32 (batch, *shape) -> maps (batch, 4, 4, channels): what is seen before the text comes in."""
    image = keras.Input(shape, name="image")
    return keras.Model(image, _maps(image, shape[0], width), name="discriminator")


def matching_head(maps: int, text_size: int) -> keras.Model:
    """Maps (batch, 4, 4, maps) and texts (batch, text_size) -> logits (batch, 1) that the image is real and as the text
    says: the rest of the discriminator. The text stands beside the maps, the same everywhere.

    To the authors' logit is added the product of the text and a linear map of what is seen, the projection of Miyato &
    Koyama 2018 (1802.05637, equation 3), over the root of their size: it tells by itself whether each attribute that is
    seen was said. On glyphs a fifth of the shapes are obeyed after 5,000 steps with it, and none after 6,000 without.

    The authors have BatchNorm here. It lets the judge see whether a batch holds right pairs or wrong ones, whatever the
    single pair: after 300 steps on glyphs it believed .998 of right pairs and .002 of wrong ones; in one batch of both,
    where that is hidden, .86 and .14. So each pair is normalized by itself, or not at all.
    """
    layers = keras.layers
    seen, text = keras.Input((SMALLEST, SMALLEST, maps), name="maps"), keras.Input((text_size,), name="text")
    said = layers.LeakyReLU(negative_slope=LEAK, name="leaky_text")(_dense(SQUEEZED, "squeeze")(text))
    said = layers.RepeatVector(SMALLEST**2, name="everywhere")(said)
    said = layers.Reshape((SMALLEST, SMALLEST, SQUEEZED), name="text_map")(said)
    net = layers.Concatenate(name="join")([seen, said])
    net = layers.Conv2D(max(maps, MIXED), 1, use_bias=False, kernel_initializer=_weights(), name="mix")(net)
    net = layers.GroupNormalization(groups=1, epsilon=1e-5, name="norm_mix")(net)
    net = layers.LeakyReLU(negative_slope=LEAK, name="leaky_mix")(net)
    flat = layers.Flatten(name="flat")(net)
    logit = layers.Dense(1, kernel_initializer=_weights(), dtype="float32", name="logit")(flat)
    looks = layers.Dense(text_size, use_bias=False, kernel_initializer="lecun_normal", name="looks")
    fits = layers.Dot(axes=1, dtype="float32", name="fits")([looks(layers.Flatten(name="flat_seen")(seen)), text])
    fits = layers.Rescaling(text_size**-0.5, dtype="float32", name="fits_scaled")(fits)
    return keras.Model([seen, text], layers.Add(dtype="float32", name="sum")([logit, fits]), name="judge")


def encoder(shape: tuple[int, int, int], outputs: int, *, width: int, name: str) -> keras.Model:
    """Images float32 (batch, *shape) -> so many numbers, (batch, outputs), through maps as the discriminator's."""
    image = keras.Input(shape, name="image")
    net = keras.layers.Flatten(name="flat")(_maps(image, shape[0], width))
    return keras.Model(image, keras.layers.Dense(outputs, dtype="float32", name="code")(net), name=name)


def styler(shape: tuple[int, int, int], outputs: int, *, width: int) -> keras.Model:
    """Images float32 (batch, *shape) -> z (batch, outputs), each number of mean 0 and variance 1 over a batch."""
    image = keras.Input(shape, name="image")
    side = min(COARSE, shape[0])
    net = keras.layers.AveragePooling2D(shape[0] // side, name="coarse")(image)
    net = keras.layers.Flatten(name="flat")(_maps(net, side, width))
    code = keras.layers.Dense(outputs, use_bias=False, dtype="float32", name="code")(net)
    code = batch_norm(momentum=MOMENTUM, epsilon=1e-5, center=False, scale=False, dtype="float32", name="norm_code")(
        code
    )
    return keras.Model(image, code, name="style")


def coarse(images: Tensor) -> Tensor:
    """Images brought to 16 x 16 by means."""
    factor = max(1, images.shape[1] // COARSE)
    return keras.ops.average_pool(images, factor, factor)


def _maps(image: Tensor, side: int, width: int) -> Tensor:
    """Maps of 4 x 4 of an image, with a residual block."""
    layers = keras.layers
    net = image
    for floor, below in enumerate(sides_of(side)[-2::-1]):
        net = strided_conv.down_layer(width * 2**floor, KERNEL, kernel_initializer=_weights(), name=f"down_{below}")(
            net
        )
        net = _norm(f"norm_{below}")(net) if floor else net
        if below > SMALLEST:
            net = layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{below}")(net)
    leaky = lambda name: layers.LeakyReLU(negative_slope=LEAK, name=name)  # noqa: E731
    return leaky(f"leaky_{SMALLEST}")(_residual(net, "residual", rectified=leaky))


def _residual(net: Tensor, name: str, *, rectified: object) -> Tensor:
    """What is added to maps: through a quarter of their channels, and back."""
    layers, channels = keras.layers, net.shape[-1]
    few, side = max(1, channels // 4), net
    for number, (outputs, kernel) in enumerate(((few, 1), (few, 3), (channels, 3)), start=1):
        side = layers.Conv2D(
            outputs, kernel, padding="same", use_bias=False, kernel_initializer=_weights(), name=f"{name}_conv_{number}"
        )(side)
        side = _norm(f"{name}_norm_{number}")(side)
        side = rectified(f"{name}_rectified_{number}")(side) if number < 3 else side
    return layers.Add(name=f"{name}_sum")([net, side])


def _dense(units: int, name: str) -> keras.Layer:
    """For texts of a mean square of 1, which stay of that size: those of the authors have 1,024 numbers and begin with
    a deviation of 0.02, by which a text of fewer numbers would hardly be heard beside z and beside the maps."""
    return keras.layers.Dense(units, kernel_initializer="lecun_normal", name=name)


def _weights() -> keras.initializers.Initializer:
    """A fresh one for each layer: one that is used twice gives the same numbers again."""
    return keras.initializers.RandomNormal(0.0, DEVIATION)


def _norm(name: str) -> keras.Layer:
    first = keras.initializers.RandomNormal(1.0, DEVIATION)
    return batch_norm(momentum=MOMENTUM, epsilon=1e-5, gamma_initializer=first, name=name)
