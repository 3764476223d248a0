"""ONNX files in OpenVINO, in float32: its default on CPUs with bfloat16 is bfloat16."""

from types import SimpleNamespace

import numpy as np
import pytest
from helpers import tiny

from gancli.inference.export import comparison, exporting, networks

openvino = pytest.importorskip("openvino", reason="the extra openvino is not installed")


@pytest.mark.parametrize(("name", "network"), [("dcgan", "generator"), ("srresnet", "generator"), ("vae", "encoder")])
def test_openvino_computes_what_gancli_does_if_float32_is_asked_for(name, network, tmp_path):
    model = tiny.build(name)
    run = SimpleNamespace(path=tmp_path / "00003-tiny", facts=model.data)
    trained = SimpleNamespace(model=model, run=run, step=20, weights="raw")
    exporting.export_network(trained, tmp_path / "network.onnx", "onnx", network=network)
    found = networks.find(model, network)
    compiled = openvino.Core().compile_model(str(tmp_path / "network.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    inputs = comparison.cases(model, found)
    theirs = [list(compiled(case).to_dict().values()) for case in inputs]
    ours = comparison.reference(found, inputs)
    assert all(np.std(out) > 1e-6 for case in ours for out in case)
    assert comparison.difference(ours, theirs) < 1e-5
