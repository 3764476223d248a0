"""Scores of image translation: how often a classifier takes translations for the target domain, and what is lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.evaluation import feature_extractors
from gancli.evaluation.metrics import frechet
from gancli.imaging import images
from gancli.inference.translation import INVERSE, ImageTranslator


class TranslationScores(NamedTuple):
    """How translations of one kind's pictures to another's come out, beside the pictures as they were.

    read: the share that a classifier of the two real kinds takes for the target; sure: the share that it takes for it
    and gives a higher probability than all but a share (of false alarms) of the pictures as they were; frechet: the
    distance in its features from the target's real pictures; …_before, …_real: the same of the pictures as they were,
    and of real ones of the target. changed, lost: the mean absolute difference, in [0, 1], of translations from their
    pictures, and of pictures that went there and back; None where there is no way back.
    """

    read: float
    read_before: float
    read_real: float
    sure: float
    sure_before: float
    sure_real: float
    frechet: float
    frechet_before: float
    changed: float
    lost: float | None


def score_translation(
    interpreter: ImageTranslator,
    direction: str,
    given: Sequence[np.ndarray],
    targets: np.ndarray,
    seen: feature_extractors.FeatureExtractor,
    *,
    false_alarms: float,
) -> tuple[TranslationScores, list[np.ndarray]]:
    """Translate pictures of a kind and compare them with real ones of the other; what was made comes too.

    given, targets: uint8 (height, width, channels) each, of the size that `seen`, features of a classifier of the two
    kinds, knows.
    """
    target = 1 if direction == "a-to-b" else 0
    made = [interpreter(pixels, direction) for pixels in given]
    looks = [seen.look(np.stack(pictures)) for pictures in (made, given, targets)]
    odds = [probabilities[:, target] for _, probabilities in looks]
    cut = max(0.5, np.sort(odds[1])[-1 - int(false_alarms * len(given))])
    read, sure = ([float((each > least).mean()) for each in odds] for least in (0.5, cut))
    distances = [frechet.distance(rows, looks[2][0]) for rows, _ in looks[:2]]
    lost = None
    if interpreter.is_invertible(direction):
        lost = _difference([interpreter(pixels, INVERSE[direction]) for pixels in made], given)
    return TranslationScores(*read, *sure, *distances, _difference(made, given), lost), made


def _difference(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    pairs = zip(first, second, strict=True)
    return float(np.mean([np.abs(images.to_unit(one) - images.to_unit(other)).mean() for one, other in pairs]))
