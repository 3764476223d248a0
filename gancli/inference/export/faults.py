"""The layer at which a format fails, found by exporting the network up to one layer after another."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from gancli.core.backend import keras, np
from gancli.inference.export import comparison
from gancli.inference.export.networks import ExportedNetwork


def find(module: ModuleType, network: ExportedNetwork, cases: Sequence[list[np.ndarray]], tolerance: float) -> str:
    """The first layer up to which the network cannot be exported, or comes out differently: its name and kind.

    Found by bisection, as all layers after it fail too. Empty if none is found.
    """
    layers = [layer for layer in network.model.layers if not isinstance(layer, keras.layers.InputLayer)]
    low, high = 0, len(layers) - 1
    if high < 0 or not _fails(module, network, layers[high], cases, tolerance):
        return ""
    while low < high:
        middle = (low + high) // 2
        if _fails(module, network, layers[middle], cases, tolerance):
            high = middle
        else:
            low = middle + 1
    at_fault = layers[low]
    if isinstance(at_fault, keras.Model) and [one.shape for one in at_fault.inputs] == [
        one.shape for one in network.inputs
    ]:
        inner = find(module, replace(network, model=at_fault), cases, tolerance)
        if inner:
            return inner
    return f"{at_fault.name} ({type(at_fault).__name__})"


def _fails(
    module: ModuleType,
    network: ExportedNetwork,
    layer: keras.Layer,
    cases: Sequence[list[np.ndarray]],
    tolerance: float,
) -> bool:
    outputs = layer._inbound_nodes[-1].outputs  # in this network; `output` is that of its first call
    names = tuple(f"output_{number}" for number in range(len(outputs)))
    part = replace(network, model=keras.Model(network.model.inputs, outputs), outputs=names)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "part.keras" if module.RUNTIME == "keras" else "part")
        try:
            module.write(part, path, {"gancli": ""}, False)
            found = module.compute(path, part, cases)
        except Exception:  # whatever a converter raises
            return True
    return comparison.difference(comparison.rebuilt(part, cases), found) > tolerance
