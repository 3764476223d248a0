"""Metrics measured: each measurement once, however many metrics are values of its result."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.evaluation import remembered
from gancli.evaluation.metric_table import measurements
from gancli.evaluation.metric_table.lookup import find
from gancli.evaluation.metric_table.measurements import Measured
from gancli.evaluation.metric_table.metrics import METRICS
from gancli.evaluation.metric_table.places import number_at
from gancli.evaluation.metric_table.subject import Subject

LIMITS = {  # of whole numbers among the options: the smallest and the largest
    "border": (0, 1000),
    "draws": (1, 1000),
    "folds": (2, 100),
    "importance": (0, 100_000),
    "num_images": (1, 10**9),
    "num_labels": (2, 1_000_000),
    "num_samples": (2, 1_000_000),
    "pairs": (2, 100_000),
    "repeats": (1, 100),
    "resize": (1, 4096),
    "seed": (0, 2**31 - 1),
    "validation": (1, 10**9),
}
CHOICES: dict[str, tuple[str | int, ...]] = {
    "dims": (64, 192, 768, 2048),
    "inputs": ("bicubic", "given"),
    "reference": ("test", "train"),
    "resize": ("clean", "legacy-tensorflow", "legacy-pytorch"),
    "split": ("test", "validation", "train", "all"),
}
FLAGS = ("fid_infinity",)
PATHS = ("save_stats", "stats", "weights_file")
TRANSLATION_SPLITS = ("test", "train")


class Score(NamedTuple):
    """The value of a metric; the same score of real images, and its deviation, if there are any; and what was measured,
    with its recipe."""

    value: float
    real: float | None
    spread: float | None
    measured: Measured


def measure(subject: Subject, metrics: Sequence[str], options: Mapping[str, Any]) -> dict[str, Score]:
    """The scores by the names in `metrics`, in their order.

    options: of the measurements, by name, for all that take them. Raises: OptionError for an unknown metric or option,
    and what cannot be scored; DataError, CheckpointError.
    """
    wanted = {name: find(name) for name in metrics}
    if not wanted:
        raise OptionError("metrics is empty: give at least one name, such as fid")
    groups = dict.fromkeys(METRICS[name].measurement for name in wanted.values())
    check_options(options, groups)
    with remembered.remembering():
        done = {group: function_of(group)(subject, **taken(group, options)) for group in groups}
    return {asked: _score(name, done[METRICS[name].measurement], subject.note) for asked, name in wanted.items()}


def options_of(name: str) -> dict[str, Any]:
    """The options of a metric with their defaults, by name."""
    return _options_of(METRICS[name].measurement)


def function_of(group: str) -> Callable[..., Measured]:
    """The function of a measurement."""
    return getattr(measurements, group)


def taken(group: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the options that a measurement takes."""
    return {key: value for key, value in options.items() if key in _options_of(group)}


def _options_of(group: str) -> dict[str, Any]:
    parameters = inspect.signature(function_of(group)).parameters.values()
    return {one.name: one.default for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY}


def check_options(options: Mapping[str, Any], groups: Collection[str]) -> None:
    """Raise OptionError for an option that none of these measurements takes, or a value that it cannot have."""
    known = sorted({key for group in groups for key in _options_of(group)})
    for key, value in options.items():
        if key not in known:
            listed = (
                f"the options of these metrics are {', '.join(known)}" if known else "these metrics have no options"
            )
            raise OptionError(f"unknown option '{key}'; {listed}{did_you_mean(key, known)}")
        if value is not None:
            check_option(key, value)
        if key == "split" and "translation" in groups and value not in (None, *TRANSLATION_SPLITS):
            raise OptionError(f"split = {value!r}: for translations expected {' or '.join(TRANSLATION_SPLITS)}")
        if key == "resize" and value is not None and isinstance(value, str) == ("segmentation" in groups):
            expected = "a number of pixels" if isinstance(value, str) else " or ".join(map(str, CHOICES[key]))
            raise OptionError(f"resize = {value!r}: for these metrics expected {expected}")


def check_option(key: str, value: object) -> None:
    """Raise OptionError for a value that the option of this name cannot have."""
    is_word = key in CHOICES and (key not in LIMITS or isinstance(value, str))
    if key in LIMITS and not is_word:
        low, high = LIMITS[key]
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise OptionError(f"{key} = {value!r}: expected a whole number from {low:,} to {high:,}")
    if is_word and value not in CHOICES[key]:
        raise OptionError(f"{key} = {value!r}: expected {', '.join(map(str, CHOICES[key]))}")
    if key in FLAGS and not isinstance(value, bool):
        raise OptionError(f"{key} = {value!r}: expected True or False")
    if key in PATHS and not isinstance(value, (str, Path)):
        raise OptionError(f"{key} = {value!r}: expected a path")
    if key == "false_positive_rate" and not (isinstance(value, (int, float)) and 0 <= value <= 0.5):
        raise OptionError(f"{key} = {value!r}: expected a number from 0 to 0.5")
    if key == "sigmas" and not _are_widths(value):
        raise OptionError(f"{key} = {value!r}: expected numbers from 0.0001 to 1000, such as [0.1, 0.2, 0.3]")


def _are_widths(value: object) -> bool:
    """Whether this is a sequence of widths of Parzen windows."""
    numbers = value if isinstance(value, Sequence) and not isinstance(value, str) else ()
    return bool(numbers) and all(isinstance(one, (int, float)) and 1e-4 <= one <= 1000 for one in numbers)


def _score(name: str, measured: Measured, note: Callable[[str], None]) -> Score:
    score, metric = read(name, measured), METRICS[name]
    if score is None:
        raise OptionError(f"{name}: {metric.missing}")
    if math.isnan(score.value):
        note(f"warning: {name} is not defined: {metric.missing}")
    return score


def read(name: str, measured: Measured) -> Score | None:
    """The score of a metric, NaN where it is not defined; None if the measurement has none."""
    metric = METRICS[name]
    value = number_at(metric.value, measured.result)
    if value is None:
        return None
    real, spread = (number_at(place, measured.result) for place in (metric.real, metric.spread))
    return Score(value, _or_none(real), _or_none(spread), measured)


def _or_none(value: float | None) -> float | None:
    return None if value is None or math.isnan(value) else value
