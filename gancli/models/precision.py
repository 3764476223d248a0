"""Compute precision and XLA compilation of a model on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gancli.core.backend import has_fast_bfloat16, tf

if TYPE_CHECKING:
    from gancli.models.base import Model
    from gancli.models.config import TrainingConfig

POLICIES = {"float32": "float32", "bfloat16": "mixed_bfloat16", "float16": "mixed_float16"}  # Keras' names


def compute_precision(config: TrainingConfig) -> str:
    """ "float32", "bfloat16" or "float16": --precision, with "auto" resolved for this machine."""
    if config.precision != "auto":
        return config.precision
    return "bfloat16" if has_fast_bfloat16() and config.jit != "on" else "float32"


def uses_xla(model: Model) -> bool:
    """Whether the training step is compiled with XLA: --jit, with "auto" resolved for this machine.

    On a CPU it makes convolutions ten times slower and bfloat16 products no faster; of the dense models only `gan`
    gains (a sixth). On a GPU it was not measured.
    """
    if model.devices.strategy:
        return False  # CPU replicas cannot synchronize inside it, and on GPUs it was not tried
    if model.config.jit != "auto":
        return model.config.jit == "on"
    on_cpu = not tf.config.list_physical_devices("GPU")
    return model.xla_faster_on_cpu and on_cpu and compute_precision(model.config) == "float32"
