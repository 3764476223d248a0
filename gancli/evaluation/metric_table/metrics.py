"""The table of metrics: names, the measurement of each, and where its value stands in the result."""

from __future__ import annotations

from gancli.evaluation.metric_table.metric import SAMPLES, Metric
from gancli.evaluation.metric_table.metrics_of_models import OF_MODELS
from gancli.evaluation.metric_table.of_distances import DISTANCES
from gancli.evaluation.metric_table.places import error_of_pairs

METRICS: dict[str, Metric] = {
    **DISTANCES,
    "parzen": Metric(
        "parzen",
        "mean",
        SAMPLES,
        "log-likelihood of test images by Parzen windows, nats",
        "higher",
        "",
        "standard_error",
    ),
    "parzen_by_level": Metric(
        "parzen_by_level", "mean", "a lapgan", "the same, level by level, nats", "higher", "", "standard_error"
    ),
    "ms_ssim": Metric(
        "diversity",
        "overall.mean",
        SAMPLES,
        "similarity of pairs of samples: lower is more diverse",
        "lower",
        "real_overall.mean",
        error_of_pairs,
    ),
    "near_duplicates": Metric(
        "diversity",
        "near_duplicates",
        SAMPLES,
        "share of samples that are nearly another sample",
        "lower",
        "real_near_duplicates",
    ),
    "spectrum": Metric(
        "spectrum",
        "mean_distance",
        SAMPLES,
        "distance of the power spectra over octaves, dB",
        "lower",
        "real_mean_distance",
        missing="the real images have no power in any octave",
    ),
    "neighbors": Metric(
        "neighbors",
        "ratio",
        f"{SAMPLES}; unseen images",
        "distance to the nearest training image over that to unseen ones: 0 for copies",
        "higher",
        "real_ratio",
        missing="there is no test split and no held-out part of the training images (hold_out)",
    ),
    "labels": Metric(
        "labels",
        "share",
        "a class-conditional model; data with labels",
        "share of samples that are classified as the requested class",
        "higher",
        missing="no class was requested of these samples; class_entropy scores them",
    ),
    "class_entropy": Metric(
        "labels",
        "entropy",
        "samples without requested classes; data with labels",
        "entropy of the predicted classes, nats",
        "",
        "real_entropy",
        missing="a class was requested of each sample; labels scores them",
    ),
    "modes": Metric("modes", "covered", "a generator; data with labels", "modes that samples reach", "higher"),
    "reverse_kl": Metric(
        "modes",
        "reverse_kl",
        "a generator; data with labels",
        "divergence of the samples' modes from the data's, nats",
        "lower",
        missing="the samples reach a mode without data, so that the divergence is infinite",
    ),
    "high_quality": Metric(
        "modes",
        "high_quality",
        "a generator of points; data with labels",
        "share of samples near a mode",
        "higher",
        missing="only points have it",
    ),
    **OF_MODELS,
}
