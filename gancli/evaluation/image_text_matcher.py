"""A matcher of a data set's own images and captions: trained once, kept in the cache, how well it finds known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.cache import cache_folder
from gancli.core.errors import CheckpointError, DataError, OptionError
from gancli.data import Dataset
from gancli.data.tokenization import Vocabulary
from gancli.imaging import images
from gancli.nn.architectures import text_conditional, text_encoders
from gancli.nn.losses import joint_embedding_hinge_loss
from gancli.nn.network import Network, minimize
from gancli.nn.optimizers import adam
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position

FORMAT = 2  # of the networks and their training; a change makes old ones be trained anew
SIZE, WIDTH, WORD_SIZE, LONGEST = 128, 32, 64, 40
STEPS, BATCH, LOOK, RATE = 3000, 64, 256, 5e-4
AMONG = 100  # captions to find the right one in


@dataclass(frozen=True)
class Matcher:
    """Scores pairs of images and texts: the product of the vectors of both, float32 (count, 128) each."""

    of_images: keras.Model
    of_texts: keras.Model
    vocabulary: Vocabulary
    digest: str

    def look(self, pixels: np.ndarray) -> np.ndarray:
        """Vectors of images uint8 (count, height, width, channels)."""
        parts = (pixels[start : start + LOOK] for start in range(0, len(pixels), LOOK))
        return np.concatenate([self.of_images.predict_on_batch(images.from_uint8(part)) for part in parts])

    def read(self, texts: list[str]) -> np.ndarray:
        """Vectors of texts."""
        rows = self.vocabulary.rows(texts, LONGEST)
        parts = (rows[start : start + LOOK] for start in range(0, len(rows), LOOK))
        return np.concatenate([self.of_texts.predict_on_batch(part) for part in parts])

    def precision(self, pixels: np.ndarray, texts: list[str], pool: list[str], *, seed: int = 0) -> float:
        """R-precision: the share of images whose own text scores highest among it and 99 others (Xu et al. 2018,
        1711.10485, section 4.1), which are drawn from those of a pool. Raises: DataError if that has fewer."""
        pool = sorted(set(pool))
        if len(pool) < AMONG:
            raise DataError(f"{len(pool)} different test captions: R-precision needs {AMONG}")
        seen, read, others, random = self.look(pixels), self.read(texts), self.read(pool), np.random.default_rng(seed)
        hits = 0
        for vector, text, own in zip(seen, texts, read, strict=True):
            chosen = [at for at in random.choice(len(pool), AMONG, replace=False) if pool[at] != text][: AMONG - 1]
            hits += bool((others[chosen] @ vector < own @ vector).all())
        return hits / len(texts)


def need_captions(dataset: Dataset) -> None:
    """Raise OptionError for data without captions."""
    if "caption" not in dataset.train:
        raise OptionError(f"the data set '{dataset.name}' has no captions")


def for_dataset(dataset: Dataset, *, note: Callable[[str], None]) -> Matcher:
    """The matcher of a data set, from the cache or trained now, which takes some minutes. Raises: OptionError."""
    need_captions(dataset)
    facts = dataset.facts()
    path = cache_folder() / "matchers" / f"{facts.fingerprint[:32]}-{FORMAT}.h5"
    vocabulary = Vocabulary(facts.words)
    keras.utils.set_random_seed(0)
    of_images = text_conditional.encoder(dataset.shape, SIZE, width=WIDTH, name="looks")
    of_texts = text_encoders.of_words(vocabulary.size, word_size=WORD_SIZE, units=SIZE // 2)
    weights = [variable.value for net in (of_images, of_texts) for variable in net.weights]
    held = {f"{number:03}": weight for number, weight in enumerate(weights)}
    try:
        checkpoints.assign(checkpoints.read(path)[0], held, name=path.name)
    except CheckpointError:  # absent, damaged or of an older gancli: trained anew
        note(f"training a matcher of images and captions of '{dataset.name}', once; kept in {path}")
        _fit(of_images, of_texts, dataset, vocabulary)
        checkpoints.write(path, {name: value.numpy() for name, value in held.items()}, Position())
    digest = checkpoints.digest({name: value.numpy() for name, value in held.items()})
    return Matcher(of_images, of_texts, vocabulary, digest)


def _fit(of_images: keras.Model, of_texts: keras.Model, dataset: Dataset, vocabulary: Vocabulary) -> None:
    looks, reads = (Network(layers, adam(RATE, beta1=0.9)) for layers in (of_images, of_texts))
    captions, random = dataset.train["caption"], np.random.default_rng(0)
    counts = (captions != "").sum(axis=1)

    @tf.function(reduce_retracing=True)
    def step(pixels: Tensor, rows: Tensor) -> Tensor:
        shown = images.from_uint8(pixels)
        rows = rows[:, : tf.reduce_max(tf.math.count_nonzero(rows, axis=1))]
        return minimize(looks, reads, loss=lambda: joint_embedding_hinge_loss(looks(shown), reads(rows)))

    for _ in range(STEPS):
        chosen = random.choice(len(dataset), min(BATCH, len(dataset)), replace=False)
        texts = captions[chosen, random.integers(0, counts[chosen])]
        step(tf.constant(dataset.take(chosen)), tf.constant(vocabulary.rows(list(texts), LONGEST)))
