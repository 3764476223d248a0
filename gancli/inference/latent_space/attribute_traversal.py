"""Traversal of the coordinates of z that correlate most with attributes or classes, and its figure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.core.names.similar import did_you_mean
from gancli.data import Dataset, subsets
from gancli.imaging import plots
from gancli.inference.image_classifier import ImageClassifier
from gancli.inference.latent_space import inversion, traversal
from gancli.inference.latent_space.traversal import Traversal
from gancli.models.capabilities import Encoder

if TYPE_CHECKING:
    from collections.abc import Callable

    from gancli.inference.trained_model import TrainedModel

ROWS = 8  # coordinates or seeds to show by default


@dataclass(frozen=True)
class TraverseOptions:
    """What to traverse; fields are named after the options of `gancli traverse`."""

    coordinate: tuple[int, ...] = ()
    code: str | None = None
    attribute: str | None = None
    seeds: list[int] | None = None
    steps: int = 9
    reach: float | None = None
    plane: bool = False
    grid_size: int = 20
    num_samples: int = 2000
    label: str | None = None

    def check(self) -> None:
        """Raise OptionError for options that contradict one another."""
        if self.attribute is not None and self.coordinate:
            raise OptionError("--of selects the coordinate, --coordinate names it: give one of them")
        if self.code is not None and (self.coordinate or self.attribute is not None or self.plane):
            raise OptionError(f"--code {self.code}: --coordinate, --of and --plane vary something else: give one")


class Correlations(NamedTuple):
    """Pearson's r of each coordinate with each attribute or class, float64 (z_size, names), and over what."""

    names: tuple[str, ...]
    r: np.ndarray
    over: str


class CoordinateTraversal(NamedTuple):
    """The figure as a PNG file, the reach, a record per coordinate, and what correlations were computed over."""

    figure: bytes
    reach: float
    coordinates: list[dict[str, object]]
    over: str

    def record(self) -> dict[str, object]:
        """All but the figure, for a result."""
        return {"reach": self.reach, "coordinates": self.coordinates, "r_over": self.over}


def plane(trained: TrainedModel, options: TraverseOptions) -> np.ndarray:
    """The images over a two-dimensional latent space, uint8 (grid_size², height, width, channels), in row order.

    Raises: OptionError for a latent space of another size.
    """
    label = _label(trained, options)
    if trained.outline.z_size != 2:
        raise OptionError(f"--plane needs a two-dimensional z, not {trained.outline.z_size}: train with --z-dim 2")
    return traversal.plane(trained.sampler, options.grid_size, label=label)


def traverse(
    trained: TrainedModel,
    options: TraverseOptions,
    *,
    classifier: Callable[[], ImageClassifier],
    dataset: Callable[[], Dataset],
) -> CoordinateTraversal:
    """Traverse coordinates, and measure how the attribute that correlates most with each changes.

    classifier: loads the classifier of the data's attributes or labels; dataset: loads the data. Raises: OptionError.
    """
    label = _label(trained, options)
    _need_attribute(trained, options.attribute, label)
    correlations = _correlate(trained, options.num_samples, label, classifier, dataset)
    chosen = _choose(correlations, options, trained)
    reach = options.reach or traversal.REACH[trained.model.prior]
    starts = trained.model.latents(
        options.seeds if options.seeds is not None else range(1 if len(chosen) > 1 else ROWS)
    )
    labels = None if label is None else np.full(len(starts), label, np.int32)
    judge = None if correlations is None else classifier()
    rows, records = [], []
    for at in chosen:
        images = traversal.along(trained.sampler, starts, at, steps=options.steps, reach=reach, labels=labels)
        record: dict[str, object] = {"coordinate": at}
        if correlations is not None:
            record |= _effect(trained, correlations, judge, at, reach, label)
        records.append(record)
        title = f"z {at}"
        if record.get("goes_with"):
            title += f"\n{record['goes_with']}\nr {record['r']:+.2f}"
        rows += [(title if not row else "", _cells(images, row, len(rows))) for row in range(len(starts))]
    return CoordinateTraversal(
        plots.rows_of_images(rows), reach, records, "" if correlations is None else correlations.over
    )


