"""Selection of generated images that show a class or attributes, with a known error.

Generated images are not the data that a classifier was tested on, and the confidence of a single network says little
about them. So two voters of different architecture, calibrated on real images, must both be confident; the threshold is
chosen on images of the run itself, so that a third network, the auditor, disagrees on few of the selected images. The
images on which it disagrees are left out too: the reported error was measured before that, so it is conservative.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gancli.core.backend import np, special
from gancli.core.errors import CheckpointError
from gancli.core.progress import counting
from gancli.data import Dataset
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.evaluation import classifier
from gancli.evaluation.classifier import Classifier
from gancli.evaluation.classifier_kinds import VOTERS
from gancli.evaluation.metrics import selective_classification
from gancli.inference.sampling import Sampler, in_batches
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position

MAX_ERROR = 0.02  # share of the selected images, by its upper confidence bound
FIRST_SEED = 2**40  # of the images that thresholds are chosen on; unlikely to be sampled otherwise
MIN_CONFIDENCE = 0.5  # of each voter, in any case
PART, ROUND, MAX_IMAGES = 256, 2048, 20_480  # images generated at once, before their matches are counted, and in all
MIN_MATCHES = 800  # images are generated until this many probably match


@dataclass(frozen=True)
class CalibratedClassifier:
    """A classifier whose probabilities are calibrated on real images that it was not trained on.

    slopes, offsets: float (outputs,), of the logits. For labels all slopes are one over the temperature.
    """

    classifier: Classifier
    slopes: np.ndarray
    offsets: np.ndarray

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float (count, outputs); each row is independent of the others."""
        logits = in_batches(self.classifier.logits, pixels) * self.slopes + self.offsets
        return special.expit(logits) if self.classifier.by_attribute else special.softmax(logits, axis=1)

    def recipe(self) -> dict[str, object]:
        """The accuracy and digest of the classifier, and its temperature, for JSON."""
        temperature = {} if self.classifier.by_attribute else {"temperature": round(float(1 / self.slopes[0]), 4)}
        return self.classifier.recipe() | temperature


