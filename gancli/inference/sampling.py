"""Images from a run: decoded in batches of one fixed size, so that a seed gives the same picture in any company."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import CheckpointError, OptionError
from gancli.core.latents import Seeds
from gancli.data import subsets
from gancli.data.attribute_query import AttributeQuery
from gancli.imaging import images
from gancli.inference.image_classifier import ImageClassifier
from gancli.inference.sample_stream import Images, Order, Piece
from gancli.models.capabilities import Decoder, TextEncoder

BATCH = 64  # always: the bits of a product depend on the shape of the matrix
CONFIDENCE = 0.9  # the probability from which on an image counts as of a class
MOST_DRAWS = 500  # for each image wanted of a class


class Sampler:
    """Draws images of a model that can decode.

    Attributes: `model`; `takes_labels` and `takes_texts`, whether its decoder wants them; `conditions`, what it can be
    told, float32 (how many, numbers): one-hot rows of the classes, or the vectors of `texts`, at first those that the
    run remembers; None of a model that is told nothing.
    """

    def __init__(self, model: Decoder) -> None:
        self.model = model
        self.is_class_conditional, self.takes_texts = "label" in model.columns, isinstance(model, TextEncoder)
        self.texts: tuple[str, ...] = ()
        self.conditions: np.ndarray | None = None
        if self.is_class_conditional:
            self.conditions = np.eye(len(model.data.classes), dtype=np.float32)
        elif self.takes_texts:
            self._read = tf.function(model.read)
            self.tell(model.data.captions)
        signature = [tf.TensorSpec((BATCH, model.z_size), tf.float32)]
        if self.conditions is not None:
            signature.append(tf.TensorSpec((BATCH, self.conditions.shape[1]), tf.float32))
        self._decode = tf.function(model.decode, input_signature=signature)

    def tell(self, texts: Sequence[str]) -> None:
        """From now on the conditions are these texts."""
        self.texts = tuple(texts)
        self.conditions = in_batches(self._read, self.model.text_rows(self.texts))

    def decode(self, z: np.ndarray, condition: np.ndarray | None = None) -> np.ndarray:
        """float32 (count, z_size) -> uint8 (count, height, width, channels).

        condition: for a model that takes labels or texts, numbers of `conditions`, int (count,), or such rows or points
        between them, float (count, numbers); the first of all if not given.
        """
        columns = [z.astype(np.float32)]
        if self.conditions is not None:
            condition = np.zeros(len(z), np.int64) if condition is None else condition
            rows = self.conditions[condition] if condition.ndim == 1 else condition
            columns.append(rows.astype(np.float32))
        return in_batches(lambda *parts: images.to_uint8(np.asarray(self._decode(*parts))), *columns)

    def seeds(self, seeds: list[int], *, label: int | None = None) -> np.ndarray:
        """The images of these seeds, uint8 (seeds, height, width, channels).

        label: the number of the condition of all, 0 if not given, as `decode` does.
        """
        return self.decode(self.model.latents(seeds), np.full(len(seeds), label or 0, np.int32))

    def cycle_labels(self, seeds: Sequence[int]) -> np.ndarray | None:
        """Every class or text in turn, seed by seed, int32 (seeds,); None for models that are told nothing."""
        if self.conditions is None:
            return None
        return (np.array(seeds, np.int64) % len(self.conditions)).astype(np.int32)

    def labels_by_share(self, seeds: Sequence[int], counts: np.ndarray) -> np.ndarray | None:
        """The classes of these seeds, int32 (seeds,), in the shares that `counts` has; for the rest as labels_in_turn.

        counts: int (classes,), the data's images of each class. A class without images is never drawn. Texts come in
        turn.
        """
        return subsets.in_shares(counts, np.array(seeds)) if self.is_class_conditional else self.cycle_labels(seeds)

    def sample_all_classes(self, seeds: Sequence[int], *, counts: np.ndarray | None = None) -> np.ndarray:
        """The images of these seeds, of every class or text in turn where the model is told some.

        counts: int (classes,), of `labels_by_share`: the classes come in these shares.
        """
        labels = self.cycle_labels(seeds) if counts is None else self.labels_by_share(seeds, counts)
        return self.decode(self.model.latents(seeds), labels)

    def draw(self, order: Order) -> Images:
        """The images of an order, drawn as they are read."""

        def pieces() -> Iterator[Piece]:
            for seeds, labels in order.pieces():
                yield Piece(seeds, labels, self.decode(self.model.latents(seeds.tolist()), labels))

        return Images(order, tuple(self.model.data.shape), pieces)

    def in_turn(self, seeds: Seeds) -> Order:
        """These seeds, with labels as labels_in_turn gives them."""
        told = None if self.conditions is None else lambda places, seeds: self.cycle_labels(seeds)
        return Order.of(seeds, told)

    def by_class(
        self, per_class: int, *, rows: int | None = None, most: int | None = None, counts: np.ndarray | None = None
    ) -> Order:
        """A row of `per_class` images for each class or text, the seeds 0, 1, … in each row: a column shares its z.

        For a model that is told some. rows: how many, if not one for each class; beyond the classes they begin again,
        with further seeds. most: classes, spread over all, where there are more. counts: int (classes,), the data's
        images of each class; classes without any get no row.
        """
        count = len(self.conditions)
        if rows is None:
            known = np.flatnonzero(counts) if counts is not None and self.is_class_conditional else np.arange(count)
            places = np.linspace(0, len(known) - 1, min(len(known), most or len(known))).round().astype(np.int32)
            classes = known[places].astype(np.int32)
            first = np.zeros(len(classes), int)
        else:
            classes, first = np.arange(rows, dtype=np.int32) % count, np.arange(rows) // count * per_class
        return Order(
            per_class * len(classes),
            lambda places: first[places // per_class] + places % per_class,
            lambda places, _: classes[places // per_class],
        )

    def filter_by(self, concept: AttributeQuery, seeds: Iterable[int], chooser: Chooser) -> Iterator[Samples]:
        """Draw the seeds in order, 64 at a time, and keep those whose images show the concept, as the chooser says."""
        seeds = iter(seeds)
        while group := list(itertools.islice(seeds, BATCH)):
            pixels = self.seeds(group)
            kept = chooser.shows(concept, pixels)
            yield Samples(
                len(group), [seed for seed, is_kept in zip(group, kept, strict=True) if is_kept], pixels[kept]
            )


class Chooser(Protocol):
    """What says which images show a concept."""

    def shows(self, concept: AttributeQuery, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> bool (count,)."""


