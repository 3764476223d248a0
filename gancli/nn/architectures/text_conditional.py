"""Generator and discriminator of Reed et al. 2016 (reedscot/icml2016), and a style encoder.

For 64 pixels as the authors': 4 -> 8 -> 16 -> 32 -> 64 with a residual block at 4 and at 8. Other sides are halved to
four in the same way.
"""

from __future__ import annotations

from gancli.core.backend import Tensor, keras
from gancli.nn.layers import strided_conv
from gancli.nn.layers.batch_norm import batch_norm, layer_norm

LEAK = 0.2
KERNEL = 4
SMALLEST = 4
DEVIATION, MOMENTUM = 0.02, 0.9
RESIDUAL_UP_TO = 8  # side of maps that have a residual block
SQUEEZED = 128  # units of the text's dense layer
COARSE = 16  # side of the style encoder's input
MIXED = 256  # minimum number of maps for image and text together


def sides_of(side: int, depth: int | None = None) -> list[int]:
    """Sides of the maps, from 4 to the image: 64 -> [4, 8, 16, 32, 64]. depth: number of halvings, if not down to 4."""
    sides = [side]
    while sides[0] > SMALLEST if depth is None else len(sides) <= depth:
        sides.insert(0, sides[0] // 2)
    return sides


def deepest(side: int) -> int:
    """The largest number of halvings of a power of two: down to 2 pixels, where each weight still meets a pixel."""
    return side.bit_length() - 2


def generator(
    shape: tuple[int, int, int], z_dim: int, text_size: int, *, width: int, depth: int | None = None
) -> keras.Model:
    """z float32 (batch, z_dim) and texts (batch, text_size) -> images (batch, *shape) in [-1, 1].

    width: channels of the largest maps, doubled at each lower level; the authors' code at 64 pixels: 128. depth: see
    `sides_of`.
    """
    layers, sides = keras.layers, sides_of(shape[0], depth)
    z, text = keras.Input((z_dim,), name="z"), keras.Input((text_size,), name="text")
    text_code = layers.LeakyReLU(negative_slope=LEAK, name="leaky_text")(_dense(SQUEEZED, "squeeze")(text))
    first = width * 2 ** (len(sides) - 2)
    net = layers.Concatenate(name="join")([z, text_code])
    net = layers.Dense(first * sides[0] ** 2, use_bias=False, kernel_initializer=_weights(), name="project")(net)
    net = _norm("norm_project")(layers.Reshape((sides[0], sides[0], first), name="reshape")(net))
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


def discriminator(
    shape: tuple[int, int, int], *, width: int, depth: int | None = None, norm: str = "batch"
) -> keras.Model:
    """Images float32 (batch, *shape) -> maps (batch, 4, 4, channels): image features, without the text.

    depth: see `sides_of`; the maps have its smallest side. norm: "batch"; "layer", over all of an image; or "none".
    """
    image = keras.Input(shape, name="image")
    return keras.Model(image, _maps(image, sides_of(shape[0], depth), width, norm), name="discriminator")


def matching_head(maps: int, text_size: int, *, side: int = SMALLEST) -> keras.Model:
    """Maps (batch, side, side, maps) and texts (batch, text_size) -> logits (batch, 1) that the image is real and
    matches the text: the rest of the discriminator. The text is concatenated to the maps, everywhere the same.

    A projection is added to the authors' logit: the product of the text and a linear map of the image features, divided
    by the root of their size (Miyato & Koyama 2018, 1802.05637, equation 3). It compares each attribute of image and
    text. On glyphs a fifth of the shapes are correct after 5,000 steps with it, and none after 6,000 without.

    The authors have BatchNorm here. It reveals whether a batch holds matching or mismatched pairs: after 300 steps on
    glyphs the mean probabilities were 0.998 for matching and 0.002 for mismatched pairs, but 0.86 and 0.14 in one batch
    of both. So there is no normalization over the batch.
    """
    layers = keras.layers
    features, text = keras.Input((side, side, maps), name="maps"), keras.Input((text_size,), name="text")
    text_code = layers.LeakyReLU(negative_slope=LEAK, name="leaky_text")(_dense(SQUEEZED, "squeeze")(text))
    text_code = layers.RepeatVector(side**2, name="everywhere")(text_code)
    text_code = layers.Reshape((side, side, SQUEEZED), name="text_map")(text_code)
    net = layers.Concatenate(name="join")([features, text_code])
    net = layers.Conv2D(max(maps, MIXED), 1, use_bias=False, kernel_initializer=_weights(), name="mix")(net)
    net = layer_norm(epsilon=1e-5, name="norm_mix")(net)
    net = layers.LeakyReLU(negative_slope=LEAK, name="leaky_mix")(net)
    flat = layers.Flatten(name="flat")(net)
    logit = layers.Dense(1, kernel_initializer=_weights(), dtype="float32", name="logit")(flat)
    looks = layers.Dense(text_size, use_bias=False, kernel_initializer="lecun_normal", name="looks")
    fits = layers.Dot(axes=1, dtype="float32", name="fits")([looks(layers.Flatten(name="flat_seen")(features)), text])
    fits = layers.Rescaling(text_size**-0.5, dtype="float32", name="fits_scaled")(fits)
    return keras.Model([features, text], layers.Add(dtype="float32", name="sum")([logit, fits]), name="judge")


def encoder(
    shape: tuple[int, int, int], outputs: int, *, width: int, name: str, depth: int | None = None
) -> keras.Model:
    """Images float32 (batch, *shape) -> (batch, outputs), through feature maps like the discriminator's."""
    image = keras.Input(shape, name="image")
    net = keras.layers.Flatten(name="flat")(_maps(image, sides_of(shape[0], depth), width))
    return keras.Model(image, keras.layers.Dense(outputs, dtype="float32", name="code")(net), name=name)


def styler(shape: tuple[int, int, int], outputs: int, *, width: int) -> keras.Model:
    """Images float32 (batch, *shape) -> z (batch, outputs), each with mean 0 and variance 1 over a batch."""
    image = keras.Input(shape, name="image")
    side = min(COARSE, shape[0])
    net = keras.layers.AveragePooling2D(shape[0] // side, name="coarse")(image)
    net = keras.layers.Flatten(name="flat")(_maps(net, sides_of(side), width))
    code = keras.layers.Dense(outputs, use_bias=False, dtype="float32", name="code")(net)
    code = batch_norm(momentum=MOMENTUM, epsilon=1e-5, center=False, scale=False, dtype="float32", name="norm_code")(
        code
    )
    return keras.Model(image, code, name="style")


def coarse(images: Tensor) -> Tensor:
    """Images (batch, side, side, channels) reduced to (batch, 16, 16, channels) by averaging."""
    factor = max(1, images.shape[1] // COARSE)
    return keras.ops.average_pool(images, factor, factor)


def _maps(image: Tensor, sides: list[int], width: int, norm: str = "batch") -> Tensor:
    """Feature maps of the smallest side, with a residual block."""
    layers = keras.layers
    net = image
    for floor, below in enumerate(sides[-2::-1]):
        net = strided_conv.down_layer(width * 2**floor, KERNEL, kernel_initializer=_weights(), name=f"down_{below}")(
            net
        )
        net = _norm(f"norm_{below}", norm)(net) if floor else net
        if below > sides[0]:
            net = layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{below}")(net)

    def leaky(name: str) -> keras.Layer:
        return layers.LeakyReLU(negative_slope=LEAK, name=name)

    return leaky(f"leaky_{sides[0]}")(_residual(net, "residual", rectified=leaky, norm=norm))


def _residual(net: Tensor, name: str, *, rectified: object, norm: str = "batch") -> Tensor:
    """The residual of maps, with a bottleneck of a quarter of their channels."""
    layers, channels = keras.layers, net.shape[-1]
    few, side = max(1, channels // 4), net
    for number, (outputs, kernel) in enumerate(((few, 1), (few, 3), (channels, 3)), start=1):
        side = layers.Conv2D(
            outputs, kernel, padding="same", use_bias=False, kernel_initializer=_weights(), name=f"{name}_conv_{number}"
        )(side)
        side = _norm(f"{name}_norm_{number}", norm)(side)
        side = rectified(f"{name}_rectified_{number}")(side) if number < 3 else side
    return layers.Add(name=f"{name}_sum")([net, side])


def _dense(units: int, name: str) -> keras.Layer:
    """A dense layer that preserves the mean square of 1 of texts. The authors' texts have 1,024 numbers and initial
    weights of deviation 0.02, with which a shorter text would hardly have an effect next to z and the maps."""
    return keras.layers.Dense(units, kernel_initializer="lecun_normal", name=name)


def _weights() -> keras.initializers.Initializer:
    """A new initializer for each layer: one that is used twice repeats its numbers."""
    return keras.initializers.RandomNormal(0.0, DEVIATION)


def _norm(name: str, norm: str = "batch") -> keras.Layer:
    if norm == "none":
        return keras.layers.Identity(name=name)
    first = keras.initializers.RandomNormal(1.0, DEVIATION)
    if norm == "layer":
        return layer_norm(epsilon=1e-5, gamma_initializer=first, name=name)
    return batch_norm(momentum=MOMENTUM, epsilon=1e-5, gamma_initializer=first, name=name)
