"""The experiments: each can be started, and the small ones are run."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gancli import models
from gancli.core import options

EXPERIMENTS = Path(__file__).parents[2] / "experiments"
SCRIPTS = sorted(path for path in EXPERIMENTS.rglob("*.py") if "__main__" in path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_an_experiment_imports_what_there_is_and_tells_its_options(script, tmp_path):
    done = subprocess.run([sys.executable, script, "--help"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def test_a_training_is_found_by_its_options_and_left_alone_once_it_is_finished(
    gancli, stripes_file, tmp_path, monkeypatch
):
    """As the experiments call it, in a folder of its own."""
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    import commands

    asked = []

    def ask(*words):
        asked.append(words[0])
        answer = gancli(*words, "--json")
        assert answer.code == 0, answer.err
        return json.loads(answer.out)

    monkeypatch.setattr(commands, "gancli", ask)
    chosen = ["--model", "dcgan", "--width", 4, "--steps", 4, "--batch-size", 16]
    first = commands.train("one", chosen, str(stripes_file))
    again = commands.train("another name", [*chosen, "--log-every", 3], str(stripes_file))
    assert first["path"] == again["path"]
    assert asked == ["train", "train", "runs", "train", "runs"]
    longer = commands.train("one", [*chosen, "--steps", 5], str(stripes_file))
    assert longer["path"] != first["path"]


@pytest.mark.parametrize("path", sorted(EXPERIMENTS.rglob("*.toml")), ids=lambda path: path.stem)
def test_a_preset_holds_options_of_its_model(path):
    from gancli.models import config

    values = options.read_config(path)
    model = models.get(values.pop("model"))
    settings = config.from_mapping(model, values)
    model.check(*settings)
    assert settings.config.image_size == 64


def test_a_table_is_markdown(monkeypatch):
    monkeypatch.syspath_prepend(str(EXPERIMENTS))
    import commands

    assert commands.table(["a", "b"], [[1, "x"]]) == "| a | b |\n| --- | --- |\n| 1 | x |"