@dataclass(frozen=True)
class Sure:
    """A chooser: one classifier that is 90 % sure. gancli.evaluation.class_selection has one whose errors are known."""

    classifier: ImageClassifier

    def shows(self, concept: AttributeQuery, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> bool (count,)."""
        return concept.matches(self.classifier.look(pixels)[1], confidence=CONFIDENCE)


def in_batches(function: Callable[..., Tensor], *columns: np.ndarray) -> np.ndarray:
    """What a function makes of columns of one length, always 64 rows at a time; the last are filled up with zeros."""
    made = []
    for start in range(0, len(columns[0]), BATCH):
        parts = [column[start : start + BATCH] for column in columns]
        count = len(parts[0])
        padded = [np.concatenate([part, np.zeros((BATCH - count, *part.shape[1:]), part.dtype)]) for part in parts]
        made.append(np.asarray(function(*padded)[:count]))
    return np.concatenate(made)


def read(model: TextEncoder, texts: Sequence[str]) -> np.ndarray:
    """The vectors of texts, float32 (texts, text_size)."""
    return in_batches(tf.function(model.read), model.text_rows(list(texts)))


class Samples(NamedTuple):
    """Of a number of images drawn: the seeds that were kept, and their images."""

    count: int
    seeds: list[int]
    pixels: np.ndarray


def filter_seeds(
    sampler: Sampler, concept: AttributeQuery, seeds: Sequence[int] | Seeds, chooser: Chooser
) -> Iterator[Samples]:
    """Those of the seeds whose images show the concept, 64 at a time. Raises: OptionError if there are none."""
    is_any = False
    for batch in sampler.filter_by(concept, seeds, chooser):
        is_any |= bool(batch.seeds)
        yield batch
    if not is_any:
        raise OptionError(
            f"none of the {len(seeds)} seeds gives an image that is read as '{concept.text}'; give --count instead"
        )


def iter_rejection_samples(
    sampler: Sampler, concept: AttributeQuery, count: int, chooser: Chooser, *, start: int = 0
) -> Iterator[Samples]:
    """Draw the seeds start, start + 1, … until `count` images show the concept, 64 at a time.

    Raises: CheckpointError if it is so rare that 500 times as many draws did not suffice.
    """
    drawn = kept = 0
    for batch in sampler.filter_by(concept, itertools.count(start), chooser):
        if kept + len(batch.seeds) >= count:
            left = count - kept
            yield Samples(batch.seeds[left - 1] - start + 1 - drawn, batch.seeds[:left], batch.pixels[:left])
            return
        drawn += batch.count
        kept += len(batch.seeds)
        yield batch
        if drawn >= MOST_DRAWS * count:
            break
    raise CheckpointError(
        f"of {drawn:,} images {kept} were read as '{concept.text}', {count} were wanted: "
        "this run hardly makes any; train longer"
    )


def rejection_sample(
    sampler: Sampler, concept: AttributeQuery, count: int, chooser: Chooser, *, start: int = 0
) -> Samples:
    """The same at once, for few. Raises: as until_showing."""
    batches = list(iter_rejection_samples(sampler, concept, count, chooser, start=start))
    seeds = [seed for batch in batches for seed in batch.seeds]
    return Samples(sum(batch.count for batch in batches), seeds, np.concatenate([batch.pixels for batch in batches]))
