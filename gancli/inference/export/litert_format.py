"""LiteRT (TensorFlow Lite): a file for phones and small devices, with the built-in operators alone.

The weights become constants before the conversion: converted with its variables, a network of Keras 3 comes out without
them, loads well, and computes arbitrary numbers (findings/litert-without-weights.sh). The metadata are a file in a ZIP
archive at the end, as in TensorFlow Lite Metadata: `zipfile.ZipFile("x.tflite").read("gancli.json")`.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from gancli.core.backend import np, tf
from gancli.inference.export.networks import ExportedNetwork
from gancli.inference.export.tracing import frozen

RUNTIME = "ai-edge-litert"
SIGNATURE = "serving_default"
NAME = "gancli.json"


def write(network: ExportedNetwork, path: Path, about: dict[str, object], half: bool = False) -> None:
    """Write a file with one signature of named inputs and outputs. half: weights in float16."""
    with tempfile.TemporaryDirectory() as folder:
        module = tf.Module()
        module.call = frozen(network)
        tf.saved_model.save(module, folder, signatures={SIGNATURE: module.call.get_concrete_function()})
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if half:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
            converter.target_spec.supported_types = [tf.float16]
        path.write_bytes(converter.convert())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(NAME, json.dumps(about, indent=1))


def compute(path: Path, network: ExportedNetwork, cases: Sequence[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """The outputs of the file, in LiteRT's interpreter, for each list of inputs."""
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path))
    names, results = [one.name for one in network.inputs], []
    for inputs in cases:
        found = interpreter.get_signature_runner(SIGNATURE)(**dict(zip(names, inputs, strict=True)))
        results.append([np.array(found[name]) for name in network.outputs])
    return results


def about(path: Path) -> dict[str, object]:
    """The metadata of a file."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(NAME))
