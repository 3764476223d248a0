"""Traversal of the codes in z, its figure, and how well the categorical code separates the classes of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import graph_function, np
from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.imaging import images, plots
from gancli.inference.sampling import in_batches
from gancli.models.capabilities import CodedLatent, LatentCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from gancli.data import Dataset
    from gancli.inference.image_classifier import ImageClassifier
    from gancli.inference.latent_space.attribute_traversal import TraverseOptions
    from gancli.inference.trained_model import TrainedModel

REACH = 2.0  # of continuous codes, which are from U(-1, 1): Chen et al. 2016, figure 2
MOST_ROWS, ROWS_OF_ALL = 10, 5  # of one code, and of each of several


class Matching(NamedTuple):
    """The one-to-one matching of categories with classes that most images agree with.

    classes: of each category, int (categories,), -1 for none. accuracy: share of images whose category matches their
    class.
    """

    classes: np.ndarray
    accuracy: float


class CodeTraversal(NamedTuple):
    """The figure as a PNG file; a record per code, with the values shown; and scores of the categorical code."""

    figure: bytes
    codes: list[dict[str, object]]
    scores: dict[str, object]

    def record(self) -> dict[str, object]:
        """All but the figure, for a result."""
        return {"codes": self.codes} | self.scores


def applies(trained: TrainedModel, options: TraverseOptions) -> bool:
    """Whether codes are traversed: the model has some, and no coordinate, attribute or plane is asked for."""
    asked = options.coordinate or options.attribute is not None or options.plane
    return options.code is not None or (isinstance(trained.outline, CodedLatent) and not asked)


def chosen_codes(trained: TrainedModel, options: TraverseOptions) -> tuple[LatentCode, ...]:
    """The code of --code, or all of them. Raises: OptionError for a model without codes, or an unknown one."""
    codes = CodedLatent.of(trained.outline).codes
    if options.code is None:
        return codes
    names = [code.name for code in codes]
    if options.code.casefold() not in names:
        hint = did_you_mean(options.code, names)
        raise OptionError(f"--code {options.code}: the codes of this run are {', '.join(names)}" + hint)
    return (codes[names.index(options.code.casefold())],)


def traverse(
    trained: TrainedModel,
    options: TraverseOptions,
    *,
    classifier: Callable[[], ImageClassifier],
    dataset: Callable[[], Dataset],
) -> CodeTraversal:
    """Vary each code while all else in z is fixed, and score the categorical code if the data have labels.

    classifier: loads the classifier of the data's labels; dataset: loads the data. Raises: OptionError.
    """
    codes = chosen_codes(trained, options)
    rows: list[tuple[str, list[tuple[str, np.ndarray] | None]]] = []
    records: list[dict[str, object]] = []
    for code in codes:
        z, values = _grid(trained, options, code, MOST_ROWS if len(codes) == 1 else ROWS_OF_ALL)
        pixels = trained.sampler.decode(z.reshape(-1, z.shape[-1])).reshape(*z.shape[:2], *trained.model.data.shape)
        for number, line in enumerate(pixels):
            titles = [f"{value:+.1f}" if code.size == 1 else f"{value:g}" for value in values]
            cells = [("" if number else title, image) for title, image in zip(titles, line, strict=True)]
            rows.append(("" if number else code.name, cells))
        records.append({"code": code.name, "values": values.tolist()})
    facts = trained.run.facts
    is_labeled = bool(facts.classes) and not facts.attributes
    scores = _scores(trained, options.num_samples, classifier, dataset) if is_labeled else {}
    return CodeTraversal(plots.rows_of_images(rows), records, scores)


def vary(starts: np.ndarray, code: LatentCode, values: np.ndarray) -> np.ndarray:
    """Latent vectors float32 (rows, values, z_size): in each row the code has all values, and all else is fixed.

    starts: float32 (rows, z_size). values: float (count,), numbers, or indices of categories.
    """
    z = np.repeat(starts[:, None], len(values), axis=1)
    part = values[:, None] if code.size == 1 else np.eye(code.size)[values.astype(int)]
    z[:, :, code.start : code.start + code.size] = part
    return z


def best_matching(categories: np.ndarray, labels: np.ndarray, sizes: tuple[int, int]) -> Matching:
    """Match categories with classes, each with one at most, so that most images agree (Chen et al. 2016, section 7.2).

    categories, labels: int (count,), of each image. sizes: numbers of categories and of classes.
    """
    from scipy.optimize import linear_sum_assignment

    counts = np.zeros(sizes, np.int64)
    np.add.at(counts, (categories, labels), 1)
    which, matched = linear_sum_assignment(counts, maximize=True)
    classes = np.full(sizes[0], -1)
    classes[which] = matched
    return Matching(classes, float(counts[which, matched].sum() / max(len(labels), 1)))


def _grid(
    trained: TrainedModel, options: TraverseOptions, code: LatentCode, most: int
) -> tuple[np.ndarray, np.ndarray]:
    """Latent vectors (rows, values, z_size) and the values: rows are seeds, or categories for a continuous code."""
    category = CodedLatent.of(trained.model).codes[0]
    seeds = options.seeds if options.seeds is not None else list(range(most))
    if code == category:
        values = np.arange(min(code.size, max(options.steps, MOST_ROWS)))
        return vary(trained.model.latents(seeds), code, values), values
    reach = options.reach or REACH
    values = np.linspace(-reach, reach, options.steps)
    if options.seeds is not None:
        return vary(trained.model.latents(seeds), code, values), values
    starts = vary(trained.model.latents([0]), category, np.arange(min(category.size, most)))[0]
    return vary(starts, code, values), values


def _scores(
    trained: TrainedModel, count: int, classifier: Callable[[], ImageClassifier], dataset: Callable[[], Dataset]
) -> dict[str, object]:
    """Accuracy of the best matching over samples, as classified, and over real images, whose category Q estimates."""
    model, names = CodedLatent.of(trained.model), trained.run.facts.classes
    category, z = model.codes[0], model.latents(range(count))
    drawn = z[:, category.start : category.start + category.size].argmax(axis=1)
    sizes = (category.size, len(names))
    of_samples = best_matching(drawn, classifier().predict(trained.sampler.decode(z)), sizes)
    pixels, labels = _real_images(dataset(), count)
    of_real = best_matching(recognized(model, pixels), labels, sizes) if len(pixels) else None
    return {
        "classes": [names[number] if number >= 0 else None for number in of_samples.classes],
        "sample_accuracy": of_samples.accuracy,
        "samples": count,
        "real_accuracy": of_real.accuracy if of_real else None,
        "real_images": len(pixels),
    }


def recognized(model: CodedLatent, pixels: np.ndarray) -> np.ndarray:
    """The most probable category of images uint8 (count, height, width, channels), int (count,)."""
    recognize = graph_function(lambda batch: model.recognize(images.from_uint8(batch)))
    return in_batches(recognize, pixels, what="recognizing categories").argmax(axis=1)


def _real_images(data: Dataset, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Up to `count` test images, or validation images, with their labels."""
    part = data.test if {"image", "label"} <= data.test.keys() else data.train
    rows = data.sample_rows(count, part=part, among=None if part is data.test else data.split()[1])
    return part["image"][:][rows], part["label"][:][rows]
