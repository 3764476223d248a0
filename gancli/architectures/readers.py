"""Networks that read texts given as rows of numbers: words by recurrent units, letters by convolutions."""

from __future__ import annotations

import functools

from gancli.backend import Tensor, keras, tf

LETTER_MAPS = (384, 512)  # of Reed et al.'s convolutions
LETTER_KERNEL, LETTER_POOL = 4, 3


def of_words(words: int, *, word_size: int, units: int) -> keras.Model:
    """Rows int32 (batch, longest) of word numbers, 0 beyond the end -> texts float32 (batch, 2 units).

    Gated units forwards and backwards (Cho et al. 2014) over vectors of the words; their last states side by side.
    """
    rows = keras.Input((None,), dtype="int32", name="rows")
    net = keras.layers.Embedding(words, word_size, dtype="float32", name="words")(rows)
    states = [
        last_state(net, rows, units, name="forwards"),
        last_state(net, rows, units, name="backwards", turned=True),
    ]
    return keras.Model(rows, keras.layers.Concatenate(dtype="float32", name="text")(states), name="reader")


def last_state(net: Tensor, rows: Tensor, units: int, *, name: str, turned: bool = False) -> Tensor:
    """The state of gated units after the last number of each row, (batch, units).

    net: float32 (batch, longest, size), what stands for the numbers of rows. turned: read from the last to the first.
    Nothing is masked: what comes after the end is computed and left out, which is quicker.
    """
    read = _turned()(name=f"{name}_turned")([net, rows]) if turned else net
    states = keras.layers.GRU(units, return_sequences=True, reset_after=False, dtype="float32", name=name)(read)
    return _at_end()(name=f"{name}_end")([states, rows])


@functools.cache
def _turned() -> type:
    """The class, made when Keras is first needed."""

    @keras.saving.register_keras_serializable("gancli")
    class Turned(keras.layers.Layer):
        """Each row from its last number to its first, what is beyond the end left there."""

        def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
            """Float (batch, longest, size) and rows int (batch, longest) -> (batch, longest, size)."""
            net, rows = inputs
            return tf.reverse_sequence(net, tf.math.count_nonzero(rows, axis=1), seq_axis=1)

    return Turned


@functools.cache
def _at_end() -> type:
    """The class, made when Keras is first needed."""

    @keras.saving.register_keras_serializable("gancli")
    class AtEnd(keras.layers.Layer):
        """The state at the last number of each row."""

        def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
            """Float (batch, longest, size) and rows int (batch, longest) -> (batch, size)."""
            states, rows = inputs
            last = tf.maximum(tf.math.count_nonzero(rows, axis=1) - 1, 0)
            return tf.gather(states, last, axis=1, batch_dims=1)

    return AtEnd


def of_letters(letters: int, *, units: int, share: float = 1.0) -> keras.Model:
    """Rows int32 (batch, longest) of letter numbers -> texts float32 (batch, units).

    The char-CNN-RNN of Reed et al. 2016 (1605.05395, reedscot/cvpr2016): letters one-hot, convolutions of 4 letters
    with 384, 512 and 512 maps, the first two followed by a maximum over 3, then gated units whose states are averaged.
    share: of the authors' maps.
    """
    layers = keras.layers
    rows = keras.Input((None,), dtype="int32", name="rows")
    net = layers.Embedding(letters, letters, embeddings_initializer="identity", trainable=False, name="letters")(rows)
    for number, maps in enumerate((*LETTER_MAPS, LETTER_MAPS[-1]), start=1):
        count = max(1, round(maps * share))
        net = layers.Conv1D(count, LETTER_KERNEL, padding="same", activation="relu", name=f"conv_{number}")(net)
        net = layers.MaxPooling1D(LETTER_POOL, name=f"pool_{number}")(net) if number < 3 else net
    states = layers.GRU(net.shape[-1], return_sequences=True, dtype="float32", name="gru")(net)
    mean = layers.GlobalAveragePooling1D(name="mean")(states)
    return keras.Model(rows, layers.Dense(units, dtype="float32", name="text")(mean), name="reader")
