"""Sampling from a generator in batches of one fixed size, so that a seed always gives the same image."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gancli.core.backend import Tensor, graph_function, np, tf
from gancli.core.errors import CheckpointError, OptionError
from gancli.core.progress import counting, track
from gancli.data import subsets
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.imaging import images
from gancli.inference.image_classifier import ImageClassifier, ImageSelector
from gancli.inference.sample_stream import SampleBatch, SampleOrder, SampleStream
from gancli.models.capabilities import Decoder, TextEncoder
from gancli.nn.latents import Seeds

BATCH = 64  # always: the bits of a product depend on the shape of the matrix
CONFIDENCE = 0.9  # minimum probability for an image to count as of a class
MAX_TRIES = 500  # samples generated per selected one
GENERATING = "generating images"


class Sampler:
    """Generates images from latent vectors or seeds.

    Attributes: `model`; `is_class_conditional` and `takes_texts`, whether its decoder takes labels or texts;
    `conditions`, float32 (count, size): one-hot rows of the classes, or the vectors of `texts`, initially captions of
    the training data; None for an unconditional model; `signature`, of a batch of z and condition.
    """

    def __init__(self, model: Decoder) -> None:
        self.model = model
        self.is_class_conditional, self.takes_texts = "label" in model.columns, isinstance(model, TextEncoder)
        self.texts: tuple[str, ...] = ()
        self.conditions: np.ndarray | None = None
        if self.is_class_conditional:
            self.conditions = np.eye(len(model.data.classes), dtype=np.float32)
        elif self.takes_texts:
            self._encode_texts = graph_function(model.read)
            self.set_texts(model.data.captions)
        self.signature = [tf.TensorSpec((BATCH, model.z_size), tf.float32)]
        if self.conditions is not None:
            self.signature.append(tf.TensorSpec((BATCH, self.conditions.shape[1]), tf.float32))
        self._decode = graph_function(model.decode, input_signature=self.signature)

    def set_texts(self, texts: Sequence[str]) -> None:
        """Encode texts, one or more, and use them as the conditions of all further samples."""
        self.texts = tuple(texts)
        self.conditions = in_batches(self._encode_texts, self.model.text_rows(self.texts))

    def decode(self, z: np.ndarray, condition: np.ndarray | None = None) -> np.ndarray:
        """float32 (count, z_size) -> uint8 (count, height, width, channels).

        condition: for a conditional model, indices of `conditions`, int (count,), or rows like them or between them,
        float (count, size); the first condition if not given.
        """
        columns = self.columns(z, condition)
        return in_batches(lambda *parts: images.to_uint8(np.asarray(self._generate(*parts))), *columns, what=GENERATING)

    def columns(self, z: np.ndarray, condition: np.ndarray | None = None) -> list[np.ndarray]:
        """The inputs of the model, float32: z, and the rows of the conditions for a conditional one. See `decode`."""
        if self.conditions is None:
            return [z.astype(np.float32)]
        condition = np.zeros(len(z), np.int64) if condition is None else condition
        rows = self.conditions[condition] if condition.ndim == 1 else condition
        return [z.astype(np.float32), rows.astype(np.float32)]

    def _generate(self, *parts: np.ndarray) -> Tensor:
        """The images of a batch of `columns`, float32 (64, height, width, channels) in [-1, 1]."""
        return self._decode(*parts)

    def seeds(self, seeds: list[int], *, label: int | None = None) -> np.ndarray:
        """The images of these seeds, uint8 (seeds, height, width, channels).

        label: index of the condition of all, 0 if not given.
        """
        return self.decode(self.model.latents(seeds), np.full(len(seeds), label or 0, np.int32))

    def cycle_labels(self, seeds: Sequence[int]) -> np.ndarray | None:
        """Every class or text in turn, by seed, int32 (seeds,); None for an unconditional model."""
        if self.conditions is None:
            return None
        return (np.array(seeds, np.int64) % len(self.conditions)).astype(np.int32)

    def labels_by_share(self, seeds: Sequence[int], counts: np.ndarray) -> np.ndarray | None:
        """Classes for these seeds, int32 (seeds,), in the proportions of `counts`; texts as `cycle_labels` does.

        counts: int (classes,), the number of training images per class. A class without images is never sampled.
        """
        return subsets.in_shares(counts, np.array(seeds)) if self.is_class_conditional else self.cycle_labels(seeds)

    def sample_all_classes(self, seeds: Sequence[int], *, counts: np.ndarray | None = None) -> np.ndarray:
        """The images of these seeds, of every class or text in turn for a conditional model.

        counts: int (classes,), to sample the classes in these proportions, see `labels_by_share`.
        """
        labels = self.cycle_labels(seeds) if counts is None else self.labels_by_share(seeds, counts)
        return self.decode(self.model.latents(seeds), labels)

    def draw(self, order: SampleOrder) -> SampleStream:
        """The images of an order, generated when they are read."""

        def batches() -> Iterator[SampleBatch]:
            done = 0
            with counting(GENERATING, len(order)) as advance:
                for seeds, labels in order.batches():
                    parts = []
                    for part in (slice(start, start + BATCH) for start in range(0, len(seeds), BATCH)):
                        z = self.model.latents(seeds[part].tolist())
                        parts.append(self.decode(z, None if labels is None else labels[part]))
                        done += len(z)
                        advance(done)
                    yield SampleBatch(seeds, labels, np.concatenate(parts))

        return SampleStream(order, tuple(self.model.data.shape), batches)

    def order_by_seed(self, seeds: Seeds) -> SampleOrder:
        """These seeds, with labels as `cycle_labels` gives them."""
        labels = None if self.conditions is None else lambda places, seeds: self.cycle_labels(seeds)
        return SampleOrder.from_seeds(seeds, labels)

    def order_by_class(
        self, per_class: int, *, rows: int | None = None, most: int | None = None, counts: np.ndarray | None = None
    ) -> SampleOrder:
        """One row of `per_class` images per class or text, with seeds 0, 1, … in each row: a column shares its z.

        For a conditional model. rows: number of rows, one per class if not given; more rows than classes repeat the
        classes with further seeds. most: maximum number of classes, evenly spaced. counts: int (classes,), training
        images per class; classes without images get no row.
        """
        count = len(self.conditions)
        if rows is None:
            known = np.flatnonzero(counts) if counts is not None and self.is_class_conditional else np.arange(count)
            places = np.linspace(0, len(known) - 1, min(len(known), most or len(known))).round().astype(np.int32)
            classes = known[places].astype(np.int32)
            first = np.zeros(len(classes), int)
        else:
            classes, first = np.arange(rows, dtype=np.int32) % count, np.arange(rows) // count * per_class
        return SampleOrder(
            per_class * len(classes),
            lambda places: first[places // per_class] + places % per_class,
            lambda places, _: classes[places // per_class],
        )

    def filter_by(self, query: AttributeQuery, seeds: Iterable[int], selector: ImageSelector) -> Iterator[Samples]:
        """Sample the seeds in order, 64 at a time, and keep the images that the selector accepts for the query."""
        seeds = iter(seeds)
        while group := list(itertools.islice(seeds, BATCH)):
            pixels = self.seeds(group)
            kept = selector.matches(query, pixels)
            yield Samples(
                len(group), [seed for seed, is_kept in zip(group, kept, strict=True) if is_kept], pixels[kept]
            )


@dataclass(frozen=True)
class ConfidenceSelector:
    """Selects by one classifier's probability, at least 0.9; evaluation.class_selection has one of known error rate."""

    classifier: ImageClassifier

    def matches(self, query: AttributeQuery, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> bool (count,)."""
        return query.matches(self.classifier.probabilities(pixels), confidence=CONFIDENCE)


def in_batches(
    function: Callable[..., Tensor], *columns: np.ndarray, what: str = "computing in batches of 64"
) -> np.ndarray:
    """Apply a function to columns of equal length in batches of 64 rows; the last batch is padded with zeros.

    columns: arrays (count, …). what: the name of the work, for its progress. Returns: an array (count, …) of what the
    function returns for each row.
    """
    results = []
    for start in track(range(0, len(columns[0]), BATCH), what):
        parts = [column[start : start + BATCH] for column in columns]
        count = len(parts[0])
        padded = [np.concatenate([part, np.zeros((BATCH - count, *part.shape[1:]), part.dtype)]) for part in parts]
        results.append(np.asarray(function(*padded)[:count]))
    return np.concatenate(results)


def encode_texts(model: TextEncoder, texts: Sequence[str]) -> np.ndarray:
    """The vectors of texts, float32 (texts, text_size)."""
    return in_batches(graph_function(model.read), model.text_rows(list(texts)))


class Samples(NamedTuple):
    """Of `count` images generated, those that match: their seeds, and pixels uint8 (seeds, height, width, channels)."""

    count: int
    seeds: list[int]
    pixels: np.ndarray


def filter_seeds(
    sampler: Sampler, query: AttributeQuery, seeds: Sequence[int] | Seeds, selector: ImageSelector
) -> Iterator[Samples]:
    """The seeds whose images match the query, 64 at a time. Raises: OptionError if there are none."""
    is_any, groups = False, -(-len(seeds) // BATCH)
    for batch in track(sampler.filter_by(query, seeds, selector), f"selecting '{query.text}'", total=groups):
        is_any |= bool(batch.seeds)
        yield batch
    if not is_any:
        raise OptionError(
            f"none of the {len(seeds)} seeds gives an image recognized as '{query.text}'; use --num-samples instead"
        )


def iter_rejection_samples(
    sampler: Sampler, query: AttributeQuery, count: int, selector: ImageSelector, *, start: int = 0
) -> Iterator[Samples]:
    """Sample the seeds start, start + 1, … until `count` images match the query, 64 at a time.

    Raises: CheckpointError if 500 times as many samples contain too few.
    """
    generated = kept = 0
    with counting(f"finding '{query.text}'", count) as advance:
        for batch in sampler.filter_by(query, itertools.count(start), selector):
            if kept + len(batch.seeds) >= count:
                left = count - kept
                yield Samples(batch.seeds[left - 1] - start + 1 - generated, batch.seeds[:left], batch.pixels[:left])
                return
            generated += batch.count
            kept += len(batch.seeds)
            advance(kept)
            yield batch
            if generated >= MAX_TRIES * count:
                break
    raise CheckpointError(
        f"only {kept} of {generated:,} images were recognized as '{query.text}', but {count} are needed: "
        "this run rarely generates it; train longer"
    )


def rejection_sample(
    sampler: Sampler, query: AttributeQuery, count: int, selector: ImageSelector, *, start: int = 0
) -> Samples:
    """All samples of `iter_rejection_samples` in memory, as one. Raises: CheckpointError."""
    batches = list(iter_rejection_samples(sampler, query, count, selector, start=start))
    seeds = [seed for batch in batches for seed in batch.seeds]
    return Samples(sum(batch.count for batch in batches), seeds, np.concatenate([batch.pixels for batch in batches]))
