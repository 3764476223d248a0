"""Between rows and small maps by one learned map per channel, as the networks of Huang et al. 2024 begin and end."""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf


def from_rows(side: int, **settings: object) -> keras.Layer:
    """Rows (batch, channels) times a learned map of each channel: float (batch, side, side, channels).

    The maps begin from N(0, 1).
    """
    return _layer()(side, **settings)


def to_rows(side: int, **settings: object) -> keras.Layer:
    """Maps (batch, side, side, channels) weighted by a learned map of each channel and summed: float (batch, channels).

    This is a depthwise convolution that has the size of the maps. Its weights begin from N(0, 1 / side²).
    """
    return _layer()(side, sums=True, **settings)


@functools.cache
def _layer() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class SpatialBasis(keras.layers.Layer):
        """Multiplies by its maps, and sums over places if `sums`."""

        def __init__(self, side: int, *, sums: bool = False, **settings: object) -> None:
            super().__init__(**settings)
            self.side, self.sums = side, sums

        def build(self, shape: tuple) -> None:
            """A weight per place and channel."""
            first = keras.initializers.RandomNormal(0.0, 1.0 / self.side if self.sums else 1.0)
            self.basis = self.add_weight(shape=(self.side, self.side, shape[-1]), initializer=first, name="basis")

        def call(self, inputs: Tensor) -> Tensor:
            """float (batch, channels) -> (batch, side, side, channels), or back."""
            basis = tf.cast(self.basis.value, inputs.dtype)
            return tf.reduce_sum(inputs * basis, axis=(1, 2)) if self.sums else inputs[:, None, None, :] * basis

        def compute_output_shape(self, shape: tuple) -> tuple:
            """Without or with two axes of places."""
            return (shape[0], shape[-1]) if self.sums else (shape[0], self.side, self.side, shape[-1])

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"side": self.side, "sums": self.sums}

    return SpatialBasis
