"""Segmentation networks and their adversary (Luc et al. 2016, arXiv:1611.08408).

They take images of any size, float32 (batch, height, width, 3) in [-1, 1]. The paper's sizes are those of width 16.
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf
from gancli.nn.layers.batch_norm import batch_norm

WIDTH = 16
SCALES = 3
DILATIONS, BLOCKS = (1, 2, 4, 8), 5
CONVOLUTIONS, POOLED = 3, 2  # of the multiscale net
LEAK = 0.2
TAU = 0.9  # minimum value of the true class in softened maps


def multiscale(channels: int, classes: int, *, width: int = WIDTH, depth: int | None = None) -> keras.Model:
    """Images -> logits float32 (batch, height, width, classes): the net of Farabet et al. 2013 for Stanford.

    Three convolutions (`depth`) of 7 x 7 with width, 4 width and from then on 16 width channels, the first two pooled
    if others follow, process the image, its half and its quarter with shared weights; their maps are resized,
    concatenated and classified pixel by pixel. BatchNorm after each convolution is not the paper's.
    """
    layers, depth = keras.layers, depth or CONVOLUTIONS
    image = keras.Input((None, None, channels), name="image")
    trunk = [keras.Input((None, None, channels), name="scaled")]
    for number in range(depth):
        letter = chr(ord("a") + number)
        trunk += _normed_conv(width * 4 ** min(number, 2), 7, letter)
        if number < min(depth - 1, POOLED):
            trunk.append(layers.MaxPooling2D(2, padding="same", name=f"pool_{letter}"))
    trunk = keras.Sequential(trunk, name="trunk")
    scales, smaller = [], image
    for scale in range(SCALES):
        smaller = layers.AveragePooling2D(2, padding="same", name=f"half_{scale}")(smaller) if scale else image
        maps = trunk(smaller)
        scales.append(_like()(name=f"enlarged_{scale}")([maps, scales[0]]) if scale else maps)
    net = layers.Concatenate(name="scales")(scales)
    return _read(image, net, classes)


def dilated(channels: int, classes: int, *, width: int = WIDTH, depth: int | None = None) -> keras.Model:
    """Images -> logits float32 (batch, height, width, classes): dilated convolutions, Yu & Koltun 2016 (1511.07122).

    Two convolutions of stride 2 to 4 width channels, residual blocks (`depth`, five) with dilations 1, 2, 4,
    8, 1 and so on, and a skip connection from the first stride, which keeps thin objects.
    """
    layers = keras.layers
    image = keras.Input((None, None, channels), name="image")
    net = _applied(image, _normed_conv(width, 3, "first"))
    fine = net = _applied(net, _normed_conv(2 * width, 3, "second", strides=2))
    net = _applied(net, _normed_conv(4 * width, 3, "third", strides=2))
    for number in range(depth or BLOCKS):
        rate = DILATIONS[number % len(DILATIONS)]
        side = _applied(net, _normed_conv(4 * width, 3, f"block_{number}_a", dilation_rate=rate))
        side = _applied(side, _normed_conv(4 * width, 3, f"block_{number}_b")[:-1])
        net = layers.ReLU(name=f"block_{number}")(layers.Add(name=f"block_{number}_sum")([net, side]))
    net = layers.Concatenate(name="joined")([_like()(name="enlarged")([net, fine]), fine])
    return _read(image, _applied(net, _normed_conv(4 * width, 3, "last")), classes)


SEGMENTERS = {"dilated": dilated, "multiscale": multiscale}


def adversary(channels: int, maps: int, *, width: int = WIDTH) -> keras.Model:
    """Images float32 (batch, height, width, channels) and label maps (batch, height, width, maps) -> logits float32
    (batch, height / 8, width / 8, 1) that the maps are annotations.

    A branch for each, of width and 4 width channels and of 4 width, then both together. The paper gives its sizes;
    it does not give kernel sizes and the positions of pooling layers.
    """
    layers = keras.layers
    image = keras.Input((None, None, channels), name="image")
    labels = keras.Input((None, None, maps), name="labels")
    image_net = _leaky("image_0", _conv(width, 5, "image_conv_0")(image))
    image_net = _leaky("image_1", _conv(4 * width, 5, "image_conv_1", strides=2)(image_net))
    labels_net = _leaky("labels_0", _conv(4 * width, 5, "labels_conv_0", strides=2)(labels))
    net = layers.Concatenate(name="both")([image_net, labels_net])
    for number, share in enumerate((8, 16)):
        net = _leaky(f"joined_{number}", _conv(share * width, 3, f"joined_conv_{number}", strides=2)(net))
    net = _leaky("joined_2", _conv(16 * width, 3, "joined_conv_2")(net))
    return keras.Model([image, labels], _conv(1, 1, "logit", dtype="float32")(net), name="adversary")


def softened(y: Tensor, s: Tensor) -> Tensor:
    """One-hot maps y no sharper than .9, or than the probabilities s, both (batch, height, width, classes).

    The true class has .9, or the value of s if that is higher; the others share the rest in the proportions of s.
    """
    of_true = tf.reduce_sum(y * s, axis=-1, keepdims=True)
    share = tf.maximum(TAU, of_true)
    return y * share + (1.0 - y) * s * (1.0 - share) / tf.maximum(1.0 - of_true, 1e-6)


def products(x: Tensor, maps: Tensor) -> Tensor:
    """Maps (batch, height, width, classes), each times the channels of the image x in [-1, 1], made [0, 1]."""
    found = maps[..., None] * (0.5 * (x + 1.0))[..., None, :]
    return tf.reshape(found, [*maps.shape[:3], maps.shape[3] * x.shape[3]])


def _read(image: Tensor, net: Tensor, classes: int) -> keras.Model:
    """Class logits from the maps, at the image's size."""
    small = _conv(classes, 1, "classes", dtype="float32")(net)
    return keras.Model(image, _like()(name="logits", dtype="float32")([small, image]), name="segmenter")


@functools.cache
def _like() -> type:
    """The layer's class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class Like(keras.layers.Layer):
        """Maps (batch, h, w, channels) and others (batch, height, width, any) -> the maps at the others' size."""

        def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
            """Bilinear interpolation, with aligned pixel centers."""
            maps, others = inputs
            resized = tf.image.resize(maps, tf.shape(others)[1:3])
            resized.set_shape([None, *others.shape[1:3], maps.shape[3]])
            return tf.cast(resized, self.compute_dtype)

        def compute_output_shape(self, shapes: list[tuple]) -> tuple:
            """The maps at the height and width of the others."""
            return (*shapes[1][:3], shapes[0][3])

    return Like


def _normed_conv(maps: int, kernel: int, name: str, **settings: object) -> list[keras.Layer]:
    layers = keras.layers
    return [
        _conv(maps, kernel, f"{name}_conv", use_bias=False, **settings),
        batch_norm(momentum=0.9, name=f"{name}_norm"),
        layers.ReLU(name=f"{name}_relu"),
    ]


def _applied(net: Tensor, layers: list[keras.Layer]) -> Tensor:
    for layer in layers:
        net = layer(net)
    return net


def _conv(maps: int, kernel: int, name: str, **settings: object) -> keras.Layer:
    return keras.layers.Conv2D(maps, kernel, padding="same", name=name, **settings)


def _leaky(name: str, net: Tensor) -> Tensor:
    return keras.layers.LeakyReLU(negative_slope=LEAK, name=name)(net)
