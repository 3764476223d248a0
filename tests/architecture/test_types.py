"""Type hints as a user's checker sees them: a snippet passes, and wrong calls in it fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gancli

SNIPPET = """
import numpy as np
import gancli

run: gancli.Run = gancli.train("dcgan", data="digits", steps=100, outdir="runs", progress=False)
model = run.load(weights="raw", checkpoint=100)
pixels: np.ndarray = model.sample([1, 2, 3])
pixels = model.sample(np.arange(3), label=["7", 1, np.int64(0)]) + model.sample(range(3), text="a red bird")
pixels = model.interpolate(np.int64(3), "me.png", mode="slerp") + model.interpolate([0.5, -0.5], label=("0", 1))
pixels = model.arithmetic("a - b", a=3, b=[1, 2], as_z=True) + model.encode([pixels, "me.png"], label=3)
z: np.ndarray = model.latents(3)
pixels = model.decode(z, label=np.arange(1)) + model.decode([0.5, -0.5]) + model.decode([[0.5, -0.5], z[0].tolist()])
files: np.ndarray | list[np.ndarray] = model.translate(["a.png", "b.png"], "b-to-a")
scores = gancli.evaluate(model, ["fid", "kid"], num_samples=100, data="digits", features="pixels")
fid: float = scores["fid"]
recipe: dict[str, object] = scores.recipe["fid"]
layers: int = len(model.networks["generator"].layers)
names: list[str] = gancli.list_models() + gancli.list_metrics()
data: gancli.Dataset = gancli.load_dataset("digits", image_size=28)
resumed: gancli.Run = gancli.load_run(3).resume(steps=200)


class Stop(gancli.Callback):
    pass


try:
    gancli.train(data=data, callbacks=[Stop()])
except gancli.Interrupted as error:
    print(error.exit_code)
"""
WRONG = {  # a call that fails, and what mypy says of it
    'run.load(weights="x")': "arg-type",
    'run.load(checkpoint="newest")': "arg-type",
    'run.lode("ema")': "attr-defined",
    "run.path = 3": "assignment",
    "gancli.train(data=3)": "arg-type",
    'gancli.train("dcgan", "digits", "runs")': "call-arg",
    'model.sample("3")': "arg-type",
    "model.sample(3, 4)": "call-arg",
    "model.sample(label=2.5)": "arg-type",
    "model.decode()": "call-arg",
    "model.decode(3)": "arg-type",
    "model.upscale(3)": "arg-type",
    'model.interpolate(3, 4, mode="cubic")': "arg-type",
    'model.translate("a.png", "b-to-c")': "arg-type",
    'model.find_seeds(["7", "8"])': "arg-type",
    'gancli.evaluate(3, ["fid"])': "arg-type",
    'gancli.evaluate(model, ["fid"], num_samples="many")': "arg-type",
    'scores["fid"] = 1.0': "index",
    'gancli.load_dataset("digits", image_sise=28)': "call-arg",
    "gancli.list_metrics(1)": "call-arg",
    "gancli.no_such_name": "attr-defined",
    "gancli.register_model(3)": "type-var",
}


@pytest.fixture(scope="module")
def check(tmp_path_factory):
    """A function: the lines that mypy prints for a file, with this package's settings for libraries without types."""
    pytest.importorskip("mypy", reason="mypy is an extra: pip install 'gancli[dev]'")
    folder = tmp_path_factory.mktemp("types")
    libraries = "[mypy-h5py.*,keras.*,tensorflow.*,scipy.*,matplotlib.*,sklearn.*,pyarrow.*]\nfollow_imports = skip\n"
    settings = "[mypy]\nstrict = True\n[mypy-gancli.*]\nignore_errors = True\n" + libraries
    (folder / "mypy.ini").write_text(settings, encoding="utf-8")

    def run(text):
        (folder / "snippet.py").write_text(text, encoding="utf-8")
        environ = os.environ | {"MYPYPATH": str(Path(gancli.__file__).parents[1])}
        words = [sys.executable, "-m", "mypy", "--config-file", "mypy.ini", "snippet.py"]
        return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True).stdout.splitlines()

    return run


def test_a_snippet_passes_and_each_wrong_call_in_it_fails(check):
    head = SNIPPET.count("\n") + 1
    lines = check(SNIPPET + "\n".join(WRONG) + "\n")
    by_line = {int(line.split(":")[1]): line for line in lines if line.startswith("snippet.py:") and "error" in line}
    assert [line for number, line in by_line.items() if number < head] == []
    found = {
        call: by_line.get(number, "").rpartition("[")[2].rstrip("]") for number, call in enumerate(WRONG, start=head)
    }
    assert found == WRONG
