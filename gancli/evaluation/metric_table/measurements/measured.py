"""What a measurement returns."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, NamedTuple

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


def takes(options: type) -> Callable[[Callable[..., Measured]], Callable[..., Measured]]:
    """A measurement of (subject, options) as one of (subject, *, …): the fields of this NamedTuple are its keywords."""
    kind = inspect.Parameter.KEYWORD_ONLY
    fields = inspect.signature(options).parameters.values()

    def decorate(function: Callable[..., Measured]) -> Callable[..., Measured]:
        @functools.wraps(function)
        def measurement(subject: Subject, **given: Any) -> Measured:
            return function(subject, options(**given))

        plain = inspect.signature(function)
        subject = next(iter(plain.parameters.values()))
        keywords = [one.replace(kind=kind) for one in fields]
        measurement.__signature__ = plain.replace(parameters=[subject, *keywords])
        return measurement

    return decorate
