"""Text encoders: recurrent ones over words, convolutional ones over letters; and sentence decoders."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from gancli.core.backend import Tensor, keras, np, tf
from gancli.nn import latents

WAYS = ("forwards", "backwards")
LETTER_MAPS = (384, 512)  # of Reed et al.'s convolutions
LETTER_KERNEL, LETTER_POOL = 4, 3
LEAST_LETTERS = LETTER_POOL**2  # that leave a position after both poolings
CHUNK = 256  # texts per call


def of_words(
    words: int,
    *,
    word_size: int,
    units: int,
    ways: Sequence[str] = WAYS,
    name: str = "reader",
    first: str | keras.initializers.Initializer = "uniform",
) -> keras.Model:
    """Rows int32 (batch, longest) of word numbers, padded with 0 -> texts float32 (batch, ways x units).

    Gated recurrent units (Cho et al. 2014), forwards and backwards, over word embeddings; their last states
    concatenated. first: initializer of the embeddings; Keras' uniform one reaches 0.05.
    """
    of = "" if name == "reader" else f"{name}_"
    rows = keras.Input((None,), dtype="int32", name="rows")
    table = keras.layers.Embedding(words, word_size, first, dtype="float32", name=f"{of}words")
    net = table(rows)
    states = [last_state(net, rows, units, name=f"{of}{way}", turned=way == "backwards") for way in ways]
    text = states[0] if len(states) == 1 else keras.layers.Concatenate(dtype="float32", name="text")(states)
    return keras.Model(rows, text, name=name)


def standard_normal() -> keras.initializers.Initializer:
    """An initializer that lets recurrent units distinguish words at once; with Keras' default that takes long."""
    return keras.initializers.RandomNormal(0.0, 1.0)


def both(readers: Sequence[keras.Model]) -> keras.Model:
    """Encoders of the same rows as one: their normalized vectors, concatenated."""
    rows = keras.Input((None,), dtype="int32", name="rows")

    def unit(number: int) -> keras.Layer:
        return keras.layers.UnitNormalization(dtype="float32", name=f"unit_{number}")

    texts = [unit(number)(reader(rows)) for number, reader in enumerate(readers)]
    text = texts[0] if len(texts) == 1 else keras.layers.Concatenate(dtype="float32", name="text")(texts)
    return keras.Model(rows, text, name="reader")


def whitening(reader: keras.Model) -> keras.Model:
    """An encoder followed by a fixed linear map, the identity until `whiten` is called."""
    layer = keras.layers.Dense(
        reader.output.shape[-1], kernel_initializer="identity", trainable=False, dtype="float32", name="white"
    )
    return keras.Model(reader.input, layer(reader.output), name=reader.name)


def whiten(reader: keras.Model, rows: Tensor) -> None:
    """Set the linear map of a `whitening` encoder so that the vectors of these texts are white, see latents.whitening.

    rows: int32 (texts, longest).
    """
    layer = reader.get_layer("white")
    before = keras.Model(reader.input, layer.input)
    texts = np.concatenate([before(rows[at : at + CHUNK]) for at in range(0, len(rows), CHUNK)])
    layer.set_weights(latents.whitening(texts))


def decoder(words: int, *, thought: int, units: int, word_size: int, name: str) -> keras.Model:
    """Thoughts float32 (batch, thought) and rows int32 (batch, longest) of the words before -> states (batch, longest,
    units), from which each next word is predicted: Kiros et al. 2015, equations 5 to 8.

    The thought is concatenated to each word embedding, so that it enters both gates and the state.
    """
    layers = keras.layers
    condition, rows = keras.Input((thought,), name="thought"), keras.Input((None,), dtype="int32", name="rows")
    net = layers.Embedding(words, word_size, standard_normal(), dtype="float32", name="words")(rows)
    net = _beside()(dtype="float32", name="beside")([net, condition])
    states = layers.GRU(units, return_sequences=True, reset_after=False, dtype="float32", name="states")(net)
    return keras.Model([condition, rows], states, name=name)


def output_words(words: int, *, units: int) -> keras.Model:
    """States float32 (count, units) -> logits of the words (count, words): the matrix V that both decoders share."""
    state = keras.Input((units,), name="state")
    logits = keras.layers.Dense(words, name="vocabulary")(state)
    return keras.Model(state, keras.layers.Activation("linear", dtype="float32", name="logits")(logits), name="words")


@functools.cache
def _beside() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class Beside(keras.layers.Layer):
        """A vector concatenated to each of a row."""

        def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
            """Float (batch, longest, size) and (batch, more) -> (batch, longest, size + more)."""
            net, condition = inputs
            repeated = tf.repeat(condition[:, None], tf.shape(net)[1], axis=1)
            return tf.concat([net, tf.cast(repeated, net.dtype)], axis=2)

    return Beside


def last_state(net: Tensor, rows: Tensor, units: int, *, name: str, turned: bool = False) -> Tensor:
    """The recurrent state after the last word of each row, (batch, units).

    net: float32 (batch, longest, size), the embeddings of rows. turned: read from the last word to the first. Without
    masks: computing states beyond the end and ignoring them is faster.
    """
    read = _turned()(dtype="float32", name=f"{name}_turned")([net, rows]) if turned else net
    states = keras.layers.GRU(units, return_sequences=True, reset_after=False, dtype="float32", name=name)(read)
    return _at_end()(dtype="float32", name=f"{name}_end")([states, rows])


@functools.cache
def _turned() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class Turned(keras.layers.Layer):
        """Each row reversed up to its end; padding stays."""

        def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
            """Float (batch, longest, size) and rows int (batch, longest) -> (batch, longest, size)."""
            net, rows = inputs
            return tf.reverse_sequence(net, tf.math.count_nonzero(rows, axis=1), seq_axis=1)

    return Turned


@functools.cache
def _at_end() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class AtEnd(keras.layers.Layer):
        """The state at the last word of each row."""

        def call(self, inputs: tuple[Tensor, Tensor]) -> Tensor:
            """Float (batch, longest, size) and rows int (batch, longest) -> (batch, size)."""
            states, rows = inputs
            last = tf.maximum(tf.math.count_nonzero(rows, axis=1) - 1, 0)
            return tf.gather(states, last, axis=1, batch_dims=1)

    return AtEnd


def of_letters(letters: int, *, units: int, share: float = 1.0) -> keras.Model:
    """Rows int32 (batch, longest) of letter numbers -> texts float32 (batch, units).

    The char-CNN-RNN of Reed et al. 2016 (1605.05395, reedscot/cvpr2016): letters one-hot, convolutions of 4 letters
    with 384, 512 and 512 maps, the first two followed by a maximum over 3, then recurrent units whose states are
    averaged. share: of the authors' number of maps.
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
