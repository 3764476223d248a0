"""Parzen window log-likelihood of test images under samples: the protocol of Goodfellow et al. 2014."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gancli.core.errors import DataError
from gancli.data import Dataset
from gancli.evaluation.evaluation_set import EvaluationSet
from gancli.evaluation.metrics import parzen
from gancli.evaluation.metrics.parzen import Parzen
from gancli.imaging import images

PUBLISHED = {  # Goodfellow et al. 2014, table 1: MNIST, TFD
    "DBN": ("138 ± 2", "1909 ± 66"),
    "Stacked CAE": ("121 ± 1.6", "2110 ± 50"),
    "Deep GSN": ("214 ± 1.1", "1890 ± 29"),
    "Adversarial nets": ("225 ± 2", "2057 ± 26"),
}
PUBLISHED_COLUMNS = {("mnist", (28, 28, 1)): 0, ("tfd", (48, 48, 1)): 1}  # of these, by name and shape of the data
CENTROIDS = 257  # nats of 500 k-means centroids of MNIST's training images (experiments/honest_scores)


def published(dataset: Dataset) -> dict[str, str]:
    """Published scores on these data, by method; empty for other data or another size, whose scores differ in scale."""
    column = PUBLISHED_COLUMNS.get((dataset.name.casefold(), dataset.shape))
    return {} if column is None else {row: scores[column] for row, scores in PUBLISHED.items()}


def caveat(dataset: Dataset) -> str:
    """What the score does not measure, with an example on the data of the paper."""
    is_mnist = PUBLISHED_COLUMNS.get((dataset.name.casefold(), dataset.shape)) == 0
    example = f": 500 k-means centroids of MNIST score {CENTROIDS}, more than the published GAN" if is_mnist else ""
    return f"Not a measure of image quality{example}."


@dataclass(frozen=True)
class ParzenResult:
    """The log-likelihood of test images, and how it was measured.

    reference: the test images in words; error: how the standard error is computed. validation_images: how many of the
    training set sigma was chosen on, None with `folds`. validation_was: whether the run was trained on them.
    """

    parzen: Parzen
    reference: str
    test_images: int
    validation_images: int | None
    folds: int | None
    error: str
    validation_was: str

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        counts = {"validation_images": self.validation_images, "folds": self.folds}
        return {
            "metric": "Parzen window log-likelihood, nats",
            "mean": self.parzen.mean,
            "standard_error": self.parzen.standard_error,
            "sigma": list(self.parzen.sigmas),
            "reference": self.reference,
            "test_images": self.test_images,
            **{name: count for name, count in counts.items() if count is not None},
            "error": self.error,
            "validation_was": self.validation_was,
            "validation_curve": {f"{sigma:.6g}": mean for sigma, mean in self.parzen.curve.items()},
        }

    def warnings(self) -> list[str]:
        """A warning if the best sigma lies at the edge of the extended grid."""
        if not self.parzen.at_edge:
            return []
        curve = self.parzen.curve
        return [
            f"the best sigma lies at the edge of the grid ({min(curve):g} to {max(curve):g}, already extended): do the "
            "samples contain the validation images themselves?"
        ]


def score(
    evaluated: EvaluationSet, *, sigmas: Sequence[float] | None = None, validation: int = 1000, folds: int = 5
) -> ParzenResult:
    """Score samples by Parzen windows, on the test split or, for data without one, on folds of the validation images.

    sigmas: widths to choose from, logspace(-1, 0, 10) by default. validation: images to choose sigma on.
    Raises: DataError for too few images.
    """
    widths = sigmas or parzen.SIGMAS
    if "image" in evaluated.dataset.test:
        return _score_split(evaluated, validation, widths)
    return _score_folds(evaluated, validation, folds, widths)


def _score_split(evaluated: EvaluationSet, validation: int, widths: Sequence[float]) -> ParzenResult:
    dataset, rows = evaluated.dataset, evaluated.dataset.split()[1]
    if not len(rows):
        raise DataError(
            f"'{dataset.name}' has {len(dataset)} training images, too few to hold out a fifth for choosing sigma"
        )
    # the first rows of MNIST are the authors' own; split() returns rows in mixed order, so they are of all classes
    tuning, test = images.flat(dataset.take(rows[:validation])), images.flat(dataset.test["image"])
    scores = parzen.score(images.flat(evaluated.pixels), tuning, test, sigmas=widths)
    error = "standard deviation / sqrt(test images)"
    return ParzenResult(scores, "test split", len(test), len(tuning), None, error, _validation_was(evaluated))


def _score_folds(evaluated: EvaluationSet, validation: int, folds: int, widths: Sequence[float]) -> ParzenResult:
    dataset, rows = evaluated.dataset, evaluated.dataset.split()[1]
    if len(rows) < 2 * folds:
        raise DataError(
            f"'{dataset.name}' has no test split, and a fifth of it, {len(rows)} images, is too small for "
            f"{folds} folds: give --folds {max(2, len(rows) // 2)} or more data"
        )
    test = images.flat(dataset.take(rows))
    scores = parzen.score_folds(images.flat(evaluated.pixels), test, folds=folds, validation=validation, sigmas=widths)
    reference, error = f"{folds} folds of the validation images", "standard deviation over the folds / sqrt(folds)"
    return ParzenResult(scores, reference, len(test), None, folds, error, _validation_was(evaluated))


def _validation_was(evaluated: EvaluationSet) -> str:
    if evaluated.run is None:
        return "possibly used for training: gancli did not generate these samples"
    if evaluated.held_out_validation():
        return "held out of the training"
    return "used for training too (gancli train --hold-out excludes them)"
