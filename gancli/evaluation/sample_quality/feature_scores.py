"""The scores of one set of images in a feature space, against the features of reference images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.feature_extractors.collecting import Collected
from gancli.evaluation.metrics import class_statistics, frechet, kid, precision_recall
from gancli.evaluation.metrics.feature_rows import Rows


def label_score_key(extractor: FeatureExtractor) -> str:
    """ "inception_score" for the classes of the network of papers, "label_score" for those of another classifier."""
    return "inception_score" if extractor.is_of_papers else "label_score"


@dataclass(frozen=True)
class FeatureScores:
    """Scores of `count` images against the reference images.

    kid, kid_deviation, neighbors: None against statistics, which have no features. label_score: None without class
    probabilities; label_score_key: its name.
    """

    count: int
    frechet: float
    kid: float | None = None
    kid_deviation: float | None = None
    neighbors: precision_recall.Measures | None = None
    label_score: float | None = None
    label_score_deviation: float | None = None
    label_score_key: str = "label_score"

    def to_dict(self) -> dict[str, float]:
        """The values that --json prints, by key."""
        scores = {"frechet": self.frechet}
        if self.kid is not None:
            scores |= {"kid": self.kid, "kid_deviation": self.kid_deviation}
        if self.neighbors is not None:
            scores |= self.neighbors._asdict()
        if self.label_score is not None:
            key = self.label_score_key
            scores |= {key: self.label_score, f"{key}_deviation": self.label_score_deviation}
        return scores


def of_sets(
    sets: Sequence[Collected], real: Rows, moments: frechet.Moments, radii: np.ndarray, key: str
) -> list[FeatureScores]:
    """All scores of sets of images against the same real images, whose part of the work is done once.

    radii: of the real images (precision_recall.radii). key: of the label score.
    """
    kids = _kernel_distances(sets, real)
    measures = precision_recall.measures_of([one.features for one in sets], real, real_radii=radii)
    found = []
    for one, kernel, neighbors in zip(sets, kids, measures, strict=True):
        distance = frechet.between(frechet.moments(one.features), moments)
        score = (None, None)
        if one.probabilities is not None:
            score = class_statistics.inception_score(one.probabilities)
        scores = FeatureScores(len(one.features), distance, *kernel, neighbors, *score, label_score_key=key)
        found.append(scores)
    return found


def _kernel_distances(sets: Sequence[Collected], real: Rows) -> list[tuple[float, float]]:
    if len({len(one.features) for one in sets}) == 1:
        return kid.distances([one.features for one in sets], real)
    return [kid.distance(one.features, real) for one in sets]
