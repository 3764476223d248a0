"""Diversity of samples: MS-SSIM of pairs of images, and the share of near-duplicates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gancli.core.backend import np
from gancli.evaluation import classifier
from gancli.evaluation.classifier import Classifier
from gancli.evaluation.evaluation_set import EvaluationSet, ImageSubset, no_note
from gancli.evaluation.metrics import ms_ssim, neighbors
from gancli.imaging import images

SEED = 0  # of the choice of pairs
OVERALL_FACTOR = 10  # pairs over all classes, for each pair within a class


@dataclass(frozen=True)
class DiversityResult:
    """MS-SSIM of pairs, {"mean", "deviation"}, of samples and of real images; and near-duplicates of both.

    levels: scales of the MS-SSIM. by_class, real_by_class: means over `pairs` within a class, None for a class with
    fewer than two images; empty for data without labels.
    """

    levels: int
    pairs: int
    overall: Mapping[str, float]
    real_overall: Mapping[str, float]
    duplicates: neighbors.Duplicates
    reference: ImageSubset
    by_class: Mapping[str, float | None] = field(default_factory=dict)
    real_by_class: Mapping[str, float | None] = field(default_factory=dict)
    classifier: Classifier | None = None

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        result = {
            "metric": "MS-SSIM of pairs",
            "levels": self.levels,
            "overall": self.overall,
            "real_overall": self.real_overall,
            "pairs": OVERALL_FACTOR * self.pairs,
            "near_duplicates": self.duplicates.share,
            "real_near_duplicates": self.duplicates.real_share,
            "near_duplicate_distance": self.duplicates.distance,
            "near_duplicate_images": self.duplicates.count,
            "reference": self.reference.name,
            "rows": {"reference": self.reference.rows},
            "pairs_drawn_with_seed": SEED,
        }
        if self.classifier is not None:
            result |= {"by_class": self.by_class, "real_by_class": self.real_by_class, "pairs_of_a_class": self.pairs}
            result |= {"classifier": self.classifier.recipe()}
        return result


def score(evaluated: EvaluationSet, *, pairs: int = 100, note: Callable[[str], None] = no_note) -> DiversityResult:
    """Measure the diversity of samples, within classes where the data have labels: those that the model was conditioned
    on, or those that a classifier predicts.

    pairs: of images within a class. note: called if a classifier is trained.
    """
    real, _ = evaluated.reference_images()
    duplicates = neighbors.near_duplicates(images.flat(evaluated.pixels), images.flat(real.pixels))
    result = {
        "levels": ms_ssim.levels(min(evaluated.dataset.shape[:2])),
        "pairs": pairs,
        "overall": pair_similarity(evaluated.pixels, OVERALL_FACTOR * pairs),
        "real_overall": pair_similarity(real.pixels, OVERALL_FACTOR * pairs),
        "duplicates": duplicates,
        "reference": real,
    }
    if "label" in evaluated.dataset.train:
        model = classifier.for_dataset(evaluated.dataset, note=note)
        labels = model.predict(evaluated.pixels) if evaluated.labels is None else evaluated.labels
        result["by_class"] = _by_class(evaluated.pixels, labels, model.classes, pairs)
        result["real_by_class"] = _by_class(real.pixels, model.predict(real.pixels), model.classes, pairs)
        result["classifier"] = model
    return DiversityResult(**result)


def pair_similarity(pixels: np.ndarray, pairs: int) -> dict[str, float]:
    """The `mean` and `deviation` of MS-SSIM over random pairs of two different images.

    pixels: uint8 (count, height, width, channels), two images or more. pairs: number of pairs.
    """
    random = np.random.default_rng(SEED)
    first = random.integers(0, len(pixels), pairs)
    second = (first + random.integers(1, len(pixels), pairs)) % len(pixels)
    similarity = ms_ssim.similarity(pixels[first], pixels[second])
    return {"mean": float(similarity.mean()), "deviation": float(similarity.std())}


def _by_class(pixels: np.ndarray, labels: np.ndarray, names: tuple[str, ...], pairs: int) -> dict[str, float | None]:
    means = {}
    for label, name in enumerate(names):
        members = pixels[labels == label]
        means[name] = pair_similarity(members, pairs)["mean"] if len(members) > 1 else None
    return means
