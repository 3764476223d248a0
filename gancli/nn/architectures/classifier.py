"""Small classifiers, which score generated images."""

from __future__ import annotations

import functools
import math

from gancli.core.backend import Tensor, keras, tf
from gancli.nn.layers.batch_norm import batch_norm

DOMAIN_SIDE = 64
BINS, CELLS = 9, 7  # gradient directions; approximate number of cells per side
LARGE = 48  # from this side on the first convolution has a stride of 2, and there is one more


def classifier(shape: tuple[int, int, int], classes: int, *, flips: bool = False) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, classes). The layer before the last has 128 units.

    flips: whether training includes mirrored images.
    """
    layers = keras.layers
    net = [keras.Input(shape)]
    if flips:
        net.append(layers.RandomFlip("horizontal", seed=0, name="flip"))
    net += [
        *_convolved(3 if min(shape[:2]) >= LARGE else 2),
        layers.Flatten(name="flat"),
        layers.Dense(128, activation="relu", name="features"),
        layers.Dropout(0.4, seed=0, name="dropout"),
        layers.Dense(classes, dtype="float32", name="logits"),
    ]
    return keras.Sequential(net, name="classifier")


def of_domains(shape: tuple[int, int, int], classes: int) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, classes) for small and varied sets of photographs.

    Images above 64 pixels are reduced to that size. Augmentation: mirroring, crops, shifts and brightness; shifts are
    padded by reflection.
    """
    layers, range_ = keras.layers, (-1, 1)
    net = [keras.Input(shape)]
    if min(shape[:2]) > DOMAIN_SIDE:
        net.append(layers.Resizing(DOMAIN_SIDE, DOMAIN_SIDE, antialias=True, name="reduced"))
    net += [
        layers.RandomFlip("horizontal", seed=0, name="flip"),
        layers.RandomZoom((-0.25, 0), (-0.25, 0), fill_mode="reflect", seed=1, name="zoom"),
        layers.RandomTranslation(0.1, 0.1, fill_mode="reflect", seed=2, name="move"),
        layers.RandomBrightness(0.1, value_range=range_, seed=3, name="brightness"),
        layers.RandomContrast(0.2, value_range=range_, seed=4, name="contrast"),
    ]
    strides = [("conv_32", 32, 2)] + [
        (f"{way}_{maps}", maps, 1 + (way == "down")) for maps in (64, 128, 256) for way in ("conv", "down")
    ]
    for name, maps, stride in strides:
        net += [
            layers.Conv2D(maps, 3, stride, padding="same", use_bias=False, name=name),
            batch_norm(momentum=0.9, name=f"norm_{name}"),
            layers.ReLU(name=f"relu_{name}"),
        ]
    net += [
        layers.GlobalAveragePooling2D(name="pooled"),
        layers.Dropout(0.3, seed=5, name="dropout_pooled"),
        layers.Dense(128, activation="relu", name="features"),
        layers.Dropout(0.5, seed=6, name="dropout"),
        layers.Dense(classes, dtype="float32", name="logits"),
    ]
    return keras.Sequential(net, name="classifier")


def convolutions(depth: int, channels: int = 3) -> keras.Model:
    """The convolutions of the classifier, up to the last ReLU, for images of any size.

    depth: 3 for a classifier of large images, else 2.
    """
    return keras.Sequential([keras.Input((None, None, channels)), *_convolved(depth)[:-1]], name="convolutions")


def _convolved(depth: int) -> list[keras.Layer]:
    """Convolutions of 32, 64 and, at depth 3, 128 channels, each with pooling; of three the first has stride 2."""
    layers, net = keras.layers, []
    for channels in (32, 64, 128)[:depth]:
        stride = 2 if depth == 3 and channels == 32 else 1
        net += [
            layers.Conv2D(channels, 3, stride, padding="same", activation="relu", name=f"conv_{channels}"),
            layers.MaxPooling2D(2, name=f"pool_{channels}"),
        ]
    return net


