"""Choosing images that show a thing: two networks choose, and a third that took no part tells how often they are wrong.

A generator's images are not the data that a classifier was tested on, and one network's certainty says little about
them. So two networks of different kind, calibrated on real images, must both be sure; how sure is found on images of
the run itself, so that the third network reads few of the chosen ones otherwise. What it does read otherwise is left
out as well: the error that is told was measured before that, and is on the safe side.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gancli.core.backend import np, special
from gancli.core.errors import CheckpointError
from gancli.data import Dataset
from gancli.data.attribute_query import AttributeQuery
from gancli.evaluation import classifier
from gancli.evaluation.classifier import JUDGES, Classifier
from gancli.evaluation.metrics import selective_classification
from gancli.inference.sampling import Sampler, in_batches
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position

MAX_ERROR = 0.02  # of the images that are kept, by its upper bound
FIRST_SEED = 2**40  # of the images that thresholds are found on; nobody draws those by chance
LOWEST = 0.5  # that a judge must believe in any case
ROUND, MOST, ENOUGH = 2048, 20_480, 800  # images drawn at once and in all; until so many show the thing


@dataclass(frozen=True)
class Calibrated:
    """A classifier whose probabilities are those of real images that it was not trained on.

    slopes, offsets: float (outputs,), of the logits. Of labels all slopes are one over the temperature.
    """

    classifier: Classifier
    slopes: np.ndarray
    offsets: np.ndarray

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float (count, outputs); a row does not depend on the others."""
        logits = in_batches(self.classifier.logits, pixels) * self.slopes + self.offsets
        return special.expit(logits) if self.classifier.each else special.softmax(logits, axis=1)

    def recipe(self) -> dict[str, object]:
        """What a reader needs to trust it."""
        told = {} if self.classifier.each else {"temperature": round(float(1 / self.slopes[0]), 4)}
        return self.classifier.recipe() | told


