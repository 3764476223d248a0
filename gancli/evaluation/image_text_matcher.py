"""A joint embedding of the images and captions of a data set, for R-precision: trained once and cached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import Tensor, graph_function, keras, np, tf
from gancli.core.cache import cache_folder
from gancli.core.errors import CheckpointError, DataError, OptionError
from gancli.core.progress import track
from gancli.data import Dataset
from gancli.data.texts.tokenization import Vocabulary
from gancli.imaging import images
from gancli.nn.architectures import text_conditional, text_encoders
from gancli.nn.losses import joint_embedding_hinge_loss
from gancli.nn.network import Network, minimize
from gancli.nn.optimizers import adam
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position

FORMAT = 2  # of the networks and their training; a change makes cached matchers be trained anew
SIZE = 128
WIDTH = 32
WORD_SIZE = 64
MAX_WORDS = 40
STEPS = 3000
BATCH = 64
EMBEDDING_BATCH = 256
LEARNING_RATE = 5e-4
CANDIDATES = 100  # captions to find the right one in


@dataclass(frozen=True)
class ImageTextMatcher:
    """Scores pairs of images and texts by the dot product of their embeddings, float32 (count, 128) each."""

    of_images: keras.Model
    of_texts: keras.Model
    vocabulary: Vocabulary
    digest: str

    def embed_images(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float32 (count, 128)."""
        parts = (pixels[start : start + EMBEDDING_BATCH] for start in range(0, len(pixels), EMBEDDING_BATCH))
        return np.concatenate([self.of_images.predict_on_batch(images.from_uint8(part)) for part in parts])

    def embed_texts(self, texts: list[str]) -> np.ndarray:
        """Embeddings of texts, float32 (count, 128)."""
        rows = self.vocabulary.rows(texts, MAX_WORDS)
        parts = (rows[start : start + EMBEDDING_BATCH] for start in range(0, len(rows), EMBEDDING_BATCH))
        return np.concatenate([self.of_texts.predict_on_batch(part) for part in parts])

    def precision(self, pixels: np.ndarray, texts: list[str], pool: list[str], *, seed: int = 0) -> float:
        """R-precision (Xu et al. 2018, 1711.10485, section 4.1), in [0, 1]: the share of images whose own text scores
        highest among it and 99 others from the pool.

        pixels: uint8 (count, height, width, channels); texts: one per image.
        Raises: DataError if the pool has fewer than a hundred different texts.
        """
        pool = sorted(set(pool))
        if len(pool) < CANDIDATES:
            raise DataError(f"{len(pool)} different test captions are too few: R-precision needs {CANDIDATES}")
        embedded = self.embed_images(pixels)
        own_texts = self.embed_texts(texts)
        pool_texts = self.embed_texts(pool)
        random, hits = np.random.default_rng(seed), 0
        for image, text, own in zip(embedded, texts, own_texts, strict=True):
            candidates = random.choice(len(pool), CANDIDATES, replace=False)
            others = [at for at in candidates if pool[at] != text][: CANDIDATES - 1]
            hits += bool((pool_texts[others] @ image < own @ image).all())
        return hits / len(texts)


def need_captions(dataset: Dataset) -> None:
    """Raise OptionError for data without captions."""
    if "caption" not in dataset.train:
        raise OptionError(f"the data set '{dataset.name}' has no captions")


def for_dataset(dataset: Dataset, *, note: Callable[[str], None]) -> ImageTextMatcher:
    """The matcher of a data set, from the cache or trained now, which takes some minutes. Raises: OptionError."""
    need_captions(dataset)
    facts = dataset.facts()
    path = cache_folder() / "matchers" / f"{facts.fingerprint[:32]}-{FORMAT}.h5"
    vocabulary = Vocabulary(facts.words)
    keras.utils.set_random_seed(0)
    of_images = text_conditional.encoder(dataset.shape, SIZE, width=WIDTH, name="looks")
    of_texts = text_encoders.of_words(vocabulary.size, word_size=WORD_SIZE, units=SIZE // 2)
    variables = [variable.value for net in (of_images, of_texts) for variable in net.weights]
    weights = {f"{number:03}": variable for number, variable in enumerate(variables)}
    try:
        checkpoints.assign(checkpoints.read(path)[0], weights, name=path.name)
    except CheckpointError:  # absent, damaged or of an older gancli: trained anew
        note(f"training an image-text matcher of '{dataset.name}', once; cached in {path}")
        _train(of_images, of_texts, dataset, vocabulary)
        checkpoints.write(path, {name: value.numpy() for name, value in weights.items()}, Position())
    digest = checkpoints.digest({name: value.numpy() for name, value in weights.items()})
    return ImageTextMatcher(of_images, of_texts, vocabulary, digest)


def _train(of_images: keras.Model, of_texts: keras.Model, dataset: Dataset, vocabulary: Vocabulary) -> None:
    image_net, text_net = (Network(model, adam(LEARNING_RATE, beta1=0.9)) for model in (of_images, of_texts))
    captions, random = dataset.train["caption"], np.random.default_rng(0)
    counts = (captions != "").sum(axis=1)

    @graph_function(reduce_retracing=True)
    def step(pixels: Tensor, rows: Tensor) -> Tensor:
        real = images.from_uint8(pixels)
        rows = rows[:, : tf.reduce_max(tf.math.count_nonzero(rows, axis=1))]
        return minimize(image_net, text_net, loss=lambda: joint_embedding_hinge_loss(image_net(real), text_net(rows)))

    for _ in track(range(STEPS), "training the image-text matcher"):
        chosen = random.choice(len(dataset), min(BATCH, len(dataset)), replace=False)
        texts = captions[chosen, random.integers(0, counts[chosen])]
        step(tf.constant(dataset.take(chosen)), tf.constant(vocabulary.rows(list(texts), MAX_WORDS)))