def of_many(shape: tuple[int, int, int], outputs: int) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, outputs) of a dozen attributes.

    With BatchNorm: without it ten times as many steps do not learn the shapes of small glyphs.
    """
    layers = keras.layers
    net = [keras.Input(shape)]
    for channels in (32, 64, 128):
        net += [
            layers.Conv2D(channels, 3, padding="same", use_bias=False, name=f"conv_{channels}"),
            batch_norm(momentum=0.9, name=f"norm_{channels}"),
            layers.ReLU(name=f"relu_{channels}"),
            layers.MaxPooling2D(2, name=f"pool_{channels}"),
        ]
    net += [
        layers.Flatten(name="flat"),
        layers.Dense(128, activation="relu", name="features"),
        layers.Dense(outputs, dtype="float32", name="logits"),
    ]
    return keras.Sequential(net, name="classifier")


def residual(shape: tuple[int, int, int], outputs: int, *, flips: bool = False) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, outputs): three residual blocks (He et al. 2016) of 24, 48
    and 96 channels, with BatchNorm and global average pooling.

    Augmentation: small shifts, rotations and zoom; with flips also mirroring.
    """
    layers = keras.layers
    pixels = keras.Input(shape)
    x = _varied(pixels, flips=flips, seed=10)
    x = _normed(x, 16, 2 if min(shape[:2]) >= LARGE else 1, "first")
    for maps in (24, 48, 96):
        beside = layers.AveragePooling2D(2, padding="same", name=f"beside_{maps}")(x)
        beside = layers.Conv2D(maps, 1, use_bias=False, name=f"matched_{maps}")(beside)
        x = _normed(x, maps, 2, f"down_{maps}")
        x = layers.Conv2D(maps, 3, padding="same", use_bias=False, name=f"conv_{maps}")(x)
        x = layers.Add(name=f"sum_{maps}")([batch_norm(momentum=0.9, name=f"norm_{maps}")(x), beside])
        x = layers.ReLU(name=f"relu_{maps}")(x)
    x = layers.GlobalAveragePooling2D(name="pooled")(x)
    x = layers.Dense(128, activation="relu", name="features")(x)
    x = layers.Dropout(0.3, seed=20, name="dropout")(x)
    return keras.Model(pixels, layers.Dense(outputs, dtype="float32", name="logits")(x), name="classifier")


