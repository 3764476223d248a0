"""A metric, and what several of them need."""

from __future__ import annotations

from typing import NamedTuple

from gancli.evaluation.metric_table.places import Place

SAMPLES = "samples or images"
LABELS = f"{SAMPLES}; data with labels"


class Metric(NamedTuple):
    """A metric. needs: what can be scored, and which data, in words; summary: what it measures; better: "higher",
    "lower" or "" where neither is.

    measurement: the function in `measurements`. value, real, spread: places in its result: the score, the same score of
    real images or of what else it is compared with (wording.REAL_IS), and its deviation or standard error; "" where
    there is none. missing: why the value may be absent.
    """

    measurement: str
    value: Place
    needs: str
    summary: str
    better: str = ""
    real: Place = ""
    spread: Place = ""
    missing: str = "it is not defined here"
