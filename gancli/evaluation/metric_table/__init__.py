"""Every metric by name: what computes it, on what, and where it stands in the result."""

from gancli.evaluation.metric_table import applicability, report, wording
from gancli.evaluation.metric_table.everything import Everything
from gancli.evaluation.metric_table.everything import measure as measure_all
from gancli.evaluation.metric_table.lookup import ALIASES, find, names
from gancli.evaluation.metric_table.metric import Metric
from gancli.evaluation.metric_table.metrics import METRICS
from gancli.evaluation.metric_table.scoring import Score, measure
from gancli.evaluation.metric_table.subject import Subject

__all__ = [
    "ALIASES",
    "METRICS",
    "Everything",
    "Metric",
    "Score",
    "Subject",
    "applicability",
    "find",
    "measure",
    "measure_all",
    "names",
    "report",
    "wording",
]
