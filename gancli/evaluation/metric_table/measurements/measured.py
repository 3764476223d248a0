"""What a measurement returns."""

from __future__ import annotations

from typing import NamedTuple

from gancli.evaluation import results
from gancli.evaluation.metric_table.subject import Subject


class Measured(NamedTuple):
    """A result with its recipe, as --json prints it, and the name of its file in a run's eval/."""

    name: str
    result: dict[str, object]


def of_set(subject: Subject, name: str, result: dict[str, object]) -> Measured:
    """A score of the subject's samples or images."""
    evaluated = subject.evaluated
    rounded = results.round_floats(result)
    return Measured(name, {**rounded, **evaluated.recipe, "data": evaluated.dataset.name})


def of_model(name: str, result: dict[str, object]) -> Measured:
    """A score of a model."""
    return Measured(name, results.round_floats(result))
