"""The page of exports: its code samples the file that its command writes, without TensorFlow."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from gancli.inference.sampling import Sampler
from gancli.inference.trained_model import TrainedModel
from gancli.runs.run import Run

PAGE = (Path(__file__).parents[2] / "docs" / "export.md").read_text(encoding="utf-8")
WITHOUT = "import sys\nsys.modules.update(dict.fromkeys(('tensorflow', 'keras', 'gancli')))\n"


def test_ten_lines_sample_the_onnx_file_without_tensorflow(gancli, run_path, tmp_path):
    code = re.search(r"```python\n(.*?)```", PAGE.partition("(sampling-from-onnx)=")[2], re.DOTALL)[1]
    assert len([line for line in code.splitlines() if line and "import" not in line]) <= 10
    answer = gancli("export", "--run", run_path, "--format", "onnx", "--out", tmp_path / "generator.onnx")
    assert answer.code == 0, answer.err
    done = subprocess.run([sys.executable, "-c", WITHOUT + code], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    drawn = np.asarray(Image.open(tmp_path / "row.png")).astype(int)
    ours = np.hstack(list(Sampler(TrainedModel(Run(run_path)).model).seeds(list(range(8)))))[..., 0]
    assert drawn.shape == ours.shape
    assert np.abs(drawn - ours).max() <= 4  # the run may compute in bfloat16


def test_the_code_for_a_run_exports_it(run_path, tmp_path, monkeypatch, capsys):
    code = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
    monkeypatch.chdir(tmp_path)
    exec(code.replace('load_run("last")', f"load_run({str(run_path)!r})"), {})
    size, difference, *_ = capsys.readouterr().out.split()
    assert int(size) == (tmp_path / "generator.onnx").stat().st_size
    assert float(difference) < 1e-4
