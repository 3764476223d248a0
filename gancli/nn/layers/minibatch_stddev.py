"""Minibatch standard deviation. Karras et al. 2018, arXiv:1710.10196, section 3."""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf

GROUP = 4  # images that are compared: the authors' code


def statistic(net: Tensor, group: int = GROUP) -> Tensor:
    """The standard deviation over a group of images, averaged over all other axes; float32 (batch, 1), or float64.

    net: float (batch, …), of a known or unknown batch. group: images compared, every batch / group-th of the batch; all
    of them if that is no divisor.
    """
    net = tf.cast(net, tf.float64 if net.dtype == tf.float64 else tf.float32)
    batch = tf.shape(net)[0]
    size = tf.where(batch % tf.minimum(group, batch) == 0, tf.minimum(group, batch), batch)
    rows = tf.reshape(net, (size, batch // size, -1))
    apart = rows - tf.reduce_mean(rows, axis=0, keepdims=True)
    deviation = tf.sqrt(tf.reduce_mean(apart**2, axis=0) + 1e-8)  # the root has no gradient at 0
    return tf.tile(tf.reduce_mean(deviation, axis=1, keepdims=True), (size, 1))


def minibatch_stddev(net: Tensor, *, group: int = GROUP, name: str = "minibatch_stddev") -> Tensor:
    """Maps or rows, float (batch, …, channels), with the statistic of their group as one more channel."""
    return minibatch_stddev_layer(group, name=name)(net)


def minibatch_stddev_layer(group: int = GROUP, **settings: object) -> keras.Layer:
    """A layer that computes `minibatch_stddev`; it has no weights."""
    return _layer()(group, **settings)


def with_minibatch_stddev(discriminator: keras.Model, group: int) -> keras.Model:
    """The discriminator with the statistic of its features joined to them before the layer `logit`, which is new."""
    last = discriminator.get_layer("logit")
    joined = minibatch_stddev(last.input, group=group)
    logit = keras.layers.Dense(
        last.units,
        use_bias=last.use_bias,
        kernel_initializer=type(last.kernel_initializer).from_config(last.kernel_initializer.get_config()),
        dtype="float32",
        name="logit",
    )(joined)
    return keras.Model(discriminator.inputs, logit, name=discriminator.name)


@functools.cache
def _layer() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class MinibatchStddev(keras.layers.Layer):
        """Concatenates the statistic to the last axis."""

        def __init__(self, group: int = GROUP, **settings: object) -> None:
            super().__init__(**settings)
            self.group = group

        def call(self, inputs: Tensor) -> Tensor:
            """float (batch, …, channels) -> (batch, …, channels + 1)."""
            found = tf.cast(statistic(inputs, self.group), inputs.dtype)
            ones = [1] * (len(inputs.shape) - 2)
            maps = tf.reshape(found, (-1, *ones, 1)) * tf.ones_like(inputs[..., :1])
            return tf.concat([inputs, maps], axis=-1)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """One more channel."""
            return (*shape[:-1], shape[-1] + 1)

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"group": self.group}

    return MinibatchStddev
