"""Features of many images, extracted a few thousand at a time, so that large sets fit into memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.evaluation.feature_extractors.extractor import FeatureExtractor
from gancli.evaluation.metrics.feature_rows import FeatureRows

NUMBERS = 2**23  # features extracted at a time: 32 MiB
LARGE, USUAL = 2048, 512  # features of networks whose recipe does not say it: of Inception; at most of a classifier
BATCHES = 256  # images: a multiple of the batches of all networks and of sampling


class Collected(NamedTuple):
    """Features (count, size), and the probabilities of classes (count, classes), or None for features without."""

    features: FeatureRows
    probabilities: FeatureRows | None


def collect(
    extractor: FeatureExtractor, take: Callable[[int, int], np.ndarray], count: int, *, what: str = "images"
) -> Collected:
    """Features of `count` images.

    take: the images from one number to before another, uint8 (count, height, width, channels). what: they are, for
    messages. Raises: DataError for features that are not finite, ResourceError if there is no room for them.
    """
    features, probabilities = FeatureRows(), FeatureRows()
    step = _step(extractor, take(0, 1))
    for start in range(0, count, step):
        found, classes = extractor.extract(take(start, min(count, start + step)))
        _check(found, extractor, what)
        features.append(found)
        if classes is not None:
            probabilities.append(classes)
    return Collected(features, probabilities if len(probabilities) else None)


def _step(extractor: FeatureExtractor, image: np.ndarray) -> int:
    """How many images are extracted at a time; all of a usual set, whose features other measurements may share."""
    if extractor.name == "pixels":
        size = image.size
    else:
        size = extractor.recipe.get("dims", LARGE if extractor.name.startswith("Inception") else USUAL)
    return max(BATCHES, NUMBERS // size // BATCHES * BATCHES)


def _check(features: np.ndarray, extractor: FeatureExtractor, what: str) -> None:
    is_finite = np.isfinite(features).all(axis=1)
    if not is_finite.all():
        raise DataError(
            f"{extractor.name} features of {int((~is_finite).sum()):,} of {len(features):,} {what} are not finite "
            "numbers: the weights of the network are damaged; use another file"
        )
