"""Memorization: samples beside the training images that are nearest to them, and a ratio of distances.

The picture is figure 2 of Goodfellow et al. 2014: each row has five samples that were not selected, and the training
image that is nearest to the last of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.evaluation.evaluation_set import EvaluationSet
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.metrics import neighbors
from gancli.imaging import images

SAMPLES_IN_ROW = 5


@dataclass(frozen=True)
class DistanceRatio:
    """Mean distance to the nearest training image over that to the nearest of `count` unseen images (`reference`).

    ratio: of the samples; real_ratio: of other unseen images, the value without memorization. None where the samples,
    or those images, are copies of the unseen images.
    """

    reference: str
    count: int
    ratio: float | None
    real_ratio: float | None


@dataclass(frozen=True)
class MemorizationResult:
    """Distances of samples to training images. pairs: numbers of a sample and of its nearest training image, one for
    each row of `figure`, uint8 (height, width, channels). unseen: None without unseen images."""

    extractor: FeatureExtractor
    training_images: int
    mean_distance: float
    unseen: DistanceRatio | None
    pairs: list[tuple[int, int]]
    figure: np.ndarray

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        result = {
            "metric": f"distance to the nearest training image, {self.extractor.name}",
            "features": {"name": self.extractor.name} | self.extractor.recipe,
            "training_images": self.training_images,
            "mean_distance": self.mean_distance,
        }
        if self.unseen is None:
            result |= {"ratio": None, "real_ratio": None}
        else:
            result |= {"reference": self.unseen.reference, "reference_images": self.unseen.count}
            result |= {"ratio": self.unseen.ratio, "real_ratio": self.unseen.real_ratio}
        return result | {"shown": [{"sample": sample, "training_image": row} for sample, row in self.pairs]}


def score(evaluated: EvaluationSet, extractor: FeatureExtractor, *, rows: int = 4) -> MemorizationResult:
    """Find the nearest training images of samples, by the L2 distance of their features.

    rows: of the figure. Raises: DataError for fewer than five samples.
    """
    if len(evaluated.pixels) < SAMPLES_IN_ROW:
        raise DataError(f"{len(evaluated.pixels)} samples do not fill a row: at least {SAMPLES_IN_ROW} are needed")
    train = evaluated.dataset.take(evaluated.training_rows())
    samples = extractor.extract(evaluated.pixels)[0]
    train_features = extractor.extract(train)[0]
    mean = float(neighbors.nearest(samples, train_features)[1].mean())
    unseen = _compare_with_unseen(evaluated, extractor, samples, train_features, mean)
    last = range(SAMPLES_IN_ROW - 1, min(rows * SAMPLES_IN_ROW, len(samples)), SAMPLES_IN_ROW)
    nearest, _ = neighbors.nearest(samples[last], train_features)
    pairs = [(int(sample), int(row)) for sample, row in zip(last, nearest, strict=True)]
    figure = _figure(evaluated.pixels, train[nearest])
    return MemorizationResult(extractor, len(train), mean, unseen, pairs, figure)


def _compare_with_unseen(
    evaluated: EvaluationSet, extractor: FeatureExtractor, samples: np.ndarray, train: np.ndarray, to_train: float
) -> DistanceRatio | None:
    """One half of the unseen images is the reference, the other shows the ratio without memorization. to_train: the
    mean distance from the samples to the nearest training images."""
    unseen = evaluated.unseen_images()
    if unseen is None:
        return None
    features = extractor.extract(unseen.pixels)[0]
    other, reference = features[::2], features[1::2]
    ratio = neighbors.memorization(samples, train, reference, to_train=to_train)
    real_ratio = neighbors.memorization(other, train, reference)
    return DistanceRatio(unseen.name, len(reference), ratio, real_ratio)


def _figure(samples: np.ndarray, nearest: np.ndarray) -> np.ndarray:
    parts = []
    for row, real in enumerate(nearest):
        parts += [*samples[row * SAMPLES_IN_ROW : (row + 1) * SAMPLES_IN_ROW], real]
    return images.grid(np.stack(parts), shape=(len(nearest), SAMPLES_IN_ROW + 1))
