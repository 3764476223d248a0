"""ONNX: a file for ONNX Runtime, OpenVINO and many other programs, converted by tf2onnx."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.inference.export.networks import ExportedNetwork
from gancli.inference.export.tracing import signature, traced

RUNTIME = "onnxruntime"
OPSET = 18
KEY = "gancli"
LARGEST = 2**31 - 1  # bytes of a protocol buffer
FEW = 64  # numbers that stay in float32
AXES = {2: ("batch", ""), 3: ("batch", "length", ""), 4: ("batch", "height", "width", "")}


def write(network: ExportedNetwork, path: Path, about: dict[str, object], half: bool = False) -> None:
    """Write a file with named inputs and outputs, and the metadata as JSON under the key `gancli`.

    half: weights in float16; the file computes in float32. Raises: OptionError if it would be larger than 2 GB.
    """
    import tf2onnx

    model, _ = tf2onnx.convert.from_function(traced(network), input_signature=signature(network), opset=OPSET)
    _name_axes(model.graph.input, network.inputs, "")
    for name, tensor in zip(network.outputs, network.model.outputs, strict=True):
        _name_axes([one for one in model.graph.output if one.name == name], [tensor], f"{name}_")
    if half:
        _halve(model)
    model.producer_name, model.producer_version = KEY, str(about["gancli"])
    model.metadata_props.add(key=KEY, value=json.dumps(about))
    if model.ByteSize() > LARGEST:
        raise OptionError(f"--format onnx: {network.name} is larger than 2 GB, the most that one file holds")
    path.write_bytes(model.SerializeToString())


def _name_axes(values: Sequence[Any], tensors: Sequence[Any], prefix: str) -> None:
    """Name the free sizes of inputs or outputs: batch, height, width; prefix: of the sizes of outputs."""
    for value, tensor in zip(values, tensors, strict=True):
        axes = value.type.tensor_type.shape.dim
        for number, (axis, size) in enumerate(zip(axes, tensor.shape, strict=True)):
            if size is None:
                names = AXES.get(len(axes), ())
                name = names[number] if number < len(names) and names[number] else f"size_{number}"
                name = "length" if len(axes) == 2 and number == 1 else name
                axis.dim_param = name if name == "batch" else prefix + name
            else:
                axis.dim_value = size


def _halve(model: Any) -> None:
    """Store weights in float16, each followed by a cast to float32."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for weight in model.graph.initializer:
        if weight.data_type == TensorProto.FLOAT and np.prod(weight.dims) >= FEW:
            name = weight.name
            stored = numpy_helper.from_array(numpy_helper.to_array(weight).astype(np.float16), f"{name}_half")
            weight.CopyFrom(stored)
            casts.append(helper.make_node("Cast", [stored.name], [name], to=TensorProto.FLOAT))
    for cast in reversed(casts):
        model.graph.node.insert(0, cast)


def compute(path: Path, network: ExportedNetwork, cases: Sequence[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """The outputs of the file, in ONNX Runtime on the CPU, for each list of inputs."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    names = [one.name for one in network.inputs]
    return [session.run(list(network.outputs), dict(zip(names, inputs, strict=True))) for inputs in cases]


def about(path: Path) -> dict[str, object]:
    """The metadata of a file."""
    import onnx

    (text,) = [one.value for one in onnx.load(str(path)).metadata_props if one.key == KEY]
    return json.loads(text)
