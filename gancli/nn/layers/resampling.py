"""Resampling by 2 with exact derivatives of any order, which TensorFlow's resizing lacks.

`UpSampling2D("bilinear")` and `tf.image.resize` drop the second derivative without an error; here each resampling is a
reshape or a convolution of every channel with one filter. Maps are float (batch, height, width, channels).
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, np, tf

FILTER = (1, 3, 3, 1)  # of StyleGAN2, Karras et al. 2020 (1912.04958), appendix B; (1, 2, 1) in StyleGAN


def up_nearest(maps: Tensor) -> Tensor:
    """Each pixel four times: twice the height and width."""
    return tf.repeat(tf.repeat(maps, 2, axis=1), 2, axis=2)  # broadcast_to's gradient takes two to four times as long


def down_mean(maps: Tensor) -> Tensor:
    """The mean of each two by two pixels: half the height and width, which are even."""
    return tf.nn.avg_pool2d(maps, 2, 2, "VALID")


def blur(maps: Tensor, taps: tuple[int, ...] = FILTER, *, gain: float = 1.0) -> Tensor:
    """Each channel convolved with the filter in both directions; edges are 0, the size stays."""
    before, after = (len(taps)) // 2, (len(taps) - 1) // 2
    padded = tf.pad(maps, ((0, 0), (before, after), (before, after), (0, 0)))
    return tf.nn.depthwise_conv2d(padded, _kernel(taps, gain, maps), (1, 1, 1, 1), "VALID")


def down_filtered(maps: Tensor, taps: tuple[int, ...] = FILTER) -> Tensor:
    """Half the height and width, which are even, after a low-pass filter.

    In float32: the gradient of a depthwise convolution of stride 2 takes ten times as long in bfloat16.
    """
    narrow = maps.dtype if maps.dtype.size < 4 else None
    maps = tf.cast(maps, tf.float32) if narrow else maps
    before = (len(taps) - 1) // 2
    after = len(taps) - 2 - before
    padded = tf.pad(maps, ((0, 0), (before, after), (before, after), (0, 0)))
    halves = tf.nn.depthwise_conv2d(padded, _kernel(taps, 1.0, maps), (1, 2, 2, 1), "VALID")
    return tf.cast(halves, narrow) if narrow else halves


def up_filtered(maps: Tensor, taps: tuple[int, ...] = FILTER) -> Tensor:
    """Twice the height and width: zeros between pixels, then the filter with a gain of 4; bilinear for (1, 3, 3, 1)."""
    batch, (height, width, channels) = tf.shape(maps)[0], maps.shape[1:]
    spread = tf.pad(maps[:, :, None, :, None], ((0, 0), (0, 0), (0, 1), (0, 0), (0, 1), (0, 0)))
    spread = tf.reshape(spread, (batch, 2 * height, 2 * width, channels))
    return blur(spread, taps, gain=4.0)


def _kernel(taps: tuple[int, ...], gain: float, maps: Tensor) -> Tensor:
    filtered = np.outer(taps, taps).astype(np.float32)
    filtered *= gain / filtered.sum()
    return tf.cast(tf.tile(tf.constant(filtered[:, :, None, None]), (1, 1, maps.shape[-1], 1)), maps.dtype)


def layer(kind: str, **settings: object) -> keras.Layer:
    """A layer without weights that resamples: "up_nearest", "down_mean", "up_filtered", "down_filtered" or "blur"."""
    return _layer()(kind, **settings)


KINDS = {
    "up_nearest": (up_nearest, 2.0),
    "down_mean": (down_mean, 0.5),
    "up_filtered": (up_filtered, 2.0),
    "down_filtered": (down_filtered, 0.5),
    "blur": (blur, 1.0),
}


@functools.cache
def _layer() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class Resampling(keras.layers.Layer):
        """One of KINDS."""

        def __init__(self, kind: str, **settings: object) -> None:
            super().__init__(**settings)
            self.kind = kind

        def call(self, inputs: Tensor) -> Tensor:
            """float (batch, height, width, channels) -> (batch, factor height, factor width, channels)."""
            return KINDS[self.kind][0](inputs)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """Height and width times the factor."""
            factor = KINDS[self.kind][1]
            return (shape[0], int(shape[1] * factor), int(shape[2] * factor), shape[3])

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"kind": self.kind}

    return Resampling
