"""Distances between samples and real images in a feature space: FID, KID, precision and recall, Inception score."""

from __future__ import annotations

from dataclasses import dataclass

from gancli.core.backend import np
from gancli.evaluation.evaluation_set import EvaluationSet, ImageSubset
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.metrics import class_statistics, frechet, kid, precision_recall

MANY_COPIES = 0.1  # of the images have a copy as their k-th neighbor: a warning says so


@dataclass(frozen=True)
class FeatureScores:
    """Scores of one set of images against the reference images. label_score: None without class probabilities."""

    frechet: float
    kid: float
    kid_deviation: float
    neighbors: precision_recall.Measures
    label_score: float | None = None
    label_score_deviation: float | None = None

    def to_dict(self) -> dict[str, float]:
        """The values that --json prints, by key."""
        scores = {"frechet": self.frechet, "kid": self.kid, "kid_deviation": self.kid_deviation}
        scores |= self.neighbors._asdict()
        if self.label_score is not None:
            scores |= {"label_score": self.label_score, "label_score_deviation": self.label_score_deviation}
        return scores


@dataclass(frozen=True)
class FidResult:
    """Scores of samples, and of other real images for comparison.

    frechet: the mean over `repeats` disjoint sets of seeds; frechet_deviation: None for one set. All sets have `count`
    images; features: numbers per image.
    """

    extractor: FeatureExtractor
    frechet: float
    frechet_deviation: float | None
    samples: FeatureScores
    real: FeatureScores
    repeats: int
    count: int
    features: int
    frechet_seeds: str | None
    sample_rows: str
    reference: ImageSubset
    other: ImageSubset

    @property
    def metric(self) -> str:
        """The metric with its features: only values with the same name are comparable."""
        return f"Fréchet distance, {self.extractor.name} features"

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return {
            "metric": self.metric,
            **self.samples.to_dict(),
            "frechet": self.frechet,
            "frechet_deviation": self.frechet_deviation,
            "repeats": self.repeats,
            "images_of_each_set": self.count,
            **({"frechet_seeds": self.frechet_seeds} if self.frechet_seeds else {}),
            "real": self.real.to_dict(),
            "features": {"name": self.extractor.name, "size": self.features, **self.extractor.recipe},
            "reference": self.reference.name,
            "real_against_it": self.other.name,
            "rows": {
                "samples": self.sample_rows,
                "reference": self.reference.rows,
                "real_against_it": self.other.rows,
            },
            "kid_subsets": kid.subsets(self.count),
            "neighbours": precision_recall.NEIGHBORS,
        }

    def warnings(self) -> list[str]:
        """Warnings about copies among the images, which make precision and the like meaningless."""
        messages = []
        neighbors = self.samples.neighbors
        for name, share in (("real images", neighbors.copies), ("samples", neighbors.fake_copies)):
            if share >= MANY_COPIES:
                scores = "recall counts" if name == "samples" else "precision, density and coverage count"
                messages.append(
                    f"the k-th neighbor (k = {precision_recall.NEIGHBORS}) of {share:.0%} of the {name} is a copy: "
                    f"{scores} only exact copies; gancli data duplicates finds duplicates in the data"
                )
        return messages


def score(evaluated: EvaluationSet, extractor: FeatureExtractor, *, repeats: int = 2) -> FidResult:
    """Score samples against real images in the features of an extractor.

    repeats: disjoint sets of seeds for the Fréchet distance; images from elsewhere are scored once.
    """
    reference, other = evaluated.reference_images()
    count = len(reference.pixels)
    real_features = extractor.extract(reference.pixels)[0]
    subset = evaluated.subset(count)
    samples = score_features(extractor, subset.pixels, real_features)
    repeats = repeats if evaluated.draw else 1
    distances = [samples.frechet]
    for start in range(count, repeats * count, count):
        features = extractor.extract(evaluated.draw(range(start, start + count)))[0]
        distances.append(frechet.distance(features, real_features))
    return FidResult(
        extractor=extractor,
        frechet=float(np.mean(distances)),
        frechet_deviation=float(np.std(distances, ddof=1)) if len(distances) > 1 else None,
        samples=samples,
        real=score_features(extractor, other.pixels, real_features),
        repeats=repeats,
        count=count,
        features=real_features.shape[1],
        frechet_seeds=f"0-{repeats * count - 1}" if evaluated.draw else None,
        sample_rows=subset.rows,
        reference=reference,
        other=other,
    )


def score_features(extractor: FeatureExtractor, pixels: np.ndarray, real_features: np.ndarray) -> FeatureScores:
    """All scores of images uint8 (count, height, width, channels) against features float32 (count, size)."""
    features, probabilities = extractor.extract(pixels)
    mean, deviation = kid.distance(features, real_features)
    distance = frechet.distance(features, real_features)
    neighbors = precision_recall.measures(real_features, features)
    inception = (None, None) if probabilities is None else class_statistics.inception_score(probabilities)
    return FeatureScores(distance, mean, deviation, neighbors, *inception)
