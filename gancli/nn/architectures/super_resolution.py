"""Super-resolution networks: SRResNet and SRGAN's discriminator (Ledig et al. 2017), ESPCN (Shi et al. 2016).

All but the discriminator take images of any size. Low-resolution images are in [0, 1], high-resolution ones in
[-1, 1].
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras
from gancli.nn.layers.batch_norm import batch_norm, layer_norm

BLOCKS, WIDTH = 16, 64  # the paper's
LEAK = 0.2
ESPCN_WIDTH, ESPCN_DEPTH = 64, 3


def generator(
    scale: int, channels: int, *, blocks: int = BLOCKS, width: int = WIDTH, anti_checkerboard: bool = False
) -> keras.Model:
    """float32 (batch, height, width, channels) in [0, 1] -> (batch, scale height, scale width, channels).

    Figure 4: a convolution of 9 x 9, `blocks` residual blocks and one more convolution, with the sum around them all,
    then a sub-pixel convolution for each factor of the scale, and 9 x 9 again. Of 16 blocks of 64 channels at x4:
    1,550,659 trainable weights. anti_checkerboard: after each shuffle a pixel becomes the mean of itself and its
    neighbors to the right and below, as many as were shuffled (Sugawara et al. 2018, 1806.02658): a uniform area then
    stays uniform, whatever the weights are.
    """
    layers = keras.layers
    low = keras.Input((None, None, channels), name="low")
    net = first = _prelu("first_prelu")(_conv(width, 9, "first")(low))
    for block in range(blocks):
        side = _prelu(f"block_{block}_prelu")(_normed(net, width, f"block_{block}_a"))
        net = layers.Add(name=f"block_{block}_sum")([net, _normed(side, width, f"block_{block}_b")])
    net = layers.Add(name="sum")([first, _normed(net, width, "last_block")])
    for number, factor in enumerate(factors(scale)):
        net = _conv(width * factor**2, 3, f"up_{number}")(net)
        net = _shuffled(net, factor, f"up_{number}_shuffle")
        net = (
            layers.AveragePooling2D(factor, 1, padding="same", name=f"up_{number}_hold")(net)
            if anti_checkerboard
            else net
        )
        net = _prelu(f"up_{number}_prelu")(net)
    net = _conv(channels, 9, "last")(net)
    return keras.Model(low, layers.Activation("linear", dtype="float32", name="high")(net), name="generator")


def espcn(scale: int, channels: int, *, width: int = ESPCN_WIDTH, depth: int = ESPCN_DEPTH) -> keras.Model:
    """float32 (batch, height, width, channels) in [0, 1] -> (batch, scale height, scale width, channels).

    Convolutions at low resolution, in the paper three: 5-64-tanh, 3-32-tanh, 3, and a pixel shuffle. width: channels of
    the first; between it and the last each has half of them.
    """
    low = keras.Input((None, None, channels), name="low")
    net = keras.layers.Activation("tanh", name="tanh_0")(_conv(width, 5, "conv_0")(low))
    for number in range(1, depth - 1):
        net = _conv(max(1, width // 2), 3, f"conv_{number}")(net)
        net = keras.layers.Activation("tanh", name=f"tanh_{number}")(net)
    net = _conv(channels * scale**2, 3, f"conv_{depth - 1}", dtype="float32")(net)
    return keras.Model(low, _shuffled(net, scale, "shuffle", dtype="float32"), name="generator")


def discriminator(shape: tuple[int, int, int], *, width: int = WIDTH, norm: str = "batch") -> keras.Model:
    """Images float32 (batch, *shape) in [-1, 1] -> logits (batch, 1) that they are real.

    Figure 4: eight convolutions of 3 x 3, every second one of stride 2, of width, width, 2 width … 8 width channels,
    BatchNorm after all but the first, then 16 width units and one. norm: "batch"; "layer", over all of an image; or
    "none".
    """
    layers = keras.layers
    image = keras.Input(shape, name="image")
    net = _leaky("leaky_0")(_conv(width, 3, "conv_0")(image))
    for number in range(1, 8):
        net = _conv(width * 2 ** (number // 2), 3, f"conv_{number}", strides=1 + number % 2)(net)
        if norm == "layer":
            net = layer_norm(epsilon=1e-5, name=f"norm_{number}")(net)
        elif norm == "batch":
            net = batch_norm(momentum=0.9, name=f"norm_{number}")(net)
        net = _leaky(f"leaky_{number}")(net)
    net = layers.Dense(16 * width, name="dense")(layers.Flatten(name="flat")(net))
    logit = layers.Dense(1, dtype="float32", name="logit")(_leaky("leaky_dense")(net))
    return keras.Model(image, logit, name="discriminator")


def factors(scale: int) -> list[int]:
    """The factors of a scale, each 2 or 3: 4 -> [2, 2]."""
    return [scale] if scale in (2, 3) else [2, *factors(scale // 2)]


def reach(network: keras.Model, scale: int) -> int:
    """Radius of the receptive field of an output pixel, in low-resolution pixels.

    Computed from the convolutions and averages in order; those after a shuffle count in smaller pixels.
    """
    total, zoom = 0.0, 1
    for layer in network.layers:
        if isinstance(layer, keras.layers.Conv2D):
            total += (layer.kernel_size[0] // 2) / zoom
        elif isinstance(layer, keras.layers.AveragePooling2D):
            total += (layer.pool_size[0] - 1) / zoom
        elif isinstance(layer, _shuffle()):
            zoom *= layer.factor
    if zoom != scale:
        raise ValueError(f"a network of scale {zoom}, not {scale}")
    return int(-(-total // 1))


def _shuffled(maps: Tensor, factor: int, name: str, **settings: object) -> Tensor:
    return _shuffle()(factor, name=name, **settings)(maps)


@functools.cache
def _shuffle() -> type:
    """The layer's class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class PixelShuffle(keras.layers.Layer):
        """float (batch, height, width, factor² channels) -> (batch, factor height, factor width, channels).

        The periodic shuffling of Shi et al. 2016 (1609.05158), equation 4, with the channels in TensorFlow's order.
        """

        def __init__(self, factor: int, **settings: object) -> None:
            super().__init__(**settings)
            self.factor = factor

        def call(self, maps: Tensor) -> Tensor:
            """The shuffled image."""
            return keras.ops.depth_to_space(maps, self.factor)

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"factor": self.factor}

    return PixelShuffle


def _normed(net: Tensor, width: int, name: str) -> Tensor:
    return batch_norm(momentum=0.9, name=f"{name}_norm")(_conv(width, 3, f"{name}_conv")(net))


def _conv(maps: int, kernel: int, name: str, **settings: object) -> keras.Layer:
    return keras.layers.Conv2D(maps, kernel, padding="same", name=name, **settings)


def _prelu(name: str) -> keras.Layer:
    """PReLU with one slope per channel, initially 0.25 (He et al. 2015)."""
    return keras.layers.PReLU(keras.initializers.Constant(0.25), shared_axes=[1, 2], name=name)


def _leaky(name: str) -> keras.Layer:
    return keras.layers.LeakyReLU(negative_slope=LEAK, name=name)
