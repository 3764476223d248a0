"""Quality of super-resolution: what is compared, how, and the scores."""

from gancli.evaluation.super_resolution.comparison import (
    SuperResolutionResult,
    UpscaleScores,
    measure,
    patch_extractor,
)
from gancli.evaluation.super_resolution.originals import BICUBIC, GIVEN, Inputs, Original, load_originals

__all__ = [
    "BICUBIC",
    "GIVEN",
    "Inputs",
    "Original",
    "SuperResolutionResult",
    "UpscaleScores",
    "load_originals",
    "measure",
    "patch_extractor",
]