def calibration(logits: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Slopes and offsets, float (outputs,) each: of class numbers (count,) by temperature, of attributes (count,
    attributes) each by Platt's method."""
    if truth.ndim == 1:
        outputs = logits.shape[1]
        return np.full(outputs, 1 / selective_classification.temperature(logits, truth)), np.zeros(outputs)
    pairs = [selective_classification.platt(*columns) for columns in zip(logits.T, truth.T, strict=True)]
    return tuple(np.array(pairs).T)


@dataclass(frozen=True)
class Panel:
    """Classifiers of one data set: those that choose, and the plain one, which takes no part in that."""

    judges: tuple[Calibrated, ...]
    auditor: Calibrated

    def look(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> the probabilities of the judges and last of the auditor, float
        (judges + 1, count, outputs)."""
        return np.stack([one.probabilities(pixels) for one in (*self.judges, self.auditor)])

    def told(self, concept: AttributeQuery) -> str:
        """How good they are, at what a concept names."""
        numbers = concept.wanted if concept.kind == "attributes" else ()
        others = " and ".join(f"{one.classifier.accuracy:.2%}" for one in self.judges)
        return f"{self.auditor.classifier.told(numbers)}; the two that choose {others}"


def panel(dataset: Dataset, kind: str, *, note: Callable[[str], None]) -> Panel:
    """The panel of a data set's labels or attributes, from the cache or trained now.

    kind: "label" or "attributes". Three trainings: for MNIST two minutes of two cores in all. Raises: OptionError.
    """
    kinds = [*(f"{kind}-{name}" for name in JUDGES), kind]
    members = [classifier.for_dataset(dataset, kind=name, note=note) for name in kinds]
    held = _calibrations(dataset, kind, members)
    *judges, auditor = (Calibrated(one, *pair) for one, pair in zip(members, held, strict=True))
    return Panel(tuple(judges), auditor)


def _calibrations(dataset: Dataset, kind: str, members: list[Classifier]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Slopes and offsets of each, from the cache or found now."""
    path = _calibration_file(members)
    try:
        arrays, _ = checkpoints.read(path)
        return [(arrays[f"slopes-{at}"], arrays[f"offsets-{at}"]) for at in range(len(members))]
    except (CheckpointError, KeyError):  # absent or damaged
        pixels, truth = classifier.held_out(dataset, kind)
    found = [calibration(one.logits(pixels), truth) for one in members]
    named = {f"slopes-{at}": slopes for at, (slopes, _) in enumerate(found)}
    named |= {f"offsets-{at}": offsets for at, (_, offsets) in enumerate(found)}
    checkpoints.write(path, named, Position())
    return found


def _calibration_file(members: list[Classifier]) -> Path:
    """Named after the networks' weights and the images that they were tested on."""
    names = " ".join(f"{one.digest} {one.path.name}" for one in members)
    return members[-1].path.with_name(f"{hashlib.sha256(names.encode()).hexdigest()[:32]}-calibration.h5")


@dataclass(frozen=True)
class Rule:
    """When an image counts as showing a concept, and how often that is wrong.

    threshold: the least score, see `scores`. is_reached: whether it bounds the error by `max_error`. Of `audited`
    images of the run that reach it, others than those it was found on, the auditor reads `wrong` otherwise.
    """

    concept: AttributeQuery
    threshold: float
    is_reached: bool
    max_error: float
    wrong: int
    audited: int

    @property
    def error(self) -> float | None:
        """The estimated share of images that an independent network reads otherwise; None where none was audited."""
        return self.wrong / self.audited if self.audited else None

    @property
    def bound(self) -> float:
        """The upper 95 % bound of that share."""
        return float(selective_classification.upper_bound(self.wrong, self.audited))

    def recipe(self) -> dict[str, object]:
        """For a result."""
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
            return "error unknown: the run makes too few to estimate it"
        return f"estimated error {self.error:.1%} (95 %: at most {self.bound:.1%}, of {self.audited:,} images)"


def scores(seen: np.ndarray, concept: AttributeQuery) -> np.ndarray:
    """How sure the least sure judge is of the concept: float (judges + 1, count, outputs) -> (count,)."""
    return np.min([concept.certainty(judge) for judge in seen[:-1]], axis=0)


def contradicts(seen: np.ndarray, concept: AttributeQuery) -> np.ndarray:
    """Whether the auditor reads something else, as likeliest: float (judges + 1, count, outputs) -> bool (count,)."""
    if concept.kind == "label":
        (wanted,) = concept.wanted
        return seen[-1].argmax(axis=1) != wanted
    return ~concept.matches(seen[-1])


def find(seen: np.ndarray, concept: AttributeQuery, max_error: float) -> Rule:
    """The rule for a concept by images of a run: every second one to find a threshold, the others to audit it.

    seen: what `Panel.look` gives.
    """
    sure, wrong = scores(seen, concept), contradicts(seen, concept)
    found = selective_classification.choose(sure[::2], wrong[::2], max_error, lowest=LOWEST)
    kept = sure[1::2] >= found.value
    mistakes = int(wrong[1::2][kept].sum())
    is_reached = found.is_reached and mistakes <= max_error * int(kept.sum())
    return Rule(concept, found.value, is_reached, max_error, mistakes, int(kept.sum()))


@dataclass
class Selector:
    """Chooses images of one run by a panel; thresholds are found at first use and kept."""

    sampler: Sampler
    panel: Panel
    max_error: float = MAX_ERROR
    _seen: list[np.ndarray] = field(default_factory=list)
    _rules: dict[tuple, Rule] = field(default_factory=dict)

    def rule(self, concept: AttributeQuery) -> Rule:
        """When an image of the run counts as showing the concept: the same whatever was asked for before.

        Images are drawn until 800 show it likely, or 20,480.
        """
        key = (concept.kind, *sorted(concept.wanted.items()))
        if key not in self._rules:
            rounds, likely = 0, 0
            while likely < ENOUGH and rounds * ROUND < MOST:
                if rounds == len(self._seen):
                    first = FIRST_SEED + rounds * ROUND
                    self._seen.append(self.panel.look(self.sampler.seeds(list(range(first, first + ROUND)))))
                likely += int((scores(self._seen[rounds], concept) >= LOWEST).sum())
                rounds += 1
            self._rules[key] = find(np.concatenate(self._seen[:rounds], axis=1), concept, self.max_error)
        return self._rules[key]

    def shows(self, concept: AttributeQuery, pixels: np.ndarray) -> np.ndarray:
        """Which images are kept: uint8 (count, height, width, channels) -> bool (count,)."""
        seen = self.panel.look(pixels)
        return (scores(seen, concept) >= self.rule(concept).threshold) & ~contradicts(seen, concept)
