"""The measurements that metrics are values of: each is what one evaluation command reports."""

from gancli.evaluation.metric_table.measurements.measured import Measured
from gancli.evaluation.metric_table.measurements.of_models import (
    bounds,
    captions,
    parzen_by_level,
    probe,
    reconstruction,
    segmentation,
    sentences,
    translation,
    upscaling,
)
from gancli.evaluation.metric_table.measurements.of_samples import (
    distances,
    diversity,
    labels,
    modes,
    neighbors,
    parzen,
    spectrum,
)

__all__ = [
    "Measured",
    "bounds",
    "captions",
    "distances",
    "diversity",
    "labels",
    "modes",
    "neighbors",
    "parzen",
    "parzen_by_level",
    "probe",
    "reconstruction",
    "segmentation",
    "sentences",
    "spectrum",
    "translation",
    "upscaling",
]
