"""SavedModel: a folder that TensorFlow loads and serves without Keras."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from gancli.core.backend import np, tf
from gancli.inference.export.networks import ExportedNetwork
from gancli.inference.export.tracing import traced

RUNTIME = "tensorflow"
SIGNATURE = "serving_default"
EXTRA = Path("assets.extra") / "gancli.json"  # where TensorFlow expects files that it does not read


def write(network: ExportedNetwork, path: Path, about: dict[str, object], half: bool = False) -> None:
    """Write a folder with one signature, `serving_default`, of named inputs and outputs."""
    module = tf.Module()
    module.network, module.call = network.model, traced(network)
    tf.saved_model.save(module, str(path), signatures={SIGNATURE: module.call.get_concrete_function()})
    (path / EXTRA).parent.mkdir(exist_ok=True)
    (path / EXTRA).write_text(json.dumps(about, indent=1), encoding="utf-8")


def compute(path: Path, network: ExportedNetwork, cases: Sequence[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """The outputs of the folder, loaded by TensorFlow, for each list of inputs."""
    loaded = tf.saved_model.load(str(path))
    names, results = [one.name for one in network.inputs], []
    for inputs in cases:
        given = {name: tf.constant(value) for name, value in zip(names, inputs, strict=True)}
        found = loaded.signatures[SIGNATURE](**given)
        results.append([found[name].numpy() for name in network.outputs])
    return results


def about(path: Path) -> dict[str, object]:
    """The metadata of a folder."""
    return json.loads((path / EXTRA).read_text(encoding="utf-8"))
