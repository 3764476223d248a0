"""Retrieval: the rank of the right answer among others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gancli.core.backend import np


class Retrieval(NamedTuple):
    """Shares of queries whose right answer is ranked first, and among the first five; its median rank, from 1."""

    first: float
    among_five: float
    median_place: float


def ranks(scores: np.ndarray) -> np.ndarray:
    """The rank of the right answer for each query, from 1, int (count,).

    scores: float (queries, answers), with the right ones on the diagonal; among equal scores the right one is last.
    """
    return (scores >= np.diagonal(scores)[:, None]).sum(axis=1)


def measure(groups: Sequence[np.ndarray]) -> Retrieval:
    """Summarize the ranks of groups of queries, each with its scores float (queries, answers); see `ranks`."""
    found = np.concatenate([ranks(scores) for scores in groups])
    return Retrieval(float((found == 1).mean()), float((found <= 5).mean()), float(np.median(found)))


def relative_log_likelihood(logs: np.ndarray) -> np.ndarray:
    """Scores of answers by their likelihood given the query, relative to the mean over all queries of the group.

    logs: log P(answer | query), nats, float (queries, answers). Without the second term, short answers of common words
    would rank first for all queries.
    """
    logs = logs.astype(np.float64)
    return logs - np.logaddexp.reduce(logs, axis=0, keepdims=True)
