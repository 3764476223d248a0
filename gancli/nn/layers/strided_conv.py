"""Convolutions of stride 2 and their transposes, computed differently where CPU kernels are slow.

Results are equal up to rounding, with the same weights and names. Two of six products are rewritten, each
measured on two cores with oneDNN 3.7, for the layers of DCGAN (milliseconds; batch 128, kernel 5):

- To an image of one to four channels the usual kernel fills 16. Four images of a quarter of the size, whose pixels
  interleave, need one plain convolution: 28 x 28 x 1 from 32 channels 2.5 -> 1.0 in bfloat16, 3.8 -> 1.6 in float32.
- The gradient by the weights sums over the batch and over a small map. As a convolution whose channels are the batch
  and whose kernel is the map, with gaps of 2: 7 x 7 to 4 x 4 4.4 -> 1.7 in bfloat16, 4.5 -> 3.1 in float32. It is
  slower for large maps, where it is not used.

On a GPU, and under XLA, the layers are Keras' own.
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf

STRIDE = 2
FEW_CHANNELS = 4  # images of up to this many are made by interleaving
SMALL_MAP, MANY_CHANNELS = 8, 16  # up to this side and from this many channels on, gradients are batch-wise


def down(image: Tensor, kernel: Tensor) -> Tensor:
    """Convolution of stride 2, padding "same". float (batch, side, side, channels) and (k, k, channels, maps).

    Returns: float (batch, (side + 1) // 2, (side + 1) // 2, maps), of the dtype of both.
    """
    side = image.shape[1]

    @tf.custom_gradient
    def convolve(image: Tensor, kernel: Tensor) -> tuple:
        def slopes(maps: Tensor) -> tuple[Tensor, Tensor]:
            return up(maps, kernel, side), _kernel_slope(image, maps, kernel.shape[0])

        return tf.nn.conv2d(image, kernel, STRIDE, "SAME"), slopes

    return convolve(image, kernel)


def up(maps: Tensor, kernel: Tensor, side: int) -> Tensor:
    """The transposed convolution, `down`'s adjoint: (batch, half, half, maps) -> (batch, side, side, channels)."""

    @tf.custom_gradient
    def transposed(maps: Tensor, kernel: Tensor) -> tuple:
        def slopes(image: Tensor) -> tuple[Tensor, Tensor]:
            return down(image, kernel), _kernel_slope(image, maps, kernel.shape[0])

        few = kernel.shape[2] <= FEW_CHANNELS
        return (_interleaved if few else _direct)(maps, kernel, side), slopes

    return transposed(maps, kernel)


def _direct(maps: Tensor, kernel: Tensor, side: int) -> Tensor:
    shape = (tf.shape(maps)[0], side, side, kernel.shape[2])
    return tf.nn.conv2d_transpose(maps, kernel, shape, STRIDE, "SAME")


def _interleaved(maps: Tensor, kernel: Tensor, side: int) -> Tensor:
    """Every second row and column of the image is a convolution of the maps with every second one of the kernel."""
    size, _, channels, inputs = kernel.shape
    half, taps = maps.shape[1], (size + 1) // 2
    even = tf.pad(kernel, ((0, 2 * taps - size), (0, 2 * taps - size), (0, 0), (0, 0)))
    parts = tf.reshape(even, (taps, 2, taps, 2, channels, inputs))
    parts = tf.reshape(tf.transpose(parts, (0, 2, 5, 1, 3, 4)), (taps, taps, inputs, 4 * channels))
    border = (taps - 1, taps - 1)
    images = tf.nn.conv2d(maps, tf.reverse(parts, (0, 1)), 1, ((0, 0), border, border, (0, 0)))
    many = half + taps - 1
    images = tf.transpose(tf.reshape(images, (-1, many, many, 2, 2, channels)), (0, 1, 3, 2, 4, 5))
    before, _ = _padding(side, size)
    return tf.reshape(images, (-1, 2 * many, 2 * many, channels))[:, before : before + side, before : before + side]


def _kernel_slope(image: Tensor, maps: Tensor, size: int) -> Tensor:
    """The gradient by the kernel, (size, size, channels, maps); `maps` is that by the output."""

    @tf.custom_gradient
    def product(image: Tensor, maps: Tensor) -> tuple:
        def slopes(kernel: Tensor) -> tuple[Tensor, Tensor]:
            return up(maps, kernel, image.shape[1]), down(image, kernel)

        batchwise = maps.shape[1] <= SMALL_MAP and image.shape[3] >= MANY_CHANNELS
        return (_batchwise if batchwise else _usual)(image, maps, size), slopes

    return product(image, maps)


def _usual(image: Tensor, maps: Tensor, size: int) -> Tensor:
    return tf.raw_ops.Conv2DBackpropFilter(
        input=image,
        filter_sizes=(size, size, image.shape[3], maps.shape[3]),
        out_backprop=maps,
        strides=(1, STRIDE, STRIDE, 1),
        padding="SAME",
    )


def _batchwise(image: Tensor, maps: Tensor, size: int) -> Tensor:
    """A convolution whose channels are the batch: each channel of the image is one of its images."""
    side, half = image.shape[1], maps.shape[1]
    before, _ = _padding(side, size)
    border = (before, STRIDE * (half - 1) + size - side - before)
    images, kernel = tf.transpose(image, (3, 1, 2, 0)), tf.transpose(maps, (1, 2, 0, 3))
    found = tf.nn.conv2d(images, kernel, 1, ((0, 0), border, border, (0, 0)), dilations=STRIDE)
    return tf.transpose(found, (1, 2, 0, 3))


def _padding(side: int, size: int) -> tuple[int, int]:
    """Padding before and after for "same"; TensorFlow puts the odd pixel after."""
    total = max(((side + 1) // STRIDE - 1) * STRIDE + size - side, 0)
    return total // 2, total - total // 2


def down_layer(channels: int, size: int, *, use_bias: bool = False, **settings: object) -> keras.Layer:
    """A keras.layers.Conv2D of stride 2 and padding "same" that computes as `down`."""
    return _layers()[0](channels, size, STRIDE, "same", use_bias=use_bias, **settings)


def up_layer(channels: int, size: int, target: int, **settings: object) -> keras.Layer:
    """A keras.layers.Conv2DTranspose like it, from (target + 1) // 2 to `target` pixels, that computes as `up`."""
    half = (target + 1) // STRIDE
    rest = target - ((half - 1) * STRIDE + size % 2) if target % STRIDE else None  # None: Keras' own, the double
    return _layers()[1](channels, size, STRIDE, "same", output_padding=rest, use_bias=False, **settings)


@functools.cache
def _layers() -> tuple[type, type]:
    """The two classes, defined when Keras is first used."""
    if tf.config.list_physical_devices("GPU"):
        return keras.layers.Conv2D, keras.layers.Conv2DTranspose

    @keras.saving.register_keras_serializable("gancli")
    class Conv2D(keras.layers.Conv2D):
        """Keras' layer by `down`."""

        def call(self, inputs: Tensor) -> Tensor:
            """As `down`, and the bias if there is one."""
            maps = down(inputs, tf.convert_to_tensor(self.kernel.value))
            return tf.nn.bias_add(maps, self.bias.value) if self.use_bias else maps

    @keras.saving.register_keras_serializable("gancli")
    class Conv2DTranspose(keras.layers.Conv2DTranspose):
        """Keras' layer by `up`."""

        def call(self, inputs: Tensor) -> Tensor:
            """As `up`."""
            side = self.compute_output_shape(inputs.shape)[1]
            return up(inputs, tf.convert_to_tensor(self.kernel.value), side)

    return Conv2D, Conv2DTranspose
