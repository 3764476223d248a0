"""Samples of a class: requested from a class-conditional model, or selected among those of any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.inference.image_classifier import AuditedSelector
from gancli.inference.sample_stream import SampleBuffer, SampleOrder, SampleStream
from gancli.inference.sampling import filter_seeds, iter_rejection_samples
from gancli.nn.latents import Seeds

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

ROW, MAX_ROWS = 8, 100  # images of one class in a row of a grid; rows of a grid


def sample_label(trained: TrainedModel, label: int, seeds: Seeds) -> SampleStream:
    """Samples of these seeds, all of one class of a class-conditional model."""
    return trained.sampler.draw(SampleOrder.from_seeds(seeds, lambda places, _: np.full(len(places), label, np.int32)))


def class_rows(
    trained: TrainedModel, per_class: int | None, shape: tuple[int, int] | None
) -> tuple[SampleOrder, tuple[int, int]]:
    """Samples of every class: what to generate, and the grid with a row for each class, or for a hundred of them.

    per_class: images of each class; if not given, a row each. shape: rows and columns of the grid. Raises: OptionError
    for a grid with too few cells.
    """
    if per_class is not None:
        count = per_class * len(trained.run.facts.classes)
        if shape and shape[0] * shape[1] < count:
            raise OptionError(f"--grid {shape[0]}x{shape[1]} has fewer cells than there are images ({count:,})")
        order = trained.sampler.order_by_class(per_class)
    elif shape:
        order = trained.sampler.order_by_class(shape[1], rows=shape[0])
    else:
        order = trained.sampler.order_by_class(ROW, most=MAX_ROWS)
    columns = per_class or ROW
    return order, shape or (min(order.count // columns, MAX_ROWS), columns)


class SelectedSamples(NamedTuple):
    """Samples that match a query, and how many were generated to find them."""

    images: SampleStream
    num_generated: int


def select_samples(
    trained: TrainedModel, query: AttributeQuery, seeds: Seeds, selector: AuditedSelector, *, among: bool
) -> SelectedSamples:
    """Samples that match a query.

    among: keep those of the seeds that match; otherwise generate from seed 0 on until there are as many as seeds.
    Raises: CheckpointError or OptionError if too few match.
    """
    if among:
        batches = filter_seeds(trained.sampler, query, seeds, selector)
    else:
        batches = iter_rejection_samples(trained.sampler, query, len(seeds), selector)
    buffer = SampleBuffer(trained.run.facts.shape)
    num_generated = 0
    for batch in batches:
        num_generated += batch.count
        buffer.add(batch.seeds, batch.pixels)
    label = next(iter(query.wanted)) if query.kind == "label" else None
    return SelectedSamples(buffer.images(label), num_generated)