def of_slopes(shape: tuple[int, int, int], outputs: int, *, flips: bool = False) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, outputs): dense layers on histograms of oriented gradients
    (HOG, Dalal & Triggs 2005) and each cell's mean color; no convolution is learned.

    Augmentation: small shifts, rotations and zoom; with flips also mirroring.
    """
    layers = keras.layers
    cell = max(2, math.ceil(min(shape[:2]) / CELLS))
    pixels = keras.Input(shape)
    x = _varied(pixels, flips=flips, seed=30)
    means = layers.AveragePooling2D(cell, padding="same", name="means")(x)
    parts = [_histograms()(cell, name="histograms")(x), means]
    x = layers.Concatenate(name="described")([layers.Flatten(name=f"flat_{at}")(part) for at, part in enumerate(parts)])
    for units, name in ((512, "hidden"), (128, "features")):
        x = layers.Dense(units, activation="relu", name=name)(x)
        x = layers.Dropout(0.3, seed=40 + units, name=f"dropout_{name}")(x)
    return keras.Model(pixels, layers.Dense(outputs, dtype="float32", name="logits")(x), name="classifier")


def _varied(x: Tensor, *, flips: bool, seed: int) -> Tensor:
    """Training augmentation: shifts up to 8 %, rotation up to 11 degrees, zoom up to 10 %."""
    return _moves()(flips, seed, name="moves")(x)


@functools.cache
def _moves() -> type:
    """The layer's class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class Moves(keras.layers.Layer):
        """float32 (batch, height, width, channels) -> the same; in training with one affine transformation per image.

        Borders are repeated. (Keras' three layers for it take longer than the network that follows.)
        """

        def __init__(self, flips: bool, seed: int, **settings: object) -> None:
            super().__init__(**settings)
            self.flips, self.seed = flips, seed
            self.random = keras.random.SeedGenerator(seed)

        def call(self, x: Tensor, training: bool = False) -> Tensor:
            """The images, augmented in training."""
            if not training:
                return x
            height, width = x.shape[1:3]
            noise = keras.random.uniform((tf.shape(x)[0], 5), -1.0, 1.0, seed=self.random)
            down, across, turn, size, side = tf.unstack(noise, axis=1)
            scale, angle = 1.0 + 0.1 * size, 0.06 * math.pi * turn
            cosine, sine = scale * tf.cos(angle), scale * tf.sin(angle)
            mirror = tf.where(side < 0, -1.0, 1.0) if self.flips else tf.ones_like(side)
            middle_x, middle_y = (width - 1) / 2, (height - 1) / 2
            rows = [mirror * cosine, -sine, None, mirror * sine, cosine, None]
            rows[2] = middle_x - rows[0] * middle_x - rows[1] * middle_y + 0.08 * width * across
            rows[5] = middle_y - rows[3] * middle_x - rows[4] * middle_y + 0.08 * height * down
            nothing = tf.zeros_like(side)
            return tf.raw_ops.ImageProjectiveTransformV3(
                images=x,
                transforms=tf.stack([*rows, nothing, nothing], axis=1),
                output_shape=[height, width],
                interpolation="BILINEAR",
                fill_mode="NEAREST",
                fill_value=0.0,
            )

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"flips": self.flips, "seed": self.seed}

    return Moves


def _normed(x: Tensor, maps: int, stride: int, name: str) -> Tensor:
    """Convolution, BatchNorm, ReLU."""
    x = keras.layers.Conv2D(maps, 3, stride, padding="same", use_bias=False, name=name)(x)
    return keras.layers.ReLU(name=f"relu_{name}")(batch_norm(momentum=0.9, name=f"norm_{name}")(x))


@functools.cache
def _histograms() -> type:
    """The layer's class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class Histograms(keras.layers.Layer):
        """float32 (batch, height, width, channels) -> (batch, cells down, cells across, 9).

        Of the channels' mean: the gradient's length by its direction, up to sign, shared between the two nearest of
        nine directions; averaged over cells that overlap by half, and divided by the length of a block of 3 x 3 cells.
        """

        def __init__(self, cell: int, **settings: object) -> None:
            super().__init__(**settings)
            self.cell, self.stride = cell, cell // 2

        def call(self, x: Tensor) -> Tensor:
            """The histograms of every cell."""
            light = tf.pad(tf.reduce_mean(x, axis=-1), [[0, 0], [1, 1], [1, 1]], "SYMMETRIC")
            down = light[:, 2:, 1:-1] - light[:, :-2, 1:-1]
            across = light[:, 1:-1, 2:] - light[:, 1:-1, :-2]
            length = tf.sqrt(down**2 + across**2)
            direction = tf.math.floormod(tf.atan2(down, across), math.pi) * (BINS / math.pi)
            apart = tf.abs(direction[..., None] - tf.range(BINS, dtype=x.dtype))
            shares = tf.nn.relu(1.0 - tf.minimum(apart, BINS - apart)) * length[..., None]
            cells = tf.nn.avg_pool2d(shares, self.cell, self.stride, "SAME") * self.cell**2
            power = tf.nn.avg_pool2d(tf.reduce_sum(cells**2, axis=-1, keepdims=True), 3, 1, "SAME") * 9.0
            return cells / tf.sqrt(power + 0.5)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """(batch, cells down, cells across, 9)."""
            return (shape[0], -(-shape[1] // self.stride), -(-shape[2] // self.stride), BINS)

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"cell": self.cell}

    return Histograms
