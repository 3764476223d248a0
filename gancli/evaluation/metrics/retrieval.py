"""Finding the one that belongs among others: where the right one stands by a score."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gancli.core.backend import np


class Retrieval(NamedTuple):
    """Shares of questions whose right answer stands first, and among the first five, and its median place, from 1."""

    first: float
    among_five: float
    median_place: float


def places(scores: np.ndarray) -> np.ndarray:
    """The place of the right answer of each question, from 1, int (count,).

    scores: float (questions, answers), the right ones on the diagonal; of equal scores the right one comes last.
    """
    return (scores >= np.diagonal(scores)[:, None]).sum(axis=1)


def measure(groups: Sequence[np.ndarray]) -> Retrieval:
    """Of groups of questions, each with its scores as of `places`."""
    found = np.concatenate([places(scores) for scores in groups])
    return Retrieval(float((found == 1).mean()), float((found <= 5).mean()), float(np.median(found)))


def relative_log_likelihood(logs: np.ndarray) -> np.ndarray:
    """Scores of answers by how much likelier the question makes them than the group's questions do in the mean.

    logs: log P(answer | question), nats, float (questions, answers). Without the second term short answers of common
    words would win everywhere.
    """
    logs = logs.astype(np.float64)
    return logs - np.logaddexp.reduce(logs, axis=0, keepdims=True)
