"""Scores while a model trains: against training images alone, so that the test images stay unseen.

Where there are more validation images than --eval-samples, they are a fixed draw from all over, by class.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data import Dataset
from gancli.evaluation import feature_extractors
from gancli.evaluation.metrics import class_statistics, frechet, kid, mean_iou, parzen, psnr
from gancli.evaluation.segmentation import confusion
from gancli.imaging import bicubic, images
from gancli.inference.sampling import Sampler
from gancli.inference.segmentation import SegmentationPredictor
from gancli.inference.upscaling import TiledUpscaler
from gancli.models.base import Model
from gancli.models.capabilities import Decoder, Segmenter, Upscaler

WIDTHS = 1000  # validation images to choose sigma on
LEAST = 10  # validation images


def need_for_scores(model: Model, dataset: Dataset) -> None:
    """Raise OptionError for a model that makes nothing to score, DataError for too few images to score against."""
    if not isinstance(model, (Decoder, Upscaler, Segmenter)):
        raise OptionError(f"--eval-every: {model.name()} draws no images from z that could be scored")
    count = len(dataset.split()[1])
    if count < LEAST:
        raise DataError(f"'{dataset.name}' has {count} validation images; --eval-every needs {LEAST} or more")


def of(model: Model, dataset: Dataset, *, note: Callable[[str], None]) -> Scorer:
    """What scores this model."""
    if isinstance(model, Upscaler):
        return SuperResolutionValidator(model, dataset)
    return (
        SegmentationValidator(model, dataset)
        if isinstance(model, Segmenter)
        else SampleQualityValidator(model, dataset, note=note)
    )


class Scorer(Protocol):
    """Scores a model as it trains."""

    def score(self) -> dict[str, float]:
        """The score, and what is told beside it."""


class SuperResolutionValidator:
    """Scores a model that enlarges: the mean PSNR of the luma of validation pictures, `scale` pixels of border cut."""

    def __init__(self, model: Upscaler, dataset: Dataset) -> None:
        self.enlarger, scale = TiledUpscaler(model), model.scale
        rows = dataset.drawn(model.config.eval_samples, among=dataset.split()[1])
        self.high = [bicubic.fitting(pixels, scale) for pixels in dataset.pictures(rows)]
        self.low = [bicubic.shrink(pixels, scale) for pixels in self.high]

    def score(self) -> dict[str, float]:
        """The PSNR in dB."""
        pairs, scale = zip(self.low, self.high, strict=True), self.enlarger.scale
        found = [psnr.luma_psnr(self.enlarger(low), high, border=scale) for low, high in pairs]
        return {"score": sum(found) / len(found)}


class SegmentationValidator:
    """Scores a model that names classes of pixels on the validation pictures, and beside it on as many it learns from.

    So one sees where a training begins to learn its pictures by heart (Luc et al. 2016, figure 3).
    """

    def __init__(self, model: Segmenter, dataset: Dataset) -> None:
        self.labeller = SegmentationPredictor(model)
        known, unseen = dataset.split()
        unseen = dataset.drawn(model.config.eval_samples, among=unseen)
        known = known[np.linspace(0, len(known) - 1, min(len(known), len(unseen))).astype(int)]
        self.parts = [(dataset.pictures(rows), dataset.maps(rows)) for rows in (unseen, known)]
        if any(all((one >= len(dataset.classes)).all() for one in maps) for _, maps in self.parts):
            raise DataError(f"'{dataset.name}': --eval-every needs validation pictures with labels")

    def score(self) -> dict[str, float]:
        """Mean IoU, and the mean accuracy of a class, in [0, 1]."""
        unseen, known = (mean_iou.scores(confusion(self.labeller, *part)) for part in self.parts)
        return {
            "score": unseen.mean_iou,
            "iou_training": known.mean_iou,
            "accuracy_validation": unseen.class_accuracy,
            "accuracy_training": known.class_accuracy,
        }


class SampleQualityValidator:
    """Scores a model's samples of the seeds 0, 1, … against the validation images (Dataset.split).

    A model that takes labels is asked for classes in the data's shares. Parzen: sigma is chosen on 1,000 of them, or
    half, and the score taken on the others.
    """

    def __init__(self, model: Model, dataset: Dataset, *, note: Callable[[str], None]) -> None:
        chosen, self.sampler = model.config, Sampler(model)
        self.name, self.seeds = chosen.eval_score, range(chosen.eval_samples)
        rows, self.counts = dataset.split()[1], dataset.class_counts()
        if self.name == "parzen":
            rows = dataset.drawn(WIDTHS + chosen.eval_samples, among=rows)
            widths = dataset.drawn(min(WIDTHS, len(rows) // 2), among=rows)
            self.widths, self.real = (images.flat(dataset.take(some)) for some in (widths, np.setdiff1d(rows, widths)))
        else:
            self.seen = feature_extractors.named(None, dataset, note=note)
            self.real, _ = self.seen.look(dataset.take(dataset.drawn(chosen.eval_samples, among=rows)))
            self.shares = dataset.class_shares()

    def score(self) -> dict[str, float]:
        """The score, if it is a number, and with a classifier the number of classes that are hardly made."""
        if self.sampler.takes_texts:
            self.sampler.tell(self.sampler.texts)  # read anew, as the reader learns too
        pixels = self.sampler.sample_all_classes(self.seeds, counts=self.counts)
        if self.name == "parzen":
            return _told({"score": parzen.score(images.flat(pixels), self.widths, self.real).mean})
        rows, probabilities = self.seen.look(pixels)
        value = frechet.distance(rows, self.real) if self.name == "frechet" else kid.distance(rows, self.real)[0]
        if probabilities is None:
            return _told({"score": value})
        return _told(
            {
                "score": value,
                "missing_classes": len(class_statistics.missing(probabilities.argmax(axis=1), self.shares)),
            }
        )


def _told(values: dict[str, float]) -> dict[str, float]:
    """What can be compared: a score that is not finite is none."""
    return {name: value for name, value in values.items() if math.isfinite(value)}
