"""Image-to-image networks: CycleGAN's (Zhu et al. 2017, 1703.10593), pix2pix's (Isola et al. 2017,
1611.07004), and the patch discriminator of both.

Images are float32 (batch, height, width, channels) in [-1, 1]. Initial weights are normal with deviation 0.02.
"""

from __future__ import annotations

from gancli.core.backend import Tensor, keras
from gancli.nn.layers.batch_norm import instance_norm

WIDTH, LEAK = 64, 0.2
PATCH_LAYERS = 3  # 70 x 70 pixels
DROPPED = 3  # of the decoder's first layers, with dropout


def residual(
    channels: tuple[int, int],
    *,
    blocks: int = 9,
    width: int = WIDTH,
    residual_output: bool = False,
    anti_checkerboard: bool = False,
) -> keras.Model:
    """Images of any size that is a multiple of 4 -> images of the same: CycleGAN's generator.

    In the paper's terms c7s1-w, d2w, d4w, R4w for each block, u2w, uw, c7s1 and tanh; padded by reflection.
    residual_output: the output is added to the input, without tanh; it may then leave [-1, 1]. anti_checkerboard: after
    each upsampling a pixel becomes the mean of itself and its neighbors to the right and below (Sugawara et al. 2018,
    1806.02658).
    """
    layers = keras.layers
    image = keras.Input((None, None, channels[0]), name="image")
    net = _normed(_conv(width, 7, "first")(_reflected(image, 3)), "first", "relu")
    for number, share in enumerate((2, 4)):
        net = _normed(_conv(share * width, 3, f"down_{number}", 2)(net), f"down_{number}", "relu")
    for block in range(blocks):
        side = _conv(4 * width, 3, f"block_{block}_a")(_reflected(net, 1))
        side = _conv(4 * width, 3, f"block_{block}_b")(_reflected(_normed(side, f"block_{block}_a", "relu"), 1))
        net = layers.Add(name=f"block_{block}_sum")([net, _normed(side, f"block_{block}_b", None)])
    for number, share in enumerate((2, 1)):
        net = _up(share * width, 3, f"up_{number}")(net)
        net = layers.AveragePooling2D(2, 1, padding="same", name=f"up_{number}_hold")(net) if anti_checkerboard else net
        net = _normed(net, f"up_{number}", "relu")
    if not residual_output:
        return _finished(image, _conv(channels[1], 7, "last")(_reflected(net, 3)))
    difference = _conv(channels[1], 7, "last", dtype="float32")(_reflected(net, 3))
    return keras.Model(image, layers.Add(dtype="float32", name="made")([image, difference]), name="generator")


def unet(depth: int, channels: tuple[int, int], *, width: int = WIDTH, dropout: float = 0.5) -> keras.Model:
    """Images of any multiple of 2^depth pixels -> images of the same: pix2pix's generator.

    `depth` convolutions of 4 x 4 and stride 2, in the paper down to one pixel, of width, 2 width, 4 width and 8 width
    channels, and as many up again, each concatenated with the maps of its size on the way down; dropout in the first
    three in training.
    """
    layers = keras.layers
    image = keras.Input((None, None, channels[0]), name="image")
    widths = [width * min(2**level, 8) for level in range(depth)]
    net, passed = image, []
    for level, maps in enumerate(widths):
        net = net if not level else layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{level}")(net)
        net = _conv(maps, 4, f"down_{level}", 2)(net)
        net = net if level in (0, depth - 1) else _instance_norm(f"down_{level}")(net)
        passed.append(net)
    for level in reversed(range(depth - 1)):
        net = _up(widths[level], 4, f"up_{level}")(layers.ReLU(name=f"relu_{level}")(net))
        net = _instance_norm(f"up_{level}")(net)
        if depth - 2 - level < DROPPED:
            net = layers.Dropout(dropout, name=f"dropout_{level}")(net)
        net = layers.Concatenate(name=f"beside_{level}")([net, passed[level]])
    return _finished(image, _up(channels[1], 4, "last")(layers.ReLU(name="relu_last")(net)))


def patches(channels: int, *, width: int = WIDTH, depth: int = PATCH_LAYERS) -> keras.Model:
    """Images -> logits float32 (batch, height / 2^depth, …, 1) that patches of them are real.

    In the papers' terms C64-C128-C256-C512 for depth 3, which sees 70 x 70 pixels: convolutions of 4 x 4, all but the
    last two of stride 2.
    """
    layers = keras.layers
    image = keras.Input((None, None, channels), name="image")
    net = layers.LeakyReLU(negative_slope=LEAK, name="leaky_0")(_conv(width, 4, "conv_0", 2)(image))
    for number in range(1, depth + 1):
        stride = 2 if number < depth else 1
        net = _conv(width * min(2**number, 8), 4, f"conv_{number}", stride, padding="same")(net)
        net = instance_norm(epsilon=1e-5, name=f"conv_{number}_norm")(net)  # whose second derivative is right
        net = layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{number}")(net)
    return keras.Model(image, _conv(1, 4, "logit", dtype="float32", padding="same")(net), name="discriminator")


def _finished(image: Tensor, net: Tensor) -> keras.Model:
    return keras.Model(image, keras.layers.Activation("tanh", dtype="float32", name="made")(net), name="generator")


def _conv(maps: int, kernel: int, name: str, stride: int = 1, *, padding: str = "", **settings: object) -> keras.Layer:
    """By default with stride 1 on a padded input."""
    padding = padding or ("same" if stride > 1 else "valid")
    return keras.layers.Conv2D(
        maps, kernel, stride, padding=padding, kernel_initializer=_small(), name=f"{name}_conv", **settings
    )


def _up(maps: int, kernel: int, name: str) -> keras.Layer:
    return keras.layers.Conv2DTranspose(
        maps, kernel, 2, padding="same", kernel_initializer=_small(), name=f"{name}_deconv"
    )


def _small() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(stddev=0.02)


def _reflected(net: Tensor, by: int) -> Tensor:
    return keras.ops.pad(net, [[0, 0], [by, by], [by, by], [0, 0]], mode="reflect")


def _instance_norm(name: str) -> keras.Layer:
    """Instance normalization (Ulyanov et al. 2016, arXiv:1607.08022)."""
    return keras.layers.GroupNormalization(groups=-1, epsilon=1e-5, name=f"{name}_norm")


def _normed(net: Tensor, name: str, activation: str | None) -> Tensor:
    net = _instance_norm(name)(net)
    return net if activation is None else keras.layers.ReLU(name=f"{name}_relu")(net)
