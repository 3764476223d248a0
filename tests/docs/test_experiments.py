"""The experiments: each script starts, and what they share works."""

import json
import subprocess
import sys

import pytest

from experiments import _harness, readmes
from gancli import models
from gancli.core import options

ROOT = readmes.ROOT
EXPERIMENTS = ROOT / "experiments"
SCRIPTS = sorted(path for path in EXPERIMENTS.rglob("*.py") if "__main__" in path.read_text(encoding="utf-8"))


def module(script):
    """Its name for `python -m`."""
    return ".".join(script.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("script", SCRIPTS, ids=module)
def test_an_experiment_imports_what_exists_and_prints_its_options(script):
    command = [sys.executable, "-m", module(script), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def test_a_training_is_found_by_its_options_and_left_alone_once_it_is_finished(
    gancli, stripes_file, tmp_path, monkeypatch
):
    """As the experiments call it, in a folder of its own."""
    asked = []

    def ask(*words):
        asked.append(words[0])
        answer = gancli(*words, "--json")
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    monkeypatch.setattr(_harness, "gancli", ask)
    chosen = ["--model", "dcgan", "--width", 4, "--steps", 4, "--batch-size", 16]
    first = _harness.train("one", chosen, str(stripes_file))
    again = _harness.train("another name", [*chosen, "--log-every", 3], str(stripes_file))
    assert first["path"] == again["path"]
    assert asked == ["train", "train", "runs", "train", "runs"]
    longer = _harness.train("one", [*chosen, "--steps", 5], str(stripes_file))
    assert longer["path"] != first["path"]


@pytest.mark.parametrize("path", sorted(EXPERIMENTS.rglob("*.toml")), ids=lambda path: path.stem)
def test_a_preset_holds_options_of_its_model(path):
    from gancli.models import config

    values = options.read_config(path)
    model = models.get(values.pop("model"))
    settings = config.from_mapping(model, values)
    model.check(*settings)
    assert settings.config.image_size == 64


def test_a_table_is_markdown():
    assert _harness.table(["a", "b"], [[1, "x"]]) == "| a | b |\n| --- | --- |\n| 1 | x |"
