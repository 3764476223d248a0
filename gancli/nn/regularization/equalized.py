"""Equalized learning rate. Karras, Aila, Laine & Lehtinen 2018, arXiv:1710.10196, section 4.1.

There a layer computes with c ŵ, where ŵ begins from N(0, 1) and c = gain / √inputs is He's constant. Adam's step does
not depend on the scale of a gradient (but for its epsilon), so a step of ŵ moves c ŵ by c times the learning rate: the
same as Adam on w = c ŵ itself, from N(0, c²), with c times the learning rate for that weight. Here the weights are w,
so that saving, averages and export need no change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from gancli.core.backend import keras, np
from gancli.nn.layer_tree import layers_of
from gancli.nn.network import Network

GAIN = math.sqrt(2.0)  # He et al. 2015


def inputs_of(model: keras.Model) -> dict[str, float]:
    """Numbers that one output of each kernel (two dimensions or more) sums up, by variable path.

    A kernel is (…, inputs, outputs); that of a transposed convolution (…, outputs, inputs), of which a stride of s uses
    every s-th row and column.
    """
    counts = {one.path: float(math.prod(one.shape[:-1])) for one in model.trainable_variables if len(one.shape) >= 2}
    for layer in layers_of(model):
        if isinstance(layer, keras.layers.Conv2DTranspose):
            kernel = layer.kernel
            counts[kernel.path] = math.prod(kernel.shape) / kernel.shape[-2] / math.prod(layer.strides)
    return counts


def equalize(
    model: keras.Model, seed: int, *, gain: float = GAIN, gains: Mapping[str, float] | None = None, rate: float = 1.0
) -> dict[str, float]:
    """Draw every kernel (two dimensions or more) from N(0, c²) and give the multipliers of its learning rate.

    gains: of single layers, by the first part of the path of their kernels. rate: a further multiplier of the learning
    rate of all weights, such as .01 of a mapping network; the weights are N(0, (c / rate)²) in ŵ, and N(0, c²) in w.
    Returns: multiplier by variable path, for `optimizers.adam`.
    """
    multipliers, inputs = {}, inputs_of(model)
    for variable in model.trainable_variables:
        if variable.path not in inputs:
            multipliers[variable.path] = rate
            continue
        constant = (gains or {}).get(variable.path.split("/")[0], gain) / math.sqrt(inputs[variable.path])
        random = np.random.default_rng([seed, *variable.path.encode()])
        variable.assign(constant * random.standard_normal(variable.shape, np.float32))
        multipliers[variable.path] = constant * rate
    return multipliers


def equalize_network(network: Network, seed: int) -> None:
    """Equalize a network whose optimizer is `optimizers.adam`. Raises: ValueError for another optimizer."""
    optimizer = getattr(network.optimizer, "inner_optimizer", network.optimizer)
    if not hasattr(optimizer, "multipliers"):
        raise ValueError(f"an equalized learning rate needs Adam, not {type(optimizer).__name__}")
    optimizer.multipliers = equalize(network.model, seed, gains=network.gains)
    network.reset_ema()
