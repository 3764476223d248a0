"""What a model knows of labels: two tests of Radford et al. 2015, sections 5 and 8.1.

Section 5: a linear SVM on features of the discriminator, with few labels. Section 8.1: a 1-nearest-neighbor classifier
that is fitted on generated images and their labels, and tested on real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data import Dataset
from gancli.evaluation import classifier
from gancli.evaluation.evaluation_set import class_shares
from gancli.evaluation.metrics import linear_probe
from gancli.imaging import images
from gancli.inference.trained_model import TrainedModel
from gancli.models.capabilities import ConvolutionalNetworks
from gancli.nn import feature_maps

MAX_VALIDATION = 5000  # training images to choose the SVM's C on


@dataclass(frozen=True)
class SvmScore:
    """Mean test error over the draws of labels, and its deviation, None for one draw; the C that was chosen."""

    error: float
    deviation: float | None
    C: float
    features: int


@dataclass(frozen=True)
class SvmResult:
    """Errors of the linear SVM with `labels` labels, by features: "discriminator", "untrained" and "pixels"."""

    labels: int
    draws: int
    scores: Mapping[str, SvmScore]

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return {"labels": self.labels, "draws": self.draws} | {name: vars(one) for name, one in self.scores.items()}


@dataclass(frozen=True)
class NearestNeighborResult:
    """Test errors of 1-nearest-neighbor classifiers of `samples` generated and of `real_images` real images."""

    samples: int
    error: float
    real: float
    real_images: int
    class_shares: Mapping[str, object]

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        errors = {name: getattr(self, name) for name in ("samples", "error", "real", "real_images")}
        return errors | self.class_shares


@dataclass(frozen=True)
class ProbeResult:
    """Results of the tests that apply to the model."""

    svm: SvmResult | None
    nearest: NearestNeighborResult | None
    test_images: int

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        results = {"svm": self.svm, "nearest": self.nearest}
        return {name: one.to_dict() for name, one in results.items() if one is not None}


def has_convolutions(model: type) -> bool:
    """Whether a model's discriminator has convolutions to probe."""
    return issubclass(model, ConvolutionalNetworks)


def check_model(trained: TrainedModel) -> None:
    """Raise OptionError for a model that neither test applies to, or data without labels."""
    if not has_convolutions(trained.run.model_class) and not trained.is_class_conditional:
        raise OptionError(
            f"the discriminator of {trained.outline.name()} has no convolutions to probe, and the model is not "
            "class-conditional: choose a run of dcgan or cgan"
        )
    classifier.need_labels(trained.run.facts)


def score(
    trained: TrainedModel,
    dataset: Dataset,
    *,
    num_labels: int = 1000,
    draws: int = 5,
    num_samples: int = 50_000,
    drawn: Callable[[], np.ndarray] | None = None,
) -> ProbeResult:
    """Probe a model with the tests that apply to it.

    num_labels, draws: of the SVM; num_samples: of the nearest neighbors. drawn: returns these samples, of the seeds
    from 0 on with the shares of the classes; generated now if not given. Raises: OptionError for a model that no test
    applies to, or data without labels, DataError for a single class.
    """
    check_model(trained)
    classifier.need_labels(dataset)
    if np.count_nonzero(dataset.class_counts()) < 2:
        raise DataError(f"'{dataset.name}' has images of only one class: there is nothing to classify")
    if "label" not in dataset.test:
        raise OptionError(f"'{dataset.name}' has no test split with labels to measure errors on")
    svm = nearest = None
    if has_convolutions(trained.run.model_class):
        svm = _score_svm(trained, dataset, num_labels, draws)
    if trained.is_class_conditional:
        nearest = _score_nearest(trained, dataset, num_samples, drawn)
    return ProbeResult(svm, nearest, len(dataset.test["label"]))


def _score_svm(trained: TrainedModel, dataset: Dataset, count: int, draws: int) -> SvmResult:
    validation_count = min(MAX_VALIDATION, len(dataset) // 5)
    order = np.random.default_rng(0).permutation(len(dataset))
    pool, validation_rows = order[validation_count:], order[:validation_count]
    labels = dataset.train["label"][:]
    rows = [pool[linear_probe.balanced(labels[pool], count, np.random.default_rng([1, draw]))] for draw in range(draws)]
    used, places = np.unique(np.concatenate(rows), return_inverse=True)
    places = np.split(places, np.cumsum([len(some) for some in rows])[:-1])
    pixels = [dataset.take(used), dataset.take(validation_rows), dataset.test["image"]]
    scores = {}
    for name, extract in _extractors(trained).items():
        train, validation, test = (extract(some) for some in pixels)
        errors, cost = linear_probe.svm_errors(
            train,
            labels[used],
            (validation, labels[validation_rows]),
            (test, dataset.test["label"]),
            draws=places,
        )
        deviation = float(np.std(errors)) if len(errors) > 1 else None
        scores[name] = SvmScore(float(np.mean(errors)), deviation, cost, train.shape[1])
    return SvmResult(len(rows[0]), draws, scores)


def _extractors(trained: TrainedModel) -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    """Feature maps of the discriminator, of the same network untrained, and pixels."""

    def of_discriminator(pixels: np.ndarray) -> np.ndarray:
        return feature_maps.pooled(trained.model.discriminator.model, pixels)

    def of_untrained(pixels: np.ndarray) -> np.ndarray:
        return feature_maps.pooled(trained.untrained().discriminator.model, pixels)

    return {"discriminator": of_discriminator, "untrained": of_untrained, "pixels": images.flat}


def _score_nearest(
    trained: TrainedModel, dataset: Dataset, count: int, drawn: Callable[[], np.ndarray] | None
) -> NearestNeighborResult:
    counts = dataset.class_counts()
    samples = drawn() if drawn else trained.sampler.sample_all_classes(range(count), counts=counts)
    generated = images.flat(samples)
    labels = trained.sampler.labels_by_share(range(count), counts)
    test, truth = images.flat(dataset.test["image"]), dataset.test["label"]
    real = images.flat(dataset.train["image"][:])
    error = linear_probe.nearest_error(generated, labels, test, truth)
    real_error = linear_probe.nearest_error(real, dataset.train["label"][:], test, truth)
    return NearestNeighborResult(count, error, real_error, len(real), class_shares(labels, dataset))
