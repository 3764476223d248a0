"""The surroundings: settings of Keras' from the home folder, variables, folders that cannot be written, few files."""

import json
import os
import subprocess
import sys

import pytest

from gancli.core.errors import OptionError
from gancli.training import setup

SETTINGS = {"floatx": "float16", "epsilon": 0.5, "backend": "jax", "image_data_format": "channels_first"}
LOOK = """
import json
from gancli.core import backend
backend.own_process()
from gancli.core.backend import keras
from gancli import models
from gancli.data import DataFacts
model = models.get("dcgan")
built = model(model.Config(jit="off", precision="float32"), model.Options(width=4), DataFacts("x", (8, 8, 1), 96))
config = keras.config
found = [config.floatx(), config.epsilon(), config.backend(), config.image_data_format(), config.dtype_policy().name]
shapes = {name: [list(variable.shape), str(variable.dtype)] for name, variable in built.variables().items()}
print(json.dumps([found, shapes]))
"""


def look(**environment):
    """What Keras is set to, and a network built with it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, env=os.environ | environment, timeout=100
    )


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return json.loads(look(HOME=str(tmp_path_factory.mktemp("home"))).stdout)


def home_with(tmp_path, text):
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(text, encoding="utf-8")
    return str(tmp_path)


def test_settings_of_keras_in_the_home_folder_and_the_environment_change_nothing(tmp_path, plain):
    done = look(HOME=home_with(tmp_path, json.dumps(SETTINGS)), KERAS_BACKEND="torch")
    assert done.stderr == ""
    assert json.loads(done.stdout) == plain
    assert plain[0] == ["float32", 1e-7, "tensorflow", "channels_last", "float32"]


@pytest.mark.parametrize("text", ['{"floatx": "float99"}', "[1]", '{"epsilon": "small"}'])
def test_settings_that_keras_cannot_read_are_named_in_one_sentence(tmp_path, text):
    home = home_with(tmp_path, text)
    done = subprocess.run(
        [sys.executable, "-m", "gancli", "doctor"], capture_output=True, text=True, env=os.environ | {"HOME": home}
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: tensorflow cannot be imported")  # its old copy of Keras reads them too
    assert "~/.keras/keras.json" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_broken_setting_of_a_home_folder_that_is_no_json_is_passed_over(tmp_path, plain):
    assert json.loads(look(HOME=home_with(tmp_path, "{")).stdout) == plain


@pytest.mark.parametrize(
    "odd",
    [
        {"HOME": None},
        {"HOME": "/proc/nowhere", "TMPDIR": "/proc/nowhere", "XDG_CACHE_HOME": "/proc/nowhere", "GANCLI_CACHE": None},
        {"HOME": "/etc/passwd", "XDG_CONFIG_HOME": "/etc/passwd"},
    ],
    ids=["no home", "unwritable", "a file"],
)
def test_a_training_needs_no_home(tmp_path, stripes_file, odd):
    environment = {name: value for name, value in (os.environ | odd).items() if value is not None}
    args = ["train", "--model", "gan", "--data", stripes_file, "--steps", 10, "--batch-size", 16, "--jit", "off"]
    done = subprocess.run(
        ["bash", "-c", 'ulimit -n 64; exec "$@"', "bash", sys.executable, "-m", "gancli", *map(str, args), "-q"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "runs" / "00000-gan-stripes" / "losses.png").exists()


def test_variables_of_ours_are_checked_as_flags_are(gancli, monkeypatch):
    for value in ("nan", "-1", "many", "", "1e400"):
        monkeypatch.setenv("GANCLI_TRAIN_LEARNING_RATE", value)
        answer = gancli("train", "--data", "nothing", "--dry-run")
        assert answer.code == (3 if value == "" else 2), (value, answer)  # an empty one counts as none
        assert answer.err.count("Error:") == 1


def test_a_missing_package_is_said_before_the_training(stripes_file, monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match="pip install"):
        setup.prepare("gan", {"data": str(stripes_file), "tensorboard": True}, data_dir=None)


def test_a_clock_that_jumps_back_does_not_disturb_a_training(tmp_path, stripes_file, monkeypatch):
    """Durations are of the monotonic clock; numbers of runs do not depend on the time."""
    import time

    from helpers.trainings import finish, start

    now = iter(range(2_000_000_000, 0, -86_400))
    monkeypatch.setattr(time, "time", lambda: float(next(now)))
    first, second = (start(tmp_path, stripes_file) for _ in range(2))
    finish(first)
    assert [run.path.name[:5] for run in (first.run, second.run)] == ["00000", "00001"]
    seconds = [record["seconds"] for record in first.run.metrics()]
    assert seconds == sorted(seconds)
    assert all(record["images_per_second"] > 0 for record in first.run.metrics())
