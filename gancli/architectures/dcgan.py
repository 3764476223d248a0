"""Convolutional generator and discriminator of Radford, Metz & Chintala 2015, section 3 and figure 1.

The paper shows them for 64 pixels: 4 -> 8 -> 16 -> 32 -> 64. Any other side is halved as often, rounding up, until it
is 4 or less: 28 -> 14 -> 7 -> 4. Stopping at 7 would leave the discriminator blind to the whole: each unit before
the last would see 13 of 28 pixels.
"""

from __future__ import annotations

from gancli.backend import keras

LEAK = 0.2
SMALLEST = 4
WEIGHT_DEVIATION = 0.02
BATCH_NORM_MOMENTUM = 0.9  # Keras' .99 needs some 500 steps to warm up; early samples would be grey


def ladder(size: int) -> list[int]:
    """Sides of the feature maps from the smallest to the image: 64 -> [4, 8, 16, 32, 64], 28 -> [4, 7, 14, 28]."""
    sides = [size]
    while sides[0] > SMALLEST:
        sides.insert(0, (sides[0] + 1) // 2)
    return sides


def generator(shape: tuple[int, int, int], z_dim: int, *, width: int, kernel: int) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]; `width` channels before the image, doubled at each floor.

    At 64 x 64 x 3 with width 128, kernel 5 and z_dim 100: 18,885,760 trainable parameters, as the authors' code has.
    """
    layers, sides, channels = keras.layers, ladder(shape[0]), shape[2]
    first = width * 2 ** (len(sides) - 2)
    net = [
        keras.Input((z_dim,)),
        layers.Dense(sides[0] ** 2 * first, use_bias=False, kernel_initializer=_weights(), name="project"),
        _norm("norm_project"),
        layers.ReLU(name="relu_project"),
        layers.Reshape((sides[0], sides[0], first), name="reshape"),
    ]
    for floor, side in enumerate(sides[1:-1], start=1):
        net += [_up(first // 2**floor, kernel, sides[floor - 1], side), _norm(f"norm_{side}")]
        net += [layers.ReLU(name=f"relu_{side}")]
    net += [
        _up(channels, kernel, *sides[-2:]),  # no BatchNorm on the output: guideline 2
        layers.Activation("tanh", dtype="float32", name="image"),
    ]
    return keras.Sequential(net, name="generator")


def discriminator(shape: tuple[int, int, int], *, width: int, kernel: int) -> keras.Model:
    """float32 (batch, *shape) -> logits (batch, 1); the generator's mirror image.

    At 64 x 64 x 3 with width 128 and kernel 5: 17,232,768 trainable parameters, as the authors' code has.
    """
    layers, sides = keras.layers, ladder(shape[0])[-2::-1]
    net = [keras.Input(shape)]
    for floor, side in enumerate(sides):
        net.append(_down(width * 2**floor, kernel, name=f"down_{side}"))
        if floor:  # no BatchNorm on the input: guideline 2
            net.append(_norm(f"norm_{side}"))
        net.append(layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{side}"))
    net += [
        layers.Flatten(name="flat"),
        layers.Dense(1, use_bias=False, kernel_initializer=_weights(), dtype="float32", name="logit"),
    ]
    return keras.Sequential(net, name="discriminator")


def _weights() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(0.0, WEIGHT_DEVIATION)


def _norm(name: str) -> keras.Layer:
    return keras.layers.BatchNormalization(
        momentum=BATCH_NORM_MOMENTUM,
        epsilon=1e-5,
        gamma_initializer=keras.initializers.RandomNormal(1.0, WEIGHT_DEVIATION),  # as the authors' code
        name=name,
    )


def _up(channels: int, kernel: int, side: int, target: int) -> keras.Layer:
    """From `side` to `target`, twice that or one less: the paper's fractional-strided convolution."""
    rest = None if target == 2 * side else target - ((side - 1) * 2 + kernel % 2)  # None: Keras' own, the double
    return keras.layers.Conv2DTranspose(
        channels,
        kernel,
        2,
        "same",
        output_padding=rest,
        use_bias=False,
        kernel_initializer=_weights(),
        name=f"up_{target}",
    )


def _down(channels: int, kernel: int, *, name: str) -> keras.Layer:
    return keras.layers.Conv2D(channels, kernel, 2, "same", use_bias=False, kernel_initializer=_weights(), name=name)