def _label(trained: TrainedModel, options: TraverseOptions) -> int | None:
    """The class of all images. Raises: OptionError for coordinates or classes that do not exist."""
    size = trained.outline.z_size
    if max(options.coordinate, default=0) >= size:
        raise OptionError(f"--coordinate {max(options.coordinate)}: z has coordinates 0 to {size - 1}")
    return trained.label_of(options.label)


def _names(trained: TrainedModel, label: int | None) -> tuple[str, ...]:
    """The attributes of the data, or their classes if images of all classes are traversed."""
    facts = trained.run.facts
    return facts.attributes or (facts.classes if label is None else ())


def _need_attribute(trained: TrainedModel, attribute: str | None, label: int | None) -> None:
    """Raise OptionError for an attribute or class that the data do not have."""
    names = _names(trained, label)
    if attribute is not None and attribute.casefold() not in [name.casefold() for name in names]:
        hint = did_you_mean(attribute, names)
        raise OptionError(f"'{trained.run.facts.name}' has no attribute or class '{attribute}'" + hint)


def _effect(
    trained: TrainedModel,
    correlations: Correlations,
    classifier: ImageClassifier,
    at: int,
    reach: float,
    label: int | None,
) -> dict[str, object]:
    best = int(np.abs(correlations.r[at]).argmax())
    effect = traversal.measure_effect(trained.sampler, classifier, at, best, reach=reach, label=label)
    record = {
        "goes_with": correlations.names[best],
        "r": float(correlations.r[at, best]),
        "moved_r": effect.r,
        "found": effect.shares,
    }
    record |= {"goes_with": None, "r": None} if not correlations.r[at, best] else {}  # 0: either is constant
    return record | ({"moved_r": None} if not effect.r else {})


def _correlate(
    trained: TrainedModel,
    count: int,
    label: int | None,
    classifier: Callable[[], ImageClassifier],
    dataset: Callable[[], Dataset],
) -> Correlations | None:
    """Correlations with attributes or classes; None for data with neither. Raises: DataError.

    For a model with an encoder, over z of real images and their labels; else over samples and their predicted labels.
    """
    facts, names = trained.run.facts, _names(trained, label)
    if not names:
        return None
    if not isinstance(trained.model, Encoder):
        z = trained.model.latents(range(count))
        labels = None if label is None else np.full(count, label, np.int32)
        probabilities = classifier().probabilities(trained.sampler.decode(z, labels))
        return Correlations(names, traversal.correlations(z, probabilities), f"{count:,} samples, as classified")
    data = dataset()
    validation = data.split()[1]
    rows = data.sample_rows(count, among=validation)
    if not len(rows):
        raise DataError(f"'{data.name}' is too small to compute r: it has no validation images")
    truth = data.train["attributes" if facts.attributes else "label"][:][rows]
    present = truth if facts.attributes else np.eye(len(names))[truth]
    labels = data.train["label"][:][rows] if trained.sampler.is_class_conditional else None
    z = inversion.encode(trained.model, data.take(rows), labels)
    which = subsets.describe(len(rows), len(validation), by_class="label" in data.train)
    return Correlations(names, traversal.correlations(z, present), f"z of {len(rows):,} real images ({which})")


def _choose(correlations: Correlations | None, options: TraverseOptions, trained: TrainedModel) -> list[int]:
    """The coordinates that were named, the one that correlates most with an attribute, or those that correlate most."""
    if options.attribute is not None:
        folded = [name.casefold() for name in correlations.names]
        return [int(np.abs(correlations.r[:, folded.index(options.attribute.casefold())]).argmax())]
    if options.coordinate or correlations is None:
        return list(options.coordinate) or list(range(min(ROWS, trained.model.z_size)))
    return np.argsort(-np.abs(correlations.r).max(axis=1), kind="stable")[:ROWS].tolist()


def _cells(images: Traversal, row: int, above: int) -> list[tuple[str, np.ndarray]]:
    """A row of images, with the values as titles of the first row."""
    return [
        ("" if above + row else f"{value:+.1f}", image)
        for value, image in zip(images.values, images.pixels[row], strict=True)
    ]
