"""Trainings on arrays of the user's own: what the run records, how it is resumed, and who needs the data again."""

import dataclasses
import json
import subprocess
import sys

import numpy as np
import pytest
from helpers import programs, trainings

import gancli as library
from gancli.core.errors import DataError, OptionError

SMALL = {"width": 4, "batch_size": 16, "progress": False}


@pytest.fixture(scope="module")
def arrays(stripes):
    return library.Dataset.from_arrays(stripes, np.repeat([0, 1], 48), classes=["lying", "standing"], name="stripes")


@pytest.fixture(scope="module")
def run(arrays, tmp_path_factory):
    """Four steps on arrays."""
    return library.train("dcgan", arrays, outdir=tmp_path_factory.mktemp("runs"), steps=4, save_every=2, **SMALL)


def test_the_run_records_arrays(run):
    assert run.options["data"] == "memory:stripes"
    assert run.path.name == "00000-dcgan-stripes"
    assert run.load().sample(range(3)).shape == (3, 8, 8, 1)


def test_a_resumed_training_is_the_same_to_the_bit(arrays, stripes, tmp_path):
    for name in ("whole", "killed"):
        plan = trainings.setup.prepare(
            "dcgan", {"steps": 12, "save_every": 4, "width": 4, "batch_size": 16}, data_dir=None, dataset=arrays
        )
        started = plan.start(tmp_path / name, "", ["test"])
        if name == "whole":
            trainings.finish(started)
            whole = started.run
        else:
            killed = trainings.finish_with_a_kill(started, 8, tmp_path / "copy" / "00000-dcgan-stripes")
    assert max(killed.checkpoints()) < 12
    again = library.Dataset.from_arrays(stripes, ["lying"] * 48 + ["standing"] * 48)
    resumed = library.load_run(killed.path).resume(data=again, progress=False)
    assert resumed.status["state"] == "finished"
    assert trainings.digest(resumed.folder) == trainings.digest(whole)


@pytest.mark.parametrize("change", ["images", "labels", "classes", "none"])
def test_other_arrays_are_refused(run, stripes, change):
    labels = np.repeat([0, 1], 48)
    images = stripes.copy()
    if change == "images":
        images[5, 0, 0] ^= 255
    labels = labels[::-1] if change == "labels" else None if change == "none" else labels
    names = None if change == "none" else ["standing", "lying"] if change == "classes" else ["lying", "standing"]
    others = library.Dataset.from_arrays(images, labels, classes=names, name="others")
    words = {"images": "training images", "classes": "class names"}.get(change, "training label")
    with pytest.raises(DataError, match=f"the arrays 'others' are not those that .* was trained on: the .*{words}"):
        run.resume(data=others, steps=8, progress=False)


def test_while_the_program_has_the_arrays_nothing_is_asked_for(run):
    assert run.folder.dataset().fingerprints == run.folder.facts.fingerprints
    assert len(library.evaluate(run, ["fid"], features="pixels", num_samples=20, progress=False)) == 1


def test_without_the_arrays_a_sentence_says_what_to_give(run, gancli):
    run = library.load_run(run.path)
    with pytest.raises(
        DataError, match=r"trained on arrays in memory: give the same ones, as run.resume\(data=dataset\)"
    ):
        run.resume(steps=8, progress=False)
    for words in (["train", "--resume", "--run", run.path, "--steps", 8], ["eval-neighbors", "--run", run.path]):
        code, _, err = gancli(*words)
        assert code == 3 and "save them with dataset.save('FILE.h5') and give --data FILE.h5" in err, err
    code, _, err = gancli("train", "--config", run.path / "run.json")
    assert code == 3 and "'memory:stripes' stands for arrays that a program had in memory" in err
    assert gancli("sample", "--run", run.path)[0] == 0


def test_a_saved_data_set_serves_instead_of_the_arrays(run, arrays, tmp_path):
    for name in ("saved.h5", "saved.npz"):
        path = arrays.save(tmp_path / name)
        assert run.folder.dataset(source=str(path)).fingerprints == run.folder.facts.fingerprints
        assert run.folder.dataset(source=library.load_dataset(path)).fingerprints == run.folder.facts.fingerprints


def begun(dataset, outdir, /, **options):
    """A run that has no steps yet."""
    values = {"units": 16, "d_units": 8, "steps": 2, "batch_size": 16, "hold_out": False} | options
    return trainings.setup.prepare("goodfellow", values, data_dir=None, dataset=dataset).start(outdir, "", ["test"]).run