def calibrate(logits: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets, float (outputs,) each: for class numbers (count,) by temperature scaling, for attributes
    (count, attributes) by Platt scaling of each."""
    if truth.ndim == 1:
        outputs = logits.shape[1]
        return np.full(outputs, 1 / selective_classification.temperature(logits, truth)), np.zeros(outputs)
    pairs = [selective_classification.platt(*columns) for columns in zip(logits.T, truth.T, strict=True)]
    return tuple(np.array(pairs).T)


@dataclass(frozen=True)
class ClassifierEnsemble:
    """Classifiers of one data set: the voters, which select, and the plain one as an independent auditor."""

    voters: tuple[CalibratedClassifier, ...]
    auditor: CalibratedClassifier

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> the probabilities of the voters and last of the auditor, float
        (voters + 1, count, outputs)."""
        return np.stack([one.probabilities(pixels) for one in (*self.voters, self.auditor)])

    def describe(self, query: AttributeQuery) -> str:
        """Their accuracies, also for the attributes of a query."""
        numbers = query.wanted if query.kind == "attributes" else ()
        voters = " and ".join(f"{one.classifier.accuracy:.2%}" for one in self.voters)
        return f"{self.auditor.classifier.describe(numbers)}; accuracy of the two voters {voters}"


def load_ensemble(dataset: Dataset, kind: str, *, note: Callable[[str], None]) -> ClassifierEnsemble:
    """The ensemble for a data set's labels or attributes, from the cache or trained now.

    kind: "label" or "attributes". Three classifiers are trained: for MNIST two minutes on two cores in all.
    Raises: OptionError.
    """
    kinds = [*(f"{kind}-{name}" for name in VOTERS), kind]
    members = [classifier.for_dataset(dataset, kind=name, note=note) for name in kinds]
    pairs = _calibrations(dataset, kind, members)
    *voters, auditor = (CalibratedClassifier(one, *pair) for one, pair in zip(members, pairs, strict=True))
    return ClassifierEnsemble(tuple(voters), auditor)


def _calibrations(dataset: Dataset, kind: str, members: list[Classifier]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Slopes and offsets of each member, from the cache or computed now."""
    path = _calibration_file(members)
    try:
        arrays, _ = checkpoints.read(path)
        return [(arrays[f"slopes-{at}"], arrays[f"offsets-{at}"]) for at in range(len(members))]
    except (CheckpointError, KeyError):  # absent or damaged
        pixels, truth = classifier.held_out(dataset, kind)
    pairs = [calibrate(one.logits(pixels), truth) for one in members]
    arrays = {f"slopes-{at}": slopes for at, (slopes, _) in enumerate(pairs)}
    arrays |= {f"offsets-{at}": offsets for at, (_, offsets) in enumerate(pairs)}
    checkpoints.write(path, arrays, Position())
    return pairs


def _calibration_file(members: list[Classifier]) -> Path:
    """Named after the weights of the networks and the data that they were tested on."""
    names = " ".join(f"{one.digest} {one.path.name}" for one in members)
    return members[-1].path.with_name(f"{hashlib.sha256(names.encode()).hexdigest()[:32]}-calibration.h5")


@dataclass(frozen=True)
class SelectionRule:
    """The confidence from which on an image is selected for a query, and the error of this selection.

    threshold: the minimum confidence, see `confidence`. is_reached: whether it bounds the error by `max_error`. The
    auditor disagrees on `wrong` of `audited` selected images of the run, on which the threshold was not chosen.
    """

    query: AttributeQuery
    threshold: float
    is_reached: bool
    max_error: float
    wrong: int
    audited: int

    @property
    def error(self) -> float | None:
        """The estimated share of selected images on which the auditor disagrees; None if none was audited."""
        return self.wrong / self.audited if self.audited else None

    @property
    def bound(self) -> float:
        """The upper 95 % confidence bound of the error."""
        return float(selective_classification.upper_bound(self.wrong, self.audited))

    def recipe(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return {
            "threshold": self.threshold,
            "estimated_error": self.error,
            "error_bound": round(self.bound, 4),
            "audited": self.audited,
            "max_error": self.max_error,
            "reached": self.is_reached,
        }

    def __str__(self) -> str:
        if self.error is None:
            return "error unknown: the run generates too few such images to estimate it"
        return f"estimated error {self.error:.1%} (95 %: at most {self.bound:.1%}, from {self.audited:,} images)"


def confidence(probabilities: np.ndarray, query: AttributeQuery) -> np.ndarray:
    """Confidence of the least confident voter in a query: float (voters + 1, count, outputs) -> (count,)."""
    return np.min([query.certainty(voter) for voter in probabilities[:-1]], axis=0)


def auditor_disagrees(probabilities: np.ndarray, query: AttributeQuery) -> np.ndarray:
    """Whether the auditor predicts something else: float (voters + 1, count, outputs) -> bool (count,)."""
    if query.kind == "label":
        (wanted,) = query.wanted
        return probabilities[-1].argmax(axis=1) != wanted
    return ~query.matches(probabilities[-1])


def fit_rule(probabilities: np.ndarray, query: AttributeQuery, max_error: float) -> SelectionRule:
    """The rule for a query: the threshold is chosen on every second image, and audited on the others.

    probabilities: float (voters + 1, count, outputs) of images of a run, from `ClassifierEnsemble.probabilities`.
    """
    scores, wrong = confidence(probabilities, query), auditor_disagrees(probabilities, query)
    found = selective_classification.choose_threshold(scores[::2], wrong[::2], max_error, lowest=MIN_CONFIDENCE)
    selected = scores[1::2] >= found.value
    mistakes = int(wrong[1::2][selected].sum())
    is_reached = found.is_reached and mistakes <= max_error * int(selected.sum())
    return SelectionRule(query, found.value, is_reached, max_error, mistakes, int(selected.sum()))


@dataclass
class Selector:
    """Selects images of one run with an ensemble; rules are fitted at first use and kept."""

    sampler: Sampler
    ensemble: ClassifierEnsemble
    max_error: float = MAX_ERROR
    _probabilities: list[np.ndarray] = field(default_factory=list)
    _rules: dict[tuple, SelectionRule] = field(default_factory=dict)

    @property
    def auditor(self) -> Classifier:
        """The classifier that takes no part in the selection."""
        return self.ensemble.auditor.classifier

    def recipe(self) -> dict[str, object]:
        """Accuracies and digests of the auditor (`classifier`) and the voters (`judges`), for --json."""
        voters = [voter.recipe() for voter in self.ensemble.voters]
        return {"classifier": self.ensemble.auditor.recipe(), "judges": voters}

    def rule(self, query: AttributeQuery) -> SelectionRule:
        """The rule for a query, independent of earlier queries.

        Images are generated until 800 probably match, or up to 20,480.
        """
        key = (query.kind, *sorted(query.wanted.items()))
        if key not in self._rules:
            probabilities = np.concatenate(self._probabilities[: self._num_parts(query)], axis=1)
            self._rules[key] = fit_rule(probabilities, query, self.max_error)
        return self._rules[key]

    def _num_parts(self, query: AttributeQuery) -> int:
        """How many parts of the images the rule of a query needs; those that are missing are generated."""
        parts, matches = 0, 0
        with counting(f"finding the confidence for '{query.text}'", MIN_MATCHES) as advance:
            while (matches < MIN_MATCHES and parts * PART < MAX_IMAGES) or parts * PART % ROUND:
                if parts == len(self._probabilities):
                    first = FIRST_SEED + parts * PART
                    pixels = self.sampler.seeds(list(range(first, first + PART)))
                    self._probabilities.append(self.ensemble.probabilities(pixels))
                matches += int((confidence(self._probabilities[parts], query) >= MIN_CONFIDENCE).sum())
                parts += 1
                advance(min(MIN_MATCHES, max(matches, MIN_MATCHES * parts * PART // MAX_IMAGES)))
        return parts

    def matches(self, query: AttributeQuery, pixels: np.ndarray) -> np.ndarray:
        """Which images are selected: uint8 (count, height, width, channels) -> bool (count,)."""
        probabilities = self.ensemble.probabilities(pixels)
        is_confident = confidence(probabilities, query) >= self.rule(query).threshold
        return is_confident & ~auditor_disagrees(probabilities, query)
