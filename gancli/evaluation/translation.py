"""Scores of image-to-image translation between two domains: how often a classifier assigns translations to the target
domain, and how much is lost on the way there and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data import Dataset, subsets
from gancli.evaluation import classifier, feature_extractors
from gancli.evaluation.evaluation_set import MIN_IMAGES, no_note
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.metrics import frechet
from gancli.imaging import images
from gancli.inference.translation import INVERSE, ImageTranslator

KEYS = {  # of JSON: fields of TranslationScores
    "read": "share",
    "read_before": "share_before",
    "read_real": "share_real",
    "sure": "confident",
    "sure_before": "confident_before",
    "sure_real": "confident_real",
    "frechet": "frechet",
    "frechet_before": "frechet_before",
    "changed": "changed",
    "lost": "lost",
}


@dataclass(frozen=True)
class TranslationScores:
    """Scores of translations in one direction, of the untranslated images (…_before) and of real images of the target
    domain (…_real).

    share: classified as the target domain. confident: classified so with a higher probability than all but a share
    (the false alarms) of the untranslated images. frechet: distance from the real images of the target domain in the
    classifier's features. changed, lost: mean absolute difference in [0, 1] between images and their translations, and
    between images and their translations there and back, None if the model has only one direction.
    """

    share: float
    share_before: float
    share_real: float
    confident: float
    confident_before: float
    confident_real: float
    frechet: float
    frechet_before: float
    changed: float
    lost: float | None

    def to_dict(self) -> dict[str, float | None]:
        """The values that --json prints, by key."""
        return {key: getattr(self, name) for key, name in KEYS.items()}


@dataclass(frozen=True)
class TranslationResult:
    """Scores by direction. images, rows: how many images of domains A and B, and which.

    learned: whether the classifier was trained on these images.
    """

    directions: Mapping[str, TranslationScores]
    split: str
    learned: bool
    false_alarms: float
    images: list[int]
    rows: list[str]
    extractor: FeatureExtractor

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return {
            "metric": "shares classified as the target domain, also confidently; Fréchet distance; mean differences",
            "split": self.split,
            "learned": self.learned,
            "false_alarms": self.false_alarms,
            "images": self.images,
            "rows": self.rows,
            "features": str(self.extractor),
            **self.extractor.recipe,
            "directions": {name: one.to_dict() for name, one in self.directions.items()},
        }


def score(
    translator: ImageTranslator,
    dataset: Dataset,
    *,
    split: str | None = None,
    num_images: int = 1000,
    false_alarms: float = 0.1,
    note: Callable[[str], None] = no_note,
) -> TranslationResult:
    """Score translations between the two domains of a data set, in every direction of the model.

    split: "test" or "train"; the test split by default, if there is one. num_images: of each domain, at most. note:
    called if a classifier is trained. Raises: DataError for pairs, which have no domains, or for too few images.
    """
    if "label" not in dataset.train:
        raise DataError(f"'{dataset.name}' contains pairs, and no two domains that a classifier could tell apart")
    split = split or ("test" if dataset.test else "train")
    domains, rows = domain_images(dataset, split, num_images)
    extractor = feature_extractors.for_domains(dataset, note=note)
    directions = {}
    for direction in translator.directions:
        sources, targets = domains if direction == "a-to-b" else domains[::-1]
        directions[direction], _ = score_translation(
            translator, direction, sources, targets, extractor, false_alarms=false_alarms
        )
    learned = split == "train" and bool(dataset.test)
    counts = [len(domain) for domain in domains]
    return TranslationResult(directions, split, learned, false_alarms, counts, rows, extractor)


def domain_images(dataset: Dataset, split: str, count: int) -> tuple[tuple[np.ndarray, np.ndarray], list[str]]:
    """Images of domains A and B, and which rows they are; without a test split, those the classifier is not trained on.

    Raises: DataError for fewer than twenty of a domain.
    """
    part = dataset.test if split == "test" else dataset.train
    labels = part["label"][:] if "label" in part else np.zeros(0)
    candidates = np.arange(len(labels)) if dataset.test else classifier.unseen(dataset)
    members = [candidates[labels[candidates] == side] for side in (0, 1)]
    rows = [some[subsets.draw(len(some), count)] for some in members]
    if min(map(len, rows)) < MIN_IMAGES:
        counts = " and ".join(f"{len(some)} images of {name}" for some, name in zip(rows, "AB", strict=True))
        which = split if dataset.test else "held-out"
        raise DataError(
            f"'{dataset.name}' has {counts} in its {which} part; at least {MIN_IMAGES} of each domain are needed"
        )
    descriptions = [subsets.describe(len(some), len(every)) for some, every in zip(rows, members, strict=True)]
    first, second = (np.stack([part["image"][row] for row in some]) for some in rows)
    return (first, second), descriptions


def score_translation(
    translator: ImageTranslator,
    direction: str,
    sources: Sequence[np.ndarray],
    targets: np.ndarray,
    extractor: FeatureExtractor,
    *,
    false_alarms: float,
) -> tuple[TranslationScores, list[np.ndarray]]:
    """Translate images of one domain and compare them with real ones of the other; also returns the translations.

    sources, targets: uint8 (height, width, channels) each, of the size that the classifier of the extractor expects.
    """
    target = 1 if direction == "a-to-b" else 0
    translations = [translator(pixels, direction) for pixels in track(sources, f"translating {direction}")]
    extracted = [extractor.extract(np.stack(pictures)) for pictures in (translations, sources, targets)]
    odds = [probabilities[:, target] for _, probabilities in extracted]
    threshold = max(0.5, np.sort(odds[1])[-1 - int(false_alarms * len(sources))])
    shares, confident = ([float((each > least).mean()) for each in odds] for least in (0.5, threshold))
    distances = [frechet.distance(features, extracted[2][0]) for features, _ in extracted[:2]]
    lost = None
    if translator.is_invertible(direction):
        back = track(translations, "translating back")
        lost = _difference([translator(pixels, INVERSE[direction]) for pixels in back], sources)
    changed = _difference(translations, sources)
    scores = TranslationScores(*shares, *confident, *distances, changed, lost)  # type: ignore[call-arg]
    return scores, translations


def _difference(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    pairs = zip(first, second, strict=True)
    return float(np.mean([np.abs(images.to_unit(one) - images.to_unit(other)).mean() for one, other in pairs]))