def test_what_load_dataset_gives_is_found_again(tmp_path):
    dataset = library.load_dataset("digits", image_size=16, color="rgb")
    run = begun(dataset, tmp_path)
    recorded = run.settings().to_mapping()
    assert {name: recorded[name] for name in ("data", "image_size", "color", "crop")} == {
        "data": "digits",
        "image_size": 16,
        "color": "rgb",
        "crop": None,
    }
    assert run.dataset().shape == (16, 16, 3)
    larger = begun(library.load_dataset("digits"), tmp_path, image_size=12)
    assert larger.config().image_size == 12 and larger.config().data == "digits"
    for source in (None, library.load_dataset("digits"), dataset):
        assert larger.dataset(source=source).fingerprints == larger.facts.fingerprints
    with pytest.raises(
        OptionError, match="srresnet needs images at their own sizes, and 'digits' was loaded with image"
    ):
        library.train("srresnet", dataset, steps=2, progress=False)


def test_a_changed_data_set_is_one_of_arrays(tmp_path):
    whole = library.load_dataset("digits")
    with pytest.raises(ValueError, match="read-only"):
        whole.train["image"][:] = 0
    few = dataclasses.replace(whole, train={name: values[:200] for name, values in whole.train.items()})
    run = begun(few, tmp_path)
    assert run.config().data == "memory:digits"
    with pytest.raises(DataError, match="the training images and the training labels differ"):
        run.dataset(source=whole)
    assert run.dataset(source=few).fingerprints == run.facts.fingerprints


def test_columns_put_together_otherwise_are_refused(stripes):
    for columns in ({"image": stripes}, {"image": stripes[..., None] / 255}):
        with pytest.raises(DataError, match=r"expected uint8 \(count, height, width, channels\): Dataset.from_arrays"):
            library.train("dcgan", library.Dataset("mine", columns), steps=2, progress=False)
    uneven = {"image": stripes[..., None], "label": np.zeros(5, np.int32)}
    with pytest.raises(DataError, match="train has 5 rows of label; expected 96"):
        library.train("dcgan", library.Dataset("mine", uneven), steps=2, progress=False)


def test_a_range_comes_with_the_arrays(arrays):
    with pytest.raises(OptionError, match="comes too late for 'stripes'"):
        library.train("dcgan", arrays, steps=2, pixel_range="0:1", progress=False)


EARLY = """
import json, os, sys, tempfile
import numpy as np, gancli
tempfile.tempdir = os.getcwd()
images = np.zeros((64, 8, 8), np.uint8); images[:, 2:5] = 255
given = {
    "array": lambda: gancli.train("dcgan", images, steps=2),
    "wrong rank": lambda: gancli.train("dcgan", gancli.Dataset.from_arrays(images[0, 0]), steps=2),
    "NaN": lambda: gancli.train("dcgan", gancli.Dataset.from_arrays(images * np.nan), steps=2),
    "no labels": lambda: gancli.train("acgan", gancli.Dataset.from_arrays(images), steps=2),
    "no captions": lambda: gancli.train("gan-cls", gancli.Dataset.from_arrays(images), steps=2),
    "no maps": lambda: gancli.train("segmentation", gancli.Dataset.from_arrays(images), steps=2),
    "no partners": lambda: gancli.train("pix2pix", gancli.Dataset.from_arrays(images), steps=2),
    "points": lambda: gancli.train("dcgan", gancli.Dataset.from_points(images[0]), steps=2),
    "images": lambda: gancli.train("toy", gancli.Dataset.from_arrays(images), steps=2),
    "unknown option": lambda: gancli.train("dcgan", gancli.Dataset.from_arrays(images), step=2),
}
said = {}
for name, act in given.items():
    try:
        act()
    except gancli.GancliError as error:
        said[name] = [type(error).__name__, str(error), "tensorflow" in sys.modules, os.listdir()]
print(json.dumps(said))
"""


def test_an_error_comes_before_tensorflow_and_any_folder(tmp_path):
    child = [sys.executable, "-c", EARLY]
    found = subprocess.run(child, cwd=tmp_path, env=programs.environment(), capture_output=True, check=True)
    said = json.loads(found.stdout)
    assert len(said) == 10
    for name, (kind, text, is_started, entries) in said.items():
        assert not is_started and entries == [], name
        assert kind == ("OptionError" if name in ("array", "unknown option") else "DataError"), text
    assert "for arrays gancli.Dataset.from_arrays" in said["array"][1]
    assert said["no labels"][1].endswith("give it to Dataset.from_arrays(images, labels)")
    assert said["points"][1].endswith("give it to Dataset.from_arrays(images, …)")
