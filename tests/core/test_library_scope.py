"""A program that imports gancli stays as it is: its random streams, its Keras models, its settings, its signals."""

import hashlib
import json
import subprocess
import sys

import numpy as np
import pytest
from helpers import forkserver, programs
from helpers.other_program import SMALL, TIMES


def start(*args, **environment):
    return subprocess.Popen(
        args,
        env=programs.environment() | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def answer(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out)


@pytest.fixture(scope="module")
def programs_at_once(tmp_path_factory):
    """What the same program prints with and without gancli in it, and the folder of its runs."""
    folder = tmp_path_factory.mktemp("program")
    both = [start(*programs.command("other_program", kind, folder)) for kind in ("without", "with")]
    return [*map(answer, both)]


def test_random_streams_models_and_layer_names_go_on_as_without_gancli(programs_at_once):
    without, with_gancli = programs_at_once
    for part in ("first", "before", "after", "second", "interrupted"):
        assert with_gancli[part] == without[part], part
    assert without["first"][0] == without["second"][0]


def test_no_use_changes_a_setting_even_one_that_fails(programs_at_once):
    assert programs_at_once[1]["changed"] == {}


def test_results_do_not_depend_on_the_program_s_settings(programs_at_once, tmp_path):
    program = programs_at_once[1]
    options = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items() if name != "steps"]
    forkserver.run("train", "--data", "digits", "--outdir", tmp_path, "--steps", 6, "-q", *options).check_returncode()
    (run,) = tmp_path.glob("*/run.json")
    lines = (run.parent / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    records = [{key: value for key, value in json.loads(line).items() if key not in TIMES} for line in lines]
    assert program["metrics"] == records
    out = tmp_path / "set.npz"
    forkserver.run("sample", "--run", run.parent, "--seeds", "0-7", "--out", out).check_returncode()
    with np.load(out) as arrays:
        assert program["images"] == hashlib.sha256(arrays["images"].tobytes()).hexdigest()


IMPORT = """
import json, sys, time
import base64, html, pathlib, typing  # of Python, as any program has them
began, before = time.process_time(), set(sys.modules)
import gancli
seconds, names = time.process_time() - began, dir(gancli)
callables = [getattr(gancli, name) for name in gancli.__all__]
heavy = {"numpy", "tensorflow", "keras", "click", "rich", "h5py", "PIL", "scipy", "matplotlib"} & sys.modules.keys()
runs = gancli.list_runs("/nowhere")
print(json.dumps({"seconds": seconds, "heavy": sorted(heavy), "names": names == gancli.__all__, "runs": runs}))
"""


def test_importing_gancli_and_its_names_imports_nothing_heavy():
    found = answer(start(sys.executable, "-c", IMPORT))
    assert found["heavy"] == []
    assert found["names"]
    assert found["runs"] == []
    assert found["seconds"] < 0.1


BACKEND = """
import json, os, sys, types
import gancli
if FAKE:  # what import keras gives where it runs on JAX
    keras = sys.modules["keras"] = types.ModuleType("keras")
    keras.backend = types.SimpleNamespace(backend=lambda: "jax")
environment = dict(os.environ)
sentences = []
for use in (lambda: gancli.train(data="digits", steps=2, progress=False), lambda: gancli.load_run(RUN).load().sample()):
    try:
        use()
    except gancli.OptionError as error:
        sentences.append(str(error))
print(json.dumps({"sentences": sentences, "kept": environment == dict(os.environ)}))
"""


@pytest.mark.parametrize("is_imported", [True, False])
def test_keras_on_another_backend_is_refused_in_one_sentence(trained, is_imported):
    """A program that has imported Keras already, or that has only set the environment variable."""
    path, environment = str(next(trained.glob("*-tiny"))), {} if is_imported else {"KERAS_BACKEND": "jax"}
    program = BACKEND.replace("RUN", repr(path)).replace("FAKE", str(is_imported))
    found = answer(start(sys.executable, "-c", program, **environment))
    sentence = (
        "Keras runs on jax in this process, gancli needs TensorFlow: set the environment variable "
        "KERAS_BACKEND=tensorflow before Keras is imported"
    )
    assert found == {"sentences": [sentence] * 2, "kept": True}
