"""Every metric by name: what computes it, on what, and where it stands in the result."""

from gancli.evaluation.metric_table.lookup import ALIASES, find, names
from gancli.evaluation.metric_table.metric import Metric
from gancli.evaluation.metric_table.metrics import METRICS
from gancli.evaluation.metric_table.scoring import Score, measure
from gancli.evaluation.metric_table.subject import Subject

__all__ = ["ALIASES", "METRICS", "Metric", "Score", "Subject", "find", "measure", "names"]
