"""Layers of transformers on tokens, float (batch, tokens, size), with correct derivatives of any order."""

from __future__ import annotations

import functools
import math

from gancli.core.backend import Tensor, keras, tf

EPSILON = 1e-6


def token_norm(tokens: Tensor, gain: Tensor, bias: Tensor, epsilon: float = EPSILON) -> Tensor:
    """Each token with mean 0 and variance 1, then times gain plus bias, (size,) each. Ba et al. 2016 (1607.06450).

    Computed in float32, or in float64 for float64; the dtype stays. Unlike `tf.nn.moments` and Keras' layer, it has the
    mean's part in the derivative of the variance, which second derivatives need.
    """
    wide = _wide(tokens)
    apart = wide - tf.reduce_mean(wide, axis=-1, keepdims=True)
    scale = tf.math.rsqrt(tf.reduce_mean(apart**2, axis=-1, keepdims=True) + epsilon)
    return tf.cast(apart * scale * tf.cast(gain, wide.dtype) + tf.cast(bias, wide.dtype), tokens.dtype)


def attention(queries: Tensor, keys: Tensor, values: Tensor, heads: int) -> Tensor:
    """softmax(Q Kᵀ / √d) V of each head, side by side. Vaswani et al. 2017 (1706.03762), equation 1.

    float (batch, tokens, size) each -> the same; d = size / heads. The softmax is at least in float32.
    """
    size = queries.shape[-1] // heads

    def split(rows: Tensor) -> Tensor:
        return tf.transpose(tf.reshape(rows, (-1, rows.shape[1], heads, size)), (0, 2, 1, 3))

    products = tf.matmul(split(queries), split(keys), transpose_b=True)
    shares = tf.cast(tf.nn.softmax(_wide(products) / math.sqrt(size)), values.dtype)
    joined = tf.transpose(tf.matmul(shares, split(values)), (0, 2, 1, 3))
    return tf.reshape(joined, (-1, queries.shape[1], heads * size))


def token_norm_layer(**settings: object) -> keras.Layer:
    """A layer that computes `token_norm`."""
    return _token_norm()(**settings)


def attention_layer(heads: int, **settings: object) -> keras.Layer:
    """Self-attention: `attention` between dense layers, size -> 3 size and size -> size."""
    return _self_attention()(heads, **settings)


def positions_layer(**settings: object) -> keras.Layer:
    """Maps (batch, height, width, size) as tokens behind a learned class token, plus learned positions."""
    return _positions()(**settings)


def _wide(tensor: Tensor) -> Tensor:
    return tensor if tensor.dtype == tf.float64 else tf.cast(tensor, tf.float32)


@functools.cache
def _token_norm() -> type:
    """The class, defined when Keras is first used, as the others."""

    @keras.saving.register_keras_serializable("gancli")
    class TokenNorm(keras.layers.Layer):
        """Layer normalization of each token."""

        def build(self, shape: tuple) -> None:
            """A gain and a bias per number of a token."""
            self.gamma = self.add_weight(shape=(shape[-1],), initializer="ones", name="gamma")
            self.beta = self.add_weight(shape=(shape[-1],), initializer="zeros", name="beta")

        def call(self, inputs: Tensor) -> Tensor:
            """As `token_norm`."""
            return token_norm(inputs, self.gamma.value, self.beta.value)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The shape of the input."""
            return shape

    return TokenNorm


@functools.cache
def _self_attention() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class SelfAttention(keras.layers.Layer):
        """Multi-head self-attention."""

        def __init__(self, heads: int, **settings: object) -> None:
            super().__init__(**settings)
            self.heads = heads

        def build(self, shape: tuple) -> None:
            """Kernels of queries, keys and values, and of the output; Glorot & Bengio 2010."""
            for name in ("query", "key", "value", "output"):
                kernel = self.add_weight(shape=(shape[-1], shape[-1]), initializer=_glorot(), name=f"{name}_kernel")
                bias = self.add_weight(shape=(shape[-1],), initializer="zeros", name=f"{name}_bias")
                setattr(self, f"{name}_weights", [kernel, bias])

        def call(self, inputs: Tensor) -> Tensor:
            """float (batch, tokens, size) -> the same."""
            queries, keys, values = (self._dense(inputs, name) for name in ("query", "key", "value"))
            return self._dense(attention(queries, keys, values, self.heads), "output")

        def _dense(self, rows: Tensor, name: str) -> Tensor:
            kernel, bias = getattr(self, f"{name}_weights")
            return tf.tensordot(rows, tf.cast(kernel.value, rows.dtype), 1) + tf.cast(bias.value, rows.dtype)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The shape of the input."""
            return shape

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"heads": self.heads}

    return SelfAttention


@functools.cache
def _positions() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class Positions(keras.layers.Layer):
        """The class token and the positions of Dosovitskiy et al. 2020."""

        def build(self, shape: tuple) -> None:
            """A row per token, and one more for the class token; as vectors, since they are no kernels."""
            _, height, width, size = shape
            first = keras.initializers.RandomNormal(0.0, 0.02)
            self.token = self.add_weight(shape=(size,), initializer="zeros", name="token")
            self.rows = self.add_weight(shape=((1 + height * width) * size,), initializer=first, name="positions")

        def call(self, inputs: Tensor) -> Tensor:
            """float (batch, height, width, size) -> (batch, 1 + height width, size)."""
            batch, (height, width, size) = tf.shape(inputs)[0], inputs.shape[1:]
            token = tf.broadcast_to(tf.cast(self.token.value, inputs.dtype), (batch, 1, size))
            rows = tf.concat([token, tf.reshape(inputs, (batch, height * width, size))], axis=1)
            return rows + tf.reshape(tf.cast(self.rows.value, inputs.dtype), (1 + height * width, size))

        def compute_output_shape(self, shape: tuple) -> tuple:
            """(batch, 1 + height width, size)."""
            return (shape[0], 1 + shape[1] * shape[2], shape[3])

    return Positions


def _glorot() -> keras.initializers.Initializer:
    return keras.initializers.GlorotUniform()
