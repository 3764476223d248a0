"""Every metric that applies, from one set of samples: what could be measured, and why the rest could not."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from gancli.core.errors import DataError, GancliError, OptionError
from gancli.evaluation import remembered
from gancli.evaluation.metric_table import applicability, scoring
from gancli.evaluation.metric_table.measurements import Measured
from gancli.evaluation.metric_table.metrics import METRICS
from gancli.evaluation.metric_table.scoring import Score
from gancli.evaluation.metric_table.subject import Subject
from gancli.evaluation.sample_quality.fid_options import DistanceOptions
from gancli.inference.trained_model import TrainedModel
from gancli.models.capabilities import Decoder

SAMPLES = "samples"  # among the seconds: generating or reading what is scored


class Everything(NamedTuple):
    """Scores by metric, in the order of the table; by metric why it could not be computed, of those that apply; and the
    seconds that each measurement took, by name, and the samples."""

    scores: dict[str, Score]
    left_out: dict[str, str]
    seconds: dict[str, float]


def measure(
    subject: Subject, options: Mapping[str, Any], *, only: Sequence[str] = (), without: Sequence[str] = ()
) -> Everything:
    """Compute every metric that applies to a model or images.

    options: of the measurements, by name, for all that take them. only: metrics to compute, or measurements, instead of
    all; without: those that are left out. Raises: OptionError for an unknown name or option; if nothing can be
    computed, or a measurement fails that takes one of the options, what it raises.
    """
    names = applicability.chosen(subject, only, without)
    scoring.check_options(options, [METRICS[name].measurement for name in names])
    DistanceOptions(**scoring.taken("distances", options)).feature_choice()  # which is checked before data are read
    left_out = {name: reason for name in names if (reason := applicability.lacking(name, subject))}
    names = [name for name in names if name not in left_out]
    groups: dict[str, list[str]] = {}
    for name in names:
        groups.setdefault(METRICS[name].measurement, []).append(name)
    scores: dict[str, Score] = {}
    seconds: dict[str, float] = {}
    failures: list[GancliError] = []
    with remembered.remembering():
        if any(applicability.when(name).from_samples for name in names):
            with _timed(seconds, SAMPLES):
                _prepare(subject)
        for number, (group, members) in enumerate(groups.items(), 1):
            subject.note(f"{number} of {len(groups)}: {group}")
            taken = _taken(group, options, groups)
            try:
                with _timed(seconds, group):
                    measured = scoring.function_of(group)(subject, **taken)
            except (DataError, OptionError) as error:
                if taken:
                    raise
                failures.append(error)
                left_out |= dict.fromkeys(members, str(error))
                continue
            _read(members, measured, scores, left_out)
    for name in applicability.unasked(scores, left_out, only):
        del left_out[name]
    if not scores:
        raise failures[0] if failures else DataError(f"nothing can be scored: {next(iter(left_out.values()))}")
    return Everything(scores, {name: left_out[name] for name in METRICS if name in left_out}, seconds)


def _prepare(subject: Subject) -> None:
    """Generate or read what is scored; images that cannot be scored are refused by each measurement."""
    if not isinstance(subject.scored, TrainedModel):
        _ = subject.evaluated
    elif subject.scored.run.can(Decoder):
        _ = subject.drawn


def _taken(group: str, options: Mapping[str, Any], groups: Mapping[str, object]) -> dict[str, Any]:
    """The options that a measurement takes: the features of distances are not those of measurements with their own."""
    taken = scoring.taken(group, options)
    if group in applicability.OWN_FEATURES and "distances" in groups:
        taken.pop("features", None)
    return taken


def _read(members: Sequence[str], measured: Measured, scores: dict[str, Score], left_out: dict[str, str]) -> None:
    for name in members:
        score = scoring.read(name, measured)
        if score is None or math.isnan(score.value):
            left_out[name] = METRICS[name].missing
        else:
            scores[name] = score


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    started = time.monotonic()
    try:
        yield
    finally:
        seconds[name] = round(time.monotonic() - started, 2)
