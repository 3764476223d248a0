"""Class-conditional layers: the projection of a discriminator, and BatchNorm with gains per class."""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf
from gancli.nn.layers.batch_norm import batch_norm


def with_projection(discriminator: keras.Model, classes: int) -> keras.Model:
    """The discriminator, of images alone, with the class as a second input, one-hot float32 (batch, classes).

    a(x, y) = yᵀ V φ(x) + ψ(φ(x)), φ the input of the layer `logit` as a row, ψ that layer. Miyato & Koyama 2018
    (1802.05637), equation 4.
    """
    layers = keras.layers
    label = keras.Input((classes,), name="label")
    features = discriminator.get_layer("logit").input
    rows = layers.Dense(features.shape[-1], use_bias=False, dtype="float32", name="class_rows")(label)
    product = layers.Dot(axes=1, dtype="float32", name="projection")([rows, features])
    logit = layers.Add(dtype="float32", name="projected")([discriminator.outputs[0], product])
    return keras.Model([*discriminator.inputs, label], logit, name=discriminator.name)


def conditional_batch_norm(**settings: object) -> keras.Layer:
    """BatchNorm whose gains and biases are linear in the one-hot class: a layer of [maps, label].

    de Vries et al. 2017 (1707.00683); in GANs Miyato & Koyama 2018. settings: of keras.layers.BatchNormalization.
    """
    return _conditional()(**settings)


@functools.cache
def _conditional() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class ConditionalBatchNormalization(keras.layers.Layer):
        """BatchNorm without gains, then a gain and a bias per channel and class."""

        def __init__(self, momentum: float = 0.9, epsilon: float = 1e-5, **settings: object) -> None:
            super().__init__(**settings)
            self.momentum, self.epsilon = momentum, epsilon
            self.plain = batch_norm(
                momentum=momentum, epsilon=epsilon, center=False, scale=False, dtype=self.dtype_policy, name="plain"
            )

        def build(self, shapes: list[tuple]) -> None:
            """Weights for maps (batch, …, channels) and labels (batch, classes)."""
            maps, label = shapes
            size = (label[-1], maps[-1])
            self.plain.build(maps)
            self.gamma = self.add_weight(shape=size, initializer="ones", name="gamma")
            self.beta = self.add_weight(shape=size, initializer="zeros", name="beta")

        def call(self, inputs: list[Tensor], training: bool | None = None) -> Tensor:
            """[float (batch, …, channels), one-hot (batch, classes)] -> the maps, normalized."""
            maps, label = inputs
            net = self.plain(maps, training=training)
            ones = [1] * (len(maps.shape) - 2)
            gain, bias = (
                tf.reshape(
                    tf.matmul(tf.cast(label, net.dtype), tf.cast(rows.value, net.dtype)), (-1, *ones, net.shape[-1])
                )
                for rows in (self.gamma, self.beta)
            )
            return net * gain + bias

        def compute_output_shape(self, shapes: list[tuple]) -> tuple:
            """The shape of the maps."""
            return shapes[0]

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"momentum": self.momentum, "epsilon": self.epsilon}

    return ConditionalBatchNormalization
