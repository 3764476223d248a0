"""Mode coverage: how many modes of the data the samples of a run reach, and how evenly."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gancli import data
from gancli.core.backend import np, tf
from gancli.core.errors import DataError
from gancli.data import DataFacts, Dataset
from gancli.data.datasets import stacked_mnist
from gancli.evaluation import classifier, evaluation_set
from gancli.evaluation.evaluation_set import EvaluationSet, class_shares, no_note
from gancli.evaluation.metrics import modes
from gancli.evaluation.metrics.modes import Coverage
from gancli.inference.trained_model import TrainedModel
from gancli.models.capabilities import PointGenerator
from gancli.runs.run import Run

NUM_POINTS, NUM_IMAGES = 2500, 26_000  # sample sizes of the papers
MAX_COUNTS = 100  # modes whose counts are in the result
# modes, share of high-quality samples or "", reverse KL: of PacGAN's table 1, and of VEEGAN's and PacGAN's
PUBLISHED = {
    "ring8": {"GAN (PacGAN's)": ("6.3 ± 0.5", "98.2 %", "0.45"), "PacGAN2": ("7.9", "", "")},
    "grid25": {"GAN (PacGAN's)": ("17.3 ± 0.8", "94.8 %", "0.70"), "PacGAN2": ("23.8", "", "")},
    "stacked_mnist": {
        "DCGAN (VEEGAN's)": ("99", "", "3.40"),
        "DCGAN (PacGAN's)": ("78.9 ± 6.5", "", "4.50"),
        "VEEGAN": ("150", "", "2.95"),
        "PacDCGAN2": ("1000", "", "0.06"),
    },
}


def published(run: Run) -> dict[str, tuple[str, str, str]]:
    """Published scores on the data of a run, by method; empty for other data, or a file that has the same name."""
    source = run.config().data
    return PUBLISHED.get(source, {}) if data.is_named(source) else {}


@dataclass(frozen=True)
class ModeResult:
    """Coverage of the modes by `samples` samples, and what defines a mode: `recipe`."""

    coverage: Coverage
    samples: int
    recipe: dict[str, object]

    @property
    def reverse_kl(self) -> float | None:
        """KL(samples ‖ data) in nats; None where it is not finite."""
        value = self.coverage.reverse_kl
        return round(value, 6) if math.isfinite(value) else None

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        counts = self.coverage.counts
        return {
            "metric": "modes covered",
            "covered": self.coverage.covered,
            "modes": self.coverage.modes,
            "reverse_kl": self.reverse_kl,
            **self.recipe,
            "published_samples": NUM_POINTS if "high_quality" in self.recipe else NUM_IMAGES,
            **({"counts": counts.tolist()} if len(counts) <= MAX_COUNTS else {}),
        }


def score(
    trained: TrainedModel, dataset: Dataset, num_samples: int | None = None, *, note: Callable[[str], None] = no_note
) -> ModeResult:
    """Measure the mode coverage of a trained model, of the samples of the seeds from 0 on.

    num_samples: 2,500 points or 26,000 images by default. note: called if a classifier is trained. Raises: DataError,
    OptionError for data without labels.
    """
    check(trained.run.facts)
    if isinstance(trained.model, PointGenerator):
        return _score_points(trained, dataset, num_samples or NUM_POINTS)
    return score_images(evaluation_set.drawn(trained, dataset, num_samples or NUM_IMAGES), note=note)


def check(facts: DataFacts) -> None:
    """Raise OptionError for images, DataError for points, that a run was trained on without labels: the modes."""
    if "image" in facts.columns:
        classifier.need_labels(facts)
    elif "label" not in facts.columns:
        raise DataError(f"'{facts.name}' has no modes to count; ring8, grid25 and mixture have some")


def _score_points(trained: TrainedModel, dataset: Dataset, count: int) -> ModeResult:
    points = trained.model.decode(tf.constant(trained.model.latents(range(count)))).numpy()
    coverage = modes.of_points(points, np.asarray(dataset.items), dataset.train["label"])
    quality = {"high_quality": round(coverage.good, 6)}
    quality |= {"high_quality_is": f"within {modes.NEAR:g} deviations of a mode"}
    return ModeResult(coverage, count, quality)


def score_images(drawn: EvaluationSet, *, note: Callable[[str], None] = no_note) -> ModeResult:
    """Measure the mode coverage of samples of a model, with the classes as modes. Raises: OptionError for data without
    labels."""
    dataset = drawn.dataset
    classifier.need_labels(dataset)
    shares = {} if drawn.labels is None else class_shares(drawn.labels, dataset)
    classify = _classify_stacked if dataset.name == "stacked_mnist" else _classify
    predicted, recipe = classify(drawn.pixels, dataset, note)
    return ModeResult(modes.of_labels(predicted, dataset.class_counts()), len(drawn.pixels), recipe | shares)


def _classify(
    pixels: np.ndarray, dataset: Dataset, note: Callable[[str], None]
) -> tuple[np.ndarray, dict[str, object]]:
    model = classifier.for_dataset(dataset, note=note)
    return model.predict(pixels), {"classifier": model.recipe()}


def _classify_stacked(
    pixels: np.ndarray, dataset: Dataset, note: Callable[[str], None]
) -> tuple[np.ndarray, dict[str, object]]:
    """Each color channel as a digit, and the three digits as a class."""
    digits = data.load("mnist", data.Request(dataset.shape[0], "gray", str(Path(dataset.source).parent)))
    channels = [_classify(pixels[..., channel : channel + 1], digits, note) for channel in range(3)]
    return stacked_mnist.classes_of(np.stack([predicted for predicted, _ in channels], axis=1)), channels[0][1]
