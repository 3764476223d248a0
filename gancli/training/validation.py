"""Scores of a model during training, on validation images from the training split: the test images are not used.

If there are more validation images than --eval-samples, a fixed subset is used, stratified by class.
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
from gancli.evaluation.segmentation import confusion_matrix
from gancli.imaging import bicubic, images
from gancli.inference.sampling import Sampler
from gancli.inference.segmentation import SegmentationPredictor
from gancli.inference.upscaling import TiledUpscaler
from gancli.models.base import Model
from gancli.models.capabilities import Decoder, Segmenter, Upscaler

WIDTHS = 1000  # validation images on which the Parzen window's sigma is chosen
LEAST = 10  # validation images


def need_for_scores(model: Model, dataset: Dataset) -> None:
    """Raise OptionError for a model whose output cannot be scored, DataError for too few validation images."""
    if not isinstance(model, (Decoder, Upscaler, Segmenter)):
        raise OptionError(f"--eval-every: {model.name()} generates no images that could be scored")
    count = len(dataset.split()[1])
    if count < LEAST:
        raise DataError(f"'{dataset.name}' has {count} validation images; --eval-every needs {LEAST} or more")


def for_model(model: Model, dataset: Dataset, *, note: Callable[[str], None]) -> Validator:
    """The validator for a model. note: shows a message to the user."""
    if isinstance(model, Upscaler):
        return SuperResolutionValidator(model, dataset)
    if isinstance(model, Segmenter):
        return SegmentationValidator(model, dataset)
    return SampleQualityValidator(model, dataset, note=note)


class Validator(Protocol):
    """Scores a model on held-out data during training."""

    def score(self) -> dict[str, float]:
        """`score`, which chooses the best checkpoint, and other metrics by name."""


class SuperResolutionValidator:
    """Scores super-resolution: mean PSNR of the luma of validation images, without a border of `scale` pixels."""

    def __init__(self, model: Upscaler, dataset: Dataset) -> None:
        self.upscaler, scale = TiledUpscaler(model), model.scale
        rows = dataset.sample_rows(model.config.eval_samples, among=dataset.split()[1])
        self.high = [bicubic.crop_to_multiple(pixels, scale) for pixels in dataset.pictures(rows)]
        self.low = [bicubic.downscale(pixels, scale) for pixels in self.high]

    def score(self) -> dict[str, float]:
        """`score`: the mean PSNR of the luma in dB."""
        pairs, scale = zip(self.low, self.high, strict=True), self.upscaler.scale
        values = [psnr.luma_psnr(self.upscaler(low), high, border=scale) for low, high in pairs]
        return {"score": sum(values) / len(values)}


class SegmentationValidator:
    """Scores segmentation on the validation images, and for comparison on as many training images.

    The difference shows when a training starts to overfit (Luc et al. 2016, figure 3).
    """

    def __init__(self, model: Segmenter, dataset: Dataset) -> None:
        self.predictor = SegmentationPredictor(model)
        training, validation = dataset.split()
        validation = dataset.sample_rows(model.config.eval_samples, among=validation)
        training = training[np.linspace(0, len(training) - 1, min(len(training), len(validation))).astype(int)]
        self.parts = [(dataset.pictures(rows), dataset.maps(rows)) for rows in (validation, training)]
        if any(all((one >= len(dataset.classes)).all() for one in maps) for _, maps in self.parts):
            raise DataError(f"'{dataset.name}': --eval-every needs validation images with labels")

    def score(self) -> dict[str, float]:
        """Mean IoU and mean class accuracy on both parts, in [0, 1]."""
        validation, training = (mean_iou.scores(confusion_matrix(self.predictor, *part)) for part in self.parts)
        return {
            "score": validation.mean_iou,
            "iou_training": training.mean_iou,
            "accuracy_validation": validation.class_accuracy,
            "accuracy_training": training.class_accuracy,
        }


class SampleQualityValidator:
    """Scores the samples of the seeds 0, 1, … against the validation images (Dataset.split).

    A class-conditional model is sampled with the class frequencies of the data. Parzen: sigma is chosen on 1,000
    validation images, or half of them, and the score is computed on the others.
    """

    def __init__(self, model: Model, dataset: Dataset, *, note: Callable[[str], None]) -> None:
        chosen, self.sampler = model.config, Sampler(model)
        self.name, self.seeds = chosen.eval_score, range(chosen.eval_samples)
        rows, self.counts = dataset.split()[1], dataset.class_counts()
        if self.name == "parzen":
            rows = dataset.sample_rows(WIDTHS + chosen.eval_samples, among=rows)
            widths = dataset.sample_rows(min(WIDTHS, len(rows) // 2), among=rows)
            self.widths, self.real = (images.flat(dataset.take(some)) for some in (widths, np.setdiff1d(rows, widths)))
        else:
            self.extractor = feature_extractors.load(feature_extractors.FeatureChoice(), dataset, note=note)
            self.real, _ = self.extractor.extract(dataset.take(dataset.sample_rows(chosen.eval_samples, among=rows)))
            self.shares = dataset.class_shares()

    def score(self) -> dict[str, float]:
        """The score if it is finite, and with a classifier the number of classes that are hardly generated."""
        if self.sampler.takes_texts:
            self.sampler.set_texts(self.sampler.texts)  # encoded again, as the text encoder is trained too
        pixels = self.sampler.sample_all_classes(self.seeds, counts=self.counts)
        if self.name == "parzen":
            return _only_finite({"score": parzen.score(images.flat(pixels), self.widths, self.real).mean})
        rows, probabilities = self.extractor.extract(pixels)
        value = frechet.distance(rows, self.real) if self.name == "frechet" else kid.distance(rows, self.real)[0]
        if probabilities is None:
            return _only_finite({"score": value})
        return _only_finite(
            {
                "score": value,
                "missing_classes": len(class_statistics.missing(probabilities.argmax(axis=1), self.shares)),
            }
        )


def _only_finite(values: dict[str, float]) -> dict[str, float]:
    """The metrics without those that are not finite."""
    return {name: value for name, value in values.items() if math.isfinite(value)}
