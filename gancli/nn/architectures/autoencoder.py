"""Dense encoders and decoders (convolutional ones are DCGAN's networks), and running statistics of codes."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence

from gancli.core.backend import Tensor, keras, np, tf
from gancli.nn.architectures.dcgan import joined, labels

MOMENTUM = 0.99  # of the statistics
LEAST = 1e-4  # of the mean variance: minimum variance of a direction, so that the covariance has a root


def encoder(shape: tuple[int, ...], outputs: int, *, units: Sequence[int], classes: int = 0) -> keras.Model:
    """float32 (batch, *shape) -> (batch, outputs) through dense ReLU layers of these units and a linear one.

    classes: if not 0, a second input, one-hot labels float32 (batch, classes).
    """
    layers, label = keras.layers, labels(classes)
    image = keras.Input(shape, name="image")
    net = joined(layers.Flatten(name="flat")(image), label, into="hidden")
    for number, size in enumerate(units, start=1):
        net = layers.Dense(size, activation="relu", kernel_initializer="he_normal", name=f"hidden_{number}")(net)
    code = layers.Dense(outputs, dtype="float32", name="code")(net)
    return keras.Model([image] if label is None else [image, label], code, name="encoder")


def decoder(
    z_size: int, shape: tuple[int, ...], *, units: Sequence[int], classes: int = 0, last: str | None = None
) -> keras.Model:
    """float32 (batch, z_size) -> (batch, *shape): the encoder's mirror image. last: the final activation, if any."""
    layers, label = keras.layers, labels(classes)
    z = keras.Input((z_size,), name="z")
    net = joined(z, label, into="hidden")
    for number, size in enumerate(reversed(units), start=1):
        net = layers.Dense(size, activation="relu", kernel_initializer="he_normal", name=f"hidden_{number}")(net)
    net = layers.Dense(math.prod(shape), activation=last, dtype="float32", name="pixels")(net)
    image = layers.Reshape(shape, dtype="float32", name="image")(net)
    return keras.Model([z] if label is None else [z, label], image, name="decoder")


def followed(code: Tensor) -> Tensor:
    """An unchanged code, float32 (batch, size), through a layer `statistics` that tracks its mean and covariance."""
    return _statistics()(dtype="float32", name="statistics")(code)


@functools.cache
def _statistics() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class Statistics(keras.layers.Layer):
        """An identity layer with moving mean and covariance of its training inputs, as in BatchNorm."""

        def build(self, shape: tuple[int | None, int]) -> None:
            """Initial mean 0 and variance 1."""
            size = shape[-1]
            self.mean = self.add_weight(shape=(size,), initializer="zeros", trainable=False, name="mean")
            self.covariance = self.add_weight(
                shape=(size, size), initializer="identity", trainable=False, name="covariance"
            )

        def call(self, code: Tensor, training: bool = False) -> Tensor:
            """float32 (batch, size) -> the same."""
            if training:
                mean = tf.reduce_mean(code, axis=0)
                apart = code - mean
                covariance = tf.matmul(apart, apart, transpose_a=True) / tf.cast(tf.shape(code)[0], tf.float32)
                for moving, now in ((self.mean, mean), (self.covariance, covariance)):
                    moving.assign(moving * MOMENTUM + now * (1.0 - MOMENTUM))
            return code

    return Statistics


def whitened(network: keras.Model, code: Tensor) -> Tensor:
    """A code whitened by the statistics of its encoder: float32 (batch, size) with mean 0 and covariance 1, so that
    normal z's are codes like those of images."""
    mean, root = _root(network)
    return tf.transpose(tf.linalg.triangular_solve(root, tf.transpose(code - mean)))


def unwhitened(network: keras.Model, z: Tensor) -> Tensor:
    """The inverse of `whitened`: float32 (batch, size) -> the same shape."""
    mean, root = _root(network)
    return mean + tf.matmul(z, root, transpose_b=True)


def whitening(network: keras.Model) -> keras.Layer:
    """`whitened` as a dense layer `whiten`, float32 (batch, size) -> the same shape."""
    mean, root = (part.numpy().astype("float64") for part in _root(network))
    inverse = np.linalg.inv(root).T
    return _fixed("whiten", inverse, -mean @ inverse)


def unwhitening(network: keras.Model) -> keras.Layer:
    """`unwhitened` as a dense layer `unwhiten`, float32 (batch, size) -> the same shape."""
    mean, root = (part.numpy() for part in _root(network))
    return _fixed("unwhiten", root.T, mean)


def _fixed(name: str, kernel: np.ndarray, bias: np.ndarray) -> keras.Layer:
    layer = keras.layers.Dense(len(bias), trainable=False, dtype="float32", name=name)
    layer.build((None, len(bias)))
    layer.set_weights([kernel, bias])
    return layer


def _root(network: keras.Model) -> tuple[Tensor, Tensor]:
    statistics = network.get_layer("statistics")
    covariance, size = statistics.covariance.value, statistics.mean.shape[0]
    least = 1e-6 + LEAST * tf.linalg.trace(covariance) / size
    return statistics.mean.value, tf.linalg.cholesky(covariance + least * tf.eye(size))


def with_deviation(network: keras.Model) -> keras.Model:
    """A decoder with the standard deviation of its pixels, one number for all, as a weight."""
    return keras.Model(
        network.inputs, _deviation()(dtype="float32", name="deviation")(network.output), name=network.name
    )


def log_deviation(network: keras.Model) -> Tensor:
    """The logarithm of that deviation, a float32 scalar."""
    return network.get_layer("deviation").log_deviation.value


@functools.cache
def _deviation() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class Deviation(keras.layers.Layer):
        """An identity layer with one weight."""

        def build(self, shape: tuple[int | None, ...]) -> None:
            """An initial deviation of e^-1."""
            first = keras.initializers.Constant(-1.0)
            self.log_deviation = self.add_weight(shape=(), initializer=first, name="log_deviation")

        def call(self, image: Tensor) -> Tensor:
            """The input."""
            return image

    return Deviation
