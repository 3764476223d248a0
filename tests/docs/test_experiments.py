"""The experiments: each script starts, and what they share works."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from experiments import _faces, _harness, readmes
from experiments.anime_snapshots import run as snapshots
from gancli import models
from gancli.core import options
from gancli.evaluation.metrics.attribute_emergence import PartScore
from gancli.models import config

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
    values = options.read_config(path)
    model = models.get(values.pop("model"))
    settings = config.from_mapping(model, values)
    model.check(*settings)
    assert settings.config.image_size == 64


def test_a_table_is_markdown():
    assert _harness.table(["a", "b"], [[1, "x"]]) == "| a | b |\n| --- | --- |\n| 1 | x |"


def test_a_run_of_minutes_is_found_whatever_steps_they_came_to(monkeypatch):
    model = models.get("dcgan")
    settings = config.from_mapping(model, {"minutes": 3.0, "steps": 321})
    run = SimpleNamespace(
        record={"model": "dcgan"}, facts=SimpleNamespace(name="faces"), model_class=model, settings=lambda: settings
    )
    monkeypatch.setattr(_harness.registry, "list_runs", lambda folder: [run])
    wanted = {"model": "dcgan", "data": {"name": "faces"}, "options": settings.to_mapping() | {"steps": 99}}
    assert _harness._with_options(wanted) is run
    assert _harness._with_options(wanted | {"options": wanted["options"] | {"minutes": 4.0}}) is None
    assert _harness._with_options(wanted | {"options": wanted["options"] | {"minutes": None}}) is None


def test_faces_are_compared_at_equal_minutes_and_over_seeds(monkeypatch):
    def train(name, options, data):
        chosen = dict(zip(options[::2], options[1::2], strict=True))
        trained.append((chosen["--model"], chosen["--minutes"], chosen["--seed"], chosen.get("--width")))
        return {"path": name, "last": {"seconds": 120, "step": 1000}}

    def score(command, flag, run, *options):
        frechet = {"0": 4.0, "1": 6.0}[run[-1]]
        scores = {"frechet": frechet, "kid": 0.01, "precision": 0.5, "recall": 0.25}
        return scores | {"real": dict.fromkeys(scores, 0.0)}

    trained = []
    monkeypatch.setattr(_faces, "_train_once", train)
    monkeypatch.setattr(_faces, "gancli", score)
    plan = _faces.Plan("karras2018", "progan", "data/celeba.zip", 2.0, (0, 1), 100, True)
    _, _, ours, _, real = _faces.compare(plan).splitlines()
    assert trained == [("progan", 2.0, 0, None), ("progan", 2.0, 1, None), ("dcgan", 2.0, 0, 32), ("dcgan", 2.0, 1, 32)]
    assert ours == (
        "| `--model progan --image-size 64 --minutes 2.0 --data celeba.zip` | 2.0 ± 0.0 | 1,000 | 5.00 ± 1.41 | "
        "0.01000 ± 0.00000 | 0.500 ± 0.000 | 0.250 ± 0.000 |"
    )
    assert real.startswith("| *real images* |  |  | *0.00*")
    assert plan.options(0, "dcgan", "cifar10") == ["--model", "dcgan", "--minutes", 2.0, "--seed", 0]  # its defaults


def test_snapshots_are_read_up_to_the_last_step():
    assert snapshots.snapshots(1200) == [100, 200, 500, 1000, 1200]
    assert snapshots.snapshots(100) == [100]


def test_the_parts_of_a_face_are_named_with_their_first_snapshot():
    there, not_there = PartScore(0.95, 0.02), PartScore(0.5, 0.2)
    text = snapshots.results_of(
        {100: {"eyes": not_there, "hair": not_there}, 200: {"eyes": there, "hair": not_there}}, "c", 9
    )
    assert text.startswith("First there: eyes: 200 updates; hair: not yet. 9 samples; c.")
    assert text.splitlines()[-1] == "| 200 | 0.95, 0.020 ✓ | 0.50, 0.200 |"
