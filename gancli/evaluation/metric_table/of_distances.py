"""The metrics that are distances between samples and real images in a feature space."""

from __future__ import annotations

from gancli.evaluation.metric_table.metric import LABELS, SAMPLES, Metric

NO_FEATURES = "a file of statistics has no features: leave stats out"
NO_CLASSES = "class probabilities need the features of a classifier, and data with labels"


def _of_neighbors(name: str, summary: str) -> Metric:
    return Metric("distances", name, SAMPLES, summary, "higher", f"real.{name}", missing=NO_FEATURES)


DISTANCES: dict[str, Metric] = {
    "fid": Metric(
        "distances",
        "frechet",
        SAMPLES,
        "Fréchet distance between samples and real images in a feature space",
        "lower",
        "real.frechet",
        "frechet_deviation",
    ),
    "fid_infinity": Metric(
        "distances",
        "frechet_infinity",
        SAMPLES,
        "the same, extrapolated to infinitely many samples",
        "lower",
        "",
        "frechet_infinity_error",
        "give fid_infinity=True",
    ),
    "kid": Metric(
        "distances",
        "kid",
        SAMPLES,
        "kernel distance in the same features",
        "lower",
        "real.kid",
        "kid_deviation",
        NO_FEATURES,
    ),
    "precision": _of_neighbors("precision", "share of samples among the real images"),
    "recall": _of_neighbors("recall", "share of real images among samples"),
    "density": _of_neighbors("density", "precision, weighted by how many real images are near"),
    "coverage": _of_neighbors("coverage", "share of real images with a sample near"),
    "inception_score": Metric(
        "distances",
        "inception_score",
        SAMPLES,
        "Inception score with the classes of inception-2015",
        "higher",
        "real.inception_score",
        "inception_score_deviation",
        'give features="inception-2015"; label_score has the classes of the data',
    ),
    "label_score": Metric(
        "distances",
        "label_score",
        LABELS,
        "Inception score with the data's own classifier",
        "higher",
        "real.label_score",
        "label_score_deviation",
        NO_CLASSES,
    ),
}
