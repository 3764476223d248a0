"""Which metrics apply to what: the one place that says it, for `gancli eval` and gancli.evaluate(…, "all")."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from typing import NamedTuple

from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.data import Dataset
from gancli.evaluation.metric_table.lookup import ALIASES, COMMANDS, find
from gancli.evaluation.metric_table.metrics import METRICS
from gancli.evaluation.metric_table.subject import Subject
from gancli.inference.trained_model import TrainedModel
from gancli.models import capabilities
from gancli.models.capability import Capability

NUM_IMAGES, NUM_POINTS, NUM_SENTENCES = 10_000, 2_500, 1_000  # to score, if no number is given


class When(NamedTuple):
    """When a metric applies: the capability that the model must have, and whether images without a model have it too.

    takes, lacks: a column that the model must be conditioned on, and one that it must not. data: a column that the data
    must have besides. from_samples: whether it is computed from the samples that all such metrics share.
    """

    ability: type[Capability]
    images: bool = False
    takes: str = ""
    lacks: str = ""
    data: str = ""
    from_samples: bool = False

    def fits_model(self, can: Callable[[type], bool], columns: Iterable[str]) -> bool:
        """Whether it fits a model with these abilities that takes these columns."""
        return can(self.ability) and self.takes in ("", *columns) and (not self.lacks or self.lacks not in columns)

    def lacking(self, name: str, columns: Iterable[str]) -> str:
        """Why it cannot be computed on the data of this name, in a sentence; empty if it can."""
        return f"'{name}' has no {self.data}s" if self.data and self.data not in columns else ""


SAMPLES = When(capabilities.Decoder, images=True, from_samples=True)
WHEN = {  # by measurement
    "distances": SAMPLES,
    "parzen": SAMPLES,
    "parzen_by_level": When(capabilities.Pyramid, lacks="label"),
    "diversity": SAMPLES,
    "spectrum": SAMPLES,
    "neighbors": SAMPLES,
    "modes": When(capabilities.Latent, data="label", from_samples=True),
    "bounds": When(capabilities.LikelihoodBound),
    "reconstruction": When(capabilities.Encoder),
    "upscaling": When(capabilities.Upscaler),
    "segmentation": When(capabilities.Segmenter),
    "translation": When(capabilities.Translator),
    "captions": When(capabilities.Decoder, takes="caption", from_samples=True),
    "sentences": When(capabilities.SentencePredictor),
}
WHEN_METRIC = {  # of metrics that differ from others of their measurement
    "labels": SAMPLES._replace(images=False, takes="label", data="label"),
    "class_entropy": SAMPLES._replace(lacks="label", data="label"),
    "high_quality": When(capabilities.PointGenerator, data="label"),
    "svm_error": When(capabilities.ConvolutionalNetworks, data="label"),
    "nearest_error": When(capabilities.Decoder, takes="label", data="label", from_samples=True),
}
ON_REQUEST = ("fid_infinity", "importance_bound", "inception_score")  # metrics that an option adds: none is missing
INSTEAD = {"label_score": "inception_score"}  # of features with classes of their own
OWN_FEATURES = ("neighbors",)  # measurements that keep their features where distances are measured in others


def when(name: str) -> When:
    """When a metric applies."""
    return WHEN_METRIC[name] if name in WHEN_METRIC else WHEN[METRICS[name].measurement]


def of_model(can: Callable[[type], bool], columns: Iterable[str]) -> list[str]:
    """The metrics of a model with these abilities that takes these columns, in the order of the table."""
    return [name for name in METRICS if when(name).fits_model(can, columns)]


def of_subject(subject: Subject) -> list[str]:
    """The metrics of a model or of images, in the order of the table, whatever their data have."""
    if not isinstance(subject.scored, TrainedModel):
        return [name for name in METRICS if when(name).images]
    return of_model(subject.scored.run.can, subject.scored.outline.columns)


def lacking(name: str, subject: Subject) -> str:
    """Why a metric cannot be computed on the data of a run, or of the images, in a sentence; empty if it can."""
    if isinstance(subject.scored, TrainedModel):
        return when(name).lacking(subject.scored.run.facts.name, subject.scored.run.facts.columns)
    dataset: Dataset = subject.dataset
    return when(name).lacking(dataset.name, dataset.train)


def chosen(subject: Subject, only: Sequence[str], without: Sequence[str]) -> list[str]:
    """The metrics to compute, in the order of the table. only: names of metrics or of measurements; all that apply if
    empty. without: names that are left out. Raises: OptionError for an unknown name, or one that does not apply."""
    fitting = of_subject(subject)
    asked = [one for name in only for one in _named(name, fitting)]
    unfit = [name for name in asked if name not in fitting]
    if unfit:
        what = subject.scored.outline.name() if isinstance(subject.scored, TrainedModel) else "images alone"
        raise OptionError(f"{unfit[0]} needs {METRICS[unfit[0]].needs}; the metrics of {what}: {', '.join(fitting)}")
    spared = {one for name in without for one in _named(name, fitting)}
    found = [name for name in fitting if name not in spared and (not only or name in asked)]
    if not found:
        raise OptionError("no metric is left to compute: choose others, or leave out fewer")
    return found


def _named(name: str, fitting: Sequence[str]) -> list[str]:
    """The metric of this name, or all that apply of the measurement of this name. Raises: OptionError for another."""
    plain = name.casefold().replace("-", "_")
    if plain in COMMANDS:
        group = [one for one in METRICS if METRICS[one].measurement == plain]
        return [one for one in group if one in fitting] or group
    if ALIASES.get(plain, plain) in METRICS:
        return [find(name)]
    known = [*METRICS, *ALIASES, *COMMANDS]
    raise OptionError(f"unknown metric '{name}'; those that apply are {', '.join(fitting)}{did_you_mean(name, known)}")


def unasked(scores: Container[str], left_out: Iterable[str], only: Sequence[str]) -> list[str]:
    """Those of the metrics that could not be computed which are not missed: an option adds them, or another metric
    stands for them."""
    names = [name for name in left_out if name in ON_REQUEST or INSTEAD.get(name) in scores]
    return [name for name in names if name not in map(str.casefold, only)]


def default_count(scored: object) -> int:
    """How many samples, or sentences, are scored if no number is given."""
    if not isinstance(scored, TrainedModel):
        return NUM_IMAGES
    counts = {capabilities.PointGenerator: NUM_POINTS, capabilities.SentencePredictor: NUM_SENTENCES}
    return next((count for ability, count in counts.items() if scored.run.can(ability)), NUM_IMAGES)
