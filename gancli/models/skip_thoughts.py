"""Skip-thought vectors. Kiros, Zhu, Salakhutdinov, Zemel, Torralba, Urtasun & Fidler 2015, arXiv:1506.06726.

Gated recurrent units encode a sentence as a vector; from it two decoders predict, word by word, the sentences before
and after. `--form uni` reads forwards, `bi` forwards and backwards with half of the units each; `combine` concatenates
both vectors, which are trained separately. The paper's sizes are `--units 2400 --word-size 620 --vocabulary 20000`, its
batch size 128 and its gradient clipping norm 10; the authors' code has 64 and 5.

The encoder does not read the end of a sentence; the decoders do predict it. Vectors are normalized to length 1, with
`combine` each half. Sentences of similar lengths share a batch, which is cut to the longest of them; the output layer
is computed for real words only.

Differences from the paper:
- The sizes, for a CPU, and batches of 64.
- The decoders have word embeddings of their own.
- Half of the previous words are hidden from the decoders (Bowman et al. 2016, arXiv:1511.06349, section 3.1), which
  otherwise ignore the sentence vector for a long time.
- The loss is a mean per word, of the words before and of those after, added up. The paper's objective and the authors'
  code sum over words, so that long sentences weigh more and the clipping norm applies to another scale.
- Gradients are clipped per network (encoder, either decoder, output layer); the code clips all weights together.
- Adam's learning rate is 1e-3; the code's is 2e-4.
- Word embeddings are initialized from N(0, 1), the paper's from U(-0.1, 0.1). Recurrent weights start orthogonal, as in
  the paper; others as in Keras (Glorot & Bengio 2010, uniform).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.data.texts.tokenization import END, PAD, SPECIAL, UNKNOWN, Vocabulary
from gancli.models import exports
from gancli.models.base import Batches, Model
from gancli.models.capabilities import SentencePredictor, TextEncoder
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.sentence_triples import SentenceTriples
from gancli.models.learning_rates import scheduled
from gancli.models.metric_names import SHARED, Metric
from gancli.nn.architectures import text_encoders
from gancli.nn.network import Network, minimize
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.data import DataFacts
    from gancli.models.config import TrainingConfig

PARTS = {"uni": ("uni",), "bi": ("bi",), "combine": ("uni", "bi")}
WAYS = {"uni": ("forwards",), "bi": ("forwards", "backwards")}


class SkipThoughts(Model, TextEncoder, SentencePredictor):
    """The sentence encoder that is trained to predict neighboring sentences."""

    columns = ("sentence",)
    default_steps = 2_000
    inference_networks = exports.text_encoder(
        "encoder",
        lambda model, stock: text_encoders.both([stock(f"{part}_encoder") for part in PARTS[model.options.form]]),
    )
    metrics = SHARED | {
        "uni_loss": Metric("uni", "loss of the encoder that reads forward"),
        "bi_loss": Metric("bi", "loss of the encoder that reads both ways"),
    }
    ema_networks: ClassVar[tuple[str, ...]] = ()
    Pipeline = SentenceTriples

    @dataclass(frozen=True)
    class Options(Model.Options):
        """Sizes for a CPU."""

        form: str = option("uni", "reading direction of the encoder (combine: uni and bi)", choices=tuple(PARTS))
        units: int = option(300, "size of a sentence vector (combine: of each half; paper: 2400)", low=2, high=8192)
        word_size: int = option(100, "size of a word embedding (paper: 620)", low=1, high=4096)
        vocabulary: int = option(
            5000, "vocabulary size: number of most frequent words (paper: 20000)", low=1, high=20_000
        )
        max_words: int = option(30, "maximum sentence length in words", low=1, high=1000)
        word_dropout: float = option(0.5, "share of words hidden from the decoders", low=0, high=1)
        max_norm: float = option(10.0, "gradient clipping norm (authors' code: 5)", above=0, high=1e6)
        learning_rate: float = 1e-3
        beta1: float = 0.9
        ema: float = option(0.0, "EMA decay (not available for this model)", low=0, high=0, below=None)

    @functools.cached_property
    def vocabulary(self) -> Vocabulary:
        """The tokenizer: the most frequent words of the training sentences, and those learned since."""
        return Vocabulary(self.data.words[: self.options.vocabulary])

    def build(self, data: DataFacts) -> dict[str, Network]:
        """An encoder, two decoders and an output layer for each form."""
        chosen = self.options
        self.text_size = chosen.units * len(PARTS[chosen.form])
        networks = {}
        for part in PARTS[chosen.form]:
            parts = self._parts(part)
            networks |= {f"{part}_{name}": Network(layers, self.clipped_adam()) for name, layers in parts.items()}
        return networks

    def _parts(self, part: str) -> dict[str, keras.Model]:
        chosen, ways = self.options, WAYS[part]
        words, units = self.vocabulary.size, chosen.units // len(ways) * len(ways)
        sizes = {"word_size": chosen.word_size}
        parts = {"encoder": self._encoder(part, words)}
        for way in ("before", "after"):
            parts[way] = text_encoders.decoder(words, thought=units, units=units, name=way, **sizes)
        return parts | {"words": text_encoders.output_words(words, units=units)}

    def _encoder(self, part: str, words: int) -> keras.Model:
        units = self.options.units // len(WAYS[part])
        sizes = {"units": units, "word_size": self.options.word_size}
        return text_encoders.of_words(words, ways=WAYS[part], first=text_encoders.standard_normal(), **sizes)

    def clipped_adam(self) -> keras.optimizers.Optimizer:
        """A new Adam optimizer with gradient clipping."""
        return adam(scheduled(self), beta1=self.options.beta1, max_norm=self.options.max_norm)

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """A step on -log P(before | sentence) - log P(after | sentence), section 2.1."""
        batch = {name: _cut(rows) for name, rows in next(batches).items()}
        metrics = {}
        for part in PARTS[self.options.form]:
            trained = [self.networks[f"{part}_{name}"] for name in ("encoder", "before", "after", "words")]
            metrics[f"{part}_loss"] = minimize(*trained, loss=functools.partial(self._cost, part, batch))
        return metrics

    def _cost(self, part: str, batch: dict[str, Tensor]) -> Tensor:
        """The mean negative log-likelihood of a word before and of one after, in nats, added up."""
        thought, words = self.networks[f"{part}_encoder"](batch["sentence"]), self.networks[f"{part}_words"]
        ways = ("before", "after")
        costs = [
            _negative_log_likelihood(
                self.networks[f"{part}_{way}"], words, thought, batch[way], visible=self._with_dropout(batch[way])
            )
            for way in ways
        ]
        return tf.add_n(
            [tf.math.divide_no_nan(tf.reduce_sum(each), tf.cast(tf.size(each), tf.float32)) for each in costs]
        )

    def _with_dropout(self, rows: Tensor) -> Tensor:
        """Rows with some of their words replaced by the unknown word."""
        is_visible = self.random.uniform(tf.shape(rows)) >= self.options.word_dropout
        return tf.where(is_visible | (rows == PAD), rows, UNKNOWN)

    def text_rows(self, texts: list[str]) -> np.ndarray:
        """Token numbers, int32 (texts, longest), padded with 0; longer texts are cut."""
        return self.vocabulary.rows(texts, self.options.max_words)

    def learn_words(self, words: Sequence[str], vectors: np.ndarray) -> int:
        """Learn new words from pretrained vectors, float (words, size): vocabulary expansion, section 2.2.

        The linear map from those vectors to the encoder's own is fitted, by least squares, to the words that both know.
        Returns: how many were learned. Raises: OptionError if both know too few.
        """
        known = {word: SPECIAL + at for at, word in enumerate(self.vocabulary.words)}
        at = {word: number for number, word in enumerate(words)}  # the last of repeated words
        shared, fresh = [word for word in at if word in known], [word for word in at if word not in known]
        if len(shared) < vectors.shape[1]:
            raise OptionError(
                f"{len(shared)} of the {len(known):,} known words have a vector: too few for {vectors.shape[1]} numbers"
            )
        words = (*self.vocabulary.words, *fresh)
        for part in PARTS[self.options.form]:
            table, *others = self.networks[f"{part}_encoder"].model.get_weights()
            pretrained, own = vectors[[at[word] for word in shared]], table[[known[word] for word in shared]]
            rows = vectors[[at[word] for word in fresh]] @ np.linalg.lstsq(pretrained, own, rcond=None)[0]
            bigger = self._encoder(part, SPECIAL + len(words))
            bigger.set_weights([np.concatenate([table, rows.astype(table.dtype)]), *others])
            self.networks[f"{part}_encoder"] = Network(bigger, self.clipped_adam())
        self.vocabulary = Vocabulary(words)
        return len(fresh)

    def read(self, rows: Tensor) -> Tensor:
        """Sentence vectors, float32 (batch, text_size), each half normalized to length 1."""
        encoders = [self.networks[f"{part}_encoder"] for part in PARTS[self.options.form]]
        return tf.concat([tf.math.l2_normalize(encoder.infer(rows), axis=1) for encoder in encoders], axis=1)

    def log_next(self, rows: Tensor, following: Tensor) -> Tensor:
        """log P(following | sentence) in nats, of `combine` the mean of both, float32 (batch, others)."""
        scores = []
        count, longest = tf.shape(following)[0], tf.shape(following)[1]
        ended = tf.pad(following, ((0, 0), (0, 1)))
        ended = tf.tensor_scatter_nd_update(
            ended,
            tf.stack([tf.range(count), tf.math.count_nonzero(following, axis=1, dtype=tf.int32)], axis=1),
            tf.fill([count], END),
        )[:, : longest + 1]
        known = SPECIAL + min(
            len(self.data.words), self.options.vocabulary
        )  # of the decoders, without words that were learned later
        ended = tf.where(ended < known, ended, UNKNOWN)
        for part in PARTS[self.options.form]:
            after, words = self.networks[f"{part}_after"], self.networks[f"{part}_words"]
            thought = self.networks[f"{part}_encoder"].infer(rows)
            pairs = tf.repeat(thought, count, axis=0), tf.tile(ended, (tf.shape(rows)[0], 1))
            each = _negative_log_likelihood(after, words, *pairs, by_row=True)
            scores.append(-tf.reshape(each, (tf.shape(rows)[0], count)))
        return tf.add_n(scores) / len(scores)

    @classmethod
    def example(cls, config: TrainingConfig, chosen: Options) -> DataFacts:
        """Sentences of as many different words as the vocabulary holds."""
        from gancli.data import DataFacts

        words = tuple(f"word{number}" for number in range(chosen.vocabulary))
        return DataFacts("example", (), 1, cls.columns, words=words)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        if chosen.form != "uni" and chosen.units % 2:
            raise OptionError(f"--units {chosen.units}: half of them read backwards, so the number must be even")

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Sentences in the order of a text."""
        return DataRequirements(cls.columns, kind="sentence")


def _cut(rows: Tensor) -> Tensor:
    """Rows cut to the longest of them, to at least one word."""
    return rows[:, : tf.maximum(tf.reduce_max(tf.math.count_nonzero(rows, axis=1)), 1)]


def _negative_log_likelihood(
    decoder: Network,
    words: Network,
    thought: Tensor,
    rows: Tensor,
    *,
    visible: Tensor | None = None,
    by_row: bool = False,
) -> Tensor:
    """-log P of each word, float32 (words,); by_row: sums per row, (batch,).

    visible: the previous words as the decoder sees them; by default all of them.
    """
    visible = rows if visible is None else visible
    states = decoder(thought, tf.pad(visible, ((0, 0), (1, 0)))[:, :-1])  # from the words before each
    is_there = rows > 0
    logits = words(tf.boolean_mask(states, is_there))
    costs = tf.nn.sparse_softmax_cross_entropy_with_logits(tf.boolean_mask(rows, is_there), logits)
    if not by_row:
        return costs
    return tf.math.segment_sum(costs, tf.cast(tf.where(is_there)[:, 0], tf.int32))
