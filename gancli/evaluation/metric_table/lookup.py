"""Metrics found by name."""

from __future__ import annotations

from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.evaluation.metric_table.metrics import METRICS

ALIASES = {  # names that others give them
    "frechet": "fid",
    "is": "inception_score",
    "diversity": "ms_ssim",
    "memorization": "neighbors",
    "label_accuracy": "labels",
    "mean_iou": "miou",
    "log_likelihood": "parzen",
}

COMMANDS = {  # that print the same results, by measurement
    "bounds": "eval-elbo",
    "captions": "eval-captions",
    "distances": "eval-fid",
    "diversity": "eval-diversity",
    "labels": "eval-labels",
    "modes": "eval-modes",
    "neighbors": "eval-neighbors",
    "parzen": "eval-parzen",
    "parzen_by_level": "eval-parzen --multi-scale",
    "probe": "eval-probe",
    "reconstruction": "reconstruct",
    "segmentation": "eval-segmentation",
    "sentences": "eval-sentences",
    "spectrum": "eval-spectrum",
    "translation": "eval-translation",
    "upscaling": "eval-psnr",
}


def names() -> list[str]:
    """The names of all metrics."""
    return sorted(METRICS)


def find(name: str) -> str:
    """The name in the table of a metric, in any case, with dashes or underscores, or by another name. Raises:
    OptionError for an unknown one."""
    plain = str(name).casefold().replace("-", "_").replace(" ", "_")
    plain = ALIASES.get(plain, plain)
    if plain not in METRICS:
        known = [*METRICS, *ALIASES]
        raise OptionError(f"unknown metric '{name}'; the metrics are {', '.join(names())}{did_you_mean(name, known)}")
    return plain
