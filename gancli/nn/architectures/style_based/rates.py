"""The equalized learning rate of networks whose kernels begin with deviations of their own."""

from __future__ import annotations

from gancli.core.backend import keras
from gancli.nn.architectures.style_based.mapping import RATE
from gancli.nn.layer_tree import layers_of


def multipliers(model: keras.Model) -> dict[str, float]:
    """Multipliers of Adam's learning rate by variable path, for `optimizers.adam`.

    Equalized learning rate, Karras et al. 2018 (1710.10196), section 4.1: a kernel c ŵ, ŵ from N(0, 1) with the
    learning rate, is here the kernel w from N(0, c²) with c times the learning rate. The mapping network has a
    hundredth of these. Other weights have the learning rate itself.
    """
    found: dict[str, float] = {}
    for layer in layers_of(model):
        if isinstance(layer, keras.Model):
            continue
        rate = RATE if layer.name.startswith("map_") else 1.0
        for variable in layer.trainable_variables:
            found[variable.path] = rate * (_deviation(layer) if variable.name == "kernel" else 1.0)
    return found


def _deviation(layer: keras.Layer) -> float:
    """Of a layer's initial kernel; 1 for layers that are not of these networks."""
    return layer.deviation if hasattr(layer, "deviation") else getattr(layer.kernel_initializer, "stddev", 1.0)
