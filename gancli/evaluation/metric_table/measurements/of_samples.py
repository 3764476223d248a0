"""Scores of samples, or of images from elsewhere, beside real images."""

from __future__ import annotations

from collections.abc import Sequence

from gancli.evaluation import classifier, feature_extractors
from gancli.evaluation.feature_extractors import FeatureChoice
from gancli.evaluation.metric_table.measurements.measured import Measured, of_set, takes
from gancli.evaluation.metric_table.subject import Subject
from gancli.evaluation.sample_quality import (
    class_accuracy,
    memorization,
    mode_coverage,
    parzen_likelihood,
    power_spectrum,
)
from gancli.evaluation.sample_quality import diversity as sample_diversity
from gancli.evaluation.sample_quality.fid_options import DistanceOptions, Distances
from gancli.inference.trained_model import TrainedModel
from gancli.models import capabilities


@takes(DistanceOptions)
def distances(subject: Subject, options: DistanceOptions) -> Measured:
    """FID, KID, precision, recall, density, coverage and label score, from one pass over the features."""
    chosen = Distances.of(options)
    found = chosen.score(subject.evaluated)
    return of_set(subject, found.file_name, found.to_dict())


def neighbors(subject: Subject, *, features: str | None = None) -> Measured:
    """Distances of samples to the nearest training images; features are pixels by default."""
    choice = FeatureChoice(features or "pixels")
    feature_extractors.check(choice)
    evaluated = subject.evaluated
    extractor = feature_extractors.load(choice, evaluated.dataset, note=subject.note)
    return of_set(subject, "neighbours", memorization.score(evaluated, extractor).to_dict())


def parzen(
    subject: Subject, *, sigmas: Sequence[float] | None = None, validation: int = 1000, folds: int = 5
) -> Measured:
    """The log-likelihood of test images by Parzen windows."""
    widths = None if sigmas is None else tuple(sorted(set(sigmas)))
    found = parzen_likelihood.score(subject.evaluated, sigmas=widths, validation=validation, folds=folds)
    for warning in found.warnings():
        subject.note(f"warning: {warning}")
    return of_set(subject, "parzen", found.to_dict())


def diversity(subject: Subject, *, pairs: int = 100) -> Measured:
    """MS-SSIM of pairs of samples, and near-duplicates."""
    found = sample_diversity.score(subject.evaluated, pairs=pairs, note=subject.note)
    return of_set(subject, "diversity", found.to_dict())


def spectrum(subject: Subject) -> Measured:
    """The power spectrum of samples beside that of real images."""
    return of_set(subject, "spectrum", power_spectrum.score(subject.evaluated).to_dict())


def labels(subject: Subject) -> Measured:
    """The classes of samples, as a classifier of the data predicts them."""
    if isinstance(subject.scored, TrainedModel):
        classifier.need_labels(subject.scored.run.facts)
    classifier.need_labels(subject.dataset)
    return of_set(subject, "labels", class_accuracy.score(subject.evaluated, note=subject.note).to_dict())


def modes(subject: Subject) -> Measured:
    """The modes of the data that samples cover."""
    trained = subject.need(capabilities.Latent)
    mode_coverage.check(trained.run.facts)
    if trained.run.can(capabilities.PointGenerator):
        found = mode_coverage.score(trained, subject.dataset, subject.num_samples, note=subject.note)
    else:
        found = mode_coverage.score_images(subject.drawn, note=subject.note)
    result = found.to_dict() | trained.about()
    result |= {"samples": found.samples, "seeds": f"0-{found.samples - 1}", "data": subject.dataset.name}
    return Measured("modes", result)
